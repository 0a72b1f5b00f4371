"""What a check of gradients found: every comparison that matters, the worst of them in words, and a verdict."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..core.sources import shown

__all__ = ["Blame", "Finding", "GradientReport"]

AGREES, KINK, ABSENT, UNDECIDED, WRONG = "agrees", "kink", "absent", "undecided", "wrong"
SHOWN = 3  # of each verdict, in words


class Finding(NamedTuple):
    """One number that a derivative gave, and what differences say about it.

    Attributes:
        derivative: "reverse", "forward", or for higher orders "reverse over reverse", "forward over reverse".
        place: "at the inputs" or "nearby".
        by: the element of the input, or the direction, that is moved.
        of: the element of the output that moves.
        verdict: "agrees", "kink" (inside the subdifferential), "absent" (there is no derivative), "undecided" or "wrong".
        analytic: what the derivative gave.
        low: the smallest number that is right; `high` is the largest, the same but at a kink.
        high: see `low`.
        bar: the error bar of both.
        kind: what f does there: "smooth", "edge", "kink", "jump", "infinite", "undecided"; "" where no numbers were compared.
        left: the slope on the left.
        right: the slope on the right.
        scale: how large slopes are around here, and no less than a millionth of f over the unit of its input.
        least: at a kink, whether it is the convention, the element of least norm; None where that is not known.
        note: what else there is to say.
    """

    derivative: str
    place: str
    by: str
    of: str
    verdict: str
    analytic: float = math.nan
    low: float = math.nan
    high: float = math.nan
    bar: float = math.nan
    kind: str = ""
    left: float = math.nan
    right: float = math.nan
    scale: float = math.nan
    least: bool | None = None
    note: str = ""

    @property
    def order(self) -> int:
        """1 for a first derivative, 2 for a second."""
        return 1 + self.derivative.count(" over ")

    @property
    def off(self) -> float:
        """How far outside of what is right it is, in units of the slopes around here."""
        if math.isnan(self.analytic) or math.isnan(self.low):
            return math.inf
        outside = max(self.low - self.analytic, self.analytic - self.high, 0.0)
        return outside / (max(abs(self.analytic), self.scale) or 1.0) if math.isfinite(outside) else math.inf

    @property
    def numeric(self) -> str:
        """What differences say, with the bar."""
        if math.isnan(self.low):
            return "none"
        bar = f" ± {self.bar:.1e}" if math.isfinite(self.bar) and self.bar else ""
        low, high = self.low + 0.0, self.high + 0.0  # no minus zero
        return f"{low:.12g}{bar}" if low == high else f"[{low:.12g}, {high:.12g}]{bar}"

    def __str__(self) -> str:
        where = "" if self.place == "at the inputs" else f", {self.place}"
        lines = [f"{self.derivative} derivative of {self.of} by {self.by}{where}"]
        if self.kind:
            lines += [f"    analytic     {self.analytic:.12g}", f"    differences  {self.numeric}"]
        if self.kind in ("kink", "jump", "edge", "infinite"):
            lines.append(f"    {_SHAPES[self.kind]}: {_number(self.left)} from the left, {_number(self.right)} from the right")
        if self.verdict == KINK:
            lines.append(f"    {self._inside()}")
        return "\n".join([*lines, *([f"    {self.note}"] if self.note else [])])

    def _inside(self) -> str:
        convention = {True: ", and the convention: least norm", False: ", not the convention: least norm", None: ""}
        return f"inside the subdifferential [{_number(self.low)}, {_number(self.high)}]{convention[self.least]}"


_SHAPES = {"kink": "a kink", "jump": "a jump between pieces of slope", "edge": "the edge of the domain",
           "infinite": "a slope without bound"}  # fmt: skip


def _number(x: float) -> str:
    return "nothing" if math.isnan(x) else f"{x + 0.0:.6g}"


class Blame(NamedTuple):
    """What is at fault, as far as it can be told.

    Attributes:
        what: one sentence.
        op: the name of the guilty op; "" if it is none.
        rule: the argument whose rule is wrong.
        options: what the op was called with beside its arguments.
        finding: the comparison that convicts the op, at the arguments that it had.
        file: where the user's source calls it; "" if that is not known.
        line: the number of the line.
        text: the line.
        function: the user's function around it.
    """

    what: str
    op: str = ""
    rule: str = ""
    options: dict[str, Any] | None = None
    finding: Finding | None = None
    file: str = ""
    line: int = 0
    text: str = ""
    function: str = ""

    def __str__(self) -> str:
        lines = [self.what]
        if self.file:
            lines.append(f"    {shown(self.file)}:{self.line}, in {self.function}: {self.text}")
        if self.options:
            lines.append(f"    options      {', '.join(f'{k}={v!r}' for k, v in self.options.items())}")
        return "\n".join(lines + ([_indented(str(self.finding))] if self.finding else []))


def _indented(text: str) -> str:
    return "\n".join("    " + line for line in text.splitlines())


class GradientReport:
    """The verdict of `check_gradients`; true if every derivative is right.

    Attributes:
        name: the function.
        engine: whose derivatives they are.
        findings: every comparison.
        notes: what was done and left undone.
        blame: what is at fault, None if nothing is or if it cannot be told.
        allow_undecided: whether what could not be decided counts as right.
    """

    def __init__(self, name: str, engine: str, findings: Sequence[Finding], notes: Sequence[str] = (),
                 blame: Blame | None = None, *, allow_undecided: bool = False) -> None:  # fmt: skip
        self.name, self.engine, self.findings, self.notes = name, engine, list(findings), list(notes)
        self.blame, self.allow_undecided = blame, allow_undecided

    def __bool__(self) -> bool:
        return self.ok

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong, and nothing undecided unless that was allowed."""
        return self.verdict == "right" or (self.verdict == UNDECIDED and self.allow_undecided)

    @property
    def verdict(self) -> str:
        """The verdict of the whole: "right", "undecided" or "wrong"."""
        seen = {f.verdict for f in self.findings}
        return WRONG if WRONG in seen else UNDECIDED if UNDECIDED in seen else "right"

    def having(self, verdict: str) -> list[Finding]:
        """The findings with a verdict, single elements first, the worst of them first."""
        found = [f for f in self.findings if f.verdict == verdict]
        return sorted(found, key=lambda f: (f.order, f.place != "at the inputs", "direction" in f.by, -f.off))

    @property
    def worst(self) -> Finding | None:
        """The element that is furthest off; None if all is right."""
        return next(iter([*self.having(WRONG), *self.having(UNDECIDED)]), None)

    @property
    def resolution(self) -> float:
        """The largest relative error that could have gone unseen: the widest bar beside the slopes around it."""
        return max((_blur(f) for f in self.findings if f.verdict == AGREES), default=0.0)

    def __str__(self) -> str:
        parts = [f"The derivatives of {self.name} ({self.engine}) are {self.verdict.upper()}.", self._table()]
        for verdict in (WRONG, UNDECIDED, KINK):
            found = self.having(verdict)
            first = _telling(found)[:SHOWN]
            parts += [f"{_TITLES[verdict]}: {f}" for f in first]
            parts += [f"... and {len(found) - len(first)} more that are {_TITLES[verdict]}"] if len(found) > len(first) else []
        parts += [f"at fault: {self.blame}"] if self.blame else []
        return "\n\n".join([*parts, *(f"note: {n}" for n in self.notes)])

    def __repr__(self) -> str:
        return f"<GradientReport of {self.name}: {self.verdict}, {len(self.findings)} comparisons>"

    def _table(self) -> str:
        counts = Counter((f.derivative, f.verdict) for f in self.findings)
        names = list(dict.fromkeys(f.derivative for f in self.findings))
        wide = max(map(len, names), default=0)
        rows = [
            f"    {n:<{wide}}  " + ", ".join(f"{counts[n, v]} {w}" for v, w in _COUNTED.items() if counts[n, v]) for n in names
        ]
        seen = f"    an error of {self.resolution:.0e} of the slopes around it would have been seen" if self.findings else ""
        return "\n".join([*rows, *([seen] if self.verdict == "right" and seen else [])]) or "    no numbers to compare"

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain dicts, lists, strings and numbers, without the findings that simply agree."""
        return {
            "function": self.name, "engine": self.engine, "verdict": self.verdict, "ok": self.ok,
            "compared": len(self.findings), "resolution": self.resolution,
            "counts": dict(Counter(f.verdict for f in self.findings)),
            "findings": [f._asdict() for v in (WRONG, UNDECIDED, KINK) for f in self.having(v)],
            "blame": self._blame(), "notes": self.notes,
        }  # fmt: skip

    def _blame(self) -> dict[str, Any] | None:
        if self.blame is None:
            return None
        finding = self.blame.finding._asdict() if self.blame.finding else None
        options = {k: repr(v) for k, v in (self.blame.options or {}).items()}
        return {**self.blame._asdict(), "finding": finding, "options": options}

    def to_json(self, **options: Any) -> str:
        """`as_dict` as JSON; NaN and infinities as the strings "nan", "inf" and "-inf", since JSON has none.

        Args:
            **options: of `json.dumps`, as `indent=2`.
        """
        return json.dumps(_finite(self.as_dict()), allow_nan=False, **options)


_TITLES = {WRONG: "wrong", UNDECIDED: "undecided", KINK: "at a kink"}
_COUNTED = {
    AGREES: "agree",
    KINK: "at a kink and inside",
    ABSENT: "without a derivative",
    UNDECIDED: "undecided",
    WRONG: "WRONG",
}


def _telling(found: list[Finding]) -> list[Finding]:
    """Those worth reading: directions only where no single element is told, an error that was raised only once."""
    alone = {f.derivative for f in found if "direction" not in f.by}
    kept = [f for f in found if "direction" not in f.by or f.derivative not in alone]
    return list({(f.derivative, f.note if not f.kind else f): f for f in reversed(kept)}.values())[::-1]


def _blur(f: Finding) -> float:
    scale = max(abs(f.analytic), f.scale)
    if abs(f.analytic) <= 4 * f.bar:  # zero, as far as anyone can tell
        return 0.0
    return f.bar / scale if math.isfinite(f.bar) and math.isfinite(scale) and scale > 0 else 0.0


def _finite(x: Any) -> Any:
    if isinstance(x, dict):
        return {k: _finite(v) for k, v in x.items()}
    if isinstance(x, list | tuple):
        return [_finite(v) for v in x]
    return str(x) if isinstance(x, float) and not math.isfinite(x) else x
