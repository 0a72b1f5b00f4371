"""Build and backward of a scalar chain `x = x*a + b`, against micrograd."""

from micrograd.engine import Value as Micrograd

from tests.benchmarks.paired import paired, report
from tinygrad_edu import Value

STEPS = 400  # micrograd's recursion ends near 1,000 nodes
CHAINS = 20


def chain(value):
    a, b, x = value(0.999), value(0.001), value(1.0)
    for _ in range(STEPS):
        x = x * a + b
    x.backward()
    return x, a


def chains(value):
    for _ in range(CHAINS):
        chain(value)


def main():
    (x, a), (y, b) = chain(Value), chain(Micrograd)
    assert abs(x.item() - y.data) < 1e-12
    assert abs(a.grad - b.grad) < 1e-9
    result = paired(lambda: chains(Value), lambda: chains(Micrograd), rounds=40)
    report("x*a + b, build and backward", "micrograd", result, per=STEPS * CHAINS)


if __name__ == "__main__":
    main()
