"""From arrays to what a network eats: features, one-hot targets, shuffled minibatches."""

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from tinygrad_edu.errors import DataError, DTypeError, OptionError, ShapeError

__all__ = ["as_features", "minibatches", "one_hot"]


def as_features(images: NDArray[np.uint8], *, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Images as rows of numbers from 0 to 1.

    features[i] = images[i].ravel() / 255

    The default is float32, like that of `one_hot`: NumPy raises float32 to float64 where it meets it, so features
    never widen the computation that the weights ask for.

    Args:
        images: shape (n, height, width) or longer, uint8.
        dtype: a floating type.

    Returns:
        Shape (n, height*width), a new array.

    Raises:
        DTypeError: the images are not uint8 (floats are presumably scaled already), or `dtype` is not floating.
        ShapeError: fewer than two dimensions.

    Example:
        >>> as_features(np.array([[[0, 51], [102, 255]]], dtype=np.uint8), dtype=float)
        array([[0. , 0.2, 0.4, 1. ]])
    """
    images, kind = np.asarray(images), _floating("as_features", dtype)
    if images.dtype != np.uint8:
        raise DTypeError(
            f"as_features takes uint8 images (0 to 255), got {images.dtype}; "
            "if they are scaled already, write images.reshape(len(images), -1)"
        )
    if images.ndim < 2:
        raise ShapeError(
            f"as_features takes images of shape (n, height, width), got {images.shape}; for one, write images[None]"
        )
    return np.divide(images.reshape(len(images), -1), 255, dtype=kind)


def one_hot(labels: ArrayLike, classes: int, *, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Class numbers as rows that are 1 at the class and 0 elsewhere.

    targets[i, j] = (labels[i] == j)

    Args:
        labels: whole numbers from 0 to classes-1, of any shape.
        classes: how many classes there are, at least 1.
        dtype: a floating type.

    Returns:
        Shape (*labels.shape, classes).

    Raises:
        DTypeError: the labels are not whole numbers, or `dtype` is not floating.
        DataError: a label outside 0 to classes-1; the message says which.
        OptionError: `classes` is not a whole number of at least 1.

    Example:
        >>> one_hot([2, 0], 3)
        array([[0., 0., 1.],
               [1., 0., 0.]], dtype=float32)
    """
    labels, classes, kind = np.asarray(labels), _positive("classes", classes), _floating("one_hot", dtype)
    if labels.dtype.kind not in "iu" and labels.size:
        raise DTypeError(f"one_hot takes whole numbers, got {labels.dtype}; write labels.astype(int) if that is what they are")
    outside = (labels < 0) | (labels >= classes)
    if outside.any():
        at = tuple(np.argwhere(outside)[0].tolist())
        raise DataError(f"labels[{', '.join(map(str, at))}] is {labels[at]}, expected 0 to {classes - 1} (classes={classes})")
    targets: NDArray[Any] = labels[..., None] == np.arange(classes)
    return targets.astype(kind)


def minibatches(
    *arrays: Any,
    batch: int,
    seed: int | np.random.Generator | None = None,
    epoch: int = 0,
    shuffle: bool = True,
    drop_last: bool = False,
) -> Iterator[tuple[Any, ...]]:
    """The examples of some arrays in batches, every example once: one pass, called an epoch.

        for epoch in range(10):
            for x, t in minibatches(features, targets, batch=32, seed=0, epoch=epoch):
                ...

    With a whole number as `seed`, the order is a function of `(seed, epoch)` alone: epochs differ from each other, and
    training that was interrupted goes on in the order it would have had. With a generator as `seed` the order is
    drawn from it, and so differs from call to call.

    Args:
        *arrays: one or more arrays of the same length n; the same rows are taken from each.
        batch: examples in a batch, at least 1; the last batch may have fewer.
        seed: a whole number of at least 0, or a NumPy generator; needed to shuffle.
        epoch: the number of the pass, at least 0; goes with a whole number as `seed`.
        shuffle: take the examples in random order. Without, batches are views of the arrays, not copies.
        drop_last: leave out a last batch that would have fewer than `batch` examples.

    Yields:
        A tuple with one array of shape (batch, ...) for each of `arrays`, also when there is only one.

    Raises:
        ShapeError: no arrays, no examples, or arrays that differ in length.
        OptionError: an option outside its domain, no `seed` to shuffle by, or `drop_last` that would leave nothing.

    Example:
        >>> x = np.arange(5)
        >>> [rows.tolist() for (rows,) in minibatches(x, batch=2, shuffle=False)]
        [[0, 1], [2, 3], [4]]
        >>> sorted(int(i) for (rows,) in minibatches(x, batch=2, seed=0) for i in rows)
        [0, 1, 2, 3, 4]
    """
    arrays = tuple(a if hasattr(a, "shape") else np.asarray(a) for a in arrays)
    n, batch = _common_length(arrays), _positive("batch", batch)
    if drop_last and batch > n:
        raise OptionError(f"batch={batch} with drop_last=True leaves nothing of {n} examples; write batch={n} or less")
    order = _order(n, seed, epoch) if shuffle else None
    return _batches(arrays, order, batch, n - n % batch if drop_last else n)


def _batches(arrays: tuple[Any, ...], order: NDArray[np.intp] | None, batch: int, stop: int) -> Iterator[tuple[Any, ...]]:
    for start in range(0, stop, batch):
        rows = slice(start, min(start + batch, stop))
        yield tuple(a[rows if order is None else order[rows]] for a in arrays)


def _order(n: int, seed: int | np.random.Generator | None, epoch: int) -> NDArray[np.intp]:
    epoch = _whole("epoch", epoch, least=0)
    if isinstance(seed, np.random.Generator):
        if epoch:
            raise OptionError(f"epoch={epoch} goes with a whole number as seed; a generator draws a new order at every call")
        return seed.permutation(n)
    if seed is None:
        raise OptionError("shuffling needs a seed: write seed=0, epoch=epoch, or seed=a generator, or shuffle=False")
    return np.random.default_rng([_whole("seed", seed, least=0), epoch]).permutation(n)


def _common_length(arrays: tuple[Any, ...]) -> int:
    if not arrays or any(a.shape == () for a in arrays):
        came = ", ".join(f"one of shape {a.shape}" for a in arrays) or "none"
        raise ShapeError(f"minibatches takes one or more arrays with a row for each example, got {came}")
    lengths = [len(a) for a in arrays]
    if len(set(lengths)) > 1:
        raise ShapeError(f"minibatches takes arrays of one length, got lengths {lengths}")
    if not lengths[0]:
        raise ShapeError("minibatches got arrays without a single example")
    return lengths[0]


def _positive(name: str, number: int) -> int:
    return _whole(name, number, least=1)


def _whole(name: str, number: int, *, least: int) -> int:
    try:
        whole = operator.index(number)
    except TypeError:
        whole = least - 1
    if isinstance(number, bool) or whole < least:
        raise OptionError(f"{name}={number!r}: expected a whole number of at least {least}")
    return whole


def _floating(function: str, dtype: DTypeLike) -> np.dtype[Any]:
    kind = np.dtype(dtype)
    if kind.kind != "f":
        raise DTypeError(f"{function}(dtype={kind}): expected float16, float32 or float64, which have gradients")
    return kind
