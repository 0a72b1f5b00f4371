"""Each law holds for what is right and fails for what breaks it, at kinks too; and says which numbers disagree."""

import numpy as np
import pytest

from tinygrad_edu import Value, ops
from tinygrad_edu.errors import LawBroken
from tinygrad_edu.testing.laws import LAWS, Undecided
from tinygrad_edu.testing.points import Point
from tinygrad_edu.transforms import custom_vjp

X = np.array([0.3, -0.7, 1.1])


def at(function, *inputs):
    """A point of a function with one result."""
    return Point(lambda *xs: [function(*xs)], [np.asarray(x, float) for x in inputs], ["x", "w"][: len(inputs)])


def sine(pull):
    """The sine, with a pullback of one's own: `pull(x, c)` where it should be c*cos(x)."""
    f = custom_vjp(lambda x: np.sin(x))
    f.defvjp(lambda x: (np.sin(x), x), lambda x, c: (pull(x, c),))
    return at(f, X)


def broken(law, point):
    """What the law says, which must be that it is broken."""
    with pytest.raises(LawBroken) as caught:
        LAWS[law](point)
    assert caught.value.law == law
    return caught.value


RIGHT = {
    "tanh": at(np.tanh, X),
    "matrix product": at(lambda x, w: np.tanh(x @ w), np.ones((2, 3)) * 0.3, np.arange(6.0).reshape(3, 2)),
    "broadcasting": at(lambda x, w: x * w, X, np.arange(6.0).reshape(2, 3)),
    "a number": at(lambda x: x**3, 2.0),
    "nothing": at(np.exp, np.zeros((0, 2))),
    "a constant": at(lambda x: np.ones_like(x), X),
    "a pullback of one's own": sine(lambda x, c: c * np.cos(x)),
    "two results": Point(lambda x: [np.sin(x), np.sum(x * x)], [X], ["x"]),
}


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_keeps_every_law(law, name):
    LAWS[law](RIGHT[name])


@pytest.mark.parametrize("law", ["differences", "forward", "second"])
@pytest.mark.parametrize("factor", [-1, 2, 1 + 1e-6])
def test_a_factor_is_noticed(law, factor):
    broken(law, sine(lambda x, c: factor * c * np.cos(x)) if law != "second" else _second_off_by(factor))


def _second_off_by(factor):
    """The first derivative is right, the second is not: the cosine has a wrong pullback."""
    cos = custom_vjp(lambda x: np.cos(x))
    cos.defvjp(lambda x: (np.cos(x), x), lambda x, c: (-factor * c * np.sin(x),))
    return sine(lambda x, c: c * cos(x))


def test_differences_show_both_numbers_and_the_error_bar():
    error = broken("differences", sine(lambda x, c: 2 * c * np.cos(x)))
    found, wanted = error.sides.values()
    assert found == pytest.approx(2 * wanted)
    assert 0 < error.bar < 1e-9
    assert "slope of x" in str(error)


def test_a_pullback_that_forgets_or_squares_its_cotangent_is_not_linear():
    broken("linearity", sine(lambda x, c: np.cos(x) * np.ones_like(c)))
    broken("linearity", sine(lambda x, c: np.cos(x) * c * c))


def test_a_gradient_outside_the_graph_has_no_second_derivative():
    broken("second", sine(lambda x, c: c * np.cos(x.data if isinstance(x, Value) else x)))


def test_a_cotangent_outside_the_graph_is_noticed_where_the_function_is_linear():
    f = custom_vjp(lambda x: 3 * x)
    f.defvjp(lambda x: (3 * x, None), lambda _, c: (3 * np.array(c.data if isinstance(c, Value) else c),))
    broken("second", at(f, X))


def test_a_hessian_that_is_not_symmetric_is_noticed():
    broken("symmetry", at(_rotated(), X))


def _rotated():
    f = custom_vjp(lambda x: np.sum(x * x))
    f.defvjp(lambda x: (np.sum(x * x), x), lambda x, c: (2 * c * np.roll(x, 1),))
    return f


def test_reverse_and_forward_mode_that_disagree_are_noticed():
    """A pullback that is not linear has a transpose at each c, but not one map."""
    broken("transpose", sine(lambda x, c: c * c * np.cos(x)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_constant_of_another_dtype_is_noticed(dtype):
    error = broken("dtype", at(lambda x: x * np.ones(3, dtype), X))
    assert error.sides == {"is": dtype, "should be": np.float16}


def test_a_function_that_writes_into_its_argument_is_noticed():
    def grows(x):
        data = x.data if isinstance(x, Value) else x
        if data.flags.writeable:
            data += 1
        return np.sin(x)

    error = broken("mutation", at(grows, X.copy()))
    np.testing.assert_array_equal(error.sides["after"], error.sides["before"] + 2)  # with plain arrays, and with Values


def test_code_that_looks_at_the_batch_axis_is_noticed():
    broken("batch", at(lambda x: np.sin(x) * (1.0 if isinstance(x, np.ndarray | Value) else 2.0), X))


def test_random_numbers_inside_are_noticed():
    rng = np.random.default_rng(0)
    broken("determinism", at(lambda x: x * rng.random(), X))
    broken("determinism", sine(lambda x, c: c * np.cos(x) * rng.random()))


def test_a_gradient_of_another_shape_is_noticed():
    point = at(np.sin, X)
    point.pull = lambda *args, **options: [np.ones((3, 1))]
    assert broken("shape", point).sides == {"its shape": (3, 1), "x has": (3,)}


# -- kinks -------------------------------------------------------------------------------------------------------------

KINKS = {
    "relu": (ops.relu, 0.0), "abs": (np.abs, 0.0), "clip below": (lambda x: np.clip(x, -1, 2), -1.0),
    "clip above": (lambda x: np.clip(x, -1, 2), 2.0), "a tie of max": (lambda x: np.max(x), [1.0, 1.0, 0.0]),
    "leaky_relu": (lambda x: ops.leaky_relu(x, 0.1), 0.0), "maximum": (lambda x: np.maximum(x, 1.0), [1.0, 3.0]),
}  # fmt: skip


@pytest.mark.parametrize("name", KINKS)
@pytest.mark.parametrize("law", ["differences", "forward", "linearity", "transpose"])
def test_a_choice_between_both_sides_is_right_at_a_kink(name, law):
    f, x = KINKS[name]
    LAWS[law](at(f, x))


@pytest.mark.parametrize("slope", [-0.1, 1.1, 2.0, -1.0])
def test_a_slope_beyond_both_sides_is_wrong_at_a_kink(slope):
    f = custom_vjp(lambda x: np.maximum(x, 0.0))
    f.defvjp(lambda x: (np.maximum(x, 0.0), x), lambda x, c: (c * np.where(x == 0, slope, x > 0),))
    for x in (0.0, [0.0, 1.0]):
        assert "differences from the left" in broken("differences", at(f, x)).sides


def test_a_wrong_slope_beside_a_kink_is_wrong():
    f = custom_vjp(lambda x: np.maximum(x, 0.0))
    f.defvjp(lambda x: (np.maximum(x, 0.0), x), lambda x, c: (c * np.where(x > 0, 2.0, 0.0),))
    broken("differences", at(f, 1e-2))


@pytest.mark.parametrize("x", [1e-5, -1e-4])
def test_beside_a_kink_but_not_on_it_nothing_is_said(x):
    with pytest.raises(Undecided):
        LAWS["differences"](at(np.abs, x))


def test_a_jump_is_no_kink():
    with pytest.raises((Undecided, LawBroken)):
        LAWS["differences"](at(np.sign, 0.0))
