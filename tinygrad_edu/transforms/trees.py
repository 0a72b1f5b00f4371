"""Nested tuples, lists and dicts as flat lists of their leaves, and back.

None is an empty tree; anything that is no tuple, list, dict or None is a leaf. Dicts keep their order, and two of them
have one structure if they have the same keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ..errors import OptionError

__all__ = ["Tree", "broadcast_prefix", "flatten", "map_leaves", "matched", "same", "unflatten"]


class Tree(NamedTuple):
    """The structure that is left of a nested thing without its leaves.

    Attributes:
        kind: tuple, list, dict, a named tuple's class; `type(None)` for an empty tree, None for a leaf.
        keys: of a dict.
        children: the structures inside.
        size: how many leaves there are.
    """

    kind: Any
    keys: tuple[Any, ...]
    children: tuple[Any, ...]
    size: int

    def __str__(self) -> str:
        inside = [str(c) for c in self.children]
        if self.kind is None:
            return "*"
        if self.kind is type(None):
            return "None"
        if self.kind is dict:
            return "{" + ", ".join(f"{k!r}: {c}" for k, c in zip(self.keys, inside, strict=True)) + "}"
        if self.kind is list:
            return f"[{', '.join(inside)}]"
        name = "" if self.kind is tuple else self.kind.__name__
        return f"{name}({', '.join(inside)}{',' if len(inside) == 1 else ''})"


LEAF = Tree(None, (), (), 1)
_NESTS = (tuple, list, dict)


def flatten(tree: Any) -> tuple[list[Any], Tree]:
    """The leaves from left to right, and the structure.

    >>> leaves, structure = flatten({"w": [1.0, 2.0], "b": (3.0, None)})
    >>> leaves, str(structure)
    ([1.0, 2.0, 3.0], "{'w': [*, *], 'b': (*, None)}")
    """
    if tree is None:
        return [], Tree(type(None), (), (), 0)
    if not isinstance(tree, _NESTS):
        return [tree], LEAF
    keys = tuple(tree) if isinstance(tree, dict) else ()
    both = [flatten(t) for t in (tree.values() if isinstance(tree, dict) else tree)]
    leaves = [x for xs, _ in both for x in xs]
    return leaves, Tree(_kind(tree), keys, tuple(s for _, s in both), len(leaves))


def _kind(tree: Any) -> Any:
    return type(tree) if hasattr(tree, "_make") else next(k for k in (dict, list, tuple) if isinstance(tree, k))


def unflatten(structure: Tree, leaves: list[Any]) -> Any:
    """The inverse of `flatten`."""
    return _built(structure, iter(leaves))


def _built(structure: Tree, leaves: Iterator[Any]) -> Any:
    kind = structure.kind
    if kind is None:
        return next(leaves)
    if kind is type(None):
        return None
    inside = [_built(c, leaves) for c in structure.children]
    if kind is dict:
        return dict(zip(structure.keys, inside, strict=True))
    return kind._make(inside) if hasattr(kind, "_make") else kind(inside)


def map_leaves(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """`function` of each leaf, and of the leaves at its place in other trees of the same structure.

    >>> map_leaves(lambda w, g: w - 0.1 * g, {"w": 1.0}, {"w": 5.0})
    {'w': 0.5}
    """
    leaves, structure = flatten(tree)
    rest = [matched(other, structure, "tree") for other in others]
    return unflatten(structure, [function(*xs) for xs in zip(leaves, *rest, strict=True)])


def matched(tree: Any, structure: Tree, name: str) -> list[Any]:
    """The leaves of a tree that has to have this structure.

    Raises:
        OptionError: it has another one.
    """
    leaves, its = flatten(tree)
    if same(its, structure):
        return _reordered(its, structure, leaves)
    raise OptionError(f"{name} has the structure {its}, but {structure} was expected")


def same(a: Tree, b: Tree) -> bool:
    """Whether two structures are one but for the order of keys."""
    if a.kind is dict and b.kind is dict:
        return set(a.keys) == set(b.keys) and all(same(x, b.children[b.keys.index(k)]) for k, x in _items(a))
    return a.kind is b.kind and len(a.children) == len(b.children) and all(map(same, a.children, b.children))


def _items(tree: Tree) -> list[tuple[Any, Tree]]:
    return list(zip(tree.keys, tree.children, strict=True))


def _reordered(a: Tree, b: Tree, leaves: list[Any]) -> list[Any]:
    """The leaves of `a` in the order in which `b` has its keys."""
    if a == b:
        return leaves
    parts, start = [], 0
    for child in a.children:
        parts.append(leaves[start : start + child.size])
        start += child.size
    order = [a.keys.index(k) for k in b.keys] if a.kind is dict else range(len(parts))
    return [x for i, c in zip(order, b.children, strict=True) for x in _reordered(a.children[i], c, parts[i])]


def broadcast_prefix(prefix: Any, tree: Any, name: str = "prefix") -> list[Any]:
    """One entry for each leaf of `tree`, from a tree that may stop early: what stands there holds for all below.

    None is an entry like any other.

    >>> broadcast_prefix((0, None), ({"w": 1.0, "b": 2.0}, 3.0))
    [0, 0, None]

    Raises:
        OptionError: the two do not fit.
    """
    if not isinstance(prefix, _NESTS):
        return [prefix] * flatten(tree)[1].size
    fits = isinstance(tree, _NESTS) and isinstance(prefix, dict) == isinstance(tree, dict)
    if not fits or len(prefix) != len(tree) or (isinstance(prefix, dict) and set(prefix) != set(tree)):
        raise OptionError(f"{name}={prefix!r} does not fit the arguments' structure {flatten(tree)[1]}")
    pairs = [(prefix[k], tree[k]) for k in tree] if isinstance(tree, dict) else zip(prefix, tree, strict=True)
    return [x for p, t in pairs for x in broadcast_prefix(p, t, name)]
