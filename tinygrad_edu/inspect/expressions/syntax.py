"""What of Python's syntax an expression may have, and where in its text a mistake is.

Python's own parser makes the tree; nothing of it is compiled or run. What is not let through by name here is refused.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any, NoReturn

import numpy as np

from ...core import NUMPY, REGISTRY, Op
from ...errors import ExpressionError

__all__ = ["BINARY", "COMPARISONS", "CONSTANTS", "MOST", "UNARY", "Syntax"]

LONGEST = 2_000  # characters
MOST = 10_000  # entries of an array
CONSTANTS = {"pi": np.pi, "e": np.e, "inf": np.inf, "nan": np.nan}
MODULES = {"np": np, "numpy": np, "tg": None, "ops": None}  # of what is called through None, the last name counts
OTHERS = {"ln": "log", "lg": "log10", "tg": "tan", "arcth": "arctanh", "sigma": "sigmoid", "sgn": "sign", "pow": "power"}
BINARY = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow, ast.MatMult: operator.matmul,
}  # fmt: skip
UNARY = {ast.USub: operator.neg, ast.UAdd: operator.pos}
COMPARISONS = {ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
               ast.NotEq: operator.ne}  # fmt: skip
SIGNS = {"BitXor": "^", "BitAnd": "&", "BitOr": "|", "LShift": "<<", "RShift": ">>", "Not": "not", "Invert": "~"}
WORDS = {"IfExp": "if ... else", "BoolOp": "and, or", "JoinedStr": "a text", "ListComp": "a loop", "GeneratorExp": "a loop",
         "Starred": "*", "NamedExpr": ":="}  # fmt: skip
CONDITION = "; write where(condition, a, b)"
INSTEAD = {"BitXor": "; a power is written x**2", "IfExp": CONDITION, "BoolOp": CONDITION, "Not": CONDITION,
           "ListComp": "; write the entries out", "NamedExpr": "; write z = ...; before the rest",
           "Starred": "; write the arguments out"}  # fmt: skip
PYTHON = {". Perhaps you forgot a comma?": "; a comma or an operator is missing",
          "invalid decimal literal": "a number and a name side by side; to multiply write *"}  # fmt: skip
NOTHING = object()


class Syntax:
    """The parts of an expression, read and let through.

    Args:
        text: the expression.

    Attributes:
        text: the same on one line, without spaces around it.
        parts: name, empty for the last one if it has none, and the nodes of the part, each behind what it is made of.

    Raises:
        ExpressionError: something in it is not let through.
    """

    def __init__(self, text: str) -> None:
        self.text = " ".join(text.strip().splitlines())
        self.parts: list[tuple[str, list[ast.expr]]] = []
        if len(self.text) > LONGEST:
            raise ExpressionError(
                f"an expression has at most {LONGEST:,} characters; this one has {len(self.text):,}", self.text, 1
            )
        body = self._parsed()
        for place, statement in enumerate(body, 1):
            self._part(statement, last=place == len(body))

    def _parsed(self) -> list[ast.stmt]:
        try:
            body = ast.parse(self.text).body
        except SyntaxError as error:
            message = error.msg or "invalid syntax"
            for python, here in PYTHON.items():
                message = message.replace(python, here)
            raise ExpressionError(message, self.text, max(1, min(error.offset or 1, len(self.text) + 1))) from None
        except (ValueError, MemoryError, RecursionError) as error:
            raise ExpressionError(f"this cannot be read ({type(error).__name__})", self.text, 1) from None
        if not body:
            raise ExpressionError("there is nothing to compute", self.text, 1)
        return body

    def _part(self, statement: ast.stmt, *, last: bool) -> None:
        name = ""
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
            name = statement.targets[0].id
            if any(name == other for other, _ in self.parts):
                self.fail(statement, f"{name!r} has a value already; choose another name")
        elif not isinstance(statement, ast.Expr):
            self.fail(statement, "only expressions, and name = expression; before the last one, are read")
        elif not last:
            self.fail(statement, "its result is not used; write name = before it")
        self.parts.append((name, self._ordered(statement.value)))

    def _ordered(self, root: ast.expr) -> list[ast.expr]:
        """The nodes of an expression, each behind those that it is made of; refused if one is not let through."""
        order, stack = [], [root]
        while stack:
            node = stack.pop()
            order.append(node)
            stack += self._children(node)
        return order[::-1]

    def _children(self, node: ast.expr) -> list[ast.expr]:
        """What has to be computed before a node."""
        read = _READ.get(type(node))
        if read is None:
            self.fail(node, _refused(node))
        return list(read(self, node))

    def _binary(self, node: Any) -> list[ast.expr]:
        if type(node.op) not in BINARY:
            self.fail(node, _refused(node.op))
        return [node.left, node.right]

    def _unary(self, node: Any) -> list[ast.expr]:
        if type(node.op) not in UNARY:
            self.fail(node, _refused(node.op))
        return [node.operand]

    def _comparison(self, node: Any) -> list[ast.expr]:
        if len(node.ops) != 1 or type(node.ops[0]) not in COMPARISONS:
            self.fail(node, "one comparison of two sides, x < y, is read here")
        return [node.left, node.comparators[0]]

    def _number(self, node: Any) -> list[ast.expr]:
        if type(node.value) not in (int, float):
            self.fail(node, f"{node.value!r} is not a number; texts, True, False and None are options of calls only")
        return []

    def _call(self, node: Any) -> list[ast.expr]:
        function, first = self.function(node.func)
        for word in node.keywords:
            if word.arg is None:
                self.fail(word.value, "write the options out")
            if not self._is_input(function, word.arg):
                self.option(word.value)
        inputs = [w.value for w in node.keywords if self._is_input(function, w.arg)]
        return [*first, *(a for a in node.args if not self._is_option(function, node, a)), *inputs]

    def _index(self, node: Any) -> list[ast.expr]:
        self.literal(node.slice)
        return [node.value]

    def _attribute(self, node: Any) -> list[ast.expr]:
        if isinstance(node.value, ast.Name) and node.value.id in ("np", "numpy") and node.attr in CONSTANTS:
            return []
        if node.attr not in ("T", "mT"):
            self.fail(node, f"of a value, only .T and .mT are read here, and calls, x.{node.attr}(); got .{node.attr}")
        return [node.value]

    def function(self, node: ast.expr) -> tuple[Callable[..., Any], list[ast.expr]]:
        """What a call calls, and the value whose method it is."""
        if isinstance(node, ast.Name):
            return self._named(node, node.id), []
        names = list(_dotted(node))
        if not names and not isinstance(node, ast.Attribute):
            self.fail(node, "only functions are called; to multiply write *")
        if names and names[0] in MODULES:
            return self._named(node, names[-1], names), []
        assert isinstance(node, ast.Attribute)
        return self._named(node, node.attr), [node.value]

    def _named(self, node: ast.expr, name: str, names: list[str] | None = None) -> Callable[..., Any]:
        found: Any = None if names and MODULES[names[0]] else REGISTRY.get(name)
        if found is None:
            target: Any = np
            for part in (names or [name])[1 if names else 0 :]:
                target = getattr(target, part, None)
            found = NUMPY.get(target) if callable(target) and target.__hash__ else None
        if found is None:
            product = isinstance(node, ast.Name) and len(name) < 3
            self.fail(node, f"there is no function {name!r}{_alike(name) or '; to multiply write *' * product}")
        return found  # type: ignore[no-any-return]  # what is called is Any to mypy

    @staticmethod
    def _is_input(function: Any, name: str | None) -> bool:
        return isinstance(function, Op) and name in function.inputs

    def _is_option(self, function: Any, node: Any, argument: ast.expr) -> bool:
        """Whether an argument without a name stands for an option and is written out, as the axis in sum(x, 0)."""
        place = node.args.index(argument) + (isinstance(node.func, ast.Attribute) and not _in_module(node.func))
        if isinstance(function, Op):
            first = len(function.before) if function.variadic and not function.sequence else len(function.names)
            option = place < first and function.names[place] not in function.inputs
        else:
            option = place > 0  # where nothing is known of the function, its first argument is a value
        return option and _literal(argument) is not NOTHING

    def literal(self, node: ast.AST) -> Any:
        """A number, text, True, False, None, `:` or a list or tuple of them, as Python has it."""
        value = _literal(node)
        if value is NOTHING:
            self.fail(node, "options and indices are written out: numbers, texts, True, None, lists, slices")
        return value

    def option(self, node: ast.AST) -> Any:
        """A literal that is an option, and not one that asks for a huge array."""
        value = self.literal(node)
        if _size(value) > MOST:
            self.fail(node, f"an array has at most {MOST:,} entries here")
        return value

    # -- failing

    def fail(self, node: ast.AST, message: str) -> NoReturn:
        """Raise `error`."""
        raise self.error(message, node)

    def error(self, message: str, node: Any) -> ExpressionError:
        """The error of a node, at the place where one looks for it: an operator, the name of a method, an index."""
        return ExpressionError(
            message, self.text, len(self.text.encode()[: _place(self.text, node)].decode(errors="ignore")) + 1
        )

    def name(self, name: str) -> ast.AST:
        """The first place of a name."""
        return next(n for _, nodes in self.parts for n in nodes[::-1] if isinstance(n, ast.Name) and n.id == name)


def _place(text: str, node: Any) -> int:
    """Where a node is pointed at, in bytes of the text."""
    if isinstance(node, ast.BinOp):
        between = text.encode()[node.left.end_col_offset : node.right.col_offset]
        return (node.left.end_col_offset or 0) + len(between) - len(between.lstrip(b" )"))
    if isinstance(node, ast.Attribute):
        return int(node.end_col_offset or 0) - len(node.attr.encode())
    if isinstance(node, ast.Call):
        return _place(text, node.func)
    at: ast.expr = node.slice if isinstance(node, ast.Subscript) else node
    return int(at.col_offset)


def _refused(node: ast.AST) -> str:
    kind = type(node).__name__
    return f"{SIGNS.get(kind) or WORDS.get(kind) or kind.lower()} is not read here{INSTEAD.get(kind, '')}"


def _alike(name: str) -> str:
    if name in OTHERS:
        return f"; did you mean {OTHERS[name]!r}?"
    near = get_close_matches(name, [*REGISTRY, *(getattr(f, "__name__", "") for f in NUMPY)], 3, 0.7)
    return f"; did you mean {', '.join(dict.fromkeys(map(repr, near)))}?" if near else ""


def _dotted(node: ast.AST) -> Iterator[str]:
    """The names in np.linalg.inv; nothing for anything else."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        yield from (node.id, *reversed(names))


