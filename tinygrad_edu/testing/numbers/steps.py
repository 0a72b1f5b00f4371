"""The complex step: a derivative without differences, to the last digit.

    f(x + i h) = f(x) + i h f'(x) - h^2 f''(x) / 2 - ...

so f'(x) is the imaginary part over h; nothing is subtracted, and h can be so small that the rest vanishes. It holds for
functions that are analytic; where pieces of such functions meet, the real part decides which piece it is.

Source: W. Squire and G. Trapp, "Using complex variables to estimate derivatives of real functions", SIAM Review 40, 1998.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...core import Value
from ...core.exact import Scalar
from ...errors import DTypeError, OptionError
from ...transforms.trees import flatten, unflatten
from .running import Computed

__all__ = ["STEP", "Step", "complex_step", "imaginary", "stepped"]

STEP = 2.0**-166  # a power of two costs no rounding


def _complex(x: Any) -> Any:
    if isinstance(x, Step):
        return x.z
    if isinstance(x, int | float | np.generic) or hasattr(x, "numerator"):
        return complex(float(x))
    return NotImplemented


def _step(function: Callable[..., Any], *xs: Any) -> Any:
    zs = [_complex(x) for x in xs]
    if NotImplemented in zs:
        return NotImplemented
    with np.errstate(all="ignore"):
        return Step(function(*map(np.complex128, zs)))


class Step(Scalar):
    """A real number with an imaginary step, for object arrays: comparisons, rounding and signs go by the real part.

    So `np.abs` is x or -x, as a real function is, and not the modulus of a complex number.
    """

    __slots__ = ("z",)

    def __init__(self, z: Any) -> None:
        self.z = complex(z)

    @classmethod
    def of(cls, x: Any) -> Step:
        """A number without a step."""
        z = _complex(x)
        if z is NotImplemented:
            raise DTypeError(f"a {type(x).__name__} among the numbers of a complex step")
        return x if type(x) is Step else Step(z)

    @classmethod
    def function(cls, name: str) -> Callable[..., Any] | None:
        """The analytic function of that name, on the stretch of real numbers where it is one."""
        return _FUNCTIONS.get(name) or super().function(name)

    @classmethod
    def lacks(cls, name: str) -> str:
        """Why."""
        return f"np.{name} has no complex version, so the complex step does not apply; use check_gradients"

    # fmt: off
    def __add__(self, other: Any) -> Any: return _step(np.add, self, other)
    def __radd__(self, other: Any) -> Any: return _step(np.add, other, self)
    def __sub__(self, other: Any) -> Any: return _step(np.subtract, self, other)
    def __rsub__(self, other: Any) -> Any: return _step(np.subtract, other, self)
    def __mul__(self, other: Any) -> Any: return _step(np.multiply, self, other)
    def __rmul__(self, other: Any) -> Any: return _step(np.multiply, other, self)
    def __truediv__(self, other: Any) -> Any: return _step(np.divide, self, other)
    def __rtruediv__(self, other: Any) -> Any: return _step(np.divide, other, self)
    def __pow__(self, other: Any) -> Any: return _step(_power, self, other)
    def __rpow__(self, other: Any) -> Any: return _step(_power, other, self)
    def __floordiv__(self, other: Any) -> Any: return math.floor(self / other)
    def __rfloordiv__(self, other: Any) -> Any: return math.floor(other / self)
    def __mod__(self, other: Any) -> Any: return self - other * math.floor(self / other)
    def __rmod__(self, other: Any) -> Any: return other - self * math.floor(other / self)
    def __neg__(self) -> Any: return Step(-self.z)
    def __pos__(self) -> Any: return self
    def __abs__(self) -> Any: return Step(-self.z if self.z.real < 0 else self.z)
    def __lt__(self, other: Any) -> Any: return self.z.real < _complex(other).real
    def __le__(self, other: Any) -> Any: return self.z.real <= _complex(other).real
    def __gt__(self, other: Any) -> Any: return self.z.real > _complex(other).real
    def __ge__(self, other: Any) -> Any: return self.z.real >= _complex(other).real
    def __eq__(self, other: Any) -> Any: return self.z.real == getattr(_complex(other), "real", None)
    def __ne__(self, other: Any) -> Any: return not self == other
    __hash__ = object.__hash__
    def __float__(self) -> float: raise DTypeError("a Step is no float; its real part is x.z.real")
    def __bool__(self) -> bool: return self.z.real != 0
    def __floor__(self) -> Any: return _whole(np.floor(self.z.real))
    def __ceil__(self) -> Any: return _whole(np.ceil(self.z.real))
    def __trunc__(self) -> Any: return _whole(np.trunc(self.z.real))
    def __repr__(self) -> str: return f"Step({self.z.real!r}, {self.z.imag!r})"
    # fmt: on


def _whole(x: float) -> Step:
    return Step(x)


def _power(z: Any, w: Any) -> Any:
    """z**w by squaring for an integer w, which keeps a step beside a negative base; else exp(w*log(z))."""
    if w.imag or w.real % 1:
        return np.exp(w * np.log(z)) if z.real > 0 else complex(np.power(z.real, w.real), np.nan if z.imag or w.imag else 0)
    n, y, square = abs(int(w.real)), np.complex128(1), z
    while n:
        y, square, n = y * square if n % 2 else y, square * square, n // 2
    return y if w.real >= 0 else 1 / y


def _on(inside: Callable[[float], bool], function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` where the real part is inside; elsewhere what it is for floats, with no slope."""

    def guarded(z: Any) -> Any:
        return function(z) if inside(z.real) else complex(function(z.real), np.nan if z.imag else 0.0)

    return lambda x: _step(guarded, x)


def _everywhere(x: float) -> bool:
    return True


