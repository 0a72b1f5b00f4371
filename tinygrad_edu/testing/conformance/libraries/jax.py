"""JAX, on the CPU and in its 64-bit mode."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy

from ..rows import Row
from .library import Answer, Library, Names, floats

__all__ = ["JAX"]


class JAX(Library):
    """jax; it records nothing as it goes, so the behaviours of an engine are not asked of it."""

    name, package = "JAX", "jax"
    rewrites: ClassVar = {"x[[0, 0, 1]]": "x[np.array([0, 0, 1])]", "x[[0, -3]]": "x[np.array([0, -3])]",
                          "x[[0, 0], 1:]": "x[np.array([0, 0]), 1:]"}  # fmt: skip
    environment: ClassVar = {"JAX_ENABLE_X64": "1", "JAX_PLATFORMS": "cpu"}

    def __init__(self) -> None:
        import jax
        import jax.numpy as jnp
        from jax.scipy import special

        self.jax = jax
        self.np = Names(jnp, median=jnp.median)
        self.F = Names(
            jax.nn, special,
            logsigmoid=jax.nn.log_sigmoid, gelu=lambda x: jax.nn.gelu(x, approximate=False), softsign=jax.nn.soft_sign,
            hardtanh=jax.nn.hard_tanh, hardsigmoid=jax.nn.hard_sigmoid, hardswish=jax.nn.hard_swish, rsqrt=jax.lax.rsqrt,
            cummax=jax.lax.cummax,
        )  # fmt: skip

    def _answer(self, row: Row) -> Answer:
        jax = self.jax
        inputs = [jax.numpy.asarray(floats(x)) for x in row.inputs]

        def total(*xs: Any) -> Any:
            return jax.numpy.sum(self.evaluate(row, list(xs), self.np, self.F))

        value = self.evaluate(row, inputs, self.np, self.F)
        grads = jax.grad(total, tuple(range(len(inputs))))(*inputs) if inputs else ()
        second = float(jax.grad(jax.grad(total))(*inputs)) if row.second is not None else None
        return Answer(numpy.asarray(value), tuple(map(numpy.asarray, grads)), second)
