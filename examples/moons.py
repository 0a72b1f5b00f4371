"""Learn to part two half moons: first with one Value a weight, then the same network on arrays.

The same seed gives the same network, so both print the same losses; the scalar one runs on all samples at once, because
a scalar may be a vector of samples.
"""

import numpy as np

from tinygrad_edu.nn import MLP
from tinygrad_edu.optim import SGD


def moons(n, rng):
    """Points (2n, 2) on two half circles, and their labels, -1 and +1."""
    t = rng.uniform(0, np.pi, (2, n))
    upper = np.stack([np.cos(t[0]), np.sin(t[0])], axis=1)
    lower = np.stack([1 - np.cos(t[1]), 0.5 - np.sin(t[1])], axis=1)
    return np.concatenate([upper, lower]) + rng.normal(0, 0.1, (2 * n, 2)), np.repeat([1.0, -1.0], n)


def train(model, x, y, steps):
    optimiser = SGD(model.parameters(), lr=0.2, momentum=0.9)
    for step in range(steps):
        optimiser.zero_grad()
        score = model(x)[:, 0]
        loss = np.maximum(1 - y * score, 0).mean()
        loss.backward()
        optimiser.step()
        if step % 20 == 19:
            accuracy = np.mean((score.data > 0) == (y > 0))
            print(f"  step {step + 1:3}   loss {loss:.6f}   accuracy {accuracy:.0%}")


x, y = moons(50, np.random.default_rng(0))
for scalar, steps in ((True, 40), (False, 100)):
    print("one Value a weight" if scalar else "arrays")
    train(MLP([2, 16, 16, 1], "tanh", output=None, rng=1, scalar=scalar), x, y, steps)
