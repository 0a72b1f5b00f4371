"""Small mistakes in a formula: every way to leave out, swap or shift one part of a function's syntax tree.

x * (1 - y)    ->  x    1 - y    x / (1 - y)    x * 1    x * y    x * -y    x * (2 - y)    x * (1 + y)    ...
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["edits"]

Node = Any


def edits(function: Node, arrays: tuple[str, ...] = ()) -> Iterator[tuple[str, Node]]:
    """Changed copies of a `def` or `lambda`, each with one mistake, and the mistake in words.

    Args:
        function: the tree; it is left as it is.
        arrays: names of parameters that can be mistaken for each other; those that are missing are added.
    """
    seen = set()
    for statement, old, new in _changes(function, arrays):
        memo = {id(old): new}
        changed = copy.deepcopy(function, memo)
        if (words := f"{_text(statement)} → {_text(memo.get(id(statement), new))}") in seen:
            continue  # the same mistake once more, as in leaving out the one or the other of y * y
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


def _changes(function: Node, arrays: tuple[str, ...]) -> Iterator[tuple[Node, Node, Node]]:
    """A statement, the part of it that is changed, and what stands in its place."""
    for statement in _statements(function.body if isinstance(function.body, list) else [function.body]):
        guards = _guards(statement)
        for node in _parts(statement):
            if node in guards:
                continue
            for new in _EDITS[type(node)](node) if type(node) in _EDITS else ():
                yield statement, node, new
            if isinstance(node, ast.Name) and node.id in arrays and isinstance(node.ctx, ast.Load):
                yield from ((statement, node, ast.Name(other, ast.Load())) for other in arrays if other != node.id)


def _guards(statement: Node) -> set[Node]:
    """What is compared for being equal or the same: another name or number there is no more than `!=`, made already."""
    alike = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
    found = [n for n in _parts(statement) if isinstance(n, ast.Compare) and isinstance(n.ops[0], alike)]
    return {part for n in found for part in ast.walk(n) if part is not n}


def _statements(body: list[Node]) -> Iterator[Node]:
    for statement in body:
        if _refuses(statement):
            continue
        yield statement
        for inner in ("body", "orelse", "finalbody"):
            block = getattr(statement, inner, None)
            if isinstance(block, list):
                yield from _statements(block)


def _refuses(statement: Node) -> bool:
    """Whether it only keeps out what the formula is not for: `raise`, and an `if` that does nothing else."""
    if isinstance(statement, ast.If):
        return all(map(_refuses, statement.body)) and not statement.orelse
    return isinstance(statement, ast.Raise | ast.Assert)


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


def _call(node: ast.Call) -> list[Node]:
    """A call is forgotten, branches of `where` are swapped, an option is left out."""
    found: list[Node] = []
    if isinstance(node.func, ast.Attribute) and node.func.attr == "where" and len(node.args) == 3:
        condition, x, y = node.args
        found += [x, y, ast.Call(node.func, [condition, y, x], node.keywords)]
    elif isinstance(node.func, ast.Attribute) and not (isinstance(node.func.value, ast.Name) and node.func.value.id == "np"):
        found.append(node.func.value)
    elif node.args and not isinstance(node.args[0], ast.Starred):
        found.append(node.args[0])
    for i in range(len(node.keywords)):
        found.append(ast.Call(node.func, node.args, node.keywords[:i] + node.keywords[i + 1 :]))
    return found


def _attribute(node: ast.Attribute) -> list[Node]:
    return [node.value] if node.attr in ("T", "mT") else []


def _choice(node: ast.IfExp) -> list[Node]:
    return [node.body, node.orelse]


def _branch(node: ast.If) -> list[Node]:
    """Always one way, or always the other."""
    return [ast.If(ast.Constant(answer), node.body, node.orelse) for answer in (True, False)]


def _subscript(node: ast.Subscript) -> list[Node]:
    return [node.value] if isinstance(node.ctx, ast.Load) else []


def _augmented(node: ast.AugAssign) -> list[Node]:
    return [ast.Pass()]


def _sliced(node: ast.Slice) -> list[Node]:
    parts = [node.lower, node.upper, node.step]
    return [ast.Slice(*(None if i == k else p for i, p in enumerate(parts))) for k in range(3) if parts[k] is not None]


_EDITS: dict[type, Callable[[Any], list[Node]]] = {
    ast.BinOp: _binary, ast.UnaryOp: _unary, ast.Compare: _comparison, ast.BoolOp: _both, ast.Constant: _constant,
    ast.Call: _call, ast.Attribute: _attribute, ast.IfExp: _choice, ast.If: _branch, ast.Subscript: _subscript,
    ast.AugAssign: _augmented, ast.Slice: _sliced,
}  # fmt: skip
