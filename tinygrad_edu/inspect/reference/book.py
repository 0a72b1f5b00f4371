"""The book of derivatives: every op in a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from textwrap import shorten
from typing import Any

from ...core import REGISTRY, Op
from ...errors import OptionError
from .derivative import DerivativePage, derivative

__all__ = ["Book", "Line", "derivatives"]

KINDS = ("elementwise", "linear", "primitive", "composite")


@dataclass(frozen=True)
class Line:
    """One derivative in the table: of an op in one input, or of a composite op in all.

    Attributes:
        name: of the op; `kind` as it was declared.
        function: what it computes.
        derivative: the formula in the input, with its left side.
        domain: where it is defined; empty for all real numbers and all arrays.
        kinks: where it jumps.
        status: of the proof: "proved", "agrees", "refuted", "unknown"; empty if it was not run.
    """

    name: str
    kind: str
    function: str
    derivative: str
    domain: str
    kinks: str
    status: str


@dataclass(frozen=True, repr=False)
class Book(Sequence[Line]):
    """The lines of the table. Print it, or look at it in a notebook."""

    lines: tuple[Line, ...]

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, index: Any) -> Any:
        return self.lines[index]

    def __str__(self) -> str:
        return self.as_text()

    def __repr__(self) -> str:
        return f"<Book of {len(self)} derivatives>"

    def as_text(self, width: int = 120) -> str:
        """The table in lines of at most `width` characters, the rest is cut; no kinks, and below 100 no domain and kind."""
        if not self.lines:
            return "no op is like that"
        left_out = {"kinks"} if width >= 100 else {"kinks", "domain", "kind"}
        columns = [c for c in self._columns() if c[0] not in left_out]
        widths = _widths(columns, width)
        cut = [[_cut(cell, w) for cell in c] for c, w in zip(columns, widths, strict=True)]
        rows = zip(*cut, strict=True)
        return "\n".join("  ".join(f"{cell:{w}}" for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows)

    def _columns(self) -> list[list[str]]:
        """Headings and cells, column by column.

        Left out is what the line above says already, what no line says, and the kind if all are of one.
        """
        columns = []
        for heading in ("name", "function", "derivative", "domain", "kinks", "kind", "status"):
            column = [str(getattr(line, heading)) for line in self.lines]
            if heading in ("name", "function", "kind"):
                column = [c if i == 0 or line.name != self.lines[i - 1].name else ""
                          for i, (c, line) in enumerate(zip(column, self.lines, strict=True))]  # fmt: skip
            if any(column) and not (heading == "kind" and len({line.kind for line in self.lines}) == 1):
                columns.append([heading, *column])
        return columns

    def _repr_markdown_(self) -> str:
        header, *rows = zip(*self._columns(), strict=True)
        lines = [header, ["---"] * len(header), *[[_cell(c, i) for i, c in enumerate(row)] for row in rows]]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def to_list(self) -> list[dict[str, Any]]:
        """The lines of plain types, for `json.dumps`."""
        return [asdict(line) for line in self.lines]


def _cell(text: str, column: int) -> str:
    """A cell of a Markdown table: formulas as code."""
    text = shorten(text, 100, placeholder=" …") if column in (1, 2) else text
    return f"`{text.replace('|', chr(92) + '|')}`" if text and column in (1, 2) else text.replace("|", r"\|")


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


_SHARES = {"domain": 0.2, "function": 0.45, "derivative": 1.0}  # of what is left by the others, in this order


def _widths(columns: list[list[str]], width: int) -> list[int]:
    """The width of each column."""
    wanted = {c[0]: max(map(len, c)) for c in columns}
    wanted["name"] = min(wanted["name"], max(12, width // 4))
    left = width - 2 * (len(columns) - 1) - sum(w for heading, w in wanted.items() if heading not in _SHARES)
    for heading in [h for h in _SHARES if h in wanted]:
        wanted[heading] = min(wanted[heading], max(8, int(left * _SHARES[heading])))
        left -= wanted[heading]
    return list(wanted.values())


def derivatives(kind: str | None = None, search: str = "", *, prove: bool = False) -> Book:
    """The derivatives of all ops of the package and of your own.

    Args:
        kind: only those declared as "elementwise", "linear", "primitive" or "composite".
        search: only those with this text in their name, formula or docstring; upper and lower case are alike.
        prove: whether to run the proofs; that takes some ten seconds for all.

    Raises:
        OptionError: another kind.

    >>> print(derivatives(search="square root"))
    name   function   derivative            domain
    rsqrt  1/sqrt(x)  dy/dx = -y**3/2       x > 0
    sqrt   sqrt(x)    dy/dx = 1/(2*y)       x > 0
    """
    if kind not in (None, *KINDS):
        raise OptionError(f"kind is one of {', '.join(KINDS)}; got {kind!r}")
    chosen = [op for op in REGISTRY.values() if kind in (None, op.kind) and _about(op, search)]
    return Book(tuple(line for op in sorted(chosen, key=lambda op: op.name) for line in _lines(derivative(op, prove=prove))))


def _about(op: Op, search: str) -> bool:
    return search.lower() in f"{op.name}\n{op.fn.__doc__ or ''}".lower()


def _lines(page: DerivativePage) -> Iterator[Line]:
    """A page in a line for each input."""
    op, y = page.op, page.function
    if op.kind == "composite":
        ops = ", ".join(page.made_of)
        yield Line(op.name, op.kind, y, f"chain rule: {ops}" if ops else "chain rule", "", "", "")
    for n, p in page.partials.items():
        domain = page.domain.get(n, "")
        places = "; ".join(dict.fromkeys(k.where for k in page.kinks if k.name == n))
        yield Line(op.name, op.kind, y, f"{p.left} = {p.text}", "" if domain == f"all real {n}" else domain, places,
                   p.proof.status if p.proof else "")  # fmt: skip
