"""The engine: values, the tape, the op declarators, backpropagation, the graph."""

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
