"""Which values share a box: a large graph is made small by closing modules and folding what repeats.

    10 values          drawn one by one
    40,000 values      module by module: "neurons.3: multiply ×784, add ×784, sigmoid ×1"
    without modules    like leaves, chains, calls side by side, then long sums become one box each
    nothing repeats    the first calls, one box for the middle, the last calls

A box that stands for several values must never be both before and after another one, or the picture would go in circles.
Why each step keeps that so: a call of a module is an interval of the tape; values of one rank do not depend on each other;
in a run, each value is used by the next one only; the middle is an interval of a topological order; leaves depend on
nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

from ...core import Graph, Value
from ...core.recording import Call
from .text import thousands

__all__ = ["Instance", "Part", "Partition", "calls", "partition"]

MOST_LEVELS = 40  # of modules inside modules; deeper ones are never opened


class Instance:
    """One call of a module: what a cluster stands for; `path` is the calls around it and itself."""

    __slots__ = ("call", "name", "parent", "path", "title")

    def __init__(self, name: str, parent: Instance | None, call: int) -> None:
        self.name, self.parent, self.call = name, parent, call
        self.title = name if call == 1 else f"{name} (call {call})"
        self.path: tuple[Instance, ...] = (*(parent.path if parent else ()), self)


Path = tuple[Instance, ...]


class Part:
    """What one box stands for.

    Attributes:
        values: oldest first.
        path: the open modules around it, outermost first.
        kind: "value" is a single one; "module" a closed call of a module; "fold" several values or modules that are alike.
        name: the title of a module, or how a fold came about.
    """

    __slots__ = ("kind", "name", "path", "values")

    def __init__(self, values: list[Value], path: Path, kind: str = "value", name: str = "") -> None:
        self.values, self.path, self.kind, self.name = values, path, kind, name

    @property
    def leaves(self) -> bool:
        """Whether nothing was computed in it."""
        return self.kind != "module" and self.values[-1].op is None

    @property
    def sign(self) -> tuple[Any, ...]:
        """Equal for parts that do the same: candidates for one box."""
        if self.kind == "module":
            return ("module", self.name.rstrip("0123456789"), len(self.values))
        last = self.values[-1]
        several = isinstance(last._data, tuple)
        return (last.op.name if last.op else "", () if several else last.shape, len(self.values))


class Partition:
    """All parts, and what they get from each other.

    Attributes:
        parts: in no particular order.
        before: part number to {part number: how many times a value of that one is an argument here}.
        after: the same, seen from the other end.
    """

    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts
        home = {v: i for i, part in enumerate(parts) for v in part.values}
        self.home = home
        self.before: list[Counter[int]] = [Counter() for _ in parts]
        self.after: list[Counter[int]] = [Counter() for _ in parts]
        for v, i in home.items():
            for a in v.args:
                if type(a) is Value and (j := home[a]) != i:
                    self.before[i][j] += 1
                    self.after[j][i] += 1

    def __len__(self) -> int:
        return len(self.parts)

    def ranks(self) -> list[int]:
        """The longest way from a leaf to each part; an argument has a smaller rank than what is made of it."""
        rank, missing = [0] * len(self.parts), [len(b) for b in self.before]
        ready = [i for i, n in enumerate(missing) if not n]
        for i in ready:
            for j in self.after[i]:
                rank[j] = max(rank[j], rank[i] + 1)
                missing[j] -= 1
                if not missing[j]:
                    ready.append(j)
        return rank

    def joined(self, groups: Iterable[list[int]], name: Callable[[list[Part]], str]) -> Partition:
        """With one box for each group of parts."""
        groups = [g for g in groups if len(g) > 1]
        inside = {i for g in groups for i in g}
        parts = [p for i, p in enumerate(self.parts) if i not in inside]
        for group in groups:
            members = [self.parts[i] for i in group]
            values = sorted((v for p in members for v in p.values), key=lambda v: v.index)
            parts.append(Part(values, members[0].path, "fold", name(members)))
        return Partition(parts) if groups else self


def partition(graph: Graph, depth: int | None, limit: int) -> tuple[Partition, list[str]]:
    """At most `limit` parts, and what had to be done for that, in words.

    Args:
        graph: what to show.
        depth: open at most so many levels of modules; None opens as many as fit.
        limit: how many parts at most. Modules are closed level by level first; then parts are folded.
    """
    tree = _Tree(graph)
    levels = min(tree.levels, MOST_LEVELS, tree.levels if depth is None else depth)
    outputs = frozenset(graph.outputs if len(graph.outputs) * 4 <= limit else ())
    p, level = _opened(tree, levels, limit, outputs)
    notes = {}
    if level < tree.levels:
        notes[f"modules are closed below depth {level}" if level else "modules are closed"] = True
    for fold, note in _FOLDS:
        if len(p) > limit:
            folded = fold(p, outputs, limit)
            smaller = _like_leaves(folded, outputs, limit)
            notes |= {note: True} if len(folded) < len(p) else {}
            notes |= {"like leaves are folded": True} if len(smaller) < len(folded) else {}
            p = smaller
    return p, list(notes)


def _opened(tree: _Tree, levels: int, limit: int, outputs: frozenset[Value]) -> tuple[Partition, int]:
    """The modules opened as far as fits, and how far that is; with all of them closed if nothing fits."""
    if len(tree.values) <= limit:
        return Partition(tree.parts(levels)), levels
    best = Partition(tree.parts(0)), 0
    for level in range(1, levels + 1):
        p = Partition(tree.parts(level))
        if len(_like_leaves(p, outputs, limit)) > limit:
            break  # what it would take to open this level
        best = p, level
    return best


def calls(graph: Graph) -> dict[Value, Path]:
    """The calls of modules around each value, outermost first: a module that is called twice is there twice."""
    return _Tree(graph).paths


# -- modules --------------------------------------------------------------------------------------------------------


class _Tree:
    """Which call of which module each value belongs to.

    The values that calls made, in the order of the tape, are cut where the scope changes, and where a
    module is called again. A leaf was made outside of all calls.
    """

    def __init__(self, graph: Graph) -> None:
        self.values = graph.values
        self.paths: dict[Value, Path] = {}
        calls: Counter[tuple[Instance | None, str]] = Counter()
        path: Path = ()
        for v in graph.values:
            if v.op is not None:
                self.paths[v] = path = _entered(path, _scope(v), calls)
        self._place_leaves()
        self.levels = max((len(p) for p in self.paths.values()), default=0)

    def _place_leaves(self) -> None:
        """Where a leaf is used; what several modules share comes in from outside of the one around them."""
        users: dict[Value, dict[Path, None]] = defaultdict(dict)
        for v in self.values:
            for a in v.args:
                if type(a) is Value and a.op is None:
                    users[a][self.paths[v]] = None
        for v in self.values:
            if v.op is None:
                paths = list(users[v]) or [()]
                shared = reduce(_common, paths)
                self.paths[v] = shared if shared in paths else shared[:-1]

    def parts(self, level: int) -> list[Part]:
        """One part for each value or call of a module that is deeper than `level` modules."""
        parts: list[Part] = []
        closed: dict[Instance, Part] = {}
        for v in self.values:
            path = self.paths[v]
            if len(path) <= level:
                parts.append(Part([v], path))
            elif path[level] in closed:
                closed[path[level]].values.append(v)
            else:
                closed[path[level]] = Part([v], path[:level], "module", path[level].title)
        return parts + list(closed.values())


def _scope(v: Value) -> tuple[str, ...]:
    picked = v.op is not None and v.op.name == "pick" and v.args
    return v.args[0].scope if picked else v.scope


def _entered(path: Path, names: tuple[str, ...], calls: Counter[Any]) -> Path:
    """The path to the module `names`, in the same calls as `path` as far as they agree."""
    if len(path) == len(names) and all(map(_continues, path, names)):
        return path
    same = 0
    while same < min(len(path), len(names)) and _continues(path[same], names[same]):
        same += 1
    here = path[same - 1] if same else None
    for name in names[same:]:
        calls[here, name] += 1
        here = Instance(name, here, calls[here, name])
    return here.path if here else ()


def _continues(one: Instance, name: str) -> bool:
    return one.name is name or (type(name) is not Call and one.name == name)


def _common(a: Path, b: Path) -> Path:
    same = 0
    while same < min(len(a), len(b)) and a[same] is b[same]:
        same += 1
    return a[:same]


# -- folds -----------------------------------------------------------------------------------------------------------


def _like_leaves(p: Partition, outputs: frozenset[Value], limit: int) -> Partition:
    """Leaves of one shape that go to the same places equally often; two are not worth a box."""
    if len(p) <= limit:
        return p
    groups: dict[Any, list[int]] = defaultdict(list)
    for i, part in enumerate(p.parts):
        if part.leaves and part.values[-1] not in outputs:
            groups[part.path, part.values[-1].shape, frozenset(p.after[i].items())].append(i)
    many = [group for group in groups.values() if len(group) > 2]
    return p.joined(many, lambda members: f"{thousands(len(_all(members)))} leaves")


def _side_by_side(p: Partition, outputs: frozenset[Value], limit: int) -> Partition:
    """Calls of one op on one rank."""
    groups: dict[Any, list[int]] = defaultdict(list)
    for i, rank in enumerate(p.ranks()):
        part = p.parts[i]
        if not part.leaves and part.values[-1] not in outputs:
            groups[rank, part.path, part.sign].append(i)
    return p.joined(groups.values(), lambda members: f"{_what(members)} side by side")


def _what(members: list[Part]) -> str:
    n = thousands(len(members))
    if members[0].kind != "module":
        return n
    first, last = members[0].name, members[-1].name
    return f"{n} modules {first} … {last}" if first != last else f"{n} × {first}"


def _rows(p: Partition, outputs: frozenset[Value], limit: int) -> Partition:
    """Calls of one op, each used by the next one only: long sums."""
    return _runs(p, outputs, lambda i, j: p.parts[i].sign == p.parts[j].sign, 0)


def _chains(p: Partition, outputs: frozenset[Value], limit: int) -> Partition:
    """Calls of any op, each used by the next one only, which gets nothing else but leaves."""

    def single(i: int, j: int) -> bool:
        return sum(not p.parts[k].leaves for k in p.before[j]) == 1

    return _runs(p, outputs, single, 2 if limit >= 20 else 0)


def _runs(p: Partition, outputs: frozenset[Value], fits: Callable[[int, int], bool], ends: int) -> Partition:
    following: dict[int, int] = {}
    taken: set[int] = set()
    for i, part in enumerate(p.parts):
        if len(p.after[i]) == 1 and not part.leaves and part.values[-1] not in outputs:
            j = next(iter(p.after[i]))
            open_end = j not in taken and p.parts[j].values[-1] not in outputs and p.parts[j].path == part.path
            if open_end and fits(i, j):
                following[i] = j
                taken.add(j)
    groups = []
    for i in following:
        if i not in taken:
            run = [i]
            while run[-1] in following:
                run.append(following[run[-1]])
            groups.append(run[ends : len(run) - ends])
    return p.joined(groups, _in_a_row)


def _in_a_row(members: list[Part]) -> str:
    each = {len(m.values) for m in members}
    width = each.pop() if len(each) == 1 else 1
    return f"{thousands(len(members))} in a row" + (f", each {thousands(width)} side by side" if width > 1 else "")


def _middle(p: Partition, outputs: frozenset[Value], limit: int) -> Partition:
    """All but the first and the last calls."""
    rank, ends = p.ranks(), limit // 4
    calls = [i for i, part in enumerate(p.parts) if not part.leaves and part.values[-1] not in outputs]
    calls.sort(key=lambda i: (rank[i], p.parts[i].values[0].index))
    return p.joined([calls[ends : len(calls) - ends]], lambda members: "the middle of the graph")


def _all_leaves(p: Partition, outputs: frozenset[Value], limit: int) -> Partition:
    """The leaves that are still too many: all in one, but for those that few use."""
    leaves = [i for i, part in enumerate(p.parts) if part.leaves and part.values[-1] not in outputs]
    leaves.sort(key=lambda i: (len(p.parts[i].values) > 1, p.parts[i].values[0].label == "", p.parts[i].values[0].index))
    spare = max(limit - (len(p) - len(leaves)) - 1, 0)
    return p.joined([leaves[spare:]], lambda members: f"{thousands(len(_all(members)))} leaves")


def _all(members: list[Part]) -> list[Value]:
    return [v for m in members for v in m.values]


_FOLDS = (
    (lambda p, outputs, limit: p, ""),  # like leaves alone
    (_chains, "runs of calls are folded"),
    (_side_by_side, "like calls are folded"),
    (_rows, "like calls are folded"),
    (_chains, "runs of calls are folded"),
    (_middle, "the middle is folded"),
    (_all_leaves, "leaves are folded"),
)
