"""Second opinions: what is asked before a number is called wrong or undecided, each question only if it can matter.

all scales      one scale convicted: what do the others say
fine steps      f looks noisy on coarse steps, and is smooth on fine ones: it lives on a small scale
own rounding    the derivative is computed with rounding errors of its own, as where large terms cancel
complex step    real differences drown in rounding; a complex step does not
zero            both numbers are zero to the rounding of what they are computed from

No opinion but the first ever convicts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..differences import noise_of
from ..report import AGREES, UNDECIDED, WRONG
from .judge import judged
from .slopes import SURE, Ray, Slope

if TYPE_CHECKING:
    from .examine import Direction, Examination

__all__ = ["Case", "settled"]

SMALL = 1e-3  # a relative error that rounding may explain; larger ones are not asked about
STEEP = 20.0  # f jumps where it is steeper than so many of its slopes
ZERO = 4.0  # both numbers are zero below so many times what slopes call zero

Said = tuple[str, str, Slope]  # the verdict, what there is to say about it, the slope that it rests on


class Case(NamedTuple):
    """One number that a derivative gave, and where it came from.

    Attributes:
        exam: the function at its point.
        mode: "reverse" or "forward".
        d: the direction.
        row: the number of what is looked at.
        analytic: the number.
        ray: the function along the direction.
        floor: a few units in the last place of what goes into the derivative.
        added: those of what it adds up alone.
    """

    exam: Examination
    mode: str
    d: Direction
    row: int
    analytic: float
    ray: Ray
    floor: float
    added: float

    def judged(self, s: Slope) -> Said:
        """The verdict by one slope alone."""
        return (*judged(self.analytic, s, self.floor, self.exam.scope.resolution), s)


def settled(case: Case, s: Slope) -> Said:
    """The verdict on one number, after as many opinions as it takes."""
    said = case.judged(s)
    if said[0] == WRONG and s.kind == "smooth":
        said = case.judged(case.ray.second_look(case.row))
        for opinion in (_by_fine_steps, _by_own_rounding):
            said = opinion(case, said) if said[0] in (WRONG, UNDECIDED) else said
    verdict, _, s = said
    wide = s.bar > case.exam.scope.resolution * max(abs(case.analytic), s.scale)
    if s.kind == "smooth" and verdict != WRONG and wide and (sure := _by_complex_step(case, said)) is not None:
        return sure
    return _as_zero(case, said) if said[0] in (WRONG, UNDECIDED) else said


def _by_fine_steps(case: Case, said: Said) -> Said:
    """What looks like noise on coarse scales may be a function of a small scale, which moves on fine ones too.

    Not where coarse scales see a slope and f jumps: it may belong to a part that comes in steps and stands still on fine
    ones, as what is rounded to float32.
    """
    fine, coarse = case.ray.third_look(case.row), said[2]
    if fine is None:
        return said
    verdict, _, _ = case.judged(fine)
    if verdict != AGREES or not fine.low or fine.reason:
        acquitted = False
    else:
        unseen = not abs(coarse.low) > SURE * coarse.bar
        acquitted = unseen or case.ray.steepest(case.row, fine.low) <= STEEP * max(abs(coarse.low), abs(fine.low))
    if acquitted:
        return AGREES, "by fine steps; on coarse ones f is rough", fine
    if verdict == WRONG or said[0] == UNDECIDED:
        return said
    return UNDECIDED, f"coarse steps say {coarse.low:.12g}, fine ones {fine.low:.12g}; f is rough between them", coarse


def _by_own_rounding(case: Case, said: Said) -> Said:
    """Whether the derivative is no further off than it jitters between points that are next to each other."""
    s = said[2]
    off, size = abs(case.analytic - s.low), max(abs(case.analytic), s.scale)
    if s.kind != "smooth" or not off <= SMALL * size:
        return said
    noise = float(np.max(noise_of(case.exam.derivative(case.mode, case.d, case.row))))
    if off > SURE * (s.bar + 2 * noise) + case.added:
        return said
    exact = max(noise, s.bar) <= case.exam.scope.resolution * size
    return AGREES if exact else UNDECIDED, f"the derivative is computed with rounding errors of about {noise:.1e}", s


def _by_complex_step(case: Case, said: Said) -> Said | None:
    """Where real differences drown in rounding, but it lies within their bar; it never convicts: f need not be analytic."""
    verdict, _, s = said
    step = case.exam.complex_step(case.d)
    if step is None or not abs(step[case.row] - s.low) <= SURE * s.bar:
        return None
    exact, a = float(step[case.row]), case.analytic
    bar = 4 * case.exam.eps * abs(exact)
    seen = case.exam.scope.resolution * max(abs(a), s.scale)
    if bar > seen:
        return None
    if abs(a - exact) <= 16 * bar + case.added:
        return AGREES, "confirmed by complex step", s._replace(low=exact, high=exact, bar=bar)
    if verdict == AGREES and (max(abs(a), abs(exact)) <= s.tiny / 16 or abs(a - exact) <= min(seen, s.tiny / 16)):
        return said
    doubt = UNDECIDED, f"real differences are too coarse to tell; complex step says {exact:.12g}"
    own = _by_own_rounding(case, (*doubt, s._replace(low=exact, high=exact, bar=bar)))
    return own if own[0] == AGREES else (*doubt, s)


def _as_zero(case: Case, said: Said) -> Said:
    """Zero is zero, whatever digits rounding leaves of it: beside the numbers behind it, or the row of the Jacobian."""
    verdict, _, s = said
    still = s.low == s.high == 0 and (s.scale == 0 or bool(s.reason))
    if s.kind not in ("smooth", "edge") or (verdict == WRONG and not still):
        return said
    nothing = ZERO * case.exam.nothing(case.d, case.row, still)
    if max(abs(case.analytic), abs(s.low), s.bar) <= nothing:
        return AGREES, "zero to rounding", s
    return said
