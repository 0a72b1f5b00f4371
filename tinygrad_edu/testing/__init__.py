"""Gradient testing as a product: checks with a verdict, Hypothesis strategies, laws, a pytest plugin, mutants.

Nothing here is imported before it is used: NumPy users without Hypothesis can check gradients too.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_WHERE: dict[str, str] = {
    "Bounds": "numbers.bounds",
    "Expression": "expression",
    "GradientReport": "report",
    "Interval": "numbers.intervals",
    "Mutant": "mutation",
    "arrays_in": "strategies",
    "bounds": "numbers.bounds",
    "broadcastable": "strategies",
    "check_gradients": "check",
    "complex_step": "numbers.steps",
    "differentiable": "decorator",
    "exact": "numbers.fractions",
    "expressions": "strategies",
    "mutants": "mutation",
    "rerun": "numbers.rerunning",
    "shapes": "strategies",
    "values": "strategies",
    "well_conditioned_matrices": "strategies",
}

__all__: list[str] = sorted(_WHERE)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(import_module(f".{_WHERE[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
