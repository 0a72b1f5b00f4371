"""How each op is called in random expressions: which shapes, which options.

A recipe is a function of the builder and the name of an op. Elementwise ops share one; the others stand in the files
here, by family. Ops without a recipe are not part of expressions: those with several results, those that draw random
numbers, and the inner halves of others (`window_put`, `embedding_sum`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from ....core import REGISTRY
from ....errors import OptionError
from ..building import Builder

__all__ = ["OPTIONS", "default_ops", "recipe", "recipe_of"]

Recipe = Callable[[Builder, str], Any]
RECIPES: dict[str, Recipe] = {}
FAMILIES = ("structural", "linalg", "neural")
FIRST = ("negative", "square", "add", "multiply", "subtract", "sum")  # the simplest ops; shrinking ends at them

# Options of elementwise ops: the defaults, and these.
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "celu": [{}, {"alpha": 1.5}],
    "elu": [{}, {"alpha": 1.5}],
    "gelu": [{}, {"approximate": "tanh"}],
    "hardshrink": [{}, {"lambd": 0.75}],
    "hardtanh": [{}, {"min_val": -0.75, "max_val": 1.25}],
    "huber": [{}, {"delta": 0.75}],
    "leaky_relu": [{}, {"negative_slope": 0.25}],
    "pinball": [{}, {"quantile": 0.75}],
    "polygamma": [{"n": 1}, {"n": 0}, {"n": 2}],
    "round": [{}, {"decimals": 1}],
    "smooth_l1": [{}, {"beta": 0.75}],
    "softcap": [{"cap": 1.5}, {"cap": 30.0}],
    "softplus": [{}, {"beta": 2.0}],
    "softshrink": [{}, {"lambd": 0.75}],
    "threshold": [{"threshold": 0.0, "value": 0.0}, {"threshold": -0.5, "value": 2.0}],
}
# Elementwise ops that no expression is made of: they change the dtype, or take complex numbers and integers.
APART = frozenset({"astype", "ldexp", "imag", "real", "conjugate", "nan_to_num"})


def recipe(*names: str) -> Callable[[Recipe], Recipe]:
    """Register a recipe for the ops of these names."""

    def register(follow: Recipe) -> Recipe:
        RECIPES.update(dict.fromkeys(names, follow))
        return follow

    return register


def recipe_of(name: str) -> Recipe:
    """How an op is called.

    Raises:
        OptionError: an op that is not declared, or that has no recipe.
    """
    found = _loaded().get(name) or (_elementwise if _is_elementwise(name) else None)
    if found is None:
        raise OptionError(f"expressions are not made of {name!r}; they are made of elementwise ops, also your own, and of "
                          f"{', '.join(sorted(_loaded()))}")  # fmt: skip
    return found


def default_ops() -> list[str]:
    """The ops of this package that expressions are made of, the simplest first."""
    elementwise = [n for n, op in REGISTRY.items() if op.fn.__module__.startswith("tinygrad_edu.") and _is_elementwise(n)]
    return list(dict.fromkeys([*FIRST, *elementwise, *_loaded()]))


@cache
def _loaded() -> dict[str, Recipe]:
    for family in FAMILIES:
        import_module(f".{family}", __name__)
    return RECIPES


def _is_elementwise(name: str) -> bool:
    return name in REGISTRY and REGISTRY[name].kind == "elementwise" and name not in APART


def _elementwise(b: Builder, name: str) -> None:
    b.elementwise(name, b.choose.pick(OPTIONS.get(name, [{}])))
