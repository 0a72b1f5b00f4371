"""Laws of the minibatches, and of turning images and labels into numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_edu.data import as_features, load_digits, minibatches, one_hot
from tinygrad_edu.errors import DataError, DTypeError, OptionError, ShapeError

LENGTH, BATCH, SEED = st.integers(1, 60), st.integers(1, 70), st.integers(0, 2**70)


def indices(n, **options):
    return [rows.tolist() for (rows,) in minibatches(np.arange(n), **options)]


# -- laws of an epoch ------------------------------------------------------------------------------------------------


@given(LENGTH, BATCH, SEED, st.integers(0, 1000), st.booleans())
def test_every_example_comes_exactly_once(n, batch, seed, epoch, shuffle):
    batches = indices(n, batch=batch, seed=seed, epoch=epoch, shuffle=shuffle)
    assert sorted(i for rows in batches for i in rows) == list(range(n))


@given(LENGTH, BATCH, SEED)
def test_every_batch_but_the_last_is_full(n, batch, seed):
    sizes = [len(rows) for rows in indices(n, batch=batch, seed=seed)]
    assert set(sizes[:-1]) <= {batch}
    assert 1 <= sizes[-1] <= batch
    assert len(sizes) == -(-n // batch)


@given(LENGTH, BATCH, SEED)
def test_drop_last_leaves_only_full_batches_of_the_same_order(n, batch, seed):
    batch = min(batch, n)
    full = indices(n, batch=batch, seed=seed, drop_last=True)
    assert full == indices(n, batch=batch, seed=seed)[: n // batch]
    assert {len(rows) for rows in full} == {batch}


@given(LENGTH, BATCH, SEED, st.integers(0, 1000))
def test_the_same_seed_and_epoch_give_the_same_order(n, batch, seed, epoch):
    assert indices(n, batch=batch, seed=seed, epoch=epoch) == indices(n, batch=batch, seed=seed, epoch=epoch)


@given(LENGTH, BATCH, SEED)
def test_the_order_does_not_depend_on_the_batch_size(n, batch, seed):
    (whole,) = indices(n, batch=n, seed=seed)
    assert [i for rows in indices(n, batch=batch, seed=seed) for i in rows] == whole


@given(LENGTH, BATCH, SEED)
def test_rows_of_different_arrays_stay_together(n, batch, seed):
    x, t = np.arange(3 * n).reshape(n, 3), np.arange(n) * 3
    for rows, starts in minibatches(x, t, batch=batch, seed=seed):
        np.testing.assert_array_equal(rows[:, 0], starts)


@given(LENGTH, BATCH)
def test_without_shuffling_the_order_is_the_arrays_own_and_nothing_is_copied(n, batch):
    x = np.arange(n)
    batches = [rows for (rows,) in minibatches(x, batch=batch, shuffle=False)]
    np.testing.assert_array_equal(np.concatenate(batches), x)
    assert all(np.shares_memory(rows, x) for rows in batches)


def test_epochs_and_seeds_differ():
    orders = {str(indices(50, batch=50, seed=seed, epoch=epoch)) for seed in range(5) for epoch in range(5)}
    assert len(orders) == 25


def test_all_orders_of_three_are_equally_likely():
    orders = [str(indices(3, batch=3, seed=7, epoch=epoch)) for epoch in range(6000)]
    counts = np.unique(orders, return_counts=True)[1]
    assert len(counts) == 6
    assert np.sum((counts - 1000) ** 2 / 1000) < 25.7  # chi-square, 5 degrees of freedom, 1 in 10,000


def test_a_generator_draws_a_new_order_at_every_call_and_can_be_repeated():
    a, b = np.random.default_rng(3), np.random.default_rng(3)
    first, second = indices(40, batch=8, seed=a), indices(40, batch=8, seed=a)
    assert first != second
    assert [first, second] == [indices(40, batch=8, seed=b), indices(40, batch=8, seed=b)]


def test_shuffling_does_not_touch_the_arrays_or_numpys_global_state():
    x, state = np.arange(20), np.random.get_state()[1].copy()  # noqa: NPY002  the state that must not move
    list(minibatches(x, batch=3, seed=0))
    assert x.tolist() == list(range(20))
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_lists_are_taken_as_arrays():
    assert [(x.tolist(), t.tolist()) for x, t in minibatches([1, 2, 3], [4, 5, 6], batch=2, shuffle=False)] == [
        ([1, 2], [4, 5]),
        ([3], [6]),
    ]


# -- at the door ----------------------------------------------------------------------------------------------------

X = np.zeros((10, 2))


@pytest.mark.parametrize(
    ("arrays", "options", "error", "says"),
    [
        ((), {}, ShapeError, "got none"),
        ((np.float64(3),), {}, ShapeError, r"got one of shape \(\)"),
        ((X, X[:9]), {}, ShapeError, r"got lengths \[10, 9\]"),
        ((X[:0],), {}, ShapeError, "without a single example"),
        ((X,), {"batch": 0}, OptionError, "batch=0: expected a whole number of at least 1"),
        ((X,), {"batch": 2.0}, OptionError, "batch=2.0"),
        ((X,), {"batch": True}, OptionError, "batch=True"),
        ((X,), {"seed": None}, OptionError, "write seed=0, epoch=epoch, or seed=a generator, or shuffle=False"),
        ((X,), {"seed": -1}, OptionError, "seed=-1: expected a whole number of at least 0"),
        ((X,), {"seed": "0"}, OptionError, "seed='0'"),
        ((X,), {"epoch": -1}, OptionError, "epoch=-1"),
        ((X,), {"seed": np.random.default_rng(), "epoch": 1}, OptionError, "goes with a whole number as seed"),
        ((X,), {"batch": 11, "drop_last": True}, OptionError, "leaves nothing of 10 examples; write batch=10 or less"),
    ],
)
def test_mistakes_are_told_at_the_call_not_at_the_first_batch(arrays, options, error, says):
    with pytest.raises(error, match=says):
        minibatches(*arrays, **{"batch": 3, "seed": 0, **options})


def test_numpys_whole_numbers_are_whole_numbers():
    assert len(indices(10, batch=np.int64(5), seed=np.uint8(0), epoch=np.int32(2))) == 2


# -- numbers from images and labels ---------------------------------------------------------------------------------


def test_features_are_pixels_over_255_row_by_row():
    images = load_digits().train_images[:7]
    features = as_features(images, dtype=np.float64)
    assert (features.shape, features.dtype) == ((7, 784), np.float64)
    np.testing.assert_array_equal(features.reshape(7, 28, 28), images / 255.0)
    np.testing.assert_array_equal(as_features(images), (images / np.float32(255)).reshape(7, -1))


@given(st.integers(0, 255), st.sampled_from(["f2", "f4", "f8"]))
def test_every_pixel_lands_in_0_to_1_in_the_dtype_asked_for(pixel, dtype):
    features = as_features(np.full((1, 1, 1), pixel, np.uint8), dtype=dtype)
    assert features.dtype == dtype
    assert abs(float(features[0, 0]) - pixel / 255) <= np.finfo(dtype).eps / 2


@pytest.mark.parametrize(
    ("images", "dtype", "error", "says"),
    [
        (np.zeros((2, 28, 28)), "f4", DTypeError, r"got float64; if they are scaled already, write images.reshape"),
        (np.zeros(28, np.uint8), "f4", ShapeError, r"got \(28,\); for one, write images\[None\]"),
        (np.zeros((2, 28, 28), np.uint8), int, DTypeError, "expected float16, float32 or float64"),
    ],
)
def test_what_are_not_images_is_refused(images, dtype, error, says):
    with pytest.raises(error, match=says):
        as_features(images, dtype=dtype)


@given(st.lists(st.integers(0, 9), max_size=20), st.integers(10, 12))
def test_one_hot_rows_are_rows_of_the_identity(labels, classes):
    targets = one_hot(np.array(labels, int), classes, dtype=float)
    np.testing.assert_array_equal(targets, np.eye(classes)[np.array(labels, int)])


def test_one_hot_of_any_shape_adds_an_axis():
    assert one_hot(np.zeros((2, 3), np.uint8), 4).shape == (2, 3, 4)
    assert one_hot(1, 3).tolist() == [0, 1, 0]
    assert one_hot([], 3).shape == (0, 3)


@pytest.mark.parametrize(
    ("labels", "classes", "error", "says"),
    [
        ([0, 1, 10], 10, DataError, r"labels\[2\] is 10, expected 0 to 9 \(classes=10\)"),
        ([[0, -1]], 10, DataError, r"labels\[0, 1\] is -1"),
        ([0.0], 10, DTypeError, r"got float64; write labels.astype\(int\)"),
        ([True], 10, DTypeError, "got bool"),
        ([0], 0, OptionError, "classes=0: expected a whole number of at least 1"),
        ([0], 2.5, OptionError, "classes=2.5"),
    ],
)
def test_labels_that_name_no_class_are_refused(labels, classes, error, says):
    with pytest.raises(error, match=says):
        one_hot(labels, classes)
