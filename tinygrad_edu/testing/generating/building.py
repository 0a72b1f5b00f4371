"""Random expressions, op by op, each applied where it is smooth.

The numbers of every result are known while an expression is built, so nothing has to be thrown away afterwards. An op
that wants numbers from (0, 4] is given an earlier result that happens to lie there, or a fresh input drawn from there,
or an earlier result that an affine map, or a sigmoid, brings there. Off a kink or a tie, an argument is shifted by a
constant; results that grow are scaled down by a power of two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from ...core import REGISTRY
from ..expression import Expression, applied
from .choosing import Chooser
from .conditions import HUGE, LIMIT, domain_of, interior
from .drawing import Intervals, Shape, beside, entries, matrix, separate

__all__ = ["Builder", "Node", "Unfit", "anything"]

SIZES = (1, 2, 3, 2, 3, 2, 3, 4, 2, 3, 1)
FRESH, EARLIER, NEW = 2, 3, 7  # how often an argument is an input, an earlier result, or one that is built now
LARGEST = 24  # entries of an array
SHIFTS = (1.0, 0.5, -0.5, -1.0, 0.25, 2.0, -0.25, 1.5, -1.5, 0.12, -0.37, 0.63, -2.0, 0.06, -0.06)


class Unfit(Exception):  # noqa: N818  nothing went wrong: another op is tried
    """Nothing was found that an op can be applied to here."""


class Node:
    """An input, if `name` is None, or a call; with its numbers."""

    __slots__ = ("arguments", "data", "large", "name", "options", "used")

    def __init__(self, data: Any, name: str | None = None, arguments: tuple[Any, ...] = (), options: Any = None) -> None:
        self.data, self.name, self.arguments, self.options, self.used = data, name, arguments, options, 0
        self.large = float(np.max(np.abs(data), initial=0.0)) > LIMIT  # to be scaled down before it is used


Operand = Node | float | None


def anything(shape: Shape) -> bool:
    """Every shape fits, also that of an empty array."""
    return True


class Builder:
    """An expression that is being built.

    What an op is applied to is chosen when the op is, and built at once, from the outside in: so a choice that shrinking
    leaves out takes with it exactly what it brought, and the rest still means the same.

    Args:
        choose: makes the choices.
        grow: builds one more op, if there may be one, and says whether it did.
        empty: arrays without entries too.
    """

    def __init__(self, choose: Chooser, grow: Callable[[Builder], bool], empty: bool = True) -> None:
        self.choose, self.grow, self.empty = choose, grow, empty
        self.nodes: list[Node] = []

    # -- operands ------------------------------------------------------------------------------------------------------

    def shape(self, low: int = 0, high: int = 3, empty: bool = False) -> Shape:
        """A shape for a fresh input."""
        sizes = (*SIZES, 0) if empty and self.empty else SIZES
        shape: list[int] = []
        while self.choose.more(len(shape), low, high):
            shape.append(self.choose.pick(sizes))
        return tuple(shape) if math.prod(shape) <= LARGEST else tuple(shape[:2])

    def leaf(self, data: Any) -> Node:
        """A fresh input with these numbers."""
        self.nodes.append(Node(np.asarray(data, float)))
        return self.nodes[-1]

    def chosen(self, fits: Callable[[Shape], bool], grow: bool = True) -> tuple[Node | None, bool]:
        """None for a fresh input, or a result of a shape that fits: an earlier one, or one built now; and whether it was."""
        k = self.choose.integer(0, FRESH + EARLIER + NEW - 1)
        if k < FRESH:
            return None, False
        new = k >= FRESH + EARLIER and grow and self.grow(self)
        found = [node for node in reversed(self.nodes) if fits(node.data.shape) and not node.large]
        found.sort(key=lambda node: node.used > 0)  # what has no use yet comes first
        which = min(k - FRESH, len(found) - 1) if k < FRESH + EARLIER else 0
        return found[which] if found else None, new

    def array(self, fits: Callable[[Shape], bool] = anything, fresh: Callable[[], Shape] | None = None,
              intervals: Intervals = ((-LIMIT, LIMIT),), grow: bool = True) -> Node:  # fmt: skip
        """An array of a shape that fits (a `fresh` one for an input), its entries in the intervals."""

        def draw() -> Any:
            return entries(self.choose, fresh() if fresh else self.fitting(fits), _usual(intervals))

        node, new = self.chosen(fits, grow)
        spare = draw() if node is None or (self.choose.shrinks and not new) else None
        if node is not None and (moved := self.brought(node, intervals)) is not None:
            return moved
        return self.leaf(draw() if spare is None else spare)

    def fitting(self, fits: Callable[[Shape], bool]) -> Shape:
        """A fresh shape that fits."""
        for low in range(5):
            if fits(shape := self.shape(low, max(low, 3), fits is anything)):
                return shape
        raise Unfit

    def exactly(self, shape: Shape, intervals: Intervals = ((-LIMIT, LIMIT),)) -> Node:
        """An array of this shape."""
        return self.array(lambda s: s == shape, lambda: shape, intervals, grow=False)

    def separated(self, fits: Callable[[Shape], bool], fresh: Callable[[], Shape] | None = None) -> Node:
        """An array without ties."""
        node, _ = self.chosen(fits)
        shape = node.data.shape if node is not None else fresh() if fresh else self.fitting(fits)
        return self.repaired(node, separate(self.choose, shape, -3.0, 3.0), lambda x: interior("sort", [x], {}))

    def matrix(self, n: int, kind: str, fits: Callable[[Any], bool], cond: float = 8.0, distinct: bool = False) -> Node:
        """A matrix of a kind, or an earlier result that passes for one."""
        node, _ = self.chosen(lambda shape: shape == (n, n), grow=False)
        return self.repaired(node, matrix(self.choose, n, kind, cond, distinct), fits)

    def repaired(self, node: Node | None, target: Any, fits: Callable[[Any], bool]) -> Node:
        """The node itself if it fits; else what a fresh input is to be added to, so that the target comes out."""
        if node is None:
            return self.leaf(target)
        return node if fits(node.data) else self.call("add", node, self.leaf(target - node.data))

    def operand(self, intervals: Intervals, others: Sequence[Operand]) -> Operand:
        """An argument of an elementwise op that broadcasts with those there are; if there are any, maybe a constant."""
        arrays = [o.data for o in others if isinstance(o, Node)]
        if arrays and self.choose.integer(0, 5) == 5:
            return float(entries(self.choose, (), _usual(intervals)))
        shapes = [x.shape for x in arrays]
        return self.array(lambda s: _broadcast(*shapes, s), lambda: self.beside(shapes), intervals)

    def beside(self, shapes: list[Shape]) -> Shape:
        """A fresh shape that broadcasts with these."""
        return beside(self.choose, np.broadcast_shapes(*shapes)) if shapes else self.shape(empty=True)

    def brought(self, node: Node, intervals: Intervals) -> Node | None:
        """The node, or a map of it into one of the intervals; None where there is no simple one."""
        x = node.data
        if all(np.any([(low <= x) & (x <= high) for low, high in intervals], 0).flat):
            return node
        low, high = self.choose.pick(sorted(intervals, reverse=True))
        if high - low < 0.1:
            return None
        squash = np.max(np.abs(x)) <= 3 and self.choose.pick((False, True))
        if squash:
            node, x = self.call("sigmoid", node), np.array([0.0, 1.0])
        scale, offset = _affine(x, low + 0.1 * (high - low), high - 0.1 * (high - low))
        scaled = self.call("multiply", node, scale) if scale != 1 else node
        moved = self.call("add", scaled, offset) if offset else scaled
        return moved if np.all((low <= moved.data) & (moved.data <= high)) else None

    # -- calls ---------------------------------------------------------------------------------------------------------

    def call(self, name: str, *operands: Operand, **options: Any) -> Node:
        """Apply an op; arguments at a kink are shifted off it, and a large result is scaled down.

        Raises:
            Unfit: the op is not smooth around these arguments, nor a little beside them.
        """
        defaults = REGISTRY[name].options
        options = {n: o for n, o in options.items() if o != defaults[n]}
        placed = self._smooth(name, operands, options)
        with np.errstate(all="ignore"):
            y = np.asarray(applied(name, REGISTRY[name], _numbers(placed), options), float)
        if y.size > 2 * LARGEST or not np.all(np.abs(y) <= HUGE):
            raise Unfit
        node = Node(y, name, placed, options)
        self.nodes.append(node)
        for o in placed:
            if isinstance(o, Node):
                o.used += 1
        return self.call("multiply", node, 2.0 ** -math.ceil(math.log2(np.max(np.abs(y)) / 4))) if node.large else node

    def elementwise(self, name: str, options: dict[str, Any]) -> Node:
        """Apply an elementwise op to arguments from its domain."""
        op, operands = REGISTRY[name], list[Operand]()
        for n in op.inputs:
            operands.append(self.operand(domain_of(op, n).intervals, operands))
        return self.call(name, *operands, **options)

    def _smooth(self, name: str, operands: tuple[Operand, ...], options: dict[str, Any]) -> tuple[Operand, ...]:
        numbers = _numbers(operands)
        if interior(name, numbers, options):
            return operands
        for k in reversed([k for k, x in enumerate(numbers) if x is not None]):
            for shift in SHIFTS:
                if interior(name, [*numbers[:k], numbers[k] + shift, *numbers[k + 1 :]], options):
                    alone = operands.count(operands[k]) == 1
                    return (*operands[:k], self._shifted(operands[k], shift, alone), *operands[k + 1 :])
        raise Unfit

    def _shifted(self, operand: Any, shift: float, alone: bool) -> Operand:
        if not isinstance(operand, Node):
            return float(operand + shift)
        if operand.name is None and not operand.used and alone:
            operand.data = operand.data + shift  # an input that nothing else has seen
            return operand
        return self.call("add", operand, shift)

    # -- the whole -----------------------------------------------------------------------------------------------------

    def attempt(self, recipe: Callable[[Builder, str], Any], name: str) -> bool:
        """Follow a recipe; where it does not fit, leave no trace of it and say False."""
        there, used = len(self.nodes), [node.used for node in self.nodes]
        try:
            recipe(self, name)
        except Unfit:
            del self.nodes[there:]
            for node, n in zip(self.nodes, used, strict=True):
                node.used = n
            return False
        return True

    def expression(self) -> Expression:
        """Everything built so far, added up to one result."""
        loose = [node for node in self.nodes if node.name is not None and not node.used]
        alive = _upstream(reduce(self._joined, loose) if loose else self.nodes[-1])
        kept = [node for node in self.nodes if id(node) in alive]
        inputs = [node for node in kept if node.name is None]
        calls = [node for node in kept if node.name is not None]
        place = {id(node): i for i, node in enumerate([*inputs, *calls])}
        rows = [(node.name, tuple(place[id(o)] if isinstance(o, Node) else o for o in node.arguments), node.options)
                for node in calls]  # fmt: skip
        return Expression([node.data for node in inputs], rows)

    def _joined(self, one: Node, other: Node) -> Node:
        if one.data.shape != other.data.shape:
            one, other = self._scalar(one), self._scalar(other)
        return self.call("add", one, other)

    def _scalar(self, node: Node) -> Node:
        return self.call("sum", node) if node.data.shape else node


def _numbers(operands: Sequence[Operand]) -> list[Any]:
    return [o.data if isinstance(o, Node) else o for o in operands]


def _upstream(node: Node) -> set[int]:
    seen, pending = {id(node)}, [node]
    while pending:
        for o in pending.pop().arguments:
            if isinstance(o, Node) and id(o) not in seen:
                seen.add(id(o))
                pending.append(o)
    return seen


def _usual(intervals: Intervals) -> Intervals:
    """Fresh inputs are of moderate size, also where an op takes large numbers."""
    parts = [(max(low, -3.0), min(high, 3.0)) for low, high in intervals]
    return tuple(p for p in parts if p[0] <= p[1]) or intervals


def _broadcast(*shapes: Shape) -> bool:
    try:
        return math.prod(np.broadcast_shapes(*shapes)) <= LARGEST
    except ValueError:
        return False


def _affine(x: Any, low: float, high: float) -> tuple[float, float]:
    """`scale, offset` of few digits that bring `x` into [low, high]."""
    smallest, largest = float(np.min(x)), float(np.max(x))
    width = (high - low) / (largest - smallest) if largest > smallest else 1.0
    scale = min(1.0, float(f"{width * 0.95:.1e}"))
    return scale, round((low + high) / 2 - scale * (smallest + largest) / 2, 3)
