"""MyGrad, which answers NumPy's names as we do."""

from __future__ import annotations

import importlib
from typing import Any, ClassVar

import numpy as np

from ..rows import Row
from .library import Answer, Lacks, Library, Names, floats, zeros_for_none

__all__ = ["MyGrad"]


class MyGrad(Library):
    """mygrad."""

    name, package = "MyGrad", "mygrad"
    rewrites: ClassVar = {"np.sinc(x)": "F.sinc(x)"}

    def __init__(self) -> None:
        mygrad: Any = importlib.import_module("mygrad")
        activations: Any = importlib.import_module("mygrad.nnet.activations")

        self.mygrad, self.tensor = mygrad, mygrad.Tensor
        self.F = Names(
            activations,
            log_softmax=activations.logsoftmax, softplus=lambda x: mygrad.logaddexp(x, 0), softsign=activations.soft_sign,
            sinc=mygrad.sinc, hardtanh=lambda x: activations.hard_tanh(x),
        )  # fmt: skip

    def _answer(self, row: Row) -> Answer:
        if row.second is not None:
            raise Lacks("a second derivative")
        inputs = [self.mygrad.tensor(floats(x)) for x in row.inputs]
        try:
            y = self.evaluate(row, inputs, np, self.F)
        except TypeError as error:
            if "no implementation found" in str(error) or "all returned NotImplemented" in str(error):
                raise Lacks(str(error)) from error
            raise
        if isinstance(y, self.mygrad.Tensor):
            self.mygrad.sum(y).backward()
        return Answer(np.asarray(y), tuple(zeros_for_none(x.grad, x) for x in inputs if x.dtype.kind == "f"))

    def leaf(self, data: Any) -> Any:
        return self.mygrad.tensor(data)

    def shared(self, array: Any) -> Any:
        return self.mygrad.tensor(array, copy=False)

    def numbers(self, x: Any) -> Any:
        return np.asarray(x.data if isinstance(x, self.mygrad.Tensor) else x).tolist()
