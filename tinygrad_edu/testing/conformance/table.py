"""The table: a row for each case, a column for each library, and how many rows of each meet the bar."""

from __future__ import annotations

import platform
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from ...errors import MissingExtra, OptionError
from .libraries import LIBRARIES
from .running import SECTIONS, ask
from .verdict import MARKS

__all__ = ["Conformance", "conformance"]


@dataclass
class Conformance:
    """What every library answered.

    Attributes:
        libraries: the columns, in order: keys of `LIBRARIES`.
        versions: of each column.
        absent: libraries that are not installed.
        sections: title to rows that were asked.
        cells: library, then row, to its cell: `text`, `verdict`, and for numbers `value`, `grads`, `second`.
    """

    libraries: list[str]
    versions: dict[str, str]
    absent: list[str]
    sections: dict[str, list[Any]]
    cells: dict[str, dict[str, dict[str, Any]]] = field(repr=False)

    def counts(self, library: str) -> Counter[str]:
        """How many of its rows have each verdict."""
        return Counter(c["verdict"] for c in self.cells[library].values())

    def failures(self) -> Conformance:
        """Only the rows in which some library does not meet the bar."""

        def bad(row: Any) -> bool:
            return any(self.cells[name][row.id]["verdict"] in ("fails", "beside") for name in self.libraries)

        sections = {title: [r for r in rows if bad(r)] for title, rows in self.sections.items()}
        return Conformance(self.libraries, self.versions, self.absent, {t: r for t, r in sections.items() if r}, self.cells)

    def environment(self) -> dict[str, str]:
        """What the numbers were computed with."""
        return {"python": platform.python_version(), "numpy": np.__version__, "system": platform.system()}

    def json(self) -> dict[str, Any]:
        """The table as plain data; numbers that JSON lacks are words."""
        rows = [{"section": title, "id": row.id, "code": getattr(row, "code", None), "note": _note(row),
                 "answers": {name: self.cells[name][row.id] for name in self.libraries}}
                for title, rows in self.sections.items() for row in rows]  # fmt: skip
        summary = {name: {v: self.counts(name)[v] for v in MARKS} for name in self.libraries}
        return {
            "environment": self.environment(),
            "versions": self.versions,
            "absent": self.absent,
            "summary": summary,
            "rows": rows,
        }

    def markdown(self) -> str:
        """The table as Markdown."""
        heads = [f"{LIBRARIES[n].name} {self.versions[n]}" for n in self.libraries]
        lines = [", ".join(f"{k} {v}" for k, v in self.environment().items()), "", _legend()]
        if self.absent:
            lines += ["", f"Not installed: {', '.join(self.absent)}."]
        for title, rows in self.sections.items():
            lines += ["", f"## {title}", "", _line(["case", *heads, "note"]), "|---" * (len(heads) + 2) + "|"]
            lines += [self._row(row) for row in rows]
        return "\n".join([*lines, "", *self._summary(heads)])

    def _row(self, row: Any) -> str:
        cells = [self.cells[n][row.id] for n in self.libraries]
        code = f"{row.id}: `{row.code}`" if hasattr(row, "code") else row.id
        return _line([code, *[f"{MARKS[c['verdict']]} {c['text']}" if c["text"] != "–" else "–" for c in cells], _note(row)])

    def _summary(self, heads: list[str]) -> list[str]:
        lines = [
            "## Rows that meet the bar",
            "",
            _line(["library", "meets", "beside", "fails", "lacks"]),
            "|---|---|---|---|---|",
        ]
        for name, head in zip(self.libraries, heads, strict=True):
            counts = self.counts(name)
            lines.append(_line([head, *[str(counts[v]) for v in MARKS]]))
        return lines


def _note(row: Any) -> str:
    return "; ".join(filter(None, (row.note, row.differs)))


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(c.replace('|', chr(92) + '|') for c in cells)} |"


def _legend() -> str:
    return ("value -> gradient of the sum by each input; ✓ meets the bar, ~ beside it as this library is (the note says how), "
            "✗ does not meet it, – has no such function.")  # fmt: skip


def conformance(peers: list[str] | None = None, pattern: str = "*", timeout: float = 60.0) -> Conformance:
    """Ask this library and its peers the rows whose name, expression or section matches a pattern.

    Args:
        peers: keys of `LIBRARIES`; every one that is installed if None. This library is always asked.
        pattern: a piece of text, or with * and ? as for file names; upper and lower case alike.
        timeout: seconds that one row may take.

    Raises:
        OptionError: an unknown peer, or a pattern that matches no row.
        MissingExtra: a peer that was asked for by name and is not installed.
    """
    wanted = _chosen(peers)
    versions = {name: LIBRARIES[name].version() for name in wanted}
    absent = [name for name, version in versions.items() if version is None]
    if peers and absent:
        raise MissingExtra(f"{', '.join(absent)}: not installed. The peers come with pip install 'tinygrad-edu[peers]'")
    sections = {title: [r for r in rows if _matches(r, title, pattern)] for title, rows in SECTIONS.items()}
    sections = {title: rows for title, rows in sections.items() if rows}
    if not sections:
        raise OptionError(f"no row matches {pattern!r}; the sections are {', '.join(SECTIONS)}")
    present = {name: version for name, version in versions.items() if version is not None}
    ids = [row.id for rows in sections.values() for row in rows]
    with ThreadPoolExecutor(2) as pool:
        cells = dict(zip(present, pool.map(lambda name: ask(name, ids, timeout), present), strict=True))
    return Conformance(list(present), present, absent, sections, cells)


def _chosen(peers: list[str] | None) -> list[str]:
    if unknown := set(peers or ()) - LIBRARIES.keys():
        raise OptionError(
            f"unknown peers: {', '.join(sorted(unknown))}; there are {', '.join(n for n in LIBRARIES if n != 'ours')}"
        )
    return [name for name in LIBRARIES if name == "ours" or peers is None or name in peers]


def _matches(row: Any, title: str, pattern: str) -> bool:
    texts = [text.lower() for text in (row.id, getattr(row, "code", ""), title)]
    return any(pattern.lower() in text or fnmatchcase(text, pattern.lower()) for text in texts)
