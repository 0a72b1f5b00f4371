"""A picture of one digit, from a file of the user's, made to look as MNIST's pictures do.

MNIST's digits are white on black, scaled to fit a box of 20x20 pixels with their proportions kept, and placed in a
field of 28x28 such that their centre of mass is at its centre (http://yann.lecun.com/exdb/mnist/). A network that has
seen only such pictures fails on others, so a scan or a drawing is put through the same steps:

    file -> grey, 0..1 -> ink: 0 is the ground, 1 the stroke -> crop -> 20x20 box -> 28x28 by centre of mass

Left out: uneven light over a photograph, frames and lines around the digit, and more than one digit.
"""

import io
import os
import re
import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from tinygrad_edu.errors import DataError, DTypeError, MissingExtra

__all__ = ["as_digit", "load_image"]

_SIDE = 28
_BOX = 20
_FAINT = 0.1  # of the ink of a stroke: below are paper texture and the ripples of JPEG; from twice that on all is ink
_CONTRAST = 0.05  # less than this between the darkest and the brightest pixel is no digit
_DARK = 0.1  # a ground darker than this is black
_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, as Pillow's mode L
_PGM_HEADER = re.compile(rb"P[25]" + rb"(?:\s|#[^\n]*\n)+([0-9]{1,9})" * 3 + rb"\s")
_PILLOW_ERRORS = (OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, KeyError)

_Image = NDArray[np.float64]


def load_image(path: str | os.PathLike[str], *, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """The picture of a digit in a file, as MNIST would show it; see `as_digit` for the steps.

    Args:
        path: a `.npy` file, a PGM file (plain or raw), or anything that Pillow reads: PNG, JPEG, BMP, GIF, TIFF, ...
            Of an animation, the first picture. A photograph is turned the way its EXIF data says.
        dtype: a floating type.

    Returns:
        Shape (28, 28), 0 is black and 1 is white ink.

    Raises:
        DataError: the file is not a picture, is damaged, or is blank; the message names the file.
        MissingExtra: Pillow is needed and not installed (`pip install 'tinygrad-edu[train]'`).
        OSError: the file cannot be read; FileNotFoundError if it is not there.
    """
    content = Path(path).read_bytes()
    try:
        return as_digit(_decode(content, os.fspath(path)), dtype=dtype)
    except DataError as error:
        raise DataError(f"{os.fspath(path)}: {error}") from None


def as_digit(picture: ArrayLike, *, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """A picture of one digit, made to look as MNIST's do.

    A picture of 28x28 that is white on black already is taken as it is. Any other is made grey; its ground is the
    median of its outermost pixels, its ink whatever is farthest from that, darker or brighter, so that both polarities
    and any contrast will do; it is cropped to its ink, scaled to a box of 20x20 with its proportions kept, and
    centred by its centre of mass.

    Args:
        picture: shape (height, width), (height, width, 1) grey, (height, width, 2) grey and opacity, (..., 3) red,
            green, blue, or (..., 4) with opacity; uint8, uint16, bool, or floating from 0 to 1.
        dtype: a floating type.

    Returns:
        Shape (28, 28), 0 is black and 1 is white ink.

    Raises:
        DataError: no pixels, another shape or dtype, numbers outside 0 to 1, or a blank picture
            (less than 0.05 between its darkest and its brightest pixel).
        DTypeError: `dtype` is not floating.

    Example:
        >>> page = np.ones((60, 40))    # white, with a black square of 30x30 off its centre
        >>> page[5:35, 5:35] = 0
        >>> digit = as_digit(page)
        >>> digit.shape, bool(np.all(digit[4:24, 4:24] == 1)), int(digit.sum())
        ((28, 28), True, 400)
    """
    kind = np.dtype(dtype)
    if kind.kind != "f":
        raise DTypeError(f"as_digit(dtype={kind}): expected float16, float32 or float64")
    grey = _grey(_fractions(np.asarray(picture)))
    if np.ptp(grey) < _CONTRAST:
        raise DataError(f"a blank picture: its grey is {grey.min():.3g} to {grey.max():.3g}; expected a digit on a ground")
    ready = grey.shape == (_SIDE, _SIDE) and _ground(grey) <= _DARK
    return (grey if ready else _centre(_fit(_crop(_ink(grey))))).astype(kind)


def _fractions(picture: NDArray[Any]) -> _Image:
    """The picture with three axes and numbers from 0 to 1."""
    shape = picture.shape
    if picture.ndim not in (2, 3) or (picture.ndim == 3 and shape[2] not in (1, 2, 3, 4)):
        raise DataError(f"an array of shape {shape}; expected (height, width), or (height, width, 1 to 4 channels)")
    if not picture.size:
        raise DataError(f"a picture without a pixel, of shape {shape}")
    largest = {"uint8": 255, "uint16": 65535}.get(picture.dtype.name, 1)
    if largest == 1 and picture.dtype.kind not in "bf":
        raise DataError(
            f"an array of {picture.dtype}; expected uint8, uint16, bool or floats from 0 to 1: "
            "write picture.astype(np.uint8) if its numbers are 0 to 255"
        )
    fractions = picture.astype(np.float64) / largest
    if not (fractions.min() >= 0 and fractions.max() <= 1):  # NaN fails too
        raise DataError(
            f"numbers from {fractions.min():.3g} to {fractions.max():.3g}; expected 0 to 1: "
            "write picture / 255 if they are 0 to 255"
        )
    return fractions.reshape(*shape[:2], -1)


def _grey(picture: _Image) -> _Image:
    """Shape (height, width) from (height, width, channels); what is see-through shows a ground unlike the ink."""
    channels = picture.shape[2]
    grey = picture[..., :3] @ _LUMA if channels >= 3 else picture[..., 0]
    if channels in (1, 3):
        return grey
    opacity = picture[..., -1]
    bright = np.sum(grey * opacity) > 0.5 * np.sum(opacity)
    return grey * opacity + (0.0 if bright else 1.0) * (1 - opacity)


def _ground(grey: _Image) -> float:
    """The median of the outermost pixels."""
    return float(np.median(np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])))


