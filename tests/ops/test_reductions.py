"""Reductions at their special points: ties, NaN, zeros, nothing, equal entries, narrow types."""

import itertools

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.ops.slopes import check, curvature, slopes
from tinygrad_edu import REGISTRY, Value, gradients

logsumexp = REGISTRY["logsumexp"]


# -- sums and means ----------------------------------------------------------------------------------------------------


def test_sum_over_no_axes_is_no_reduction():
    check(lambda x: np.sum(x, axis=()), [[1, 2, 3]], [1, 2, 3], [1, 1, 1])


def test_sum_over_an_axis_named_twice_raises():
    with pytest.raises(ValueError, match="duplicate"):
        np.sum(Value(np.ones((2, 2))), axis=(0, -2))


def test_an_axis_that_is_not_there_raises_axis_error():
    with pytest.raises(np.exceptions.AxisError):
        Value([1.0]).sum(axis=1)


def test_sum_of_float16_overflows_as_in_numpy():
    v = Value(np.ones(70_000, np.float16))
    with np.errstate(over="ignore"):
        y = v.sum()
    y.backward()
    assert y.dtype == v.grad.dtype == np.float16
    assert np.isinf(y.data)
    assert np.all(v.grad == 1)


def test_mean_of_float16_is_added_up_in_a_wider_type():
    assert Value(np.ones(70_000, np.float16)).mean().data == np.float16(1)


def test_mean_of_nothing_is_nan_with_numpys_warning():
    with pytest.warns(RuntimeWarning):
        y = np.mean(Value(np.empty(0)))
    assert np.isnan(y.data)


def test_mean_equals_numpys_bit_for_bit_in_each_dtype():
    for dtype, axis in itertools.product((np.float16, np.float32, np.float64), (None, 0, 1, (0, 1))):
        x = np.random.default_rng(0).normal(size=(37, 11)).astype(dtype)
        assert np.array_equal(Value(x).mean(axis).data, np.mean(x, axis))


def test_options_that_write_or_mask_are_refused_with_a_cure():
    v = Value([1.0, 2.0])
    for call in (lambda: np.sum(v, out=np.empty(())), lambda: np.sum(v, where=[True, False]), lambda: np.max(v, initial=0.0)):
        with pytest.raises(tg.errors.NotDifferentiable, match="instead"):
            call()


# -- products ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("x", "expected"), [([0, 2, 3], [6, 0, 0]), ([0, 0, 3], [0, 0, 0]), ([4, 5], [5, 4]), ([], [])])
def test_prod_leaves_one_out(x, expected):
    check(np.prod, [x], np.prod(x), expected)


def test_prod_of_x_x_2_at_zero_has_curvature_4():
    assert curvature(lambda x: np.prod(np.stack([x, x, 2 * x / x if x.data else 0 * x + 2])), 0.0) == (0.0, 4.0)


@pytest.mark.parametrize("axis", [None, 0, (0, 2), (1, -1)])
def test_prod_with_zeros_has_the_hessian_that_leaves_two_out(axis):
    x = np.array([[[2.0, 0], [3, 1]], [[0, 5], [0, -1]]])
    v = Value(x)
    (g,) = gradients(np.prod(v, axis=axis).sum(), [v], create_graph=True)
    t = np.random.default_rng(1).normal(size=x.shape)
    (h,) = gradients((g * t).sum(), [v])
    places = np.arange(x.size).reshape(x.shape)
    axes = tuple(range(3)) if axis is None else tuple(a % 3 for a in axis) if isinstance(axis, tuple) else (axis,)
    groups = np.moveaxis(places, axes, range(len(axes))).reshape(int(np.prod([x.shape[a] for a in axes])), -1).T
    expected = np.zeros(x.size)
    for group in groups:
        for a, b in itertools.permutations(group, 2):
            expected[a] += t.flat[b] * np.prod([x.flat[c] for c in group if c not in (a, b)])
    np.testing.assert_allclose(h.ravel(), expected, rtol=1e-12, atol=1e-14)


# -- extremes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"axis": -1}, {"axis": 0, "keepdims": True}])
def test_ties_share_evenly_with_an_axis_as_without(options):
    check(lambda x: np.max(x, **options), [[1, 1, 0]], np.max([1, 1, 0], **options), [0.5, 0.5, 0])
    check(lambda x: np.min(x, **options), [[1, 1, 2]], np.min([1, 1, 2], **options), [0.5, 0.5, 0])


def test_rows_are_shared_apart():
    check(lambda x: x.max(axis=-1), [[[1, 1], [0, 2]]], [1, 2], [[0.5, 0.5], [0, 1]])


def test_nan_makes_value_and_gradient_nan_in_its_row_only():
    check(lambda x: x.max(axis=1), [[[1, np.nan], [3, 4]]], [np.nan, 4], [[np.nan, np.nan], [0, 1]])


def test_seventy_thousand_ties_in_float16_do_not_vanish():
    v = Value(np.ones(70_000, np.float16))
    v.max().backward()
    assert np.all(v.grad == np.float16(1 / 70_000))
    assert np.all(v.grad > 0)


def test_max_of_nothing_raises():
    with pytest.raises(ValueError, match="zero-size array"):
        np.max(Value(np.empty(0)))


def test_entries_that_lose_get_no_gradient_so_their_infinite_slope_does_not_spread():
    check(lambda x: np.max(np.sqrt(x)), [[0, 4]], 2, [0, 0.25])
    check(lambda x: np.sqrt(np.max(x)), [[0, -4]], 0, [np.inf, 0])


