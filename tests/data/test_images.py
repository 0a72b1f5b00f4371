"""Pictures of any kind come out as MNIST would show them."""

import io
import sys
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont, ImageOps

from tinygrad_edu.data import as_digit, load_digits, load_image
from tinygrad_edu.data.images import _resampling
from tinygrad_edu.errors import DataError, DTypeError, MissingExtra


def rendered(text="5", size=(90, 120), at=(15, 10), ink=0, ground=255, mode="L"):
    picture = Image.new(mode, size, ground)
    ImageDraw.Draw(picture).text(at, text, fill=ink, font=ImageFont.load_default(80))
    return picture


def centre_of_mass(digit):
    rows, columns = np.indices(digit.shape)
    return np.array([np.sum(rows * digit), np.sum(columns * digit)]) / np.sum(digit)


def saved(tmp_path, picture, name="digit.png", **options):
    picture.save(tmp_path / name, **options)
    return tmp_path / name


# -- the steps, against MNIST itself ----------------------------------------------------------------------------------


def test_mnists_own_digits_come_back_from_enlarged_black_on_white_copies():
    """Our steps are MNIST's: an enlarged, inverted, shifted test digit is nearest to itself among a thousand."""
    images = load_digits().test_images[:1000] / 255
    page = np.ones((100, 150, 200))
    page[:, 30:142, 5:117] = 1 - np.kron(images[:100], np.ones((4, 4)))
    back = np.stack([as_digit(picture, dtype=float) for picture in page])
    distances = np.square(back[:, None] - images[None]).sum(axis=(2, 3))
    assert distances.argmin(axis=1).tolist() == list(range(100))
    assert np.abs(back - images[:100]).mean() < 0.02  # resampling softens the edges a little


@pytest.mark.parametrize("text", list("0123456789"))
def test_a_rendered_digit_fits_mnists_box_and_is_centred(tmp_path, text):
    digit = load_image(saved(tmp_path, rendered(text)))
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    assert (digit.shape, digit.dtype) == ((28, 28), np.float32)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    assert np.all(np.abs(centre_of_mass(digit) - 14) <= 0.51)
    assert digit.min() == 0
    assert 0.9 < digit.max() <= 1


def test_both_polarities_give_the_same_digit(tmp_path):
    black_on_white = load_image(saved(tmp_path, rendered(), "a.png"))
    white_on_black = load_image(saved(tmp_path, ImageOps.invert(rendered()), "b.png"))
    np.testing.assert_allclose(white_on_black, black_on_white, atol=1e-6)


def test_a_faint_pencil_on_grey_paper_gives_the_same_digit(tmp_path):
    pencil = load_image(saved(tmp_path, rendered(ink=110, ground=190), "a.png"))
    np.testing.assert_allclose(pencil, load_image(saved(tmp_path, rendered(), "b.png")), atol=0.02)


def test_where_on_the_page_the_digit_stands_does_not_matter(tmp_path):
    here, there = (load_image(saved(tmp_path, rendered(size=(300, 260), at=at))) for at in ((20, 15), (201, 138)))
    np.testing.assert_array_equal(here, there)


def test_proportions_are_kept():
    page = np.zeros((90, 50))
    page[10:80, 20:27] = 1  # a one, 70 by 7
    digit = as_digit(page)
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    assert (len(rows), len(columns)) == (20, 2)


def test_a_28x28_picture_that_is_white_on_black_is_taken_as_it_is(tmp_path):
    image = load_digits().test_images[3]
    path = saved(tmp_path, Image.fromarray(image))
    np.testing.assert_array_equal(load_image(path, dtype=float), image / 255)


def test_a_28x28_picture_that_is_black_on_white_is_turned_and_centred(tmp_path):
    image = load_digits().test_images[3]
    digit = load_image(saved(tmp_path, Image.fromarray(255 - image)), dtype=float)
    assert np.abs(digit - image / 255).mean() < 0.01


def test_paper_texture_is_not_ink():
    page = np.where(np.indices((80, 80)).sum(axis=0) % 2, 0.95, 1.0)
    page[20:60, 30:40] = 0
    digit = as_digit(page)
    assert np.count_nonzero(digit) == 20 * 5


