"""Rules broken on purpose: if a test suite lets one pass, it would let a mistake pass too.

Two kinds of mistake are made. What a rule returns is spoilt: sign, factor, a gradient that is missing, in the wrong axis,
rounded, or that of another input. And the rule itself is miswritten: one term, factor, branch or call less, a neighbour's
name, a number off by one, in the rule and in the functions of its file that it calls.

    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.testing import mutants
    >>> for mutant in mutants("tanh"):
    ...     if mutant.description == "the sign is flipped":
    ...         print(mutant.description)
    ...         with mutant.applied():
    ...             x = tg.Value(0.0)
    ...             np.tanh(x).backward()
    ...             print(float(x.grad))
    the sign is flipped
    -1.0
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import FunctionType
from typing import Any

import numpy as np

from ..core import REGISTRY, Op, Value
from ..core.op import _compiled
from ..errors import OptionError
from .edits import edits
from .rule_source import checks, helpers, tree_of, with_changed

__all__ = ["Mutant", "mutants"]

Pull = Callable[[Any, Any], Any]


@dataclass(frozen=True, eq=False)
class Mutant:
    """An op with one mistake in the rule of one input.

    Attributes:
        op: the op, which is whole outside `applied`.
        input: the input whose rule is broken.
        description: the mistake in words.
    """

    op: Op
    input: str
    description: str
    change: Callable[[Op, int], None]

    def __str__(self) -> str:
        return f"{self.op.name}, gradient of {self.input}: {self.description}"

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The op is broken inside the `with` block, for everybody in this process who uses it, and whole again after."""
        op = self.op
        whole = {name: getattr(op, name) for name in ("pulls", "needs", "rules", "_masks")}
        op._masks = {}
        try:
            self.change(op, op.inputs.index(self.input))
            yield
        finally:
            for name, value in whole.items():
                setattr(op, name, value)


def mutants(op: Op | str) -> Iterator[Mutant]:
    """Broken copies of an op, one mistake each.

    Args:
        op: an op or its name. A composite op has no rule of its own: there is nothing to break.

    Where the source of a rule cannot be read, as of what `exec` was given, there is a warning, and only what the rule
    returns is spoilt.

    Raises:
        OptionError: no op has this name, or it is composite.
    """
    if isinstance(op, str):
        op = _named(op)
    if op.kind == "composite":
        raise OptionError(f"{op.name} is made of other ops and has no rule of its own; break those")
    for name in op.inputs:
        yield from _spoilt(op, name)
        yield from _exchanged(op, name)
        yield from _miswritten(op, name)


def _named(name: str) -> Op:
    if name not in REGISTRY:
        raise OptionError(f"no op is called {name!r}; the names are the keys of tinygrad_edu.REGISTRY")
    return REGISTRY[name]


# -- what a rule returns is spoilt -------------------------------------------------------------------------------------

Spoil = Callable[[Pull, int], Pull]  # of a pull and the place of its input


def _spoilt(op: Op, name: str) -> Iterator[Mutant]:
    for description, spoil in _spoils(op, name).items():

        def change(op: Op, i: int, spoil: Spoil = spoil) -> None:
            pull = spoil(op.pulls[i] or _passed_on, i)
            op.pulls = (*op.pulls[:i], pull, *op.pulls[i + 1 :])

        yield Mutant(op, name, description, change)


def _spoils(op: Op, name: str) -> dict[str, Spoil]:
    """The mistakes that can be made at all: where everything is 0, nothing is too large or back to front."""
    if op.rules[name] == 0:
        return _ANY
    return {**_ANY, **_SPOILT, **(_SPREAD if len(op.inputs) > 1 and not op.variadic else {})}


def _passed_on(g: Any, v: Any) -> Any:
    return g


def _after(spoil: Callable[[Any], Any]) -> Spoil:
    """A mistake in a gradient, of each input where a rule returns several."""

    def each(gx: Any) -> Any:
        return None if gx is None else [each(one) for one in gx] if isinstance(gx, list | tuple) else spoil(gx)

    return lambda pull, i: lambda g, v: each(pull(g, v))


def _without_cotangent(pull: Pull, i: int) -> Pull:
    return lambda g, v: pull(tuple(map(np.ones_like, g)) if isinstance(g, tuple) else np.ones_like(g), v)


