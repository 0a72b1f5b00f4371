"""Sums of products. Where one side is the same in all examples, they stay one matrix product."""

from __future__ import annotations

from string import ascii_letters
from typing import Any

import numpy as np

from ...core.op import REGISTRY
from ...errors import ShapeError
from ..batch import Batch, union
from .alignment import ndim_of, rule, run, thin
from .loop import looped

__all__: list[str] = []


@rule("matmul")
def _matmul(op: Any, args: Any, options: Any) -> Any:
    """A vector is a row on the left, a column on the right."""
    a, b = map(_array, args)
    n, m = len(a.shape), len(b.shape)
    if not (n and m):
        raise ShapeError("a number is no matrix; write a * b")
    if type(b) is not Batch and m == 2:
        return Batch(_rows(op, a.array, b), a.levels)
    if type(a) is not Batch and n == 2 and m == 1:
        return Batch(_rows(op, b.array, a.swapaxes(0, 1)), b.levels)
    levels, ndim = union(args), max(n, m, 2)
    a = thin(a[None, :] if n == 1 else a, levels, ndim)
    b = thin(b[:, None] if m == 1 else b, levels, ndim)
    y = run(op, a, b)
    gone = ((-2,) if n == 1 else ()) + ((-1,) if m == 1 else ())
    return Batch(np.squeeze(y, gone) if gone else y, levels)


def _array(x: Any) -> Any:
    return x if hasattr(x, "shape") else np.asarray(x)


def _rows(op: Any, a: Any, b: Any) -> Any:
    """`a @ b` of many rows and one matrix, as one product of two matrices."""
    if a.ndim == 2:
        return run(op, a, b)
    shape = a.shape
    rows = int(np.prod(shape[:-1]))
    return run(op, a.reshape((rows, shape[-1])), b).reshape((*shape[:-1], b.shape[-1]))


@rule("linear")
def _linear(op: Any, args: Any, options: Any) -> Any:
    x, weight, bias = args
    if type(weight) is not Batch and type(bias) is not Batch and x.ndim:
        return Batch(run(op, x.array, weight, bias), x.levels)
    if ndim_of(weight) != 2 or not ndim_of(x) or (bias is not None and bias.shape != weight.shape[:1]):
        raise ShapeError(f"the weight has shape (outputs, inputs) and the bias (outputs,), got {np.shape(weight)} and "
                         f"{None if bias is None else np.shape(bias)}")  # fmt: skip
    y = REGISTRY["matmul"](x, weight.swapaxes(0, 1))
    return y if bias is None else y + bias


@rule("outer")
def _outer(op: Any, args: Any, options: Any) -> Any:
    a, b = args
    return np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1))


# -- by letters --------------------------------------------------------------------------------------------------------


def _letters(subscripts: str, levels: tuple[int, ...]) -> dict[int, str] | None:
    """A letter that is not in use for each level; None if there are not enough."""
    free = [c for c in ascii_letters if c not in subscripts]
    return dict(zip(levels, free, strict=False)) if len(free) >= len(levels) else None


def _of(x: Any, letters: dict[int, str]) -> str:
    return "".join([letters[k] for k in x.levels]) if type(x) is Batch else ""


@rule("einsum_single", "einsum_pair")
def _einsum(op: Any, args: Any, options: Any) -> Any:
    """A level is one more letter."""
    levels, subscripts = union(args), options["subscripts"]
    letters = _letters(subscripts, levels)
    if letters is None:
        return looped(op, args, options)
    terms, out = subscripts.split("->")
    terms = ",".join(_of(x, letters) + term for x, term in zip(args, terms.split(","), strict=True))
    xs = [x.array if type(x) is Batch else x for x in args]
    return Batch(run(op, *xs, subscripts=f"{terms}->{''.join(letters.values())}{out}"), levels)


@rule("spread_diagonal")
def _spread_diagonal(op: Any, args: Any, options: Any) -> Any:
    (x,), subscripts = args, options["subscripts"]
    letters = _letters(subscripts, x.levels)
    if letters is None:
        return looped(op, args, options)
    return Batch(run(op, x.array, subscripts=_of(x, letters) + subscripts, shape=(*x.hidden, *options["shape"])), x.levels)


# -- sequences ---------------------------------------------------------------------------------------------------------


@rule("convolve")
def _convolve(op: Any, args: Any, options: Any) -> Any:
    """Every window of the longer sequence, with zeros around it, times the shorter one turned round."""
    a, v = args if len(args[0]) >= len(args[1]) else args[::-1]
    m, mode = len(v), options["mode"]
    if not m or mode not in ("full", "same", "valid"):
        raise ValueError(f"two sequences that are not empty, and mode 'full', 'same' or 'valid'; got {len(a)}, {m}, {mode!r}")
    before, after = {"full": (m - 1, m - 1), "same": (m // 2, (m - 1) // 2), "valid": (0, 0)}[mode]
    windows = np.arange(len(a) + before + after - m + 1)[:, None] + np.arange(m)
    return REGISTRY["getitem"](REGISTRY["zero_pad"](a, ((before, after),)), windows) @ np.flip(v)
