"""Linear algebra in random expressions, on matrices far from singular."""

from __future__ import annotations

from typing import Any

from ..building import Builder, Node
from ..conditions import CONDITIONS, definite, regular
from . import recipe


@recipe("inv", "det", "svdvals")
def _of_a_matrix(b: Builder, name: str) -> None:
    b.call(name, b.matrix(b.choose.integer(1, 3), "general", CONDITIONS[name], distinct=name == "svdvals"))


@recipe("solve")
def _solve(b: Builder, name: str) -> None:
    n = b.choose.integer(1, 3)
    a = b.matrix(n, "general", regular)
    b.call(name, a, b.exactly(b.choose.pick(((n,), (n, 2)))))


@recipe("matrix_power")
def _matrix_power(b: Builder, name: str) -> None:
    n = b.choose.integer(1, 3)
    b.call(name, b.exactly((n, n), ((-3.0, 3.0),)), n=b.choose.integer(2, 4))


@recipe("expm")
def _expm(b: Builder, name: str) -> None:
    n = b.choose.integer(1, 3)
    b.call(name, b.exactly((n, n), ((-1.5, 1.5),)))


@recipe("logdet", "cholesky", "eigvalsh")
def _symmetric(b: Builder, name: str) -> None:
    b.call(name, symmetric(b, "symmetric" if name == "eigvalsh" else "spd", distinct=name == "eigvalsh"))


def symmetric(b: Builder, kind: str, **options: Any) -> Node:
    """A symmetric matrix as the symmetric part of any: NumPy reads one triangle, the derivative is that of both."""
    n = b.choose.integer(1, 3)
    fits = CONDITIONS["eigvalsh"] if kind == "symmetric" else definite
    x = b.matrix(n, kind, lambda x: fits((x + x.mT) / 2), **options)
    return x if n == 1 else b.call("multiply", b.call("add", x, b.call("matrix_transpose", x)), 0.5)
