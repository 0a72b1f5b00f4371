"""PyTorch, on the CPU and in float64."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy

from ..rows import Row
from .library import Answer, Library, Names, floats, zeros_for_none

__all__ = ["PyTorch"]


class PyTorch(Library):
    """torch."""

    name, package = "PyTorch", "torch"
    backward_options = ("retain_graph",)
    rewrites: ClassVar = {"x[::-1]": "np.flip(x, [0])", "x.T * 2": "x.t() * 2"}

    def __init__(self) -> None:
        import torch

        self.torch, self.tensor = torch, torch.Tensor
        self.np, self.F = _numpy(torch), _functions(torch)

    def _answer(self, row: Row) -> Answer:
        torch = self.torch
        inputs = [torch.tensor(floats(x)).requires_grad_() for x in row.inputs]
        y = self.evaluate(row, inputs, self.np, self.F)
        if not inputs:
            return Answer(y.numpy(), ())
        total = (y * 1.0).sum() if not y.is_complex() else y.sum()
        grads = torch.autograd.grad(total, inputs, create_graph=row.second is not None, allow_unused=True)
        second = None
        if row.second is not None:
            second = torch.autograd.grad(grads[0], inputs[0])[0].item() if grads[0].requires_grad else 0.0
        return Answer(y.detach().numpy(), tuple(_plain(g, x) for g, x in zip(grads, inputs, strict=True)), second)

    def leaf(self, data: Any) -> Any:
        if isinstance(data, str | self.torch.Tensor):
            return self.torch.tensor(data, requires_grad=True)
        return self.torch.tensor(numpy.asarray(data)).requires_grad_()

    def shared(self, array: Any) -> Any:
        return self.torch.from_numpy(array).requires_grad_()

    def grad(self, x: Any) -> Any:
        return None if x.grad is None else x.grad.tolist()

    def numbers(self, x: Any) -> Any:
        return x.detach().tolist()


def _plain(g: Any, x: Any) -> Any:
    return zeros_for_none(None if g is None else g.detach().numpy(), x.detach())


def _numpy(torch: Any) -> Names:
    """NumPy's names, each PyTorch's own function with its own defaults."""

    def extreme(name: str) -> Any:
        function = getattr(torch, name)
        return lambda x, axis=None: function(x) if axis is None else function(x, axis).values

    def clip(x: Any, lo: Any, hi: Any) -> Any:
        if any(map(torch.is_tensor, (lo, hi))) or not torch.is_tensor(x):  # torch.clamp takes tensors or numbers, not both
            x, lo, hi = (torch.as_tensor(e, dtype=torch.float64) for e in (x, lo, hi))
        return torch.clamp(x, lo, hi)

    def std(name: str) -> Any:
        function = getattr(torch, name)
        return lambda x, ddof=None: function(x) if ddof is None else function(x, correction=ddof)

    return Names(
        torch,
        array=lambda x: torch.tensor(numpy.array(x)), max=extreme("max"), min=extreme("min"), std=std("std"), var=std("var"),
        mod=torch.remainder, power=torch.pow, abs=torch.abs, clip=clip, arcsin=torch.asin,
        maximum=lambda x, y: torch.maximum(x, y), sort=lambda x: torch.sort(x, stable=True).values,
        mean=lambda x, axis=None, keepdims=False: torch.mean(x) if axis is None else torch.mean(x, axis, keepdim=keepdims),
        sum=lambda x, axis=None: torch.sum(x) if axis is None else torch.sum(x, axis),
        prod=torch.prod, cumsum=lambda x: torch.cumsum(x, 0), cumprod=lambda x: torch.cumprod(x, 0),
        where=lambda c, a, b: torch.where(c, a, b), reshape=lambda x, n: torch.reshape(x, (n,)),
        stack=torch.stack, concatenate=torch.cat, reciprocal=torch.reciprocal, cbrt=_missing, inf=float("inf"),
        linalg=Names(norm=lambda x, ord=None: torch.linalg.norm(x, ord)),
    )  # fmt: skip


def _missing(*_: Any) -> Any:
    from .library import Lacks

    raise Lacks("torch has none")


def _functions(torch: Any) -> Names:
    """Our names for what NumPy lacks, each PyTorch's own function."""
    F = torch.nn.functional
    return Names(
        F, torch.special,
        softmax=torch.softmax, log_softmax=torch.log_softmax, logsumexp=torch.logsumexp, sigmoid=torch.sigmoid,
        xlogx=_missing, absolute_error=lambda x, y: F.l1_loss(x, y, reduction="none"), hinge=_missing,
        smooth_l1=lambda x, y: F.smooth_l1_loss(x, y, reduction="none"), rsqrt=torch.rsqrt, frac=torch.frac,
        bce=lambda x, y: F.binary_cross_entropy(x, y, reduction="none"), cummax=lambda x, axis: torch.cummax(x, axis).values,
        normalize=lambda x, axis: F.normalize(x, dim=axis),
        cosine_similarity=lambda x, y, axis: F.cosine_similarity(x, y, dim=axis),
    )  # fmt: skip