def _in_module(node: ast.AST) -> bool:
    return next(_dotted(node), "") in MODULES


def _literal(node: ast.AST | None) -> Any:
    """What is written out, or NOTHING. Python's parser has bounded how deep it can be."""
    if isinstance(node, ast.Slice):
        ends = [None if x is None else _literal(x) for x in (node.lower, node.upper, node.step)]
        return NOTHING if any(x is not None and type(x) is not int for x in ends) else slice(*ends)
    try:
        if isinstance(node, ast.Tuple):
            parts = [_literal(e) for e in node.elts]
            return NOTHING if NOTHING in parts else tuple(parts)
        return ast.literal_eval(node)  # type: ignore[arg-type]  # None raises, as all that is no literal
    except (ValueError, TypeError):
        return NOTHING


def _size(value: Any) -> int:
    """How large an array an option can ask for: a tuple may be a shape."""
    if isinstance(value, tuple):
        return math.prod(max(1, _size(x)) for x in value)
    if isinstance(value, list):
        return max(map(_size, value), default=1)
    return abs(value) if type(value) is int else 1


Reader = Callable[[Syntax, Any], list[ast.expr]]
_READ: dict[type, Reader] = {
    ast.Constant: Syntax._number, ast.Name: lambda self, node: [], ast.BinOp: Syntax._binary,
    ast.UnaryOp: Syntax._unary, ast.Compare: Syntax._comparison, ast.Call: Syntax._call,
    ast.Subscript: Syntax._index, ast.Attribute: Syntax._attribute, ast.List: lambda self, node: list(node.elts),
    ast.Tuple: lambda self, node: list(node.elts),
}  # fmt: skip
