"""What a model is made of, counted."""

from __future__ import annotations

from typing import Any

from .module import Module
from .neuron import Neuron

__all__ = ["summary"]


def summary(model: Module) -> int:
    """Print the parameters of each module and their sum; returns the sum.

    >>> from tinygrad_edu.nn import MLP
    >>> total = summary(MLP([784, 16, 16, 10], rng=0))
    MLP
      layers.0  Layer  weight (16, 784)  bias (16,)  12544 + 16
      layers.1  Layer  weight (16, 16)   bias (16,)  256 + 16
      layers.2  Layer  weight (10, 16)   bias (10,)  160 + 10
    12544 + 16 + 256 + 16 + 160 + 10 = 13002 parameters
    """
    rows, sizes = [], []
    for path, module, parameters in _owners(model):
        rows.append([path, module, *(text for text, _ in parameters), _sum([n for _, n in parameters])])
        sizes += [n for _, n in parameters]
    print(type(model).__name__, *_aligned(rows), f"{_sum(sizes)} = {sum(sizes)} parameters", sep="\n")
    return sum(sizes)


def _owners(model: Module) -> list[tuple[str, str, list[tuple[str, int]]]]:
    """(path, kind, [(name and shape, size)]) for each module with parameters; the neurons of a layer make one row."""
    rows: list[tuple[str, str, list[tuple[str, int]]]] = []
    for path, module in model.named_modules():
        if neurons := [m for m in getattr(module, "neurons", []) if isinstance(m, Neuron)]:
            sizes = [(f"{len(neurons)} x {len(n.weights)} scalars", len(neurons) * len(n.weights)) for n in neurons[:1]]
            rows.append((path, type(module).__name__, [*sizes, (f"{len(neurons)} scalars", len(neurons))]))
        elif not (isinstance(module, Neuron) and path):
            own = [
                (f"{n} {v.shape}", v.size) for n, v in module.named_parameters() if "." not in n or isinstance(module, Neuron)
            ]
            if own:
                rows.append((path, type(module).__name__, own))
    return rows


def _aligned(rows: list[list[Any]]) -> list[str]:
    """The rows as lines: the middle columns padded to one width, the counts last."""
    depth = max((len(r) for r in rows), default=0)
    full = [[*r[:-1], *[""] * (depth - len(r)), r[-1]] for r in rows]
    widths = [max(len(r[i]) for r in full) for i in range(depth - 1)]
    return ["  " + "  ".join([*(c.ljust(w) for c, w in zip(r[:-1], widths, strict=True)), r[-1]]).strip() for r in full]


def _sum(sizes: list[int]) -> str:
    return " + ".join(map(str, sizes)) or "0"
