"""The Jacobian of a 64-64-64 network: one batch of cotangents against a loop of backward passes, and against PyTorch."""

import numpy as np
import torch

from tests.benchmarks.paired import paired, report
from tinygrad_edu import Value, gradients
from tinygrad_edu.transforms import jacobian

N = 64
TIMES = 10  # so many Jacobians take about as long as one loop
RNG = np.random.default_rng(0)
W1, W2 = RNG.normal(size=(2, N, N)) / 8
B1, B2 = RNG.normal(size=(2, N))
X = RNG.normal(size=N)
torch.set_num_threads(1)


def network(x):
    return np.tanh(W2 @ np.tanh(W1 @ x + B1) + B2)


def at_once():
    return jacobian(network, mode="reverse")(X)


def loop():
    """One run forward, and a backward pass for each result over the same graph."""
    x = Value(X)
    y = network(x)
    return np.stack([gradients(y, [x], unit, retain_graph=True)[0] for unit in np.eye(N)])


def usual_loop():
    """What is written without `retain_graph`: a run forward and a backward pass for each result."""
    rows = []
    for i in range(N):
        x = Value(X)
        network(x)[i].backward()
        rows.append(x.grad)
    return np.stack(rows)


T1, T2, C1, C2, TX = map(torch.tensor, (W1, W2, B1, B2, X))


def of_torch():
    return torch.func.jacrev(lambda x: torch.tanh(T2 @ torch.tanh(T1 @ x + C1) + C2))(TX)


def main():
    exact = np.diag(1 - network(X) ** 2) @ W2 @ np.diag(1 - np.tanh(W1 @ X + B1) ** 2) @ W1
    for result in (at_once(), loop(), usual_loop(), of_torch().numpy()):
        np.testing.assert_allclose(result, exact, rtol=1e-10, atol=1e-12)
    for name, other in {"backward passes over one graph": loop, "runs forward and back": usual_loop}.items():
        ours, theirs, ratio = paired(lambda: [at_once() for _ in range(TIMES)], other, rounds=60)
        print(f"Jacobian 64-64-64: {ours / TIMES * 1e3:.2f} ms at once, {theirs * 1e3:.2f} ms in a loop of {N} {name}, "
              f"{TIMES / ratio:.1f} times faster")  # fmt: skip
    result = paired(lambda: [at_once() for _ in range(TIMES)], lambda: [of_torch() for _ in range(TIMES)], rounds=60)
    report("Jacobian 64-64-64", "torch", result, per=TIMES, unit="ms")


if __name__ == "__main__":
    main()
