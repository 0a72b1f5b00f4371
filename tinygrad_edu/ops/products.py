"""Products of vectors, matrices and stacks of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.op import NUMPY, composite, linear, primitive
from ..errors import ShapeError
from .einsum import einsum

__all__ = ["bilinear", "cross", "dot", "inner", "kron", "linear_layer", "matmul", "matvec", "outer", "tensordot",
           "vdot", "vecdot", "vecmat"]  # fmt: skip


def _array(x: Any) -> Any:
    """A number or list as an array; an array of whatever kind as it is."""
    return x if hasattr(x, "ndim") else np.asarray(x)


def _of_numpy(*names: str) -> tuple[Any, ...]:
    """Those of NumPy's functions that the installed NumPy has."""
    places = [(np.linalg, n.removeprefix("linalg.")) if n.startswith("linalg.") else (np, n) for n in names]
    return tuple(getattr(place, n) for place, n in places if hasattr(place, n))


def _gx1(g: Any, x2: Any, x1_shape: tuple[int, ...]) -> Any:
    if x2.ndim == 1:
        return g.reshape((*g.shape, 1)) * x2  # (..., n)
    if len(x1_shape) > 1:
        return g @ (x2.T if x2.ndim == 2 else x2.mT)
    if x2.ndim == 2:
        return x2 @ g
    return (x2 @ g.reshape((*g.shape, 1))).reshape(x2.shape[:-1])  # (..., n), summed to (n,) by the engine


def _gx2(g: Any, x1: Any, x2_shape: tuple[int, ...]) -> Any:
    if x1.ndim == 2 and len(x2_shape) < 3:
        return x1.T @ g
    if x1.ndim == 1:
        return x1 * g if len(x2_shape) == 1 else x1.reshape((-1, 1)) * g.reshape((*g.shape[:-1], 1, g.shape[-1]))
    if len(x2_shape) > 2:
        return x1.mT @ g
    rows = math.prod(x1.shape[:-1])  # one matrix for the whole stack: all its rows in one product
    return (x1.reshape((rows, x1.shape[-1])).T @ g.reshape((rows, math.prod(x2_shape[1:])))).reshape(x2_shape)


@linear(gx1=_gx1, gx2=_gx2, numpy=(np.matmul, np.linalg.matmul))
def matmul(x1: Any, x2: Any) -> Any:
    """Matrix product over the last two axes; a vector is a row on the left and a column on the right.

    y = np.matmul(x1, x2)
    gx1 = (g @ x2.T if x1.ndim == x2.ndim == 2 else
           np.reshape([np.sum(g * (e @ x2)) for e in np.eye(x1.size).reshape(x1.size, *x1.shape)], x1.shape))
    gx2 = (x1.T @ g if x1.ndim == x2.ndim == 2 else
           np.reshape([np.sum(g * (x1 @ e)) for e in np.eye(x2.size).reshape(x2.size, *x2.shape)], x2.shape))

    Shapes `(..., n, k) @ (..., k, m)` give `(..., n, m)`; the leading axes broadcast.

    Raises:
        ShapeError: a number where an array belongs, or inner sizes that differ.
    """
    return x1 @ x2


@composite(inputs=("a", "b"))
def dot(a: Any, b: Any) -> Any:
    """Sum of products over the last axis of `a` and the last but one of `b`; of numbers, the product.

    y = np.dot(a, b)

    Up to two axes it is `matmul`; beyond that every matrix of `a` meets every matrix of `b`, as in `tensordot`.
    """
    a, b = _array(a), _array(b)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    return a @ b if b.ndim < 3 else tensordot(a, b, (-1, -2))


@composite(inputs=("a", "b"))
def vdot(a: Any, b: Any) -> Any:
    """Sum of products of all entries of two arrays of one size, whatever their shapes.

    y = np.vdot(a, b)
    """
    return np.reshape(a, -1) @ np.reshape(b, -1)


