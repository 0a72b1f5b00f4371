"""Functions on which differences are hard to trust: right derivatives are right, and wrong ones are not."""

import itertools

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import ops
from tinygrad_edu.testing import check_gradients


def report(f, *inputs, **options):
    return check_gradients(f, *inputs, on_failure="return", **{"blame": False, **options})


def vector(*x):
    return np.array(x, float)


RIGHT = {  # function, input, order
    "a unit of 1e-12": (lambda x: np.sin(x / 1e-12) * 1e-12, vector(0.3e-12, 1.1e-12), 1),
    "a unit of 1e-9": (lambda x: np.sin(x / 1e-9) * 1e-9, vector(0.3e-9, 1.1e-9), 2),
    "inputs of different sizes": (lambda x: np.sum(np.log(x)), vector(1e-8, 1.0, 1e8), 2),
    "next to the end of the domain": (lambda x: x * np.log(x), vector(1e-10, 0.5), 2),
    "1e-8 beside a kink": (lambda x: np.maximum(x, 0), vector(1e-8, -1e-8), 2),
    "1e-11 beside a kink": (lambda x: np.abs(x - 1), vector(1 + 1e-11, 1 - 1e-11), 2),
    "1e-11 beside a jump": (lambda x: np.where(x > 0.5, x * x, np.sin(x)), vector(0.5 + 1e-11, 0.5 - 1e-11), 2),
    "a kink of the second derivative": (lambda x: ops.relu(x) ** 2, vector(0.0, 1.0, -1.0), 2),
    "a root among others": (np.sqrt, vector(0.0, 1.0), 2),
    "chords that fall as a root": (lambda x: x**1.5, vector(0.0, 1.0), 1),
    "slopes that fall as a root": (lambda x: x**2.5, vector(0.0, 1.0), 2),
    "a tie, squared": (lambda x: np.max(x) ** 2, vector(1.0, 1.0), 2),
    "plateaus": (np.tanh, vector(18.0, 25.0, -40.0), 2),
    "a sum that one term decides": (lambda x: ops.softmax(x, axis=0), vector(0.0, 40.0, 1.0), 2),
    "rounding of the derivative itself": (lambda x: np.sin(x) / x, vector(1e-3, 0.5), 2),
    "a steep step": (lambda x: np.tanh(1e3 * (x - 0.5)), vector(0.5007), 1),
}


@pytest.mark.parametrize("case", RIGHT)
def test_right_is_right_where_it_is_hard_to_see(case):
    f, x, order = RIGHT[case]
    r = report(f, x, order=order)
    assert r.verdict == "right", r


NUMBERS = itertools.count()


def planted(factor, forward=1.0):
    """The identity with a derivative that is off by a factor, or in forward mode only."""

    @tg.primitive(name=f"planted_{next(NUMBERS)}", gx=lambda g: g * factor)
    def identity(x):
        return x * 1.0

    identity.push = lambda tangents, value: tangents[0] * factor * forward
    return identity


