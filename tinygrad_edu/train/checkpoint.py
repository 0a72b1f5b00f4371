"""Arrays and a few facts in one safetensors file, written so that a killed process leaves the old file or the new one."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..data import write_atomic
from ..errors import DataError, MissingExtra

__all__ = ["load", "save"]

_KEY = "tinygrad_edu"


def save(path: str | os.PathLike[str], arrays: Mapping[str, Any], facts: Mapping[str, Any] | None = None) -> None:
    """Write `arrays` and, in the header, `facts` as JSON; `load` reads them back.

    Args:
        path: of a file whose folder exists.
        arrays: name to array.
        facts: whatever JSON can hold.

    Raises:
        MissingExtra: safetensors is not installed.
        OSError: the folder is missing or not writable; an old file is then as it was.
    """
    plain = {name: np.ascontiguousarray(a) for name, a in arrays.items()}
    plain = {name: a.reshape(np.shape(arrays[name])) for name, a in plain.items()}
    write_atomic(path, _safetensors().save(plain, {_KEY: json.dumps(dict(facts or {}))}))


def load(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arrays and the facts of a file that `save` wrote.

    Raises:
        DataError: no such file, or not such a file.
        MissingExtra: safetensors is not installed.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(f"{folder}/weights.safetensors", {"w": np.array([1.0, 2.0])}, {"epoch": 3})
    ...     load(f"{folder}/weights.safetensors")
    ({'w': array([1., 2.])}, {'epoch': 3})
    """
    library = _safetensors()
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from None
    try:
        size = int.from_bytes(content[:8], "little")
        facts = json.loads(content[8 : 8 + size])["__metadata__"][_KEY]
        return library.load(content), json.loads(facts)
    except KeyError:
        raise DataError(f"{path} is a safetensors file, but not one that this package wrote") from None
    except Exception as error:  # whatever the library raises for what is no safetensors file
        raise DataError(f"{path} is not a safetensors file: {error}") from None


def _safetensors() -> Any:
    try:
        import safetensors.numpy
    except ImportError as error:
        raise MissingExtra("weights are safetensors files: pip install 'tinygrad-edu[train]'") from error
    return safetensors.numpy
