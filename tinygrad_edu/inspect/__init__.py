"""Looking inside: the graph of a value, drawn; the derivative of an op, read off its rule and proved."""

from .chain_rule.explanation import Explanation, explain
from .diagnosis.births import where_nan
from .diagnosis.detective import why_zero
from .diagnosis.findings import Finding, Findings
from .diagnosis.linting import lint
from .explorer.page import to_html
from .graphs.data import GraphData
from .pictures.difference import Change, Difference, diff
from .pictures.drawing import Drawing, draw, graph
from .recording.breakpoints import Breakpoint
from .recording.frames import Frame
from .recording.player import Player
from .recording.recorder import Recorder, record
from .reference.book import derivatives
from .reference.derivative import DerivativePage, derivative

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
