"""An autodiff engine to study: values remember how they were made, and gradients flow back by the chain rule.

>>> import tinygrad_edu as tg
>>> x = tg.Value(3.0)
>>> y = x * x + 1
>>> y.backward()
>>> float(x.grad)
6.0

What is here, and where to read on:

    Value                                   what is differentiated; NumPy's functions of it record
    grad, value_and_grad, jacobian, hessian, jvp, vjp, vmap       functions that make functions
    gradients, no_grad, stop_gradient, lean, scope, record_source       how a graph is recorded and walked
    elementwise, linear, primitive, composite       how a function with a derivative of its own is declared
    explain, record, lint                   the chain rule written out, played step by step, and what looks wrong
    Graph, Op, REGISTRY, Domain             what a Value remembers, an op, all of them by name, where one is defined

    ops         every differentiable function: help(tg.ops.tanh) shows its derivative
    transforms  all functions of functions      nn, optim   layers, and what trains them
    data        the digits                      train       the training loop
    inspect     graphs drawn and questioned     testing     is my gradient right?
    errors      what is raised
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import errors, ops
from .core import (
    REGISTRY,
    Graph,
    Op,
    Value,
    composite,
    elementwise,
    gradients,
    lean,
    linear,
    no_grad,
    primitive,
    record_source,
    scope,
)
from .core.value import VIEWS
from .ops.domain import Domain

if TYPE_CHECKING:
    from .inspect import explain, lint, record
    from .transforms import grad, hessian, jacobian, jvp, stop_gradient, value_and_grad, vjp, vmap

__version__ = "0.1.0"

_ROOMS = ("cli", "data", "inspect", "nn", "optim", "testing", "train", "transforms")  # imported when first used
_LAZY = {  # likewise
    "inspect": ("explain", "lint", "record"),
    "transforms": ("grad", "hessian", "jacobian", "jvp", "stop_gradient", "value_and_grad", "vjp", "vmap"),
}

__all__ = [
    "REGISTRY",
    "Domain",
    "Graph",
    "Op",
    "Value",
    "__version__",
    "composite",
    "data",
    "elementwise",
    "errors",
    "explain",
    "grad",
    "gradients",
    "hessian",
    "inspect",
    "jacobian",
    "jvp",
    "lean",
    "linear",
    "lint",
    "nn",
    "no_grad",
    "ops",
    "optim",
    "primitive",
    "record",
    "record_source",
    "scope",
    "stop_gradient",
    "testing",
    "train",
    "transforms",
    "value_and_grad",
    "vjp",
    "vmap",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f".{name}", __name__)
    for room, names in _LAZY.items():
        if name in names:
            return getattr(import_module(f".{room}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _graph(value: Value, **options: Any) -> Any:
    return import_module(".inspect", __name__).draw(value, **options)


VIEWS["graph"] = _graph
VIEWS["diff"] = lambda *args, **options: import_module(".inspect.pictures.difference", __name__).diff(*args, **options)
VIEWS["to_json"] = lambda graph: import_module(".inspect.graphs.snapshot", __name__).snapshot(graph).to_json()
VIEWS["to_html"] = lambda *args, **options: import_module(".inspect.explorer.page", __name__).to_html(*args, **options)
VIEWS["show"] = lambda graph, **options: import_module(".inspect.explorer.page", __name__).show(graph, **options)
VIEWS["from_json"] = lambda text: import_module(".inspect.graphs.data", __name__).GraphData.from_json(text)


def _help(op: Op) -> str:
    return str(import_module(".inspect.reference.help", __name__).text(op))


Op.document = staticmethod(_help)


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
