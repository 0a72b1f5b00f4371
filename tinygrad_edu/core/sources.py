"""The line of the user's source that each value came from, noted on request: looking at frames is slow."""

from __future__ import annotations

import linecache
import os
import sys
from types import FrameType
from typing import Any, NamedTuple

__all__ = ["Source", "caller", "shown", "source_of"]

_INNER = ("tinygrad_edu", "numpy")


class Source(NamedTuple):
    """A line of source.

    Attributes:
        file: the path, or the name that a notebook or prompt gives its cell.
        line: its number, from 1.
        function: the function that it stands in, `<module>` at the top.
    """

    file: str
    line: int
    function: str

    @property
    def text(self) -> str:
        """The line itself, without its indentation; empty if the file is gone."""
        return linecache.getline(self.file, self.line).strip()

    def __str__(self) -> str:
        return f"{shown(self.file)}:{self.line}, in {self.function}: {self.text}".removesuffix(": ")


def shown(file: str) -> str:
    """A file as people know it: the cell of a notebook, `In[3]`, a path from here on, or the whole path."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    cell = shell.compile.format_code_name(file) if shell else None
    if cell is not None:
        return str(cell[1])
    return os.path.relpath(file) if os.path.isabs(file) and file.startswith(os.getcwd() + os.sep) else file


def caller() -> Source | None:
    """The innermost line that is being run outside this package and NumPy."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _INNER:
        frame = frame.f_back
    return None if frame is None else Source(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)


def source_of(value: Any) -> Source | None:
    """The line whose call made this value; None for a leaf, and where `record_source` was not on."""
    v = value.vertex
    call = v.args[0] if v.op is not None and v.op.name == "pick" and v.args else v  # one of several results
    return getattr(call, "_source", None)
