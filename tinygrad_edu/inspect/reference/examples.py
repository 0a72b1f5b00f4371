"""A call of every op that is not elementwise, in two sizes: what its rule is run on to be read and to be checked."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter
from typing import Any

import numpy as np

from ...core import Op
from ...errors import OptionError
from ...ops.windows import Windows
from .formulas import NamedInteger

__all__ = ["SYMMETRIC", "example"]

Given = dict[str, Any]
SYMMETRIC = frozenset(("cholesky", "eigh", "eigvalsh"))  # functions of the symmetric part of a matrix
_COMPARE = frozenset(("window_pick", "window_put", "max_pool1d", "max_pool2d", "max", "min", "cummax", "cummin"))


def example(op: Op, n: int, rng: np.random.Generator) -> tuple[list[Any], Given]:
    """The inputs, arrays of floats, and a full set of options.

    Where nothing else is said an input is an `(n, n)` matrix with eigenvalues far from 0 and from each other; options
    have their defaults.

    Raises:
        OptionError: an option has no default, and none is known here: the op is the user's own.
    """

    def floats(*shape: int) -> Any:
        square = len(shape) == 2 and shape[0] == shape[1]
        return rng.normal(size=shape) * 0.3 + (np.diag(1.5 * np.arange(1, n + 1)) if square else 0)

    given = _CALLS[op.name](floats, n) if op.name in _CALLS else {}
    inputs = [given.get(name, floats(n, n)) for name in op.inputs]
    inputs = [x @ x.T for x in inputs] if op.name in SYMMETRIC else inputs
    inputs = [_apart(x, rng) for x in inputs] if op.name in _COMPARE else inputs
    options = {k: given.get(k, default) for k, default in op.options.items()}
    options = {k: NamedInteger(k, v) if type(v) is int else v for k, v in options.items()}
    if missing := [k for k, v in options.items() if v is Parameter.empty]:
        raise OptionError(f"{op.name} has no example of its option {missing[0]!r}, so its rule was not run")
    if op.variadic:
        inputs = [floats(n, n), floats(n, n)]
    return inputs, options


def _apart(x: Any, rng: np.random.Generator) -> Any:
    """Entries in random order of which no two are near each other."""
    return (rng.permutation(x.size) + 1.0).reshape(x.shape)


_INDEX = np.array([0, 2])
_CALLS: dict[str, Callable[[Callable[..., Any], int], Given]] = {
    "unfold": lambda f, n: dict(x=f(2, 2, n + 2, n + 1), kernel_size=2),
    "fold": lambda f, n: dict(x=f(2, 8, n * n), output_size=(n + 1, n + 1), kernel_size=2),
    "window_pick": lambda f, n: dict(a=f(2, 2 * n), x=f(2, 2 * n), windows=_pairs(n)),
    "window_put": lambda f, n: dict(z=f(2, n), x=f(2, 2 * n), windows=_pairs(n)),
    "window_sum": lambda f, n: dict(x=f(2, 2 * n), windows=_pairs(n)),
    "window_spread": lambda f, n: dict(z=f(2, n), windows=_pairs(n)),
    "max_pool1d": lambda f, n: dict(x=f(2, 2, 2 * n), kernel_size=n - 1, stride=n - 1),
    "max_pool2d": lambda f, n: dict(x=f(2, 2, 2 * n, 2 * n), kernel_size=n - 1, stride=n - 1),
    "avg_pool1d": lambda f, n: dict(x=f(2, 2, 2 * n), kernel_size=n - 1, stride=n - 1),
    "avg_pool2d": lambda f, n: dict(x=f(2, 2, 2 * n, 2 * n), kernel_size=n - 1, stride=n - 1),
    "bin_means": lambda f, n: dict(x=f(2, 2 * n, 2 * n), output_size=(2, 2)),
    "bin_spread": lambda f, n: dict(z=f(2, 2, 2), size=(2 * n, 2 * n)),
    "getitem": lambda f, n: dict(index=_INDEX),
    "add_at": lambda f, n: dict(x=f(2, n), index=_INDEX, shape=(n, n)),
    "where": lambda f, n: dict(condition=np.arange(n) > 1),
    "index_put": lambda f, n: dict(index=_INDEX, value=f(2, n)),
    "index_add": lambda f, n: dict(index=_INDEX, value=f(2, n)),
    "einsum_single": lambda f, n: dict(subscripts="ij->ji"),
    "spread_diagonal": lambda f, n: dict(x=f(n), subscripts="ii", shape=(n, n)),
    "einsum_pair": lambda f, n: dict(subscripts="ij,jk->ik"),
    "outer": lambda f, n: dict(a=f(n), b=f(n + 1)),
    "linear": lambda f, n: dict(input=f(2, n), weight=f(n + 1, n), bias=f(n + 1)),
    "softmax": lambda f, n: dict(axis=1),
    "log_softmax": lambda f, n: dict(axis=1),
    "entropy": lambda f, n: dict(axis=1),
    "cross_entropy": lambda f, n: dict(x=f(n, 4), target=np.arange(n) % 4),
    "nll_loss": lambda f, n: dict(x=f(n, 4), target=np.arange(n) % 4),
    "dropout": lambda f, n: dict(mask=np.arange(n) > 0),
    "embedding": lambda f, n: dict(indices=np.array([0, 2, 0]), weight=f(n, 2)),
    "embedding_sum": lambda f, n: dict(z=f(3, 2), indices=np.array([0, 2, 0]), num=n),
    "rotary": lambda f, n: dict(x=f(n, 4), angles=np.arange(2.0 * n).reshape(n, 2)),
    "glu": lambda f, n: dict(x=f(n, 4), axis=1),
    "lstm_update": lambda f, n: dict(gates=f(2, 4 * n), c=f(2, n)),
    "gru_update": lambda f, n: dict(of_x=f(2, 3 * n), of_h=f(2, 3 * n), h=f(2, n)),
    "conv1d": lambda f, n: dict(x=f(2, 2, n + 3), weight=f(3, 2, 2)),
    "conv2d": lambda f, n: dict(x=f(2, 2, n + 3, n + 3), weight=f(3, 2, 2, 2)),
    "conv_transpose1d": lambda f, n: dict(x=f(2, 2, n), weight=f(2, 3, 2)),
    "conv_transpose2d": lambda f, n: dict(x=f(2, 2, n, n), weight=f(2, 3, 2, 2)),
    "conv_weight": lambda f, n: dict(x=f(2, 2, n + 1, n + 1), z=f(2, 3, n, n), kernel_size=(2, 2)),
    "quadratic_cost": lambda f, n: dict(output=f(n, 2), target=f(n, 2)),
    "into_diagonal": lambda f, n: dict(x=f(n), shape=(n, n)),
    "diagflat": lambda f, n: dict(x=f(n)),
    "matrix_power": lambda f, n: dict(n=n),
    "expm": lambda f, n: dict(x=f(n, n + 1)[:, :n]),
    "zero_pad": lambda f, n: dict(pad_width=((1, 1), (0, 2))),
    "convolve": lambda f, n: dict(a=f(n + 2), v=f(3)),
    "cumsum": lambda f, n: dict(axis=1),
    "cumprod": lambda f, n: dict(axis=1),
    "logcumsumexp": lambda f, n: dict(axis=1),
    "linear_recurrence": lambda f, n: dict(axis=1),
    "cummax": lambda f, n: dict(axis=1),
    "cummin": lambda f, n: dict(axis=1),
    "sum": lambda f, n: dict(axis=1),
    "max": lambda f, n: dict(axis=1),
    "min": lambda f, n: dict(axis=1),
    "vector_norm": lambda f, n: dict(axis=1),
    "transpose": lambda f, n: dict(x=f(n, 2, 3), axes=(1, 2, 0) if n == 3 else (2, 0, 1)),
    "reshape": lambda f, n: dict(shape=(n * n,)),
    "swapaxes": lambda f, n: dict(axis1=0, axis2=1),
    "expand_dims": lambda f, n: dict(axis=0),
    "squeeze": lambda f, n: dict(x=f(n, 1)),
    "broadcast_to": lambda f, n: dict(x=f(n, 1), shape=(n, 2)) if n == 3 else dict(x=f(n), shape=(2, n)),
    "flip": lambda f, n: dict(axis=1),
    "roll": lambda f, n: dict(shift=n - 2, axis=1),
    "rot90": lambda f, n: dict(k=n - 2),
}


def _pairs(n: int) -> Any:
    return Windows.of((2 * n,), 2, 2)
