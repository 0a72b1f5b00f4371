"""How a page of the derivative reference looks: as text for the terminal, and as Markdown for a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from . import curves
from .derivative import DerivativePage, Partial

__all__ = ["as_markdown", "as_text", "sections"]

INDENT = 10


def sections(page: DerivativePage) -> Iterator[tuple[str, list[str]]]:
    """The page as headings, and lines to each."""
    if page.summary:
        yield "", [page.summary]
    yield "function", [f"y = {page.function}"]
    if page.partials:
        heading = "slope" if page.op.kind == "elementwise" else "pullback"
        yield heading, [line for p in page.partials.values() for line in _lines(p)]
    if page.op.kind == "composite":
        yield "made of", [", ".join(page.made_of) or "NumPy's functions", "The chain rule makes its derivative from theirs."]
    if page.domain:
        yield "domain", _grouped(page.domain)
    if page.op.kind == "elementwise":
        yield "kinks", [str(k) for k in page.kinks] or ["none"]
    if page.options:
        yield "options", [", ".join(_option(n, d) for n, d in page.options.items())]
    if page.names:
        yield "names", [", ".join((f"tg.ops.{page.op.name}", *page.names))]
    if page.notes:
        yield "notes", list(page.notes)
    if any(p.proof for p in page.partials.values()):
        yield "proof", [line for p in page.partials.values() if p.proof for line in _proof(p, len(page.partials) > 1)]


def _lines(p: Partial) -> Iterator[str]:
    yield f"{p.left} = {p.text}{'' if p.source == 'rule' else '   (docstring: the rule is a program)'}"
    if p.documented:
        yield f"{'':{len(p.left)}} = {p.documented}   (docstring)"


def _proof(p: Partial, several: bool) -> Iterator[str]:
    proof = p.proof
    if proof is None:
        return
    yield f"{p.left}: {proof.statement}" if several else proof.statement
    if not several or proof.status == "refuted":
        yield from (f"  {line}" for line in proof.checks if line != proof.statement)


def _grouped(domain: dict[str, str]) -> list[str]:
    """One line for all inputs that may be anything, and one for each that may not."""
    free = [n for n, d in domain.items() if d == f"all real {n}"]
    told = {n: f"all real {', '.join(free)}" if n in free else d for n, d in domain.items()}
    return list(dict.fromkeys(told.values()))


def _option(name: str, default: Any) -> str:
    return f"{name} (has to be given)" if default is ... else f"{name} = {getattr(default, '__name__', repr(default))}"


def as_text(page: DerivativePage, width: int = 80, plot: bool = False) -> str:
    """The page in lines of at most `width` characters."""
    title = f"{page.op.name}({', '.join(page.op.names)})"
    lines = [f"{title}{page.op.kind.rjust(width - len(title))}"]
    if len(title) + 2 + len(page.op.kind) > width:
        lines = [title, page.op.kind.rjust(width)]
    for heading, body in sections(page):
        for i, line in enumerate(body):
            room = width - INDENT * bool(heading)
            parts = wrap(line, room, subsequent_indent=" " * (4 + len(line) - len(line.lstrip())),
                         break_on_hyphens=False) or [""]  # fmt: skip
            label = heading if heading and i == 0 else ""
            lines += [f"{label if j == 0 else '':{INDENT * bool(heading)}}{part}" for j, part in enumerate(parts)]
    if plot and page.op.kind == "elementwise":
        lines += ["", curves.text(page.op, width)]
    return "\n".join(lines)


def _formulas(p: Partial) -> Iterator[str]:
    """The derivative, and what the docstring says if that is written differently."""
    yield f"$${p.left_latex} = {p.latex}$$" if p.latex else f"`{p.left} = {p.text}`"
    if p.documented_latex:
        yield f"$$= {p.documented_latex}$$"


def as_markdown(page: DerivativePage) -> str:
    """The page for a notebook, its formulas as LaTeX."""
    title = f"#### `{page.op.name}({', '.join(page.op.names)})`"
    lines = [title, page.summary]
    if page.function_latex:
        lines.append(f"$$y = {page.function_latex}$$")
    lines += [line for p in page.partials.values() for line in _formulas(p)]
    for heading, body in sections(page):
        if heading not in ("", "function", "slope", "pullback") or (heading == "function" and not page.function_latex):
            told = [f"`{b}`" if heading == "function" else b.strip() for b in body]
            inline = told[:1] if len(told) == 1 or (heading == "proof" and len(page.partials) == 1) else []
            points = [f"- {line}" for line in told[len(inline) :]]
            lines.append("\n".join([" ".join([f"**{heading}**:", *inline]), *points]))
    return "\n\n".join(lines)
