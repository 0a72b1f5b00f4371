"""`import tinygrad_edu` against `import numpy`, each in fresh interpreters in turn."""

import importlib.metadata
import os
import statistics
import subprocess
import sys
import time


def seconds(statement):
    start = time.perf_counter()
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}  # as users have it
    subprocess.run([sys.executable, "-c", statement], check=True, env=environment)
    return time.perf_counter() - start


def main():
    bare, ours, numpy = zip(
        *[(seconds("pass"), seconds("import tinygrad_edu"), seconds("import numpy")) for _ in range(15)], strict=True
    )
    start = statistics.median(bare)
    a, b = statistics.median(ours) - start, statistics.median(numpy) - start
    print(
        f"import tinygrad_edu {a * 1e3:.0f} ms, numpy {importlib.metadata.version('numpy')} {b * 1e3:.0f} ms, ratio {a / b:.2f}"
    )


if __name__ == "__main__":
    main()
