"""The IDX file format, in which MNIST and its relatives are published.

    bytes 0-1   0
    byte  2     the type of the entries, see `_DTYPES`
    byte  3     the number of dimensions d, at least 1
    4d bytes    the dimensions, big-endian unsigned 32-bit
    the rest    the entries, big-endian, last index fastest

The format is described at the end of http://yann.lecun.com/exdb/mnist/. A file may be packed with gzip.
"""

import gzip
import math
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinygrad_edu.data.atomic import write_atomic
from tinygrad_edu.errors import DataError, DTypeError, ShapeError

__all__ = ["read_idx", "write_idx"]

_DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_CODES = {np.dtype(name).newbyteorder("="): code for code, name in _DTYPES.items()}
_GZIP = b"\x1f\x8b"
_MOST_DIMENSIONS = 64  # NumPy's own limit


def read_idx(path: str | os.PathLike[str]) -> NDArray[Any]:
    """The array in an IDX file, plain or packed with gzip (told by its content, not by its name).

    Args:
        path: the file.

    Returns:
        An array of the file's shape and type, in the machine's byte order, that may be written to.

    Raises:
        DataError: the file is not IDX, is cut short, or goes on after the last entry; the message names the file.
        OSError: the file cannot be read; FileNotFoundError if it is not there.

    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "labels")
    ...     with open(path, "wb") as file:  # two zeros, bytes (8), one axis, of length 3
    ...         _ = file.write(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]))
    ...     read_idx(path)
    array([7, 2, 1], dtype=uint8)
    """
    try:
        return parse_idx(unpack(Path(path).read_bytes()))
    except DataError as error:
        raise DataError(f"{os.fspath(path)}: {error}") from None


def write_idx(path: str | os.PathLike[str], array: NDArray[Any]) -> None:
    """Write an array as an IDX file, packed with gzip if the name ends in `.gz`; the same array gives the same bytes.

    Args:
        path: the file; written atomically (see `write_atomic`).
        array: shape with at least one dimension, dtype uint8, int8, int16, int32, float32 or float64.

    Raises:
        DTypeError: the format has no code for the dtype.
        ShapeError: a scalar, or a dimension of 2**32 or more.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_idx(Path(folder, "labels.gz"), np.array([5, 0, 4], dtype=np.uint8))
        ...     read_idx(Path(folder, "labels.gz"))
        array([5, 0, 4], dtype=uint8)
    """
    raw = format_idx(np.asarray(array))
    write_atomic(path, pack(raw) if os.fspath(path).endswith(".gz") else raw)


def unpack(content: bytes) -> bytes:
    """The bytes inside a gzip file; any other bytes as they are.

    Raises:
        DataError: a gzip file that is damaged or cut short.
    """
    if not content.startswith(_GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"a damaged gzip file ({error}); fetch or copy it again") from None


def pack(content: bytes) -> bytes:
    """The gzip file of some bytes, without a date or a name, so that the same bytes give the same file."""
    return gzip.compress(content, compresslevel=9, mtime=0)


def parse_idx(content: bytes) -> NDArray[Any]:
    """The array in the (unpacked) bytes of an IDX file; see `read_idx`."""
    dtype, shape = _header(content)
    start, size = 4 + 4 * len(shape), math.prod(shape)
    found, expected = len(content) - start, size * dtype.itemsize
    if found != expected:
        what = "cut short" if found < expected else "too long"
        raise DataError(f"{what}: the header says {shape} {dtype.name}, {expected} bytes of entries, found {found}")
    try:
        entries = np.frombuffer(content, dtype, count=size, offset=start).reshape(shape)
    except ValueError as error:  # an empty array whose other dimensions are beyond NumPy
        raise DataError(f"the shape {shape} of the header does not fit in memory ({error})") from None
    return entries.astype(dtype.newbyteorder("="))


def format_idx(array: NDArray[Any]) -> bytes:
    """The bytes of an IDX file, not packed; see `write_idx`."""
    code = _CODES.get(array.dtype.newbyteorder("="))
    if code is None:
        known = ", ".join(dtype.name for dtype in _CODES)
        raise DTypeError(f"IDX has no {array.dtype}; expected {known}: write array.astype(...) first")
    if not array.ndim or max(array.shape) >= 2**32:
        raise ShapeError(f"IDX holds 1 or more dimensions below 2**32, got {array.shape}; write array.reshape(...)")
    header = bytes([0, 0, code, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return header + array.astype(_DTYPES[code]).tobytes()


def _header(content: bytes) -> tuple[np.dtype[Any], tuple[int, ...]]:
    magic = content[:4]
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _DTYPES:
        raise DataError(f"not an IDX file: it starts with {magic.hex(' ') or 'nothing'}, expected 00 00 08 .. or similar")
    dimensions = magic[3]
    if not 1 <= dimensions <= _MOST_DIMENSIONS:
        raise DataError(f"the header says {dimensions} dimensions, expected 1 to {_MOST_DIMENSIONS}")
    sizes = content[4 : 4 + 4 * dimensions]
    if len(sizes) < 4 * dimensions:
        raise DataError(f"cut short: {len(content)} bytes do not hold the header of {dimensions} dimensions")
    return np.dtype(_DTYPES[magic[2]]), tuple(np.frombuffer(sizes, ">u4").tolist())
