"""Files that are either the old one or the new one, never half of each."""

import os
import secrets
from pathlib import Path

__all__ = ["write_atomic"]


def write_atomic(path: str | os.PathLike[str], content: bytes) -> None:
    """Write `content` to `path` such that a killed process leaves the old file or the new one.

    The bytes go to a new file beside `path`, are flushed to the disk, and then take the name in one step.

    Args:
        path: the file; its folder must exist.
        content: all the bytes of the new file.

    Raises:
        OSError: the folder is missing, full or not writable; `path` is then as it was.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_atomic(Path(folder, "weights"), b"old")
        ...     write_atomic(Path(folder, "weights"), b"new")
        ...     Path(folder, "weights").read_bytes(), len(os.listdir(folder))
        (b'new', 1)
    """
    path = Path(path)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        _write_through(beside, content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    _flush_folder(path.parent)


def _write_through(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the new name as durable as the bytes; Windows cannot open a folder and does not need it."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
