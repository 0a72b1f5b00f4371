"""Hypothesis strategies for property tests: values, shapes, matrices and whole expressions, inside domains and off kinks.

    from hypothesis import given
    from tinygrad_edu import testing

    @given(testing.values(domain=(-2, 2)))
    def test_my_op_is_odd(x):
        assert np.allclose(my_op(-x).data, -my_op(x).data)

Everything is drawn with Hypothesis' own primitives, so a failure shrinks: to the smallest shape (a scalar before an array,
one entry before several), the simplest numbers (0, then whole numbers, then halves, as far as they lie in the domain), and
the smallest expression (one op before several, an input before what is computed).

Hypothesis is in the `testing` extra; each function here raises MissingExtra where it is not installed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..core import REGISTRY, Op, Value
from ..errors import DTypeError, OptionError
from ..ops.domain import Domain, real
from .generating import drawing
from .generating.choosing import HypothesisChooser, strategies
from .generating.generation import random_expression
from .generating.recipes import default_ops, recipe_of

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from .expression import Expression

    Shapes = int | tuple[int, ...] | SearchStrategy[tuple[int, ...]] | None

__all__ = ["arrays_in", "broadcastable", "expressions", "shapes", "values", "well_conditioned_matrices"]

T = TypeVar("T")


def shapes(*, min_dims: int = 0, max_dims: int = 3, min_side: int = 0, max_side: int = 4) -> SearchStrategy[tuple[int, ...]]:
    """Shapes of arrays; 0-d and empty ones are drawn too unless excluded. Shrinks to `()`, then to sides of 1.

    Args:
        min_dims: the smallest number of axes.
        max_dims: the largest.
        min_side: the smallest size of an axis.
        max_side: the largest.

    Raises:
        OptionError: a smallest above its largest, or below 0.

    >>> from hypothesis import find
    >>> find(shapes(), lambda shape: np.prod(shape) >= 6)
    (2, 3)
    """
    _ordered("dims", min_dims, max_dims)
    _ordered("side", min_side, max_side)
    return _choices("shapes", lambda choose: drawing.shape_of(choose, min_dims, max_dims, min_side, max_side))


def broadcastable(n: int = 2, *, max_dims: int = 3, min_side: int = 0,
                  max_side: int = 4) -> SearchStrategy[tuple[tuple[int, ...], ...]]:  # fmt: skip
    """`n` shapes that broadcast together: leading axes are left out, others have size 1.

    Raises:
        OptionError: no shape at all, or sizes that are not in order.

    >>> from hypothesis import find
    >>> find(broadcastable(2), lambda pair: pair[0] != pair[1])
    ((1,), ())
    """
    if not _whole(n) or n < 1:
        raise OptionError(f"broadcastable(n) draws n >= 1 shapes, not {n!r}")
    _ordered("dims", 0, max_dims)
    _ordered("side", min_side, max_side)
    return _choices("broadcastable", lambda choose: drawing.broadcastable_shapes(choose, n, max_dims, min_side, max_side))


def arrays_in(domain: Domain | tuple[float, float] = real, shape: Shapes = None, *, dtype: Any = np.float64,
              away_from: Sequence[float] = (), margin: float = 0.02) -> SearchStrategy[Any]:  # fmt: skip
    """Arrays whose entries lie in a domain: `tg.REGISTRY["log"].domain["x"]`, one of `tg.ops.domain`, or `(low, high)`.

    Args:
        domain: where the entries lie; a Domain has the intervals that its op is tested on.
        shape: a shape, a strategy of shapes, or None for `shapes()`.
        dtype: float64, float32 or float16; entries are rounded to it.
        away_from: points, such as the kinks of an op, that the entries keep away from.
        margin: how far.

    Raises:
        OptionError: nothing is left of the domain.
        DTypeError: a dtype that has no gradient.

    >>> from hypothesis import find
    >>> import tinygrad_edu as tg
    >>> find(arrays_in(tg.REGISTRY["log"].domain["x"], (2,)), lambda x: True)
    array([1., 1.])
    >>> find(arrays_in((-3, 3), (), away_from=[0], margin=0.5), lambda x: x < 0)
    array(-1.)
    """
    return _arrays(shape, _elements(domain, away_from, margin, _float(dtype)), dtype)


def values(shape: Shapes = None, dtype: Any = np.float64, *, domain: Domain | tuple[float, float] | None = None,
           elements: SearchStrategy[float] | None = None, away_from: Sequence[float] = (), margin: float = 0.02,
           label: str = "") -> SearchStrategy[Value]:  # fmt: skip
    """Values, which are leaves: scalars of shape `()` first, then arrays.

    Args:
        shape: a shape, a strategy of shapes, or None for `shapes()`.
        dtype: float64, float32 or float16.
        domain: where the entries lie, as for `arrays_in`; -3 to 3 if nothing is said.
        elements: in its place, a strategy of the entries.
        away_from: as for `arrays_in`; with a domain only.
        margin: as for `arrays_in`.
        label: the name of each value.

    Raises:
        OptionError: both `domain` and `elements`, or `elements` and `away_from`.
        DTypeError: a dtype that has no gradient.

    >>> from hypothesis import find
    >>> find(values(), lambda x: (x.data > 1).any())
    Value(2.0)
    """
    if elements is not None and (domain is not None or len(away_from)):
        raise OptionError("the entries are drawn from `elements`, or from a `domain` away from some points; give one of them")
    if elements is None:
        elements = _elements(real if domain is None else domain, away_from, margin, _float(dtype))
    elif not isinstance(elements, strategies().SearchStrategy):
        raise OptionError(f"elements is a Hypothesis strategy, as st.floats(-1, 1); got {elements!r}")
    return _arrays(shape, elements, dtype).map(lambda data: Value(data, label))


def well_conditioned_matrices(n: int | SearchStrategy[int] | None = None, *, kind: str = "general", cond: float = 10.0,
                              distinct: bool = False, dtype: Any = np.float64) -> SearchStrategy[Any]:  # fmt: skip
    """Square matrices `(n, n)` whose singular values lie in [1, cond]: what can be inverted without loss.

    They are drawn by their singular value decomposition. Shrinks to the identity.

    Args:
        n: the size, a strategy of sizes, or None for 1 to 4.
        kind: "general", "symmetric", "spd" (symmetric positive definite), "triangular" (upper), or "orthogonal".
        cond: the largest condition number in the 2-norm.
        distinct: keep the singular values apart, as derivatives of `eigh` and `svd` ask for.
        dtype: float64, float32 or float16.

    Raises:
        OptionError: another kind, `cond` below 1, a size below 0, or distinct singular values of an orthogonal matrix.
        DTypeError: a dtype that has no gradient.

    >>> from hypothesis import find
    >>> find(well_conditioned_matrices(2, kind="spd"), lambda a: a[0, 0] > 1)
    array([[2., 0.],
           [0., 1.]])
    """
    if kind not in drawing.MATRICES:
        raise OptionError(f"kind is one of {', '.join(drawing.MATRICES)}; got {kind!r}")
    if not cond >= 1 or (distinct and (kind == "orthogonal" or cond == 1)):
        raise OptionError(f"a condition number is at least 1, and above it if singular values differ; got cond={cond}, {kind=}")
    if not (n is None or isinstance(n, strategies().SearchStrategy) or _whole(n)) or (isinstance(n, int) and n < 0):
        raise OptionError(f"a matrix has n >= 0 rows, n an int or a strategy of ints, not {n!r}")
    dtype = _float(dtype)
    sizes = strategies().integers(1, 4) if n is None else n

    def choose_matrix(choose: HypothesisChooser) -> Any:
        return drawing.matrix(choose, _drawn(choose.draw, sizes), kind, cond, distinct).astype(dtype)

    return _choices("well_conditioned_matrices", choose_matrix)


def expressions(ops: Sequence[str | Op] | None = None, *, min_ops: int = 1, max_ops: int = 8,
                empty: bool = True) -> SearchStrategy[Expression]:  # fmt: skip
    """Random expressions over registered ops, with shared subexpressions, each with a point where all of it is smooth.

    At its point every op is inside its domain and away from kinks, ties, poles and overflow; `Expression.interior` says so.
    Ops are applied to inputs, constants and earlier results; where an argument lies outside a domain, a few additions,
    products or sigmoids bring it there, which come on top of `max_ops`. What is left over is added up to one result.

    Args:
        ops: which ops, by name; None for all of this package that there is a recipe for. Your own elementwise ops can be
            among them: their `domain` and `kinks` are heeded.
        min_ops: the smallest number of ops.
        max_ops: the largest.
        empty: arrays without entries too.

    Raises:
        OptionError: an op that expressions cannot be made of, no op at all, or numbers that are not in order.

    >>> from hypothesis import find
    >>> smallest = find(expressions(["log", "exp", "multiply"]), lambda f: "log" in f.ops)
    >>> print(smallest.source(), smallest.inputs)
    def f(x):
        return np.log(x) (np.float64(1.0),)
    """
    if isinstance(ops, str):
        raise OptionError(f"ops is a list of names, as [{ops!r}]; got a single text")
    names = default_ops() if ops is None else [op.name if isinstance(op, Op) else op for op in ops]
    if not names:
        raise OptionError("an expression is made of at least one op")
    for name in names:
        recipe_of(name)
    _ordered("ops", min_ops, max_ops)
    simplest = sorted(names, key=lambda name: (REGISTRY[name].kind != "elementwise", len(REGISTRY[name].inputs)))
    return _choices("expressions", lambda choose: random_expression(choose, simplest, min_ops, max_ops, empty))


# -- what they share ---------------------------------------------------------------------------------------------------


def _choices(name: str, make: Callable[[HypothesisChooser], T]) -> SearchStrategy[T]:
    """A strategy of what `make` makes of its choices; `name` is how it shows itself."""

    def made(draw: Callable[[Any], Any]) -> T:
        return make(HypothesisChooser(draw))

    made.__name__ = made.__qualname__ = name
    return strategies().composite(made)()  # type: ignore[no-any-return]  # what is called is Any to mypy


def _arrays(shape: Shapes, elements: Any, dtype: Any) -> SearchStrategy[Any]:
    strategies()  # says what is missing
    from hypothesis.extra.numpy import arrays

    dtype = _float(dtype)
    some = _shape(shape)
    return _choices(
        "arrays", lambda choose: choose.draw(arrays(float, _drawn(choose.draw, some), elements=elements)).astype(dtype)
    )


def _shape(shape: Any) -> Any:
    if shape is None:
        return shapes()
    sides = (shape,) if _whole(shape) else shape
    known = isinstance(sides, tuple | list) and all(_whole(n) and n >= 0 for n in sides)
    if not known and not isinstance(shape, strategies().SearchStrategy):
        raise OptionError(f"a shape is a tuple of sizes, as (3, 2), or a strategy of such; got {shape!r}")
    return shape


def _elements(domain: Domain | tuple[float, float], away_from: Sequence[float], margin: float,
              dtype: Any) -> SearchStrategy[float]:  # fmt: skip
    pair = isinstance(domain, tuple | list) and len(domain) == 2
    if not isinstance(domain, Domain) and not (pair and domain[0] <= domain[1]):
        raise OptionError(f"a domain is (low, high), or a Domain, as tg.ops.domain.positive; got {domain!r}")
    if np.ndim(away_from) != 1 or not margin >= 0:
        raise OptionError(f"away_from is a list of points and margin a distance, got {away_from!r} and {margin!r}")
    known = domain if isinstance(domain, Domain) else Domain(f"{domain[0]} <= x <= {domain[1]}", (domain,))
    intervals = drawing.away(known, away_from, margin)
    if not intervals:
        raise OptionError(f"nothing is left of the domain, {known.text}, at {margin} and more from {list(away_from)}")
    largest = float(np.finfo(dtype).max)
    if wide := [end for ends in intervals for end in ends if largest < abs(end) < np.inf]:
        raise OptionError(f"{wide[0]} is too large for {dtype}, whose largest number is {largest:g}")
    st = strategies()
    floats = [st.floats(low, high, allow_subnormal=False) for low, high in reversed(intervals)]
    return st.one_of(floats)  # type: ignore[no-any-return]  # what is called is Any to mypy


def _drawn(draw: Callable[[Any], Any], x: Any) -> Any:
    return draw(x) if isinstance(x, strategies().SearchStrategy) else x


def _float(dtype: Any) -> Any:
    try:
        found = np.dtype(dtype)
    except TypeError:
        raise DTypeError(f"a Value holds float16, float32 or float64; got {dtype!r}") from None
    if found.char not in "efd":
        raise DTypeError(f"a Value holds float16, float32 or float64; got {found}")
    return found


def _whole(x: Any) -> bool:
    return isinstance(x, int | np.integer)


def _ordered(what: str, low: int, high: int) -> None:
    if not (_whole(low) and _whole(high) and 0 <= low <= high):
        raise OptionError(f"0 <= min_{what} <= max_{what} is needed, whole numbers; got {low!r} and {high!r}")
