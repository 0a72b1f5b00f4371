"""The embedded digits are MNIST's, and other sets in the format are checked before they are believed."""

import dataclasses
import hashlib
import io
from importlib import resources

import numpy as np
import pytest

import tinygrad_edu.data as data
from tinygrad_edu.data import digits as module
from tinygrad_edu.data import load_digits, load_idx, write_idx
from tinygrad_edu.data.embed import embedded_bytes
from tinygrad_edu.data.idx import format_idx
from tinygrad_edu.errors import DataError, OptionError


def test_the_exported_names_are_exactly_all():
    public = {name for name, thing in vars(data).items() if not name.startswith("_") and not hasattr(thing, "__path__")}
    modules = {name for name in public if type(getattr(data, name)).__name__ == "module"}
    assert set(data.__all__) == public - modules
    assert sorted(data.__all__) == data.__all__


# -- the embedded digits ---------------------------------------------------------------------------------------------


def test_the_embedded_set_is_a_sixth_of_the_training_set_and_the_whole_test_set():
    digits = load_digits()
    assert repr(digits) == "Digits(10000 train, 10000 test)"
    assert digits.train_images.shape == digits.test_images.shape == (10_000, 28, 28)
    assert {part.dtype.name for part in vars(digits).values()} == {"uint8"}


