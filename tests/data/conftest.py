"""A small set in MNIST's format, and folders and archives made of it."""

import numpy as np
import pytest

from tinygrad_edu.data import Digits, write_idx
from tinygrad_edu.data.digits import IDX_FILES


def small_digits(seed=0, train=12, test=5):
    rng = np.random.default_rng(seed)
    images = [rng.integers(0, 256, (n, 28, 28), dtype=np.uint8) for n in (train, test)]
    labels = [rng.integers(0, 10, n, dtype=np.uint8) for n in (train, test)]
    return Digits(images[0], labels[0], images[1], labels[1])


@pytest.fixture
def digits():
    return small_digits()


@pytest.fixture
def idx_folder(tmp_path, digits):
    """The four files of `digits`, packed."""
    folder = tmp_path / "idx"
    folder.mkdir()
    for part, stem in IDX_FILES.items():
        write_idx(folder / f"{stem}.gz", getattr(digits, part))
    return folder


def same(a, b):
    return all(np.array_equal(getattr(a, part), getattr(b, part)) for part in IDX_FILES)


@pytest.fixture(name="same")
def same_fixture():
    """Whether two `Digits` hold the same numbers."""
    return same
