"""JAX's functions get the same verdicts as ours; where it chooses otherwise at a kink, that is told and not failed."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from tinygrad_edu.testing import check_gradients

pytestmark = pytest.mark.peers


@pytest.fixture(autouse=True)
def _jax_as_it_comes():
    """In single precision, whatever other tests have set."""
    with jax.enable_x64(False):
        yield


def report(f, *inputs, **options):
    return check_gradients(f, *inputs, on_failure="return", **options)


RIGHT = {
    "tanh": (lambda x: jnp.sum(jnp.tanh(x)), np.array([0.3, -0.2])),
    "its own arrays": (lambda x: jnp.sin(x), jnp.array([0.3, -0.2])),
    "relu": (lambda x: jax.nn.relu(x), np.array([0.0, 1.0])),
    "clip, summed: neither convex nor concave": (lambda x: jnp.sum(jnp.clip(x, 0, 1)), np.array([0.0, 1.0, 0.5])),
    "a tree": (lambda p: jnp.sin(p["a"]) * p["b"][0], {"a": 0.3, "b": [2.0]}),
    "jitted": (jax.jit(lambda x: jnp.sin(x)), np.array([0.3])),
}


@pytest.mark.parametrize("case", RIGHT)
def test_right_derivatives_are_right(case):
    f, *inputs = RIGHT[case]
    r = report(f, *inputs)
    assert r.verdict == "right", r
    assert r.engine == "jax"


def test_abs_at_zero_is_inside_but_not_the_convention():
    r = report(lambda x: jnp.abs(x), 0.0, order=1)
    assert r.verdict == "right"
    kink = r.having("kink")[0]
    assert (kink.analytic, kink.low, kink.high, kink.least) == (1, pytest.approx(-1), pytest.approx(1), False)


def test_half_of_a_maximum_with_zero_is_inside_but_not_the_convention():
    r = report(lambda x: jnp.maximum(x, 0.0), 0.0, order=1)
    assert r.verdict == "right"
    assert {k.least for k in r.having("kink")} == {False}


def test_the_difference_of_two_kinks_is_inside_the_generalised_derivative():
    r = report(lambda x: jnp.abs(x[0]) - jnp.abs(x[1]), np.zeros(2), order=1)
    assert r.verdict == "right", r
    assert any("neither convex nor concave" in k.note for k in r.having("kink"))


def test_nan_of_a_norm_at_zero_is_wrong():
    r = report(lambda x: jnp.linalg.norm(x), np.zeros(2), order=1)
    assert r.verdict == "wrong"
    assert np.isnan(r.worst.analytic)


@jax.custom_vjp
def nearly_sine(x):
    return jnp.sin(x)


nearly_sine.defvjp(lambda x: (jnp.sin(x), x), lambda x, g: (1.0001 * g * jnp.cos(x),))


def test_a_wrong_rule_that_check_grads_passes_is_found():
    check_grads(nearly_sine, (jnp.array([0.3, -0.2]),), order=1, modes=["rev"])
    r = report(lambda x: nearly_sine(x), np.array([0.3, -0.2]), order=1, modes=("reverse",))
    assert r.verdict == "wrong"
    assert r.worst.analytic / r.worst.low == pytest.approx(1.0001, abs=1e-9)


def test_a_rule_without_forward_mode_is_undecided_there():
    r = report(lambda x: nearly_sine(x), np.array([0.3]), order=1, modes=("forward",))
    assert r.verdict == "undecided"


def test_single_precision_is_checked_in_double():
    assert not jax.config.jax_enable_x64
    r = report(lambda x: jnp.tanh(x), jnp.array([0.3], jnp.float32))
    assert r.verdict == "right"
    assert any("float32" in f.derivative for f in r.findings)
