"""What a function does at a point is told from its values alone: the kind, the slopes, and bars that hold."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_edu.testing.checking.judge import judged
from tinygrad_edu.testing.checking.slopes import SURE, Ray, Slope
from tinygrad_edu.testing.differences import EPS, Stencil, extrapolated, noise_of, slope

INF, NAN = np.inf, np.nan


def look(f, x, resolution=1e-6):
    """The slope of f at x, as a check sees it."""

    def line(t):
        return np.array([f(np.float64(x + t))], float)

    with np.errstate(all="ignore"):
        origin = line(0.0)
        reach = 2.0 ** np.ceil(np.log2(max(1, abs(x))))
        noise = np.maximum(4 * EPS * np.abs(np.nan_to_num(origin, posinf=0, neginf=0)), 3 * noise_of(line, reach))
        return Ray(line, origin, reach, noise, noise.max(axis=0) / (4 * EPS), EPS * abs(x), resolution).slopes()[0]


def _slope_of_sech2(x):
    return -2 * mpmath.tanh(x) * mpmath.sech(x) ** 2


SMOOTH = [
    ("tanh", np.tanh, 0.3, lambda: 1 - mpmath.tanh(0.3) ** 2),
    ("root near zero", np.sqrt, 1e-7, lambda: 0.5 / mpmath.sqrt(1e-7)),
    ("log near zero", np.log, 1e-10, lambda: 1 / mpmath.mpf(1e-10)),
    ("square, large", np.square, 1e12, lambda: 2e12),
    ("square at zero", np.square, 0.0, lambda: 0),
    ("tiny scale", lambda x: 1e-20 * np.sin(x), 0.4, lambda: 1e-20 * mpmath.cos(0.4)),
    ("huge scale", lambda x: 1e200 * np.sin(x), 0.4, lambda: 1e200 * mpmath.cos(0.4)),
    ("fast", lambda x: np.sin(1e6 * x), 0.3, lambda: 1e6 * mpmath.cos(mpmath.mpf(1e6) * mpmath.mpf(0.3))),
    ("steep", np.exp, 100.0, lambda: mpmath.exp(100)),
    ("constant", lambda x: 1 + 0 * x, 1.0, lambda: 0),
    ("saturated", lambda x: 1 / (1 + np.exp(-x)), 40.0, lambda: mpmath.exp(-40)),
    ("a kink beside it", lambda x: abs(x - 1e-5), 0.0, lambda: -1),
    ("a kink close beside it", lambda x: abs(x - 1e-9), 0.0, lambda: -1),
    ("a unit vector's clamp", lambda x: x / np.maximum(np.abs(x), 1e-12), 0.0, lambda: 1e12),
    ("rounding that stands still on small scales", lambda x: 1 - np.tanh(x) ** 2, 10.0, lambda: _slope_of_sech2(10)),
    ("its root's cusp", lambda x: np.abs(x) ** 1.5, 0.0, lambda: 0),
]


@pytest.mark.parametrize(("f", "x", "true"), [s[1:] for s in SMOOTH], ids=[s[0] for s in SMOOTH])
def test_smooth_slopes_are_right_within_their_bars(f, x, true):
    s = look(f, x)
    assert s.kind == "smooth"
    assert abs(s.low - float(true())) <= SURE * s.bar + 4 * EPS * abs(s.low)
    assert s.bar <= max(1e-3 * s.scale, s.tiny)


OTHERS = [
    ("relu", lambda x: np.maximum(x, 0), 0.0, "kink", 0, 1),
    ("abs", np.abs, 0.0, "kink", -1, 1),
    ("clip at its upper bound", lambda x: np.clip(x, -1, 2), 2.0, "kink", 0, 1),
    ("a slight kink", lambda x: np.where(x > 0, x, (1 - 1e-7) * x), 0.0, "kink", 1 - 1e-7, 1),
    ("a kink and fast waves", lambda x: np.abs(x) * np.cos(100 * x), 0.0, "kink", -1, 1),
    ("sign", np.sign, 0.0, "jump", 0, 0),
    ("floor", np.floor, 3.0, "jump", 0, 0),
    ("round half down", np.round, 0.5, "jump", 0, 0),
    ("fraction", lambda x: x - np.floor(x), 1.0, "jump", 1, 1),
    ("hard shrink", lambda x: np.where(np.abs(x) > 0.5, x, 0), 0.5, "jump", 0, 1),
    ("root", np.sqrt, 0.0, "infinite", INF, INF),
    ("cube root", np.cbrt, 0.0, "infinite", INF, INF),
    ("arc sine", np.arcsin, 1.0, "infinite", INF, INF),
    ("arc cosine", np.arccos, 1.0, "infinite", -INF, -INF),
    ("log", np.log, 0.0, "infinite", INF, INF),
    ("reciprocal", lambda x: 1 / x, 0.0, "infinite", -INF, -INF),
    ("entropy", lambda x: np.where(x == 0, 0, x * np.log(np.where(x == 0, 1, x))), 0.0, "infinite", -INF, -INF),
    ("root of abs", lambda x: np.sqrt(np.abs(x)), 0.0, "infinite", -INF, INF),
    ("root of relu", lambda x: np.sqrt(np.maximum(x, 0)), 0.0, "infinite", 0, INF),
    ("x log x, undefined", lambda x: x * np.log(x), 0.0, "undecided", NAN, NAN),
    ("overflow", np.exp, 1000.0, "undecided", NAN, NAN),
    ("a pole that rounding hides", np.tan, np.pi / 2, "undecided", NAN, NAN),
]


@pytest.mark.parametrize(("f", "x", "kind", "low", "high"), [s[1:] for s in OTHERS], ids=[s[0] for s in OTHERS])
def test_what_is_not_smooth_is_recognised(f, x, kind, low, high):
    s = look(f, x)
    assert s.kind == kind, s
    assert s.low == pytest.approx(low, abs=1e-10, nan_ok=True)
    assert s.high == pytest.approx(high, abs=1e-10, nan_ok=True)


def test_the_edge_of_a_domain_has_the_slope_of_its_inside():
    s = look(lambda x: np.sqrt(x) ** 3 + 2 * x, 0.0)
    assert s.kind == "edge"
    assert abs(s.low - 2) <= SURE * s.bar < 1e-6
    assert np.isnan(s.left)


@given(st.floats(-3, 3), st.floats(-2, 2), st.floats(-2, 2), st.floats(0.2, 4))
def test_both_slopes_at_a_kink_are_found(x, left, right, curve):
    def f(z):
        d = z - x
        return np.where(d > 0, right * d, left * d) + np.sin(curve * d)

    s = look(f, x)
    if abs(left - right) < 1e-3:
        return
    assert s.kind == "kink"
    assert s.left == pytest.approx(left + curve, abs=1e-8)
    assert s.right == pytest.approx(right + curve, abs=1e-8)


@given(st.lists(st.floats(-2, 2), min_size=4, max_size=4), st.floats(-2, 2), st.floats(0.1, 30))
def test_the_error_bar_of_central_differences_holds(c, x, w):
    def f(t):
        return c[0] * np.sin(w * t) + c[1] * np.exp(c[2] * t) + c[3] * t

    true = c[0] * w * mpmath.cos(mpmath.mpf(w) * x) + mpmath.mpf(c[1]) * c[2] * mpmath.exp(mpmath.mpf(c[2]) * x) + c[3]
    value, bar = slope(lambda t: f(x + t), 2 + abs(c[0]) * (1 + w * abs(x)) + abs(c[1]) * np.exp(abs(c[2] * x)), step=2**-6)
    assert abs(value - float(true)) <= SURE * bar + 64 * EPS * (1 + w)


def test_noise_is_estimated_from_values_alone():
    rng = np.random.default_rng(0)
    for sigma in (1e-12, 1e-8, 1e-3):
        seen = noise_of(lambda t, s=sigma: np.array([np.sin(t) + s * rng.normal()]))
        assert np.all((sigma / 4 < seen) & (seen < 4 * sigma))


def test_noise_of_a_narrow_dtype_inside_is_seen():
    seen = noise_of(lambda t: np.array([np.float64(np.float32(np.sin(0.7 + t)))]))
    assert 1e-9 < seen[0, 0] < 1e-7


def test_noise_of_cancellation_is_seen_and_of_a_constant_is_none():
    assert 1e-11 < noise_of(lambda t: np.array([(1e6 + np.sin(t)) - 1e6]))[0, 0] < 1e-9
    assert noise_of(lambda t: np.array([3.0])).max() == 0


def test_steps_that_do_not_move_the_result_say_nothing():
    s = look(lambda x: 1 - np.tanh(x) ** 2, 18.0)
    assert s.reason == "small steps do not move f"
    assert judged(float(_slope_of_sech2(18)), s, 0.0, 1e-6)[0] == "undecided"
    steps = look(np.floor, 2.3)
    assert (steps.low, steps.reason) == (0, "")
    assert judged(1.0, steps, 0.0, 1e-6)[0] == "wrong"


def test_a_noisy_function_gives_no_certain_slope():
    s = look(lambda x: np.sin(x) + 1e-3 * np.sin(1e15 * x), 0.7)
    assert s.kind == "undecided" or s.bar > 1e-3 * s.scale


def test_a_table_of_two_rows_is_the_textbook_formula():
    value, _ = extrapolated([np.array([1.3]), np.array([1.1])], [np.zeros(1), np.zeros(1)], 2)
    assert value[0] in (1.1, (4 * 1.1 - 1.3) / 3)


def test_a_stencil_sees_pieces_whatever_stands_between_them():
    s = Stencil(
        lambda t: np.array([np.where(t == 0, 7.0, np.where(t > 0, 3 * t + 1, 2 * t))]), np.array([7.0]), 0.1, np.zeros(1)
    )
    assert s.beyond.value[0] == pytest.approx(3)
    assert s.before.value[0] == pytest.approx(2)
    assert isinstance(look(np.tanh, 0.0), Slope)


def seen(kind, low, high, bar=1e-9, tiny=0.0, reason=""):
    return Slope(kind, low, high, bar, 1e3 if kind == "infinite" else 1.0, tiny, low, high, reason)


VERDICTS = [  # the number of a derivative, what differences say, the verdict
    (1 + 3.9e-9, seen("smooth", 1, 1), "agrees"),
    (1 + 4.2e-9, seen("smooth", 1, 1), "wrong"),
    (1 - 4.2e-9, seen("edge", 1, 1), "wrong"),
    (1.0, seen("smooth", 1, 1, bar=2e-6), "undecided"),
    (1.0, seen("smooth", 1, 1, bar=2e-6, tiny=1e-5), "agrees"),
    (2.0, seen("smooth", 1, 1, reason="in doubt"), "undecided"),
    (NAN, seen("smooth", 1, 1), "wrong"),
    (INF, seen("smooth", 1, 1), "wrong"),
    (0.5, seen("kink", 0, 1), "kink"),
    (1.01, seen("kink", 0, 1), "wrong"),
    (0.5, seen("kink", 0, 1, bar=1e-3), "undecided"),
    (0.5, seen("jump", 0, 1), "kink"),
    (-0.01, seen("jump", 0, 1), "wrong"),
    (INF, seen("infinite", INF, INF), "agrees"),
    (-INF, seen("infinite", INF, INF), "wrong"),
    (600.0, seen("infinite", INF, INF), "undecided"),
    (-600.0, seen("infinite", INF, INF), "wrong"),
    (400.0, seen("infinite", INF, INF), "wrong"),
    (5.0, seen("infinite", 0, INF), "kink"),
    (-5.0, seen("infinite", 0, INF), "wrong"),
    (1.0, seen("undecided", NAN, NAN, bar=INF), "undecided"),
]


@pytest.mark.parametrize(("analytic", "slope", "verdict"), VERDICTS)
def test_a_number_is_judged_by_the_slope(analytic, slope, verdict):
    assert judged(analytic, slope, 0.0, 1e-6)[0] == verdict


def test_the_floor_is_added_to_the_error_bars():
    assert judged(1 + 5e-9, seen("smooth", 1, 1), 2e-9, 1e-6)[0] == "agrees"
