r"""Formulas in LaTeX, from the text in which this package writes them: Python's own operators, names and conditions.

>>> typeset("-1/sqrt(1 - x1**2)")
'-\\frac{1}{\\sqrt{1 - x_{1}^{2}}}'
>>> typeset("x if x > 0 else 0")
'\\begin{cases} x & \\text{if } x > 0 \\\\ 0 & \\text{otherwise} \\end{cases}'
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from ...errors import OptionError

__all__ = ["latex_name", "typeset"]

# How tightly a formula holds together: what is looser than its place needs brackets.
CASES, OR, AND, COMPARE, SUM, SIGN, PRODUCT, FRACTION, POWER, ATOM = range(10)

_GREEK = {"alpha", "beta", "gamma", "delta", "epsilon", "theta", "lambda", "mu", "pi", "sigma", "phi"}
_UPRIGHT = {"log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "max", "min"}
_POWERS = _UPRIGHT - {"max", "min"}  # whose power is written at the name: \\tanh^{2}(x)
_WORDS = {"sigmoid": r"\sigma", "digamma": r"\psi", "erfinv": r"\operatorname{erf}^{-1}", "loggamma": r"\log\Gamma",
          **{f"arc{f}h": rf"\operatorname{{ar{f}h}}" for f in ("sin", "cos", "tan")}}  # fmt: skip
_AROUND = {"sqrt": r"\sqrt{%s}", "abs": r"\left|%s\right|", "floor": r"\left\lfloor %s \right\rfloor",
           "ceil": r"\left\lceil %s \right\rceil"}  # fmt: skip
_RELATIONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: r"\leq", ast.Gt: ">", ast.GtE: r"\geq", ast.Eq: "=", ast.NotEq: r"\neq",
}  # fmt: skip


def typeset(text: str, names: Mapping[str, str] | None = None) -> str:
    """A formula of numbers in LaTeX.

    Args:
        text: the formula.
        names: name in it to LaTeX, for those that are not to be written by `latex_name`.

    Raises:
        OptionError: it is not made of numbers, names, calls, arithmetic, relations and conditions.
    """
    try:
        return _Writer(names or {}).write(ast.parse(text, mode="eval").body)
    except SyntaxError as error:
        raise OptionError(f"this is no formula: {text!r}") from error


def latex_name(name: str) -> str:
    """A name in LaTeX: a letter with its number below, a Greek letter, or a word upright."""
    letter, digits = re.fullmatch(r"(.*?)(\d*)", name, re.S).groups()  # type: ignore[union-attr]  # it matches every name
    if letter in _GREEK or (len(letter) == 1 and letter.isalpha()):
        sign = f"\\{letter}" if letter in _GREEK else letter
        return f"{sign}_{{{digits}}}" if digits else sign
    escaped = re.sub(r"[_%&#${}]", lambda sign: "\\" + sign[0], name)
    return rf"\mathrm{{{escaped}}}"


class _Writer:
    """Each method returns the LaTeX of a kind of node, and how tightly it holds together."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self.small = False  # in an exponent: fractions are written on one line

    def write(self, node: ast.expr, rank: int = CASES) -> str:
        """The LaTeX of a node, in brackets if it is looser than `rank`."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise OptionError(f"{ast.unparse(node)} is not a formula of numbers")
        latex, own = method(node)
        return latex if own >= rank else _bracketed(latex)

    def _in_exponent(self, node: ast.expr) -> str:
        small, self.small = self.small, True
        latex = self.write(node)
        self.small = small
        return latex

    def _name(self, node: ast.Name) -> tuple[str, int]:
        return self.names.get(node.id) or latex_name(node.id), ATOM

    def _constant(self, node: ast.Constant) -> tuple[str, int]:
        digits, _, power = str(node.value).partition("e")
        if not power:
            return digits, ATOM
        ten = f"10^{{{int(power)}}}"
        return (ten, POWER) if float(digits) == 1 else (rf"{digits} \cdot {ten}", PRODUCT)

    def _unaryop(self, node: ast.UnaryOp) -> tuple[str, int]:
        return f"-{self.write(node.operand, PRODUCT)}", SIGN

    def _binop(self, node: ast.BinOp) -> tuple[str, int]:
        match node.op:
            case ast.Add() | ast.Sub():
                minus = isinstance(node.op, ast.Sub)
                return f"{self.write(node.left, SUM)} {'-' if minus else '+'} {self.write(node.right, SUM + minus)}", SUM
            case ast.Mult() | ast.Div():
                sign, left = _sign(node.left)
                latex, rank = (
                    self._product(left, node.right) if isinstance(node.op, ast.Mult) else self._ratio(left, node.right)
                )
                return f"{sign}{latex}", SIGN if sign else rank
            case ast.Pow():
                return self._power(node.left, node.right)
        raise OptionError(f"{ast.unparse(node)} is not a formula of numbers")

    def _product(self, left: ast.expr, right: ast.expr) -> tuple[str, int]:
        a, b = self.write(left, PRODUCT), self.write(right, FRACTION)
        words = re.search(r"\\mathrm{[^{}]*}$", a) or b.startswith(r"\mathrm")
        dot = r" \cdot " if b[0].isdigit() else r"\, " if words else " "
        return f"{a}{dot}{b}", PRODUCT

    def _ratio(self, above: ast.expr, below: ast.expr) -> tuple[str, int]:
        if self.small:
            return f"{self.write(above, PRODUCT)}/{self.write(below, POWER)}", PRODUCT
        return rf"\frac{{{self.write(above)}}}{{{self.write(below)}}}", FRACTION

    def _power(self, base: ast.expr, power: ast.expr) -> tuple[str, int]:
        match power:
            case ast.BinOp(left=ast.Constant(value=1), op=ast.Div(), right=ast.Constant(value=int(n))):
                return rf"\sqrt[{n}]{{{self.write(base)}}}", ATOM
            case ast.Constant(value=int(n)) if isinstance(base, ast.Call) and _word(base).removeprefix("\\") in _POWERS:
                return f"{_word(base)}^{{{n}}}{self._arguments(base)}", ATOM
        return f"{self.write(base, ATOM)}^{{{self._in_exponent(power)}}}", POWER

    def _call(self, node: ast.Call) -> tuple[str, int]:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "exp":
            return f"e^{{{self._in_exponent(node.args[0])}}}", POWER
        if name in _AROUND:
            return _AROUND[name] % self.write(node.args[0]), ATOM
        if name == "polygamma":
            order, x = node.args
            return rf"\psi^{{({self.write(order)})}}({self.write(x)})", ATOM
        if not name or node.keywords:
            raise OptionError(f"{ast.unparse(node)} is not a formula of numbers")
        return f"{_word(node)}{self._arguments(node)}", ATOM

    def _arguments(self, node: ast.Call) -> str:
        return _bracketed(", ".join(map(self.write, node.args)))

    def _ifexp(self, node: ast.IfExp) -> tuple[str, int]:
        rows, rest = [], node
        while isinstance(rest, ast.IfExp):
            rows.append(rf"{self.write(rest.body)} & \text{{if }} {self.write(rest.test)}")
            rest = rest.orelse  # type: ignore[assignment]  # of any kind in the end
        rows.append(rf"{self.write(rest)} & \text{{otherwise}}")
        return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}", CASES

    def _compare(self, node: ast.Compare) -> tuple[str, int]:
        pairs = zip(node.ops, node.comparators, strict=True)
        rest = "".join(f" {_RELATIONS[type(sign)]} {self.write(x, SUM)}" for sign, x in pairs)
        return f"{self.write(node.left, SUM)}{rest}", COMPARE

    def _boolop(self, node: ast.BoolOp) -> tuple[str, int]:
        word, rank = ("and", AND) if isinstance(node.op, ast.And) else ("or", OR)
        return rf" \text{{ {word} }} ".join(self.write(v, rank + 1) for v in node.values), rank


def _bracketed(latex: str) -> str:
    """In brackets, which grow if what is inside is higher than a line."""
    high = re.search(r"\\frac|\\begin|\\sqrt\[|\\left", latex)
    return rf"\left({latex}\right)" if high else f"({latex})"


def _word(call: ast.Call) -> str:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name in _AROUND or name == "exp" or not name:
        return ""
    return _WORDS.get(name) or (f"\\{name}" if name in _UPRIGHT else rf"\operatorname{{{name}}}".replace("_", r"\_"))


def _sign(node: ast.expr) -> tuple[str, ast.expr]:
    """The minus with which a product starts, and the rest."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=rest):
            return "-", rest
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div()):
            sign, left = _sign(left)
            return sign, ast.BinOp(left, node.op, node.right)
    return "", node
