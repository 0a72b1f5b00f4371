"""The functions to be differentiated, written once, and where: off their kinks, so that every library has one answer.

The table of a function names the transforms that it is put through, those of `transforms.py`.
"""

from typing import Any, NamedTuple

import numpy as np

from .transforms import OF_ARRAYS, OF_NUMBERS

X = np.array([0.3, -0.7, 1.2])
P = np.array([0.4, 1.1, 2.3])  # positive
U = np.array([0.2, -0.5, 0.8])  # between -1 and 1
A = np.array([[0.5, -0.2, 0.1], [0.3, 0.9, -0.4]])
M = np.array([[1.9, 0.3, -0.4], [0.2, 1.4, 0.6], [-0.5, 0.1, 2.2]])
S = M @ M.T  # positive definite
C = np.array([0.6, -1.1, 0.9])
IMAGE = np.sin(1.7 * np.arange(32)).reshape(1, 2, 4, 4)
KERNEL = np.cos(np.arange(16)).reshape(2, 2, 2, 2) / 2

CORE = "grad", "jvp of grad", "hessian", "vmap of grad"  # of a function to one number
CHEAP = "grad", "hvp", "vmap of grad"  # where a Hessian would be large
ALL = tuple(OF_NUMBERS)
MAPS = "vjp", "jvp", "jacobian", "vmap of jacobian"  # of a function to arrays
LINES = "vjp", "jvp", "vmap"  # where a Jacobian would be large
ALL_MAPS = tuple(OF_ARRAYS)


class Row(NamedTuple):
    """A function, where to differentiate it, and the transforms."""

    name: str
    function: Any
    args: tuple[Any, ...]
    transforms: tuple[str, ...]


def unrolled(np, F, x, w):
    """A recurrent network of three steps."""
    h = np.zeros_like(x)
    for _ in range(3):
        h = np.tanh(w @ h + x)
    return h


def mlp(np, F, params, x):
    for layer in params[:-1]:
        x = np.tanh(layer["w"] @ x + layer["b"])
    return params[-1]["w"] @ x + params[-1]["b"]


def heads(np, F, q, k, v):
    return F.scaled_dot_product_attention(q, k, v)


def by_hand(np, F, q, k, v):
    """Attention with a causal mask, spelled out."""
    scores = np.where(np.tril(np.ones((2, 2))) > 0, q @ k.T / 3**0.5, -np.inf)
    return F.softmax(scores, -1) @ v


def convnet(np, F, image, kernel, w):
    return w @ np.reshape(F.avg_pool2d(F.silu(F.conv2d(image, kernel, padding=1)), 3), (-1,))


def layer_norm(np, F, x, w):
    centred = x - np.mean(x, axis=-1, keepdims=True)
    return w * centred / np.sqrt(np.mean(centred**2, axis=-1, keepdims=True) + 1e-5)


def tree_in_tree_out(np, F, p, x):
    return {"product": p["w"] @ x, "parts": [np.sin(p["b"][0]) * x, (p["b"][1] ** 2,)]}


def logistic(np, F, w, x, y):
    z = x @ w
    return np.mean(F.softplus(z) - y * z)


def gaussian(np, F, mean, factor, x):
    """The log-likelihood of a Gaussian by its Cholesky factor."""
    covariance = factor @ factor.T + np.eye(3)
    lower = np.linalg.cholesky(covariance)
    z = np.linalg.solve(lower, x - mean)
    return -0.5 * np.sum(z * z) - np.sum(np.log(np.diagonal(lower)))


PARAMS = [{"w": M[:2] / 2, "b": X[:2]}, {"w": A[:, :2], "b": C[:2]}]