WRONG = {
    "a function that is huge within one unit": (lambda x: np.sum(np.exp(-x / 1e-6)), vector(0.5e-6, 2e-6), 1.001),
    "a function that is huge within one unit, a little": (lambda x: np.sum(np.exp(-x / 1e-3)), vector(5e-4, 2e-3), 1 + 1e-8),
    "a unit of 1e-12": (lambda x: np.sin(x / 1e-12) * 1e-12, vector(0.3e-12), 1.001),
    "inputs of different sizes": (lambda x: np.sum(np.log(x)), vector(1e-8, 1.0, 1e8), 1 + 3e-6),
    "beside a kink": (lambda x: np.abs(x - 1), vector(1 + 1e-8), 1 + 3e-6),
    "a root": (lambda x: x**1.5, vector(1e-9, 1.0), 1.001),
    "rounding of the derivative itself": (lambda x: np.sin(x) / x, vector(1e-3, 0.5), 1 + 1e-6),
    "a plateau": (lambda x: np.tanh(x), vector(2.0), 1 + 1e-8),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_is_not_right_where_it_is_hard_to_see(case):
    f, x, factor = WRONG[case]
    identity = planted(factor)
    r = report(lambda x: f(identity(x)), x, order=1, nearby=False)
    assert r.verdict in ("wrong", "undecided"), r


@pytest.mark.parametrize("factor", [1.001, 1.0])
def test_a_sum_that_hides_an_input_is_no_alibi_where_a_complex_step_sees_it(factor):
    identity = planted(factor)  # the second slope is 0.88, and f is right to 1e-4

    def f(x):
        return np.sum(np.array([1e-12, 1.0, 1e12]) * np.sin(np.concatenate([x[:1], identity(x[1:2]), x[2:]])))

    assert bool(report(f, vector(0.4, 0.5, 0.6), order=1, nearby=False)) == (factor == 1)


@pytest.mark.parametrize("f", [np.exp, lambda x: 1 + np.sin(x), lambda x: 1 + ops.leaky_relu(x, 0.5)])
def test_wrong_is_wrong_at_zero_where_the_smallest_steps_do_not_move_f(f):
    identity = planted(2.001)
    assert report(lambda x: f(identity(x)), vector(0.0), order=1, nearby=False).verdict == "wrong"


def test_a_wrong_forward_mode_is_found_on_a_function_that_is_huge_within_one_unit():
    identity = planted(1.0, 1.001)
    r = report(lambda x: np.sum(np.exp(-identity(x) / 1e-6)), vector(0.5e-6, 2e-6), order=1, nearby=False)
    assert {f.derivative for f in r.having("wrong")} == {"forward"}


@pytest.mark.parametrize(("size", "verdict"), [(0.3, "wrong"), (1e-5, "undecided"), (1e-10, "right")])
def test_a_derivative_that_jitters_is_forgiven_what_nobody_has_to_see_and_no_more(size, verdict):
    @tg.primitive(name=f"jittering_{next(NUMBERS)}", gx=lambda g, x: g * (1 + size * np.sin(1e17 * x)))
    def identity(x):
        return x * 1.0

    r = report(lambda x: np.sin(identity(x)), vector(0.3, 0.7, 1.1), order=1, nearby=False, modes=("reverse",))
    assert r.verdict == verdict, r


def test_a_staircase_with_no_gradient_is_not_taken_for_flat():
    r = report(lambda x: x * 0 + np.sin(x.data).astype(np.float32).astype(float), 0.7, order=1, nearby=False)
    assert r.verdict != "right", r


def test_a_staircase_with_no_gradient_is_not_passed_over_beside_a_slope():
    def rounded(y):
        return y.astype(np.float32).astype(float)

    assert report(lambda x: 3 * x + rounded(np.sin(x.data)), 0.7, order=1, nearby=False).verdict != "right"
    r = report(lambda x: np.sum(np.tanh(x) * rounded(np.cos(x.data))), vector(0.7, 0.2), order=1, nearby=False)
    assert r.verdict != "right", r


def test_what_is_nan_is_excused_beside_an_infinite_slope_only():
    @tg.primitive(name="nan_for_the_first", gx=lambda g, x: g * np.where(np.arange(2) == 0, np.nan, 1.0))
    def identity(x):
        return x * 1.0

    assert report(identity, vector(0.0, 1.0), order=1, nearby=False).verdict == "wrong"


@pytest.mark.parametrize("f", [np.sqrt, np.sign, np.abs, np.sin])
def test_nan_at_the_element_that_moves_is_wrong_whatever_f_does_there(f):
    identity = planted(np.nan)
    assert report(lambda x: f(identity(x)), vector(0.0), order=1, nearby=False).verdict == "wrong"


def test_a_second_derivative_of_its_own_at_a_tie_is_wrong():
    @tg.primitive(name="seven_more", gx=lambda g, x: g * (1 + 7 * (x - (x.data if isinstance(x, tg.Value) else x))))
    def identity(x):
        return x * 1.0

    assert report(lambda x: np.max(identity(x)) ** 2, vector(1.0, 1.0), nearby=False).verdict == "wrong"


@pytest.mark.parametrize("steep", [1e2, 1e5, 1e6])
@pytest.mark.parametrize("error", [0.02, 1e-4, 5e-6])
def test_a_bend_is_no_excuse_for_a_wrong_slope_beside_a_kink(steep, error):
    identity = planted(1 + error)  # its slopes nearby are far apart too, but not those next to the point
    r = report(lambda x, y: ops.relu(x) + np.sin(steep * identity(y)), 0.0, 0.3, order=1, nearby=False)
    assert r.verdict == "wrong"


@pytest.mark.parametrize("steep", [1.0, 1e2])
def test_kinks_that_are_neither_convex_nor_concave_are_right_beside_a_bend(steep):
    r = report(lambda x, y: np.sum(np.clip(x, -1, 2)) + np.sin(steep * y), vector(-1.0, 2.0), 0.3, order=1, nearby=False)
    assert r.verdict == "right", r
    assert any("neither convex nor concave" in f.note for f in r.findings)
