"""`vmap` beside `jax.vmap`: the same source, run with NumPy's functions here and with `jax.numpy`'s there."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tinygrad_edu import ops
from tinygrad_edu.transforms import grad, hessian, jacobian, jvp, vjp, vmap

pytestmark = pytest.mark.peers
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_disable_most_optimizations", True)  # compiling is what takes the time
rng = np.random.default_rng(0)
X, Z = rng.normal(size=(5, 3, 4)), rng.normal(size=(5, 3, 4))
S = X[:, :, :3] @ X[:, :, :3].mT + 2 * np.eye(3)
K = rng.integers(0, 3, (5, 2))

OURS = SimpleNamespace(np=np, softmax=ops.softmax, logsumexp=ops.logsumexp, relu=ops.relu, gelu=lambda x: ops.gelu(x, "tanh"),
                       expm=ops.expm, put=lambda x, i, v: ops.index_put(x, i, v), add=lambda x, i, v: ops.index_add(x, i, v),
                       take=lambda x, i: ops.getitem(x, i), grad=grad, vmap=vmap, jvp=jvp, vjp=vjp, jacrev=jacobian,
                       jacfwd=lambda f: jacobian(f, mode="forward"), hessian=hessian)  # fmt: skip
THEIRS = SimpleNamespace(np=jnp, softmax=jax.nn.softmax, logsumexp=jax.nn.logsumexp, relu=jax.nn.relu, gelu=jax.nn.gelu,
                         expm=jax.scipy.linalg.expm, put=lambda x, i, v: jnp.asarray(x).at[i].set(v),
                         add=lambda x, i, v: jnp.asarray(x).at[i].add(v), take=lambda x, i: jnp.asarray(x)[i],
                         grad=jax.grad, vmap=jax.vmap, jvp=jax.jvp, vjp=jax.vjp, jacrev=jax.jacrev, jacfwd=jax.jacfwd,
                         hessian=jax.hessian)  # fmt: skip


def agree(ours, theirs):
    ours, theirs = jax.tree.leaves(ours), jax.tree.leaves(theirs)
    assert len(ours) == len(theirs)
    for y, z in zip(ours, theirs, strict=True):
        assert y.shape == z.shape
        assert y.dtype == z.dtype
        np.testing.assert_allclose(y, z, rtol=1e-11, atol=1e-13)


ONE = [
    lambda m, x: m.np.sin(x) + x**2, lambda m, x: m.np.exp(-m.np.abs(x)), lambda m, x: m.np.arctan2(x, x[0]),
    lambda m, x: m.np.sum(x, 0), lambda m, x: m.np.mean(x, axis=(0, 1)), lambda m, x: m.np.prod(x),
    lambda m, x: m.np.max(x, -1), lambda m, x: m.np.var(x, 0, ddof=1), lambda m, x: m.np.std(x), lambda m, x: m.np.ptp(x, 0),
    lambda m, x: m.np.median(x, 1), lambda m, x: m.np.quantile(x, 0.3, axis=0), lambda m, x: m.np.cumsum(x, 1),
    lambda m, x: m.np.cumprod(x), lambda m, x: m.np.diff(x, axis=0), lambda m, x: m.np.sort(x, 0),
    lambda m, x: m.np.argsort(x, 1), lambda m, x: m.np.argmax(x, 0), lambda m, x: m.np.reshape(x, (2, -1)),
    lambda m, x: m.np.transpose(x), lambda m, x: m.np.moveaxis(x, 0, 1), lambda m, x: x.T,
    lambda m, x: m.np.expand_dims(x, (0, -1)), lambda m, x: m.np.squeeze(x[:, :1]),
    lambda m, x: m.np.broadcast_to(x, (2, 3, 4)), lambda m, x: m.np.tile(x, (2, 1)), lambda m, x: m.np.repeat(x, 2, 0),
    lambda m, x: m.np.flip(x, 1), lambda m, x: m.np.roll(x, 2), lambda m, x: m.np.rot90(x),
    lambda m, x: m.np.pad(x, ((1, 0), (0, 2)), mode="reflect"), lambda m, x: m.np.tril(x), lambda m, x: m.np.diagonal(x, 1),
    lambda m, x: m.np.trace(x), lambda m, x: m.np.diag(x[0]), lambda m, x: m.np.diag(x, -1), lambda m, x: x[1],
    lambda m, x: x[:, ::2], lambda m, x: x[..., None, -1], lambda m, x: x[np.array([0, 2]), :, None],
    lambda m, x: x[np.array([0, 2]), np.array([1, 3])], lambda m, x: m.np.take(x, np.array([1, 1]), axis=1),
    lambda m, x: m.np.where(x > 0, x, 0.1 * x), lambda m, x: m.np.clip(x, -0.5, 0.5), lambda m, x: m.np.nan_to_num(x / 0.5),
    lambda m, x: m.np.concatenate([x, x[:1]], 0), lambda m, x: m.np.stack([x, 2 * x], -1), lambda m, x: m.np.split(x, 2, 1),
    lambda m, x: m.np.linalg.norm(x, axis=1), lambda m, x: m.np.linalg.norm(x, "nuc"), lambda m, x: m.np.linalg.pinv(x),
    lambda m, x: m.np.linalg.svd(x, compute_uv=False), lambda m, x: m.np.vander(x[0], 3),
    lambda m, x: m.np.meshgrid(x[0], x[1]), lambda m, x: m.softmax(x, 0), lambda m, x: m.logsumexp(x, 1),
    lambda m, x: m.relu(x), lambda m, x: m.gelu(x), lambda m, x: m.put(x, (slice(None), 1), 0.0),
    lambda m, x: m.add(x, 0, x[1]), lambda m, x: m.np.isnan(x), lambda m, x: x > x[0], lambda m, x: m.np.any(x > 1, axis=0),
    lambda m, x: {"a": (x, [x.sum()])}, lambda m, x: m.np.outer(x[0], x[1]), lambda m, x: m.np.kron(x[0], x[1]),
    lambda m, x: m.np.convolve(x[0], x[1, :2], "same"),
]  # fmt: skip


@pytest.mark.parametrize("f", ONE, ids=range(len(ONE)))
def test_functions_of_one_array(f):
    agree(vmap(lambda x: f(OURS, x))(X), jax.vmap(lambda x: f(THEIRS, x))(X))
    last = X.transpose(1, 2, 0)
    agree(vmap(lambda x: f(OURS, x), in_axes=-1)(last), jax.vmap(lambda x: f(THEIRS, x), in_axes=-1)(last))
    deep = np.stack([X, 2 * X])
    agree(vmap(vmap(lambda x: f(OURS, x)), 1)(deep), jax.vmap(jax.vmap(lambda x: f(THEIRS, x)), 1)(deep))


MATRIX = [
    lambda m, s: m.np.linalg.inv(s), lambda m, s: m.np.linalg.det(s), lambda m, s: m.np.linalg.slogdet(s),
    lambda m, s: m.np.linalg.cholesky(s), lambda m, s: m.np.linalg.eigvalsh(s), lambda m, s: m.np.linalg.matrix_power(s, 3),
    lambda m, s: m.np.linalg.solve(s, s[0]), lambda m, s: m.np.linalg.solve(s, s[:, :2]), lambda m, s: m.expm(s / 9),
]  # fmt: skip


@pytest.mark.parametrize("f", MATRIX, ids=range(len(MATRIX)))
def test_functions_of_a_matrix(f):
    agree(vmap(lambda s: f(OURS, s))(S), jax.vmap(lambda s: f(THEIRS, s))(S))


TWO = [
    lambda m, x, z: x * z[0], lambda m, x, z: m.np.maximum(x, z), lambda m, x, z: m.np.hypot(x, z), lambda m, x, z: x @ z.T,
    lambda m, x, z: m.np.dot(x, z[0]), lambda m, x, z: x[0] @ z[1], lambda m, x, z: x[0] @ z.T,
    lambda m, x, z: m.np.inner(x, z), lambda m, x, z: m.np.tensordot(x, z, ((0,), (0,))),
    lambda m, x, z: m.np.einsum("ij,kj->ki", x, z), lambda m, x, z: m.np.einsum("ij,ij->", x, z),
    lambda m, x, z: m.np.cross(x[:, :3], z[:, :3]), lambda m, x, z: m.np.vdot(x, z),
    lambda m, x, z: m.np.concatenate([x, z], 1), lambda m, x, z: m.np.where(x > z, x, z),
    lambda m, x, z: m.np.polyval(x[0], z), lambda m, x, z: m.np.logaddexp(x, z), lambda m, x, z: m.np.append(x, z),
]  # fmt: skip


@pytest.mark.parametrize("axes", [(0, 0), (0, None), (None, 0), (2, 1)], ids=str)
@pytest.mark.parametrize("f", TWO, ids=range(len(TWO)))
def test_functions_of_two_arrays(f, axes):
    at = {0: lambda a: a, None: lambda a: a[0], 1: lambda a: np.moveaxis(a, 0, 1), 2: lambda a: np.moveaxis(a, 0, 2)}
    x, z = at[axes[0]](X), at[axes[1]](Z)
    for out in (0, -1) if np.ndim(jax.tree.leaves(f(OURS, X[0], Z[0]))[0]) else (0,):
        agree(vmap(lambda x, z: f(OURS, x, z), axes, out)(x, z), jax.vmap(lambda x, z: f(THEIRS, x, z), axes, out)(x, z))


INDEXED = [
    lambda m, x, k: m.take(x, k), lambda m, x, k: m.take(x, (slice(None), k)),
    lambda m, x, k: m.take(x, (k, None, slice(1, None), None)), lambda m, x, k: m.take(x, (None, k, 1 + k)),
    lambda m, x, k: m.np.take_along_axis(x, k[:, None], 0), lambda m, x, k: m.add(x, k, 1.0),
    lambda m, x, k: m.add(x, (slice(None), k), x[:, :2]), lambda m, x, k: m.put(x, k[0], x[1]),
    lambda m, x, k: m.np.where(k[0] > 1, x, 0),
]  # fmt: skip


@pytest.mark.parametrize("axes", [(0, 0), (0, None), (None, 0)], ids=str)
@pytest.mark.parametrize("f", INDEXED, ids=range(len(INDEXED)))
def test_indices_of_each_example(f, axes):
    x, k = (X if axes[0] == 0 else X[0]), (K if axes[1] == 0 else K[0])
    agree(vmap(lambda x, k: f(OURS, x, k), axes)(x, k), jax.vmap(lambda x, k: f(THEIRS, x, k), axes)(x, k))
    both = [m.vmap(m.grad(lambda x, k, m=m: m.np.sum(m.np.sin(f(m, x, k)))), axes)(x, k) for m in (OURS, THEIRS)]
    agree(*both)


def mlp(m, w, x):
    return m.np.tanh(m.np.tanh(x @ w["a"]) @ w["b"])


def loss(m, w, x):
    return m.np.sum(mlp(m, w, x) ** 2)


WEIGHTS = {"a": rng.normal(size=(4, 6)), "b": rng.normal(size=(6, 2))}
COMPOSED = [
    lambda m: m.vmap(m.grad(lambda w, x: loss(m, w, x)), (None, 0))(WEIGHTS, X),
    lambda m: m.vmap(m.vmap(m.grad(lambda w, x: loss(m, w, x)), (None, 0)), (None, 0))(WEIGHTS, X),
    lambda m: m.grad(lambda w: m.np.sum(m.vmap(lambda x: loss(m, w, x))(X)))(WEIGHTS),
    lambda m: m.vmap(m.grad(lambda x: m.np.sum(m.vmap(m.grad(lambda r: loss(m, WEIGHTS, r)))(x) ** 2)))(X),
    lambda m: m.vmap(m.jacrev(lambda x: mlp(m, WEIGHTS, x)))(X[:, 0]),
    lambda m: m.vmap(m.jacfwd(lambda x: mlp(m, WEIGHTS, x)))(X[:, 0]),
    lambda m: m.jacrev(lambda x: m.vmap(lambda r: mlp(m, WEIGHTS, r))(x))(X[0]),
    lambda m: m.jacfwd(lambda x: m.vmap(lambda r: mlp(m, WEIGHTS, r))(x))(X[0]),
    lambda m: m.vmap(m.hessian(lambda x: loss(m, WEIGHTS, x)))(X[:, 0]),
    lambda m: m.vmap(lambda x, t: m.jvp(lambda x: mlp(m, WEIGHTS, x), (x,), (t,)))(X, Z),
    lambda m: m.jvp(m.vmap(lambda x: mlp(m, WEIGHTS, x)), (X,), (Z,)),
    lambda m: m.vmap(lambda t: m.jvp(lambda x: mlp(m, WEIGHTS, x), (X[0],), (t,))[1])(Z),
    lambda m: m.vmap(m.vjp(lambda x: mlp(m, WEIGHTS, x), X[0])[1])(Z[:, :, :2])[0],
    lambda m: m.vmap(lambda x, c: m.vjp(lambda x: mlp(m, WEIGHTS, x), x)[1](c)[0])(X, Z[:, :, :2]),
    lambda m: m.vmap(m.grad(m.grad(m.grad(lambda x: m.np.tanh(x) * x))))(X[0, 0]),
    lambda m: m.vmap(lambda x: m.grad(lambda y: m.np.sum(x * y**2))(x))(X),
    lambda m: m.vmap(lambda c: m.grad(lambda x: m.np.sum(m.vmap(lambda r: r * c)(x) ** 3))(X[0]))(X[:, 0]),
]


@pytest.mark.parametrize("f", COMPOSED, ids=range(len(COMPOSED)))
def test_with_derivatives_inside_and_outside(f):
    agree(f(OURS), f(THEIRS))


REFUSED = [
    lambda m: m.vmap(m.np.add)(X, X[0]), lambda m: m.vmap(m.np.sin, in_axes=(0, 0))(X),
    lambda m: m.vmap(m.np.sin, in_axes=None)(X), lambda m: m.vmap(m.np.sin, in_axes=7)(X),
    lambda m: m.vmap(m.np.sin, out_axes=None)(X), lambda m: m.vmap(lambda x: "x")(X),
    lambda m: m.vmap(lambda x: x if x[0, 0] > 0 else -x)(X), lambda m: m.vmap(lambda x: x[x > 0])(X),
    lambda m: m.vmap(m.np.nonzero)(X), lambda m: m.vmap(m.np.sin)([1.0]), lambda m: m.vmap(m.np.sin, axis_size=2)(X),
]  # fmt: skip


@pytest.mark.parametrize("f", REFUSED, ids=range(len(REFUSED)))
def test_what_jax_refuses_is_refused(f):
    with pytest.raises((ValueError, TypeError, IndexError)):
        f(THEIRS)
    with pytest.raises((ValueError, TypeError)):
        f(OURS)
