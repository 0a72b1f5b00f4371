"""Sums of products, written by naming the axes: `einsum` with NumPy's whole grammar.

    einsum("ij,jk->ik", a, b)
      ├── einsum_single   one operand: diagonals, sums and the order of its axes    "iij->ji"
      │     └── spread_diagonal, where the gradient of a diagonal goes
      └── einsum_pair     two operands: a matrix product in disguise                "ij,jk->ik"

The adjoint of a sum of products is a sum of products with the letters exchanged: the gradient of an operand has the
letters of that operand. So each of the three is linear, and their adjoints are made of the three.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from math import prod
from string import ascii_letters, ascii_lowercase, ascii_uppercase
from typing import Any

import numpy as np

from ..core.op import composite, linear
from ..errors import OptionError

__all__ = ["einsum", "einsum_pair", "einsum_single", "spread_diagonal"]


def _split(subscripts: str) -> tuple[str, ...]:
    """The letters of each operand, then those of the result."""
    return tuple(subscripts.replace("->", ",").split(","))


def _distinct(letters: str) -> str:
    return "".join(dict.fromkeys(letters))


# -- one operand -------------------------------------------------------------------------------------------------------


def _gsingle(g: Any, x_shape: tuple[int, ...], subscripts: str) -> Any:
    letters, out = _split(subscripts)
    distinct = _distinct(letters)
    sizes = [x_shape[letters.index(c)] for c in distinct]
    kept = "".join(c for c in distinct if c in out)
    g = einsum_single(g, f"{out}->{kept}") if out != kept else g
    if kept != distinct:  # a letter that was summed away: its sum sent every entry the same gradient
        g = np.broadcast_to(np.reshape(g, [n if c in out else 1 for c, n in zip(distinct, sizes, strict=True)]), sizes)
    return g if distinct == letters else spread_diagonal(g, letters, x_shape)


@linear(gx=_gsingle, moves=True, numpy=())
def einsum_single(x: Any, subscripts: str) -> Any:
    """Diagonals, sums and a new order of axes, by letters: the part of `einsum` that has one operand.

    y = np.einsum(subscripts, x)
    gx = np.reshape([np.sum(g * np.einsum(subscripts, e))
                     for e in np.eye(x.size).reshape(x.size, *x.shape)], x.shape)

    The gradient has the letters of `x`: copied along letters that were summed, on the diagonal of letters that stand
    twice. `subscripts` are explicit, `"iij->ji"`, with neither ellipsis nor spaces.
    """
    return np.einsum(subscripts, x)


@linear(gx=lambda g, subscripts: einsum_single(g, f"{subscripts}->{_distinct(subscripts)}"), moves=True, numpy=())
def spread_diagonal(x: Any, subscripts: str, shape: tuple[int, ...]) -> Any:
    """An array of zeros with `x` on a diagonal: `"iji"` puts x[i, j] at [i, j, i].

    y = np.einsum(x, [*range(x.ndim)], *[one for axis, c in enumerate(subscripts)
        for one in (np.eye(shape[axis]), [list(dict.fromkeys(subscripts)).index(c), 26 + axis])],
        [26 + axis for axis in range(len(subscripts))])
    gx = np.einsum(subscripts + "->" + "".join(dict.fromkeys(subscripts)), g)

    `x` has one axis for each distinct letter, in order of appearance. It is the adjoint of taking that diagonal.
    """
    y = np.zeros(shape, np.asarray(x).dtype)
    np.einsum(f"{subscripts}->{_distinct(subscripts)}", y)[...] = x  # einsum gives a view of the diagonal
    return y


# -- two operands ------------------------------------------------------------------------------------------------------


def _gpair(g: Any, other: Any, shape: tuple[int, ...], letters: str, others: str, out: str) -> Any:
    """The gradient of the operand with `letters`: contract `g` with the other one, onto these letters."""
    size = dict(zip(others + out, np.shape(other) + np.shape(g), strict=True))  # g's last: it is the broadcast one
    kept = "".join(c for c, n in zip(letters, shape, strict=True) if c in size and not (n == 1 != size[c]))
    g = einsum_pair(g, other, f"{out},{others}->{kept}")
    if kept != letters:
        g = np.reshape(g, [size[c] if c in kept else 1 for c in letters])
    return g if g.shape == shape else np.broadcast_to(g, shape)


def _gpair1(g: Any, x2: Any, x1_shape: tuple[int, ...], subscripts: str) -> Any:
    letters, others, out = _split(subscripts)
    return _gpair(g, x2, x1_shape, letters, others, out)


def _gpair2(g: Any, x1: Any, x2_shape: tuple[int, ...], subscripts: str) -> Any:
    others, letters, out = _split(subscripts)
    return _gpair(g, x1, x2_shape, letters, others, out)


@linear(gx1=_gpair1, gx2=_gpair2, numpy=())
def einsum_pair(x1: Any, x2: Any, subscripts: str) -> Any:
    """The sum of products of two arrays, by letters: the part of `einsum` that has two operands.

    y = np.einsum(subscripts, x1, x2)
    gx1 = np.reshape([np.sum(g * np.einsum(subscripts, e, x2))
                      for e in np.eye(x1.size).reshape(x1.size, *x1.shape)], x1.shape)
    gx2 = np.reshape([np.sum(g * np.einsum(subscripts, x1, e))
                      for e in np.eye(x2.size).reshape(x2.size, *x2.shape)], x2.shape)

    `"ij,jk->ik"`: the gradient of the first is `"ik,jk->ij"` of `g` and the second. Where the letters describe a matrix
    product, or a stack of them, one is computed. `subscripts` are explicit, with neither ellipsis nor spaces, and no
    letter stands twice in one operand.
    """
    how = _as_matmul(subscripts, np.shape(x1), np.shape(x2))
    if how is None:
        return np.einsum(subscripts, x1, x2)
    (order1, shape1), (order2, shape2), shape, order = how
    y = x1.transpose(order1).reshape(shape1) @ x2.transpose(order2).reshape(shape2)
    return y.reshape(shape).transpose(order)


@lru_cache(1024)
def _as_matmul(subscripts: str, shape1: tuple[int, ...], shape2: tuple[int, ...]) -> Any:
    """The axes and shapes that make a contraction a stack of matrix products; None if it is not worth one."""
    s, t, out = _split(subscripts)
    size1, size2 = dict(zip(s, shape1, strict=False)), dict(zip(t, shape2, strict=False))
    stack = [c for c in s if c in t and c in out]
    summed = [c for c in s if c in t and c not in out]
    rows, columns = [c for c in s if c not in t], [c for c in t if c not in s]
    if not (summed and (rows or columns) and set(rows + columns) <= set(out)):
        return None
    if len(size1) < len(shape1) or len(size2) < len(shape2) or any(size1[c] != size2[c] for c in stack + summed):
        return None  # letters that stand twice, sizes of 1 that are spread out: NumPy's own loop
    size = size1 | size2
    b, n, k, m = ([size[c] for c in letters] for letters in (stack, rows, summed, columns))
    left = [s.index(c) for c in stack + rows + summed], (*b, prod(n), prod(k))
    right = [t.index(c) for c in stack + summed + columns], (*b, prod(k), prod(m))
    return left, right, (*b, *n, *m), [(stack + rows + columns).index(c) for c in out]


# -- any number --------------------------------------------------------------------------------------------------------


@composite(inputs=("operands",))
def einsum(subscripts: Any, *operands: Any, optimize: Any = False) -> Any:
    """Sum of products over named axes.

    y = np.einsum(subscripts, *operands)

    The whole of NumPy's grammar: an implicit result, `"ij,jk"`; an ellipsis with broadcasting, `"...i,...i->..."`; a
    letter twice in one operand for its diagonal, `"ii->i"`; letters that are only summed, `"ij->"`; axes of size 1 that
    broadcast; and lists instead of letters, `einsum(a, [0, 1], b, [1, 2], [0, 2])`.

    Args:
        subscripts: the letters.
        *operands: an array for each group of letters.
        optimize: the order in which more than two operands meet: False from left to right, or as for `np.einsum`.

    Raises:
        OptionError: subscripts that NumPy does not understand, or that do not fit the operands.
        ShapeError: a letter that stands for two sizes.

    >>> einsum("ij,jk->ik", np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
    array([[11.]])
    """
    if not isinstance(subscripts, str):
        subscripts, operands = _from_lists(subscripts, operands)
    arrays = [x if hasattr(x, "ndim") else np.asarray(x) for x in operands]
    terms, out = _parsed(subscripts, tuple([x.ndim for x in arrays]))
    for i, j, letters in _program(terms, out, _path(terms, out, arrays, optimize)):
        arrays.append(einsum_single(arrays[i], letters) if j < 0 else einsum_pair(arrays[i], arrays[j], letters))
    return arrays[-1]


@lru_cache(1024)
def _program(terms: tuple[str, ...], out: str, path: tuple[tuple[int, ...], ...]) -> list[tuple[int, int, str]]:
    """Steps `(i, j, letters)` that each append an array: the product of two earlier ones, or of one if j is -1."""
    steps: list[tuple[int, int, str]] = []
    letters, waiting = list(terms), [*range(len(terms))]

    def append(i: int, j: int, kept: str) -> int:
        steps.append((i, j, f"{letters[i]}{',' + letters[j] if j >= 0 else ''}->{kept}"))
        letters.append(kept)
        return len(letters) - 1

    def reduced(i: int, needed: str) -> int:
        kept = "".join(c for c in _distinct(letters[i]) if c in needed)
        return i if kept == letters[i] else append(i, -1, kept)

    for chosen in path:
        meeting = [waiting[k] for k in chosen]
        waiting = [i for i in waiting if i not in meeting]
        while len(meeting) > 1:
            i, j, *meeting = meeting
            later = "".join(letters[k] for k in meeting + waiting)
            i = reduced(i, letters[j] + later + out)
            j = reduced(j, letters[i] + later + out)
            kept = "".join(c for c in _distinct(letters[i] + letters[j]) if c in later + out) if later else out
            meeting.insert(0, append(i, j, kept))
        waiting += meeting
    if not steps or letters[-1] != out:
        append(len(letters) - 1, -1, out)
    return steps


def _path(terms: tuple[str, ...], out: str, arrays: list[Any], optimize: Any) -> tuple[tuple[int, ...], ...]:
    """Which operands meet in each step, from left to right; the result of a step goes to the end."""
    if len(arrays) < 3 or optimize is False or optimize is None:
        return (tuple(range(len(arrays))),)
    shapes = [np.broadcast_to(0.0, x.shape) for x in arrays]  # only their shapes matter, and no memory is used
    return tuple(np.einsum_path(f"{','.join(terms)}->{out}", *shapes, optimize=optimize)[0][1:])


def _from_lists(first: Any, rest: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """`a, [0, 1], b, [1, 2], [0, 2]` as letters and operands."""
    items = (first, *rest)
    letters = ["".join("..." if i is Ellipsis else _LETTERS[i] for i in axes) for axes in items[1::2]]
    result = "".join("..." if i is Ellipsis else _LETTERS[i] for i in items[-1]) if len(items) % 2 else None
    return ",".join(letters) + (f"->{result}" if result is not None else ""), items[: 2 * len(letters) : 2]


_LETTERS = ascii_uppercase + ascii_lowercase  # in the order of their codes, as an implicit result is sorted


@lru_cache(1024)
def _parsed(subscripts: str, ndims: tuple[int, ...]) -> tuple[tuple[str, ...], str]:
    """The letters of each operand and of the result, written out: no ellipsis, no spaces, an explicit result."""
    try:
        np.einsum(subscripts, *[np.zeros((1,) * n) for n in ndims])  # the grammar is NumPy's, so NumPy judges it
    except ValueError as error:
        raise OptionError(f"einsum({subscripts!r}) of operands with {list(ndims)} axes: {error}") from None
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    given = left.split(",")
    if not arrow:
        count = Counter(left)
        right = "..." * ("..." in left) + "".join(sorted(c for c in count if c not in ",." and count[c] == 1))
    spare = [n - len(t.replace("...", "")) for t, n in zip(given, ndims, strict=True)]
    free = [c for c in ascii_letters if c not in subscripts]
    if max(spare) > len(free):
        raise OptionError(f"einsum({subscripts!r}): the 52 letters do not suffice for all axes")
    dots = "".join(free[: max(spare)])
    terms = tuple(t.replace("...", dots[len(dots) - n :]) for t, n in zip(given, spare, strict=True))
    return terms, right.replace("...", dots)
