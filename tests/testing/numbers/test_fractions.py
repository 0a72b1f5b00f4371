"""Over fractions nothing is rounded: value, gradient and second derivative are exactly those of SymPy's rationals."""

from fractions import Fraction
from functools import cache

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.laws.calls import for_every_op
from tinygrad_edu import Value, gradients
from tinygrad_edu.core.exact import Exact
from tinygrad_edu.errors import DTypeError
from tinygrad_edu.testing import exact

WEIGHTS = np.array([3, -1, 2, 5, -4, 7, 1, -2, 6])


def determinant(x):
    """Of a 3x3 matrix, by cofactors."""
    return (x[0, 0] * (x[1, 1] * x[2, 2] - x[1, 2] * x[2, 1]) - x[0, 1] * (x[1, 0] * x[2, 2] - x[1, 2] * x[2, 0])
            + x[0, 2] * (x[1, 0] * x[2, 1] - x[1, 1] * x[2, 0]))  # fmt: skip


# Functions of a (3, 3) array with entries that are not 0. NumPy runs them on SymPy's symbols too, without the engine.
RATIONAL = {
    "add, subtract": lambda x: x + x.T - 3 + (2 - x),
    "multiply": lambda x: x * x.T * 7 * np.arange(3),
    "divide": lambda x: x / x.T,
    "divide by an int": lambda x: x / 3,
    "divide an int": lambda x: 5 / x,
    "square": np.square,
    "reciprocal": np.reciprocal,
    "negative": lambda x: -x,
    "power 4": lambda x: x**4,
    "power 0": lambda x: x**0 * x,
    "power -3": lambda x: x**-3,
    "powers": lambda x: x ** np.array([1, 2, -1]),
    "sum": lambda x: np.sum(x, axis=0) ** 2,
    "mean": lambda x: np.mean(x, axis=1, keepdims=True) * x,
    "prod": lambda x: np.prod(x, axis=0),
    "prod of all": lambda x: np.prod(x),
    "var": lambda x: np.var(x, axis=1),
    "average": lambda x: np.average(x, weights=np.array([1, 2, 3]), axis=0) ** 2,
    "cumsum": lambda x: np.cumsum(x * x, axis=1),
    "cumprod": lambda x: np.cumprod(x, axis=1),
    "diff": lambda x: np.diff(x * x),
    "matmul": lambda x: x @ x @ x.T,
    "matmul of a vector": lambda x: x[0] @ x,
    "einsum": lambda x: np.einsum("ij,jk,kj->i", x, x, x),
    "einsum of a diagonal": lambda x: np.einsum("ii->i", x) ** 3,
    "outer": lambda x: np.outer(x[0], x[1]),
    "tensordot": lambda x: np.tensordot(x, x, 1),
    "kron": lambda x: np.kron(x[:1], x[:, :1]),
    "cross": lambda x: np.cross(x[0], x[1]),
    "trace": lambda x: np.trace(x) ** 3,
    "triangles": lambda x: np.tril(x) @ np.triu(x),
    "convolve": lambda x: np.convolve(x[0], x[1]),
    "getitem": lambda x: x[[0, 0, 2], 1:] * x[::-1, :2],
    "reshape": lambda x: np.reshape(x, (9,)) * np.transpose(x).ravel(),
    "roll and flip": lambda x: np.roll(x, 1, 0) * np.flip(x, 1),
    "stack": lambda x: np.stack([x, x * x]),
    "concatenate": lambda x: np.concatenate([x, x.T * 2], axis=1),
    "repeat": lambda x: np.repeat(x, 2, 0) * 3,
    "broadcast": lambda x: np.broadcast_to(x[0], (3, 3)) * x,
    "pad": lambda x: np.pad(x, 1) * 2,
    "polyval": lambda x: np.polyval(np.array([2, -1, 3]), x),
    "vander": lambda x: np.vander(x[0], 4),
    "determinant": determinant,
    "where on a fixed mask": lambda x: np.where(np.eye(3, dtype=bool), x * x, 1 / x),
    "rational": lambda x: (x**2 - 3 * x + 1) / (1 + x * x),
    "shared": lambda x: (lambda y: y * y + y / x)(x + 1),
}  # fmt: skip

fractions = st.fractions(-3, 3, max_denominator=6).filter(bool)
matrices = st.lists(fractions, min_size=9, max_size=9).map(lambda xs: np.reshape(np.array(xs, object), (3, 3)))


