"""Matrices in factors: Cholesky, QR, eigenvalues, singular values; of one matrix `(m, n)` or a stack `(..., m, n)`.

The signs of eigenvectors and singular vectors, and of a row of R with its column of Q, are not determined. Derivatives
are right for losses that do not depend on them.

The formulas: M. Giles, An extended collection of matrix derivative results (2008); I. Murray, arXiv:1602.07527
(Cholesky); M. Seeger et al., arXiv:1710.08717 (QR, eigenvectors, singular vectors); J. Townsend, Differentiating the
singular value decomposition (2016).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.op import NUMPY, primitive
from ..errors import NotDifferentiable, OptionError
from .norms import vector_norm

__all__ = ["cholesky", "eigh", "eigvalsh", "qr", "svd", "svdvals"]


def _symmetric(m: Any) -> Any:
    return (m + m.mT) / 2


def _row(v: Any) -> Any:
    """Vectors as rows: multiplying by it scales the columns of a matrix."""
    return np.expand_dims(v, -2)


def _column(v: Any) -> Any:
    return np.expand_dims(v, -1)


def _lower(m: Any, diagonal: float) -> Any:
    """The lower triangle, with the diagonal times a number."""
    n = m.shape[-1]
    return m * (np.tri(n, k=-1) + diagonal * np.eye(n))


def _one_over_differences(v: Any, scale: Any) -> Any:
    """1 / (v[j] - v[i]) at [i, j]; 0 where the two are equal up to the rounding of numbers of size `scale`."""
    d = _row(v) - _column(v)
    equal = np.abs(d) <= v.shape[-1] * np.finfo(v.dtype).eps * _column(scale)
    return np.where(equal, 0, 1 / np.where(equal, 1, d))


def _length(v: Any) -> Any:
    return vector_norm(v, -1, True)


# -- Cholesky ----------------------------------------------------------------------------------------------------------


def _gcholesky(g: Any, y: Any, upper: bool) -> Any:
    lower, g = (y.mT, g.mT) if upper else (y, g)
    inner = _lower(lower.mT @ g, 0.5)
    return _symmetric(np.linalg.solve(lower.mT, np.linalg.solve(lower.mT, inner.mT).mT))


@primitive(gx=_gcholesky, numpy=(np.linalg.cholesky,))
def cholesky(x: Any, upper: bool = False) -> Any:
    """The lower triangular L, with a positive diagonal, for which L @ L.mT is the symmetric, positive definite `x`.

    y = np.linalg.cholesky(x, upper=upper)
    gx = (lambda L, g: (lambda p: (p + p.mT) / 2)(np.linalg.inv(L).mT @
          ((L.mT @ g) * (np.tri(L.shape[-1]) - np.eye(L.shape[-1]) / 2)) @ np.linalg.inv(L)))(
          *(y.mT, g.mT) if upper else (y, g))

    Only the lower triangle of `x` is read, or the upper one if `upper`, which also gives the upper factor, L.mT. The
    gradient is symmetric: it is that of the symmetric part.

    Raises:
        LinAlgError: a matrix that is not positive definite.
    """
    return np.linalg.cholesky(x, upper=upper)


# -- QR ----------------------------------------------------------------------------------------------------------------


def _gqr(g: Any, x: Any, y: Any, mode: str) -> Any:
    rows, columns = x.shape[-2:]
    square = x[..., :rows]
    if mode == "r":
        q, r, gr = np.linalg.solve(y[..., :rows].mT, square.mT).mT if rows >= columns else np.linalg.qr(x)[0], y, g
        gq = np.zeros_like(q)
    else:
        (q, r), (gq, gr) = y, g
    if rows >= columns:
        return _gthin_qr(gq, gr, q, r)
    rest = x[..., rows:]  # R's right part is Q.mT @ rest
    return np.concatenate([_gthin_qr(gq + rest @ gr[..., rows:].mT, gr[..., :rows], q, r[..., :rows]),
                           q @ gr[..., rows:]], axis=-1)  # fmt: skip


def _gthin_qr(gq: Any, gr: Any, q: Any, r: Any) -> Any:
    m = r @ gr.mT - gq.mT @ q
    m = _lower(m, 1) + _lower(m, 0).mT  # the lower triangle, also above the diagonal
    return np.linalg.solve(r, (gq + q @ m).mT).mT


@primitive(gx=_gqr, numpy=(np.linalg.qr,))
def qr(x: Any, mode: Any = "reduced") -> Any:
    """Orthonormal columns Q and an upper triangular R with Q @ R = x.

    y = np.linalg.qr(x, mode)
    gx = (lambda q, r, gq, gr, k: (lambda m: np.concatenate([
          (gq + x[..., k:] @ gr[..., k:].mT + q @ (np.tril(m) + np.tril(m, -1).mT)) @ np.linalg.inv(r[..., :k]).mT,
          q @ gr[..., k:]], -1))(r[..., :k] @ gr[..., :k].mT - (gq + x[..., k:] @ gr[..., k:].mT).mT @ q))(
          *(np.linalg.qr(x) if mode == "r" else y), *((0 * np.linalg.qr(x)[0], g) if mode == "r" else g),
          min(x.shape[-2:]))

    Args:
        x: shape `(..., m, n)`, with independent columns, or if m < n the first m of them.
        mode: "reduced" gives Q `(..., m, k)` and R `(..., k, n)` with k the smaller of m and n; "r" gives only R.

    Raises:
        OptionError: modes "complete" and "raw", which have no derivative: columns that complete Q can be any.
    """
    if mode not in ("reduced", "r"):
        raise OptionError(f"qr: mode {mode!r} has no derivative; write mode='reduced' or mode='r'")
    return np.linalg.qr(x, mode)


# -- eigenvalues -------------------------------------------------------------------------------------------------------


def _geigh(g: Any, y: Any) -> Any:
    (gw, gv), (w, v) = g, y
    turned = _one_over_differences(w, _length(w)) * (v.mT @ gv)
    return _symmetric((v * _row(gw) + v @ turned) @ v.mT)


@primitive(gx=_geigh, numpy=(np.linalg.eigh,))
def eigh(x: Any, UPLO: Any = "L") -> Any:
    """Eigenvalues w, ascending, and eigenvectors V, as columns, of a symmetric matrix: x = V @ diag(w) @ V.mT.

    y = np.linalg.eigh(x, UPLO)
    gx = (lambda p: (p + p.mT) / 2)(y[1] @ ((y[1].mT @ g[1]) / (y[0][..., None, :] - y[0][..., None] + np.diag(
          np.full(y[0].shape[-1], np.inf))) + np.eye(y[0].shape[-1]) * g[0][..., None, :]) @ y[1].mT)

    `UPLO` says which triangle is read, "L" or "U". The gradient is symmetric: it is that of the symmetric part. A loss
    must not depend on the signs of eigenvectors. Between equal eigenvalues (up to rounding) the eigenvectors are not
    determined and their part of the gradient is taken as 0. The gradient of a loss of eigenvalues alone is right there
    too; its own derivative needs distinct eigenvalues.
    """
    return np.linalg.eigh(x, UPLO)


def _geigvalsh(g: Any, x: Any, UPLO: Any) -> Any:
    v = np.linalg.eigh(x, UPLO)[1]
    return (v * _row(g)) @ v.mT


@primitive(gx=_geigvalsh, numpy=(np.linalg.eigvalsh,))
def eigvalsh(x: Any, UPLO: Any = "L") -> Any:
    """Eigenvalues of a symmetric matrix, ascending.

    y = np.linalg.eigvalsh(x, UPLO)
    gx = np.einsum("...ij,...j,...kj->...ik", np.linalg.eigh(x, UPLO)[1], g, np.linalg.eigh(x, UPLO)[1])

    `UPLO` and the symmetric gradient are as for `eigh`.
    """
    return np.linalg.eigvalsh(x, UPLO)


def _complex(name: str, cure: str) -> Any:
    def refuse(*_: Any, **__: Any) -> Any:
        raise NotDifferentiable(
            f"np.linalg.{name}: the eigenvalues of a matrix that is not symmetric are complex, and there are no "
            f"complex Values. For a symmetric matrix write np.linalg.{cure}"
        )

    return refuse


NUMPY[np.linalg.eig] = _complex("eig", "eigh")
NUMPY[np.linalg.eigvals] = _complex("eigvals", "eigvalsh")


# -- singular values ---------------------------------------------------------------------------------------------------


def _gsvd(g: Any, x: Any, y: Any, compute_uv: bool) -> Any:
    if not compute_uv:
        return _gsvdvals(g, x)
    (gu, gs, gvh), (u, s, vh) = g, y
    size = _length(s)
    e = _one_over_differences(s, size) / _where_positive(_row(s) + _column(s))
    left, right = u.mT @ gu, vh @ gvh.mT
    inner = e * (left - left.mT) * _row(s) + _column(s) * (e * (right - right.mT))
    gx = (u * _row(gs) + u @ inner) @ vh
    if u.shape[-2] > s.shape[-1]:  # what leaves the space of the columns
        out = gu / _row(_where_positive(s))
        gx = gx + (out - u @ (u.mT @ out)) @ vh
    if vh.shape[-1] > s.shape[-1]:
        out = gvh / _column(_where_positive(s))
        gx = gx + u @ (out - (out @ vh.mT) @ vh)
    return gx


def _where_positive(s: Any) -> Any:
    """`s`, with inf in place of 0: dividing by it gives 0."""
    return np.where(s > 0, s, np.inf)


def _gsvdvals(g: Any, x: Any) -> Any:
    u, _, vh = np.linalg.svd(x, full_matrices=False)
    return (u * _row(g)) @ vh


@primitive(gx=_gsvd, numpy=(np.linalg.svd,))
def svd(x: Any, full_matrices: bool = True, compute_uv: Any = True, hermitian: bool = False) -> Any:
    """Singular values S, descending, with orthonormal U and Vh: x = U @ diag(S) @ Vh.

    y = np.linalg.svd(x, full_matrices, compute_uv)
    gx = (np.einsum("...ik,...k,...kj->...ij", *(lambda u, s, vh: (u, g, vh))(*np.linalg.svd(x, False)))
          if not compute_uv else (lambda u, s, vh, gu, gs, gvh, k: (lambda E, P, Q: (
          u @ (E * (P - P.mT) * s[..., None, :] + s[..., None] * E * (Q - Q.mT) + np.eye(k) * gs[..., None, :]) @ vh
          + (np.eye(u.shape[-2]) - u @ u.mT) @ (gu / s[..., None, :]) @ vh
          + u @ (gvh / s[..., None]) @ (np.eye(vh.shape[-1]) - vh.mT @ vh)))(
          1 / (s[..., None, :] ** 2 - s[..., None] ** 2 + np.diag(np.full(k, np.inf))), u.mT @ gu, vh @ gvh.mT))(
          *y, *g, min(x.shape[-2:])))

    Args:
        x: shape `(..., m, n)`; k is the smaller of m and n.
        full_matrices: has to be False unless m = n: further columns of U or rows of Vh can be any.
        compute_uv: False gives S alone, as `svdvals` does.
        hermitian: has to be False; `eigh` is for symmetric matrices.

    A loss must not depend on the signs of singular vectors. Between equal singular values (up to rounding), and for
    singular values of 0, the vectors are not determined and their part of the gradient is taken as 0. The gradient of a
    loss of singular values alone is right there too; its own derivative needs distinct ones.

    The result is U `(..., m, k)`, S `(..., k)`, Vh `(..., k, n)`.

    Raises:
        OptionError: options without a derivative.
    """
    rows, columns = x.shape[-2:]
    if hermitian:
        raise OptionError("svd: hermitian=True has no derivative here; write np.linalg.eigh(x)")
    if compute_uv and full_matrices and rows != columns:
        raise OptionError(f"svd: the {abs(rows - columns)} further vectors that full_matrices=True adds for shape "
                          f"{(rows, columns)} have no derivative; write svd(x, full_matrices=False)")  # fmt: skip
    return np.linalg.svd(x, False, compute_uv)


@primitive(gx=_gsvdvals, numpy=(np.linalg.svdvals,))
def svdvals(x: Any) -> Any:
    """Singular values, descending.

    y = np.linalg.svd(x, compute_uv=False)
    gx = np.einsum("...ik,...k,...kj->...ij", *(lambda u, s, vh: (u, g, vh))(*np.linalg.svd(x, False)))

    Of shape `(..., m, n)` it gives `(..., k)`, k the smaller of m and n.
    """
    return np.linalg.svd(x, compute_uv=False)
