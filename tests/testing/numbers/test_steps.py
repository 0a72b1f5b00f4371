"""The complex step gives derivatives to the last digits, of the function alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.laws.calls import OPS, distance_to_kinks, uniform
from tinygrad_edu import Value, gradients
from tinygrad_edu.errors import DTypeError, OptionError
from tinygrad_edu.inspect.reference import proof
from tinygrad_edu.inspect.reference.symbols import documented_formulas
from tinygrad_edu.ops.domain import real
from tinygrad_edu.testing import complex_step
from tinygrad_edu.testing.numbers.steps import Step

# Elementwise ops to which it does not apply, and why.
WITHOUT = {
    **dict.fromkeys(["erf", "erfc", "erfinv", "digamma", "lgamma"], "computed by tables for real numbers"),
    **dict.fromkeys(["logaddexp2"], "NumPy has no loop over objects for it"),
}  # fmt: skip
ELEMENTWISE = [n for n, op in OPS.items() if op.kind == "elementwise" and not op.options and n not in WITHOUT]


@pytest.mark.parametrize("name", ELEMENTWISE)
@settings(max_examples=3)
@given(seed=st.integers(0, 2**32 - 1))
def test_slopes_are_the_documented_derivatives_to_the_last_digits(name, seed):
    op = OPS[name]
    rng = np.random.default_rng(seed)
    xs = [uniform(rng, op.domain.get(n, real).intervals, (3,)) for n in op.inputs]
    if distance_to_kinks(op, xs) < 1e-3:
        return
    value, slopes = complex_step(op, *xs)
    np.testing.assert_allclose(value, op(*xs), rtol=4e-15, atol=1e-15)
    for n, slope in zip(op.inputs, slopes, strict=True):
        exact = proof.evaluated(op, documented_formulas(op)[f"dy/d{n}"], xs, {}).astype(float)
        scale = np.maximum(np.abs(exact), np.max(np.abs(exact)) * 0.1)  # beside a zero of the slope, digits cancel
        assert np.max(np.abs(slope - exact) / np.maximum(scale, 1e-3)) < 6e-15


@pytest.mark.parametrize("name", [n for n in WITHOUT if OPS[n].kind == "elementwise"])
def test_where_it_does_not_apply_it_says_so(name):
    op = OPS[name]
    with pytest.raises(DTypeError, match=r"numbers|complex"):
        complex_step(op, *[np.array([0.5, 1.7]), np.array([-1.0, -2.0])][: len(op.inputs)])


STRUCTURED = {
    "mlp": lambda x: np.tanh(np.tanh(x @ np.sin(np.arange(12.0).reshape(4, 3))) @ np.cos(np.arange(6.0).reshape(3, 2))),
    "softmax": lambda x: tg.ops.log_softmax(x, 1)[:, 0],
    "logsumexp": lambda x: tg.ops.logsumexp(x, 1),
    "norm": lambda x: np.linalg.norm(x, axis=1),
    "std": lambda x: np.std(x, axis=0),
    "var": lambda x: np.var(x, axis=1),
    "abs": lambda x: np.abs(x) * x,
    "maximum": lambda x: np.maximum(x, x[::-1] * 0.5),
    "max": lambda x: np.max(x, axis=1),
    "min": lambda x: np.min(x) * np.max(x),
    "sort": lambda x: np.sort(x, axis=1) * np.arange(4),
    "median": lambda x: np.median(x, axis=1),
    "where": lambda x: np.where(x > 0, np.exp(x), x * x),
    "clip": lambda x: np.clip(x, -0.5, 0.8) ** 2,
    "relu": lambda x: tg.ops.relu(x) ** 3,
    "sign": lambda x: np.sign(x) * x**3,
    "floor": lambda x: np.floor(3 * x) * x,
    "mod": lambda x: np.mod(x, 0.3) * x,
    "cumprod": lambda x: np.cumprod(x, axis=1),
    "prod": lambda x: np.prod(x, axis=0),
    "layer_norm": lambda x: tg.ops.layer_norm(x, (4,)),
    "conv": lambda x: np.convolve(x[0], x[1]),
    "power": lambda x: np.abs(x) ** x,
    "negative base": lambda x: (x - 5) ** 3 + (x - 5) ** -2,
    "hypot": lambda x: np.hypot(x, x[::-1]),
    "arctan2": lambda x: np.arctan2(x, x[::-1] - 0.3),
}  # fmt: skip


@pytest.mark.parametrize("name", STRUCTURED)
@settings(max_examples=4)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_slopes_of_whole_functions_are_those_of_the_rules(name, seed):
    """The complex step knows no rule, and the rules no complex numbers: two ways that share only the function."""
    x = np.random.default_rng(seed).normal(size=(3, 4))
    v = Value(x)
    y = STRUCTURED[name](v)
    (g,) = gradients(y.sum(), [v])
    value, (slope,) = complex_step(STRUCTURED[name], x)
    np.testing.assert_allclose(value, y.data, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(slope, g, rtol=1e-13, atol=1e-14 * max(1, np.max(np.abs(g))))


def test_plain_complex_arrays_run_through_lapack():
    a = np.random.default_rng(0).normal(size=(4, 4))
    value, (slope,) = complex_step(np.linalg.det, a, numpy=True)
    np.testing.assert_allclose(slope, value * np.linalg.inv(a).T, rtol=1e-12)
    _, (slope,) = complex_step(lambda a: tg.ops.inv(a), a, numpy=True)
    inverse = np.linalg.inv(a)
    np.testing.assert_allclose(slope, -np.outer(inverse.sum(0), inverse.sum(1)), rtol=1e-12)


def test_at_the_end_of_a_domain_there_is_no_slope_instead_of_a_wrong_one():
    for function, x in [(np.log, -1.0), (np.sqrt, 0.0), (np.arcsin, 1.0), (np.arccosh, 0.5), (lambda x: x**0.5, -2.0)]:
        with np.errstate(all="ignore"):
            assert np.isnan(complex_step(function, x).gradients[0])


def test_the_hessian_is_the_complex_step_of_the_gradient():
    """Steps run through the backward pass too: one more derivative, without recording it."""
    x = np.array([0.3, -0.8, 1.1])

    def gradient(s):
        v = Value(s)
        return np.asarray(gradients(np.sum(np.tanh(v) * v * v[::-1]), [v])[0])

    rows = [complex_step(lambda s, i=i: gradient(s)[i], x).gradients[0] for i in range(3)]
    v = Value(x)
    (g,) = gradients(np.sum(np.tanh(v) * v * v[::-1]), [v], create_graph=True)
    wanted = [gradients(g[i], [v], retain_graph=True)[0] for i in range(3)]
    np.testing.assert_allclose(rows, wanted, rtol=1e-14, atol=1e-14)


def test_steps_of_every_size_agree():
    slopes = {complex_step(np.tanh, 0.4, step=h).gradients[0].item() for h in (1e-20, 1e-50, 1e-100, 2.0**-200)}
    assert max(slopes) - min(slopes) < 3e-16


@pytest.mark.parametrize("step", [0.0, -1e-20, 1e-3])
def test_a_step_whose_square_does_not_vanish_is_refused(step):
    with pytest.raises(OptionError, match="step"):
        complex_step(np.sin, 1.0, step=step)


def test_trees_in_trees_out():
    value, (p, q) = complex_step(lambda p, q: p["w"] * q[0] + p["b"], {"w": 2.0, "b": np.ones(2)}, [np.array([3.0, 5.0])])
    np.testing.assert_array_equal(value, [7, 11])
    assert p["w"] == 8
    np.testing.assert_array_equal(p["b"], [1, 1])
    np.testing.assert_array_equal(q[0], [2, 2])


def test_a_step_never_becomes_a_float_in_silence():
    with pytest.raises(DTypeError, match="no float"):
        float(Step(1 + 2j))
    with pytest.raises(DTypeError, match="has no complex version"):
        Step(1).logaddexp2(2)


def test_complex_numbers_are_still_refused_beside_a_value():
    for call in (lambda: Value(1.0) * 1j, lambda: tg.ops.where(np.array([True]), Value([1.0]), np.array([1j]))):
        with pytest.raises(DTypeError, match="complex"):
            call()
    assert tg.ops.multiply(1j, 2.0) == 2j
    assert tg.ops.softmax(np.array([1j, 0]), 0).dtype == complex
