"""HIPS autograd."""

from __future__ import annotations

from typing import Any

from ..rows import Row
from .library import Answer, Library, Names, floats

__all__ = ["Autograd"]


class Autograd(Library):
    """autograd; it records nothing as it goes, so the behaviours of an engine are not asked of it."""

    name, package = "autograd", "autograd"

    def __init__(self) -> None:
        import autograd
        import autograd.numpy as anp
        from autograd.scipy import special

        self.autograd, self.np = autograd, Names(anp)
        self.F = Names(
            relu=lambda x: anp.maximum(x, 0), softplus=lambda x: anp.logaddexp(x, 0), logsumexp=special.logsumexp,
            sigmoid=special.expit,
        )  # fmt: skip

    def _answer(self, row: Row) -> Answer:
        inputs = [floats(x) for x in row.inputs]

        def total(*xs: Any) -> Any:
            return self.np.sum(self.evaluate(row, list(xs), self.np, self.F))

        value = self.evaluate(row, inputs, self.np, self.F)
        grads = tuple(self.autograd.grad(total, i)(*inputs) for i in range(len(inputs)))
        second = float(self.autograd.grad(self.autograd.grad(total))(*inputs)) if row.second is not None else None
        return Answer(value, grads, second)
