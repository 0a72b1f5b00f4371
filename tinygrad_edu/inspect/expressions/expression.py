"""An expression as a person writes it, read and computed without being run as a program.

    tanh(w*x + b)
    z = W @ x + b; a = sigmoid(z); C = sum((a - y)**2)

Let through are numbers, names, `pi`, `e`, `inf`, `nan`; + - * / // % ** @ and one comparison; calls of the ops that this
package differentiates, by their names or NumPy's (`tanh`, `np.tanh`, `x.sum(axis=0)`), with options written out; an index
written out; lists as arrays; and `name = ...;` before the last part.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...core import Value
from ...errors import ExpressionError, OptionError, TinygradError
from .syntax import BINARY, COMPARISONS, CONSTANTS, MOST, UNARY, Syntax

__all__ = ["Expression", "array"]

REFUSALS = (TinygradError, TypeError, ValueError, IndexError, ArithmeticError, MemoryError, AttributeError)  # of ops and NumPy
Found = dict[ast.AST, Any]


class Expression:
    """An expression that was read, to be computed for any values of its variables.

    Args:
        text: the expression, or several parts with `;` between them, all but the last of the form `name = ...`.

    Attributes:
        text: the same on one line, without spaces around it.
        variables: the names that need a value, in the order in which they come; `pi`, `e`, `inf` and `nan` have one.

    Raises:
        ExpressionError: it is not such an expression; it names the column.

    >>> loss = Expression("z = w*x + b; tanh(z)")
    >>> loss.variables
    ['w', 'x', 'b']
    >>> round(loss(w=2, x=1, b=-3).item(), 4)
    -0.7616
    """

    def __init__(self, text: str) -> None:
        self.syntax = Syntax(text)
        self.text = self.syntax.text
        self.names: list[str] = []  # with those that have a value anyway
        assigned: set[str] = set()
        for name, nodes in self.syntax.parts:
            self.names += [n.id for n in nodes if isinstance(n, ast.Name) and n.id not in {*assigned, *self.names}]
            if name in self.names:
                self.syntax.fail(self.syntax.name(name), f"{name!r} is used before it gets a value here; choose another name")
            assigned.add(name)
        self.variables = [n for n in self.names if n not in CONSTANTS]

    def __call__(self, **values: Any) -> Value:
        """Compute it.

        Args:
            **values: what each variable is: a number, a nested list, an array, or a Value. They become new leaves with their
                names as labels.

        Raises:
            ExpressionError: a variable has no value, an op refuses its arguments, or the result is nothing that depends on a
                variable; it names the column.
            OptionError: a value for something that is no variable here.
            DTypeError: a value that is not made of numbers.
        """
        if unknown := values.keys() - set(self.names):
            raise OptionError(f"{min(unknown)!r} is not in the expression; its variables are {', '.join(self.names) or 'none'}")
        known: dict[str, Any] = {name: _variable(values[name], name) for name in self.names if name in values}
        for name in self.variables:
            if name not in known:
                self.syntax.fail(self.syntax.name(name), f"{name!r} has no value; give it one, {name}=1")
        result = self._computed(known)
        if type(result) is not Value:
            self.syntax.fail(self.syntax.parts[-1][1][-1], _no_value(result))
        return result

    def constant(self) -> Any:
        """The number or array that it is if there is no variable in it.

        Raises:
            ExpressionError: there is one, or an op refuses its arguments.
        """
        if self.variables:
            self.syntax.fail(self.syntax.name(self.variables[0]), f"a value is written out; {self.variables[0]!r} is none")
        return np.asarray(self._computed({}))[()]

    def _computed(self, known: dict[str, Any]) -> Any:
        result: Any = None
        with np.errstate(all="ignore"):  # what is not finite is shown
            for name, nodes in self.syntax.parts:
                result = self._run(nodes, known)
                if name:
                    known[name] = _labelled(result, name)
        return result

    def _run(self, nodes: list[ast.expr], known: Mapping[str, Any]) -> Any:
        found: Found = {}
        for node in nodes:
            try:
                found[node] = _COMPUTED[type(node)](self, node, found, known)
            except ExpressionError:
                raise
            except REFUSALS as error:
                self.syntax.fail(node, str(error) or type(error).__name__)
            if (n := _entries(found[node])) > MOST:
                self.syntax.fail(node, f"an array has at most {MOST:,} entries here; this one has {n:,}")
        return found[nodes[-1]]

    def _name(self, node: Any, found: Found, known: Mapping[str, Any]) -> Any:
        return known[node.id] if node.id in known else np.float64(CONSTANTS[node.id])

    def _operator(self, node: Any, found: Found, known: Mapping[str, Any]) -> Any:
        return BINARY[type(node.op)](self._array(node.left, found), self._array(node.right, found))

    def _sign(self, node: Any, found: Found, known: Mapping[str, Any]) -> Any:
        sign: Any = UNARY[type(node.op)]
        return sign(self._array(node.operand, found))

    def _comparison(self, node: Any, found: Found, known: Mapping[str, Any]) -> Any:
        return COMPARISONS[type(node.ops[0])](self._array(node.left, found), self._array(node.comparators[0], found))

    def _call(self, node: Any, found: Found, known: Mapping[str, Any]) -> Any:
        function, first = self.syntax.function(node.func)
        args = [found[a] if a in found else self.syntax.option(a) for a in (*first, *node.args)]
        options = {w.arg: found[w.value] if w.value in found else self.syntax.option(w.value) for w in node.keywords}
        return function(*args, **options)

    def _index(self, node: Any, found: Found, known: Mapping[str, Any]) -> Any:
        return found[node.value][self.syntax.literal(node.slice)]

    def _attribute(self, node: Any, found: Found, known: Mapping[str, Any]) -> Any:
        return getattr(found[node.value], node.attr) if node.value in found else np.float64(CONSTANTS[node.attr])

    def _list(self, node: Any, found: Found, known: Mapping[str, Any]) -> Any:
        entries = [found[e] for e in node.elts]
        if any(isinstance(e, Value | list | tuple) for e in entries):
            return entries  # of values: for stack, concatenate and the like
        if len({np.shape(e) for e in entries}) > 1:
            self.syntax.fail(node, "the rows of an array are of one length")
        return np.array(entries, float)

    def _array(self, node: ast.expr, found: Found) -> Any:
        """An operand; of several values one has to be chosen or made first."""
        x = found[node]
        if isinstance(x, list):
            self.syntax.fail(node, "this is a list of values; stack([...]) makes an array of it")
        if isinstance(x, tuple):
            self.syntax.fail(node, "these are several results; choose one, [0]")
        return x


def array(text: str, name: str) -> Any:
    """The value of a variable as it is written: `2`, `-3e-5`, `[1, 2]`, `[[1, 2], [3, 4]]`, `1/3`, `pi`.

    Raises:
        ExpressionError: it is not a number or an array; it names the column in `name=text`.
    """
    try:
        return Expression(text).constant()
    except ExpressionError as error:
        message = str(error).partition(": ")[2]
        raise ExpressionError(f"the value of {name}: {message}", f"{name}={error.text}", error.column + len(name) + 1) from None


def _variable(value: Any, name: str) -> Value:
    v = Value(value.data if type(value) is Value else value, name)
    if v.size > MOST:
        raise OptionError(f"an array has at most {MOST:,} entries here; {name} has {v.size:,}")
    return v


def _labelled(result: Any, name: str) -> Any:
    if type(result) is Value and not result.label:
        result.label = name
    return result


def _no_value(result: Any) -> str:
    if isinstance(result, tuple | list):
        return "these are several results; choose one, [0]"
    return "this does not depend on a variable, so there is no graph; name one, as in x*3 with x=2"


def _entries(x: Any) -> int:
    if isinstance(x, tuple | list):
        return max(map(_entries, x), default=0)
    return int(getattr(x, "size", 1))


_COMPUTED: dict[type, Callable[[Expression, Any, Found, Mapping[str, Any]], Any]] = {
    ast.Constant: lambda self, node, found, known: np.float64(node.value), ast.Name: Expression._name,
    ast.BinOp: Expression._operator, ast.UnaryOp: Expression._sign, ast.Compare: Expression._comparison,
    ast.Call: Expression._call, ast.Subscript: Expression._index, ast.Attribute: Expression._attribute,
    ast.List: Expression._list, ast.Tuple: Expression._list,
}  # fmt: skip
