"""Which of a call's arguments are differentiated by, and the call as a function of them alone."""

from __future__ import annotations

from collections.abc import Callable
from operator import index
from typing import Any

import numpy as np

from ..errors import OptionError
from .tracing import name_of
from .trees import Tree, flatten, unflatten

__all__ = ["check_count", "differentiated"]


def differentiated(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any],
                   argnums: int | tuple[int, ...]) -> tuple[list[Any], Tree, Callable[[list[Any]], Any]]:  # fmt: skip
    """The leaves of the chosen arguments, their structure, and the call with other leaves in their place.

    Raises:
        OptionError: `argnums` names an argument that is not there, or one twice.
    """
    chosen = _chosen(function, argnums, len(args))
    several = isinstance(argnums, tuple | list)
    leaves, structure = flatten(tuple(args[i] for i in chosen) if several else args[chosen[0]])

    def call(values: list[Any]) -> Any:
        tree, new = unflatten(structure, values), [*args]
        for i, x in zip(chosen, tree if several else (tree,), strict=True):
            new[i] = x
        return function(*new, **kwargs)

    return leaves, structure, call


def _chosen(function: Callable[..., Any], argnums: Any, count: int) -> list[int]:
    wanted = argnums if isinstance(argnums, tuple | list) else (argnums,)
    if not all(hasattr(i, "__index__") for i in wanted):
        raise OptionError(f"argnums is an integer, or a tuple of integers; got {argnums!r}")
    chosen = [i + count if i < 0 else i for i in map(index, wanted)]
    if len(set(chosen)) < len(chosen) or not set(chosen) <= set(range(count)):
        places = f": each is named once, from 0 to {count - 1}, or from the end by -1" if count else ""
        raise OptionError(f"argnums={argnums!r}, but {name_of(function)} was called with {count} positional arguments{places}. "
                          "What is passed by keyword is not differentiated by")  # fmt: skip
    return chosen


def check_count(name: str, count: Any, least: int) -> None:
    """Refuse what is neither None nor an integer of at least so much.

    Raises:
        OptionError: it is not.
    """
    if count is not None and (isinstance(count, bool) or not isinstance(count, int | np.integer) or count < least):
        raise OptionError(f"{name} is an integer of at least {least}, or None; got {count!r}")
