"""Three statements of each elementwise derivative agree: the docstring's, the rule's and SymPy's.

The docstring's `y = ...` is the function (on points of its domain, off the kinks); its `dy/dx = ...` is the rule; and
SymPy's derivative of the first is the second: symbolically where it can show that, else at random points with 30
digits. SymPy's second derivative is what the engine gives when a rule is differentiated.
"""

import functools
import inspect

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.calls import OPS, dense, distance_to_kinks, uniform
from tinygrad_edu import Value, gradients
from tinygrad_edu.ops.documentation import documented
from tinygrad_edu.ops.domain import real

ELEMENTWISE = [name for name, op in OPS.items() if op.kind == "elementwise"]
# Options are tried at their defaults, and at these values.
OPTIONS = {
    "astype": [dict(dtype=np.float64)],
    "celu": [{}, dict(alpha=1.3)],
    "elu": [{}, dict(alpha=1.3)],
    "hardshrink": [{}, dict(lambd=0.8)],
    "hardtanh": [{}, dict(min_val=-0.7, max_val=1.2)],
    "huber": [{}, dict(delta=0.8)],
    "ldexp": [dict(x2=3), dict(x2=-2)],
    "leaky_relu": [{}, dict(negative_slope=0.2)],
    "pinball": [{}, dict(quantile=0.9)],
    "polygamma": [dict(n=1), dict(n=4)],
    "round": [{}, dict(decimals=1)],
    "smooth_l1": [{}, dict(beta=0.8)],
    "softcap": [dict(cap=1.7), dict(cap=30.0)],
    "softplus": [{}, dict(beta=2.0)],
    "softshrink": [{}, dict(lambd=0.8)],
    "threshold": [dict(threshold=0.0, value=0.0), dict(threshold=-0.5, value=2.0)],
}
PROVEN = 140  # how many of the partial derivatives SymPy shows to be right for all x at once
mpmath.mp.dps = 30


def _symbols(op):
    """A symbol for each input and option; not of the same name, for `max` is also a function."""
    inputs = {n: sp.Symbol(f"{n}_", real=True) for n in op.inputs}
    options = {n: sp.Symbol(f"{n}_", **({"integer": True} if n == "n" else {"positive": True})) for n in op.options}
    return inputs, options


@functools.cache
def _formulas(name):
    """The documented formulas, parsed: "y" and each input's name."""
    inputs, options = _symbols(OPS[name])
    parsed = {left: sp.sympify(right, locals={**inputs, **options}) for left, right in documented(OPS[name])}
    return {left.removeprefix("dy/d"): expression for left, expression in parsed.items()}


def _derivative(expression, x):
    """d/dx where nothing jumps: there, floor and sign are constants, and no impulse is felt."""
    steps = {f: sp.Dummy(real=True) for f in expression.atoms(sp.floor, sp.ceiling, sp.sign)}
    slope = sp.diff(expression.xreplace(steps), x).xreplace({d: f for f, d in steps.items()})
    return slope.replace(sp.DiracDelta, lambda *at: sp.Integer(0))


@functools.cache
def _derivatives(name):
    inputs, _ = _symbols(OPS[name])
    return {n: _derivative(_formulas(name)["y"], x) for n, x in inputs.items()}


@functools.cache
def _proven(name, n):
    return sp.simplify(_derivatives(name)[n] - _formulas(name)[n]) == 0


@functools.cache
def _callable(name, expression):
    """A formula as a function of mpmath numbers: inputs, then options, by name."""
    inputs, options = _symbols(OPS[name])
    named = {**inputs, **options}
    f = sp.lambdify(list(named.values()), expression, "mpmath")
    return lambda **values: f(*[values[n] for n in named])


def _evaluated(name, expression, xs, options):
    """A formula at several points, in 30 digits rounded to float64."""
    f = _callable(name, expression)
    numbers = {n: mpmath.mpf(v) if isinstance(v, float) else v for n, v in options.items()}
    rows = zip(*xs, strict=True)
    return np.array([float(f(**dict(zip(OPS[name].inputs, map(mpmath.mpf, row), strict=True)), **numbers)) for row in rows])


def points(op, seed, options, count=4):
    """Arrays of points in the domain, off the kinks, and a full set of options."""
    rng = np.random.default_rng(seed)
    full = {**{n: d for n, d in op.options.items() if d is not inspect.Parameter.empty}, **options}
    while True:
        xs = [uniform(rng, op.domain.get(n, real).intervals, (count,)) for n in op.inputs]
        if distance_to_kinks(op, xs, full) > 1e-3:
            return xs, full


def _call(op, xs, options):
    bound = dict(zip(op.inputs, xs, strict=True))
    return op(**bound, **options)


def _cases(test):
    cases = [(name, options) for name in ELEMENTWISE for options in OPTIONS.get(name, [{}])]
    ids = [f"{name}-{'-'.join(f'{k}={v}' for k, v in options.items())}".strip("-") for name, options in cases]
    seeds = given(seed=st.integers(0, 2**32 - 1))
    return pytest.mark.parametrize(("name", "options"), cases, ids=ids)(settings(max_examples=4)(seeds(test)))


@_cases
def test_the_documented_function_is_the_op(name, options, seed):
    xs, full = points(OPS[name], seed, options)
    expected = _evaluated(name, _formulas(name)["y"], xs, full)
    np.testing.assert_allclose(_call(OPS[name], xs, options), expected, rtol=1e-12, atol=1e-14)


@_cases
def test_the_documented_derivatives_are_the_rules(name, options, seed):
    op = OPS[name]
    xs, full = points(op, seed, options)
    values = list(map(Value, xs))
    for n, v, g in zip(op.inputs, values, gradients(_call(op, values, options).sum(), values), strict=True):
        expected = _evaluated(name, _formulas(name)[n], xs, full)
        np.testing.assert_allclose(dense(g, v.data), expected, rtol=1e-11, atol=1e-13, err_msg=f"dy/d{n}")


@_cases
def test_second_derivatives_are_sympys(name, options, seed):
    op = OPS[name]
    xs, full = points(op, seed, options, count=2)
    values = list(map(Value, xs))
    first = gradients(_call(op, values, options).sum(), values, create_graph=True)
    symbols, _ = _symbols(op)
    for n, g in zip(op.inputs, first, strict=True):
        second = gradients(g.sum(), values, retain_graph=True) if g is not None and g.op is not None else [None] * len(values)
        for m, v, h in zip(op.inputs, values, second, strict=True):
            expected = _evaluated(name, _derivative(_formulas(name)[n], symbols[m]), xs, full)
            np.testing.assert_allclose(dense(h, v.data), expected, rtol=1e-9, atol=1e-11, err_msg=f"d2y/d{n}d{m}")


@_cases
def test_the_documented_derivatives_are_sympys(name, options, seed):
    op = OPS[name]
    xs, full = points(op, seed, options, count=2)
    for n in op.inputs:
        if not _proven(name, n):
            wanted = _evaluated(name, _derivatives(name)[n], xs, full)
            np.testing.assert_allclose(_evaluated(name, _formulas(name)[n], xs, full), wanted, rtol=1e-15, atol=1e-16)


def test_most_derivatives_are_proven_for_all_x_at_once():
    assert sum(_proven(name, n) for name in ELEMENTWISE for n in OPS[name].inputs) >= PROVEN


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_every_elementwise_op_states_its_function_and_a_derivative_for_each_input(name):
    assert sorted(_formulas(name)) == sorted(["y", *OPS[name].inputs])