def test_the_embedded_labels_are_mnists():
    digits = load_digits()
    assert digits.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert digits.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(digits.test_labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_the_embedded_test_set_is_mnists_bit_for_bit():
    """Known sums of the unpacked files, as many public loaders state them."""
    digits = load_digits()
    found = [hashlib.sha256(format_idx(part)).hexdigest() for part in (digits.test_images, digits.test_labels)]
    assert found == [
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ]


def test_the_embedded_pixels_have_the_known_moments():
    digits = load_digits()
    assert f"{digits.test_images.mean() / 255:.5f}" == "0.13251"
    assert f"{digits.test_images.std() / 255:.5f}" == "0.31048"
    first = digits.train_images[0]  # the five that every tutorial shows
    assert first[5, 12:24].tolist() == [3, 18, 18, 18, 126, 136, 175, 26, 166, 255, 247, 127]
    assert not first[:5].any()


def test_no_image_is_twice_in_the_embedded_set():
    digits = load_digits()
    images = np.concatenate([digits.train_images, digits.test_images]).reshape(20_000, -1)
    assert len({row.tobytes() for row in images}) == 20_000


def test_the_notice_stands_beside_the_file():
    notice = resources.files("tinygrad_edu.data").joinpath("files", "NOTICE").read_text(encoding="utf-8")
    for words in ("Yann LeCun", "Corinna Cortes", "ShareAlike 3.0", "subset of the training data"):
        assert words in notice


def test_the_embedded_file_is_made_again_bit_for_bit_from_its_arrays():
    content = resources.files("tinygrad_edu.data").joinpath("files", "mnist_10k_10k.npz").read_bytes()
    again = embedded_bytes(load_digits())
    with np.load(io.BytesIO(again)) as arrays:
        assert all(np.array_equal(arrays[part], value) for part, value in vars(load_digits()).items())
    assert embedded_bytes(load_digits()) == again
    assert len(again) <= 1.1 * len(content)


def test_a_damaged_embedded_file_is_refused(monkeypatch):
    monkeypatch.setattr(module, "_EMBEDDED_SHA256", "0" * 64)
    with pytest.raises(DataError, match=r"damaged: sha256 .*install the package again"):
        load_digits.__wrapped__()


def test_loading_twice_gives_the_same_arrays_and_they_are_read_only():
    assert load_digits() is load_digits()
    with pytest.raises(ValueError, match="read-only"):
        load_digits().train_images[0] = 0


# -- the class -------------------------------------------------------------------------------------------------------


def test_making_digits_does_not_freeze_the_callers_arrays(digits):
    images = digits.train_images.copy()
    frozen = dataclasses.replace(digits, train_images=images)
    images[0] = 0
    assert not frozen.train_images.flags.writeable


@pytest.mark.parametrize(
    ("part", "value", "says"),
    [
        ("train_images", np.zeros((12, 28, 28)), r"train_images should be uint8 of shape \(n, 28, 28\), got float64"),
        ("train_images", np.zeros((12, 784), np.uint8), r"got uint8 of shape \(12, 784\)"),
        ("test_images", np.zeros((5, 27, 28), np.uint8), r"test_images .* got uint8 of shape \(5, 27, 28\)"),
        ("test_images", [[1]], "got a list"),
        ("train_labels", np.zeros((12, 1), np.uint8), r"train_labels should be uint8 of shape \(n,\)"),
        ("train_labels", np.uint8(3), "got a uint8"),
        ("train_labels", np.zeros(11, np.uint8), "12 train_images but 11 train_labels; expected one label an image"),
        ("test_labels", np.array([0, 1, 10, 2, 11], np.uint8), r"test_labels\[2\] is 10, expected 0 to 9"),
    ],
)
def test_what_does_not_fit_is_named(digits, part, value, says):
    with pytest.raises(DataError, match=says):
        dataclasses.replace(digits, **{part: value})


def test_first_keeps_the_first_and_refuses_what_is_not_there(digits, same):
    few = digits.first(train=3, test=2)
    assert repr(few) == "Digits(3 train, 2 test)"
    assert np.array_equal(few.train_images, digits.train_images[:3])
    assert same(digits.first(), digits)
    for wrong in (0, -1, 13, 2.0, True, "3"):
        with pytest.raises(OptionError, match=r"expected a whole number from 1 to 12, or None"):
            digits.first(train=wrong)


# -- sets of one's own -----------------------------------------------------------------------------------------------


def test_four_packed_files_are_read(idx_folder, digits, same):
    assert same(load_idx(idx_folder), digits)
    assert same(load_idx(str(idx_folder)), digits)


@pytest.mark.parametrize("spelling", ["{}", "{}.gz", "dot", "dot.gz"])
def test_every_usual_spelling_of_the_names_is_read(tmp_path, digits, same, spelling):
    for part, stem in module.IDX_FILES.items():
        name = spelling.format(stem).replace("dot", stem.replace("-idx", ".idx"))
        write_idx(tmp_path / name, getattr(digits, part))
    assert same(load_idx(tmp_path), digits)


def test_a_missing_file_is_named_with_its_spellings(idx_folder):
    (idx_folder / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte is missing .*t10k-labels\.idx1-ubyte\.gz"):
        load_idx(idx_folder)


@pytest.mark.parametrize(
    ("stem", "array", "says"),
    [
        ("train-labels-idx1-ubyte", np.full(12, 10, np.uint8), r"train_labels\[0\] is 10"),
        ("train-labels-idx1-ubyte", np.zeros(13, np.uint8), "12 train_images but 13 train_labels"),
        ("train-labels-idx1-ubyte", np.zeros((12, 28, 28), np.uint8), r"got uint8 of shape \(12, 28, 28\)"),
        ("t10k-images-idx3-ubyte", np.zeros((5, 32, 32), np.uint8), r"got uint8 of shape \(5, 32, 32\)"),
        ("t10k-images-idx3-ubyte", np.zeros((5, 28, 28), np.int32), "got int32"),
    ],
)
def test_a_set_that_is_not_ten_classes_of_28x28_is_refused_with_its_folder(idx_folder, stem, array, says):
    write_idx(idx_folder / f"{stem}.gz", array)
    with pytest.raises(DataError, match=says) as caught:
        load_idx(idx_folder)
    assert str(idx_folder) in str(caught.value)


def test_a_truncated_file_is_refused_with_its_name(idx_folder):
    path = idx_folder / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz: a damaged gzip file"):
        load_idx(idx_folder)


def test_a_missing_folder_is_a_file_not_found_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_idx(tmp_path / "nothing")
