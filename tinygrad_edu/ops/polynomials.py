"""Polynomials and sequences: powers, evaluation, convolution."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.op import composite, linear

__all__ = ["convolve", "correlate", "polyval", "vander"]


def _gconvolve(g: Any, other: Any, shape: tuple[int, ...], mode: str) -> Any:
    """The gradient of one sequence: `g`, filled up to the full convolution, slides along the other one."""
    n, m = shape[0], other.shape[0]
    before = {"full": 0, "same": (min(n, m) - 1) // 2, "valid": min(n, m) - 1}[mode]
    after = n + m - 1 - before - g.shape[0]
    g = np.concatenate([np.zeros(before), g, np.zeros(after)]) if before or after else g
    return np.convolve(g, other[::-1])[m - 1 : m - 1 + n]


@linear(
    ga=lambda g, v, a_shape, mode: _gconvolve(g, v, a_shape, mode),
    gv=lambda g, a, v_shape, mode: _gconvolve(g, a, v_shape, mode),
)
def convolve(a: Any, v: Any, mode: Any = "full") -> Any:
    """Two sequences multiplied like polynomials: one is turned round and slides over the other.

    y = np.convolve(a, v, mode)
    ga = np.array([np.sum(g * np.convolve(e, v, mode)) for e in np.eye(a.size)])
    gv = np.array([np.sum(g * np.convolve(a, e, mode)) for e in np.eye(v.size)])

    Args:
        a: shape `(n,)`.
        v: shape `(m,)`.
        mode: "full" gives `n + m - 1` numbers, "same" the middle `max(n, m)` of them, "valid" the `max - min + 1` where
            one sequence lies inside the other.
    """
    return np.convolve(a, v, mode)


@composite(inputs=("a", "v"))
def correlate(a: Any, v: Any, mode: Any = "valid") -> Any:
    """Two sequences compared: one slides over the other, not turned round.

    y = np.correlate(a, v, mode)

    Shapes and modes are those of `convolve`.
    """
    a, v = (x if hasattr(x, "ndim") else np.asarray(x) for x in (a, v))
    if len(a) < len(v):  # the shorter one slides; as in NumPy, the result is then turned round
        return np.convolve(v, a[::-1], mode)[::-1]
    return np.convolve(a, v[::-1], mode)


@composite(inputs=("p", "x"))
def polyval(p: Any, x: Any) -> Any:
    """The polynomial with coefficients `p`, highest power first, at `x`.

    y = np.polyval(p, x)

    By Horner's rule: p[0], times x plus p[1], times x plus p[2], ...
    """
    y = np.zeros_like(x)
    for coefficient in p:
        y = y * x + coefficient
    return y


@composite(inputs=("x",))
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Vandermonde's matrix: row i holds the powers of `x[i]`, from the highest to 1, or the other way if `increasing`.

    y = np.vander(x, N, increasing)

    The shape is `(n, N)`; `N` is the length of `x` unless said. The dtype is that of `x`, also for float32.
    """
    x = x if hasattr(x, "ndim") else np.asarray(x)
    columns = [np.ones_like(x)]
    for _ in range((x.shape[0] if N is None else N) - 1):
        columns.append(columns[-1] * x)  # each power from the one before
    return np.stack(columns[:N] if increasing else columns[:N][::-1], axis=1)
