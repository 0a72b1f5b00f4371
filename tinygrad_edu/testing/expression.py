"""An expression graph as plain data: which op is applied to which of the earlier results.

    x0 = 2.0            the inputs come first: places 0, 1, ...
    x1 = [1.0, 3.0]
    a = x0 * x1         place 2
    y = sum(a * a)      places 3 and 4; place 2 is used twice

    Expression([2.0, [1.0, 3.0]], [("multiply", (0, 1)), ("multiply", (2, 2)), ("sum", (3,))])

A result that is used several times is written once, so gradients have to be added up where it is shared. The same data
runs on numbers, arrays, Values, any other kind of array that answers NumPy's protocol, and on the functions of another
library.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..core import REGISTRY, Op
from ..errors import OptionError
from .generating.conditions import interior

__all__ = ["Expression", "applied", "arranged"]

Argument = int | float | None
Row = tuple[str, tuple[Argument, ...], dict[str, Any]]


class Expression:
    """A function that is made of registered ops, and a point to evaluate it at. It never changes.

    Args:
        inputs: the numbers and arrays it is evaluated at, or (nested) lists of them: places 0, 1, ...
        rows: `(op, arguments)` or `(op, arguments, options)`: the name of an op, what it is applied to, and its
            options by name. An argument is the place of an input or of an earlier result (an int), a constant
            (a float), or None where the op takes that. The last row is the result; without rows, the last input is.

    Raises:
        OptionError: no inputs; entries that are not finite; an argument that is not there yet; options that cannot be
            written as JSON.

    >>> f = Expression([0.5], [("tanh", (0,)), ("multiply", (1, 1))])
    >>> print(f.source())
    def f(x):
        a = np.tanh(x)
        return a * a
    >>> float(f()), float(f(2.0))
    (0.214, 0.929)
    >>> import tinygrad_edu as tg
    >>> x = tg.Value(0.5)
    >>> f(x).backward()
    >>> float(x.grad)
    0.727
    """

    __slots__ = ("_key", "inputs", "rows")
    inputs: tuple[Any, ...]  # NumPy scalars and read-only arrays of float64
    rows: tuple[Row, ...]

    def __init__(self, inputs: Iterable[Any], rows: Iterable[Sequence[Any]] = ()) -> None:
        self.inputs = tuple(_point(x) for x in inputs)
        self.rows = tuple(_row(row) for row in rows)
        if not self.inputs:
            raise OptionError("an expression has at least one input; a constant one is Expression([2.0])")
        for place, (name, arguments, _) in enumerate(self.rows, len(self.inputs)):
            if ahead := [a for a in arguments if type(a) is int and not 0 <= a < place]:
                raise OptionError(f"{name} stands at place {place}; its arguments are places before that, not {ahead}")
        self._key = self.to_json()

    @property
    def ops(self) -> tuple[str, ...]:
        """The names of its ops, in order."""
        return tuple(name for name, _, _ in self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __call__(self, *inputs: Any) -> Any:
        """The result at these inputs, of any kind of array that the ops take; at its own point without any.

        Raises:
            OptionError: another number of inputs than the expression has.
        """
        return self.trace(inputs or self.inputs)[-1]

    def trace(self, inputs: Sequence[Any], functions: Callable[[str], Any] = REGISTRY.__getitem__,
              constant: Callable[[float], Any] = float, edge: Callable[[Any], Any] = lambda x: x) -> list[Any]:  # fmt: skip
        """Every place: the inputs, then each result.

        Args:
            inputs: what stands for the inputs.
            functions: from the name of an op to the function that is called, with the arguments and options of the op.
            constant: makes a constant of the expression an operand of those functions.
            edge: what each argument passes through on its way to an op.
        """
        if len(inputs) != len(self.inputs):
            raise OptionError(f"the expression has {len(self.inputs)} inputs, got {len(inputs)}")
        places = list(inputs)
        for name, arguments, options in self.rows:
            xs = [edge(places[a]) if type(a) is int else None if a is None else constant(a) for a in arguments]
            places.append(applied(name, functions(name), xs, options))
        return places

    def interior(self) -> bool:
        """Whether every op is smooth around its arguments: inside the domain that it is tested on, away from kinks and ties."""
        places = list(self.inputs)
        for name, arguments, options in self.rows:
            xs = [places[a] if type(a) is int else a for a in arguments]
            if not interior(name, xs, options):
                return False
            places.append(applied(name, REGISTRY[name], xs, options))
        return all(np.all(np.isfinite(y)) for y in places)

    def shared(self) -> list[int]:
        """The places that are used more than once."""
        uses = sorted(a for _, arguments, _ in self.rows for a in arguments if type(a) is int)
        return sorted({a for a, b in pairwise(uses) if a == b})

    def source(self, name: str = "f") -> str:
        """The expression as a Python function of NumPy and `tinygrad_edu` (as `tg`), with shared results named once."""
        from .expression_source import source

        return source(self, name)

    def __repr__(self) -> str:
        rows = [repr((name, arguments, options) if options else (name, arguments)) for name, arguments, options in self.rows]
        return f"Expression([{', '.join(map(_written, self.inputs))}], [{', '.join(rows)}])"

    # -- JSON ----------------------------------------------------------------------------------------------------------

    def to_json(self) -> str:
        """One line of JSON, from which `from_json` makes the same expression."""
        rows = [[name, list(arguments), _encoded(options)] for name, arguments, options in self.rows]
        inputs = [x.tolist() if x.size or not x.shape else {"shape": x.shape} for x in self.inputs]
        return json.dumps({"inputs": inputs, "rows": rows}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Expression:
        """The expression that `to_json` wrote.

        Raises:
            OptionError: text that is not JSON of an expression.

        >>> f = Expression([[1.0, 2.0]], [("getitem", (0,), {"index": (slice(None, None, -1), None)})])
        >>> Expression.from_json(f.to_json()) == f
        True
        """
        try:
            data = json.loads(text)
            inputs = [np.zeros(x["shape"]) if isinstance(x, dict) else x for x in data["inputs"]]
            rows = [(name, tuple(arguments), _decoded(options)) for name, arguments, options in data["rows"]]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            form = '{"inputs": [...], "rows": [[op, arguments, options], ...]}'
            raise OptionError(f"not an expression as JSON, {form}: {error}") from None
        return cls(inputs, rows)


def applied(name: str, function: Any, xs: Sequence[Any], options: dict[str, Any]) -> Any:
    """`function` called as the op `name` is called: by position up to the last input, the other options by name."""
    op = REGISTRY[name]
    if op.sequence:
        return function(list(xs), **options)
    positional, rest = arranged(op, list(xs), options)
    return function(*positional, **rest)


def arranged(op: Op, xs: list[Any], options: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """What a call passes by position, and what by name; options that stand between the inputs go by position too."""
    if op.variadic:
        return [*(options[n] for n in op.before), *xs], {n: o for n, o in options.items() if n not in op.before}
    given = {**op.options, **options, **dict(zip(op.inputs, xs, strict=True))}
    positional = op.names[: 1 + op.names.index(op.inputs[-1])]
    return [given[n] for n in positional], {n: o for n, o in options.items() if n not in positional}


def _point(x: Any) -> Any:
    a = np.array(x, float)
    if not np.all(np.isfinite(a)):
        raise OptionError(f"the inputs of an expression are finite numbers; got {x}")
    a.setflags(write=False)
    return a if a.shape else a[()]


def _row(row: Sequence[Any]) -> Row:
    name, arguments, options = (*row, {})[:3]
    if name not in REGISTRY:
        raise OptionError(f"no op is called {name!r}; declared ops stand in tg.REGISTRY")
    if wrong := [a for a in arguments if type(a) not in (int, float) and a is not None]:
        raise OptionError(f"{name}: an argument is a place (an int), a constant (a float) or None; got {wrong}")
    return name, tuple(arguments), dict(options)


def _written(x: Any) -> str:
    return f"np.zeros({x.shape})" if not x.size else repr(x.tolist())


def _encoded(o: Any) -> Any:
    if isinstance(o, dict):
        return {name: _encoded(one) for name, one in o.items()}
    if isinstance(o, slice):
        return {"slice": [o.start, o.stop, o.step]}
    if isinstance(o, tuple):
        return {"tuple": [_encoded(one) for one in o]}
    if o is Ellipsis:
        return {"ellipsis": True}
    if isinstance(o, list):
        return [_encoded(one) for one in o]
    if o is None or isinstance(o, bool | int | float | str):
        return o
    raise OptionError(f"an option of an expression is a number, text, None, slice, tuple or list; got {o!r}")


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "slice": lambda ends: slice(*ends),
    "tuple": lambda entries: tuple(_decoded(one) for one in entries),
    "ellipsis": lambda _: Ellipsis,
}


def _decoded(o: Any) -> Any:
    if isinstance(o, list):
        return [_decoded(one) for one in o]
    if not isinstance(o, dict):
        return o
    if len(o) == 1 and (key := next(iter(o))) in _DECODERS:
        return _DECODERS[key](o[key])
    return {name: _decoded(one) for name, one in o.items()}