def weighted(y):
    """The entries of y, each with a weight, added up; of sums alone the second derivative would lose its way."""
    return np.sum(np.ravel(y) * np.resize(WEIGHTS, np.size(y)))


@cache
def derivatives(name):
    """Value, gradient and second derivative (times the weights) of a function, as SymPy's expressions."""
    x = np.array(sympy.symbols("x:9", real=True), object).reshape(3, 3)
    y = sympy.sympify(weighted(RATIONAL[name](x)))
    first = [sympy.diff(y, s) for s in x.flat]
    again = sum(w * f for w, f in zip(WEIGHTS.tolist(), first, strict=True))
    return list(x.flat), [y], first, [sympy.diff(again, s) for s in x.flat]


def at_point(expressions, symbols, at):
    """Expressions at a rational point, as fractions."""
    point = {s: sympy.Rational(q.numerator, q.denominator) for s, q in zip(symbols, at.flat, strict=True)}
    values = [e.xreplace(point) for e in expressions]
    assert all(v.is_Rational for v in values)
    return [Fraction(int(v.p), int(v.q)) for v in values]


@pytest.mark.parametrize("name", RATIONAL)
@settings(max_examples=4)
@given(at=matrices)
def test_value_gradient_and_second_derivative_are_exactly_sympys(name, at):
    x = Value(at)
    y = weighted(RATIONAL[name](x))
    (g,) = gradients(y, [x], create_graph=True)
    (h,) = gradients(np.sum(np.ravel(g) * WEIGHTS), [x]) if g.op is not None else [None]
    symbols, value, first, second = derivatives(name)
    assert [y.item()] == at_point(value, symbols, at)
    assert list(g.data.flat) == at_point(first, symbols, at)
    assert ([0] * 9 if h is None else list(h.flat)) == at_point(second, symbols, at)
    assert all(isinstance(e, Fraction) for e in [y.item(), *g.data.flat])


# What compares has no formula for SymPy; the slopes are 0, 1, or parts of 1, and can be counted.
@settings(max_examples=30)
@given(st.lists(fractions, min_size=2, max_size=6))
def test_extremes_share_exactly(xs):
    x = np.array(xs, object)
    value, (g,) = exact(np.max, x)
    assert value.item() == max(xs)
    assert list(g) == [Fraction(int(x == max(xs)), xs.count(max(xs))) for x in xs]
    assert exact(np.min, x).value.item() == min(xs)


@settings(max_examples=20)
@given(st.lists(fractions, min_size=1, max_size=6))
def test_pieces_are_exact(xs):
    x = np.array(xs, object)
    assert list(exact(tg.ops.relu, x).value) == [max(v, 0) for v in xs]
    assert list(exact(tg.ops.relu, x).gradients[0]) == [int(v > 0) for v in xs]
    assert list(exact(np.abs, x).gradients[0]) == [1 if v > 0 else -1 for v in xs]
    assert list(exact(lambda v: np.clip(v, -1, 1), x).value) == [min(max(v, -1), 1) for v in xs]
    assert list(exact(lambda v: np.where(v > 1, v * v, v / 3), x).gradients[0]) == [
        2 * v if v > 1 else Fraction(1, 3) for v in xs
    ]
    assert list(exact(np.sort, x).value) == sorted(xs)


@settings(max_examples=30)
@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_a_float_is_the_fraction_that_it_stores(a, b):
    value, (ga, gb) = exact(lambda a, b: a * b + 0.1 * a, a, b)
    assert value.item() == Fraction(a) * Fraction(b) + Fraction(0.1) * Fraction(a)
    assert (ga.item(), gb.item()) == (Fraction(b) + Fraction(0.1), Fraction(a))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (2,)])
def test_a_fraction_beside_floats_is_a_number_like_pythons(dtype, shape):
    x = Value(np.full(shape, 1.5, dtype))
    for y in (x * Fraction(1, 3), Fraction(1, 3) + x, x / Fraction(2), Fraction(3) ** x, np.maximum(x, Fraction(1, 2))):
        assert y.dtype == dtype
        (g,) = gradients(y.sum(), [x])
        assert g.dtype == dtype