@pytest.mark.parametrize("n", [1, 2, 7, 19, 20, 21, 50, 333])
def test_resampling_is_pillows_bilinear(n):
    line = np.random.default_rng(n).random(n)
    picture = Image.fromarray(np.float32(line[None])).resize((20, 1), Image.Resampling.BILINEAR)
    np.testing.assert_allclose(_resampling(n, 20) @ line, np.asarray(picture)[0], atol=1e-6)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32))
def test_any_picture_gives_ink_of_0_to_1_or_is_called_blank(height, width, seed):
    picture = np.random.default_rng(seed).random((height, width))
    if np.ptp(picture) < 0.05:
        with pytest.raises(DataError, match="blank"):
            as_digit(picture)
    else:
        digit = as_digit(picture)
        assert digit.shape == (28, 28)
        assert digit.min() >= 0
        assert 0 < digit.max() <= 1


# -- kinds of file --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.gif", "a.tiff", "a.pgm", "a.jpg", "a.webp"])
def test_every_kind_of_file_gives_the_same_digit(tmp_path, name):
    lossy = {"quality": 92} if name in ("a.jpg", "a.webp") else {}
    digit = load_image(saved(tmp_path, rendered("3"), name, **lossy))
    assert np.abs(digit - as_digit(np.asarray(rendered("3")))).max() < (0.15 if lossy else 1e-6)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_every_colour_mode_gives_the_same_digit(tmp_path, mode):
    picture = rendered("3")
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(picture).astype(np.uint16) * 257)
    elif mode != "L":
        picture = picture.convert(mode)
    digit = load_image(saved(tmp_path, picture, "a.tiff" if mode == "CMYK" else "a.png"))
    assert np.abs(digit - as_digit(np.asarray(rendered("3")))).mean() < (0.02 if mode == "1" else 1e-3)


@pytest.mark.parametrize("ink", [0, 255])
def test_a_transparent_ground_shows_whatever_the_ink_is(tmp_path, ink):
    picture = rendered("7", mode="LA", ink=(ink, 255), ground=(ink, 0))
    expected = as_digit(np.asarray(rendered("7")))
    assert np.abs(load_image(saved(tmp_path, picture)) - expected).mean() < 1e-3


def test_a_photograph_is_turned_as_its_exif_says(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side: turn by 90 degrees clockwise to look at it
    turned = saved(tmp_path, rendered("7").rotate(90, expand=True), "a.png", exif=exif)
    np.testing.assert_allclose(load_image(turned), as_digit(np.asarray(rendered("7"))), atol=1e-6)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, bool, np.float16, np.float64])
def test_arrays_of_every_dtype_give_the_same_digit(tmp_path, dtype):
    page = np.zeros((40, 40))
    page[5:25, 5:15] = 1
    whole = {np.uint8: 255, np.uint16: 65535}.get(dtype, 1)
    np.save(tmp_path / "a.npy", (page * whole).astype(dtype))
    np.testing.assert_array_equal(load_image(tmp_path / "a.npy"), as_digit(page))


@given(st.integers(1, 65535), st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32), st.booleans())
def test_pgm_files_plain_and_raw_hold_the_same_numbers(largest, height, width, seed, comments):
    from tinygrad_edu.data.images import _decode

    pixels = np.random.default_rng(seed).integers(0, largest + 1, (height, width))
    gap = b"\n# made by hand\n" if comments else b" "
    size = gap.join(str(number).encode() for number in (width, height, largest))
    raw = b"P5" + gap + size + b"\n" + pixels.astype(">u2" if largest > 255 else "u1").tobytes()
    plain = b"P2" + gap + size + b"\n" + gap.join(str(number).encode() for number in pixels.flat)
    np.testing.assert_array_equal(_decode(raw, "raw"), pixels / largest)
    np.testing.assert_array_equal(_decode(plain, "plain"), pixels / largest)


