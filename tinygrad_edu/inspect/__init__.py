"""Looking inside: the graph of a value, drawn; the derivative of an op, read off its rule and proved."""

from .book import derivatives
from .drawing import Drawing, draw, graph
from .explain import Explanation, explain
from .reference import DerivativePage, derivative

__all__ = ["DerivativePage", "Drawing", "Explanation", "derivative", "derivatives", "draw", "explain", "graph"]
