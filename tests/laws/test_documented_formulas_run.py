"""The formula lines of a docstring run: `y = ...` is the function, `gNAME = ...` is what the rule gives.

Elementwise ops state theirs in SymPy, and are held to it symbolically in test_formulas.
"""

import numpy as np

from tests.laws.calls import cotangents, dense, for_every_op, vjp
from tinygrad_edu import Value
from tinygrad_edu.ops.documentation import documented


@for_every_op("linear", "primitive", "composite", examples=6, variants=False)
def test_documented_formulas_are_what_the_op_computes(example):
    op, formulas = example.op, dict(documented(example.op))
    scope = {**example.options, "np": np}
    scope.update([(op.inputs[0], list(example.bound))] if op.variadic else zip(op.inputs, example.bound, strict=True))
    y = example(*example.inputs)
    _close(_evaluated(formulas["y"], scope), y, f"{op.name}: y = {formulas['y']}")
    ys = y if isinstance(y, tuple) else (y,)
    cs = [c if np.dtype(one.dtype).kind == "f" else np.zeros(np.shape(one)) for c, one in zip(cotangents(ys), ys, strict=True)]
    cs_used = [c for c, one in zip(cs, ys, strict=True) if np.dtype(one.dtype).kind == "f"]
    scope.update(y=y, g=tuple(cs) if isinstance(y, tuple) else cs[0])
    gs = vjp(example, list(map(Value, example.inputs)), cs_used)
    documented_gs = {n: _evaluated(f, scope) for n, f in formulas.items() if n != "y"}
    if not documented_gs:
        return
    if op.variadic:
        parts = documented_gs["g" + op.inputs[0]]
        expected = [parts[i] for i, x in enumerate(example.bound) if any(x is v for v in example.inputs)]
    else:
        expected = [documented_gs["g" + n] for n in example.names]
    for name, x, g, e in zip(example.names, example.inputs, gs, expected, strict=True):
        _close(np.broadcast_to(e, np.shape(x)), dense(g, x), f"{op.name}: g{name} = {formulas['g' + name]}")


def _evaluated(formula, scope):
    with np.errstate(all="ignore"):  # a formula says what, not how to stay clear of overflow
        return eval(formula, dict(scope))


def _close(got, wanted, message):
    if isinstance(wanted, tuple):
        assert len(got) == len(wanted), message
        for a, b in zip(got, wanted, strict=True):
            _close(a, b, message)
        return
    assert np.shape(got) == np.shape(wanted), message
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-10, err_msg=message)