def _ink(grey: _Image) -> _Image:
    """How much ink there is: 0 on the ground, 1 at a typical pixel of the stroke, nothing where it is faint."""
    difference = grey - _ground(grey)
    ink = difference / difference.flat[np.argmax(np.abs(difference))]
    ink = np.minimum(ink / np.median(ink[ink > 0.5]), 1.0)  # not by its maximum: JPEG overshoots at edges
    return ink * np.clip(ink / _FAINT - 1, 0, 1)


def _crop(ink: _Image) -> _Image:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _fit(ink: _Image) -> _Image:
    """Scaled so that the longer side is 20 pixels."""
    longer = max(ink.shape)
    height, width = (max(1, round(side * _BOX / longer)) for side in ink.shape)
    return _resampling(ink.shape[0], height) @ ink @ _resampling(ink.shape[1], width).T


def _resampling(n: int, m: int) -> _Image:
    """The matrix (m, n) that resamples n pixels to m: each is a mean of those under a triangle around its place.

    The triangle is as wide as two of the larger pixels, so that nothing is skipped when shrinking (Pillow's BILINEAR).
    """
    scale = n / m
    centres = (np.arange(m) + 0.5) * scale - 0.5
    weights: _Image = np.maximum(1 - np.abs(np.arange(n) - centres[:, None]) / max(scale, 1.0), 0)
    weights /= weights.sum(axis=1, keepdims=True)
    return weights


def _centre(ink: _Image) -> _Image:
    """Placed in a field of 28x28, its centre of mass within half a pixel of (14, 14), as near as it can be held."""
    field = np.zeros((_SIDE, _SIDE))
    top, left = (_offset(ink.sum(axis=1 - axis)) for axis in (0, 1))
    field[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return field


def _offset(mass: _Image) -> int:
    mean = np.arange(len(mass)) @ mass / mass.sum()
    return int(np.clip(round(_SIDE / 2 - mean), 0, _SIDE - len(mass)))


def _decode(content: bytes, name: str) -> NDArray[Any]:
    if not content:
        raise DataError("an empty file; expected a picture")
    if content.startswith(b"\x93NUMPY"):
        return _decode_npy(content)
    if content[:2] in (b"P2", b"P5"):
        return _decode_pgm(content)
    return _decode_with_pillow(content, name)


def _decode_npy(content: bytes) -> NDArray[Any]:
    try:
        return np.asarray(np.load(io.BytesIO(content), allow_pickle=False))
    except (ValueError, EOFError, OSError) as error:
        raise DataError(f"a damaged .npy file: {error}") from None


def _decode_pgm(content: bytes) -> NDArray[Any]:
    """The grey picture in a plain (P2) or raw (P5) PGM file, https://netpbm.sourceforge.net/doc/pgm.html."""
    header = _PGM_HEADER.match(content)
    if not header:
        raise DataError("a PGM file without width, height and largest value")
    width, height, largest = (int(number) for number in header.groups())
    if not 1 <= largest <= 65535:
        raise DataError(f"a PGM file with a largest value of {largest}; expected 1 to 65535")
    samples = (_plain_samples if content.startswith(b"P2") else _raw_samples)(content[header.end() :], largest)
    if len(samples) < width * height:
        raise DataError(f"cut short: {len(samples)} pixels of {height} rows of {width}")
    if samples.size and samples.max() > largest:
        raise DataError(f"a PGM file with the value {samples.max()}, above its largest value {largest}")
    return samples[: width * height].reshape(height, width) / largest


def _plain_samples(content: bytes, largest: int) -> NDArray[Any]:
    words = re.sub(rb"#[^\n]*", b"", content).split()
    try:
        return np.array([min(int(word), largest + 1) for word in words if not word.startswith(b"-")], np.int64)
    except ValueError as error:
        raise DataError(f"a plain PGM file with something else than numbers: {error}") from None


def _raw_samples(content: bytes, largest: int) -> NDArray[Any]:
    dtype = np.dtype(np.uint8 if largest < 256 else ">u2")
    return np.frombuffer(content, dtype, count=len(content) // dtype.itemsize)


def _decode_with_pillow(content: bytes, name: str) -> NDArray[Any]:
    try:
        from PIL import Image, ImageOps
    except ImportError:
        raise MissingExtra(
            f"reading {name} needs Pillow: pip install 'tinygrad-edu[train]', or save the picture as .npy or .pgm"
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # remarks on metadata that is not used here
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as picture:
                return _plain_array(ImageOps.exif_transpose(picture))
    except (*_PILLOW_ERRORS, Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise DataError(f"not a picture that Pillow can read: {str(error).partition(' <')[0]}") from None


def _plain_array(picture: Any) -> NDArray[Any]:
    """The array of a Pillow image in one of the forms that `as_digit` takes."""
    if picture.mode.startswith("I;16"):
        return np.asarray(picture).astype(np.uint16)
    if picture.mode in ("I", "F"):
        raise DataError(f"a picture with 32 bits a pixel (Pillow's mode {picture.mode}); save it with 8 or 16")
    if picture.has_transparency_data:
        return np.asarray(picture.convert("RGBA"))
    return np.asarray(picture.convert("L" if picture.mode in ("1", "L") else "RGB"))
