"""Memory for time: what a function computed inside is not kept, but computed again when gradients come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.backward import pullback
from ..core.recording import OFF, STATE
from ..errors import GraphError
from .batch import gathered, running
from .opaque import opaque, physical
from .tracing import is_recorded, name_of, named_after, plain, trace
from .trees import flatten, unflatten

__all__ = ["checkpoint"]


def checkpoint(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, of which the graph keeps arguments and results only, and which is called again by `backward`.

    Args:
        function: of arrays, or nested tuples, lists and dicts of arrays, to such. It has to compute the same each time:
            random numbers are drawn outside and passed in.

    Values that it uses without being given them, such as the parameters of a module, get their gradients too. Source:
    Chen, Xu, Zhang, Guestrin, Training Deep Nets with Sublinear Memory Cost, https://arxiv.org/abs/1604.06174

    Raises:
        GraphError: the second run gave other numbers than the first.

    >>> from .reverse import grad
    >>> grad(lambda x: checkpoint(np.sin)(x) * x)(0.0)
    np.float64(0.0)
    """

    @named_after(function)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = flatten((args, kwargs))
        moved = [i for i, x in enumerate(leaves) if is_recorded(x)]
        if STATE.get().mode == OFF:
            return function(*args, **kwargs)

        def call(values: list[Any]) -> Any:
            new = dict(zip(moved, values, strict=True))
            again, options = unflatten(structure, [new.get(i, x) for i, x in enumerate(leaves)])
            return function(*again, **options)

        first = trace(function, [plain(leaves[i]) for i in moved], call)
        captured, tree, results = first.captured, first.tree, [gathered(y, first.levels) for y in first.outputs]
        xs, levels = physical([leaves[i] for i in moved])

        def pull(g: Any, values: Any, ys: Any) -> list[Any]:
            with running(levels, alone=True):  # a batch of cotangents, from a later vmap, is not the function's
                second = trace(function, [gathered(x, levels) for x in values[: len(moved)]], call)
            _same(function, second.outputs, ys)
            linked = any(map(is_recorded, (*values, *g)))
            return pullback(second.outputs, second.inputs + captured, g, create_graph=linked, independent=True)

        again = None if captured else lambda values: flatten(call(values))[0]
        return unflatten(tree, opaque(name_of(function), xs + captured, results, levels, pull, again=again))

    return checkpointed


def _same(function: Callable[..., Any], again: list[Any], before: Any) -> None:
    if not all(np.array_equal(plain(a), plain(b), equal_nan=True) for a, b in zip(again, before, strict=True)):
        raise GraphError(f"checkpoint: {name_of(function)} gave other numbers when it was called again for its gradient. "
                         "Draw random numbers outside of it and pass them in; and let it change nothing")  # fmt: skip
