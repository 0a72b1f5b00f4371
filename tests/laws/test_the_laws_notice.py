"""Rules that are broken on purpose: the laws must notice, or they are no laws."""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import UnsatisfiedAssumption

from tests.laws import (
    test_closure,
    test_documented_formulas_run,
    test_dtypes,
    test_finite_differences,
    test_lean_equals_full,
    test_no_mutation,
    test_shapes,
    test_transpose_identity,
)
from tests.laws.calls import OPS, examples_of, plain
from tinygrad_edu.core import calls

differences = test_finite_differences.test_gradients_agree_with_finite_differences
second = test_closure.test_second_derivatives_agree_with_differences_of_the_first
formulas = test_documented_formulas_run.test_documented_formulas_are_what_the_op_computes
of_partials = test_transpose_identity.test_elementwise_ops_by_their_partial_derivatives
of_linear = test_transpose_identity.test_linear_ops_are_their_own_tangent_maps
of_pullbacks = test_transpose_identity.test_pullbacks_transposed_are_the_tangent_maps_that_differences_see
shapes = test_shapes.test_gradients_have_the_shape_of_their_values
lean = test_lean_equals_full.test_lean_gradients_are_the_full_ones
dtypes = test_dtypes.test_results_and_gradients_keep_the_dtype
unchanged = test_no_mutation.test_inputs_are_unchanged_and_read_only_ones_are_enough
owned = test_no_mutation.test_results_are_no_inputs_and_read_only_when_recorded

BREAKS = {
    "a flipped sign": lambda pull: lambda g, v: -pull(g, v),
    "a factor of 1 + 1e-6": lambda pull: lambda g, v: pull(g, v) * (1 + 1e-6),
    "a forgotten cotangent": lambda pull: lambda g, v: pull(np.ones_like(g), v),
}
MULTIPLIES = ["multiply", "divide", "tanh", "exp", "log", "power", "sigmoid", "gelu", "logaddexp"]


def noticed(law, name):
    """Whether the law fails on one of 60 calls of this op."""

    @settings(max_examples=60, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None)
    @given(data=st.data())
    def check(data):
        law.law(data.draw(examples_of(OPS[name], variants=law is not formulas)))  # as each law draws them

    try:
        check()
    except UnsatisfiedAssumption:
        return False
    except Exception:
        return True
    return False


@pytest.fixture
def broken(monkeypatch):
    """Replace the pull of one input of an op."""

    def break_it(name, change, which=0):
        op = OPS[name]
        pulls = list(op.pulls)
        pulls[which] = change(pulls[which] or (lambda g, v: g))
        monkeypatch.setattr(op, "pulls", tuple(pulls))
        monkeypatch.setattr(calls, "SMALL", 0)

    return break_it


def test_whole_ops_pass():
    """The laws that are used here, where nothing is broken."""
    for law in (differences, second, lean, dtypes, unchanged, owned, shapes):
        assert not noticed(law, "exp")
    assert not noticed(of_linear, "sum")
    assert not noticed(of_pullbacks, "softmax")
    assert not noticed(formulas, "sum")


@pytest.mark.parametrize("name", [*MULTIPLIES, "sum", "mean", "matmul", "softmax", "var", "inv", "reshape", "cumsum"])
@pytest.mark.parametrize("how", ["a flipped sign", "a factor of 1 + 1e-6"])
def test_differences_notice(broken, name, how):
    broken(name, BREAKS[how])
    assert noticed(differences, name)


@pytest.mark.parametrize("name", ["multiply", "matmul", "where", "power", "divide"])
def test_differences_notice_in_the_last_input_too(broken, name):
    broken(name, BREAKS["a flipped sign"], -1)
    assert noticed(differences, name)


@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize("name", MULTIPLIES)
def test_partial_derivatives_notice(broken, name, how):
    broken(name, BREAKS[how])
    assert noticed(of_partials, name)


@pytest.mark.parametrize("name", ["sum", "matmul", "reshape", "transpose", "flip", "where", "getitem", "einsum_pair"])
@pytest.mark.parametrize("how", ["a flipped sign", "a factor of 1 + 1e-6"])
def test_the_transpose_identity_notices(broken, name, how):
    assert OPS[name].kind == "linear"
    broken(name, BREAKS[how])
    assert noticed(of_linear, name)


@pytest.mark.parametrize("name", ["softmax", "prod", "inv", "logsumexp", "var"])
def test_the_differences_of_pullbacks_notice(broken, name):
    broken(name, BREAKS["a flipped sign"])
    assert noticed(of_pullbacks, name)


@pytest.mark.parametrize("name", ["sum", "matmul", "softmax", "inv", "flip"])
@pytest.mark.parametrize("how", ["a flipped sign", "a factor of 1 + 1e-6"])
def test_documented_formulas_notice(broken, name, how):
    broken(name, BREAKS[how])
    assert noticed(formulas, name)


def test_a_reversed_gradient_is_noticed(broken):
    broken("cumsum", lambda pull: lambda g, v: np.flip(pull(g, v)))
    assert noticed(of_linear, "cumsum")


def test_a_rule_that_leaves_the_graph_is_noticed(broken):
    """The first derivative is right, and the second is silently missing."""
    broken("tanh", lambda pull: lambda g, v: g * (1 - plain(v._data) ** 2))
    assert not noticed(differences, "tanh")
    assert noticed(second, "tanh")


def test_a_rule_that_reads_what_it_does_not_name_is_noticed_lean(broken):
    broken("exp", lambda pull: lambda g, v: g * np.exp(v._saved[0]))
    assert not noticed(differences, "exp")
    assert noticed(lean, "exp")


def test_a_gradient_of_another_shape_is_noticed(broken):
    broken("sum", lambda pull: lambda g, v: np.ones((5, 7)))
    assert noticed(shapes, "sum")


def change_function(monkeypatch, name, fn):
    monkeypatch.setattr(OPS[name], "fn", fn)
    monkeypatch.setattr(OPS[name], "run", fn)


def test_a_function_that_loses_the_dtype_is_noticed(monkeypatch):
    change_function(monkeypatch, "exp", lambda x: np.exp(np.asarray(x, np.float64)))
    assert noticed(dtypes, "exp")


def test_a_function_that_writes_into_its_argument_is_noticed(monkeypatch):
    def fn(x):
        x *= 1
        x += 1
        return np.exp(x)

    change_function(monkeypatch, "exp", fn)
    assert noticed(unchanged, "exp")


def test_a_function_that_returns_its_argument_is_noticed(monkeypatch):
    change_function(monkeypatch, "positive", lambda x: x)
    assert noticed(owned, "positive")
