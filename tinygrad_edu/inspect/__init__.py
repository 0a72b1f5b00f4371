"""Looking inside: the graph of a value, drawn."""

from .drawing import Drawing, draw, graph

__all__ = ["Drawing", "draw", "graph"]
