"""A file is the old one or the new one, whenever the process dies."""

import os
import subprocess
import sys

import pytest

from tinygrad_edu.data import write_atomic

KILLED = """
import os, sys
from tinygrad_edu.data import atomic
step = getattr(atomic.os, sys.argv[2])
setattr(atomic.os, sys.argv[2], lambda *args: os._exit(9))
atomic.write_atomic(sys.argv[1], b"new" * 100_000)
"""


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_killed_process_leaves_the_old_file(tmp_path, step):
    (tmp_path / "weights").write_bytes(b"old")
    done = subprocess.run([sys.executable, "-c", KILLED, tmp_path / "weights", step], check=False)
    assert done.returncode == 9
    assert (tmp_path / "weights").read_bytes() == b"old"


def test_a_failure_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    (tmp_path / "weights").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomic(tmp_path / "weights", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["weights"]
    assert (tmp_path / "weights").read_bytes() == b"old"


def test_the_new_file_has_the_rights_of_any_new_file(tmp_path):
    (tmp_path / "usual").write_bytes(b"")
    write_atomic(tmp_path / "weights", b"new")
    assert (tmp_path / "weights").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_missing_folder_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_atomic(tmp_path / "no" / "weights", b"new")
