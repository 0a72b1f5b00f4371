"""Linear algebra, which takes stacks of matrices anyway: the hidden axes are the first of the stack."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ShapeError
from ..batch import Batch, union
from .alignment import batched, full, ndim_of, rule, run, sizes, thin

__all__: list[str] = []


@rule("inv", "pinv", "det", "cofactor", "slogdet", "cholesky", "qr", "eigh", "eigvalsh", "svd", "svdvals", "matrix_power",
      "expm")  # fmt: skip
def _of_matrices(op: Any, args: Any, options: Any) -> Any:
    (x,) = args
    if x.ndim < 2:
        raise np.linalg.LinAlgError(f"{op.name} takes a matrix, or a stack of them; got shape {x.shape}")
    return batched(run(op, x.array, **options), x.levels)


@rule("second_cofactor")
def _second_cofactor(op: Any, args: Any, options: Any) -> Any:
    levels = union(args)
    return Batch(run(op, *[full(x, levels, sizes(levels, args)) for x in args]), levels)


@rule("solve")
def _solve(op: Any, args: Any, options: Any) -> Any:
    """A vector on the right is a matrix with one column."""
    a, b = args
    if ndim_of(a) < 2 or not ndim_of(b):
        raise ShapeError(f"solve takes a matrix and a vector or matrix; got shapes {np.shape(a)} and {np.shape(b)}")
    if vector := ndim_of(b) == 1:
        b = b[:, None]
    levels, ndim = union((a, b)), max(ndim_of(a), ndim_of(b))
    y = run(op, thin(a, levels, ndim), thin(b, levels, ndim))
    return Batch(y[..., 0] if vector else y, levels)
