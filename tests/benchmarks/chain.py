"""A chain of scalar nodes: time and memory a node for build, backward and release, with the collector off."""

import gc
import time
import tracemalloc

from tinygrad_edu import Value


def build(n):
    x = Value(1.0)
    for _ in range(n // 2):
        x = x * 0.999 + 0.001
    return x


def main():
    gc.disable()
    for n in (10_000, 100_000, 1_000_000):
        start = time.process_time()
        x = build(n)
        built = time.process_time()
        x.backward()
        back = time.process_time()
        del x
        freed = time.process_time()
        times = [(b - a) / n * 1e6 for a, b in ((start, built), (built, back), (back, freed))]
        print("{:>9,} nodes: build {:.2f}, backward {:.2f}, release {:.2f} us a node".format(n, *times), end="")
        tracemalloc.start()
        x = build(n)
        x.backward()
        print(f", peak {tracemalloc.get_traced_memory()[1] / n:.0f} bytes a node")
        tracemalloc.stop()
        del x


if __name__ == "__main__":
    main()
