"""Is my gradient right? The derivatives of any function against differences with error bars, with a verdict and a culprit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import GradientError, OptionError
from .checking.blame import at_fault
from .checking.examine import Scope
from .checking.stages import examined, moved, narrow, unsteady
from .checking.subject import Subject
from .report import WRONG, Blame, Finding, GradientReport

__all__ = ["check_gradients"]

MODES = ("reverse", "forward")


def check_gradients(f: Any, *inputs: Any, modes: Sequence[str] = MODES, order: int = 2,
                    argnums: int | Sequence[int] | None = None, framework: str | None = None, nearby: bool = True,
                    resolution: float | None = None, slack: float = 0.0, limit: int = 64, seed: int = 0, blame: bool = True,
                    allow_undecided: bool = False, on_failure: str = "raise") -> GradientReport:  # fmt: skip
    """Check the derivatives of a function at a point, and say which are wrong, by how much, and what is at fault.

    |analytic - numeric| <= 4 bar + a few units in the last place

    The numeric derivative is the limit of central differences, and its bar comes from the same numbers: no tolerance has
    to be chosen. Where the slopes on both sides differ, the verdict is that of a kink: whatever lies between them in every
    direction is a subgradient and right, and the report says whether it is the one of least norm. A bar that is too wide
    to tell right from wrong gives the verdict "undecided", which is not right.

    Args:
        f: a function of arrays, or of nested lists, tuples and dicts of them, to one or several arrays: of this package
            (it is called with Values), of PyTorch, JAX or HIPS autograd; or a pair `(f, df)` of functions of plain arrays,
            where `df(*inputs)` is the Jacobian by each input, of shape `result.shape + input.shape`, which for a function
            to one number is the gradient; in a tuple if there are several inputs.
        *inputs: the point: floats. float16 and float32 are checked in float64 if f lets them.
        modes: "reverse", "forward" or both; what the engine has not, as a pair has no forward mode, is left out of both.
        order: up to which derivative; each is taken in every mode of the one before. Of a pair `(f, df)` only the first: check
            `(df, d2f)` for the second.
        argnums: which inputs to differentiate by; all if not said.
        framework: "tinygrad_edu", "torch", "jax" or "autograd"; if not said, that of the inputs or of what f's code names.
        nearby: check at a random point nearby too: at a symmetric point a wrong gradient can be right by accident.
        resolution: the relative error of a derivative that has to be seen, 1e-6 unless f computes in a narrower dtype.
        slack: a relative error of the derivative that is forgiven, as for a rule that is known to be an approximation.
        limit: up to how many inputs and outputs each one is looked at by itself; what is larger is looked at through random
            directions, random sums and some single ones, and a wrong one is then found by halving.
        seed: of everything random.
        blame: whether to look for what is at fault, by checking every op of the graph on its own (this package only).
        allow_undecided: whether what cannot be decided counts as right.
        on_failure: "raise" a GradientError, or "return" the report.

    Returns:
        The report; true if all is right.

    Raises:
        GradientError: a derivative is wrong or undecided; it carries the report. It is an AssertionError too.
        DTypeError: inputs or results that are integers or complex.
        OptionError: an unknown option.
        MissingExtra: the framework is not installed.

    The cost: 13 evaluations of f a direction where f is smooth, up to 110 at a kink, for min(n, limit) + 2 directions, and 45
    for the noise of f; one reverse pass an output and one forward pass a direction; the second order the same with the
    gradient for f; a tenth of it again nearby.

    Not seen: a bump of f at the very point that is so narrow that coarse steps, which agree with each other, pass over it;
    a kink nearer to the point than the last step (1e-12 of its size) is taken to be at the point; a part of f that comes
    in steps, as np.floor or what is rounded to float16, has slope 0, for that is what it does between two of them.

    >>> print(check_gradients(lambda x: np.sum(np.tanh(x) * x), np.array([0.5, -1.0])).verdict)
    right
    >>> report = check_gradients((np.square, lambda x: 3 * x), 2.0, order=1, on_failure="return")
    >>> report.worst.analytic, round(report.worst.low, 6)
    (6.0, 4.0)

    Source: Ridders (1982) for the differences; PyTorch's rule for kinks, in its notes on functions that are not
    differentiable.
    """
    _validated(modes, order, on_failure, resolution, slack, limit)
    subject = Subject(f, inputs, argnums, framework)
    known = tuple(m for m in MODES if m in modes and m in subject.function.modes)
    if not known:
        raise OptionError(f"check_gradients: modes={modes!r}, but {subject.function.engine} has {subject.function.modes} only")
    if subject.df is not None:
        order = subject.first_only(order)
    scope = Scope(known, limit, _resolution(resolution, subject.function), slack, seed=seed)
    with np.errstate(all="ignore"):  # of the infinities and NaN that steps meet
        found, culprit = _checked(subject, scope, order, nearby=nearby, blame=blame)
    notes = subject.notes + ([] if found else ["there are no numbers to check: the inputs or the results are empty"])
    report = GradientReport(subject.name, subject.function.engine, found, notes, culprit, allow_undecided=allow_undecided)
    if on_failure == "raise" and not report:
        raise GradientError(report)
    return report


def _validated(modes: Any, order: Any, on_failure: Any, resolution: Any, slack: Any, limit: Any) -> None:
    known = not isinstance(modes, str) and modes and not set(modes) - set(MODES)
    wrong = [
        "" if known else f"modes={modes!r}; they are {MODES}, one or both",
        f"order={order!r}; it is 1, 2, ..." if not isinstance(order, int) or order < 1 else "",
        f"on_failure={on_failure!r}; it is 'raise' or 'return'" if on_failure not in ("raise", "return") else "",
        f"resolution={resolution!r}; it is between 0 and 1" if resolution is not None and not 0 < resolution < 1 else "",
        f"slack={slack!r}; it is at least 0 and below 1" if not 0 <= slack < 1 else "",
        f"limit={limit!r}; it is a number of inputs, at least 1" if not isinstance(limit, int) or limit < 1 else "",
    ]
    if message := next(filter(None, wrong), ""):
        raise OptionError(f"check_gradients: {message}")


def _resolution(asked: float | None, function: Any) -> float:
    return asked if asked is not None else float(max(1e-6, 3 * np.sqrt(np.finfo(function.precision).eps)))


# -- the check ---------------------------------------------------------------------------------------------------------


def _checked(subject: Subject, scope: Scope, order: int, *, nearby: bool, blame: bool) -> tuple[list[Finding], Blame | None]:
    """What was found, and what is at fault."""
    found = unsteady(subject)
    if found:
        return found, None
    places = [(subject.x, scope)]
    if nearby and (x := moved(subject, scope)) is not None:
        places.append((x, scope._replace(elements=False, place="nearby")))
    for x, at in places:
        found += examined(subject.function, x, subject.names, subject.output, at, order)
    found += narrow(subject, scope)
    wrong = [f for f in found if f.verdict == WRONG]
    if not blame or not wrong or subject.df is not None or subject.engine.name != "tinygrad_edu":
        return found, None
    x, at = next((x, at) for x, at in places if any(f.place == at.place for f in wrong))
    return found, at_fault(subject, x, wrong, at, order)
