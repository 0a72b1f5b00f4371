"""Looking inside: the graph of a value, drawn; the derivative of an op, read off its rule and proved."""

from .births import where_nan
from .book import derivatives
from .breakpoints import Breakpoint
from .data import GraphData
from .detective import why_zero
from .difference import Change, Difference, diff
from .drawing import Drawing, draw, graph
from .explanation import Explanation, explain
from .explorer import to_html
from .findings import Finding, Findings
from .frames import Frame
from .linting import lint
from .player import Player
from .recorder import Recorder, record
from .reference import DerivativePage, derivative

__all__ = [
    "Breakpoint",
    "Change",
    "DerivativePage",
    "Difference",
    "Drawing",
    "Explanation",
    "Finding",
    "Findings",
    "Frame",
    "GraphData",
    "Player",
    "Recorder",
    "derivative",
    "derivatives",
    "diff",
    "draw",
    "explain",
    "graph",
    "lint",
    "record",
    "to_html",
    "where_nan",
    "why_zero",
]
