"""A broken law in words: what was asked, the smallest input at which it fails, both numbers, and what to look at."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..core.sources import shown
from ..errors import LawBroken
from .laws import LAWS

__all__ = ["report"]

LOOK = {
    "shape": "a rule that does not sum over what broadcasting spread out (unbroadcast does it), or sums over too much",
    "dtype": "an array of another dtype inside the function, such as np.ones(n) or np.array(0.5): give it dtype=x.dtype, or "
             "write a Python number, which takes the dtype of its neighbour",
    "differences": "the rule of each op in the function, one at a time: check_gradients names the guilty one and its line",
    "forward": "the rule of each op in the function; if `differences` holds and this does not, the rule of forward mode",
    "transpose": "a rule that is not linear in its cotangent, or a custom rule for one mode that is not the other's transpose",
    "linearity": "a rule that squares, compares or forgets its cotangent g: it has to be a factor",
    "second": "a rule that uses plain numbers (v.data, float(v)) where it was given Values, so that it leaves the graph",
    "symmetry": "a rule that is right but whose own derivative is not: it leaves the graph, or holds something as constant",
    "mutation": "a function that writes into its argument: x += 1, x[0] = 1, np.f(x, out=x). Write x = x + 1",
    "batch": "code that looks at shapes or at single numbers: x.shape[0], x.reshape(-1), float(x), if x > 0",
    "determinism": "random numbers or a state inside the function: draw them outside, or with a seed of its own",
}  # fmt: skip


def report(broken: LawBroken, function: Callable[..., Any], arguments: Mapping[str, Any]) -> str:
    """The whole story, as it is shown in place of a traceback."""
    statement = " ".join((LAWS[broken.law].__doc__ or "").split())
    width = max(map(len, broken.sides))
    sides = [f"    {what:<{width}}  {_number(side)}" for what, side in broken.sides.items()]
    bar = [] if broken.bar is None else [f"    {'error bar':<{width}}  ± {broken.bar:.2g}"]
    return "\n".join([
        f"{_name(function)} does not keep the law of {broken.law}: {statement}",
        "", "smallest input found:", *(f"    {n} = {_value(x)}" for n, x in arguments.items()),
        "", f"{broken.about}:", *sides, *bar,
        "", f"look at: {LOOK[broken.law]}",
    ])  # fmt: skip


def _name(function: Callable[..., Any]) -> str:
    name = getattr(function, "__name__", repr(function))
    code = getattr(inspect.unwrap(function), "__code__", None)
    return name if code is None else f"{name} ({shown(code.co_filename)}:{code.co_firstlineno})"


def _number(side: Any) -> str:
    return f"{side!r}" if isinstance(side, float) and not isinstance(side, np.generic) else _value(side)


def _value(x: Any) -> str:
    if isinstance(x, np.ndarray):
        dtype = "" if x.dtype == np.float64 else f", {x.dtype}"
        text = np.array2string(x, separator=", ", threshold=50, floatmode="unique").replace("\n", "\n        ")
        return f"{text}  (shape {x.shape}{dtype})"
    return str(x) if isinstance(x, np.generic | np.dtype | type) else repr(x)