NUMBERS = [
    Row("x sin x", lambda np, F, x: x * np.sin(x), (0.8,), ALL),
    Row("tanh of a sum of products", lambda np, F, x, w: np.tanh(np.sum(x * w)), (X, C), ALL),
    Row("cross entropy of a softmax", lambda np, F, x: -F.log_softmax(x, -1)[1], (X,), ALL),
    Row("exp sin", lambda np, F, x: np.sum(np.exp(np.sin(x))), (X,), CORE),
    Row("log sqrt", lambda np, F, x: np.sum(np.log(x) * np.sqrt(x)), (P,), CORE),
    Row("log1p expm1", lambda np, F, x: np.sum(np.log1p(np.expm1(x) ** 2)), (P,), CORE),
    Row("powers", lambda np, F, x, y: np.sum(x**y + x**3 + 2**y), (P, X), CORE),
    Row("arcs", lambda np, F, x: np.sum(np.arcsin(x) * np.arctan(x) + np.arccos(x) ** 2), (U,), CORE),
    Row("hyperbolics", lambda np, F, x: np.sum(np.sinh(x) / np.cosh(x) + np.arcsinh(x) ** 2), (X,), CORE),
    Row("two angles", lambda np, F, x, y: np.sum(np.arctan2(x, y) * np.hypot(x, y)), (X, P), CORE),
    Row("logaddexp", lambda np, F, x, y: np.sum(np.logaddexp(x, 2 * y)), (X, C), CORE),
    Row("quotients", lambda np, F, x, y: np.sum(x / y - 1 / (x * y) + np.reciprocal(y)), (P, X), CORE),
    Row("sinc erf", lambda np, F, x: np.sum(np.sinc(x) * F.erf(x)), (X,), CORE),
    Row("gelu silu", lambda np, F, x: np.sum(F.gelu(x) * F.silu(x)), (X,), CORE),
    Row("sigmoid softplus", lambda np, F, x: np.sum(F.sigmoid(x) * F.softplus(x)), (X,), CORE),
    Row("relu elu off zero", lambda np, F, x: np.sum(F.relu(x) ** 2 + F.elu(x)), (X,), CORE),
    Row("abs maximum minimum", lambda np, F, x, y: np.sum(np.abs(x) * np.maximum(x, y) - np.minimum(x, y)), (X, C), CORE),
    Row("max min", lambda np, F, x: np.max(x) * np.min(x) + np.max(x) ** 2, (X,), CORE),
    Row("where", lambda np, F, x: np.sum(np.where(x > 0, x**2, np.exp(x))), (X,), CORE),
    Row("clip", lambda np, F, x: np.sum(np.clip(x, -0.5, 0.9) * x), (X,), CORE),
    Row("mean var std", lambda np, F, x: np.mean(x) * np.var(x) + np.std(x), (X,), CORE),
    Row("prod cumprod", lambda np, F, x: np.prod(x) + np.sum(np.cumprod(x, axis=0)), (X,), CORE),
    Row("logsumexp", lambda np, F, x: F.logsumexp(x, -1) ** 2, (X,), CORE),
    Row("entropy of a softmax", lambda np, F, x: -np.sum(F.softmax(x, -1) * F.log_softmax(x, -1)), (X,), CORE),
    Row("norm", lambda np, F, x: np.linalg.norm(x) ** 3, (X,), CORE),
    Row("quadratic form", lambda np, F, x, m: x @ m @ x, (X, M), CORE),
    Row("det", lambda np, F, m: np.linalg.det(m), (M,), CORE),
    Row("logdet", lambda np, F, m: np.linalg.slogdet(m)[1], (M,), CORE),
    Row("trace of inverse", lambda np, F, m: np.trace(np.linalg.inv(m)), (M,), CORE),
    Row("nuclear norm", lambda np, F, m: np.sum(F.svdvals(m)), (M,), CORE),
    Row("einsum of three", lambda np, F, a, m, x: np.sum(np.einsum("ij,jk,k->i", a, m, x) ** 2), (A, M, X), CORE),
    Row("logistic regression", logistic, (C, M, np.array([1.0, 0.0, 1.0])), CORE),
    Row("gaussian likelihood", gaussian, (X, M, C), CHEAP),
    Row("rosenbrock", lambda np, F, x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2), (X,), CORE),
    Row("mlp loss", lambda np, F, p, x: np.sum((mlp(np, F, p, x) - 1) ** 2), (PARAMS, X), ("grad", "hvp", "jvp of grad")),
]

