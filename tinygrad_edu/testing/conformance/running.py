"""Asking a library in a process of its own, so that its settings, its import time and its crashes stay there.

    python -m tinygrad_edu.testing.conformance.running torch "norm of [0, 0]" "abs at 0, -0"

prints one line of JSON a row. A row that hangs or takes the process down costs its own cell: the rest is asked again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from .behaviours import BEHAVIOURS, Behaviour
from .kinks import KINKS
from .libraries import LIBRARIES, Lacks, Library
from .rows import TABLES, Row
from .verdict import of_behaviour, of_row

__all__ = ["SECTIONS", "ask", "cell"]

SECTIONS: dict[str, list[Any]] = {**TABLES, "C10 behaviour of the engine": BEHAVIOURS, "C12 kinks and poles": KINKS}
ROWS: dict[str, Any] = {row.id: row for rows in SECTIONS.values() for row in rows}


def ask(library: str, ids: list[str], timeout: float = 60.0) -> dict[str, dict[str, Any]]:
    """The cells of one library for these rows, computed in other processes.

    Args:
        library: a key of `libraries.LIBRARIES`.
        ids: names of rows.
        timeout: seconds that one row may take; the first includes the import.
    """
    cells: dict[str, dict[str, Any]] = {}
    while left := [i for i in ids if i not in cells]:
        found, why = _process(library, left, timeout)
        cells.update(found)
        if stuck := [i for i in left if i not in cells]:
            cells[stuck[0]] = {"text": why, "verdict": "fails"}
    return cells


def _process(library: str, ids: list[str], timeout: float) -> tuple[dict[str, Any], str]:
    """One process: what it answered, and why it stopped early, if it did."""
    command = [sys.executable, "-m", __name__, library, *ids]
    environment = {**os.environ, **LIBRARIES[library].environment}
    cells: dict[str, Any] = {}
    late = False
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment) as process:
        while len(cells) < len(ids):
            line, late = _line(process, timeout)
            if not line:
                break
            one = json.loads(line)
            cells[one.pop("id")] = one
    return cells, f"no answer in {timeout:g} s" if late else f"ends the process, code {process.returncode}"


def _line(process: subprocess.Popen[str], timeout: float) -> tuple[str, bool]:
    """The next line, empty at the end; and whether the process had to be stopped for it."""
    assert process.stdout is not None
    alarm = threading.Timer(timeout, process.kill)
    alarm.start()
    line = process.stdout.readline()
    late = alarm.finished.is_set()
    alarm.cancel()
    return line, late


def cell(library: Library, row: Row | Behaviour) -> dict[str, Any]:
    """What one library says to one row: a text, the verdict, and the numbers."""
    try:
        return _answered(library, row)
    except Lacks as error:
        return {"text": "–", "verdict": "lacks", "why": str(error)}
    except Exception as error:
        verdict = of_behaviour(row, type(error)) if isinstance(row, Behaviour) else of_row(row, type(error))
        return {"text": f"raises {type(error).__name__}", "verdict": verdict, "why": _first_line(error)}


def _answered(library: Library, row: Any) -> dict[str, Any]:
    if isinstance(row, Behaviour):
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            outcome = row.run(library)
        return {"text": _shown(outcome), "verdict": of_behaviour(row, outcome)}
    answer = library.answer(row)
    text = f"{_shown(answer.value)} -> {' ; '.join(map(_shown, answer.grads)) or '(no float input)'}"
    text += "" if answer.second is None else f", then {_shown(answer.second)}"
    numbers = [_plain(x) for x in (answer.value, answer.grads, answer.second)]
    return {"text": text, "verdict": of_row(row, answer), **dict(zip(("value", "grads", "second"), numbers, strict=True))}


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200]


def _shown(x: Any) -> str:
    """Numbers to four places on one line."""
    if x is None or isinstance(x, bool | str):
        return str(x)
    with np.printoptions(precision=4, suppress=True, threshold=8):
        return " ".join(str(np.asarray(x) + 0.0).split()).replace("[ ", "[")


def _plain(x: Any) -> Any:
    """For JSON: nested lists, with words for what is no number there, and nothing for long arrays."""
    if x is None:
        return None
    if isinstance(x, tuple):
        return [_plain(g) for g in x]
    array = np.asarray(x)
    if array.size > 100:
        return f"{array.size} numbers"
    return _words(array.tolist())


def _words(x: Any) -> Any:
    if isinstance(x, list):
        return [_words(e) for e in x]
    return x if isinstance(x, int) or (isinstance(x, float) and np.isfinite(x)) else str(x)


def _answers(name: str, ids: list[str]) -> Iterator[str]:
    library = LIBRARIES[name]()
    for i in ids:
        yield json.dumps({"id": i, **cell(library, ROWS[i])})


if __name__ == "__main__":
    for line in _answers(sys.argv[1], sys.argv[2:]):
        print(line, flush=True)
