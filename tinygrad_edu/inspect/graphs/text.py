"""Numbers, arrays, names and calls, in the few characters that a box in a picture has."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ...core import Value
from ...core.recording import Spec

__all__ = ["Known", "Said", "cut", "grad_text", "histogram", "not_finite", "number", "numbers", "op_rows", "plain",
           "shape_text", "thousands"]  # fmt: skip

LONGEST = 40  # characters in one cell of a box
ENTRIES = 4  # arrays up to this size are written out
JOINER = "\u200d"  # joins emoji to one; not printable by itself
SYMBOLS = {
    "add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "power": "**", "matmul": "@", "negative": "−",
    "pick": "",
}  # fmt: skip


class Known(Spec):
    """An array, or a number of another kind, of which some facts are left and not the entries.

    Attributes:
        least: of the finite entries, as are `most` and `mean`; all None if there is none.
        nan: how many entries are; so are `inf`.
        still: "dead", "saturated" or nothing.
        text: what to write for it, if not its range.
    """

    __slots__ = ("inf", "least", "mean", "most", "nan", "still", "text")

    def __init__(self, shape: tuple[int, ...], dtype: Any, *, least: Any = None, mean: Any = None, most: Any = None,
                 nan: int = 0, inf: int = 0, still: str = "", text: str = "") -> None:  # fmt: skip
        super().__init__(shape, dtype)
        self.least, self.mean, self.most = least, mean, most
        self.nan, self.inf, self.still, self.text = nan, inf, still, text

    @property
    def size(self) -> int:
        """How many entries it had."""
        return math.prod(self.shape)


class Said(dict[str, Any]):
    """The options of a call as they were written, `axis=0, keepdims=True`, of which only the index of a result is known."""

    def __init__(self, text: str) -> None:
        name, _, index = text.partition("=")
        super().__init__({"index": int(index)} if name == "index" and index.isdigit() else {})
        self.text = text


def plain(text: str) -> str:
    r"""`text` on one line: characters that cannot be seen are written as Python would, a newline as `\n`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == JOINER else c.encode("unicode_escape").decode() for c in text)


def cut(text: str, longest: int = LONGEST) -> str:
    """`text` without its middle, if it is too long for a box."""
    text = plain(text)
    half = (longest - 1) // 2
    return text if len(text) <= longest else f"{text[:half]}…{text[-half:]}"


def thousands(n: int) -> str:
    """12544 as 12,544."""
    return f"{n:,}"


def number(x: Any, precision: int) -> str:
    """One number, to `precision` significant digits."""
    if isinstance(x, float | int | np.floating | np.integer):
        return f"{float(x):.{precision}g}"
    return cut(str(x), 24)


def numbers(data: Any, precision: int) -> str:
    """A number, the few entries of a small array, or the least, mean and greatest entry of a large one."""
    if 0 in getattr(data, "shape", ()) and data.shape != (0,):
        return "empty"
    if isinstance(data, Spec):
        return _recalled(data, precision) if isinstance(data, Known) else "not kept"
    data = np.asarray(data)
    if data.ndim == 0:
        return number(data[()], precision)
    if data.size <= ENTRIES and data.ndim == 1:
        return f"[{', '.join(number(x, precision) for x in data)}]"
    return _statistics(data, precision)


def _recalled(data: Known, precision: int) -> str:
    return data.text or _range(data.least, data.mean, data.most, precision)


def _statistics(data: Any, precision: int) -> str:
    if data.dtype != object:
        data = data[np.isfinite(data)].astype(np.float64)  # a float16 sum overflows early
    if not data.size:
        return _range(None, None, None, precision)
    with np.errstate(over="ignore"):
        return _range(data.min(), data.mean(), data.max(), precision)


def _range(least: Any, mean: Any, most: Any, precision: int) -> str:
    if least is None:
        return "no finite number"
    least, mean, most = (number(x, max(2, precision - 1)) for x in (least, mean, most))
    return f"all {least}" if least == most else f"{least} … {most}, mean {mean}"


def grad_text(grad: Any, precision: int) -> str:
    """A gradient, which may be a Value with a graph of its own, or None where none arrived."""
    return "None" if grad is None else numbers(grad.data if type(grad) is Value else grad, precision)


def not_finite(data: Any) -> str:
    """`NOT FINITE: 3 nan, 1 inf of 20`, or nothing if all is well."""
    if isinstance(data, np.floating | float):  # most nodes; isfinite of NumPy costs ten times as much
        return "" if math.isfinite(data) else f"NOT FINITE: {data}"
    if isinstance(data, Known):
        return _counts(data.nan, data.inf, data.size)
    if data is None or isinstance(data, Spec | tuple) or data.dtype == object:
        return ""
    bad = data.size - int(np.isfinite(data).sum())
    nan = int(np.isnan(data).sum()) if bad else 0
    return _counts(nan, bad - nan, data.size)


def _counts(nan: int, inf: int, size: int) -> str:
    counts = ", ".join(f"{thousands(n)} {word}" for n, word in ((nan, "nan"), (inf, "inf")) if n)
    return counts and f"NOT FINITE: {counts} of {thousands(size)}"


def shape_text(data: Any) -> str:
    """`(2, 3)`, and the dtype where it is not float64."""
    dtype = "" if data.dtype == np.float64 else f" {data.dtype}"
    return f"{tuple(data.shape)}{dtype}"


def histogram(names: Iterable[str], most: int = 3) -> str:
    """`multiply ×784, add ×784, tanh ×1`."""
    counts = Counter(names).most_common()
    text = [f"{cut(name, 16)} ×{thousands(n)}" for name, n in counts[:most]]
    left = sum(n for _, n in counts[most:])
    return ", ".join([*text, f"{thousands(left)} others"] if left else text)


def op_rows(v: Value) -> list[str]:
    """The name of an op, or its sign, and the options that are not as they are by default."""
    op: Any = v.op
    symbol = SYMBOLS.get(op.name, "")
    if isinstance(v.kwargs, Said):
        return [symbol or cut(op.name, 24), *re.split(r", (?=\w+=)", v.kwargs.text)]
    default = getattr(op, "options", {})
    said = [(k, x) for k, x in (v.kwargs or {}).items() if not _same(x, default.get(k))]
    return [symbol or cut(op.name, 24), *(cut(f"{k}={_option(x)}", 24) for k, x in said[:3])]


def _same(x: Any, y: Any) -> bool:
    return x is y or (type(x) is type(y) and not isinstance(x, np.ndarray) and _option(x) == _option(y))


def _option(x: Any) -> str:
    if isinstance(x, np.ndarray):
        return f"{x.dtype}{list(x.shape)}"
    return str(x) if isinstance(x, int | float | str | bool | None) else _long(x)


def _long(x: Any) -> str:
    """An option of any type; a huge tuple or an object is not written out."""
    if isinstance(x, Sequence) and len(x) > 8:
        return f"{type(x).__name__} of {thousands(len(x))}"
    if isinstance(x, slice) or (isinstance(x, tuple) and any(isinstance(e, slice) for e in x)):
        return f"[{', '.join(map(_place, x if isinstance(x, tuple) else (x,)))}]"
    return repr(x) if isinstance(x, Sequence | np.generic | np.dtype) else type(x).__name__


def _place(x: Any) -> str:
    """A part of an index as it is written: `1:3`, `::2`, `...`, `None`, `0`."""
    if isinstance(x, slice):
        start, stop, step = ("" if end is None else str(end) for end in (x.start, x.stop, x.step))
        return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"
    return "..." if x is ... else _option(x)
