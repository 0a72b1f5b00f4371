"""Every row of the conformance table holds; and what is wrong in released peers is right here."""

import numpy as np
import pytest

from tinygrad_edu.testing.conformance.behaviours import BEHAVIOURS
from tinygrad_edu.testing.conformance.kinks import KINKS
from tinygrad_edu.testing.conformance.libraries.library import floats
from tinygrad_edu.testing.conformance.libraries.ours import Ours
from tinygrad_edu.testing.conformance.rows import TABLES, Row

ROWS = {row.id: row for rows in [*TABLES.values(), KINKS] for row in rows}
ENGINE = {row.id: row for row in BEHAVIOURS}
OURS = Ours()

# Bugs alive in released peers (C11 of the conformance table), and the rows that hold us to better.
ALIVE = {
    "autograd: einsum with an axis of 1 has a gradient of the wrong shape": ["einsum ij,ij-> with an axis of 1"],
    "autograd: repeated subscripts raise in backward": ["einsum ii->i", "einsum ii->", "einsum ii", "einsum ii,i->i"],
    "autograd: prod with a zero is NaN": ["prod of [0, 2, 3]", "prod of [0, 0, 3]", "prod of [x, x, 2] at 0, twice"],
    "autograd: sinc and norm at 0 are NaN, cumprod has no rule": [
        "kink sinc 0", "norm of [0, 0]", "cumprod of [2, 0, 3]"],
    "MyGrad: maximum(x, x) loses the whole gradient": ["maximum(x, y) at x = y", "maximum(x, x)"],
    "MyGrad: norm at 0 is NaN": ["norm of [0, 0]"],
    "MyGrad: arcsin(1) has slope 0": ["arcsin(1)"],
    "MyGrad, DeZero: float16 times a Python float is float64": ["float16 * 3.0", "float32 * Python float"],
    "DeZero: matrix times vector, and batched products": [
        "(2,2) @ (2)", "(2) @ (2,2)", "(2) @ (3,2,1)", "(3,1,2) @ (1,2,1)"],
    "DeZero: max with ties, max by axis -1": ["max of [1, 1, 0] by axis 0", "max by rows"],
    "DeZero: x**0 at 0, 2**x, v**v, source array changed": [
        "x**0 at 0", "2**x", "0**1", "source array changed after forward"],
    "PyTorch: max and amax disagree on ties, maximum(nan, 1), aliasing, hypot(0, 0), nested cumprod": [
        "kink max", "kink amax", "maximum(nan, 1)", "source array changed after forward", "hypot(0, 0)",
        "cumprod of six with a zero, twice"],
    "JAX: abs at 0, maximum(x, 0) against relu, power(0, 0), an index out of range": [
        "abs at 0, -0", "kink relu 0", "0**0", "x[5] of three"],
    "tinygrad: NaN vanishes, x*0 at inf, max of nothing, logsumexp of -infs, ndarray * t, np.sin(t)": [
        "relu at 0, -0, nan", "max of [1, nan]", "x*0 at inf", "max of nothing", "logsumexp of -infs", "ndarray * v",
        "np.sin(v)"],
    "micrograd: second backward, negative bases, x**0 at 0": [
        "second backward, two levels", "(-8)**(1/3)", "x**0 at 0"],
    "TinyTorch: no x**2, -x, 1.0 + x; mean and max without gradients": [
        "x**2 at 0", "abs written with where", "naive tanh(1000), twice", "mean of nothing", "kink max"],
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.id)
def test_row(row):
    if isinstance(row.value, type):
        with pytest.raises(row.value):
            OURS.answer(row)
        return
    value, grads, second = OURS.answer(row)
    _same(value, row.value)
    if np.asarray(row.value).dtype in (np.float16, np.float32):
        assert value.dtype == row.value.dtype
    for x, g, wanted in zip(row.inputs, grads, row.grads, strict=True):
        assert np.asarray(g).dtype == floats(x).dtype
        _same(g, wanted)
    if row.second is not None:
        _same(second, row.second)


@pytest.mark.parametrize("row", BEHAVIOURS, ids=lambda row: row.id)
def test_behaviour(row):
    if isinstance(row.expected, type) and issubclass(row.expected, Exception):
        with pytest.raises(row.expected):
            row.run(OURS)
    else:
        np.testing.assert_equal(row.run(OURS), row.expected)


@pytest.mark.parametrize("bug", ALIVE)
def test_bugs_alive_in_peers_are_rows_here(bug):
    assert set(ALIVE[bug]) <= ROWS.keys() | ENGINE.keys()


def test_no_two_rows_have_one_name():
    assert len(ROWS.keys() | ENGINE.keys()) == sum(map(len, TABLES.values())) + len(KINKS) + len(BEHAVIOURS)


def test_the_value_of_relu_difference_at_zero_is_the_classic_limit_of_any_choice():
    """relu(x) - relu(-x) is x, with slope 1; no choice of relu'(0) gives that at 0, least norm gives 0."""
    row = Row("", "F.relu(x) - F.relu(-x)", ([0.0],), [0], ([0],))
    assert OURS.answer(row)[1][0] == 0


def _same(got, wanted):
    assert np.shape(got) == np.shape(wanted)
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-12)
