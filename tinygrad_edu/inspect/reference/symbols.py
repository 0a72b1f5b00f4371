"""A symbol is a kind of array: pass it through a rule, and what comes out is the rule's formula.

    >>> from tinygrad_edu import ops
    >>> x, y = symbol("x"), symbol("y")
    >>> ops.tanh.rules["x"](y)                # the rule of tanh is `lambda y: 1 - y * y`
    1 - y**2
    >>> import numpy as np
    >>> np.where(x > 0, x, np.exp(x) - 1)
    Piecewise((x, x > 0), (exp(x) - 1, True))

What NumPy's functions mean to a symbol is what the ops that answer for them say in their docstrings; the few that are no
ops, as comparisons, are listed here. Needs the extra `symbolic`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from inspect import signature
from math import exp, log
from typing import Any

import numpy as np

from ...core import NUMPY, Op
from ...errors import MissingExtra, NotDifferentiable
from ...ops.documentation import documented

__all__ = ["UNREADABLE", "Symbol", "documented_formulas", "exact", "expanded", "function", "symbol", "sympy", "variables"]

Expression = Any  # of SymPy's
# What code raises that does more with its arguments than symbols can follow; NotDifferentiable is a TypeError.
UNREADABLE = (TypeError, ValueError, IndexError, KeyError, AttributeError, NotImplementedError, ZeroDivisionError)


@cache
def sympy() -> Any:
    """The module, when it is first needed.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        import sympy
    except ImportError as error:
        raise MissingExtra("formulas need sympy and mpmath: pip install 'tinygrad-edu[symbolic]'") from error
    return sympy


# -- the array kind ----------------------------------------------------------------------------------------------------


