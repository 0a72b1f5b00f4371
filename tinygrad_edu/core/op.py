"""One op, one place: three declarators, each a mathematical fact that generates the rest.

    elementwise   the Jacobian is diagonal          you write the partial derivatives   dx=lambda x: ...
    linear        the tangent map is the op itself  you write the adjoint               gx=lambda g, ...: ...
    primitive     no fact                           you write the pullback              gx=lambda g, x, y, ...: ...
    composite     made of other ops                 you write nothing; the chain rule does it

The parameter names of a rule say what it needs: an input by its name, `y` the output, `g` the cotangent, an option by its
name, and `x_shape` the shape of input `x`. Nothing else is kept alive. A rule is plain NumPy code and is run on arrays,
or on Values when the derivative is itself to be differentiated.

    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> @tg.elementwise(dx=lambda x: 3 * x * x)
    ... def cubed(x):
    ...     return x * x * x
    >>> v = tg.Value(2.0)
    >>> cubed(v).backward()
    >>> float(v.grad)
    12.0
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ..errors import OptionError
from .domain import Domain, real

__all__ = ["NUMPY", "REGISTRY", "Op", "composite", "elementwise", "linear", "primitive"]

Rule = Callable[..., Any]
REGISTRY: dict[str, Op] = {}
NUMPY: dict[Any, Callable[..., Any]] = {}


class Op:
    """A differentiable function: what it computes, and how a gradient comes back through it.

    Attributes:
        name: its name in the registry.
        fn: the function on plain arrays.
        kind: "elementwise", "linear", "primitive" or "composite".
        inputs: the names of the differentiable parameters.
        variadic: whether the single input stands for many: a `*parameter` or a sequence.
        run: `fn` called with the inputs first and the options by name.
        options: the other parameters with their defaults; `inspect.Parameter.empty` marks a required one.
        rules: what was declared: input name to partial derivative, adjoint or pullback.
        pulls: the same, ready to run: `pull(g, node)`, one an input.
        needs: for each input, the names of what its pull reads.
        domain: input name to `Domain`.
        kinks: a function of inputs and options that is zero exactly where the derivative jumps, or None.
        moves: the adjoint only moves, copies or sums entries, so "no gradient reached this entry" passes through it.
        selects: moreover, entries that are left out get no gradient at all, instead of a zero.
    """

    def __init__(self, fn: Callable[..., Any], kind: str, rules: Mapping[str, Any], *, name: str | None = None,
                 domain: Mapping[str, Domain] | None = None, kinks: Callable[..., Any] | None = None,
                 moves: bool = False, selects: bool = False, sequence: bool = False) -> None:  # fmt: skip
        self.name = self.__name__ = self.__qualname__ = name or fn.__name__
        self.__doc__, self.__wrapped__ = fn.__doc__, fn
        self.fn, self.kind, self.kinks = fn, kind, kinks
        self.moves, self.selects = moves or selects, selects
        self.rules = dict(rules)
        self._bind_parameters(rules, sequence)
        self.domain = dict(domain or {}) if kind != "elementwise" else {i: (domain or {}).get(i, real) for i in self.inputs}
        self.pulls, self.needs = _pulls(self)
        self.binary = kind == "elementwise" and len(self.inputs) == 2
        self._masks: dict[Any, tuple[bool, ...]] = {}

    def _bind_parameters(self, rules: Mapping[str, Any], sequence: bool) -> None:
        parameters = inspect.signature(self.fn).parameters
        if unknown := set(rules) - set(parameters):
            raise OptionError(f"{self.name}: a rule for {sorted(unknown)}, but the parameters are {list(parameters)}")
        self.inputs = tuple(n for n in parameters if n in rules)
        star = parameters[self.inputs[0]].kind is inspect.Parameter.VAR_POSITIONAL
        self.variadic, self._sequence = star or sequence, sequence
        self.options = {n: p.default for n, p in parameters.items() if n not in self.inputs}
        self._names = [*parameters]
        self._plain = not self.options and not self.variadic
        before = self._names[: self._names.index(self.inputs[0])]
        self.run = _reordered(self.fn, before, sequence) if before or sequence else self.fn

    def __repr__(self) -> str:
        return f"<{self.kind} op {self.name}({', '.join(self._names) or '*' + self.inputs[0]})>"

    def __reduce__(self) -> Any:
        return (_lookup, (self.name,)) if REGISTRY.get(self.name) is self else object.__reduce__(self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Apply to arrays, numbers or Values; Values are recorded."""
        from .value import apply  # the two files are one idea; a Value is made by calling an op

        if self._plain and not kwargs and len(args) == len(self.inputs):
            return apply(self, args, None)
        return apply(self, *self.bind(args, kwargs))

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Part a call into its differentiable arguments and a full set of options.

        Raises:
            TypeError: an argument is missing, unknown or given twice.
        """
        names = self._names
        if self.variadic and not self._sequence:
            k = names.index(self.inputs[0])
            return args[k:], self._options({**dict(zip(names[:k], args[:k], strict=False)), **kwargs})
        if len(args) > len(names):
            raise TypeError(f"{self.name}() takes {names}, got {len(args)} arguments")
        given = dict(zip(names, args, strict=False))
        if twice := given.keys() & kwargs.keys():
            raise TypeError(f"{self.name}() got {sorted(twice)} twice")
        given.update(kwargs)
        if missing := [n for n in self.inputs if n not in given]:
            raise TypeError(f"{self.name}() misses {missing}; it takes {names}")
        xs = tuple(given.pop(n) for n in self.inputs)
        return tuple(xs[0]) if self._sequence else xs, self._options(given)

    def _options(self, given: dict[str, Any]) -> dict[str, Any]:
        if unknown := given.keys() - self.options.keys():
            raise TypeError(f"{self.name}() has no option {sorted(unknown)}; it takes {self._names}")
        options = {**self.options, **given}
        if missing := [n for n, v in options.items() if v is inspect.Parameter.empty]:
            raise TypeError(f"{self.name}() misses {missing}; it takes {self._names}")
        return options

    def mask(self, tracked: tuple[bool, ...]) -> tuple[bool, ...]:
        """Which inputs, and last the output, the rules of the tracked inputs read: all that a lean node keeps."""
        if tracked not in self._masks:
            needs = self.needs * len(tracked) if self.variadic else self.needs
            read = set().union(*(n for n, t in zip(needs, tracked, strict=True) if t))
            names = self.inputs * len(tracked) if self.variadic else self.inputs
            self._masks[tracked] = (*(n in read for n in names), "y" in read)
        return self._masks[tracked]


def _reordered(fn: Callable[..., Any], before: list[str], sequence: bool) -> Callable[..., Any]:
    """`fn` called with its differentiable arguments first and everything else by name."""
    if sequence:
        return lambda *xs, **options: fn(xs, **options)
    return lambda *xs, **options: fn(*[options.pop(n) for n in before], *xs, **options)


def _lookup(name: str) -> Op:
    return REGISTRY[name]


def _pulls(op: Op) -> tuple[tuple[Rule, ...], tuple[frozenset[str], ...]]:
    if op.kind == "composite":
        return (), ()
    both = [_compile(op, op.rules[i]) for i in op.inputs]
    return tuple(p for p, _ in both), tuple(n for _, n in both)


def _compile(op: Op, rule: Any) -> tuple[Rule, frozenset[str]]:
    """Bind the names of a rule, once, to the places of a node where their values lie."""
    if op.kind == "elementwise" and isinstance(rule, int | float):
        return _CONSTANT.get(rule, lambda g, n: g * rule), frozenset()
    names = list(inspect.signature(rule).parameters)
    call = f"rule({', '.join(_place(op, name) for name in names)})"
    source = f"lambda g, n: {'g * ' if op.kind == 'elementwise' and 'g' not in names else ''}{call}"
    return eval(source, {"rule": rule, "shape": _shape}), frozenset(names)


_CONSTANT: dict[Any, Any] = {1: None, -1: lambda g, n: -g, 0: lambda g, n: np.zeros_like(g)}  # None: pass g on


def _place(op: Op, name: str) -> str:
    if name in ("g", "y"):
        return {"g": "g", "y": "n._data"}[name]
    if name in op.inputs:
        return "n._saved" if op.variadic else f"n._saved[{op.inputs.index(name)}]"
    if name in op.options:
        return f"n.kwargs[{name!r}]"
    if name.endswith("_shape") and name[:-6] in op.inputs:
        i = op.inputs.index(name[:-6])
        return "[shape(a) for a in n.args]" if op.variadic else f"shape(n.args[{i}])"
    choices = ["g", "y", *op.inputs, *(f"{i}_shape" for i in op.inputs), *op.options]
    raise OptionError(f"{op.name}: a rule asks for {name!r}; it can have {choices}")


def _shape(argument: Any) -> tuple[int, ...]:
    return argument._data.shape if hasattr(argument, "_data") else np.shape(argument)


def _declare(kind: str, prefix: str, rules: dict[str, Any], facts: dict[str, Any]) -> Callable[[Callable[..., Any]], Op]:
    numpy, name = facts.pop("numpy", None), facts.pop("name", None)
    for key in rules:
        if not key.startswith(prefix):
            raise OptionError(f"{kind}: a rule is called {prefix}NAME for the input NAME, got {key!r}")

    def declare(fn: Callable[..., Any]) -> Op:
        op = Op(fn, kind, {k[1:]: r for k, r in rules.items()}, name=name, **facts)
        if op.name in REGISTRY:
            raise OptionError(f"an op called {op.name!r} exists already; choose another name, or pass name=")
        REGISTRY[op.name] = op
        for target in numpy if isinstance(numpy, tuple) else (numpy or getattr(np, fn.__name__, None),):
            if callable(target):
                NUMPY.setdefault(target, op)
        return op

    return declare


def elementwise(*, domain: Mapping[str, Domain] | None = None, kinks: Callable[..., Any] | None = None,
                numpy: Any = None, name: str | None = None, **partials: Any) -> Callable[[Callable[..., Any]], Op]:  # fmt: skip
    """Declare a function that works entry by entry, by its partial derivatives.

    Args:
        domain: input name to where it is defined; all real numbers if not said.
        kinks: of inputs and options; zero exactly where the derivative jumps (a tuple if there are several such sets).
        numpy: the NumPy function or functions it answers for; the one of the same name if not said.
        name: the name in the registry; the function's own if not said.
        **partials: `dNAME=` for each input NAME: a rule, or a number when the derivative is constant.
    """
    return _declare("elementwise", "d", partials, dict(domain=domain, kinks=kinks, numpy=numpy, name=name))


def linear(*, numpy: Any = None, name: str | None = None, moves: bool = False, selects: bool = False,
           sequence: bool = False, **adjoints: Rule) -> Callable[[Callable[..., Any]], Op]:  # fmt: skip
    """Declare a function that is linear in each input, by its adjoints `gNAME=`.

    Args:
        numpy: as for `elementwise`.
        name: as for `elementwise`.
        moves: the adjoint only moves, copies or sums entries of `g`.
        selects: and an entry that the function leaves out gets no gradient at all.
        sequence: the one input is a sequence of arrays, as in `np.stack`; its rule returns a gradient for each.
        **adjoints: `gNAME=` for each input NAME.
    """
    return _declare("linear", "g", adjoints,
                    dict(moves=moves, selects=selects, sequence=sequence, numpy=numpy, name=name))  # fmt: skip


def primitive(*, numpy: Any = None, name: str | None = None, moves: bool = False, selects: bool = False,
              kinks: Callable[..., Any] | None = None, **pullbacks: Rule) -> Callable[[Callable[..., Any]], Op]:  # fmt: skip
    """Declare a function by its pullbacks `gNAME=`: from the cotangent `g` of the output to that of the input.

    A function that returns a tuple has tuples for `y` and `g`; an output that nothing flows back to has zeros in `g`.
    A `*parameter` has one pullback that returns a gradient for each argument.
    """
    facts = dict(moves=moves, selects=selects, kinks=kinks, numpy=numpy, name=name)
    return _declare("primitive", "g", pullbacks, facts)


def composite(*, numpy: Any = None, name: str | None = None, inputs: tuple[str, ...] = ("x",),
              kinks: Callable[..., Any] | None = None) -> Callable[[Callable[..., Any]], Op]:  # fmt: skip
    """Register a function that is written with other ops; its derivative is theirs, by the chain rule."""
    return _declare("composite", "g", {f"g{i}": None for i in inputs}, dict(kinks=kinks, numpy=numpy, name=name))


def documented(op: Op) -> Iterator[tuple[str, str]]:
    """The formula lines of an op's docstring as pairs: `("y", "log(x)")`, `("dy/dx", "1/x")`.

    A line that ends in a comma or inside a bracket goes on in the next one.
    """
    lines, text = iter(inspect.getdoc(op.fn).splitlines() if op.fn.__doc__ else ()), ""
    for line in lines:
        text = f"{text} {line.strip()}" if text else line.strip()
        left, equals, right = text.partition(" = ")
        if not (equals and (left == "y" or left.startswith(("dy/d", "g")) and left.replace("/", "").isidentifier())):
            text = ""
        elif text.count("(") + text.count("[") == text.count(")") + text.count("]") and not text.endswith(","):
            yield left, right
            text = ""
