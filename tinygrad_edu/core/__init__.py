"""The engine, in the order in which to read it.

    op          what an op is, and the four ways to declare one
    value       a number or array that remembers how it was made
    calls       calling an op makes such a value
    backward    the chain rule, newest value first
    cotangents  what flows back: shapes, gaps, several results
    graph       everything that a value was made from, as plain data

and, where a question leads there: `recording` (no_grad, lean, and why arrays are read-only meanwhile), `methods` (operators
and methods of arrays), `dtypes` (what has a gradient), `exact` (fractions in place of floats), `sources` (lines of the user).
"""

from .backward import gradients
from .graph import Graph
from .op import NUMPY, REGISTRY, Op, composite, elementwise, linear, primitive
from .recording import lean, no_grad, record_source, scope
from .value import Value

__all__ = [
    "NUMPY",
    "REGISTRY",
    "Graph",
    "Op",
    "Value",
    "composite",
    "elementwise",
    "gradients",
    "lean",
    "linear",
    "no_grad",
    "primitive",
    "record_source",
    "scope",
]
