"""Small mistakes in a formula: every way to leave out, swap or shift one part of a function's syntax tree.

x * (1 - y)    ->  x    1 - y    x / (1 - y)    x * 1    x * y    x * -y    x * (2 - y)    x * (1 + y)    ...
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Set
from typing import Any

__all__ = ["edits"]

Node = Any


def edits(function: Node, arrays: tuple[str, ...] = (), checks: Set[str] = frozenset()) -> Iterator[tuple[str, Node]]:
    """Changed copies of a `def` or `lambda`, each with one mistake, and the mistake in words.

    Args:
        function: the tree; it is left as it is.
        arrays: names of parameters that can be mistaken for each other; those that are missing are added.
        checks: names of functions that only refuse; a call of one is left alone, as `raise` is.
    """
    seen = set()
    for statement, old, new in _changes(function, arrays, checks):
        memo = {id(old): new}
        changed = copy.deepcopy(function, memo)
        before, after = _text(statement), _text(memo.get(id(statement), new))
        if before == after or (words := f"{before} → {after}") in seen:
            continue  # no mistake, or the same once more, as in leaving out the one or the other of y * y
        seen.add(words)
        missing = [n for n in arrays if n in _loaded(changed) - _parameters(function)]
        changed.args.args.extend(ast.arg(n) for n in missing)
        yield words, changed


def _text(node: Node) -> str:
    """The first line, which says all but the body of an `if`."""
    return ast.unparse(ast.fix_missing_locations(node)).partition("\n")[0]


def _parameters(function: Node) -> set[str]:
    return {a.arg for a in (*function.args.args, *function.args.kwonlyargs)}


def _loaded(function: Node) -> set[str]:
    return {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}


def _changes(function: Node, arrays: tuple[str, ...], checks: Set[str]) -> Iterator[tuple[Node, Node, Node]]:
    """A statement, the part of it that is changed, and what stands in its place."""
    for statement in _statements(function.body if isinstance(function.body, list) else [function.body], checks):
        refusals = _refusals(statement)
        for node in _parts(statement):
            if node in refusals:
                continue
            for new in _EDITS[type(node)](node) if type(node) in _EDITS else ():
                yield statement, node, new
            if isinstance(node, ast.Name) and node.id in arrays and isinstance(node.ctx, ast.Load):
                yield from ((statement, node, ast.Name(other, ast.Load())) for other in arrays if other != node.id)


def _refusals(statement: Node) -> set[Node]:
    """The answers to `strict=`, which only refuses."""
    return {n.value for n in _parts(statement) if isinstance(n, ast.keyword) and n.arg == "strict"}


def _statements(body: list[Node], checks: Set[str]) -> Iterator[Node]:
    for statement in body:
        if _refuses(statement, checks) or _is_text(statement):
            continue
        yield statement
        for inner in ("body", "orelse", "finalbody"):
            block = getattr(statement, inner, None)
            if isinstance(block, list):
                yield from _statements(block, checks)


def _refuses(statement: Node, checks: Set[str]) -> bool:
    """Whether it only keeps out what the formula is not for: `raise`, an `if` that does nothing else, a call of a check."""
    if isinstance(statement, ast.If):
        return all(_refuses(inner, checks) for inner in statement.body) and not statement.orelse
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return isinstance(statement.value.func, ast.Name) and statement.value.func.id in checks
    return isinstance(statement, ast.Raise | ast.Assert)


def _is_text(statement: Node) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _parts(statement: Node) -> Iterator[Node]:
    """The statement and the expressions in it, but for the statements that it holds."""
    yield statement
    for child in ast.iter_child_nodes(statement):
        if not isinstance(child, ast.stmt):
            yield from ast.walk(child)


# -- what can go wrong with each kind of node --------------------------------------------------------------------------

_OTHER: dict[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,), ast.FloorDiv: (ast.Div,),
    ast.BitAnd: (ast.BitOr,), ast.BitOr: (ast.BitAnd,), ast.And: (ast.Or,), ast.Or: (ast.And,),
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip


def _binary(node: ast.BinOp) -> list[Node]:
    """One operand is forgotten, or the sign is another; the operands of a matrix product or a difference are swapped."""
    right = ast.UnaryOp(ast.USub(), node.right) if isinstance(node.op, ast.Sub) else node.right
    found: list[Node] = [node.left, right, *(ast.BinOp(node.left, other(), node.right) for other in _other(node.op))]
    if isinstance(node.op, ast.MatMult | ast.Div | ast.Pow):
        found.append(ast.BinOp(node.right, node.op, node.left))
    return found


def _other(op: Node) -> tuple[type, ...]:
    return _OTHER.get(type(op), ())


def _unary(node: ast.UnaryOp) -> list[Node]:
    return [node.operand]


def _comparison(node: ast.Compare) -> list[Node]:
    return [ast.Compare(node.left, [other()], node.comparators) for other in _other(node.ops[0]) if len(node.ops) == 1]


def _both(node: ast.BoolOp) -> list[Node]:
    return [*node.values, *(ast.BoolOp(other(), node.values) for other in _other(node.op))]


def _constant(node: ast.Constant) -> list[Node]:
    value = node.value
    if isinstance(value, bool):
        return [ast.Constant(not value)]
    if isinstance(value, int):
        return [ast.Constant(value + 1), ast.Constant(value - 1)]
    if isinstance(value, float):
        return [ast.Constant(value * (1 + 1e-5)), ast.Constant(value + 1)]
    return []


_CONFUSED = [("maximum", "minimum"), ("max", "min"), ("sin", "cos"), ("sinh", "cosh"), ("argmax", "argmin"), ("sum", "prod"),
             ("floor", "ceil"), ("zeros_like", "ones_like"), ("zeros", "ones"), ("triu", "tril"), ("any", "all"),
             ("exp", "expm1"), ("log", "log1p"), ("cumsum", "cumprod")]  # fmt: skip
_TAKEN_FOR = {name: other for pair in _CONFUSED for name, other in (pair, pair[::-1])}
_SYMMETRIC = {"max", "min", "maximum", "minimum", "fmax", "fmin", "logaddexp", "logaddexp2", "hypot"}  # the order means nothing


def _call(node: ast.Call) -> list[Node]:
    """A call is forgotten, arguments or branches of `where` are swapped, an option is left out."""
    return [*_uncalled(node), *_reordered(node), *_without_options(node)]


def _uncalled(node: ast.Call) -> list[Node]:
    """What a call was made on: the array of a method, the first argument of a function; the branches of `where`."""
    if _is_where(node):
        return node.args[1:]
    if isinstance(node.func, ast.Attribute) and not (isinstance(node.func.value, ast.Name) and node.func.value.id == "np"):
        return [node.func.value]
    return node.args[:1] if not any(isinstance(a, ast.Starred) for a in node.args[:1]) else []


def _reordered(node: ast.Call) -> list[Node]:
    if _is_where(node):
        condition, x, y = node.args
        return [ast.Call(node.func, [condition, y, x], node.keywords)]
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if len(node.args) < 2 or name in _SYMMETRIC or any(isinstance(a, ast.Starred) for a in node.args[:2]):
        return []
    return [ast.Call(node.func, [node.args[1], node.args[0], *node.args[2:]], node.keywords)]


def _without_options(node: ast.Call) -> list[Node]:
    """`strict=True` stays: it only refuses."""
    options = [k for k in node.keywords if k.arg != "strict"]
    return [ast.Call(node.func, node.args, [k for k in node.keywords if k is not one]) for one in options]


def _is_where(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr == "where" and len(node.args) == 3


def _attribute(node: ast.Attribute) -> list[Node]:
    """A transposition is forgotten; a function is taken for its sister."""
    if node.attr in _TAKEN_FOR:
        return [ast.Attribute(node.value, _TAKEN_FOR[node.attr], node.ctx)]
    return [node.value] if node.attr in ("T", "mT") else []


def _choice(node: ast.IfExp) -> list[Node]:
    return [node.body, node.orelse]


def _branch(node: ast.If) -> list[Node]:
    """Always one way, or always the other."""
    return [ast.If(ast.Constant(answer), node.body, node.orelse) for answer in (True, False)]


def _subscript(node: ast.Subscript) -> list[Node]:
    return [node.value] if isinstance(node.ctx, ast.Load) else []


def _forgotten(node: ast.stmt) -> list[Node]:
    return [ast.Pass()]


def _written(node: ast.Assign) -> list[Node]:
    """What is written into an array is forgotten; a name that is not bound would only raise."""
    return [ast.Pass()] if any(isinstance(target, ast.Subscript) for target in node.targets) else []


def _sliced(node: ast.Slice) -> list[Node]:
    parts = [node.lower, node.upper, node.step]
    return [ast.Slice(*(None if i == k else p for i, p in enumerate(parts))) for k in range(3) if parts[k] is not None]


_EDITS: dict[type, Callable[[Any], list[Node]]] = {
    ast.BinOp: _binary, ast.UnaryOp: _unary, ast.Compare: _comparison, ast.BoolOp: _both, ast.Constant: _constant,
    ast.Call: _call, ast.Attribute: _attribute, ast.IfExp: _choice, ast.If: _branch, ast.Subscript: _subscript,
    ast.AugAssign: _forgotten, ast.Expr: _forgotten, ast.Assign: _written, ast.Slice: _sliced,
}  # fmt: skip
