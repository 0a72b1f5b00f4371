"""The formulas in the docstrings, read back."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from ..core import Op

__all__ = ["documented"]


def documented(op: Op) -> Iterator[tuple[str, str]]:
    """The formula lines of an op's docstring as pairs: `("y", "log(x)")`, `("dy/dx", "1/x")`.

    A formula goes on in the next line while a bracket is open or after a comma.
    """
    text = ""
    for line in (inspect.getdoc(op.fn) or "").splitlines():
        text = f"{text} {line.strip()}" if text else line.strip()
        left, equals, right = text.partition(" = ")
        if not equals or not (left == "y" or (left.startswith(("dy/d", "g")) and left.replace("/", "").isidentifier())):
            text = ""
        elif text.count("(") + text.count("[") == text.count(")") + text.count("]") and not text.endswith(","):
            yield left, right
            text = ""