@composite(inputs=("a", "b"))
def inner(a: Any, b: Any) -> Any:
    """Sum of products over the last axis of both: every row of `a` with every row of `b`; of numbers, the product.

    y = np.inner(a, b)
    """
    a, b = _array(a), _array(b)
    return a * b if a.ndim == 0 or b.ndim == 0 else tensordot(a, b, (-1, -1))


@linear(
    ga=lambda g, b, a_shape: (g @ np.reshape(b, -1)).reshape(a_shape),
    gb=lambda g, a, b_shape: (np.reshape(a, -1) @ g).reshape(b_shape),
    numpy=np.outer,
)
def outer(a: Any, b: Any) -> Any:
    """Every entry of `a` times every entry of `b`, as a matrix.

    y = np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1))
    ga = np.reshape(np.sum(g * np.ravel(b), axis=1), a.shape)
    gb = np.reshape(np.sum(g.T * np.ravel(a), axis=1), b.shape)

    Arrays of more axes are flattened first. `np.multiply.outer` keeps their axes.
    """
    return np.outer(a, b)


def _outer_of_vectors(x1: Any, x2: Any) -> Any:
    if np.ndim(x1) != 1 or np.ndim(x2) != 1:
        raise ShapeError(f"np.linalg.outer takes two vectors, got {np.shape(x1)} and {np.shape(x2)}; np.outer flattens")
    return outer(x1, x2)


NUMPY[np.linalg.outer] = _outer_of_vectors


