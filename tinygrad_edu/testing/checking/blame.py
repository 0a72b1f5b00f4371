"""What is at fault when a derivative is wrong: each op of the graph is checked on its own, at the arguments that it had.

The first op, oldest first, whose derivative is wrong at the very arrays it was called with is the guilty one. If every op
is right and the whole is wrong, then the graph is not what was computed: a number left it (`x.data`, `float(x)`,
`detach`), or the ops stand at kinks, where the chain rule promises nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core import REGISTRY, Graph, Op, Value, record_source
from ...core.backward import between
from ...core.calls import PICK
from ...core.sources import shown, source_of
from ...transforms.trees import flatten
from ..report import KINK, WRONG, Blame, Finding
from .adapters import Function
from .engines import Own
from .examine import Scope
from .stages import examined
from .subject import Subject, elements

__all__ = ["at_fault"]

MOST = 2000  # ops that are checked; a larger graph has most of them many times


def at_fault(subject: Subject, x: Any, wrong: Sequence[Finding], scope: Scope, order: int) -> Blame | None:
    """Who is to blame for what is wrong at x; None if nobody can be named."""
    inputs, outputs = _recorded(subject, x)
    if inputs is None:
        return None
    nodes = [v for v in between([y.vertex for y in outputs if isinstance(y, Value)], inputs) if v.op not in (None, PICK)]
    deep = order if all(" over " in f.derivative for f in wrong) else 1
    at_kinks, steep = [], []
    for v in nodes[:MOST]:
        found = _on_its_own(v, scope, deep)
        if guilty := [f for f in found if f.verdict == WRONG]:
            return _guilty(v, min(guilty, key=lambda f: ("direction" in f.by, -f.off)))
        if any(f.verdict == KINK for f in found):
            at_kinks.append(v)
        if any(f.kind == "infinite" for f in found):
            steep.append(v)
    return _escaped(subject, x, inputs, outputs) or _unbounded(steep) or _chained(at_kinks)


def _recorded(subject: Subject, x: Any) -> tuple[Any, list[Any]]:
    """The inputs as Values, and the results of f with the lines that made them."""
    inputs = [Value(a) for a in subject.function.split(x)]
    try:
        with record_source(), np.errstate(all="ignore"):
            return inputs, subject.call(inputs)
    except Exception:  # f raised in the check too, and its findings say so
        return None, []


# -- one op ------------------------------------------------------------------------------------------------------------


def _on_its_own(v: Value, scope: Scope, order: int) -> list[Finding]:
    """The findings on the op that made a value, as a function of the arguments that it was called with."""
    op: Any = v.op
    if REGISTRY.get(op.name) is not op and op.again is None:  # a vertex of one call, which cannot be called again
        return []
    places = [k for k, a in enumerate(v.args) if type(a) is Value]
    arrays = [np.asarray((v._saved or v.args)[k]) for k in places]
    function = Function(Own(), _Call(op, v, places), [a.shape for a in arrays], [a.dtype for a in arrays])
    names = [n for k, a in zip(places, arrays, strict=True) for n in elements(a.shape, _argument(op, k))]
    x = np.concatenate([a.astype(float).ravel() for a in arrays])
    few = scope._replace(limit=min(scope.limit, 16), place="at its arguments", depth=0)
    try:
        return examined(function, x, names, lambda i: f"result {i}", few, order)
    except Exception:  # an op that cannot be run again by itself, as with a generator that has moved on, convicts nobody
        return []


class _Call:
    """The call of an op with other arrays in the places of its Values."""

    def __init__(self, op: Op, v: Value, places: list[int]) -> None:
        self.op, self.v, self.places = op, v, places

    def __call__(self, leaves: list[Any]) -> list[Any]:
        args = list(self.v._saved or self.v.args)
        for k, leaf in zip(self.places, leaves, strict=True):
            args[k] = leaf
        if self.op.again is not None:
            return self.op.again(args)
        results = flatten(Op.apply(self.op, tuple(args), copy.deepcopy(self.v.kwargs)))[0]
        return [y for y in results if np.dtype(y.dtype).kind == "f"]


def _argument(op: Any, k: int) -> str:
    return f"{op.inputs[0]}[{k}]" if op.variadic else str(op.inputs[k])


def _guilty(v: Value, finding: Finding) -> Blame:
    op: Any = v.op
    rule = finding.by.partition("[")[0]
    rule = rule if rule in op.inputs else op.inputs[0] if len(op.inputs) == 1 else ""
    letter = "d" if op.kind == "elementwise" else "g"
    which = f", in its rule {letter}{rule}" if rule and op.again is None else ""
    code = getattr(op.fn, "__code__", None) if op.again is None else None
    where = f" (declared in {shown(code.co_filename)}:{code.co_firstlineno})" if code else ""
    what = f"the op {op.name}{where}{which}: it is wrong by itself, at the arguments that it had"
    return _located(Blame(what, op.name, rule, dict(v.kwargs or {}), finding), v)


def _located(blame: Blame, v: Value) -> Blame:
    source = source_of(v)
    if source is None:
        return blame
    return blame._replace(file=source.file, line=source.line, text=source.text, function=source.function)


# -- no op -------------------------------------------------------------------------------------------------------------


def _escaped(subject: Subject, x: Any, inputs: list[Value], outputs: list[Any]) -> Blame | None:
    """A number that depends on the inputs and is a constant for the graph."""
    if not all(isinstance(y, Value) for y in outputs):
        return Blame("f itself: it returned a plain array, so its result left the graph, by .data, float() or detach()")
    moved = x + np.where(np.isfinite(x), 2.0**-20 * np.maximum(1, np.abs(x)), 0.0)
    _, others = _recorded(subject, moved)
    again = _made_from(others)
    first = _made_from(outputs)
    if [v.op for v in again] != [v.op for v in first]:
        return Blame("the path through f: it computes with other ops a little away from this point, as at an `if` on a value")
    for v, w in zip(first, again, strict=True):
        for k, (a, b) in enumerate(zip(v.args, w.args, strict=True)):
            if _constant(a) and not any(a is i for i in inputs) and _differs(_data(a), _data(b)):
                return _left(v, v.op, k)
    return None


def _left(v: Value, op: Any, k: int) -> Blame:
    what = (f"argument {_argument(op, k)} of {op.name}: it changes with the inputs, but is a constant for the graph, as "
            "after .data, float(), detach() or stop_gradient()")  # fmt: skip
    return _located(Blame(what, op.name, _argument(op, k)), v)


def _made_from(outputs: list[Any]) -> list[Value]:
    return [v for v in Graph(*[y for y in outputs if isinstance(y, Value)]) if v.op not in (None, PICK)]


def _constant(a: Any) -> bool:
    """Whether an argument is a plain array or a leaf."""
    if isinstance(a, Value):
        return a.op is None
    return isinstance(a, float | np.floating | np.ndarray) and np.asarray(a).dtype.kind == "f"


def _data(a: Any) -> Any:
    return np.asarray(a.data if isinstance(a, Value) else a)


def _differs(a: Any, b: Any) -> bool:
    return a.shape != b.shape or not np.array_equal(a, b, equal_nan=True)


def _unbounded(steep: list[Value]) -> Blame | None:
    if not steep:
        return None
    op: Any = steep[0].op
    what = (f"the chain rule itself: {op.name} has an infinite slope at its argument, and infinity times the slope below, "
            "which is zero, is NaN. Write both as one op, as np.linalg.norm for the root of a sum of squares")  # fmt: skip
    return _located(Blame(what, op.name), steep[0])


def _chained(at_kinks: list[Value]) -> Blame | None:
    """Ops at their kinks, each inside of its subdifferential, whose composition is not."""
    if not at_kinks:
        return None
    names = ", ".join(dict.fromkeys(v.op.name for v in at_kinks if v.op))
    what = (f"the chain rule itself: {names} stands at a kink, each op with a subgradient that is right by itself, and their "
            "composition has none of these as its slope, as in relu(x) - relu(-x), which is x")  # fmt: skip
    return _located(Blame(what), at_kinks[0])
