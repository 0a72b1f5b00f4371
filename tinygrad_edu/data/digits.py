"""Sets of 28x28 images in ten classes: what MNIST and its relatives have in common."""

import functools
import hashlib
import io
import os
from collections.abc import Iterable
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinygrad_edu.data.idx import read_idx
from tinygrad_edu.errors import DataError, OptionError

__all__ = ["Digits", "load_digits", "load_idx"]

_EMBEDDED = "mnist_10k_10k.npz"
_EMBEDDED_SHA256 = "f5c6cb07d5b802695f034dfc2a14dbbcd7e6e197b3e9eb1a8dce76c0d7bae571"

# The four parts, by field of `Digits`, and the IDX files that hold them.
IDX_FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


@dataclass(frozen=True, eq=False, repr=False)
class Digits:
    """Images of ten classes, to learn from and to be tested on; checked when made, and read-only.

    Attributes:
        train_images: shape (n, 28, 28), uint8, 0 is black (the ground) and 255 white (the ink).
        train_labels: shape (n,), uint8, 0 to 9.
        test_images: shape (m, 28, 28), uint8.
        test_labels: shape (m,), uint8, 0 to 9.

    Raises:
        DataError: a part has another shape or dtype, a label is above 9, or images and labels differ in number.
    """

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.uint8]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.uint8]

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, _read_only(field.name, getattr(self, field.name)))
        _check_pair("train", self.train_images, self.train_labels)
        _check_pair("test", self.test_images, self.test_labels)

    def __repr__(self) -> str:
        return f"Digits({len(self.train_labels)} train, {len(self.test_labels)} test)"

    def first(self, *, train: int | None = None, test: int | None = None) -> "Digits":
        """The same set with only its first training and test examples; None keeps them all.

        Args:
            train: how many training examples, 1 to n.
            test: how many test examples, 1 to m.

        Raises:
            OptionError: a number below 1 or above what is there.

        Example:
            >>> load_digits().first(train=1000)
            Digits(1000 train, 10000 test)
        """
        n = _checked_count("train", train, len(self.train_labels))
        m = _checked_count("test", test, len(self.test_labels))
        return Digits(self.train_images[:n], self.train_labels[:n], self.test_images[:m], self.test_labels[:m])


@functools.cache
def load_digits() -> Digits:
    """MNIST in small, from inside the package: the first 10,000 training images and the whole test set.

    This is a sixth of MNIST's training set (for all 60,000 see `fetch_mnist`). The 10,000 test images are MNIST's
    own, so an accuracy measured on them is a true MNIST test accuracy, of a network that saw fewer examples.
    Attribution and licence are in `NOTICE` beside the file.

    Returns:
        The same read-only `Digits` at every call.

    Raises:
        DataError: the file of the installed package is damaged.

    Example:
        >>> digits = load_digits()
        >>> digits.train_labels[:10].tolist()
        [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
        >>> print(f"{digits.test_images.mean() / 255:.5f}")
        0.13251
    """
    content = resources.files("tinygrad_edu.data").joinpath("files", _EMBEDDED).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != _EMBEDDED_SHA256:
        raise DataError(
            f"the embedded {_EMBEDDED} is damaged: sha256 {found}, expected {_EMBEDDED_SHA256}; install the package again"
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return Digits(**arrays)


def load_idx(directory: str | os.PathLike[str]) -> Digits:
    """Any set published as MNIST's four IDX files: MNIST itself, Fashion-MNIST, Kuzushiji-MNIST, your own.

    The files are `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
    `t10k-labels-idx1-ubyte`, plain or with `.gz`, also spelt `train-images.idx3-ubyte`.

    Args:
        directory: the folder that holds the four files.

    Raises:
        DataError: a file is missing, is not IDX, is damaged or holds something else than 28x28 images or labels 0
            to 9; or images and labels differ in number. The message names the folder.
        OSError: the folder cannot be read; FileNotFoundError if it is not there.
    """
    directory = Path(directory)
    names = os.listdir(directory)
    try:
        return Digits(**{part: read_idx(directory / find_idx(names, stem)) for part, stem in IDX_FILES.items()})
    except DataError as error:
        raise DataError(f"no ten classes of 28x28 images in {directory}: {error}") from None


def find_idx(names: Iterable[str], stem: str) -> str:
    """Which of some file names is the IDX file of that stem, whichever way it is spelt.

    Raises:
        DataError: none of them is.
    """
    present, dotted = set(names), stem.replace("-idx", ".idx")
    for name in (stem, f"{stem}.gz", dotted, f"{dotted}.gz"):
        if name in present:
            return name
    raise DataError(f"{stem} is missing (also looked for {stem}.gz, {dotted} and {dotted}.gz)")


def _read_only(name: str, array: Any) -> NDArray[np.uint8]:
    side = (28, 28) if name.endswith("images") else ()
    expected = f"uint8 of shape {'(n, 28, 28)' if side else '(n,)'}"
    if not isinstance(array, np.ndarray):
        raise DataError(f"{name} should be an array, {expected}, got a {type(array).__name__}")
    if array.dtype != np.uint8 or array.ndim != 1 + len(side) or array.shape[1:] != side:
        raise DataError(f"{name} should be {expected}, got {array.dtype} of shape {array.shape}")
    view = array.view()
    view.flags.writeable = False
    return view


def _check_pair(which: str, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
    if len(images) != len(labels):
        raise DataError(f"{len(images)} {which}_images but {len(labels)} {which}_labels; expected one label an image")
    if len(labels) and labels.max() > 9:
        at = int(np.argmax(labels > 9))
        raise DataError(f"{which}_labels[{at}] is {labels[at]}, expected 0 to 9")


def _checked_count(name: str, count: int | None, available: int) -> int:
    if count is None:
        return available
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= available:
        raise OptionError(f"first({name}={count!r}): expected a whole number from 1 to {available}, or None for all")
    return count
