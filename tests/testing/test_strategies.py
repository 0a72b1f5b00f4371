"""What the strategies draw, and where they shrink to."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from tinygrad_edu import REGISTRY, Value, testing
from tinygrad_edu.errors import DTypeError, OptionError
from tinygrad_edu.ops.domain import Domain, nonzero, real
from tinygrad_edu.testing import arrays_in, broadcastable, shapes, strategies, values, well_conditioned_matrices
from tinygrad_edu.testing.generating import drawing
from tinygrad_edu.testing.generating.choosing import RandomChooser

KINDS = ["general", "symmetric", "spd", "triangular", "orthogonal"]


def smallest(strategy, condition):
    return find(strategy, condition, settings=settings(max_examples=2000, derandomize=True, database=None,
                                                       suppress_health_check=list(HealthCheck)))  # fmt: skip


# -- shapes ------------------------------------------------------------------------------------------------------------


@given(shapes(min_dims=1, max_dims=4, min_side=2, max_side=3))
def test_shapes_keep_their_bounds(shape):
    assert 1 <= len(shape) <= 4
    assert set(shape) <= {2, 3}


@pytest.mark.parametrize("wanted", [(), (0,), (1, 1), (4, 0, 2), (3, 3, 3)])
def test_every_shape_is_drawn(wanted):
    assert smallest(shapes(), lambda shape: shape == wanted) == wanted


@given(st.integers(1, 4).flatmap(broadcastable))
def test_broadcastable_shapes_broadcast(drawn):
    whole = np.broadcast_shapes(*drawn)
    assert all(len(shape) <= len(whole) <= 3 for shape in drawn)


@pytest.mark.parametrize(
    "condition",
    [
        lambda a, b: a == () and b == (2, 3),
        lambda a, b: a == (2, 1) and b == (1, 3),
        lambda a, b: 0 in a and 1 in b,
        lambda a, b: len(a) == 1 and len(b) == 3,
    ],
)
def test_broadcastable_shapes_of_every_kind_are_drawn(condition):
    pairs = broadcastable(2, max_side=3)
    found = smallest(pairs, lambda pair: condition(*pair) or condition(*pair[::-1]))
    assert len(found) == 2


def test_shapes_shrink_to_few_small_axes():
    assert smallest(shapes(), lambda shape: True) == ()
    assert smallest(shapes(), lambda shape: len(shape) == 2) == (1, 1)
    assert smallest(shapes(), lambda shape: np.prod(shape, dtype=int) >= 6) == (2, 3)
    assert smallest(shapes(), lambda shape: np.prod(shape, dtype=int) == 0) == (0,)


# -- arrays and values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["log", "divide", "arcsin", "arccosh", "digamma", "hinge"])
@settings(max_examples=20)
@given(data=st.data())
def test_arrays_lie_in_the_domain_of_an_op(name, data):
    for domain in REGISTRY[name].domain.values():
        x = data.draw(arrays_in(domain))
        assert all(any(low <= entry <= high for low, high in domain.intervals) for entry in x.flat)


@settings(max_examples=50)
@given(arrays_in(real, away_from=[0.0, 1.0], margin=0.25))
def test_arrays_keep_away_from_points(x):
    assert np.all(np.abs(x) >= 0.25)
    assert np.all(np.abs(x - 1) >= 0.25)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_arrays_and_values_have_the_dtype_and_the_shape(dtype):
    x = smallest(arrays_in((-2, 2), (2, 3), dtype=dtype), lambda x: True)
    v = smallest(values((2, 3), dtype, label="w"), lambda v: True)
    assert x.dtype == v.dtype == dtype
    assert x.shape == v.shape == (2, 3)
    assert isinstance(v, Value)
    assert v.op is None
    assert v.label == "w"


@given(st.data())
def test_shapes_can_be_strategies(data):
    assert data.draw(values(st.sampled_from([(2,), (3, 1)]))).shape in [(2,), (3, 1)]
    assert data.draw(arrays_in(shape=5)).shape == (5,)
    assert data.draw(well_conditioned_matrices(st.just(2))).shape == (2, 2)


def test_values_take_a_strategy_of_entries():
    assert smallest(values((2,), elements=st.integers(7, 9)), lambda v: True).data.tolist() == [7.0, 7.0]


def test_the_smallest_array_with_an_entry_above_one_is_a_simple_number():
    assert smallest(values(), lambda v: bool((v.data > 1).any())).data == 2.0
    x = smallest(arrays_in(), lambda x: x.size > 0 and x.max() > 1)
    assert (x.shape, x.tolist()) == ((), 2.0)


def test_the_smallest_array_of_some_size_has_one_axis():
    x = smallest(arrays_in((-3, 3)), lambda x: x.size > 2)
    assert x.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("domain", "simplest"), [((0.05, 0.95), 0.5), ((1.1, 4), 2.0), (nonzero, 1.0), ((-3.0, -0.2), -1.0), ((5.5, 5.75), 5.5)]
)
def test_entries_shrink_to_the_simplest_number_of_the_domain(domain, simplest):
    assert smallest(arrays_in(domain, ()), lambda x: True) == simplest


# -- matrices ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(data=st.data())
def test_matrices_are_of_their_kind_and_well_conditioned(kind, data):
    a = data.draw(well_conditioned_matrices(kind=kind, cond=5))
    assert a.shape[0] == a.shape[1] > 0
    s = np.linalg.svd(a, compute_uv=False)
    assert 1 - 1e-9 <= s.min() <= s.max() <= 5 + 1e-9
    if kind in ("symmetric", "spd"):
        assert np.array_equal(a, a.T)
    if kind == "spd":
        assert np.linalg.eigvalsh(a).min() > 0
    if kind == "triangular":
        assert np.array_equal(a, np.triu(a))
        assert np.diag(a).min() > 0
    if kind == "orthogonal":
        np.testing.assert_allclose(a @ a.T, np.eye(len(a)), atol=1e-12)


@pytest.mark.parametrize("kind", ["general", "symmetric", "spd", "triangular"])
@settings(max_examples=20)
@given(data=st.data())
def test_distinct_singular_values_are_apart(kind, data):
    a = data.draw(well_conditioned_matrices(3, kind=kind, cond=7, distinct=True))
    s = np.linalg.svd(a, compute_uv=False)
    assert np.min(s[:-1] - s[1:]) > (7 - 1) / (2 * 3) - 1e-4
    assert s[0] / s[-1] <= 7 + 1e-9


@pytest.mark.parametrize("kind", KINDS)
def test_matrices_shrink_to_the_identity(kind):
    assert np.array_equal(smallest(well_conditioned_matrices(3, kind=kind), lambda a: True), np.eye(3))
    assert smallest(well_conditioned_matrices(kind=kind), lambda a: True).shape == (1, 1)


def test_general_matrices_can_be_far_from_symmetric_and_have_either_sign():
    for condition in (lambda a: a[0, 1] > 1 and a[1, 0] < -1, lambda a: np.linalg.det(a) < 0, lambda a: np.linalg.cond(a) > 8):
        assert condition(smallest(well_conditioned_matrices(2), condition))


# -- the other chooser -------------------------------------------------------------------------------------------------


def test_random_choices_keep_their_bounds_and_depend_on_the_seed_alone():
    choose = RandomChooser(3)
    numbers = [choose.number(0.05, 0.95) for _ in range(500)]
    assert 0.05 <= min(numbers) < 0.1 < 0.9 < max(numbers) <= 0.95
    assert {choose.integer(2, 4) for _ in range(100)} == {2, 3, 4}
    assert {drawing.shape_of(choose, 0, 2, 0, 2) for _ in range(500)} == {(), *[(a,) for a in range(3)],
            *[(a, b) for a in range(3) for b in range(3)]}  # fmt: skip
    assert [RandomChooser("x").number(0, 1) for _ in range(2)] == [RandomChooser("x").number(0, 1)] * 2


# -- errors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: shapes(min_dims=3, max_dims=2), OptionError, "min_dims <= max_dims"),
        (lambda: shapes(min_side=-1), OptionError, "min_side <= max_side"),
        (lambda: shapes(max_side=2.5), OptionError, "whole numbers; got 0 and 2.5"),
        (lambda: broadcastable(0), OptionError, "n >= 1"),
        (lambda: broadcastable("2"), OptionError, "not '2'"),
        (lambda: arrays_in((3, 1)), OptionError, r"got \(3, 1\)"),
        (lambda: arrays_in("positive"), OptionError, "a Domain, as tg.ops.domain.positive; got 'positive'"),
        (lambda: arrays_in((0, 1), away_from=0.5), OptionError, "a list of points"),
        (lambda: arrays_in((0, 1), away_from=[0.5], margin=-1), OptionError, "margin a distance"),
        (lambda: arrays_in((0, 1e6), dtype=np.float16), OptionError, "1000000.0 is too large for float16"),
        (lambda: arrays_in((0, 1), (2, -1)), OptionError, r"or a strategy of such; got \(2, -1\)"),
        (lambda: values("ab"), OptionError, "got 'ab'"),
        (lambda: values(elements=3.0), OptionError, "a Hypothesis strategy, .* got 3.0"),
        (lambda: values(dtype="double precision"), DTypeError, "got 'double precision'"),
        (lambda: well_conditioned_matrices(2.5), OptionError, "not 2.5"),
        (lambda: testing.expressions("log"), OptionError, r"as \['log'\]"),
        (lambda: arrays_in((0, 1), away_from=[0.5], margin=1), OptionError, "nothing is left"),
        (lambda: arrays_in(dtype=int), DTypeError, "float16, float32 or float64; got int64"),
        (lambda: values(domain=(0, 1), elements=st.floats()), OptionError, "one of them"),
        (lambda: values(elements=st.floats(), away_from=[0]), OptionError, "one of them"),
        (lambda: values(dtype=np.longdouble), DTypeError, "float16, float32 or float64"),
        (lambda: well_conditioned_matrices(kind="hermitian"), OptionError, "'hermitian'"),
        (lambda: well_conditioned_matrices(cond=0.5), OptionError, "at least 1"),
        (lambda: well_conditioned_matrices(-1), OptionError, "not -1"),
        (lambda: well_conditioned_matrices(kind="orthogonal", distinct=True), OptionError, "orthogonal"),
    ],
)
def test_bad_options_are_refused_at_the_door(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_an_interval_is_a_domain():
    assert smallest(arrays_in(Domain("x = 2 or 3", ((2.0, 2.0), (3.0, 3.0))), ()), lambda x: x > 2) == 3.0


WITHOUT_HYPOTHESIS = """
import sys
sys.modules["hypothesis"] = None  # as if it were not installed
from tinygrad_edu import errors, testing
testing.Expression([1.0], [("exp", (0,))])()
for make in (testing.values, testing.shapes, testing.broadcastable, testing.arrays_in, testing.expressions,
             testing.well_conditioned_matrices):
    try:
        make()
    except errors.MissingExtra as error:
        assert "tinygrad-edu[testing]" in str(error), error
    else:
        raise AssertionError(make)
"""


def test_without_hypothesis_strategies_name_the_extra_and_the_rest_works():
    subprocess.run([sys.executable, "-W", "error", "-c", WITHOUT_HYPOTHESIS], check=True)


def test_every_strategy_is_exported():
    assert set(strategies.__all__) <= set(testing.__all__)
