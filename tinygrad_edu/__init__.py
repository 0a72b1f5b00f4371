"""An autodiff engine to study: values remember how they were made, and gradients flow back by the chain rule.

>>> import tinygrad_edu as tg
>>> x = tg.Value(3.0)
>>> y = x * x + 1
>>> y.backward()
>>> float(x.grad)
6.0
"""

from importlib import import_module
from typing import Any

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

__version__ = "0.1.0"

_ROOMS = ("cli", "data", "inspect", "nn", "optim", "testing", "train", "transforms")  # imported when first used

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
    "gradients",
    "inspect",
    "lean",
    "linear",
    "nn",
    "no_grad",
    "ops",
    "optim",
    "primitive",
    "record_source",
    "scope",
    "testing",
    "train",
    "transforms",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _graph(value: Value, **options: Any) -> Any:
    return import_module(".inspect", __name__).draw(value, **options)


VIEWS["graph"] = _graph


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
