"""Differential fuzzing: random expressions, our numbers against PyTorch's.

    python -m tinygrad_edu.testing.fuzz --count 20000 --seed 0 --jobs 2

Value, gradient and second derivative of each expression are compared in float64 (`fuzzing.comparison` says how exactly).
A failure is made as small as it gets and printed, with the seed that finds it again; `--save FILE` appends it to a
JSON file, which the tests replay each time. Needs PyTorch (the `peers` extra).

The expressions keep inside domains and away from kinks and ties, where libraries choose differently on purpose. Where a
derivative of PyTorch is itself inexact, or missing, `fuzzing.torch_functions` builds the function from others of its own.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

from ..errors import OptionError
from .expression import Expression
from .fuzzing.comparison import compare
from .fuzzing.reduction import reduced
from .fuzzing.torch_functions import torch_functions
from .generating.choosing import RandomChooser
from .generating.generation import random_expression
from .generating.recipes import default_ops

__all__ = ["Failure", "Report", "compared_ops", "expression_of", "fuzz", "load", "main", "save"]

CHUNK = 50  # expressions that one process is given at a time


@dataclass(frozen=True)
class Failure:
    """An expression for which ours and PyTorch's differ.

    Attributes:
        seed: `expression_of(seed)` is the expression that was drawn.
        expression: the smallest one that was found from there on.
        reason: what differs, and by how much.
    """

    seed: str
    expression: Expression
    reason: str

    def __str__(self) -> str:
        return f"seed {self.seed}: {self.reason}\n{self.expression.source()}\n{self.expression!r}"


@dataclass
class Report:
    """What came of a run.

    Attributes:
        count: how many expressions were compared.
        agreed: how many of them agree.
        discarded: reason to how often nothing could be said for it.
        failures: those that differ.
        ops: name to how many expressions it was part of.
        worst: the largest error among those that agree, as part of what is allowed.
        seconds: how long it took.
    """

    count: int = 0
    agreed: int = 0
    discarded: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    ops: Counter[str] = field(default_factory=Counter)
    worst: float = 0.0
    seconds: float = 0.0

    def add(self, other: Report) -> None:
        """Count in what another process found."""
        self.count, self.agreed = self.count + other.count, self.agreed + other.agreed
        self.discarded.update(other.discarded)
        self.failures += other.failures
        self.ops.update(other.ops)
        self.worst = max(self.worst, other.worst)

    def __str__(self) -> str:
        discarded = ", ".join(f"{n} {reason}" for reason, n in sorted(self.discarded.items())) or "none"
        return (
            f"{self.count} expressions of {len(self.ops)} ops against PyTorch: {self.agreed} agree in value, first and second "
            f"derivative (the worst at {self.worst:.2f} of what rounding may do), {len(self.failures)} differ; "
            f"discarded: {discarded}; {self.seconds:.0f} s"
        )


def fuzz(count: int, seed: int = 0, jobs: int = 1, max_ops: int = 8, ops: Sequence[str] | None = None) -> Report:
    """Compare `count` random expressions.

    Args:
        count: how many.
        seed: another one gives other expressions.
        jobs: how many processes share the work; the expressions do not depend on it.
        max_ops: the largest number of ops, before what brings their arguments into their domains.
        ops: the names of the ops; None for all that can be compared.

    Raises:
        MissingExtra: PyTorch is not installed.
        OptionError: a count or a number of jobs below 1, or an op that cannot be compared.
    """
    if count < 1 or jobs < 1:
        raise OptionError(f"at least one expression and one process are needed; got {count} and {jobs}")
    if unknown := sorted(set(ops or ()) - set(compared_ops())):
        raise OptionError(f"nothing of PyTorch to compare {', '.join(unknown)} with; there is for {', '.join(compared_ops())}")
    start, report = time.monotonic(), Report()
    chunks = [range(i, min(i + CHUNK, count)) for i in range(0, count, CHUNK)]
    run = partial(_chunk, seed, max_ops, ops)
    if jobs == 1:
        for part in map(run, chunks):
            report.add(part)
    else:
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            for part in pool.map(run, chunks):
                report.add(part)
    report.seconds = time.monotonic() - start
    return report


def expression_of(seed: str, max_ops: int = 8, ops: Sequence[str] | None = None) -> Expression:
    """The expression that a seed stands for: "0:17" is number 17 of the run with seed 0."""
    choose = RandomChooser(seed)
    return random_expression(choose, ops or compared_ops(), choose.integer(1, max_ops), max_ops)


@cache
def compared_ops() -> tuple[str, ...]:
    """The ops that PyTorch has something of the same meaning for, with a derivative.

    Raises:
        MissingExtra: PyTorch is not installed.
    """
    return tuple(name for name in default_ops() if name in torch_functions())


def _chunk(seed: int, max_ops: int, ops: Sequence[str] | None, numbers: Sequence[int]) -> Report:
    import torch

    torch.set_num_threads(1)
    report = Report()
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)  # inside their domains our ops are silent
        for i in numbers:
            _one(f"{seed}:{i}", expression_of(f"{seed}:{i}", max_ops, ops), report)
    return report


def _one(seed: str, expression: Expression, report: Report) -> None:
    verdict = compare(expression)
    report.count += 1
    report.ops.update(set(expression.ops))
    if verdict.kind == "agrees":
        report.agreed += 1
        report.worst = max(report.worst, verdict.error)
    elif verdict.kind == "discarded":
        report.discarded[verdict.reason] += 1
    else:
        smallest = reduced(expression, differs)
        report.failures.append(Failure(seed, smallest, compare(smallest).reason))


def differs(expression: Expression) -> bool:
    """Whether ours and PyTorch's differ, at a point where all is smooth."""
    try:
        return expression.interior() and compare(expression).kind == "differs"
    except Exception:  # options that no longer fit the shapes, in whichever library: no expression any more
        return False


# -- regressions -------------------------------------------------------------------------------------------------------


def load(path: str | Path) -> list[Failure]:
    """The failures that a file of regressions holds; none if there is no file."""
    path = Path(path)
    rows = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return [Failure(row["seed"], Expression.from_json(json.dumps(row["expression"])), row["reason"]) for row in rows]


def save(failures: Sequence[Failure], path: str | Path) -> None:
    """Append failures to a file of regressions, one a line; an expression that stands there already is left out."""
    rows = {f.expression: f for f in [*load(path), *failures]}
    found = [{"seed": f.seed, "reason": f.reason, "expression": json.loads(f.expression.to_json())} for f in rows.values()]
    Path(path).write_text("[\n" + ",\n".join(map(json.dumps, found)) + "\n]\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 1 if anything differs."""
    parser = argparse.ArgumentParser("python -m tinygrad_edu.testing.fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000, help="how many expressions (1000)")
    parser.add_argument("--seed", type=int, default=0, help="another one gives other expressions (0)")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes (1)")
    parser.add_argument("--max-ops", type=int, default=8, help="the largest number of ops in an expression (8)")
    parser.add_argument("--ops", nargs="+", metavar="OP", help="which ops; all that can be compared if not said")
    parser.add_argument("--save", metavar="FILE", help="append what differs to this JSON file")
    given = parser.parse_args(arguments)
    report = fuzz(given.count, given.seed, given.jobs, given.max_ops, given.ops)
    for failure in report.failures:
        print(failure, end="\n\n")
    if given.save and report.failures:
        save(report.failures, given.save)
    print(report)
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