def test_arrays_and_pgm_files_need_no_pillow(tmp_path, monkeypatch):
    saved(tmp_path, rendered(), "a.pgm")
    saved(tmp_path, rendered(), "a.png")
    np.save(tmp_path / "a.npy", np.asarray(rendered()))
    monkeypatch.setitem(sys.modules, "PIL", None)
    np.testing.assert_array_equal(load_image(tmp_path / "a.pgm"), load_image(tmp_path / "a.npy"))
    with pytest.raises(MissingExtra, match=r"a.png needs Pillow: pip install 'tinygrad-edu\[train\]', or save"):
        load_image(tmp_path / "a.png")


# -- what is not a digit ----------------------------------------------------------------------------------------------


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def png(**options):
    file = io.BytesIO()
    rendered(**options).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "an empty file"),
        (b"just some text", "not a picture that Pillow can read"),
        (png()[:300], "not a picture that Pillow can read"),
        (png(text=""), "a blank picture: its grey is 1 to 1"),
        (png(ink=250), "a blank picture: its grey is 0.98 to 1"),
        (npy(np.zeros((9, 9)))[:100], "a damaged .npy file"),
        (npy(np.array([object()])), "a damaged .npy file"),
        (npy(np.zeros((0, 9))), "a picture without a pixel"),
        (npy(np.zeros(784)), r"an array of shape \(784,\); expected \(height, width\)"),
        (npy(np.zeros((28, 28, 5))), "an array of shape"),
        (npy(np.arange(9.0).reshape(3, 3)), "numbers from 0 to 8; expected 0 to 1: write picture / 255"),
        (npy(np.array([[0.0, np.nan]])), "numbers from nan to nan"),
        (npy(np.eye(3, dtype=int)), r"an array of int64; .* write picture.astype\(np.uint8\)"),
        (npy(np.array([["a"]])), "an array of <U1"),
        (b"P5 no header", "without width, height and largest value"),
        (b"P5 2 2 255 \x00", "cut short: 1 pixels of 2 rows of 2"),
        (b"P5 2 2 0 \x00\x00\x00\x00", "a largest value of 0; expected 1 to 65535"),
        (b"P5 2 1 9 \x00\x0a", "the value 10, above its largest value 9"),
        (b"P2 2 1 9 0 99999999999999999999", "the value 10, above"),
        (b"P2 2 1 9 0 x", "something else than numbers"),
        (b"P5 0 0 255 ", "a picture without a pixel"),
    ],
)
def test_what_is_wrong_with_a_picture_is_said_with_its_name(tmp_path, content, says):
    (tmp_path / "digit.any").write_bytes(content)
    with pytest.raises(DataError, match=says) as caught:
        load_image(tmp_path / "digit.any")
    assert str(caught.value).startswith(str(tmp_path / "digit.any"))


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"P5 ", b"P2 3 3 255 ", b"\x93NUMPY\x01\x00", png()[:60], b"BM", b"GIF89a"]),
)
def test_any_bytes_are_a_digit_or_a_data_error(tmp_path_factory, content, start):
    path = tmp_path_factory.getbasetemp() / "any-bytes"
    path.write_bytes(start + content)
    with suppress(DataError):
        assert load_image(path).shape == (28, 28)


def test_a_picture_too_large_to_open_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 9000)  # a picture of 90x120 is warned of, one of twice that refused
    with pytest.raises(DataError, match="exceeds limit"):
        load_image(saved(tmp_path, rendered()))
    with pytest.raises(DataError, match="exceeds limit"):
        load_image(saved(tmp_path, rendered(size=(300, 300))))


def test_a_picture_of_32_bits_a_pixel_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"32 bits a pixel .*save it with 8 or 16"):
        load_image(saved(tmp_path, Image.fromarray(np.eye(9, dtype=np.float32)), "a.tiff"))


def test_a_dtype_without_fractions_is_refused():
    with pytest.raises(DTypeError, match=r"as_digit\(dtype=uint8\): expected float16, float32 or float64"):
        as_digit(np.eye(9), dtype=np.uint8)


def test_a_missing_file_is_a_file_not_found_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_image(tmp_path / "nothing.png")


def test_the_overshoot_of_jpeg_at_edges_does_not_dim_the_stroke(tmp_path):
    digit = load_image(saved(tmp_path, rendered("4", ink=60, ground=200), "a.jpg", quality=60))
    assert np.quantile(digit[digit > 0.2], 0.75) > 0.95
