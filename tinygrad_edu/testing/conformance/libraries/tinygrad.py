"""tinygrad, on its Python device: that needs no compiler, and computes in float64."""

from __future__ import annotations

import importlib
from typing import Any, ClassVar

import numpy

from ..rows import Row
from .library import Answer, Lacks, Library, Names, floats

__all__ = ["Tinygrad"]


class Tinygrad(Library):
    """tinygrad; what is no method of its tensors is written with those that are."""

    name, package = "tinygrad", "tinygrad"
    environment: ClassVar = {"DEV": "PYTHON"}
    rewrites: ClassVar = {"x[::-1]": "x.flip(0)", "x ** np.array([2, 3])": "x ** np.array([2.0, 3.0])"}

    def __init__(self) -> None:
        Tensor: Any = importlib.import_module("tinygrad").Tensor

        self.tensor = Tensor
        self.np, self.F = _numpy(Tensor), _functions(Tensor)

    def _answer(self, row: Row) -> Answer:
        inputs = [self._real(floats(x)) for x in row.inputs]
        y = self.evaluate(row, inputs, self.np, self.F)
        if not inputs:
            return Answer(self._read(y), ())
        grads = y.sum().gradient(*inputs)
        second = self._read(grads[0].gradient(*inputs)[0]) if row.second is not None else None
        return Answer(self._read(y), tuple(map(self._read, grads)), second)

    def _real(self, data: Any) -> Any:
        """A tensor with a buffer: single numbers would be constants, which get no gradient."""
        if numpy.shape(data):
            return self.tensor(numpy.asarray(data))
        return self.tensor(numpy.reshape(data, 1)).reshape(()).contiguous().realize()

    def _read(self, x: Any) -> Any:
        """A tensor as an array. Where it has become a constant it has no device, so a zero with one is added."""
        return (x + self.tensor(numpy.zeros(1, numpy.int8))).numpy().reshape(x.shape)

    def leaf(self, data: Any) -> Any:
        return self._real(data) if isinstance(data, float | list) else self.tensor(data)

    def grad(self, x: Any) -> Any:
        return None if x.grad is None else self._read(x.grad).tolist()

    def numbers(self, x: Any) -> Any:
        return self._read(x).tolist()

    def dtype(self, x: Any) -> str:
        return {"half": "float16", "float": "float32", "double": "float64"}[str(x.dtype).split(".")[-1]]


def _numpy(Tensor: Any) -> Names:
    """NumPy's names, each a method of tinygrad's tensor with its own defaults."""

    def method(name: str) -> Any:
        return lambda x, *args, **options: getattr(x, name)(*args, **options)

    same = ("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "abs", "sign", "max", "min", "sum", "prod", "round",
            "floor", "square", "reciprocal", "cumsum", "minimum", "logaddexp")  # fmt: skip
    return Names(
        **{name: method(name) for name in same if hasattr(Tensor, name)},
        array=lambda x: Tensor(numpy.array(x)), cumprod=lambda x: x.cumprod(0),
        where=lambda c, a, b: c.where(a, b), amax=method("max"),
        maximum=lambda x, y: x.maximum(y), log1p=lambda x: (1 + x).log(), arcsin=method("asin"), arccos=method("acos"),
        mean=lambda x, axis=None, keepdims=False: x.mean(axis, keepdim=keepdims), mod=lambda x, y: x % y,
        std=lambda x, ddof=1: x.std(correction=ddof), var=lambda x, ddof=1: x.var(correction=ddof),
        clip=lambda x, lo, hi: x.clip(lo, hi), sort=lambda x: x.sort()[0], reshape=lambda x, n: x.reshape(n),
        stack=lambda xs: xs[0].stack(*xs[1:]), concatenate=lambda xs: xs[0].cat(*xs[1:]), matmul=lambda x, y: x @ y,
        einsum=Tensor.einsum, linalg=Names(norm=_norm), inf=float("inf"),
    )  # fmt: skip


def _norm(x: Any, ord: Any = None) -> Any:
    if ord is not None:
        raise Lacks("norms of other orders")
    return (x * x).sum().sqrt()


def _functions(Tensor: Any) -> Names:
    """Our names for what NumPy lacks."""

    def method(name: str) -> Any:
        return lambda x, *args: getattr(x, name)(*args)

    same = ("relu", "relu6", "leaky_relu", "elu", "selu", "celu", "hardtanh", "hardsigmoid", "hardswish", "softsign", "gelu",
            "softplus", "sigmoid", "logsigmoid", "softmax", "log_softmax", "logsumexp", "rsqrt", "softshrink")  # fmt: skip
    return Names(**{name: method(name) for name in same if hasattr(Tensor, name)})
