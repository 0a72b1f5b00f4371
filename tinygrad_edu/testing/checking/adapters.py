"""A function of any engine as a function from a vector of inputs to a vector of outputs, which is what a check works with.

    numbers (n,)  ──array──>  the engine's arrays  ──f──>  the engine's arrays  ──numbers──>  numbers (m,)

`Function` is built on an `Engine`; `Pair` is a function with a derivative that somebody wrote by hand.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from ...errors import DTypeError, NotDifferentiable, ShapeError
from ..numbers.steps import STEP, imaginary, stepped
from .engines import Arrays, Autograd, Call, Engine

__all__ = ["Function", "Pair"]


class Function:
    """A function of an engine's arrays as a function of one vector.

    Args:
        engine: whose arrays it takes.
        call: from a list of them to a list of them.
        shapes: the shapes of the inputs.
        dtypes: what the inputs are given as.
        derived: whether it is itself a derivative that the engine takes.

    Attributes:
        outputs: the shapes of the outputs, once it was called.
        precision: the coarsest dtype among the outputs.
    """

    modes: tuple[str, ...] = ("reverse", "forward")

    def __init__(self, engine: Engine, call: Call, shapes: Sequence[tuple[int, ...]], dtypes: Sequence[Any],
                 derived: bool = False) -> None:  # fmt: skip
        self.library, self.engine, self.call, self.derived = engine, engine.name, call, derived
        self.lift = engine.primal if derived else engine.array
        self.shapes, self.dtypes = list(shapes), list(dtypes)
        self.outputs: list[tuple[tuple[int, ...], Any]] = []

    @property
    def precision(self) -> Any:
        """The coarsest dtype of inputs and outputs: what rounding is measured in."""
        return max([*self.dtypes, *(dtype for _, dtype in self.outputs)], key=lambda d: np.finfo(d).eps)

    def split(self, x: Any) -> Arrays:
        """A vector as the arrays of the inputs."""
        return _split(x, list(zip(self.shapes, self.dtypes, strict=True)))

    def value(self, x: Any) -> Any:
        """The outputs at x, (m,)."""
        with self.library.running(), np.errstate(all="ignore"):
            ys = [self._output(y) for y in self.call([self.lift(p) for p in self.split(x)])]
        self.outputs = [(y.shape, y.dtype) for y in ys]
        return _flat(ys)

    def leaves_inputs_alone(self, x: Any) -> bool:
        """Whether a call leaves its arguments as they were."""
        with self.library.running(), np.errstate(all="ignore"):
            xs = [self.lift(p) for p in self.split(x)]
            self.call(xs)
            pairs = zip(map(self.library.numbers, xs), self.split(x), strict=True)
            return all(np.array_equal(a, p, equal_nan=True) for a, p in pairs)

    def _output(self, y: Any) -> Any:
        y = np.asarray(self.library.numbers(y))
        if y.dtype.kind != "f":
            raise DTypeError(f"the function returned {y.dtype}, which has no gradient; it has to return floats. Leave out "
                             "what is not to be differentiated, as an index or a count")  # fmt: skip
        return y

    def pullback(self, x: Any) -> tuple[Any, Callable[[Any], Any]]:
        """The outputs, and the map from a cotangent (m,) to J'c, (n,)."""
        with self.library.running(), np.errstate(all="ignore"):
            ys, pull = self.library.reverse(self.call, self._primals(x))
            numbers = [self._output(y) for y in ys]
        like = [(y.shape, y.dtype) for y in numbers]

        def flat(c: Any) -> Any:
            with self.library.running(), np.errstate(all="ignore"):
                return self._gradient(pull([self.library.constant(one) for one in _split(c, like)]))

        return _flat(numbers), flat

    def _gradient(self, gs: Arrays) -> Any:
        gs = [np.asarray(self.library.numbers(g)) for g in gs]
        for i, (g, shape) in enumerate(zip(gs, self.shapes, strict=True)):
            if g.shape != shape:
                raise ShapeError(f"the gradient of input {i} has shape {g.shape}, but the input has {shape}")
            if g.dtype != self.dtypes[i]:
                raise DTypeError(f"the gradient of input {i} is {g.dtype}, but the input is {self.dtypes[i]}")
        return _flat(gs)

    def pushed(self, x: Any, t: Any) -> Any:
        """J t, (m,)."""
        with self.library.running(), np.errstate(all="ignore"):
            ts = [self.library.constant(one) for one in self.split(t)]
            return _flat([np.asarray(self.library.numbers(y)) for y in self.library.forward(self.call, self._primals(x), ts)])

    def _primals(self, x: Any) -> Arrays:
        return [self.library.primal(p) for p in self.split(x)]

    def gradient(self, c: Any) -> Function:
        """The map from x to J'c, to be differentiated in its turn."""
        cs = _split(c, self.outputs)

        def derived(xs: Arrays) -> Arrays:
            return self.library.reverse(self.call, xs)[1]([self.library.constant(one) for one in cs])

        return Function(self.library, derived, self.shapes, self.dtypes, derived=True)

    def directional(self, t: Any) -> Function:
        """The map from x to J t, likewise: where there is forward mode alone."""
        ts = self.split(t)

        def derived(xs: Arrays) -> Arrays:
            return self.library.forward(self.call, xs, [self.library.constant(one) for one in ts])

        return Function(self.library, derived, self.shapes, self.dtypes, derived=True)

    def complex_step(self, x: Any, u: Any) -> Any:
        """J u by f(x + ih u) with a tiny h: exact to rounding if f is made of analytic pieces and takes such numbers.

        In object arrays, where a piece is chosen by the real part as in floats; where that fails, as in LAPACK, in complex
        arrays, in which `abs` and its like mean something else.

        Raises:
            NotDifferentiable: the engine's arrays take neither.
        """
        if self.library.name not in ("tinygrad_edu", *([] if self.derived else ["autograd"])):
            raise NotDifferentiable(f"complex step needs NumPy's arrays, not those of {self.engine}")
        moved = [a.astype(complex) + 1j * STEP * b for a, b in zip(self.split(x), self.split(u), strict=True)]
        if self.derived:
            return self._imaginary(list(map(stepped, moved)))
        with contextlib.suppress(Exception):  # whatever f does not like about object arrays
            return self._imaginary(list(map(stepped, moved)))
        return self._imaginary(moved)

    def _imaginary(self, moved: Arrays) -> Any:
        with np.errstate(all="ignore"):
            ys = [np.asarray(self.library.numbers(y)) for y in self.call(moved)]
        return np.array([part for y in ys for part in imaginary(y)]) / STEP