@composite(inputs=("a", "b"), numpy=(np.tensordot, np.linalg.tensordot))
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Sum of products over chosen axes of `a` and as many of `b`; the other axes stay, those of `a` first.

    y = np.tensordot(a, b, axes)

    Args:
        a: an array.
        b: an array.
        axes: how many of the last axes of `a` and the first of `b`; or a pair: the axes of `a`, the axes of `b`.

    Raises:
        ShapeError: axes of different sizes, or not as many of one as of the other.
    """
    a, b = _array(a), _array(b)
    of_a, of_b = _axes(a, b, axes)
    if [a.shape[i] for i in of_a] != [b.shape[j] for j in of_b]:
        raise ShapeError(f"tensordot: axes {of_a} of shape {a.shape} cannot meet axes {of_b} of shape {b.shape}")
    first = [*range(a.ndim)]
    second = [of_a[of_b.index(j)] if j in of_b else a.ndim + j for j in range(b.ndim)]
    kept = [i for i in first if i not in of_a] + [j for j in second if j >= a.ndim]
    return einsum(a, first, b, second, kept)


def _axes(a: Any, b: Any, axes: Any) -> tuple[list[int], list[int]]:
    try:
        of_a, of_b = range(-axes, 0), range(axes)
    except TypeError:
        of_a, of_b = (np.atleast_1d(one).tolist() for one in axes)
    return [i + a.ndim if i < 0 else i for i in of_a], [j + b.ndim if j < 0 else j for j in of_b]


@composite(inputs=("a", "b"))
def kron(a: Any, b: Any) -> Any:
    """Kronecker product: each entry of `a` becomes a copy of `b` times that entry.

    y = np.kron(a, b)

    The array with fewer axes gets axes of size 1 in front.
    """
    a, b = _array(a), _array(b)
    n = max(a.ndim, b.ndim)
    a, b = (np.reshape(x, (1,) * (n - x.ndim) + x.shape) for x in (a, b))
    y = einsum(a, [*range(0, 2 * n, 2)], b, [*range(1, 2 * n, 2)], [*range(2 * n)])  # (a0, b0, a1, b1, ...)
    return np.reshape(y, tuple(i * j for i, j in zip(a.shape, b.shape, strict=True)))


@composite(inputs=("a", "b"), numpy=(np.cross, np.linalg.cross))
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """Cross product of vectors in space.

    y = np.cross(a, b, axisa, axisb, axisc, axis)

    Args:
        a: vectors of 3 components.
        b: vectors of 3 components; the other axes broadcast.
        axisa: the axis of `a` that holds the components.
        axisb: that of `b`.
        axisc: that of the result.
        axis: all three at once.

    Raises:
        ShapeError: vectors that have not 3 components.
    """
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis, axis, axis)
    a, b = np.moveaxis(_array(a), axisa, -1), np.moveaxis(_array(b), axisb, -1)
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise ShapeError(f"cross: vectors have 3 components, got {a.shape[-1]} and {b.shape[-1]}; in the plane write "
                         "a[0] * b[1] - a[1] * b[0]")  # fmt: skip
    y = np.roll(a, -1, -1) * np.roll(b, 1, -1) - np.roll(a, 1, -1) * np.roll(b, -1, -1)
    return np.moveaxis(y, -1, axisc)


@composite(inputs=("x1", "x2"), numpy=_of_numpy("vecdot", "linalg.vecdot"))
def vecdot(x1: Any, x2: Any, axis: int = -1) -> Any:
    """Sum of products along one axis; the other axes broadcast.

    y = np.sum(x1 * x2, axis)
    """
    return einsum("...i,...i->...", np.moveaxis(_array(x1), axis, -1), np.moveaxis(_array(x2), axis, -1))


@composite(inputs=("x1", "x2"), numpy=_of_numpy("matvec"))
def matvec(x1: Any, x2: Any) -> Any:
    """Matrices `(..., n, m)` times vectors `(..., m)`: vectors `(..., n)`; the leading axes broadcast.

    y = np.matmul(x1, x2[..., None])[..., 0]
    """
    return einsum("...ij,...j->...i", x1, x2)


@composite(inputs=("x1", "x2"), numpy=_of_numpy("vecmat"))
def vecmat(x1: Any, x2: Any) -> Any:
    """Vectors `(..., n)` times matrices `(..., n, m)`: vectors `(..., m)`; the leading axes broadcast.

    y = np.matmul(x1[..., None, :], x2)[..., 0, :]
    """
    return einsum("...i,...ij->...j", x1, x2)


# -- layers ------------------------------------------------------------------------------------------------------------


def _gweight(g: Any, input: Any, weight_shape: tuple[int, ...]) -> Any:
    if input.ndim == 2:
        return g.T @ input
    rows = math.prod(g.shape[:-1])
    return g.reshape((rows, weight_shape[0])).T @ input.reshape((rows, weight_shape[1]))


@primitive(
    ginput=lambda g, weight: g @ weight,
    gweight=_gweight,
    gbias=lambda g: g,
    numpy=(),
    name="linear",
)
def linear_layer(input: Any, weight: Any, bias: Any = None) -> Any:
    """A layer of neurons: each row of `weight` is a neuron's weights, `bias` one number a neuron.

    y = np.matmul(input, weight.T) + (0 if bias is None else bias)
    ginput = np.matmul(g, weight)
    gweight = np.tensordot(g, input, (range(g.ndim - 1), range(g.ndim - 1)))
    gbias = None if bias is None else np.sum(g, axis=tuple(range(g.ndim - 1)))

    Shapes, as in PyTorch: input `(..., i)`, weight `(o, i)`, bias `(o,)` or None, result `(..., o)`.

    Raises:
        ShapeError: other shapes.
    """
    if weight.ndim != 2 or not np.ndim(input) or (bias is not None and bias.shape != weight.shape[:1]):
        raise ShapeError(f"the weight has shape (outputs, inputs) and the bias (outputs,), got {np.shape(weight)} and "
                         f"{None if bias is None else np.shape(bias)}")  # fmt: skip
    y = np.dot(input, weight.T)
    if bias is None or y.dtype != bias.dtype or not y.ndim:
        return y if bias is None else y + bias
    return np.add(y, bias, out=y)  # its own array: nobody else has seen it


@composite(inputs=("input1", "input2", "weight", "bias"), numpy=())
def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """A layer that is linear in each of two inputs.

    y = np.einsum("...i,oij,...j->...o", input1, weight, input2) + (0 if bias is None else bias)

    Shapes, as in PyTorch: inputs `(..., i)` and `(..., j)`, weight `(o, i, j)`, bias `(o,)` or None, result `(..., o)`.
    """
    y = einsum("...i,oij,...j->...o", input1, weight, input2)
    return y if bias is None else y + bias
