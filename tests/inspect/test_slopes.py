"""Every formula on an arrow of a picture, computed as it stands, is the number beside it."""

import math

import numpy as np
import pytest

from tinygrad_edu.core import REGISTRY, Value
from tinygrad_edu.inspect import draw
from tinygrad_edu.inspect.pictures.picture import ALL

NAMES = {**{n: f for n, f in vars(np).items() if n in REGISTRY}, "sqrt": np.sqrt, "pi": math.pi, "Abs": abs}
OTHERS = [n for n in REGISTRY if n not in NAMES]
ENTRYWISE = [op for op in REGISTRY.values() if op.kind == "elementwise"]
LEFT_OUT = {"remainder",  # -(x // y) is written -x // y
            "softcap", "threshold", "astype", "ldexp", "polygamma"}  # not called without options  # fmt: skip


def _formulas(name: str, form: int) -> tuple[list[str], dict[str, float]]:
    """The formulas of a call of numbers, of sums or of other calls; and what the names in them are."""
    op = REGISTRY[name]
    leaves = [Value(0.4 + 0.15 * i, c) for i, c in enumerate("pqr"[: len(op.inputs)])]
    arguments = [leaves, [v + 0.05 for v in leaves], [np.tanh(v) for v in leaves]][form]
    with np.errstate(all="ignore"):
        out = op(*arguments)
        out.label = "out"
        edges = draw(out, show=ALL, precision=12, names={})._picture.edges
    known = {v.label: float(v.data) for v in (*leaves, out)}
    return [e.formula for e in edges if " = " in e.formula], known


@pytest.mark.parametrize("form", [0, 1, 2])
def test_a_formula_on_an_arrow_gives_the_number_beside_it(form: int):
    checked = 0
    calls = {n: (lambda *a, f=REGISTRY[n]: float(np.asarray(f(*map(np.asarray, a))))) for n in OTHERS}
    for op in ENTRYWISE:
        if op.name in LEFT_OUT:
            continue
        formulas, known = _formulas(op.name, form)
        for formula in formulas:
            text, _, number = formula.rpartition(" = ")
            with np.errstate(all="ignore"):
                got = float(eval(text, {**NAMES, **calls, **known}))
            assert got == pytest.approx(float(number), rel=1e-4, nan_ok=True), (op.name, formula)
            checked += 1
    assert checked > 60