class Pair(Function):
    """A function of plain arrays, and its derivative, written by hand.

    Args:
        call: from a list of arrays to a list with its one result.
        derivative: from a list of arrays to the Jacobian by each, of shape `result.shape + input.shape`: the gradient, if
            the result is one number. For a single input it need not be in a list or tuple.
        shapes: of the inputs.
        dtypes: of the inputs.
    """

    modes = ("reverse",)

    def __init__(self, call: Call, derivative: Callable[[Arrays], Any], shapes: Sequence[tuple[int, ...]],
                 dtypes: Sequence[Any]) -> None:  # fmt: skip
        super().__init__(Autograd(), call, shapes, dtypes)
        self.engine, self.derivative = "a pair (f, df)", derivative

    def pullback(self, x: Any) -> tuple[Any, Callable[[Any], Any]]:
        """The outputs, and the product with the Jacobian that the user wrote.

        Raises:
            ShapeError: the derivative does not have the shape of a Jacobian.
        """
        y = self.value(x)
        with np.errstate(all="ignore"):
            given = self.derivative(self.split(x))
        parts = list(given) if isinstance(given, tuple | list) and len(given) == len(self.shapes) else [given]
        jacobian = np.concatenate([self._block(part, i) for i, part in enumerate(parts)], axis=1)
        return y, lambda c: c @ jacobian

    def _block(self, part: Any, i: int) -> Any:
        part, result = np.asarray(part, float), self.outputs[0][0]
        if part.shape != result + self.shapes[i]:
            raise ShapeError(f"df returned shape {part.shape} for input {i}; the Jacobian of a result of shape {result} by an "
                             f"input of shape {self.shapes[i]} has shape {result + self.shapes[i]}")  # fmt: skip
        return part.reshape(-1, prod(self.shapes[i]))


def _split(x: Any, like: Sequence[tuple[tuple[int, ...], Any]]) -> Arrays:
    parts, start = [], 0
    for shape, dtype in like:
        stop = start + prod(shape)
        parts.append(x[start:stop].reshape(shape).astype(dtype))
        start = stop
    return parts


def _flat(arrays: Arrays) -> Any:
    if len(arrays) == 1:
        return np.asarray(arrays[0], float).ravel()
    return np.concatenate([np.asarray(a, float).ravel() for a in arrays]) if arrays else np.zeros(0)