def _overwriting(pull: Pull, i: int) -> Pull:
    """The right gradient, but what reached the result is no longer what it was."""

    def pulled(g: Any, v: Any) -> Any:
        gx = pull(g, v)
        gx = gx.copy() if gx is g else gx
        for one in g if isinstance(g, tuple) else (g,):
            if isinstance(one, np.ndarray):
                one[...] = 0
        return gx

    return pulled


def _first_slice(pull: Pull, i: int) -> Pull:
    """In place of the sum over what broadcasting spread out, its first part."""

    def first(g: Any, v: Any) -> Any:
        gx, shape = pull(g, v), v.args[i].shape
        gx = gx[(0,) * (len(gx.shape) - len(shape))]
        return gx[tuple(slice(None, 1) if n == 1 else slice(None) for n in shape)]

    return first


def _swapped(gx: Any) -> Any:
    return np.swapaxes(gx, -1, -2) if len(gx.shape) >= 2 else gx


def _flipped(gx: Any) -> Any:
    return np.flip(gx, 0) if gx.shape else gx


def _rounded(gx: Any) -> Any:
    return gx.astype(np.float32) if gx.dtype == np.float64 else gx


def _numbers(gx: Any) -> Any:
    return gx.data if isinstance(gx, Value) else gx


_ANY: dict[str, Spoil] = {
    "nothing reaches the input": lambda pull, i: _after(lambda gx: None)(pull, i),
    "too large by one": _after(lambda gx: gx + 1),
    "the cotangent is overwritten": _overwriting,
}
_SPOILT: dict[str, Spoil] = {
    "the sign is flipped": _after(lambda gx: -gx),
    "too large by 1e-5 of itself": _after(lambda gx: gx * (1 + 1e-5)),
    "twice as large": _after(lambda gx: gx * 2),
    "zero": _after(lambda gx: gx * 0),
    "the cotangent is forgotten": _without_cotangent,
    "transposed": _after(_swapped),
    "back to front": _after(_flipped),
    "rounded to float32": _after(_rounded),
    "cut to integers": _after(np.trunc),
    "outside the graph": _after(_numbers),
}
_SPREAD: dict[str, Spoil] = {"the first part instead of the sum over broadcasting": _first_slice}


# -- an input has the rule of another ----------------------------------------------------------------------------------


def _exchanged(op: Op, name: str) -> Iterator[Mutant]:
    for other in op.inputs:
        if op.rules[other] is op.rules[name] or op.variadic:
            continue  # one rule for both

        def change(op: Op, i: int, k: int = op.inputs.index(other)) -> None:
            op.pulls = (*op.pulls[:i], op.pulls[k], *op.pulls[i + 1 :])
            op.needs = (*op.needs[:i], op.needs[k], *op.needs[i + 1 :])

        yield Mutant(op, name, f"the gradient of {other}", change)


# -- the rule is miswritten --------------------------------------------------------------------------------------------


def _miswritten(op: Op, name: str) -> Iterator[Mutant]:
    for description, build in _wrong_rules(op, op.rules[name]):

        def change(op: Op, i: int, build: Callable[[], Any] = build) -> None:
            rule = build()
            pull, needs = _compiled(op, rule)
            op.rules = {**op.rules, op.inputs[i]: rule}
            op.pulls = (*op.pulls[:i], pull, *op.pulls[i + 1 :])
            op.needs = (*op.needs[:i], needs, *op.needs[i + 1 :])

        yield Mutant(op, name, description, change)


def _wrong_rules(op: Op, rule: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What is wrong, and the wrong rule, which is compiled when it is asked for."""
    if not isinstance(rule, FunctionType):
        yield f"{rule} → {rule + 1}", lambda: rule + 1
        return
    try:
        tree_of(rule)
    except OptionError as error:
        warnings.warn(f"mutants of {op.name}: only what the rule returns is spoilt. {error}", stacklevel=4)
        return
    names, refusing = ("y", *op.inputs), checks(rule)
    for description, node in edits(tree_of(rule), names, refusing):
        yield description, partial(with_changed, rule, None, node)
    for helper, f in helpers(rule).items():
        if helper in refusing:
            continue
        own = ("g", *(n for n in names if n in f.__code__.co_varnames[: f.__code__.co_argcount]))
        for description, node in edits(tree_of(f), own, refusing):
            yield f"in {helper}, {description}", partial(with_changed, rule, helper, node)
