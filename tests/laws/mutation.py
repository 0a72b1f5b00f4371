"""Every op broken in every way: the laws must notice each time, or it is shown that nothing was broken.

    python -m tests.laws.mutation [-v] [name of an op ...]

prints how many mutants there are, how many the laws kill, and how many are equivalent: their gradients are the same numbers
at every point tried, special ones and other dtypes included. A mutant that is neither is a hole in the laws; it is named, and
the exit status is 1. `-v` names the equivalent ones as well.
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
from tests.laws.special_points import finite, half, least, specials, visible
from tests.laws.test_symmetric_inputs import STACKED, TRIANGLE, stacked, symmetric_points
from tinygrad_edu import Value, lean
from tinygrad_edu.core import calls
from tinygrad_edu.core.backward import upstream
from tinygrad_edu.testing import laws, mutants
from tinygrad_edu.testing.conformance.kinks import KINKS
from tinygrad_edu.testing.conformance.libraries.library import floats
from tinygrad_edu.testing.conformance.libraries.ours import Ours
from tinygrad_edu.testing.conformance.rows import TABLES
from tinygrad_edu.testing.differences import directions
from tinygrad_edu.testing.points import dense, pullback, reached

BREAKABLE = [name for name, op in OPS.items() if op.kind != "composite"]
FIRST, MORE = 10, 30  # calls that every mutant is tried on, and those that the survivors are tried on
ORDER = (laws.shape, laws.differences, laws.dtype, laws.second, laws.transpose)  # what kills most stands first
DIGITS = {8: 1e-12, 4: 1e-5, 2: 8e-3}  # by the bytes of a number
SPECIAL = (laws.differences, least, visible, half, finite, laws.symmetry, laws.linearity)
ROWS = [row for rows in [*TABLES.values(), KINKS, special_points.ROWS] for row in rows if not isinstance(row.value, type)]


class Outcome(NamedTuple):
    """What became of the mutants of one op."""

    op: str
    killed: Counter  # by which law
    equivalent: list[str]
    survived: list[str]
    seconds: float


def outcome(name):
    """Break one op in every way."""
    start, op, killed, equivalent, left = time.process_time(), OPS[name], Counter(), [], []
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bench = Bench(op)
        for mutant in mutants(op):
            with mutant.applied():
                if bench.the_same():
                    equivalent.append(str(mutant))
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
                    survived.append(str(mutant))
    return Outcome(name, killed, equivalent, survived, time.process_time() - start)


class Bench:
    """The points at which one op is tested, and what it says there while it is whole."""

    def __init__(self, op):
        self.examples = drawn(op, MORE)
        self.special = list(filter(possible, specials(op, self.examples)))
        self.rows = rows_of().get(op.name, [])
        self.checks = [*held(ORDER, self.examples[:FIRST]), *symmetric_checks(op)]
        half = [e.cast(np.float16) for e in [*self.examples[:FIRST], *self.special]]
        once = [*self.examples[FIRST:], *self.special, *half, *(e.cast(np.float32) for e in self.examples[:FIRST])]
        points = [*((e, True) for e in self.examples[:FIRST]), *((e, False) for e in once)]
        self.known = [(e, twice, gradients_at(e, twice)) for e, twice in points]

    def killer(self):
        """The name of the first law that is broken, if any is."""
        return first_broken(self.checks) or ("table of special points" if not all(map(row_holds, self.rows)) else None)

    def the_same(self):
        """Whether the gradients are what they are while the op is whole, also those of a row of the tables."""
        return all(same(gradients_at(e, twice), known) for e, twice, known in self.known) and all(map(row_holds, self.rows))


def symmetric_checks(op):
    """Laws about a function of the symmetric part, for ops that read one triangle only; and about stacks of matrices."""
    checks = [(law, point) for law in ORDER for point in symmetric_points(op)] if op.name in TRIANGLE else []
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
    """The gradients of one call, and their own gradients by the inputs and the cotangent; None for what NumPy refuses."""
    point = example.point
    if not possible(example):
        return None
    try:
        with lean():
            return [*map(dense, point.pull(), point.inputs), *(_second(point) if twice else ())]
    except Exception as error:
        return [type(error)]


def _second(point):
    values, weights = list(map(Value, point.inputs)), list(map(Value, point.cotangents))
    first = pullback(point.function(*values), values, weights, create_graph=True)
    found = pullback(*reached(first, [*values, *weights], directions(point.inputs, 2)))
    return map(dense, found, [*point.inputs, *point.cotangents])


def same(found, known):
    """Whether two answers of `gradients_at` are the same, but for the last digits."""
    if found is None or known is None:
        return found is known
    return len(found) == len(known) and all(map(_alike, found, known))


def _alike(a, b):
    """Equal to rounding, by which a rule that takes another way to the same number can differ."""
    if not hasattr(a, "dtype") or not hasattr(b, "dtype"):
        return a is b
    size = float(np.max(np.abs(b), initial=1.0, where=np.isfinite(b)))
    return a.shape == b.shape and np.allclose(a, b, rtol=0, atol=DIGITS[np.dtype(b.dtype).itemsize] * size, equal_nan=True)


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
        return all(np.allclose(g, w, rtol=1e-9, atol=1e-12, equal_nan=True) for g, w in zip(found, wanted, strict=True))
    except Exception:
        return False


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
            for m in [*found.survived, *(found.equivalent if "-v" in arguments else ())]:
                print("survived:  " if m in found.survived else "equivalent:", m, flush=True)
    return summary(outcomes)


def summary(outcomes):
    """Print the counts; the exit status."""
    killed = sum((o.killed for o in outcomes), Counter())
    equivalent, survived = sum(len(o.equivalent) for o in outcomes), sum(len(o.survived) for o in outcomes)
    for law, count in killed.most_common():
        print(f"{count:6} killed by {law}")
    slowest = max(outcomes, key=lambda o: o.seconds)
    print(f"{killed.total() + equivalent + survived} mutants of {len(outcomes)} ops: {killed.total()} killed, "
          f"{equivalent} equivalent, {survived} survived; {sum(o.seconds for o in outcomes):.0f} s of CPU, "
          f"the most for {slowest.op}: {slowest.seconds:.1f} s")  # fmt: skip
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