class Symbol:
    """An array of shape () whose one entry is a SymPy expression, `expression`."""

    __slots__ = ("expression",)
    __hash__ = None  # type: ignore[assignment]  # == makes a relation
    shape: tuple[int, ...] = ()
    ndim, size = 0, 1

    def __init__(self, expression: Expression) -> None:
        self.expression = expression

    def __repr__(self) -> str:
        return str(self.expression)

    def __bool__(self) -> bool:
        """Of a relation that holds always or never; nothing else has an answer."""
        if self.expression in (sympy().true, sympy().false):
            return bool(self.expression)
        raise NotDifferentiable(f"a rule cannot branch on the value {self.expression}; write np.where(condition, a, b)")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise NotDifferentiable(f"np.asarray() of the symbol {self.expression}: a rule has to leave its arrays as they are")

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        if method != "__call__":
            raise NotDifferentiable(f"np.{ufunc.__name__}.{method} of a symbol has no formula")
        return _answer(ufunc, args, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return _answered(function, args, kwargs) if isinstance(function, Op) else _answer(function, args, kwargs)

    def __getitem__(self, index: Any) -> Symbol:
        if index not in ((), ...):
            raise IndexError(f"{self.expression} has no axes, so [{index}] has no meaning")
        return self

    # fmt: off
    def __add__(self, other: Any) -> Any: return _operator(lambda a, b: a + b, self, other)
    def __radd__(self, other: Any) -> Any: return _operator(lambda a, b: b + a, self, other)
    def __sub__(self, other: Any) -> Any: return _operator(lambda a, b: a - b, self, other)
    def __rsub__(self, other: Any) -> Any: return _operator(lambda a, b: b - a, self, other)
    def __mul__(self, other: Any) -> Any: return _operator(lambda a, b: a * b, self, other)
    def __rmul__(self, other: Any) -> Any: return _operator(lambda a, b: b * a, self, other)
    def __truediv__(self, other: Any) -> Any: return _operator(lambda a, b: a / b, self, other)
    def __rtruediv__(self, other: Any) -> Any: return _operator(lambda a, b: b / a, self, other)
    def __floordiv__(self, other: Any) -> Any: return _operator(lambda a, b: sympy().floor(a / b), self, other)
    def __rfloordiv__(self, other: Any) -> Any: return _operator(lambda a, b: sympy().floor(b / a), self, other)
    def __mod__(self, other: Any) -> Any: return _operator(lambda a, b: a - b * sympy().floor(a / b), self, other)
    def __rmod__(self, other: Any) -> Any: return _operator(lambda a, b: b - a * sympy().floor(b / a), self, other)
    def __pow__(self, other: Any) -> Any: return _operator(lambda a, b: a**b, self, other)
    def __rpow__(self, other: Any) -> Any: return _operator(lambda a, b: b**a, self, other)
    def __neg__(self) -> Symbol: return Symbol(-_number(self.expression))
    def __pos__(self) -> Symbol: return self
    def __abs__(self) -> Symbol: return Symbol(sympy().Abs(self.expression))
    def __lt__(self, other: Any) -> Any: return _operator(lambda a, b: a < b, self, other)
    def __le__(self, other: Any) -> Any: return _operator(lambda a, b: a <= b, self, other)
    def __gt__(self, other: Any) -> Any: return _operator(lambda a, b: a > b, self, other)
    def __ge__(self, other: Any) -> Any: return _operator(lambda a, b: a >= b, self, other)
    def __eq__(self, other: Any) -> Any: return _operator(lambda a, b: sympy().Eq(a, b), self, other)
    def __ne__(self, other: Any) -> Any: return _operator(lambda a, b: sympy().Ne(a, b), self, other)
    def __and__(self, other: Any) -> Symbol: return Symbol(sympy().And(_condition(self), _condition(other)))
    def __or__(self, other: Any) -> Symbol: return Symbol(sympy().Or(_condition(self), _condition(other)))
    def __invert__(self) -> Symbol: return Symbol(sympy().Not(_condition(self)))
    __rand__, __ror__ = __and__, __or__
    # fmt: on


def symbol(name: str, **assumptions: Any) -> Symbol:
    """A real number of this name; more is assumed of it in SymPy's words, `positive=True`."""
    return Symbol(sympy().Symbol(name, **{"real": True, **assumptions}))


def _operator(operation: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    b = _expression(b)
    return b if b is NotImplemented else Symbol(operation(_number(a.expression), _number(b)))


def _expression(x: Any) -> Expression:
    """A number or a symbol as SymPy has it."""
    if isinstance(x, Symbol):
        return x.expression
    if isinstance(x, bool | np.bool_):
        return sympy().true if x else sympy().false
    if isinstance(x, int | float | Fraction | np.number) or (isinstance(x, np.ndarray) and x.ndim == 0):
        return exact(x)
    return NotImplemented


def _number(expression: Expression) -> Expression:
    """A condition in arithmetic is 1 where it holds and 0 elsewhere."""
    sp = sympy()
    if isinstance(expression, sp.logic.boolalg.Boolean) and not isinstance(expression, sp.Symbol):
        return sp.Piecewise((1, expression), (0, True))
    return expression


def _condition(x: Any) -> Expression:
    expression = _expression(x)
    boolean = isinstance(expression, sympy().logic.boolalg.Boolean)
    return expression if boolean else sympy().Ne(expression, 0)


def _where(condition: Any, x: Any, y: Any) -> Symbol:
    a, b, holds = _number(_expression(x)), _number(_expression(y)), _condition(condition)
    return Symbol(a if a == b else sympy().Piecewise((a, holds), (b, True)))


# What NumPy's functions mean that are not ops, or whose docstring says it in NumPy's own words.
_MEANING: dict[Any, Callable[..., Any]] = {
    np.where: _where, np.less: lambda a, b: _symbol(a) < b, np.less_equal: lambda a, b: _symbol(a) <= b,
    np.greater: lambda a, b: _symbol(a) > b, np.greater_equal: lambda a, b: _symbol(a) >= b,
    np.equal: lambda a, b: _symbol(a) == b, np.not_equal: lambda a, b: _symbol(a) != b,
    np.logical_and: lambda a, b: _symbol(a) & b, np.logical_or: lambda a, b: _symbol(a) | b,
    np.bitwise_and: lambda a, b: _symbol(a) & b, np.bitwise_or: lambda a, b: _symbol(a) | b,
    np.logical_not: lambda a: ~a, np.invert: lambda a: ~a,
    np.isnan: lambda a: _symbol(False), np.isfinite: lambda a: _symbol(True), np.isinf: lambda a: _symbol(False),
    np.zeros_like: lambda a, *_, **__: _symbol(0), np.ones_like: lambda a, *_, **__: _symbol(1),
    np.full_like: lambda a, fill, *_, **__: _symbol(fill), np.shape: lambda a: (), np.ndim: lambda a: 0, np.size: lambda a: 1,
}  # fmt: skip


def _symbol(x: Any) -> Symbol:
    return x if isinstance(x, Symbol) else Symbol(_expression(x))


def _answer(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """NumPy asking what a function of symbols is."""
    if function in _MEANING:
        return _MEANING[function](*args, **kwargs)
    op = NUMPY.get(function)
    if isinstance(op, Op):
        return _answered(op, *op.bind(args, kwargs))
    if op is None:
        raise NotDifferentiable(f"{getattr(function, '__name__', function)} has no formula for a symbol")
    return op(*args, **kwargs)


def _answered(op: Op, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """A call of an op: by its name if that says enough, else by its formula."""
    if op.name == "where":
        return _where(options["condition"], *args)
    if op.kind != "elementwise":
        raise NotDifferentiable(f"{op.name} works on whole arrays, so it has no formula for a symbol")
    values = [_number(_expression(x)) for x in args]
    if options == {n: d for n, d in op.options.items() if n in options} and not _is_sympys(op):
        return Symbol(_named(op)(*values))
    return Symbol(_substituted(op, values, {n: _expression(o) for n, o in options.items()}))


_SPELT_OUT = {"copysign", "gaussian", "hypot", "sqrt"}  # whose formulas say more than their names


def _is_sympys(op: Op) -> bool:
    """Whether the formula is a word of SymPy's own, or as short as one."""
    return op.name in _SPELT_OUT or int(sympy().count_ops(function(op))) <= len(op.inputs)


_OPS: dict[Any, Op] = {}  # SymPy's function of a name -> the op that it stands for


def _named(op: Op) -> Any:
    f = sympy().Function(op.name, real=True)
    _OPS[f] = op
    return f


def expanded(expression: Expression) -> Expression:
    """An expression with the formulas of ops in place of their names."""
    undefined = sympy().core.function.AppliedUndef
    while calls := [e for e in expression.atoms(undefined) if e.func in _OPS]:
        expression = expression.xreplace({e: _substituted(_OPS[e.func], e.args, {}) for e in calls})
    return expression


def _substituted(op: Op, args: Any, options: dict[str, Any]) -> Expression:
    inputs, named = variables(op)
    values = {**dict(zip(inputs.values(), args, strict=True))}
    for n, variable in named.items():
        values[variable] = options[n] if options.get(n, NotImplemented) is not NotImplemented else exact(op.options[n])
    return expanded(function(op)).subs(values, simultaneous=True)


# -- numbers -----------------------------------------------------------------------------------------------------------


def exact(number: Any) -> Expression:
    """The number that a float stands for: 0.1 is 1/10, and 0.6931471805599453 the logarithm of 2.

    A float that has few decimals is the fraction that it is written as. One that lies within rounding of a simple
    multiple of pi, of a logarithm or of a root is that, and so is exp(-100); anything else is the decimal that it prints as.
    """
    sp = sympy()
    number = number.item() if hasattr(number, "item") else number
    if isinstance(number, int | Fraction):
        return sp.Rational(number)
    if number != number or number in (float("inf"), -float("inf")):
        return sp.nan if number != number else sp.oo if number > 0 else -sp.oo
    decimal = sp.Rational(repr(number))
    if len(repr(number).strip("-0.").split("e")[0]) < 12:
        return decimal
    for value, constant in _constants():
        ratio = Fraction(number / value).limit_denominator(200)
        if ratio and abs(float(ratio) * value / number - 1) < 4e-16:
            return sp.Rational(ratio.numerator, ratio.denominator) * constant
    power = round(log(abs(number)))
    return sp.exp(power) if number > 0 and abs(power) > 20 and number == exp(power) else decimal


@cache
def _constants() -> list[tuple[float, Any]]:
    sp = sympy()
    roots = [sp.sqrt(2), sp.sqrt(sp.pi), 1 / sp.sqrt(sp.pi), sp.sqrt(2 * sp.pi), 1 / sp.sqrt(2 * sp.pi)]
    known = [sp.Integer(1), sp.pi, 1 / sp.pi, sp.log(2), 1 / sp.log(2), sp.log(10), 1 / sp.log(10), *roots, sp.sqrt(3), sp.E]
    return [(float(c), c) for c in known]


# -- what a docstring says ---------------------------------------------------------------------------------------------


@cache
def variables(op: Op) -> tuple[dict[str, Expression], dict[str, Expression]]:
    """The variables of an op's formula, by name: its inputs, and those options that are numbers.

    Inputs are real. An option is an integer if it is declared or given as one, and positive if its default is.
    """
    sp, kinds = sympy(), signature(op.fn).parameters
    inputs = {n: sp.Symbol(n, real=True) for n in op.inputs}
    options = {}
    for n in op.options.keys() - {"dtype"}:
        default, annotation = kinds[n].default, str(kinds[n].annotation)
        if default is kinds[n].empty and annotation in ("int", "<class 'int'>"):
            options[n] = sp.Symbol(n, integer=True, nonnegative=True)
        elif default is kinds[n].empty:
            options[n] = sp.Symbol(n, real=True)
        elif type(default) in (int, float):
            fact = {"integer": True} if annotation in ("int", "<class 'int'>") else {"real": True}
            options[n] = sp.Symbol(n, **fact, **({"positive": True} if default > 0 else {}))
    return inputs, options


@cache
def documented_formulas(op: Op) -> dict[str, Expression]:
    """The formulas of an elementwise op's docstring: "y", and "dy/dx" for an input x; those that SymPy can read."""
    inputs, options = variables(op)
    read = {left: _read(right, {**inputs, **options}) for left, right in documented(op)}
    return {left: expression for left, expression in read.items() if expression is not None}


def _read(text: str, names: dict[str, Expression]) -> Expression | None:
    """A formula, or None if it is not one of these names and SymPy's functions."""
    sp = sympy()
    try:
        expression = sp.sympify(text, locals=names, rational=True)
    except (sp.SympifyError, SyntaxError, TypeError, AttributeError, ValueError):
        return None
    strange = expression.atoms(sp.core.function.AppliedUndef) | (expression.free_symbols - set(names.values()))
    return None if strange else expression


@cache
def function(op: Op) -> Expression:
    """The function that an elementwise op computes: its docstring's `y = ...`, or its code run on symbols.

    Raises:
        NotDifferentiable: it has no formula line, and its code cannot be run on symbols.
    """
    if "y" in documented_formulas(op):
        return documented_formulas(op)["y"]
    inputs, options = variables(op)
    try:
        y = op.run(*map(Symbol, inputs.values()), **{**op.options, **{n: Symbol(o) for n, o in options.items()}})
    except UNREADABLE as error:
        raise NotDifferentiable(
            f"{op.name}: its docstring has no line `y = ...` that SymPy can read, and its code does not run on symbols "
            f"({error}); write the formula into the docstring, y = exp(-x**2)"
        ) from error
    return _number(_expression(y))
