import warnings

import numpy as np
import pytest

from tests.ops.slopes import check, curvature
from tinygrad_edu import REGISTRY, Value

INF, NAN = np.inf, np.nan
clip = REGISTRY["clip"]


def test_equals_share_the_gradient_of_the_larger_and_of_the_smaller():
    for f in (np.maximum, np.minimum, np.fmax, np.fmin):
        check(f, [1, 1], 1, 0.5, 0.5)
        check(f, [-INF, -INF], -INF, 0.5, 0.5)


def test_the_larger_beside_nan_is_nan_and_so_is_its_gradient():
    check(np.maximum, [[NAN, 1], [1, NAN]], [NAN, NAN], [NAN, NAN], [NAN, NAN])
    check(np.minimum, [[NAN, 1], [1, NAN]], [NAN, NAN], [NAN, NAN], [NAN, NAN])


def test_fmax_and_fmin_pass_over_nan():
    check(np.fmax, [[NAN, 1], [1, NAN]], [1, 1], [0, 1], [1, 0])
    check(np.fmin, [[NAN, 1], [1, NAN]], [1, 1], [0, 1], [1, 0])


def test_clip_at_the_bounds_has_slope_zero_and_nan_stays_visible():
    x = [0, 1, -1, 2, 0.5, NAN]
    for f in (lambda v: np.clip(v, 0, 1), lambda v: v.clip(0, 1), lambda v: np.clip(v, min=0.0, max=1.0)):
        check(f, [x], [0, 1, 0, 1, 0.5, NAN], [0, 0, 0, 0, 1, NAN])


def test_clip_with_one_bound_or_none():
    check(lambda v: np.clip(v, None, 1), [[0, 1, 2]], [0, 1, 1], [1, 0, 0])
    check(lambda v: np.clip(v, 1, None), [[0, 1, 2]], [1, 1, 2], [0, 0, 1])
    check(lambda v: np.clip(v, min=1), [[0, 2]], [1, 2], [0, 1])
    check(lambda v: v.clip(max=1), [[0, 2]], [0, 1], [1, 0])
    check(lambda v: np.clip(v, None, None), [[0, NAN]], [0, NAN], [1, NAN])
    check(lambda v: np.clip(v, np.array([0.0, 5.0]), np.array([3.0, 6.0])), [[1, 1]], [1, 5], [1, 0])
    check(lambda v: clip(v, max=1), [[0, 2]], [0, 1], [1, 0])


def test_what_the_number_does_not_get_the_bound_gets():
    check(clip, [[-2, 0, 0.5, 1, 3], 0.0, 1.0], [0, 0, 0.5, 1, 1], [0, 0, 1, 0, 0], 2, 2)


def test_a_learned_upper_bound_as_in_pact():
    check(lambda x, a: np.clip(x, 0, a), [[-1, 1, 2, 3], 2.0], [0, 1, 2, 2], [0, 1, 0, 0], 2)


def test_clip_with_crossed_bounds_gives_the_upper_one_and_warns():
    v = Value(5.0)
    with pytest.warns(UserWarning, match="lower bound 3 exceeds the upper bound 0"):
        y = np.clip(v, 3, 0)
    y.backward()
    assert (y.data, v.grad) == (0, 0)
    check(clip, [5, 3.0, 0.0], 0, 0, 0, 1)


def test_clip_with_ordered_bounds_does_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.clip(Value(5.0), 0, 0)


def test_clip_takes_one_spelling_of_the_bounds():
    with pytest.raises(TypeError, match="not both"):
        np.clip(Value(1.0), 0, 1, max=2)


def test_clip_of_float32_stays_float32():
    assert np.clip(Value(np.float32([1, 2])), 0.5, 1.5).dtype == np.float32


def test_corners_have_no_curvature():
    assert curvature(lambda x: np.maximum(x, 0) ** 2, 1.0) == (2, 2)
    assert curvature(lambda x: np.clip(x, -1, 1) ** 2, 0.0) == (0, 2)
