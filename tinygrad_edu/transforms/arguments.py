"""Which of a call's arguments are differentiated by, and the call as a function of them alone."""

from __future__ import annotations

from collections.abc import Callable
from operator import index
from typing import Any

from ..errors import OptionError
from .tracing import name_of
from .trees import Tree, flatten, unflatten

__all__ = ["differentiated"]


def differentiated(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any],
                   argnums: int | tuple[int, ...]) -> tuple[list[Any], Tree, Callable[[list[Any]], Any]]:  # fmt: skip
    """The leaves of the chosen arguments, their structure, and the call with other leaves in their place.

    Raises:
        OptionError: `argnums` names an argument that is not there, or one twice.
    """
    chosen = _chosen(function, argnums, len(args))
    leaves, structure = flatten(args[chosen[0]] if isinstance(argnums, int) else tuple(args[i] for i in chosen))

    def call(values: list[Any]) -> Any:
        tree, new = unflatten(structure, values), [*args]
        for i, x in zip(chosen, (tree,) if isinstance(argnums, int) else tree, strict=True):
            new[i] = x
        return function(*new, **kwargs)

    return leaves, structure, call


def _chosen(function: Callable[..., Any], argnums: Any, count: int) -> list[int]:
    wanted = argnums if isinstance(argnums, tuple | list) else (argnums,)
    chosen = [i + count if i < 0 else i for i in map(index, wanted)]
    if len(set(chosen)) < len(chosen) or not set(chosen) <= set(range(count)):
        raise OptionError(f"argnums={argnums!r}, but {name_of(function)} was called with {count} positional arguments: each "
                          f"is named once, from 0 to {count - 1}, or from the end by -1. What is passed by keyword is not "
                          "differentiated by")  # fmt: skip
    return chosen
