"""SymPy's expressions as a reader writes them: `x - target`, `0 < x < 6`, `exp(-x**2/2)/sqrt(2*pi)`, NumPy's names."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from keyword import iskeyword
from math import isqrt
from typing import Any

from .symbols import Expression, sympy
from .typeset import latex_name, typeset

__all__ = ["in_numpys_words", "latex", "plain", "shortened"]

# SymPy's name to the one that is printed.
_NUMPYS = {"Abs": "abs", "Max": "max", "Min": "min", "ceiling": "ceil", "atan2": "arctan2",
           **{f"a{f}{h}": f"arc{f}{h}" for f in ("sin", "cos", "tan") for h in ("", "h")}}  # fmt: skip


def plain(expression: Expression) -> str:
    """One line of text; pieces as Python has them, `1 if x > 0 else 0`."""
    return _text(_printer(), expression)


def latex(expression: Expression) -> str:
    """The same text in LaTeX, with names of several letters upright."""
    printer = _printer(tokens=True)
    text = _text(printer, expression)
    return typeset(text, printer.names)


def shortened(expression: Expression, write: Callable[[Expression], str], joint: str, limit: int = 90) -> str:
    """A formula written by `plain` or `latex`; if it is long, with letters, after the joint, for what it says again."""
    if len(plain(expression)) <= limit:
        return write(expression)
    sp = sympy()
    letters = (sp.Symbol(c) for c in "abcdpqrs" if sp.Symbol(c, real=True) not in expression.free_symbols)
    shared, (short,) = sp.cse(expression, letters)
    told = ", ".join(f"{name} = {write(part)}" for name, part in shared)
    return joint.join([write(short), told]) if told else write(short)


def in_numpys_words(text: str) -> str:
    """A formula in SymPy's words, `Max(asin(x), 0)`, in NumPy's: `max(arcsin(x), 0)`."""
    return re.sub(r"\w+(?=\()", lambda m: _NUMPYS.get(m[0], m[0]), text)


def _text(printer: Any, expression: Expression) -> str:
    text = str(printer.doprint(_turned(_decimals(_rooted(expression)))))
    return text[1:-1] if isinstance(expression, sympy().Piecewise) else text


# -- forms that SymPy does not keep, put in last -----------------------------------------------------------------------


def _rooted(expression: Expression) -> Expression:
    """Constants with roots in their shortest form: sqrt(2)/(2*sqrt(pi)) is 1/sqrt(2*pi)."""
    sp = sympy()

    def short(product: Expression) -> Expression:
        constant, rest = product.as_independent(*product.free_symbols, as_Add=False)
        square = constant**2
        n, d = sp.fraction(square)
        if constant.is_Rational or not constant.has(sp.Pow) or not all(p.subs(sp.pi, 1).is_Integer for p in (n, d)):
            return product
        (a, n), (b, d) = _square_root(n), _square_root(d)
        return sp.sign(constant) * sp.Rational(a, b) * (_root(n) / _root(d) if 1 in (n, d) else _root(f"{n}/{d}")) * rest

    return expression.replace(lambda e: isinstance(e, sp.Mul), short)


def _square_root(n: Expression) -> tuple[int, Expression]:
    """What comes out of the root of a whole number, perhaps times pi, and what stays in it."""
    whole = int(n.subs(sympy().pi, 1))
    out = max(k for k in range(1, isqrt(whole) + 1) if whole % (k * k) == 0)
    return out, n / out**2


def _root(inside: Any) -> Expression:
    """A root that SymPy does not move."""
    return 1 if inside == 1 else sympy().sqrt(sympy().Symbol(str(inside), positive=True))


def _decimals(expression: Expression) -> Expression:
    """Fractions that came from decimals, as decimals again."""
    sp = sympy()
    long = {q: _decimal(q) for q in expression.atoms(sp.Rational) if q.q > 100 and not (10**60 % q.q and q.q < 10**6)}
    return expression.xreplace(long)


def _decimal(q: Expression) -> Expression:
    sp = sympy()
    return sp.Float(str(float(q)), min(len(f"{float(q):.15g}".strip("-0.").replace(".", "")) + 1, 15))


def _turned(expression: Expression) -> Expression:
    """Odd and even functions of differences with the input first: -tanh(target - x) is tanh(x - target)."""
    sp = sympy()
    signs = {**dict.fromkeys((sp.sin, sp.tan, sp.sinh, sp.tanh, sp.sign, sp.asinh, sp.atan, sp.erf), -1),
             **dict.fromkeys((sp.cos, sp.cosh, sp.Abs), 1)}  # fmt: skip

    def turned(call: Expression) -> Expression:
        return signs[call.func] * call.func(-call.args[0], evaluate=False) if _backward(call.args[0]) else call

    return expression.replace(lambda e: e.func in signs, turned)


def _backward(e: Expression) -> bool:
    """Whether a difference takes away what is differentiated: target - x, x2 - x1."""
    if not isinstance(e, sympy().Add) or not e.free_symbols:
        return False
    first = min(e.free_symbols, key=lambda s: (s.name[0] not in "xy", s.name))
    return bool(any(t.has(first) for t in e.args) and all(t.could_extract_minus_sign() for t in e.args if t.has(first)))


# -- the printer -------------------------------------------------------------------------------------------------------

_AND = 25  # as tightly as SymPy's printer holds `and` together: less than a relation
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def _printer(tokens: bool = False) -> Any:
    """SymPy's printer, with the methods below; with tokens, names that are no words are written as tokens."""
    printer = _printer_class()()
    printer.names = {} if tokens else None  # token to LaTeX
    return printer


