"""Every op broken in every way: the laws must notice each time, or it is said why nothing was broken.

    python -m tests.laws.mutation [-v] [name of an op ...]

prints how many mutants there are, how many the laws kill, and how many are no mistakes: at every point tried, special ones
and other dtypes included, their gradients are those of the whole op, and `no_mistakes` says why they are so at every other
point too. A mutant that is neither is a hole in the laws, or in the reasons: it is named, and the exit status is 1. `-v`
names those that are no mistakes as well.
"""

import multiprocessing
import sys
import time
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.laws import special_points
from tests.laws.calls import OPS, examples_of
from tests.laws.no_mistakes import FREE, reason, unused
from tests.laws.special_points import arrives, finite, half, least, specials, visible
from tests.laws.test_symmetric_inputs import STACKED, TRIANGLE, even, stacked, symmetric_points
from tinygrad_edu import Value, lean
from tinygrad_edu.core import calls
from tinygrad_edu.core.backward import upstream
from tinygrad_edu.testing import laws, mutants
from tinygrad_edu.testing.conformance.kinks import KINKS
from tinygrad_edu.testing.conformance.libraries.library import floats
from tinygrad_edu.testing.conformance.libraries.ours import Ours
from tinygrad_edu.testing.conformance.rows import TABLES
from tinygrad_edu.testing.differences import directions
from tinygrad_edu.testing.points import plain, pullback, reached

BREAKABLE = [name for name, op in OPS.items() if op.kind != "composite"]
FIRST = 10  # calls at which the laws try every mutant; those that they let pass are tried at all the others
DRAWS, MANY, MOST = {"elementwise": 60}, 300, 80  # draws, those for other kinds of op, and how many calls are kept
ORDER = (
    laws.shape,
    laws.differences,
    laws.dtype,
    laws.second,
    laws.transpose,
    arrives,
    laws.mutation,
)  # what kills most stands first
SPECIAL = (laws.differences, least, visible, half, finite, laws.symmetry, laws.linearity)
ROWS = [row for rows in [*TABLES.values(), KINKS, special_points.ROWS] for row in rows if not isinstance(row.value, type)]


class Outcome(NamedTuple):
    """What became of the mutants of one op."""

    op: str
    killed: Counter  # by which law
    alike: list[str]  # their numbers are those of the whole op, but for rounding or where nothing is promised
    survived: list[str]
    seconds: float


def outcome(name):
    """Break one op in every way."""
    start, op, killed, alike, left = time.process_time(), OPS[name], Counter(), [], []
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bench = Bench(op)
        for mutant in mutants(op):
            with mutant.applied():
                if bench.the_same():
                    alike.append(str(mutant))
                elif killer := bench.killer():
                    killed[killer] += 1
                else:
                    left.append(mutant)
        more, survived = held(SPECIAL, bench.special) + held(ORDER, bench.examples[FIRST:]) if left else [], []
        for mutant in left:
            with mutant.applied():
                if killer := first_broken(more):
                    killed[killer] += 1
                else:
                    alike_ = (reason(str(mutant)) or "").startswith(FREE) or bench.the_same(but_for_rounding=True)
                    (alike if alike_ else survived).append(str(mutant))
    return Outcome(name, killed, alike, survived, time.process_time() - start)


class Bench:
    """The points at which one op is tested, and what it says there while it is whole."""

    def __init__(self, op):
        self.examples = calls_of(op)
        self.special = list(filter(possible, specials(op, self.examples)))
        self.rows = rows_of().get(op.name, [])
        self.symmetric = symmetric_checks(op)
        self.checks = held(ORDER, self.examples[:FIRST]) + self.symmetric
        half = [e.cast(np.float16) for e in [*self.examples[:FIRST], *self.special]]
        single = [e.cast(np.float32) for e in self.examples[:FIRST]]
        twice = self.examples[:FIRST] + (self.special if op.kind == "elementwise" else [])
        once = self.examples[FIRST:] + half + single + (self.special if op.kind != "elementwise" else [])
        points = [*((e, False) for e in twice[:3] + once), *((e, True) for e in twice)]  # what takes longer comes last
        self.known = [(e, order, gradients_at(e, order)) for e, order in points]

    def killer(self):
        """The name of the first law that is broken, if any is."""
        return first_broken(self.checks) or ("table of special points" if not all(map(row_holds, self.rows)) else None)

    def the_same(self, but_for_rounding=False):
        """Whether the gradients are those of the whole op, and right in the tables and on the symmetric part."""
        if not all(same(gradients_at(e, twice), known, but_for_rounding) for e, twice, known in self.known):
            return False
        return all(map(row_holds, self.rows)) and not first_broken(self.symmetric)


def symmetric_checks(op):
    """Laws about a function of the symmetric part, for ops that read one triangle only; and about stacks of matrices."""
    checks = [*((law, point) for law in ORDER for point in symmetric_points(op)), (even, op)] if op.name in TRIANGLE else []
    return [*checks, (stacked, op)] if op.name in STACKED else checks


def first_broken(checks):
    """The name of the first law that does not hold at its point."""
    return next((law.__name__ for law, point in checks if broken(law, point)), None)


def held(laws_, examples):
    """The laws with the points at which they hold, for the op as it is."""
    return [(law, e.point) for law in laws_ for e in examples if not broken(law, e.point)]


def broken(law, point):
    """Whether a law is broken at a point, by whatever error."""
    try:
        law(point)
    except laws.Undecided:
        return False
    except Exception:
        return True
    return False


def possible(example):
    """Whether NumPy takes these numbers at all."""
    try:
        return bool(example.point.results)
    except Exception:
        return False


