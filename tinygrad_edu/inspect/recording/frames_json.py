"""The frames of a recording as versioned JSON, `"tinygrad_edu.frames/1"`, beside the `"tinygrad_edu.graph/1"` of its graph.

The numbers of the nodes, and the order of the arguments, are those of the graph's document, which also has the values, the
names of the ops, the local derivatives and the lines. Columns are packed as there: see `data`. With N nodes:

    format, version   "tinygrad_edu.frames/1", and the version of this package
    output            the name of what is differentiated
    nodes, frames     how many; frame i < N computes node i, frame 2N - 1 - i the backward pass at it, the rest the update
    note              what the reader of the numbers has to know; usually empty
    names             node to name, where it is not the label
    columns           one entry a node
        holds         of the gradient that arrives: 0 a number, 1 an array, 2 none, 3 one for each of several results
        gradient      float64: the number, or of an array its length, the root of the sum of squares; 0 where there is none
    arguments         one entry an argument, call after call
        holds         of the part that the call adds: as above; 2 where nothing flows
        part          as the gradient above
        before_holds, before        the gradient of the argument before this
        after_holds, after          and after it
    leaves            {node, before}: those whose `.grad` held something before this pass
    updates           {name, node, before, gradient, step, after, memory: {name: [before, after]}}

In `leaves` and `updates` a number is a number, or "nan", "inf", "-inf"; an array is {"shape": [...], "length": number}; nothing
is null. Fractions are floats here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..graphs.data import _packed
from .replay import entries

if TYPE_CHECKING:
    from .recorder import Recorder

__all__ = ["FORMAT", "document"]

FORMAT = "tinygrad_edu.frames/1"
_NUMBER, _ARRAY, _NOTHING, _SEVERAL = range(4)


def document(r: Recorder) -> dict[str, Any]:
    """The document of a recording."""
    from ... import __version__

    values = r.graph.values
    gradients = [_coded(entries(r._replay.gradient(v))) for v in values]
    sent = [s for v in values for s in r._replay.sent(v)]
    arguments = [(_coded(entries(s.part)), _coded(entries(s.before)), _coded(entries(s.after))) for s in sent]
    return {
        "format": FORMAT, "version": __version__, "output": r.output, "nodes": len(values), "frames": len(r), "note": r.note,
        "names": {str(i): r.names[v] for i, v in enumerate(values) if r.names.named(v) and r.names[v] != v.label},
        "columns": _columns(gradients, "holds", "gradient"),
        "arguments": {
            **_columns([part for part, _, _ in arguments], "holds", "part"),
            **_columns([before for _, before, _ in arguments], "before_holds", "before"),
            **_columns([after for _, _, after in arguments], "after_holds", "after"),
        },
        "leaves": [{"node": i, "before": _entry(x)} for i, v in enumerate(values)
                   if v.op is None and (x := r.earlier(v)) is not None],
        "updates": [_update(f) for f in (r[k] for k in range(2 * len(values), len(r)))],
    }  # fmt: skip


def _columns(codes: list[tuple[int, float]], holds: str, number: str) -> dict[str, Any]:
    kinds = np.array([kind for kind, _ in codes], np.uint8)
    return {holds: _packed(kinds), number: _packed(np.array([x for _, x in codes], np.float64))}


def _coded(g: Any) -> tuple[int, float]:
    if g is None:
        return _NOTHING, 0.0
    if isinstance(g, tuple):
        return _SEVERAL, 0.0
    return (_NUMBER, float(g)) if np.ndim(g) == 0 else (_ARRAY, _length(g))


def _length(g: Any) -> float:
    with np.errstate(all="ignore"):
        return float(np.linalg.norm(np.asarray(g).astype(float).ravel()))


def _entry(x: Any) -> Any:
    if x is None:
        return None
    if np.ndim(x):
        return {"shape": list(np.shape(x)), "length": _json(_length(x))}
    return _json(float(x))


def _json(x: float) -> float | str:
    return x if np.isfinite(x) else str(x)


def _update(f: Any) -> dict[str, Any]:
    u = f.update
    return {
        "name": f.name, "node": f.node, "before": _entry(u.before), "gradient": _entry(u.gradient), "step": _entry(u.step),
        "after": _entry(u.after), "memory": {k: [_entry(x), _entry(y)] for k, (x, y) in u.memory.items()},
    }  # fmt: skip
