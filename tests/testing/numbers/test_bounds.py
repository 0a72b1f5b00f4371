"""Intervals enclose: exact results at many digits, float results, and everything within the radius."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.laws.calls import OPS, distance_to_kinks, for_every_op, uniform
from tinygrad_edu import Value, gradients
from tinygrad_edu.errors import DTypeError, OptionError, Undecided
from tinygrad_edu.inspect.reference import proof
from tinygrad_edu.inspect.reference.symbols import documented_formulas
from tinygrad_edu.ops.domain import real
from tinygrad_edu.testing import Interval, bounds, exact
from tinygrad_edu.testing.numbers.bounds import ends, widest
from tinygrad_edu.testing.numbers.intervals import hull

finite = st.floats(-1e6, 1e6)
WITHOUT = ["logaddexp2", "copysign"]
OPTIONAL = ["elu", "celu", "leaky_relu", "hardtanh", "softshrink", "hardshrink", "softplus", "smooth_l1", "huber", "pinball"]
ELEMENTWISE = [
    n for n, op in OPS.items() if op.kind == "elementwise" and (not op.options or n in OPTIONAL) and n not in WITHOUT
]


# -- numbers -----------------------------------------------------------------------------------------------------------

OPERATIONS = [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b if b else a,
              lambda a, b: a**3 - 2 * b, lambda a, b: abs(a) * -b, lambda a, b: a**-2 if a else b]  # fmt: skip


@pytest.mark.parametrize("operation", OPERATIONS)
@settings(max_examples=40)
@given(a=finite, b=finite, r=st.floats(0, 2), s=st.floats(0, 1), t=st.floats(0, 1))
def test_arithmetic_encloses_what_fractions_give(operation, a, b, r, s, t):
    x, y = (Interval(c) + Interval(-r, r) for c in (a, b))
    inside = [Fraction(i.lo) + (Fraction(i.hi) - Fraction(i.lo)) * Fraction(u) for i, u in ((x, s), (y, t))]
    if 0 in (x if operation is OPERATIONS[-1] else y):
        return
    assert operation(*inside) in operation(x, y)


FUNCTIONS = {
    "exp": (mpmath.exp, -30, 30), "expm1": (mpmath.expm1, -30, 30), "exp2": (lambda x: mpmath.mpf(2) ** x, -30, 30),
    "log": (mpmath.log, 1e-9, 1e9), "log2": (lambda x: mpmath.log(x, 2), 1e-9, 1e9), "log10": (mpmath.log10, 1e-9, 1e9),
    "log1p": (mpmath.log1p, -0.999, 1e9), "sqrt": (mpmath.sqrt, 0, 1e9), "sin": (mpmath.sin, -50, 50),
    "cbrt": (lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)), -1e6, 1e6),
    "cos": (mpmath.cos, -50, 50), "tan": (mpmath.tan, -50, 50), "arcsin": (mpmath.asin, -1, 1), "arccos": (mpmath.acos, -1, 1),
    "arctan": (mpmath.atan, -50, 50), "sinh": (mpmath.sinh, -30, 30), "cosh": (mpmath.cosh, -30, 30),
    "tanh": (mpmath.tanh, -30, 30), "arcsinh": (mpmath.asinh, -1e6, 1e6), "arccosh": (mpmath.acosh, 1, 1e6),
    "arctanh": (mpmath.atanh, -0.999, 0.999), "degrees": (mpmath.degrees, -9, 9), "radians": (mpmath.radians, -999, 999),
    "square": (lambda x: x * x, -1e6, 1e6), "rint": (mpmath.nint, -99, 99), "floor": (mpmath.floor, -99, 99),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=25)
@given(data=st.data())
def test_functions_enclose_fifty_digits_and_numpys_result(name, data):
    function, lo, hi = FUNCTIONS[name]
    a, b = (data.draw(st.floats(lo, hi)) for _ in range(2))
    u = data.draw(st.floats(0, 1))
    inside = min(max(a, b), max(min(a, b), a + (b - a) * u))
    with mpmath.workdps(50), np.errstate(all="ignore"):
        wide = getattr(np, name)(np.array([Interval(min(a, b), max(a, b))], object))[0]
        point = getattr(np, name)(np.array([Interval(inside)], object))[0]
        assert function(mpmath.mpf(inside)) in wide
        assert function(mpmath.mpf(inside)) in point
        assert float(getattr(np, name)(inside)) in point
    assert point.width <= 1e-14 * max(1, abs(point.lo)) or name in ("tan", "floor", "rint")


def test_a_float_of_many_digits_in_a_formula_counts_with_its_rounding_error():
    x = Interval(3)
    assert Fraction(3, 10) in x * 0.1
    assert Fraction(0.1) * 3 in x * 0.1
    assert mpmath.mpf(1) / 2 in x * 0.5 - 1
    assert (x * 0.5).width == 0
    assert (Interval(0.1) * 3).width < (x * 0.1).width


@given(finite, finite)
def test_ends_are_rounded_outwards(a, b):
    x = Interval(Fraction(a) / 3, Fraction(a) / 3 + Fraction(abs(b)) / 7)
    assert Fraction(x.lo) <= Fraction(a) / 3
    assert Fraction(x.hi) >= Fraction(a) / 3 + Fraction(abs(b)) / 7
    assert hull(Interval(a), Interval(b)).lo == min(a, b)


def test_outside_a_domain_nothing_is_claimed():
    for x in (np.log(np.array([Interval(-1, 1)], object)), np.sqrt(np.array([Interval(-2, -1)], object)),
              np.array([Interval(0) / Interval(0)], object), np.arcsin(np.array([Interval(0, 2)], object))):  # fmt: skip
        assert not x[0].defined
        assert 17.0 in x[0]
        assert math.nan in x[0]
    assert Interval(math.nan).defined is False
    assert (1 / Interval(-1, 1)).lo == -math.inf


def test_comparisons_are_decided_only_when_certain():
    assert Interval(1, 2) < 3
    assert not Interval(1, 2) > Interval(2)
    assert Interval(1, 2) <= Interval(2, 3)
    assert Interval(0.1) == 0.1
    assert Interval(1) == 1
    x = Interval(0, 1)
    assert x == x
    for question in (lambda: x < 0.5, lambda: x == Interval(0, 1), lambda: bool(x), lambda: x != 0.5):
        with pytest.raises(Undecided, match="overlap"):
            question()


# -- functions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ELEMENTWISE)
@settings(max_examples=3)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_elementwise_op_encloses_its_documented_value_and_derivative_at_thirty_digits(name, seed):
    op = OPS[name]
    rng = np.random.default_rng(seed)
    xs = [uniform(rng, op.domain.get(n, real).intervals, (2,)) for n in op.inputs]
    if distance_to_kinks(op, xs) < 1e-3:
        return
    found = bounds(op, *xs)
    stated = documented_formulas(op)
    pairs = [(found.value, "y"), *zip(found.gradients, [f"dy/d{n}" for n in op.inputs], strict=True)]
    for intervals, formula in pairs:
        for truth, interval in zip(proof.evaluated(op, stated[formula], xs, op.options), intervals, strict=True):
            assert interval.defined
            assert truth in Interval(interval.lo, interval.hi)
        assert widest(intervals) < 1e-12
    values = list(map(Value, xs))
    y = op(*values)
    assert all(float(e) in i for e, i in zip(y.data, found.value, strict=True))
    for g, intervals in zip(gradients(y.sum(), values), found.gradients, strict=True):
        assert all(float(e) in i for e, i in zip(np.zeros(2) if g is None else g, intervals, strict=True))


PIECES = {
    "elu": lambda x: x if x > 0 else mpmath.expm1(x),
    "celu": lambda x: x if x > 0 else mpmath.expm1(x),
    "selu": lambda x: mpmath.mpf("1.0507009873554805") * (x if x > 0 else mpmath.mpf("1.6732632423543772") * mpmath.expm1(x)),
    "log_cosh": lambda x: mpmath.log(mpmath.cosh(x)),
    "sinc": mpmath.sincpi,
}


@pytest.mark.parametrize("name", PIECES)
@pytest.mark.parametrize("shape", [(), (1,)])
@pytest.mark.parametrize("x", [-47.3, -4.7, -0.21, 0.0625, 0.3, 3.2, 29.0])
def test_functions_of_pieces_enclose_fifty_digits_and_so_do_their_gradients(name, shape, x):
    found = bounds(OPS[name], np.full(shape, x))
    (value,), (gradient,) = np.ravel(found.value), np.ravel(found.gradients[0])
    with mpmath.workdps(50):
        slope = mpmath.diff(PIECES[name], mpmath.mpf(x))
        assert PIECES[name](mpmath.mpf(x)) in value
        assert mpmath.mpf(gradient.lo) - mpmath.mpf(10) ** -25 <= slope <= mpmath.mpf(gradient.hi) + mpmath.mpf(10) ** -25
    assert max(value.width, gradient.width) < 1e-13 * max(1, abs(x))


@for_every_op(examples=1, unless=lambda op: op.kind == "elementwise")
def test_every_op_encloses_its_float_result_or_refuses(example):
    if not example.inputs or any(x.size > 40 for x in example.inputs):
        return
    ys = example.results(*example.inputs)
    try:
        found = [bounds(lambda *xs, i=i: example.results(*xs)[i], *example.inputs) for i in range(len(ys))]
    except (TypeError, NotImplementedError, IndexError):
        return
    for y, one in zip(ys, found, strict=True):
        lo, hi = ends(one.value)
        slack = 1e-14 * (1 + np.abs(y))  # sums of floats run in another order
        assert np.all((lo - slack <= y) & (y <= hi + slack))


def mlp(p, x):
    h = np.tanh(x @ p["w1"] + p["b1"])
    return tg.ops.log_softmax(tg.ops.relu(h @ p["w2"]) @ p["w3"], 1)


def parameters(seed):
    rng = np.random.default_rng(seed)
    return {
        "w1": rng.normal(size=(3, 4)),
        "b1": rng.normal(size=4),
        "w2": rng.normal(size=(4, 4)),
        "w3": rng.normal(size=(4, 2)),
    }


@settings(max_examples=5)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_small_network_is_enclosed_tightly(seed):
    p, x = parameters(seed), np.random.default_rng(seed + 1).normal(size=(2, 3))
    found = bounds(mlp, p, x)
    values = {k: Value(v) for k, v in p.items()}
    y = mlp(values, x)
    y.sum().backward()
    assert np.max(found.error(y.data)) < 1e-13
    assert widest(found.value) < 1e-13
    for k, v in values.items():
        lo, hi = ends(found.gradients[0][k])
        assert np.all((lo - 1e-15 <= v.grad) & (v.grad <= hi + 1e-15))
        assert np.max(hi - lo) < 1e-12


@settings(max_examples=3)
@given(seed=st.integers(0, 2**32 - 1))
def test_fifty_digits_of_the_same_network_lie_inside(seed):
    p, x = parameters(seed), np.random.default_rng(seed + 1).normal(size=(2, 3))
    found = bounds(mlp, p, x)
    with mpmath.workdps(50):
        w1, b1, w2, w3, rows = (mpmath.matrix(a.tolist()) for a in (p["w1"], p["b1"], p["w2"], p["w3"], x))
        for i in range(2):
            h = (rows[i, :] * w1 + b1.T).apply(mpmath.tanh)
            z = (h * w2).apply(lambda e: max(e, mpmath.mpf(0))) * w3
            total = mpmath.log(sum(mpmath.exp(e) for e in z))
            assert all(z[j] - total in found.value[i, j] for j in range(2))


RATIONAL = [lambda x: x[0] / (1 + x @ x), lambda x: np.cumprod(x), lambda x: np.prod(x) * np.var(x), lambda x: np.sum(x**3) / 7]


@pytest.mark.parametrize("function", RATIONAL)
@settings(max_examples=20)
@given(x=st.lists(st.floats(-4, 4).filter(lambda e: abs(e) > 1e-3), min_size=3, max_size=3))
def test_exact_values_and_gradients_lie_inside(function, x):
    truth, found = exact(function, np.array(x)), bounds(function, np.array(x))
    for e, i in zip(np.ravel(truth.value), np.ravel(found.value), strict=True):
        assert e in i
    for e, i in zip(truth.gradients[0], found.gradients[0], strict=True):
        assert e in i


# -- a radius, and kinks within it -------------------------------------------------------------------------------------


KINKED = {
    "relu": lambda x: tg.ops.relu(x) * x,
    "abs": lambda x: np.abs(x) + x,
    "max": lambda x: np.max(x) ** 2,
    "sort": lambda x: np.sort(x) * np.arange(3),
    "where": lambda x: np.where(x > 0, np.sin(x), x * 3),
    "sqrt behind where": lambda x: np.where(x > 2, np.sqrt(x), 0.5),
    "clip": lambda x: np.clip(x, -0.2, 0.3),
    "maximum": lambda x: np.maximum(x, x[::-1] * x[0]),
    "leaky": lambda x: tg.ops.leaky_relu(x),
    "softmax": lambda x: tg.ops.softmax(x * 3, 0),
    "norm": lambda x: np.linalg.norm(x + 2),
    "if": lambda x: np.exp(x) if x[0] > 0 else np.cos(x),
}


@pytest.mark.parametrize("name", KINKED)
@settings(max_examples=10)
@given(x=st.lists(st.floats(-1, 1), min_size=3, max_size=3), seed=st.integers(0, 2**32 - 1))
def test_all_inputs_within_the_radius_are_enclosed(name, x, seed):
    x = np.array(x)
    found = bounds(KINKED[name], x, radius=0.125)
    rng = np.random.default_rng(seed)
    for _ in range(10):
        v = Value(x + rng.uniform(-0.125, 0.125, 3) * rng.integers(0, 2, 3))
        with np.errstate(all="ignore"):
            y = KINKED[name](v)
        (g,) = gradients(y.sum(), [v])
        pairs = [*zip(np.ravel(y.data), np.ravel(found.value), strict=True),
                 *zip(np.zeros(3) if g is None else g, found.gradients[0], strict=True)]  # fmt: skip
        for e, i in pairs:
            assert not i.defined or i.lo - 1e-12 <= e <= i.hi + 1e-12


def test_at_a_kink_the_gradient_is_the_hull_of_both_slopes():
    assert str(bounds(tg.ops.relu, 0.0, radius=1.0).gradients[0].item()) == "Interval(0.0, 1.0)"
    assert str(bounds(np.abs, 0.5, radius=1.0).gradients[0].item()) == "Interval(-1.0, 1.0)"
    exactly = bounds(tg.ops.relu, 0.0)  # exactly there, the convention
    assert (str(exactly.gradients[0].item()), exactly.paths) == ("Interval(0.0, 0.0)", 1)
    assert bounds(np.abs, 0.5, radius=1.0).paths == 3


def test_a_radius_of_one_ulp_holds_the_neighbours():
    x = np.array([0.1, 3.0])
    lo, hi = ends(bounds(lambda v: v * 1.0, x, radius="ulp").value)
    assert np.all(lo <= np.nextafter(x, -np.inf))
    assert np.all(hi >= np.nextafter(x, np.inf))
    assert np.all(hi - lo <= 2 * np.spacing(x))


def test_the_error_of_a_cancelling_formula_is_seen():
    """(1 + x) - 1 of a tiny x: the float is far off, and the bound says by how much at least."""
    found = bounds(lambda x: np.expm1(x), 1e-10)
    naive = np.exp(1e-10) - 1
    assert 8e-18 < found.error(naive) < 1e-16
    assert found.error(np.expm1(1e-10)) < 1e-24


def test_too_many_kinks_are_refused():
    with pytest.raises(Undecided, match="more than 100 ways"):
        bounds(lambda x: tg.ops.relu(x) * x, np.zeros(8), radius=1.0, paths=100)
    with pytest.raises(Undecided, match="shape"):
        bounds(lambda x: x[np.asarray([bool(e > 0) for e in x.data])], np.zeros(1), radius=1.0)


@pytest.mark.parametrize(
    ("options", "match"), [(dict(radius=-1.0), "radius"), (dict(radius="wide"), "radius"), (dict(paths=0), "paths")]
)
def test_options_are_checked(options, match):
    with pytest.raises(OptionError, match=match):
        bounds(np.sin, 1.0, **options)


@pytest.mark.parametrize(("x", "radius"), [(0.3, 0.5), (0.0, 3.0), (2.5, 0.2), (-1.4, 0.3), (0.0, 0.0), (1e-9, 1e-8)])
def test_sinc_over_an_interval_holds_every_value_on_it(x, radius):
    (interval,) = np.ravel(bounds(np.sinc, x, radius=radius).value)
    points = np.linspace(x - radius, x + radius, 201)
    assert all(float(y) in interval for y in [mpmath.sincpi(p) for p in points])
    assert interval.lo >= -0.2173
    assert interval.hi <= 1 + 1e-15


def test_what_has_no_version_for_intervals_says_so():
    for function in (
        lambda x: np.gcd(x, 2),
        lambda x: tg.ops.logit(x).astype(float),
        lambda x: np.linalg.det(x * np.ones((2, 2))),
    ):
        with pytest.raises(TypeError, match=r"no derivative|Interval"):
            bounds(function, 1.5)
    with pytest.raises(DTypeError, match="no float"):
        float(Interval(1))
    with pytest.raises(DTypeError, match="str among intervals"):
        Interval("a")


def test_the_users_precision_of_mpmath_is_left_alone():
    with mpmath.workdps(5):
        old, mpmath.iv.prec = mpmath.iv.prec, 10
        try:
            assert widest(bounds(np.tanh, np.array([0.3])).value) < 1e-14
            assert mpmath.iv.prec == 10
        finally:
            mpmath.iv.prec = old
