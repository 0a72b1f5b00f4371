"""A recorded graph, run again on other numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core import Graph, Op, Value
from ...core.calls import PICK
from ...errors import GraphError

__all__ = ["rerun"]


def rerun(output: Any, data: Mapping[Value, Any]) -> Any:
    """What a recorded graph gives when some of its values are replaced: the same calls in the same order, no user code.

    What is put in decides what comes out: plain arrays of floats, complex numbers, fractions or intervals give plain arrays
    of the same, Values give a new graph that can be differentiated. Shapes may differ where the ops allow it.

    Conditions, indices and options are part of the recording and stay as they were, also where the new numbers would have
    chosen otherwise.

    Args:
        output: a Value, or a Graph, which gives a tuple with one result for each of its outputs.
        data: a value of the graph, a leaf or any other, to what stands in its place. Leaves that are not named keep their
            numbers, as constants.

    Raises:
        GraphError: a value that is not in the graph, or a lean graph that a backward pass has taken apart.

    >>> x = Value(3.0)
    >>> rerun(x * x + 1, {x: 10.0})
    101.0
    """
    graph = output if isinstance(output, Graph) else Graph(output)
    if freed := [v for v in graph if v.op and not v.args]:
        raise GraphError(f"{freed[0].op.name}: a backward pass freed the arguments of this lean graph; record it again")  # type: ignore[union-attr]  # chosen for its op
    new = {v.vertex: x for v, x in data.items()}
    if strange := [v for v in new if v not in set(graph)]:
        raise GraphError(f"{strange[0]!r} is not part of this graph; its leaves are {graph.leaves}")
    for v in graph:
        if v not in new:
            new[v] = v.data if v.op is None else _again(v, new)
    results = tuple(new[v] for v in graph.outputs)
    return results if isinstance(output, Graph) else results[0]


def _again(v: Value, new: dict[Value, Any]) -> Any:
    """The call that made a value, on what now stands for its arguments."""
    op: Any = v.op
    args = tuple(new[a] if type(a) is Value else a for a in v.args)
    if op is PICK:
        return args[0][v.kwargs["index"]]  # type: ignore[index]  # v is a call, so it has options
    return Op.apply(op, args, dict(v.kwargs) if v.kwargs is not None else None)
