"""IDX files: what is written is read back, and nothing that is not IDX is."""

import gzip
import struct

import hypothesis.extra.numpy as arrays_of
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_edu.data import read_idx, write_idx
from tinygrad_edu.data.idx import format_idx, pack, parse_idx, unpack
from tinygrad_edu.errors import DataError, DTypeError, ShapeError

KINDS = ["u1", "i1", "<i2", ">i2", "<i4", ">i4", "<f4", ">f4", "<f8", ">f8"]
ANY_ARRAY = st.sampled_from(KINDS).flatmap(
    lambda kind: arrays_of.arrays(np.dtype(kind), arrays_of.array_shapes(min_dims=1, max_dims=5, min_side=0, max_side=5))
)


@given(ANY_ARRAY)
def test_round_trip_keeps_shape_type_and_every_bit(array):
    back = parse_idx(format_idx(array))
    assert (back.shape, back.dtype) == (array.shape, array.dtype.newbyteorder("="))
    assert back.tobytes() == array.astype(back.dtype).tobytes()


@given(ANY_ARRAY, st.data())
def test_every_shorter_or_longer_file_is_refused(array, data):
    content = format_idx(array)
    cut = data.draw(st.integers(0, len(content) - 1))
    for wrong in (content[:cut], content + b"\0"):
        with pytest.raises(DataError, match=r"cut short|too long|not an IDX file"):
            parse_idx(wrong)


@given(st.binary(max_size=80))
def test_any_bytes_are_an_array_or_a_data_error(content):
    try:
        array = parse_idx(unpack(content))
    except DataError:
        return
    assert format_idx(array) == unpack(content)


@given(ANY_ARRAY, st.data())
def test_a_damaged_packed_file_is_never_read_as_something_else(array, data):
    content = bytearray(pack(format_idx(array)))
    at = data.draw(st.integers(10, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    try:
        back = parse_idx(unpack(bytes(content)))
    except DataError:
        return
    np.testing.assert_array_equal(back, array)


def test_the_bytes_are_those_of_the_format():
    assert format_idx(np.array([5, 0, 4], np.uint8)) == bytes.fromhex("00000801 00000003 050004")
    assert format_idx(np.array([[1, -2]], np.int16)) == bytes.fromhex("00000b02 00000001 00000002 0001 fffe")
    assert format_idx(np.ones((1, 1, 1), np.float32)) == bytes.fromhex("00000d03" + "00000001" * 3 + "3f800000")


@pytest.mark.parametrize("name", ["labels", "labels.gz"])
def test_files_plain_and_packed_by_name(tmp_path, name):
    write_idx(tmp_path / name, np.arange(300, dtype=np.int32))
    packed = (tmp_path / name).read_bytes().startswith(b"\x1f\x8b")
    assert packed == name.endswith(".gz")
    np.testing.assert_array_equal(read_idx(str(tmp_path / name)), np.arange(300))


def test_packing_is_told_by_content_not_by_name(tmp_path):
    (tmp_path / "plain").write_bytes(gzip.compress(format_idx(np.arange(3, dtype=np.uint8))))
    assert read_idx(tmp_path / "plain").tolist() == [0, 1, 2]


def test_packed_files_carry_no_date(tmp_path, monkeypatch):
    write_idx(tmp_path / "a.gz", np.arange(9, dtype=np.uint8))
    monkeypatch.setattr("time.time", lambda: 2e9)
    write_idx(tmp_path / "b.gz", np.arange(9, dtype=np.uint8))
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_what_is_read_may_be_written_to(tmp_path):
    write_idx(tmp_path / "a", np.zeros(3, np.uint8))
    array = read_idx(tmp_path / "a")
    array[0] = 7
    assert array.tolist() == [7, 0, 0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "starts with nothing"),
        (b"\0\0\x08", "starts with 00 00 08"),
        (b"\x89PNG....", "starts with 89 50 4e 47"),
        (b"\0\0\x0a\x01\0\0\0\0", "not an IDX file"),
        (b"\0\0\x08\x00\x07", "0 dimensions, expected 1 to 64"),
        (b"\0\0\x08\x41" + b"\0\0\0\x01" * 65 + b"\0", "65 dimensions"),
        (b"\0\0\x08\x02\0\0\0\x01", "do not hold the header"),
        (b"\0\0\x08\x03" + struct.pack(">III", 60000, 28, 28), r"47040000 bytes of entries, found 0"),
        (b"\0\0\x08\x04" + struct.pack(">IIII", 0, *[2**32 - 1] * 3), "does not fit in memory"),
        (b"\x1f\x8b\x08", "damaged gzip file"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_name(tmp_path, content, says):
    (tmp_path / "some-file").write_bytes(content)
    with pytest.raises(DataError, match=says) as caught:
        read_idx(tmp_path / "some-file")
    assert str(caught.value).startswith(str(tmp_path / "some-file"))


def test_a_missing_file_is_a_file_not_found_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "nothing")


@pytest.mark.parametrize("dtype", [np.int64, np.uint16, bool, complex, object, "U1"])
def test_a_dtype_that_the_format_lacks_is_refused_before_the_file_is_touched(tmp_path, dtype):
    with pytest.raises(DTypeError, match=r"expected uint8, int8, int16, int32, float32, float64: write array.astype"):
        write_idx(tmp_path / "a", np.zeros(2, dtype))
    assert not list(tmp_path.iterdir())


def test_a_scalar_or_a_huge_dimension_is_refused(tmp_path):
    with pytest.raises(ShapeError, match=r"1 or more dimensions below 2\*\*32, got \(\)"):
        write_idx(tmp_path / "a", np.uint8(3))
    with pytest.raises(ShapeError, match="4294967296"):
        write_idx(tmp_path / "a", np.broadcast_to(np.uint8(0), 2**32))
