"""Functions as syntax trees: the source of a rule found again, its parts taken out one at a time, and compiled anew.

Several lambdas may stand on one line, and a rule may be made inside another function; so a rule is found in its file by
where its instructions say that they come from, and is compiled again with the values that it had closed over.
"""

from __future__ import annotations

import ast
import linecache
import warnings
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from types import FunctionType
from typing import Any

from ..errors import OptionError

__all__ = ["checks", "helpers", "rebuilt", "tree_of", "with_changed"]

Function = ast.FunctionDef | ast.Lambda


@lru_cache(64)
def _functions(source: str) -> list[Function]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, Function)]


def _source(function: FunctionType) -> str:
    """The text of the file, notebook cell or prompt that the function was written in, as tracebacks show it."""
    linecache.checkcache(function.__code__.co_filename)
    return "".join(linecache.getlines(function.__code__.co_filename, function.__globals__))


@cache
def tree_of(function: FunctionType) -> Function:
    """The node of the `def` or `lambda` that `function` was compiled from.

    Raises:
        OptionError: its source cannot be read, as of what `exec` was given.
    """
    source = _source(function)
    if not source:
        raise OptionError(f"{function.__qualname__}: its source cannot be read; only what is written in a file, a notebook "
                          "or at a prompt that keeps its lines can be taken apart")  # fmt: skip
    spots = [p for p in function.__code__.co_positions() if None not in p and p[0] and p[3]]
    first, last = min(p[::2] for p in spots), max((p[1], p[3]) for p in spots)
    found = [node for node in _functions(source) if _spans(node, first, last, function)]
    if not found:
        raise OptionError(f"{function.__qualname__}: its source has changed since it was imported")
    return max(found, key=lambda node: (node.lineno, node.col_offset))  # the innermost


def _spans(node: Function, first: Any, last: Any, function: FunctionType) -> bool:
    body = node.body if isinstance(node.body, list) else [node.body]
    start, end = (body[0].lineno, body[0].col_offset), (body[-1].end_lineno or 0, body[-1].end_col_offset or 0)
    arguments = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    code = function.__code__
    same = arguments == [*code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]]
    return same and (node.lineno, node.col_offset) <= first and start <= last <= end


def rebuilt(function: FunctionType, node: Function, scope: dict[str, Any]) -> FunctionType:
    """`node`, a changed tree of `function`, as a function: same defaults, same closure, with `scope` for globals."""
    name = "rule"
    inner: ast.stmt
    if isinstance(node, ast.Lambda):
        inner = ast.Assign([ast.Name(name, ast.Store())], node)
    else:
        inner, name = ast.FunctionDef(node.name, _bare(node.args), node.body, []), node.name
    free = [ast.arg(n) for n in function.__code__.co_freevars]
    arguments = ast.arguments([], free, None, [], [], None, [])
    outer = ast.FunctionDef("make", arguments, [inner, ast.Return(ast.Name(name, ast.Load()))], [])
    space: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # a changed rule may look odd to Python, which is the point
        exec(compile(ast.fix_missing_locations(ast.Module([outer], [])), "<changed rule>", "exec"), scope, space)
    made: FunctionType = space["make"](*[cell.cell_contents for cell in function.__closure__ or ()])
    made.__defaults__, made.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
    return made


def _bare(arguments: ast.arguments) -> ast.arguments:
    """The arguments without annotations, which would be evaluated; the defaults are put back as values."""
    names = [[ast.arg(a.arg) for a in args] for args in (arguments.posonlyargs, arguments.args, arguments.kwonlyargs)]
    star, stars = (a and ast.arg(a.arg) for a in (arguments.vararg, arguments.kwarg))
    return ast.arguments(names[0], names[1], star, names[2], [None] * len(names[2]), stars, [])


def helpers(function: FunctionType) -> dict[str, FunctionType]:
    """The plain functions of the same file that `function` calls, directly or through one another, by name."""
    found: dict[str, FunctionType] = {}
    queue = [function]
    for f in queue:
        for name in _names(f.__code__):
            g = f.__globals__.get(name)
            if isinstance(g, FunctionType) and g.__module__ == function.__module__ and g.__name__ == name and name not in found:
                found[name] = g
                queue.append(g)
    return found


def checks(function: FunctionType) -> set[str]:
    """Those of its `helpers` that return nothing and can raise: they keep out what the formula is not for."""
    return {name for name, f in helpers(function).items() if _only_refuses(tree_of(f))}


def _only_refuses(node: Function) -> bool:
    inside = [*ast.walk(node)]
    returns = isinstance(node, ast.Lambda) or any(isinstance(n, ast.Return) and n.value for n in inside)
    return not returns and any(isinstance(n, ast.Raise) for n in inside)


def _names(code: Any) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            yield from _names(constant)


def with_changed(rule: FunctionType, name: str | None, node: Function) -> Callable[..., Any]:
    """`rule` with the tree of one of its helpers changed to `node`, or its own if `name` is None; nobody else sees it."""
    scope = dict(rule.__globals__)
    for other, f in helpers(rule).items():
        scope[other] = FunctionType(f.__code__, scope, other, f.__defaults__, f.__closure__)
        scope[other].__kwdefaults__ = f.__kwdefaults__
    if name is not None:
        scope[name] = rebuilt(helpers(rule)[name], node, scope)
        made = FunctionType(rule.__code__, scope, rule.__name__, rule.__defaults__, rule.__closure__)
        made.__kwdefaults__ = rule.__kwdefaults__
        return made
    return rebuilt(rule, node, scope)
