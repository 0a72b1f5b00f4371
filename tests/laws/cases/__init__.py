"""Example calls for every op: the laws draw from these, so an op without one fails `test_every_op_has_a_case`.

Elementwise ops need none: their calls are drawn from the domain that stands with the op. For the others a family file
beside this one declares, for each op, a strategy of calls in plain float64 arrays. The laws themselves change memory
layout, dtype and writability; a case only says which shapes and options are worth trying, and keeps away from kinks.

    @case("sum")
    @st.composite
    def _(draw):
        x = floats(draw, shapes(draw))
        return Call((x,), {"axis": draw(axes_of(x)), "keepdims": draw(st.booleans())})
"""

import importlib
import pkgutil
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

CASES: dict[str, Any] = {}
VARIANTS: dict[str, Any] = {}  # calls under options that the documented formulas, which are for the defaults, say nothing of


class Call(NamedTuple):
    """Arguments for one call of an op, exactly as a user would pass them."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any] = {}  # noqa: RUF012  never changed


def case(*names):
    """Register a strategy of calls for the ops of these names."""

    def register(build):
        for name in names:
            assert name not in CASES, f"two cases for {name}"
            CASES[name] = build()
        return build

    return register


def variant(*names):
    """Register further calls of the ops of these names, for all laws but that of the documented formula."""

    def register(build):
        VARIANTS.update((name, build()) for name in names)
        return build

    return register


def shapes(draw, *, low=0, high=3, smallest=0, largest=4):
    """A shape of `low` to `high` axes; 0-d and empty ones are drawn too unless excluded."""
    return tuple(draw(st.lists(st.integers(smallest, largest), min_size=low, max_size=high)))


def floats(draw, shape, low=-3.0, high=3.0, *, distinct=False):
    """An array of floats in [low, high]; with `distinct`, no two entries closer than (high - low)/(2 n)."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = int(np.prod(shape))
    if distinct:
        return (low + (high - low) * (rng.permutation(n) + rng.uniform(0.25, 0.75, n)) / max(n, 1)).reshape(shape)
    return rng.uniform(low, high, shape)


def load():
    """All cases, from every family file of this folder."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return CASES
