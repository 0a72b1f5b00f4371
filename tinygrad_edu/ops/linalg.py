"""Linear systems, inverses and determinants, of a matrix `(n, n)` or a stack of them `(..., n, n)`."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..core.op import NUMPY, composite, primitive
from ..errors import ShapeError
from .indexing import add_at
from .nondifferentiable import everywhere, unwrapped
from .reductions import others_product

__all__ = ["cholesky_solve", "cofactor", "det", "inv", "logdet", "lstsq", "multi_dot", "pinv", "second_cofactor",
           "slogdet", "solve",
           "solve_triangular", "tensorinv", "tensorsolve"]  # fmt: skip


def _array(x: Any) -> Any:
    return x if hasattr(x, "ndim") else np.asarray(x)


# -- systems -----------------------------------------------------------------------------------------------------------


def _gb(g: Any, a: Any, b_shape: tuple[int, ...]) -> Any:
    return np.linalg.solve(a.mT, g) if len(b_shape) > 1 else np.linalg.solve(a.mT, g[..., None])[..., 0]


def _ga(g: Any, a: Any, y: Any, b_shape: tuple[int, ...]) -> Any:
    return -np.linalg.solve(a.mT, g if len(b_shape) > 1 else g[..., None]) @ (y.mT if len(b_shape) > 1 else y[..., None, :])


@primitive(ga=_ga, gb=_gb, numpy=(np.linalg.solve,))
def solve(a: Any, b: Any) -> Any:
    """The y for which a @ y = b.

    y = np.linalg.solve(a, b)
    ga = (-np.linalg.inv(a).T @ g @ y.T if a.ndim == b.ndim == 2 else np.reshape([
          -np.sum(g * (np.linalg.inv(a) @ e @ y if b.ndim > 1 else (np.linalg.inv(a) @ e @ y[..., None])[..., 0]))
          for e in np.eye(a.size).reshape(a.size, *a.shape)], a.shape))
    gb = (np.linalg.inv(a).T @ g if a.ndim == 2 else
          np.reshape([np.sum(g * np.linalg.solve(a, e)) for e in np.eye(b.size).reshape(b.size, *b.shape)], b.shape))

    Shapes: `a` `(..., n, n)` with `b` a vector `(n,)`, or matrices `(..., n, k)`; the leading axes broadcast. A stack
    of vectors is written with k = 1.

    Raises:
        LinAlgError: a singular matrix.
    """
    return np.linalg.solve(a, b)


@primitive(gx=lambda g, y: -y.mT @ g @ y.mT, numpy=(np.linalg.inv,))
def inv(x: Any) -> Any:
    """The inverse of a matrix.

    y = np.linalg.inv(x)
    gx = -np.einsum("...ki,...kl,...jl->...ij", y, g, y)

    To solve a system, `solve` is faster and more accurate.

    Raises:
        LinAlgError: a singular matrix.
    """
    return np.linalg.inv(x)


def _triangle(a: Any, lower: bool, unit_diagonal: bool) -> Any:
    n = a.shape[-1]
    kept = np.tri(n, k=-int(unit_diagonal), dtype=bool)
    a = np.where(kept if lower else kept.T, a, 0)
    return a + np.eye(n, dtype=a.dtype) if unit_diagonal else a


@composite(inputs=("a", "b"), numpy=())
def solve_triangular(a: Any, b: Any, lower: bool = False, unit_diagonal: bool = False) -> Any:
    """The y for which T @ y = b, where T is a triangle of `a`.

    y = np.linalg.solve((np.tril if lower else np.triu)(a) if not unit_diagonal else
        (np.tril(a, -1) if lower else np.triu(a, 1)) + np.eye(a.shape[-1]), b)

    Args:
        a: shape `(..., n, n)`; the other triangle is not read and gets no gradient.
        b: a vector `(n,)` or matrices `(..., n, k)`.
        lower: the lower triangle, not the upper one.
        unit_diagonal: the diagonal is not read; it is 1.
    """
    return np.linalg.solve(_triangle(_array(a), lower, unit_diagonal), b)


@composite(inputs=("b", "factor"), numpy=())
def cholesky_solve(b: Any, factor: Any, upper: bool = False) -> Any:
    """The y for which A @ y = b, from A's Cholesky factor.

    y = np.linalg.solve(np.triu(factor).mT @ np.triu(factor) if upper else np.tril(factor) @ np.tril(factor).mT, b)

    Shapes: `b` a vector `(n,)` or matrices `(..., n, k)`, `factor` `(..., n, n)`, lower triangular unless `upper`.
    """
    b, lower = _array(b), np.matrix_transpose(_array(factor)) if upper else _array(factor)
    columns = np.reshape(b, (-1, 1)) if b.ndim == 1 else b
    y = solve_triangular(np.matrix_transpose(lower), solve_triangular(lower, columns, lower=True))
    return y[..., 0] if b.ndim == 1 else y


# -- least squares -----------------------------------------------------------------------------------------------------


def _gpinv(g: Any, x: Any, y: Any, hermitian: bool) -> Any:
    x = (x + x.mT) / 2 if hermitian else x
    rows, columns = np.eye(x.shape[-2]) - x @ y, np.eye(x.shape[-1]) - y @ x
    gx = -y.mT @ g @ y.mT + rows @ g.mT @ y @ y.mT + y.mT @ y @ g.mT @ columns
    return (gx + gx.mT) / 2 if hermitian else gx


@primitive(gx=_gpinv, numpy=(np.linalg.pinv,))
def pinv(x: Any, rcond: Any = None, hermitian: bool = False, rtol: Any = None) -> Any:
    """The pseudo-inverse: of all least-squares solutions of x @ z = b, `pinv(x) @ b` is the shortest.

    y = np.linalg.pinv(x, max(x.shape[-2:]) * 2.0**-52 if rcond is None else rcond, hermitian)
    gx = (lambda h: (h + h.mT) / 2 if hermitian else h)(
         -y.mT @ g @ y.mT + (np.eye(x.shape[-2]) - x @ y) @ g.mT @ y @ y.mT
         + y.mT @ y @ g.mT @ (np.eye(x.shape[-1]) - y @ x))

    Args:
        x: shape `(..., m, n)`.
        rcond: singular values below `rcond` times the largest count as 0; as a default, m or n times the rounding unit.
        hermitian: `x` is symmetric; only its lower triangle is read, and the gradient is symmetric.
        rtol: another name for rcond.

    The derivative is along changes that keep the rank: G. Golub, V. Pereyra, SIAM J. Numer. Anal. 10 (1973).
    """
    cutoff = rcond if rtol is None else rtol
    if cutoff is None:
        cutoff = max(x.shape[-2:]) * np.finfo(x.dtype).eps
    return np.linalg.pinv(x, cutoff, hermitian)


@composite(inputs=("a", "b"), numpy=(np.linalg.lstsq,))
def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    """Least squares: the y that makes |a @ y - b| smallest; then the squares left, the rank, the singular values.

    y = np.linalg.lstsq(a, b, rcond)

    Args:
        a: shape `(m, n)`.
        b: a vector `(m,)` or a matrix `(m, k)`.
        rcond: singular values below `rcond` times the largest count as 0.

    The sum of squares is empty unless m > n and the rank is n (inside `vmap`, of all examples), as in NumPy. The rank is a
    plain number.
    """
    a, b = _array(a), _array(b)
    rows, columns = a.shape
    s = np.linalg.svdvals(a)
    cutoff = np.finfo(a.dtype).eps * (1 if rcond == -1 else max(rows, columns)) if rcond in (None, -1) else rcond
    rank = np.sum(s > cutoff * s[:1])
    y = np.linalg.pinv(a, cutoff) @ b
    left = b - a @ y
    squares = np.sum(left * left, axis=0, keepdims=b.ndim == 1)
    return y, squares if columns < rows and everywhere(rank == columns) else squares[:0], rank, s


NUMPY[np.linalg.matrix_rank] = lambda x, *args, **kwargs: np.linalg.matrix_rank(unwrapped(x), *args, **kwargs)


# -- determinants ------------------------------------------------------------------------------------------------------


def _gdet(g: Any, x: Any) -> Any:
    return g[..., None, None] * cofactor(x)


@primitive(gx=_gdet, numpy=(np.linalg.det,))
def det(x: Any) -> Any:
    """The determinant: how much a matrix magnifies volumes.

    y = np.linalg.det(x)
    gx = np.asarray(g * y)[..., None, None] * np.linalg.inv(x).mT

    The derivative by an entry is its cofactor. The second line holds for invertible matrices; the rule computes the
    cofactors without dividing, so it is right for singular ones too, and so is its own derivative. For large matrices
    take `slogdet`, which does not overflow.
    """
    return np.linalg.det(x)


def _gcofactor(g: Any, x: Any) -> Any:
    return second_cofactor(x, g)


@primitive(gx=_gcofactor, numpy=())
def cofactor(x: Any) -> Any:
    """The cofactors: at [i, j], with sign (-1)^(i+j), the determinant of what is left without row i and column j.

    y = np.reshape([(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(x, i, -2), j, -1)) for i in range(x.shape[-1])
        for j in range(x.shape[-1])], (x.shape[-1], x.shape[-1], *x.shape[:-2])).transpose((*range(2, x.ndim), 0, 1))
    gx = (y * np.sum(y * g, axis=(-2, -1), keepdims=True) - y @ g.mT @ y) / np.linalg.det(x)[..., None, None]

    They are the derivative of the determinant; of an invertible x they are det(x) inv(x).mT, which is used where it is
    accurate. Elsewhere they come, without a division, from x = U diag(s) V': there they are products of all s but one.
    The last line holds for invertible x, the rule for any.
    """
    d, inverse = _regular(x)
    if inverse is not None:
        return d[..., None, None] * inverse.mT
    u, s, vh, orientation = _oriented_svd(x)
    return orientation * (u * others_product(s, -1)[..., None, :]) @ vh


def _gsecond_x(g: Any, x: Any, t: Any) -> Any:
    """By minors: without row i and column j, `t` and `g` are directions for the cofactor [i, j], times t[i, j]."""
    n = x.shape[-1]
    left = np.array([[k for k in range(n) if k != i] for i in range(n)], int).reshape(n, max(n - 1, 0))
    index = (..., left[:, None, :, None], left[None, :, None, :])  # (n, n, n - 1, n - 1): all minors
    sign = (-1.0) ** np.add.outer(np.arange(n), np.arange(n))
    parts = second_cofactor(x[index], g[index]) * (sign * t)[..., None, None]
    return add_at(parts, index, x.shape)


def _gsecond_t(g: Any, x: Any) -> Any:
    return second_cofactor(x, g)


@primitive(gx=_gsecond_x, gt=_gsecond_t, numpy=())
def second_cofactor(x: Any, t: Any) -> Any:
    """The derivative of the cofactors in the direction `t`: the second derivative of the determinant, times `t`.

    y = (lambda d, N: d * (N * np.sum(N * t, (-2, -1), keepdims=True) - N @ t.mT @ N))(
        np.linalg.det(x)[..., None, None], np.linalg.inv(x).mT)
    gx = (lambda d, N, dot: (lambda M: d * (N * (dot(N, t) * dot(N, g) - dot(g, N @ t.mT @ N)) - N @ M.mT @ N))(
         t * dot(N, g) + g * dot(N, t) - g @ N.mT @ t - t @ N.mT @ g))(
         np.linalg.det(x)[..., None, None], np.linalg.inv(x).mT, lambda a, b: np.sum(a * b, (-2, -1), keepdims=True))
    gt = (lambda d, N: d * (N * np.sum(N * g, (-2, -1), keepdims=True) - N @ g.mT @ N))(
         np.linalg.det(x)[..., None, None], np.linalg.inv(x).mT)

    Of an invertible x it is det(x) (N <N, t> - N t' N), where N = inv(x)'. Of any other, it is found in the basis of
    the singular vectors: there an entry of the diagonal changes the cofactors of the others on it, and an entry [j, i]
    the cofactor [i, j], each by the product of all s but two. It is symmetric: <t, second_cofactor(x, u)> is the same
    as <u, second_cofactor(x, t)>.
    """
    d, inverse = _regular(x)
    if inverse is not None:
        return d[..., None, None] * (inverse.mT * np.sum(inverse.mT * t, axis=(-2, -1), keepdims=True)
                                     - inverse.mT @ np.asarray(t).mT @ inverse.mT)  # fmt: skip
    u, s, vh, orientation = _oriented_svd(x)
    one = np.eye(s.shape[-1], dtype=bool)
    products = np.where(one, 0, others_product(np.where(one, 1, s[..., None, :]), -1))
    h = u.mT @ t @ vh.mT
    diagonal = products @ np.sum(np.where(one, h, 0), axis=-1, keepdims=True)
    return orientation * (u @ (one * diagonal - (products * h).mT) @ vh)


def _regular(x: Any) -> tuple[Any, Any]:
    """Determinants and inverses; None for the inverses if one of the matrices is singular or close to it."""
    d, size = np.linalg.det(x), np.abs(x).max(axis=(-2, -1), initial=0)
    if 0 in np.shape(x) or not np.all(np.isfinite(d) & (np.abs(d) > 1e-100 * size)):
        return d, None
    inverse = np.linalg.inv(x)
    return d, inverse if np.all(size * np.abs(inverse).max(axis=(-2, -1)) < 1e4) else None


def _oriented_svd(x: Any) -> tuple[Any, Any, Any, Any]:
    """Singular values and vectors, and whether the vectors keep (1) or turn round (-1) the orientation."""
    u, s, vh = np.linalg.svd(x)
    return u, s, vh, np.sign(np.linalg.det(u) * np.linalg.det(vh))[..., None, None]


def _gslogdet(g: Any, x: Any, y: Any) -> Any:
    regular = (y[1] > -np.inf)[..., None, None]
    return g[1][..., None, None] * np.linalg.inv(np.where(regular, x, np.nan)).mT


@primitive(gx=_gslogdet, numpy=(np.linalg.slogdet,))
def slogdet(x: Any) -> Any:
    """The sign of the determinant, and the logarithm of its size: what does not overflow.

    y = np.linalg.slogdet(x)
    gx = np.asarray(g[1])[..., None, None] * np.linalg.inv(x).mT

    The sign has no gradient. A singular matrix gives (0, -inf), and its gradient is NaN: it is infinite, and its sign
    depends on the side from which one comes.
    """
    return np.linalg.slogdet(x)


@composite(numpy=())
def logdet(x: Any) -> Any:
    """The logarithm of the determinant; NaN where that is negative.

    y = np.where(np.linalg.det(x) < 0, np.nan, np.linalg.slogdet(x)[1])
    """
    sign, size = np.linalg.slogdet(x)
    return np.where(sign < 0, np.nan, size)


# -- products and tensors ----------------------------------------------------------------------------------------------


@composite(inputs=("arrays",), numpy=(np.linalg.multi_dot,))
def multi_dot(arrays: Any) -> Any:
    """The product of several matrices, in the order that takes the fewest multiplications.

    y = np.linalg.multi_dot(arrays)

    The first and the last may be vectors. The order is found by dynamic programming over all ways to place brackets.

    Raises:
        ShapeError: fewer than two arrays, or arrays that do not fit.
    """
    arrays = [_array(a) for a in arrays]
    if len(arrays) < 2:
        raise ShapeError(f"multi_dot: two arrays at least, got {len(arrays)}")
    sizes = [*[a.shape[-2] if a.ndim > 1 else 1 for a in arrays[:1]], *[a.shape[0] for a in arrays[1:]],
             arrays[-1].shape[-1] if arrays[-1].ndim > 1 else 1]  # fmt: skip
    best: dict[tuple[int, int], tuple[int, Any]] = {(i, i): (0, None) for i in range(len(arrays))}
    for n in range(1, len(arrays)):
        for i in range(len(arrays) - n):
            best[i, i + n] = min(
                (best[i, k][0] + best[k + 1, i + n][0] + prod((sizes[i], sizes[k + 1], sizes[i + n + 1])), k)
                for k in range(i, i + n)
            )

    def product(i: int, j: int) -> Any:
        k = best[i, j][1]
        return arrays[i] if i == j else product(i, k) @ product(k + 1, j)

    return product(0, len(arrays) - 1)


@composite(numpy=(np.linalg.tensorinv,))
def tensorinv(x: Any, ind: int = 2) -> Any:
    """The inverse of an array as a linear map from its last axes to its first `ind` axes.

    y = np.linalg.tensorinv(x, ind)
    """
    x = _array(x)
    shape = x.shape[ind:] + x.shape[:ind]
    return np.reshape(np.linalg.inv(np.reshape(x, (prod(x.shape[:ind]), -1))), shape)


@composite(inputs=("a", "b"), numpy=(np.linalg.tensorsolve,))
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """The y for which tensordot(a, y, y.ndim) = b; `axes` of `a` are moved to its end first.

    y = np.linalg.tensorsolve(a, b, axes)
    """
    a, b = _array(a), _array(b)
    if axes is not None:
        a = np.moveaxis(a, axes, tuple(range(-len(axes), 0)))
    shape = a.shape[b.ndim :]
    return np.reshape(np.linalg.solve(np.reshape(a, (-1, prod(shape))), np.reshape(b, -1)), shape)
