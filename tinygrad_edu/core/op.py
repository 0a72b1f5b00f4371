"""One op, one place: each declarator is a mathematical fact that generates the rest.

    elementwise   the Jacobian is diagonal          you write the partial derivatives   dx=lambda x: ...
    linear        the tangent map is the op itself  you write the adjoint               gx=lambda g, ...: ...
    primitive     no fact                           you write the pullback              gx=lambda g, x, y, ...: ...
    composite     made of other ops                 you write nothing; the chain rule does it

A rule's parameter names say what it needs: an input by its name, `y` the output, `g` the cotangent, an option by its name,
`x_shape` the shape of input `x`. Nothing else is kept alive. A rule is plain NumPy code, run on arrays, or on Values when
the derivative is itself to be differentiated.

    >>> import tinygrad_edu as tg
    >>> @tg.elementwise(dx=lambda x: 4 * x**3)
    ... def quartic(x):
    ...     return x**4
    >>> v = tg.Value(2.0)
    >>> quartic(v).backward()
    >>> float(v.grad)
    32.0
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from inspect import Parameter
from typing import Any, ClassVar

import numpy as np

from ..errors import OptionError

__all__ = ["NUMPY", "REGISTRY", "Op", "composite", "elementwise", "linear", "primitive"]

Rule = Callable[..., Any]
Declarator = Callable[[Callable[..., Any]], "Op"]
REGISTRY: dict[str, Op] = {}
NUMPY: dict[Any, Callable[..., Any]] = {}  # NumPy's function -> what answers for it when it is called with a Value


class Op:
    """A differentiable function: what it computes, and how a gradient comes back through it.

    Attributes:
        name: its name in the registry.
        fn: the function on plain arrays; `run` is the same with the inputs first and the options by name.
        kind: "elementwise", "linear", "primitive" or "composite".
        inputs: the names of the differentiable parameters; a `variadic` op has one that stands for many arguments.
        options: the other parameters with their defaults.
        rules: input name to partial derivative, adjoint or pullback, as declared.
        pulls: the same, ready to run: `pull(g, value)`, one an input; None passes `g` on. `needs` is what each reads.
        domain: input name to where it is defined; an input that is not named takes all real numbers.
        kinks: a function of inputs and options that is zero exactly where the derivative jumps, or None.
        moves: the adjoint only moves, copies or sums entries, so "no gradient reached this entry" passes through it.
        selects: moreover, entries that are left out get no gradient at all, instead of a zero.
        joint: it is linear in all inputs together, as a selection or a concatenation, not in each, as a product.
        push: forward mode's own rule, `push(tangents, value)`, where the other facts do not give one.
        again: the same call with other arguments, from a list to a list, where `fn` is of that one call.
    """

    push: Callable[..., Any] | None = None
    again: Callable[[list[Any]], list[Any]] | None = None
    apply: ClassVar[Callable[..., Any]]  # these two set by `calls`: calling an op makes a Value, whose operators call ops
    operator: ClassVar[Callable[..., Any]]
    document: ClassVar[Callable[[Op], str]] = staticmethod(lambda op: op.fn.__doc__ or "")  # what `help(op)` shows

    def __init__(self, fn: Callable[..., Any], kind: str, rules: Mapping[str, Any], *, name: str | None = None,
                 domain: Mapping[str, Any] | None = None, kinks: Callable[..., Any] | None = None,
                 moves: bool = False, selects: bool = False, sequence: bool = False,
                 joint: bool = False) -> None:  # fmt: skip
        self.name = self.__name__ = self.__qualname__ = name or fn.__name__
        self.__module__, self.__wrapped__ = fn.__module__, fn
        self.fn, self.kind, self.kinks, self.rules, self.domain = fn, kind, kinks, dict(rules), dict(domain or {})
        self.moves, self.selects, self.sequence, self.joint = moves or selects, selects, sequence, joint or sequence
        parameters = _parameters(fn)
        if unknown := rules.keys() - parameters.keys():
            raise OptionError(f"{self.name}: a rule for {sorted(unknown)}, but the parameters are {list(parameters)}")
        if not rules:
            raise OptionError(f"{self.name}: no input has a rule; the parameters are {list(parameters)}")
        self.names = [*parameters]
        self.inputs = tuple(n for n in parameters if n in rules)
        self.options = {n: default for n, default in parameters.items() if n not in rules}
        self._defaults = {n: default for n, default in parameters.items() if default is not _MANY}
        self.variadic = sequence or parameters[self.inputs[0]] is _MANY
        self.before = self.names[: self.names.index(self.inputs[0])]
        first = self.names[: len(self.inputs)] == [*self.inputs]
        self.run = fn if first and not sequence else _reordered(fn, self.inputs, self.before, sequence, self.variadic)
        self.plain = not self.options and not self.variadic
        self.binary = kind == "elementwise" and len(self.inputs) == 2
        self.simple = not (self.selects or self.variadic or self.name == "pick")
        both = [] if kind == "composite" else [_compiled(self, self.rules[i]) for i in self.inputs]
        self.pulls, self.needs = tuple(p for p, _ in both), tuple(n for _, n in both)
        self._masks: dict[tuple[bool, ...], tuple[tuple[bool, ...], bool]] = {}

    def __get__(self, instance: Any, owner: Any = None) -> Op:
        """Itself, also as an attribute of a class: `pydoc` calls what has this method a routine, and shows its signature."""
        return self

    def __repr__(self) -> str:
        return f"<{self.kind} op {self.name}({', '.join(self.names)})>"

    def __reduce__(self) -> Any:
        return _registered, (self.name,)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Apply to arrays, numbers or Values; Values are recorded."""
        if self.plain and not kwargs and len(args) == len(self.inputs):
            return Op.apply(self, args, None)
        return Op.apply(self, *self.bind(args, kwargs))

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Part a call into its differentiable arguments and a full set of options.

        Raises:
            TypeError: an argument is missing, unknown or given twice.
        """
        names, many = self.names, self.variadic and not self.sequence
        first, rest = (args[: len(self.before)], args[len(self.before) :]) if many else (args, ())
        given = {**self._defaults, **dict(zip(names, first, strict=False)), **kwargs}
        twice = [n for n in names[: len(first)] if n in kwargs]
        needed = [n for n in names if not (many and n == self.inputs[0])]
        missing = [n for n in needed if given.get(n, _NONE) is _NONE]
        if unknown := [*twice, *missing, *(given.keys() - set(names)), *first[len(names) :]]:
            why = "given twice" if twice else "missing" if missing else "not known here"
            raise TypeError(f"{self.name}() takes {', '.join(names)}: {why}: {', '.join(map(repr, unknown))}")
        inputs = rest if many else tuple(given.pop(n) for n in self.inputs)
        return tuple(inputs[0]) if self.sequence else inputs, given

    def kept(self, tracked: tuple[bool, ...]) -> tuple[tuple[bool, ...], bool]:
        """Which arguments, and whether the output, the rules of the tracked arguments read: what a lean graph keeps."""
        if tracked not in self._masks:
            many = len(tracked) if self.variadic else 1
            read = set().union(*(n for n, t in zip(self.needs * many, tracked, strict=True) if t))
            self._masks[tracked] = (tuple(n in read for n in self.inputs * many), "y" in read)
        return self._masks[tracked]


class _Doc:
    """`op.__doc__`, written when it is read; the class has its own."""

    def __init__(self, own: str | None) -> None:
        self.own = own

    def __get__(self, op: Op | None, owner: Any = None) -> str | None:
        return self.own if op is None else Op.document(op)


Op.__doc__ = _Doc(Op.__doc__)  # type: ignore[assignment]  # text to Python, written when it is read


_NONE, _MANY = Parameter.empty, object()  # no default; a *parameter
_STAR = 4  # the flag of a code object that takes one


def _parameters(fn: Callable[..., Any]) -> dict[str, Any]:
    """The parameters of a function with their defaults: `inspect.signature`, which takes ten times as long."""
    code = getattr(fn, "__code__", None)
    if code is None:
        raise OptionError(f"functions and rules are declared with def or lambda, which name their parameters; got {fn!r}")
    names, n, k = code.co_varnames, code.co_argcount, code.co_kwonlyargcount
    defaults = fn.__defaults__ or ()
    by_place = dict(zip(names[:n], [_NONE] * (n - len(defaults)) + [*defaults], strict=True))
    star = {names[n + k]: _MANY} if code.co_flags & _STAR else {}
    return {**by_place, **star, **{name: (fn.__kwdefaults__ or {}).get(name, _NONE) for name in names[n : n + k]}}


def _registered(name: str) -> Op:
    from .calls import PICK

    return PICK if name == PICK.name else REGISTRY[name]


def _reordered(fn: Callable[..., Any], inputs: tuple[str, ...], before: list[str], sequence: bool,
               many: bool) -> Callable[..., Any]:  # fmt: skip
    """`fn` as a function of its inputs, with everything else by name."""
    if sequence:
        return lambda *xs, **options: fn(**{inputs[0]: xs}, **options)
    if many:
        return lambda *xs, **options: fn(*[options.pop(n) for n in before], *xs, **options)
    return lambda *xs, **options: fn(**dict(zip(inputs, xs, strict=True)), **options)


_CONSTANT: dict[Any, Any] = {1: None, -1: lambda g, v: -g, 0: lambda g, v: np.zeros_like(g)}


def _compiled(op: Op, rule: Any) -> tuple[Any, frozenset[str]]:
    """`pull(g, value)` for a rule, its names bound once to the places of the value where they lie; and those names."""
    if isinstance(rule, int | float):
        return _CONSTANT.get(rule, lambda g, v: g * rule), frozenset()
    names = list(_parameters(rule))
    if op.kind == "elementwise" and "g" in names:
        raise OptionError(f"{op.name}: a partial derivative is of inputs and output; the engine multiplies it by g")
    product = "g * " if op.kind == "elementwise" else ""
    source = f"lambda g, v: {product}rule({', '.join(_place(op, name) for name in names)})"
    return eval(_code(source), {"rule": rule, "shape": _shape}), frozenset(names)


@cache
def _code(source: str) -> Any:
    return compile(source, "<rule>", "eval")


def _shape(argument: Any) -> tuple[int, ...]:
    return argument._data.shape if hasattr(argument, "_data") else np.shape(argument)


def _place(op: Op, name: str) -> str:
    """Where a rule finds what it asks for by this name, as source text about the value `v`."""
    inputs, shapes = op.inputs, [f"{i}_shape" for i in op.inputs]
    if name in ("g", "y"):
        return {"g": "g", "y": "v._data"}[name]
    if name in inputs:
        return "v._saved" if op.variadic else f"v._saved[{inputs.index(name)}]"
    if name in op.options:
        return f"v.kwargs[{name!r}]"
    if name in shapes:
        return "[shape(a) for a in v.args]" if op.variadic else f"shape(v.args[{shapes.index(name)}])"
    raise OptionError(f"{op.name}: a rule asks for {name!r}; it can have {['g', 'y', *inputs, *shapes, *op.options]}")


def _declarator(kind: str, letter: str, rules: dict[str, Any], numpy: Any, name: Any, **facts: Any) -> Declarator:
    if wrong := [key for key in rules if not key.startswith(letter)]:
        raise OptionError(f"{kind}: the rule for an input x is called {letter}x, got {wrong}")

    def declare(fn: Callable[..., Any]) -> Op:
        op = Op(fn, kind, {key[1:]: rule for key, rule in rules.items()}, name=name, **facts)
        old = REGISTRY.get(op.name)
        if old is not None and not _again(old.fn, fn):
            raise OptionError(f"an op called {op.name!r} exists already; choose another name, or pass name=")
        REGISTRY[op.name] = op
        for target in numpy if isinstance(numpy, tuple) else (numpy or getattr(np, fn.__name__, None),):
            if callable(target) and NUMPY.get(target, old) is old:
                NUMPY[target] = op
        return op

    return declare


def _again(old: Callable[..., Any], new: Callable[..., Any]) -> bool:
    """Whether a notebook cell or a prompt declares its own function once more, as people do while they write it."""
    return old.__module__ == new.__module__ == "__main__" and old.__qualname__ == new.__qualname__


def elementwise(*, domain: Mapping[str, Any] | None = None, kinks: Callable[..., Any] | None = None, numpy: Any = None,
                name: str | None = None, **partials: Any) -> Declarator:  # fmt: skip
    """Declare a function that works entry by entry, by its partial derivatives.

    >>> import tinygrad_edu as tg
    >>> @tg.elementwise(dx=lambda x: 3 * x * x)
    ... def third_power(x):
    ...     return x * x * x
    >>> x = tg.Value([1.0, 2.0])
    >>> third_power(x).sum().backward()
    >>> x.grad
    array([ 3., 12.])

    A rule names what it needs: inputs, options, and `y` for the result.

    Args:
        domain: input name to where it is defined, a `Domain`; all real numbers if not said.
        kinks: of inputs and options: zero exactly where the derivative jumps; a tuple if there are several such sets.
        numpy: the NumPy function, or a tuple of them, that it answers for; the one of the same name if not said.
        name: the name in the registry; the function's own if not said.
        **partials: `dNAME=` for each input NAME: a rule, or a number where the derivative is constant.
    """
    return _declarator("elementwise", "d", partials, numpy, name, domain=domain, kinks=kinks)


def linear(*, numpy: Any = None, name: str | None = None, moves: bool = False, selects: bool = False,
           sequence: bool = False, joint: bool = False, **adjoints: Rule) -> Declarator:  # fmt: skip
    """Declare a function that is linear in each input, by its adjoints.

    >>> import tinygrad_edu as tg
    >>> @tg.linear(gx=lambda g: g[::-1], moves=True)
    ... def turned_round(x):
    ...     return x[::-1]
    >>> x = tg.Value([1.0, 2.0])
    >>> (turned_round(x) * np.array([10.0, 1.0])).sum().backward()
    >>> x.grad
    array([ 1., 10.])

    Args:
        numpy: as for `elementwise`.
        name: as for `elementwise`.
        moves: the adjoint only moves, copies or sums entries of `g`.
        selects: moreover, an entry that the function leaves out gets no gradient at all.
        sequence: the one input is a sequence of arrays, as in `np.stack`; its rule returns a gradient for each.
        joint: it is linear in all inputs together, `f(x + s, y + t) = f(x, y) + f(s, t)`; a sequence is.
        **adjoints: `gNAME=` for each input NAME: from the cotangent `g` of the output to that of the input.
    """
    return _declarator("linear", "g", adjoints, numpy, name, moves=moves, selects=selects, sequence=sequence,
                       joint=joint)  # fmt: skip


def primitive(*, numpy: Any = None, name: str | None = None, moves: bool = False, selects: bool = False,
              kinks: Callable[..., Any] | None = None, **pullbacks: Rule) -> Declarator:  # fmt: skip
    """Declare a function by its pullbacks `gNAME=`; the other arguments are as for `linear` and `elementwise`.

    >>> import tinygrad_edu as tg
    >>> @tg.primitive(gx=lambda g, x: g * 2 * x)
    ... def squared_length(x):
    ...     return np.sum(x * x)
    >>> x = tg.Value([3.0, 4.0])
    >>> squared_length(x).backward()
    >>> x.grad
    array([6., 8.])

    A function that returns a tuple has tuples for `y` and `g`; an output that nothing flows back to has zeros in `g`.
    A `*parameter` has one pullback, which returns a gradient for each argument.
    """
    return _declarator("primitive", "g", pullbacks, numpy, name, moves=moves, selects=selects, kinks=kinks)


def composite(*, inputs: tuple[str, ...] = ("x",), numpy: Any = None, name: str | None = None, sequence: bool = False,
              kinks: Callable[..., Any] | None = None) -> Declarator:  # fmt: skip
    """Register a function that is written with other ops; its derivative is theirs, by the chain rule.

    >>> import tinygrad_edu as tg
    >>> @tg.composite()
    ... def mean_square(x):
    ...     return np.mean(x * x)
    >>> x = tg.Value([1.0, 3.0])
    >>> mean_square(x).backward()
    >>> x.grad
    array([1., 3.])
    """
    rules = dict.fromkeys([f"g{i}" for i in inputs])
    return _declarator("composite", "g", rules, numpy, name, kinks=kinks, sequence=sequence)
