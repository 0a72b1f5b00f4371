"""The paths of the chain rule from one value to another: how many there are, which weigh most, and what they add up to.

    d(output)/d(source) = sum over all paths of the product of the local derivatives on the way

There can be more paths than atoms, so none of this walks them one by one. Each is one sweep over the graph, oldest first:

    count[v]     = sum over the arguments of count[argument]
    total[v]     = sum over the arguments of local * total[argument]
    heaviest[v]  = the k largest of local * (the k heaviest of the argument), for all arguments
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest
from typing import Any, NamedTuple

__all__ = ["Edge", "Path", "Ways"]


class Edge(NamedTuple):
    """A use of one value by a call.

    Attributes:
        node: the number of the argument among the nodes.
        place: which argument of the call it is.
        local: the local derivative there.
    """

    node: int
    place: int
    local: Any


class Path(NamedTuple):
    """One way from the source to the output.

    Attributes:
        nodes: the numbers of the nodes, the source first.
        edges: the uses on the way, one fewer.
        product: of their local derivatives.
    """

    nodes: tuple[int, ...]
    edges: tuple[Edge, ...]
    product: Any


class Ways:
    """All paths from node 0 to the last node of a graph whose nodes stand in the order of the tape.

    Args:
        edges: for each node the uses that it is made of, each of an earlier node.

    >>> x_plus_x_times_x = Ways([[], [Edge(0, 0, 1.0), Edge(0, 1, 1.0)], [Edge(1, 0, 3.0), Edge(0, 1, 6.0)]])
    >>> x_plus_x_times_x.count, x_plus_x_times_x.total
    (3, 12.0)
    >>> [p.product for p in x_plus_x_times_x.heaviest(2)]
    [6.0, 3.0]
    """

    def __init__(self, edges: Sequence[Sequence[Edge]]) -> None:
        self.edges = edges

    @property
    def count(self) -> int:
        """How many there are."""
        count = [1]
        for uses in self.edges[1:]:
            count.append(sum(count[e.node] for e in uses))
        return count[-1]

    @property
    def total(self) -> Any:
        """The sum of their products."""
        total: list[Any] = [1]
        for uses in self.edges[1:]:
            parts = [e.local * total[e.node] for e in uses]
            total.append(sum(parts[1:], parts[0]) if parts else 0)
        return total[-1]

    def heaviest(self, k: int) -> list[Path]:
        """The k paths with the largest products in size, largest first; those that are NaN or infinite before all."""
        best: list[list[tuple[Any, Edge | None, int]]] = [[(1, None, 0)]]  # product, last use, its rank at the argument
        for uses in self.edges[1:]:
            found: list[tuple[Any, Edge | None, int]] = [
                (e.local * p, e, rank) for e in uses for rank, (p, _, _) in enumerate(best[e.node])
            ]
            best.append(nlargest(k, found, key=lambda one: _weight(one[0])) if len(found) > 1 else found)
        return [self._traced(best, rank) for rank in range(len(best[-1][:k]))]

    def _traced(self, best: list[Any], rank: int) -> Path:
        node, product = len(self.edges) - 1, best[-1][rank][0]
        nodes, edges = [node], []
        while node:
            _, edge, rank = best[node][rank]
            node = edge.node
            nodes.append(node)
            edges.append(edge)
        return Path(tuple(nodes[::-1]), tuple(edges[::-1]), product)


def _weight(product: Any) -> float:
    size = float(abs(product))
    return size if size == size else float("inf")