def _cbrt(z: Any) -> Any:
    return np.exp(np.log(z) / 3) if z.real > 0 else -np.exp(np.log(-z) / 3) if z.real < 0 else z


def _hypot(z: Any, w: Any) -> Any:
    big, small = (z, w) if abs(z.real) >= abs(w.real) else (w, z)
    big = -big if big.real < 0 else big
    return big * np.sqrt(1 + (small / big) ** 2) if big else complex(0, np.nan if z.imag or w.imag else 0.0)


def _arctan2(y: Any, x: Any) -> Any:
    base = np.arctan2(y.real, x.real)
    flat = abs(x.real) >= abs(y.real)
    turn = np.arctan(y / x) if flat else -np.arctan(x / y)
    return complex(base, turn.imag)


def _logaddexp(z: Any, w: Any) -> Any:
    big, small = (z, w) if z.real >= w.real else (w, z)
    return big + np.log1p(np.exp(small - big)) if np.isfinite(big.real) else big


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: _on(_everywhere, getattr(np, name)) for name in (
        "exp", "exp2", "expm1", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsinh", "arctan", "square")},
    **{name: _on(lambda x: x > 0, getattr(np, name)) for name in ("log", "log2", "log10", "sqrt")},
    **{name: _on(lambda x: abs(x) < 1, getattr(np, name)) for name in ("arcsin", "arccos", "arctanh")},
    "log1p": _on(lambda x: x > -1, np.log1p),
    "arccosh": _on(lambda x: x > 1, np.arccosh),
    "cbrt": _on(lambda x: x != 0, lambda z: _cbrt(z) if isinstance(z, complex) else np.cbrt(z)),
    "deg2rad": lambda x: x * (math.pi / 180), "radians": lambda x: x * (math.pi / 180),
    "rad2deg": lambda x: x * (180 / math.pi), "degrees": lambda x: x * (180 / math.pi),
    "rint": lambda x: Step(np.rint(x.z.real)), "fabs": abs, "conjugate": lambda x: x,
    "fmod": lambda x, y: x - y * math.trunc(x / y),
    "copysign": lambda x, y: abs(x) if np.copysign(1, _complex(y).real) > 0 else -abs(x),
    "hypot": lambda x, y: _step(_hypot, x, y),
    "arctan2": lambda y, x: _step(_arctan2, y, x),
    "logaddexp": lambda x, y: _step(_logaddexp, x, y),
}  # fmt: skip


def complex_step(function: Callable[..., Any], *inputs: Any, step: float = STEP, numpy: bool = False) -> Computed:
    """The value of a function and the gradient of its sum by complex steps: exact to rounding, and without any rule.

    One evaluation for each entry of the inputs, of the function alone: no graph is recorded, no rule of ours is used. It
    holds for functions made of analytic pieces; a piece is chosen by the real part, so `abs`, `maximum`, `sort`, `where` and
    their like are right except at the kink itself, where it gives one of the two slopes, or NaN at the end of a domain.
    What has no complex version (erf, gamma, LAPACK) raises.

    Args:
        function: of arrays; results without an imaginary part have no slope.
        *inputs: numbers, arrays of floats, or nested tuples, lists and dicts of them.
        step: h; anything from 1e-20 to 1e-100.
        numpy: run on NumPy's own complex arrays: at its speed, and through `np.linalg.det`, `inv` and `solve`. But there
            `np.abs`, `np.sign`, `np.linalg.norm`, `np.var` and `np.conj` mean something else and give wrong slopes.

    Raises:
        DTypeError: a function that has no complex version.
        OptionError: a step out of range.

    >>> value, (slope,) = complex_step(lambda x: np.abs(x) * np.sin(x), -2.0)
    >>> round(float(slope + np.sin(-2.0) - 2 * np.cos(-2.0)), 15)
    0.0
    """
    if not 0 < step <= 1e-15:
        raise OptionError(f"step={step}: the square of a complex step has to vanish; take 1e-20 to 1e-100")
    leaves, structure = flatten(inputs)
    points = [np.asarray(x.data if isinstance(x, Value) else x, float) for x in leaves]
    run = _Run(function, structure, step, numpy)
    slopes = [np.array([run.slope(points, i, k) for k in range(x.size)]).reshape(x.shape)[()] for i, x in enumerate(points)]
    return Computed(run.real(points), unflatten(structure, slopes))


class _Run:
    """One function on one kind of complex number."""

    def __init__(self, function: Callable[..., Any], structure: Any, step: float, numpy: bool) -> None:
        self.function, self.structure, self.step, self.numpy = function, structure, step, numpy

    def __call__(self, points: list[Any]) -> Any:
        arrays = points if self.numpy else [stepped(z) for z in points]
        return np.asarray(self.function(*unflatten(self.structure, arrays)))

    def slope(self, points: list[Any], i: int, k: int) -> float:
        """The sum's derivative by entry k of input i."""
        stepped = [x.astype(complex) for x in points]
        stepped[i].flat[k] += 1j * self.step
        y = self(stepped)
        return float(sum(imaginary(y)) / self.step)

    def real(self, points: list[Any]) -> Any:
        """The value itself."""
        y = self([x.astype(complex) for x in points])
        return np.array([z.real for z in _entries(y)]).reshape(y.shape)[()]


def stepped(z: Any) -> Any:
    """A complex array as an object array of `Step`s."""
    return np.asarray(np.frompyfunc(Step, 1, 1)(z), object)


def imaginary(y: Any) -> list[float]:
    """The imaginary parts of an array of `Step`s or complex numbers, in a row."""
    return [z.imag for z in _entries(y)]


def _entries(y: Any) -> list[Any]:
    return [_complex(z) if y.dtype == object else z for z in np.ravel(y)]
