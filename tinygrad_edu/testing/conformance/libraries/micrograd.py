"""micrograd, whose numbers are single: rows of one entry."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from ..rows import Row
from .library import Answer, Lacks, Library, Names, floats

__all__ = ["Micrograd"]


class Micrograd(Library):
    """micrograd."""

    name, package = "micrograd", "micrograd"

    def __init__(self) -> None:
        self.tensor = importlib.import_module("micrograd.engine").Value
        self.np, self.F = Names(), Names(relu=lambda x: x.relu())

    def _answer(self, row: Row) -> Answer:
        if row.second is not None or any(np.size(x) != 1 for x in row.inputs) or not row.inputs:
            raise Lacks("arrays and second derivatives")
        inputs = [self.tensor(floats(x).item()) for x in row.inputs]
        y = self.evaluate(row, inputs, self.np, self.F)
        y.backward()
        shape = np.shape(row.value) if not isinstance(row.value, type) else ()
        shapes = [np.shape(x) for x in row.inputs]
        grads = tuple(np.full(s, x.grad) for s, x in zip(shapes, inputs, strict=True))
        return Answer(np.full(shape, y.data), grads)

    def leaf(self, data: Any) -> Any:
        if np.size(data) != 1 or isinstance(data, np.ndarray | np.generic):
            raise Lacks("arrays")
        return self.tensor(data)

    def grad(self, x: Any) -> Any:
        return x.grad

    def numbers(self, x: Any) -> Any:
        return x.data

    def dtype(self, x: Any) -> str:
        raise Lacks("dtypes")
