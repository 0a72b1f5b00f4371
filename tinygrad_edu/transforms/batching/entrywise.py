"""Ops that work entry by entry, and others whose arguments broadcast against each other from the right."""

from __future__ import annotations

from typing import Any

from ...core.value import Value
from ..batch import Batch, union
from .alignment import batched, full, rule, run, sizes, thin, wide


@rule("elementwise")
def _entrywise(op: Any, args: Any, options: Any) -> Any:
    """All of them: the hidden axes broadcast like any others."""
    levels, xs = wide(args)
    return Batch(run(op, *xs, **options), levels)


@rule("astype")
def _astype(op: Any, args: Any, options: Any) -> Any:
    """Plain numbers become integers, too; of a Value they have no gradient."""
    (x,) = args
    plain = type(x.array) is not Value
    return Batch(x.array.astype(options["dtype"]) if plain else run(op, x.array, **options), x.levels)


def _with_array(name: str) -> Any:
    """The option of this name is an array, too."""

    def entrywise(op: Any, args: Any, options: Any) -> Any:
        levels, (*xs, option) = wide((*args, options[name]))
        return Batch(run(op, *xs, **{**options, name: option}), levels)

    return entrywise


rule("where", split_options=True)(_with_array("condition"))
rule("ldexp", split_options=True)(_with_array("x2"))
rule("rotary", split_options=True)(_with_array("angles"))


@rule("attention_weights", "lstm_update", "gru_update")
def _stacks(op: Any, args: Any, options: Any) -> Any:
    """Functions of the last axes; those before broadcast."""
    levels, xs = wide([x for x in args if x is not None])
    return batched(run(op, *xs, *[None] * (len(args) - len(xs)), **options), levels)


@rule("dropout", split_options=True)
def _dropout(op: Any, args: Any, options: Any) -> Any:
    """The mask broadcasts to the array, not the other way round."""
    arrays = (*args, options["mask"])
    levels, x = union(arrays), args[0]
    x = full(x, levels, sizes(levels, arrays))
    mask = thin(options["mask"], levels, x.ndim - len(levels))
    return Batch(run(op, x, **{**options, "mask": mask}), levels)
