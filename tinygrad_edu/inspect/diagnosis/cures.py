"""Cures for functions that end, or are infinitely steep, where somebody evaluates them; written for the line that does it."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from ...core import NUMPY, Value
from ...core.sources import source_of
from .findings import Scene
from .patterns import is_call

__all__ = ["as_norm", "guarded", "guarded_line", "steep"]

_INSIDE = {  # op: where it is defined and its slope finite, a number from there, and which argument
    "sqrt": ("{x} > 0", "1.0", 0), "rsqrt": ("{x} > 0", "1.0", 0), "cbrt": ("{x} != 0", "1.0", 0),
    "log": ("{x} > 0", "1.0", 0), "log2": ("{x} > 0", "1.0", 0), "log10": ("{x} > 0", "1.0", 0),
    "log1p": ("{x} > -1", "0.0", 0), "xlogx": ("{x} > 0", "1.0", 0), "reciprocal": ("{x} != 0", "1.0", 0),
    "divide": ("{x} != 0", "1.0", 1), "power": ("{x} > 0", "1.0", 0),
    "arcsin": ("np.abs({x}) < 1", "0.0", 0), "arccos": ("np.abs({x}) < 1", "0.0", 0),
    "arctanh": ("np.abs({x}) < 1", "0.0", 0), "arccosh": ("{x} > 1", "2.0", 0), "logit": ("np.abs(2*{x} - 1) < 1", "0.5", 0),
}  # fmt: skip


def steep(scene: Scene, v: Value) -> str:
    """What to write instead of a call whose slope is infinite, or which has none, at its argument."""
    op: Any = v.op
    if op.name == "hypot" or op.name not in _INSIDE:
        return f"keep the argument of {op.name} away from there, or choose with a double where (both branches finite)"
    return guarded(scene, v)


def as_norm(scene: Scene, total: Value) -> str:
    """The root of a sum of squares, as one op."""
    squares: Any = total if is_call(total, "matmul") else total.args[0]
    axis = (total.kwargs or {}).get("axis")
    keep = ", keepdims=True" if (total.kwargs or {}).get("keepdims") else ""
    return f"np.linalg.norm({scene.short(squares.args[0])}{'' if axis is None else f', axis={axis}'}{keep})"


def guarded(scene: Scene, v: Value) -> str:
    """The double where: a safe argument where the function is not wanted, and another value of the whole there."""
    op: Any = v.op
    inside, safe, place = _INSIDE[op.name]
    lines = _guarded_source(scene, v)
    if not lines:
        x = scene.names.operand(v.args[place])
        x = x if x.isidentifier() else "x"
        lines = [f"safe = np.where({inside.format(x=x)}, {x}, {safe})",
                 f"np.where({inside.format(x=x)}, {_call(op.name, 'safe')}, 0.0)"]  # fmt: skip
    code = "".join(f"\n    {line}" for line in lines)
    return (f"the double where, so that {op.name} never sees such a number, also where its result is not used; 0.0 stands for "
            f"what you want there:{code}")  # fmt: skip


def _call(name: str, x: str) -> str:
    return {"divide": f"a / {x}", "power": f"{x} ** p"}.get(name, f"{name}({x})")


def _guarded_source(scene: Scene, v: Value) -> list[str]:
    """The line that made a value, guarded; empty if it is not known, or it is not clear which of its calls is meant."""
    source, op = source_of(v), v.op
    if source is None or op is None:
        return []
    alike = [u for u in scene.values if u.op is op and source_of(u) == source]
    return guarded_line(source.text, op.name, next(i for i, u in enumerate(alike) if u is v), len(alike))


def guarded_line(text: str, name: str, which: int = 0, of: int = 1) -> list[str]:
    """A line of source with its call of an op guarded by the double where; empty if the call is not found in it.

    Args:
        text: the line.
        name: of the op.
        which: which call of the op it is, in the order in which they ran.
        of: how many calls the line made; it may be in a loop.

    >>> guarded_line("y = mask * np.sqrt(x)", "sqrt")
    ['safe = np.where(x > 0, x, 1.0)', 'y = mask * np.where(x > 0, np.sqrt(safe), 0.0)']
    """
    try:
        tree = ast.parse(text)
    except SyntaxError:  # a part of a longer statement
        return []
    calls = [(node, argument) for node in _as_run(tree) if (argument := _argument(node, name)) is not None]
    if not calls or of % len(calls):
        return []
    node, argument = calls[which % len(calls)]
    inner = ast.get_source_segment(text, argument) or ""
    inside, safe, _ = _INSIDE[name]
    x = inner if isinstance(argument, ast.Name | ast.Call | ast.Subscript | ast.Attribute) else f"({inner})"
    inside = inside.format(x=x)
    guard = f"safe = np.where({inside}, {inner}, {safe})"
    new = f"np.where({inside}, {_replaced(node, argument)}, 0.0)"
    return [guard, f"{text[: _start(text, node)]}{new}{text[_end(text, node) :]}"]


def _as_run(tree: ast.AST) -> list[ast.AST]:
    """The parts of a line in the order in which they are evaluated: arguments before the call."""
    stack, found = [tree], []
    while stack:
        node = stack.pop()
        found.append(node)
        stack += ast.iter_child_nodes(node)
    return found[::-1]


def _argument(node: Any, name: str) -> Any:
    """The argument that has to be guarded, if the node is a call of the op."""
    if isinstance(node, ast.Call) and node.args:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in (called, getattr(NUMPY.get(vars(np).get(called)), "name", "")):
            return node.args[min(_INSIDE[name][2], len(node.args) - 1)]
    if isinstance(node, ast.BinOp) and not (isinstance(node.left, ast.Constant) and isinstance(node.right, ast.Constant)):
        if name == "divide" and isinstance(node.op, ast.Div):
            return node.right
        if name == "power" and isinstance(node.op, ast.Pow):
            return node.left
    return None


def _replaced(node: Any, argument: Any) -> str:
    """The call with `safe` for its argument."""
    safe = ast.Name("safe")
    if isinstance(node, ast.Call):
        node.args = [safe if a is argument else a for a in node.args]
    elif node.left is argument:
        node.left = safe
    else:
        node.right = safe
    return ast.unparse(node)


def _start(text: str, node: Any) -> int:
    return len(text.encode()[: node.col_offset].decode())


def _end(text: str, node: Any) -> int:
    return len(text.encode()[: node.end_col_offset].decode())
