"""What a box says about its values below the title, and what is wrong with them: by a word, a shape and a colour.

    NOT FINITE   an octagon      a NaN or an infinity, in the data or the gradient
    DEAD         corners cut     a relu that gives nothing but zeros
    SATURATED    a hexagon       a squashing function, most of whose slopes are below one percent of the steepest

So each is told apart in black and white, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

from ...core import Value
from ..graphs.data import FLAGS
from ..graphs.snapshot import DEAD, SLOPES, _still
from ..graphs.text import Known, grad_text, not_finite, numbers, thousands

__all__ = ["Look", "Plain", "array", "still"]

_NAMES = {1 << FLAGS.index(name): name for name in ("dead", "saturated")}
_SAID = {"dead": "DEAD: only zeros", "saturated": "SATURATED: slope < 1 %"}


class Look(Protocol):
    """Says what stands in boxes and at arrows; a mark is a key of `dot.MARKS`, or empty."""

    def value(self, v: Value, shown: Value) -> tuple[list[str], str]:
        """Rows for a value, whose data is that of `shown`, and its mark."""

    def several(self, values: Sequence[Value]) -> tuple[list[str], str]:
        """Rows for a box that stands for several, and its mark."""

    def arrow(self, a: Value, v: Value) -> str:
        """The mark of an arrow from an argument to a call."""


class Plain:
    """Data and gradient as they are."""

    def __init__(self, show: Sequence[str], precision: int) -> None:
        self.show, self.precision = show, precision

    def value(self, v: Value, shown: Value) -> tuple[list[str], str]:
        """See `Look`."""
        rows = ["data " + numbers(shown._data, self.precision)] if "data" in self.show else []
        rows += ["grad " + grad_text(v._grad, self.precision)] if "grad" in self.show else []
        both = (("data", shown._data), ("grad", array(v._grad)))
        bad = [f"{word} {text}" for word, x in both if (text := not_finite(x))]
        if bad:
            return rows + bad, "bad"
        mark = still(v)
        return rows + ([_SAID[mark]] if mark else []), mark

    def several(self, values: Sequence[Value]) -> tuple[list[str], str]:
        """See `Look`. How many are dead is said always, and marked where it is more than half of those that can be."""
        bad = sum(bool(not_finite(v._data) or not_finite(array(v._grad))) for v in values)
        if bad:
            return [f"NOT FINITE: {thousands(bad)} values"], "bad"
        found = Counter(mark for v in values if (mark := still(v)))
        rows, marks = [], []
        for mark, names in (("dead", DEAD), ("saturated", SLOPES)):
            of = sum(v.op is not None and v.op.name in names for v in values)
            if found[mark]:
                rows.append(f"{mark.upper()}: {thousands(found[mark])} of {thousands(of)}")
                marks += [mark] * (2 * found[mark] > of)
        return rows, marks[0] if marks else ""

    def arrow(self, a: Value, v: Value) -> str:
        """See `Look`."""
        return ""


def still(v: Value) -> str:
    """`dead` or `saturated` for a unit that passes nothing on, or hardly anything; else nothing."""
    if v.op is None or isinstance(v._data, tuple):
        return ""
    if isinstance(v._data, Known):
        return v._data.still
    return _NAMES.get(_still(v), "")


def array(grad: Any) -> Any:
    """A gradient without a graph of its own."""
    return grad.data if type(grad) is Value else grad