def gradients_at(example, twice=False):
    """The gradients of one call by its inputs and results, and by request their own gradients by the inputs and the cotangent.

    None for what NumPy refuses. The gradient by a result is the cotangent: what is left of it after the rule has run.
    """
    point = example.point
    if not possible(example):
        return None
    try:
        with lean():
            values = list(map(Value, point.inputs))
            ys = point.function(*values)
            found = pullback(ys, [*values, *(y for y in ys if isinstance(y, Value))], point.cotangents)
            return [*found, *(_second(point) if twice else ())]
    except Exception as error:
        return [type(error)]


def _second(point):
    values, weights = list(map(Value, point.inputs)), list(map(Value, point.cotangents))
    first = pullback(point.function(*values), values, weights, create_graph=True)
    return pullback(*reached(first, [*values, *weights], directions(point.inputs, 2)))


def same(found, known, but_for_rounding):
    """Whether two answers of `gradients_at` are the same, bit for bit or to the last digits."""
    if found is None or known is None:
        return found is known
    return len(found) == len(known) and all(_alike(a, b, but_for_rounding) for a, b in zip(found, known, strict=True))


def _alike(a, b, but_for_rounding):
    if a is None or b is None or isinstance(b, type):
        return a is b
    a, b = plain(a), plain(b)
    if getattr(a, "dtype", None) != b.dtype or a.shape != b.shape:
        return False
    size = float(np.max(np.abs(b), initial=1.0, where=np.isfinite(b)))
    limit = but_for_rounding and 2000 * np.finfo(b.dtype).eps * size
    return np.array_equal(a, b, equal_nan=True) or (limit and np.allclose(a, b, rtol=0, atol=limit, equal_nan=True))


@cache
def rows_of():
    """The rows of the tables of special points by the names of the ops that they use."""
    found = {}
    for row in ROWS:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            y = Ours().evaluate(row, [Value(floats(x)) for x in row.inputs], np, SimpleNamespace(**OPS))
        for name in {v.op.name for v in upstream(y.vertex) if v.op} if isinstance(y, Value) else ():
            found.setdefault(name, []).append(row)
    return found


def row_holds(row):
    """Whether a row gives the gradients that it promises."""
    try:
        _, grads, second = Ours().answer(row)
        found = [*grads, *([] if row.second is None else [second])]
        wanted = [*row.grads, *([] if row.second is None else [row.second])]
        return all(np.allclose(g, w, rtol=1e-9, atol=1e-18, equal_nan=True) for g, w in zip(found, wanted, strict=True))
    except Exception:
        return False


def calls_of(op):
    """Calls that differ in more than their floats; a few from large to small come first."""
    found = {}
    for example in drawn(op, DRAWS.get(op.kind, MANY)):
        found.setdefault(pattern([example.call.args, sorted(example.call.kwargs.items())]), example)
    large = sorted(found.values(), key=lambda e: -sum(n > 1 for x in e.inputs for n in np.shape(x)))
    first = _spread(large, FIRST)
    return [*first, *_spread([e for e in large if e not in first], MOST)]


def _spread(found, count):
    """At most so many of them, from all over the list."""
    return found[:: max(1, -(-len(found) // count))]


def pattern(a):
    """An argument without the floats in it."""
    if isinstance(a, np.ndarray):
        return a.shape, a.dtype.kind == "f" or a.tobytes()
    return tuple(map(pattern, a)) if isinstance(a, tuple | list) else repr(a)


def drawn(op, count):
    """The first calls of an op that Hypothesis comes up with, the same each time."""
    found = []

    @settings(max_examples=count, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None,
              derandomize=True, deadline=None)  # fmt: skip
    @given(data=st.data())
    def draw(data):
        found.append(data.draw(examples_of(op)))

    draw()
    return found


def main(arguments):
    """Break all ops, or those that are named, in two processes; print what came of it."""
    names = [a for a in arguments if not a.startswith("-")] or BREAKABLE
    calls.SMALL = 0  # a lean graph keeps small results whole, as that costs less: not here
    outcomes = []
    with ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:
        for found in pool.map(outcome, names):
            outcomes.append(found)
            for m in found.survived:
                print("survived:", m, flush=True)
            for m in found.alike:
                if "-v" in arguments or not reason(m):
                    print(f"no mistake, for {reason(m)}:" if reason(m) else "no difference and no reason:", m, flush=True)
    return summary(outcomes, whole=names is BREAKABLE)


def summary(outcomes, whole):
    """Print the counts; the exit status."""
    killed = sum((o.killed for o in outcomes), Counter())
    reasons = Counter(reason(m) for o in outcomes for m in o.alike)
    survived, unexplained = sum(len(o.survived) for o in outcomes), reasons.pop(None, 0)
    for law, count in killed.most_common():
        print(f"{count:6} killed by {law}")
    for why, count in reasons.most_common():
        print(f"{count:6} no mistakes: {why}")
    stale = unused(m for o in outcomes for m in o.alike) if whole else []
    for pattern in stale:
        print("a reason for no mutant:", pattern)
    slowest = max(outcomes, key=lambda o: o.seconds)
    print(f"{killed.total() + reasons.total() + unexplained + survived} mutants of {len(outcomes)} ops: {killed.total()} "
          f"killed, {reasons.total()} that are no mistakes, each for a reason that is written down, {unexplained} without a "
          f"reason, {survived} survived; {sum(o.seconds for o in outcomes):.0f} s of CPU, the most for {slowest.op}: "
          f"{slowest.seconds:.1f} s")  # fmt: skip
    return 1 if survived or unexplained else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