def test_an_int_below_the_line_leaves_no_float_in_the_slope():
    x = Value([Fraction(1, 2), Fraction(3)])
    (x / 3 + 1 / x).sum().backward()
    assert list(x.grad) == [Fraction(1, 3) - 4, Fraction(1, 3) - Fraction(1, 9)]
    assert all(isinstance(g, Fraction) for g in x.grad)


@pytest.mark.parametrize("function", [
    np.exp, np.sin, np.sqrt, np.tanh, np.std, np.linalg.norm, lambda x: tg.ops.softmax(x, 0), tg.ops.erf, tg.ops.elu,
    lambda x: np.logaddexp(x, 1), lambda x: x**0.5, lambda x: x**x, tg.ops.sigmoid])  # fmt: skip
def test_what_leads_out_of_the_fractions_says_so(function):
    with pytest.raises(DTypeError, match=r"fraction|no version"):
        exact(function, np.array([Fraction(1, 3), Fraction(2, 3)]))


def test_infinity_and_division_by_zero_have_no_exact_value():
    with pytest.raises(DTypeError, match="no fraction"):
        exact(lambda x: x * np.inf, 1.0)
    with pytest.raises(ZeroDivisionError):
        exact(lambda x: 1 / x, 0.0)


def test_inputs_can_be_trees():
    value, (p,) = exact(lambda p: p["w"] * p["b"][0], {"w": 2.0, "b": [Fraction(1, 3)]})
    assert value.item() == Fraction(2, 3)
    assert (p["w"].item(), p["b"][0].item()) == (Fraction(1, 3), 2)


def test_an_input_without_numbers_is_refused():
    with pytest.raises(DTypeError, match="real numbers"):
        exact(lambda x: x, 1j)
    with pytest.raises(DTypeError, match="Value made from its inputs"):
        exact(lambda x: 3.0, 1.0)


RATIONAL_OPS = """
    add subtract multiply negative absolute square cube lerp relu relu2 relu6 leaky_relu hardtanh maximum minimum clip floor
    step sum mean prod max min var average cumsum cumprod cummax matmul dot vdot inner outer tensordot kron cross trace tril
    triu diagonal einsum_pair linear bilinear conv1d conv2d max_pool2d avg_pool2d convolve getitem where take gather compress
    index_put scatter_add concatenate stack split reshape transpose broadcast_to repeat tile flip roll pad diff sort median
    topk squared_error quadratic_cost polyval vander embedding unfold fold"""


def _refuse(self):
    raise AssertionError("an op turned a fraction into a float")


@pytest.fixture
def no_floats(monkeypatch):
    """A fraction that is turned into a float inside an op fails the test, whatever comes of it."""
    monkeypatch.setattr(Exact, "__float__", _refuse)


def unless_cast(op):
    return op.name in ("astype", "float_power")


@pytest.mark.usefixtures("no_floats")
@for_every_op(examples=2, unless=unless_cast)
def test_every_op_is_exact_or_refuses(example):
    if any(x.size > 60 for x in example.inputs) or not example.inputs:
        return
    values = [Value(np.array([Exact(e) for e in x.flat], object).reshape(x.shape)) for x in example.inputs]
    try:
        ys = [y for y in _results(example(*values)) if isinstance(y, Value)]
        found = [gradients(y.sum(), values, retain_graph=True) for y in ys]
    except (TypeError, NotImplementedError, ZeroDivisionError):
        assert example.op.name not in RATIONAL_OPS.split()
        return
    for y, plain in zip(ys, _results(example(*example.inputs)), strict=False):
        assert all(type(e) is Exact for e in y.data.flat)
        np.testing.assert_allclose(_float(y.data), plain, rtol=1e-9, atol=1e-12)
    for g in (g for gs in found for g in gs if g is not None):
        assert all(isinstance(e, Fraction | int) or e.is_integer() for e in g.flat)


def _results(y):
    return [r for r in (y if isinstance(y, tuple | list) else [y]) if getattr(r, "dtype", np.dtype(int)).kind in "fO"]


def _float(a):
    return np.array([e.numerator / e.denominator for e in a.flat]).reshape(a.shape)


def test_plain_zeros_that_a_rule_puts_between_fractions_are_fractions():
    found = exact(lambda x: np.convolve(x, x, mode="valid"), np.array([1.0, 2.0, 3.0]))
    assert found.gradients[0].tolist() == [6, 4, 2]