ARRAYS = [
    Row("softmax", lambda np, F, x: F.softmax(x, -1), (X,), ALL_MAPS),
    Row("matrix times vector", lambda np, F, m, x: m @ np.tanh(x), (A, X), ALL_MAPS),
    Row("tree in, tree out", tree_in_tree_out, ({"w": A, "b": (0.4, X)}, C), ("vjp", "jvp", "linearize", "jacobian")),
    Row("cumsum", lambda np, F, x: np.cumsum(x, axis=-1) ** 2, (A,), LINES),
    Row("cumprod", lambda np, F, x: np.cumprod(x, axis=0), (P,), MAPS),
    Row("sort", lambda np, F, x: np.sort(x, axis=-1) ** 2, (X,), MAPS),
    Row("take", lambda np, F, x: np.take(x, np.array([2, 0, 2]), axis=1), (A,), LINES),
    Row("take_along_axis", lambda np, F, x: np.take_along_axis(x, np.array([[2], [0]]), axis=1), (A,), LINES),
    Row("index with an array", lambda np, F, x: x[np.array([1, 0, 1]), np.array([2, 2, 0])] ** 2, (A,), LINES),
    Row("slices", lambda np, F, x: x[1:] * x[:-1] + x[None, 0], (X,), MAPS),
    Row("concatenate stack", lambda np, F, x, y: np.stack([np.concatenate([x, y]), np.concatenate([y**2, x])]), (X, C), MAPS),
    Row("outer", lambda np, F, x, y: np.outer(x, y), (X, C), MAPS),
    Row("batched matmul", lambda np, F, x: np.matmul(x, np.swapaxes(x, 0, 1)), (A,), LINES),
    Row("transpose reshape", lambda np, F, x: np.reshape(np.transpose(x), (3, 2)) * np.reshape(x, (3, 2)), (A,), LINES),
    Row("triangles", lambda np, F, m: np.tril(m) @ np.triu(m), (M,), LINES),
    Row("diagonal", lambda np, F, m: np.diagonal(m) ** 2, (M,), LINES),
    Row("flip roll", lambda np, F, x: np.flip(x, 0) * np.roll(x, 1), (X,), MAPS),
    Row("broadcasting", lambda np, F, x, y: np.reshape(x, (3, 1)) / y, (X, P), MAPS),
    Row("sums over axes", lambda np, F, x: (np.sum(x, axis=0), np.mean(x, axis=1, keepdims=True) ** 2), (A,), LINES),
    Row("solve", lambda np, F, m, x: np.linalg.solve(m, x), (M, X), MAPS),
    Row("inv", lambda np, F, m: np.linalg.inv(m), (M,), LINES),
    Row("cholesky", lambda np, F, m: np.linalg.cholesky((m + m.T) / 2), (S,), LINES),
    Row("svdvals", lambda np, F, m: F.svdvals(m), (M,), MAPS),
    Row("einsum", lambda np, F, a, m: np.einsum("ij,kj->ik", a, m), (A, M), LINES),
    Row("layer norm", lambda np, F, x, w: F.layer_norm(x, (3,), w), (A, C), LINES),
    Row("layer norm by hand", layer_norm, (A, C), LINES),
    Row("recurrent network", unrolled, (X, M / 3), MAPS),
    Row("attention", heads, (A, A[::-1] * 2, A**2), LINES),
    Row("causal attention by hand", by_hand, (A, A[::-1] * 2, A**2), LINES),
    Row("conv2d", lambda np, F, x, w: F.conv2d(x, w), (IMAGE, KERNEL), LINES),
    Row("small conv net", convnet, (IMAGE, KERNEL, A[:, :2]), LINES),
    Row("mlp", mlp, (PARAMS, X), ("vjp", "jvp", "jacobian", "jacobian, forward")),
]