@cache
def _printer_class() -> Any:
    from sympy.printing.str import StrPrinter

    def as_ordered_terms(printer: Any, e: Any, order: Any = None) -> Any:
        """Sums start with what is added."""
        terms = StrPrinter._as_ordered_terms(printer, e, order=order)
        return sorted(terms, key=lambda t: t.could_extract_minus_sign())

    methods = {"Symbol": _symbol, "Float": _float, "Function": _call, "Abs": _call, "LatticeOp": _lattice, "Max": _lattice,
               "Min": _lattice, "Heaviside": _heaviside, "Relational": _comparison, "And": _and, "Or": _or,
               "Piecewise": _conditional, "Pow": _power}  # fmt: skip
    printers = {f"_print_{kind}": method for kind, method in methods.items()}
    return type("Printer", (StrPrinter,), {"_as_ordered_terms": as_ordered_terms, **printers})


def _symbol(printer: Any, e: Any) -> str:
    name = str(e.name)
    if printer.names is None or _is_word(name) or _is_number(name):
        return name
    token = f"_name{len(printer.names)}"
    printer.names[token] = latex_name(name)
    return token


def _float(printer: Any, e: Any) -> str:
    return str(super(type(printer), printer)._print_Float(e)).replace(".0e", "e")


def _call(printer: Any, e: Any) -> str:
    name = e.func.__name__
    return f"{_NUMPYS.get(name, name)}({', '.join(map(printer._print, e.args))})"


def _lattice(printer: Any, e: Any) -> str:
    args = sorted(e.args, key=lambda a: (not _is_of_x(a), str(a)))
    return f"{_NUMPYS[e.func.__name__]}({', '.join(map(printer._print, args))})"


def _heaviside(printer: Any, e: Any) -> str:
    return f"heaviside({', '.join(map(printer._print, e.args))})"


def _power(printer: Any, e: Any) -> str:
    """1/x**2 for x**(-2)."""
    if e.exp.is_Integer and e.exp < -1:
        return f"1/{printer._print(1 / e)}"
    return str(super(type(printer), printer)._print_Pow(e))


def _comparison(printer: Any, e: Any) -> str:
    left, sign, right = _relation(e)
    return f"{printer.parenthesize(left, _AND)} {sign} {printer.parenthesize(right, _AND)}"


def _and(printer: Any, e: Any) -> str:
    """Relations, two that meet in the middle as one: min < x < max."""
    rising = {a: _rising(a) for a in e.args if a.is_Relational and a.rel_op not in ("==", "!=")}
    meeting = [(a, b) for a in rising for b in rising if rising[a][2] == rising[b][0]][:1]
    parts = []
    for a, b in meeting:
        (low, s, middle), (_, t, high) = rising[a], rising[b]
        parts.append(f"{printer._print(low)} {s} {printer._print(middle)} {t} {printer._print(high)}")
    rest = [a for a in e.args if not any(a in pair for pair in meeting)]
    return " and ".join([*parts, *[printer.parenthesize(a, _AND) for a in sorted(rest, key=_place)]])


def _or(printer: Any, e: Any) -> str:
    return " or ".join(printer.parenthesize(a, _AND) for a in sorted(e.args, key=_place))


def _conditional(printer: Any, e: Any) -> str:
    """`a if condition else b`."""
    *some, (rest, _) = _ordered(list(e.args))
    return f"({''.join(f'{printer._print(v)} if {printer._print(c)} else ' for v, c in some)}{printer._print(rest)})"


def _is_word(name: str) -> bool:
    return name.isidentifier() and not iskeyword(name) and not name.startswith("_")


def _is_number(name: str) -> bool:
    """Whether it is the name of a root's inside."""
    return set(name) <= set("0123456789*/pi")


def _is_of_x(e: Expression) -> bool:
    return any(s.name[0] in "xy" for s in e.free_symbols)


def _place(e: Expression) -> tuple[bool, str]:
    return "-" in str(e), str(e)


def _relation(e: Expression) -> tuple[Expression, str, Expression]:
    """A relation with the input on the left: x > lambd for lambd < x, x < -lambd for lambd < -x, x < target."""
    left, sign, right = e.lhs, e.rel_op, e.rhs
    if right == 0 and isinstance(left, sympy().Add) and len(left.args) == 2:
        above = [t for t in left.args if not t.could_extract_minus_sign()]
        if len(above) == 1:
            left, right = above[0], above[0] - left
    if _is_of_x(right) and not _is_of_x(left):
        left, sign, right = right, _TURNED[sign], left
    if left.could_extract_minus_sign() and left.is_Mul and (-left).is_Symbol:
        left, sign, right = -left, _TURNED[sign], -right
    return left, sign, right


def _rising(e: Expression) -> tuple[Expression, str, Expression]:
    left, sign, right = _relation(e)
    return (left, sign, right) if sign in ("<", "<=") else (right, _TURNED[sign], left)


def _ordered(pieces: list[Any]) -> list[Any]:
    """Pieces with the single point last of those that have a condition: 1 if x1 > x2 else 1/2 if x1 == x2 else 0."""
    first, second = (p[1] for p in pieces[:2])
    if len(pieces) > 2 and isinstance(first, sympy().Eq) and {first.lhs, first.rhs} == set(second.args[:2]):
        return [pieces[1], pieces[0], *pieces[2:]]
    return pieces
