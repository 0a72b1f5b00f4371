r"""Functions of a matrix as a whole: powers and the exponential.

Their derivative comes from one fact. For any such function f, and matrices A and E of one size,

    f( A  E )  =  ( f(A)  D )        where D is the derivative of f at A in the direction E
     ( 0  A )     (  0  f(A))

(R. Mathias, A chain rule for matrix functions, SIAM J. Matrix Anal. Appl. 17 (1996)). The pullback is the same with A
transposed and the cotangent for E. The rule calls the function itself, so every further derivative comes with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.op import primitive

__all__ = ["expm", "matrix_power"]


def _pulled(f: Callable[..., Any], g: Any, x: Any) -> Any:
    n = x.shape[-1]
    above = np.concatenate([x.mT, g], axis=-1)
    below = np.concatenate([np.zeros_like(g), x.mT], axis=-1)
    return f(np.concatenate([above, below], axis=-2))[..., :n, n:]


@primitive(gx=lambda g, x, n: _pulled(lambda block: np.linalg.matrix_power(block, n), g, x),
           numpy=(np.linalg.matrix_power,))  # fmt: skip
def matrix_power(x: Any, n: int) -> Any:
    """A matrix multiplied with itself: x @ x @ ... @ x.

    y = np.linalg.matrix_power(x, n)
    gx = sum([np.linalg.matrix_power(x.mT, k) @ g @ np.linalg.matrix_power(x.mT, n - 1 - k) for k in range(n)] +
         [-np.linalg.matrix_power(x.mT, -k) @ g @ np.linalg.matrix_power(x.mT, n - 1 + k) for k in range(1, 1 - n)],
         np.zeros(x.shape))

    Args:
        x: shape `(..., n, n)`.
        n: a whole number; 0 gives the identity, a negative one powers of the inverse.

    Raises:
        LinAlgError: a singular matrix to a negative power.
    """
    y = np.linalg.matrix_power(x, n)
    return y.copy() if y is x else y


def _gexpm(g: Any, x: Any) -> Any:
    return _pulled(expm, g, x)


@primitive(gx=_gexpm, numpy=())
def expm(x: Any) -> Any:
    """The matrix exponential: I + x + x @ x / 2! + x @ x @ x / 3! + ...

    y = (lambda terms: sum(terms[1:], terms[0]))([np.linalg.matrix_power(x, k) / np.prod(np.arange(1.0, k + 1))
        for k in range(40)])
    gx = (lambda P: sum(np.stack([P[j] @ g @ P[k] * (1 / np.prod(np.arange(1.0, j + k + 2)))
         for j in range(30) for k in range(30)])))([np.linalg.matrix_power(x.mT, k) for k in range(30)])

    By scaling and squaring: x is halved until it is small, the exponential of that is a ratio of two polynomials of
    degree 13, and is squared as often. N. Higham, The scaling and squaring method for the matrix exponential revisited,
    SIAM J. Matrix Anal. Appl. 26 (2005), algorithm 2.3. Of a stack `(..., n, n)` each matrix is scaled by itself.
    """
    x = np.asarray(x)
    norm = np.abs(x).sum(axis=-2).max(axis=-1, initial=0)
    norm = np.where(np.isfinite(norm), norm, 0)
    halvings = np.maximum(np.ceil(np.log2(np.maximum(norm / _THETA, 1))), 0).astype(int)[..., None, None]
    y = _pade(x / np.ldexp(np.ones_like(x, shape=()), halvings).astype(x.dtype))
    for k in range(halvings.max(initial=0)):
        y = np.where(k < halvings, y @ y, y)
    return y


_THETA = 5.371920351148152  # up to this 1-norm the ratio below is right to the last digit of float64
_PADE = (64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
         670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1)  # fmt: skip


def _pade(a: Any) -> Any:
    """exp(a) as p(a) / p(-a): `odd` and `even` are the two halves of p."""
    b = [c / _PADE[0] for c in _PADE]
    one = np.eye(a.shape[-1], dtype=a.dtype)
    a2 = a @ a
    a4 = a2 @ a2
    a6 = a4 @ a2
    odd = a @ (a6 @ (b[13] * a6 + b[11] * a4 + b[9] * a2) + b[7] * a6 + b[5] * a4 + b[3] * a2 + b[1] * one)
    even = a6 @ (b[12] * a6 + b[10] * a4 + b[8] * a2) + b[6] * a6 + b[4] * a4 + b[2] * a2 + b[0] * one
    return np.linalg.solve(even - odd, even + odd)
