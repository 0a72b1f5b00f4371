import numpy as np
import pytest

from tests.ops.slopes import check
from tinygrad_edu import REGISTRY, Value
from tinygrad_edu.errors import DTypeError

INF, NAN = np.inf, np.nan


@pytest.mark.parametrize(
    ("f", "x", "value"),
    [
        (np.sign, [-2, 0, 3], [-1, 0, 1]),
        (np.floor, [-0.5, 0, 0.5], [-1, 0, 0]),
        (np.ceil, [-0.5, 0, 0.5], [0, 0, 1]),
        (np.trunc, [-1.5, 1.5], [-1, 1]),
        (np.fix, [-1.5, 1.5], [-1, 1]),
        (np.rint, [0.5, 1.5, 2.5], [0, 2, 2]),
        (np.round, [0.5, 1.5, 2.5], [0, 2, 2]),
        (round, 2.5, 2),
        (lambda x: round(x, 1), 2.25, 2.2),
        (lambda x: np.around(x, decimals=1), 2.26, 2.3),
        (REGISTRY["step"], [-1, 0, 1, NAN], [0, 0, 1, NAN]),
        (np.imag, [1, 2], [0, 0]),
    ],
)
def test_staircases_have_slope_zero_everywhere(f, x, value):
    check(f, [x], value, np.zeros(np.shape(x)))


def test_the_fraction_keeps_its_slope_at_the_jumps():
    check(REGISTRY["frac"], [[0, 1, -1.25]], [0, 0, -0.25], [1, 1, 1])


def test_modf_parts_a_number_into_its_fraction_and_the_rest():
    check(lambda v: np.modf(v)[0], [[1.25, -2.5]], [0.25, -0.5], [1, 1])
    check(lambda v: np.modf(v)[1], [[1.25, -2.5]], [1, -2], [0, 0])


def test_heaviside_passes_on_what_it_is_at_zero():
    check(np.heaviside, [[-1, 0, 2], [0.5, 0.5, 0.5]], [0, 0.5, 1], [0, 0, 0], [0, 1, 0])


def test_copysign_at_zero():
    check(np.copysign, [[0, 2, 2], [1, -1, -0.0]], [0, -2, -2], [0, -1, -1], [0, 0, 0])


def test_nan_to_num_has_no_slope_where_it_replaced_something():
    big = np.finfo(float).max
    check(np.nan_to_num, [[1, NAN, INF, -INF]], [1, 0, big, -big], [1, 0, 0, 0])
    check(lambda v: np.nan_to_num(v, nan=7, posinf=8, neginf=9), [[1, NAN, INF, -INF]], [1, 7, 8, 9], [1, 0, 0, 0])


def test_real_numbers_are_their_own_conjugates():
    for f in (np.real, np.conj, np.conjugate):
        check(f, [[1, -2]], [1, -2], [1, 1])


def test_ldexp_by_whole_powers_of_two():
    check(lambda v: np.ldexp(v, [1, -2]), [[3, 3]], [6, 0.75], [2, 0.25])


def test_a_cast_brings_the_gradient_back_in_the_old_dtype():
    v = Value(np.array([1.5, 2.5]))
    for y in (v.astype(np.float16), np.astype(v, np.float16)):
        assert y.dtype == np.float16
        v.zero_grad()
        (y * y).sum().backward()
        assert v.grad.dtype == np.float64
        np.testing.assert_array_equal(v.grad, [3, 5])


def test_a_cast_to_the_same_dtype_is_a_copy():
    a = np.ones(3)
    assert not np.shares_memory(Value(a).astype(float).data, a)


@pytest.mark.parametrize("dtype", [int, bool, complex, "U3"])
def test_a_cast_to_a_dtype_without_gradient_is_refused(dtype):
    with pytest.raises(DTypeError, match="has no gradient; for the plain numbers write"):
        Value(1.0).astype(dtype)