# -- spread ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ddof", "std", "var"),
    [
        (0, [-0.35634832, -0.08908708, 0.4454354], [-0.88888889, -0.22222222, 1.11111111]),
        (1, [-0.43643578, -0.10910895, 0.54554473], [-1.33333333, -0.33333333, 1.66666667]),
    ],
)
def test_spread_of_1_2_4(ddof, std, var):
    for options in ({"ddof": ddof}, {"correction": ddof}):
        np.testing.assert_allclose(slopes(lambda x, o=options: np.std(x, **o), [1, 2, 4])[1], std, rtol=1e-6)
        np.testing.assert_allclose(slopes(lambda x, o=options: np.var(x, **o), [1, 2, 4])[1], var, rtol=1e-6)


def test_a_large_mean_costs_no_digits():
    check(np.var, [1e8 + np.arange(3.0)], 2 / 3, [-2 / 3, 0, 2 / 3])


@pytest.mark.parametrize("x", [[2, 2], [2], [0.1, 0.1, 0.1], [[1, 1], [3, 4]]])
def test_std_of_equal_entries_has_gradient_zero(x):
    g = slopes(lambda x: np.std(x, axis=-1), x)[1]
    assert np.all(g.reshape(-1, g.shape[-1])[0] == 0)


def test_std_of_equal_entries_can_be_differentiated_twice():
    v = Value([[2.0, 2.0, 2.0], [1.0, 2.0, 4.0]])
    (g,) = gradients(np.std(v, axis=1).sum(), [v], create_graph=True)
    (h,) = gradients((g * np.array([1.0, 0, 0])).sum(), [v])
    assert np.all(h[0] == 0)
    assert np.all(np.isfinite(h[1]))
    assert np.any(h[1] != 0)


def test_std_without_a_degree_of_freedom_is_nan_and_warns():
    v = Value([2.0])
    with np.errstate(invalid="ignore"), pytest.warns(RuntimeWarning, match="Degrees of freedom"):
        y = np.std(v, ddof=1)
    y.backward()
    assert np.isnan(y.data)
    assert np.all(np.isnan(v.grad))


@pytest.mark.filterwarnings("ignore:Degrees of freedom")
def test_more_taken_off_than_there_are_entries_is_infinite_and_not_negative():
    for f in (np.var, np.std):
        with np.errstate(divide="ignore"):
            y, g = slopes(lambda x, f=f: f(x, ddof=5), [1, 2])
        assert y == np.inf
        assert not np.any(np.isfinite(g))


# -- logsumexp ---------------------------------------------------------------------------------------------------------

INF = np.inf


@pytest.mark.parametrize(
    ("x", "y", "g"),
    [
        ([1000, 1000], 1000 + np.log(2), [0.5, 0.5]),
        ([-1000, -1000], -1000 + np.log(2), [0.5, 0.5]),
        ([-INF, 0], 0, [0, 1]),
        ([-INF, -INF], -INF, [0, 0]),
        ([INF, 0], INF, [1, 0]),
        ([INF, INF, -INF], INF, [0.5, 0.5, 0]),
        ([np.nan, 0], np.nan, [np.nan, np.nan]),
        ([], -INF, []),
    ],
)
def test_logsumexp_at_the_ends_of_the_line(x, y, g):
    for options in ({}, {"axis": 0}, {"axis": 0, "keepdims": True}):
        check(lambda x, o=options: logsumexp(x, **o), [x], np.reshape(y, np.ones(len(x)).sum(**options).shape), g)


def test_logsumexp_has_the_softmax_hessian_also_beside_minus_infinity():
    v = Value([1.0, -INF, 0.0])
    (g,) = gradients(logsumexp(v), [v], create_graph=True)
    p = g.data
    for i, e in enumerate(np.eye(3)):
        (row,) = gradients((g * e).sum(), [v], retain_graph=True)
        np.testing.assert_allclose(row, p * (e - p[i]), atol=1e-15)


# -- weights, and NaN left out -----------------------------------------------------------------------------------------


def test_weights_of_an_average_are_differentiated():
    """y = sum(w x) / sum(w), so dy/dw = (x - y) / sum(w)."""
    check(lambda x, w: np.average(x, weights=w), [[1, 2, 4], [1, 1, 2]], 11 / 4, [0.25, 0.25, 0.5], [-7 / 16, -3 / 16, 5 / 16])


def test_average_gives_the_sum_of_weights_too():
    y, total = np.average(Value([[1.0, 2], [3, 4]]), axis=0, weights=[1.0, 3.0], returned=True)
    np.testing.assert_allclose(y.data, [2.5, 3.5])
    np.testing.assert_array_equal(total, [4, 4])


def test_weights_that_add_up_to_zero_or_do_not_fit_raise():
    with pytest.raises(ZeroDivisionError, match="add up to 0"):
        np.average(Value([1.0, 2.0]), weights=[1, -1])
    with pytest.raises(ValueError, match="weights of shape"):
        np.average(Value(np.ones((2, 3))), axis=1, weights=[1.0, 2.0])


@pytest.mark.parametrize(
    ("name", "value", "gradient"),
    [
        ("nansum", 3, [1, 0, 1]),
        ("nanmean", 1.5, [0.5, 0, 0.5]),
        ("nanprod", 2, [2, 0, 1]),
        ("nanmax", 2, [0, 0, 1]),
        ("nanmin", 1, [1, 0, 0]),
        ("nanvar", 0.25, [-0.5, 0, 0.5]),
        ("nanstd", 0.5, [-0.5, 0, 0.5]),
    ],
)
def test_a_nan_that_is_left_out_gets_no_gradient(name, value, gradient):
    check(getattr(np, name), [[1, np.nan, 2]], value, gradient)


def test_nanstd_of_equal_entries_has_gradient_zero():
    check(np.nanstd, [[2, 2, np.nan]], 0, [0, 0, 0])


def test_extremes_of_nan_alone_are_nan():
    check(np.nanmax, [[np.nan, np.nan]], np.nan, [0, 0])
