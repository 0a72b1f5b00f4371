"""The rules of ops that work on whole arrays: read as matrix formulas, and checked with differences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np

from ...core import Op, Value, gradients
from ...ops.documentation import documented
from .examples import SYMMETRIC, example
from .formulas import Formula, NamedShape, names, text_of
from .proof import ENOUGH, Comparison, Proof
from .symbols import UNREADABLE

__all__ = ["Pullback", "check", "read"]

SIZES, LONGEST = (3, 4), 150  # of the examples; characters of a formula that is still one


@dataclass(frozen=True)
class Pullback:
    """From the gradient `g` of the output to that of an input: a formula, and where it stands.

    Attributes:
        text: as NumPy code; `latex`: the same for print, or nothing.
        source: "rule" if it was read off the rule, "docstring" if the rule is too much of a program for that.
    """

    text: str
    latex: str
    source: str


def read(op: Op, name: str) -> Pullback:
    """The pullback of an op to its input `name`: its rule run on formulas, else what the docstring says."""
    try:
        runs = [] if op.variadic else [_run(op, name, n) for n in SIZES]
    except UNREADABLE:
        runs = []
    if len(dict(runs)) == 1 and len(runs[0][0]) <= LONGEST:
        return Pullback(*runs[0], "rule")
    return Pullback(dict(documented(op)).get(f"g{name}", ""), "", "docstring")


def _run(op: Op, name: str, n: int) -> tuple[str, str]:
    """The rule run on formulas whose example has size `n`: text and LaTeX."""
    inputs, options = example(op, n, np.random.default_rng(0))
    y = op.run(*inputs, **options)
    known: dict[str, Any] = {**options, "y": _formula("y", y), "g": _formula("g", y)}
    known.update({i: Formula(i, x) for i, x in zip(op.inputs, inputs, strict=True)})
    known.update({f"{i}_shape": NamedShape(f"{i}.shape", x.shape) for i, x in zip(op.inputs, inputs, strict=True)})
    rule = op.rules[name]
    with names(options):
        result = _fitted(rule(**{p: known[p] for p in signature(rule).parameters}), inputs[op.inputs.index(name)])
        latex = result.latex if isinstance(result, Formula) else ""
        return text_of(result), latex


def _fitted(g: Any, x: Any) -> Any:
    """A gradient summed over the axes that broadcasting put before its input's, as the engine does with what a rule returns."""
    new = g.ndim - np.ndim(x) if isinstance(g, Formula) else 0
    return np.sum(g, 0 if new == 1 else tuple(range(new))) if new > 0 and g.shape[new:] == np.shape(x) else g


def _formula(name: str, data: Any) -> Any:
    """A formula that is a name, or for several results a tuple of them."""
    if isinstance(data, tuple):
        return tuple(Formula(f"{name}[{i}]", d, f"{name}_{{{i}}}") for i, d in enumerate(data))
    return Formula(name, data)


# -- numbers -----------------------------------------------------------------------------------------------------------


def check(op: Op, name: str, *, seed: int = 0) -> Proof:
    """The pullback held to differences of the op, and to the docstring's formula, on random arrays.

    Args:
        op: an op that is linear or primitive.
        name: one of its inputs.
        seed: of the arrays.

    Raises:
        OptionError: no example of the op is known.
    """
    rng = np.random.default_rng(seed)
    samples = [_sample(op, name, n, rng) for n in SIZES * 5]
    said, differences = np.transpose([one[:2] for one in samples])
    compared = [Comparison("rule", said, "differences", differences, ENOUGH * 2 // 3)]
    stated = [one[2] for one in samples]
    if None not in stated:
        compared.append(Comparison("rule", said, "docstring", np.array(stated), ENOUGH))
    lines = tuple(f"{c.said} = {c.other}: {c.digits} digits on {len(samples)} random arrays" for c in compared)
    for c in compared:
        if c.digits < c.enough:
            i = c.worst
            words = f"along a random direction: {c.said} {c.values[i]:.10g}, {c.other} {c.truths[i]:.10g}"
            return Proof("refuted", f"refuted: {words}", lines)
    return Proof("agrees", f"agrees on {len(samples)} random arrays to {compared[-1].digits} digits", lines)


def _sample(op: Op, name: str, n: int, rng: np.random.Generator) -> tuple[float, float, float | None]:
    """The slope along a random direction of one input: by the rule, by differences, by the docstring."""
    inputs, options = example(op, n, rng)
    places = range(len(inputs)) if op.variadic else [op.inputs.index(name)]
    values = [Value(x) for x in inputs]
    y = op.run(*inputs, **options)
    g = _cotangent(y, rng)
    directions = {i: _direction(op, inputs[i].shape, rng) for i in places}
    pulled = _pulled(op, values, options, g)
    said = _dot([pulled[i] for i in places], directions.values())

    def along(h: float) -> float:
        moved = [x + h * directions[i] if i in directions else x for i, x in enumerate(inputs)]
        return _dot(_several(g), _several(op.run(*moved, **options)))

    h = 2e-4
    slope = (8 * (along(h) - along(-h)) - (along(2 * h) - along(-2 * h))) / (12 * h)
    return said, slope, _stated(op, name, inputs, options, y, g, list(directions.values()))


def _pulled(op: Op, values: list[Value], options: dict[str, Any], g: Any) -> list[Any]:
    if op.variadic and not op.sequence:
        out = op(*values, **options)
    else:
        out = op(**dict(zip(op.inputs, [tuple(values)] if op.sequence else values, strict=True)), **options)
    total = [np.zeros(v.shape) for v in values]
    for one, part in zip(_several(out), _several(g), strict=True):
        if isinstance(one, Value):
            found = gradients(one, values, np.asarray(part), retain_graph=True)
            total = [t if f is None else t + f for t, f in zip(total, found, strict=True)]
    return total


def _stated(op: Op, name: str, inputs: list[Any], options: Any, y: Any, g: Any, directions: list[Any]) -> float | None:
    """The docstring's formula, run."""
    formula = dict(documented(op)).get(f"g{name}")
    if formula is None:
        return None
    bound = {op.inputs[0]: inputs} if op.variadic else dict(zip(op.inputs, inputs, strict=True))
    with np.errstate(all="ignore"):
        pulled = eval(formula, {**options, **bound, "np": np, "y": y, "g": g})
    return _dot(pulled if op.variadic else [pulled], directions)


def _cotangent(y: Any, rng: np.random.Generator) -> Any:
    if isinstance(y, tuple):
        return tuple(_cotangent(one, rng) for one in y)
    return rng.normal(size=np.shape(y))[()] if np.asarray(y).dtype.kind == "f" else np.zeros(np.shape(y))


def _direction(op: Op, shape: tuple[int, ...], rng: np.random.Generator) -> Any:
    t = rng.normal(size=shape)
    return (t + t.T) / 2 if op.name in SYMMETRIC else t


def _several(y: Any) -> Iterator[Any] | tuple[Any, ...]:
    return y if isinstance(y, tuple) else (y,)


def _dot(a: Any, b: Any) -> float:
    return float(sum(np.sum(p * np.asarray(q)) for p, q in zip(a, b, strict=True)))
