"""One training step of 784-16-16-10 (sigmoid, squared error, SGD), float32, against PyTorch eager on one thread."""

import argparse

import numpy as np
import torch

import tinygrad_edu as tg
from tests.benchmarks.paired import paired, report
from tinygrad_edu.nn import MLP
from tinygrad_edu.ops import quadratic_cost
from tinygrad_edu.optim import SGD

torch.set_num_threads(1)
INNER = 20


def make(batch):
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(batch, 784)).astype(np.float32)
    t = np.eye(10, dtype=np.float32)[rng.integers(0, 10, batch)]
    model = MLP([784, 16, 16, 10], rng=0, dtype=np.float32)
    peer = torch.nn.Sequential(
        *[m for n, k in ((784, 16), (16, 16), (16, 10)) for m in (torch.nn.Linear(n, k), torch.nn.Sigmoid())]
    )
    with torch.no_grad():
        for p, v in zip(peer.parameters(), model.parameters(), strict=True):
            p.copy_(torch.tensor(v.data))
    return ours(model, x, t), theirs(peer, torch.tensor(x), torch.tensor(t))


def ours(model, x, t):
    optimiser = SGD(model.parameters(), lr=0.1)

    def steps():
        for _ in range(INNER):
            optimiser.zero_grad()
            with tg.lean():
                loss = quadratic_cost(model(x), t)
                loss.backward()
            optimiser.step()
        return loss.item()

    return steps


def theirs(model, x, t):
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)

    def steps():
        for _ in range(INNER):
            optimiser.zero_grad()
            loss = ((model(x) - t) ** 2).sum(1).mean()
            loss.backward()
            optimiser.step()
        return loss.item()

    return steps


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, nargs="*", default=[10, 32, 512])
    for batch in parser.parse_args().batch:
        a, b = make(batch)
        first, second = a(), b()
        assert abs(first - second) < 2e-3 * abs(second), (first, second)
        report(f"784-16-16-10, batch {batch}, one step", "torch", paired(a, b, rounds=60), per=INNER)


if __name__ == "__main__":
    main()
