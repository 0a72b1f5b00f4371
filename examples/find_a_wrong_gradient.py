"""A wrong derivative in a function of thirty lines, found and named by op and line."""

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.testing import check_gradients


@tg.elementwise(dx=lambda x: 0.5 * (1 + np.tanh(0.8 * x)) + 0.4 * x / np.cosh(0.8 * x), name="soft_gate")
def soft_gate(x):  # the rule forgets a square: the derivative of tanh is 1 / cosh**2
    return 0.5 * x * (1 + np.tanh(0.8 * x))


def normalised(x):
    centred = x - np.mean(x, axis=-1, keepdims=True)
    spread = np.sqrt(np.mean(centred**2, axis=-1, keepdims=True) + 1e-5)
    return centred / spread


def attention(x, w):
    keys, queries = x @ w["keys"], x @ w["queries"]
    scores = queries @ keys.T / np.sqrt(keys.shape[-1])
    return tg.ops.softmax(scores, axis=-1) @ x


def block(x, w):
    h = x + attention(normalised(x), w)
    g = soft_gate(normalised(h) @ w["up"])
    return h + g @ w["down"]


def loss(w, x, target):
    y = block(x, w)
    y = block(y, w)
    miss = normalised(y) - target
    return np.mean(miss**2)


rng = np.random.default_rng(0)
shapes = {"keys": (3, 2), "queries": (3, 2), "up": (3, 4), "down": (4, 3)}
weights = {name: rng.normal(size=shape) for name, shape in shapes.items()}
x, target = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
report = check_gradients(loss, weights, x, target, argnums=0, order=1, on_failure="return")

print(report.worst)
print()
print(report.blame)
print()
print(f"guilty: {report.blame.op}, line {report.blame.line}: {report.blame.text}")
