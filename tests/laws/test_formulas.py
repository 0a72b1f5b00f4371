"""Three statements of each elementwise derivative agree: the docstring's, the rule's and SymPy's.

The docstring's `y = ...` is the function (on points of its domain, off the kinks); its `dy/dx = ...` is the rule; and
SymPy's derivative of the first is the second: symbolically where it can show that, else at random points with 30
digits. SymPy's second derivative is what the engine gives when a rule is differentiated, and its first is what the rule
says of itself when it is run on symbols. The formulas are read and evaluated by `tinygrad_edu.inspect`; what they are held
to is SymPy's derivative of the documented function, and the op's own numbers.
"""

import functools
import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.calls import OPS, OPTIONS, dense, distance_to_kinks, uniform
from tinygrad_edu import Value, gradients
from tinygrad_edu.inspect.reference import proof
from tinygrad_edu.inspect.reference.proof import slope_by_sympy, truth
from tinygrad_edu.inspect.reference.rules import rule_of
from tinygrad_edu.inspect.reference.symbols import documented_formulas, sympy, variables
from tinygrad_edu.ops.domain import real

ELEMENTWISE = [name for name, op in OPS.items() if op.kind == "elementwise"]
PROVEN = 156  # how many of the partial derivatives SymPy shows to be right for all x at once, of 159
BY_NUMBERS = {"fmod", "arccosh", "sinc"}  # ops with one that it does not


def _formula(name, left):
    return documented_formulas(OPS[name])[left]


@functools.cache
def _shown(name, n):
    """Whether SymPy shows that the docstring's derivative is its own."""
    return sympy().simplify(truth(OPS[name], n) - _formula(name, f"dy/d{n}")) == 0


def _evaluated(name, expression, xs, options):
    """A formula at several points, in 30 digits rounded to float64."""
    return proof.evaluated(OPS[name], expression, xs, options).astype(float)


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
    expected = _evaluated(name, _formula(name, "y"), xs, full)
    np.testing.assert_allclose(_call(OPS[name], xs, options), expected, rtol=1e-12, atol=1e-14)


@_cases
def test_the_documented_derivatives_are_the_rules(name, options, seed):
    op = OPS[name]
    xs, full = points(op, seed, options)
    values = list(map(Value, xs))
    for n, v, g in zip(op.inputs, values, gradients(_call(op, values, options).sum(), values), strict=True):
        expected = _evaluated(name, _formula(name, f"dy/d{n}"), xs, full)
        np.testing.assert_allclose(dense(g, v.data), expected, rtol=1e-11, atol=1e-13, err_msg=f"dy/d{n}")


@_cases
def test_second_derivatives_are_sympys(name, options, seed):
    op = OPS[name]
    xs, full = points(op, seed, options, count=2)
    values = list(map(Value, xs))
    first = gradients(_call(op, values, options).sum(), values, create_graph=True)
    symbols, _ = variables(op)
    for n, g in zip(op.inputs, first, strict=True):
        second = gradients(g.sum(), values, retain_graph=True) if g is not None and g.op is not None else [None] * len(values)
        for m, v, h in zip(op.inputs, values, second, strict=True):
            expected = _evaluated(name, slope_by_sympy(_formula(name, f"dy/d{n}"), symbols[m]), xs, full)
            np.testing.assert_allclose(dense(h, v.data), expected, rtol=1e-9, atol=1e-11, err_msg=f"d2y/d{n}d{m}")


@_cases
def test_the_documented_derivatives_are_sympys(name, options, seed):
    op = OPS[name]
    xs, full = points(op, seed, options, count=2)
    for n in op.inputs:
        if not _shown(name, n):
            wanted = _evaluated(name, truth(op, n), xs, full)
            np.testing.assert_allclose(_evaluated(name, _formula(name, f"dy/d{n}"), xs, full), wanted, rtol=1e-15, atol=1e-16)


@_cases
def test_the_rules_run_on_symbols_are_sympys_derivatives(name, options, seed):
    op = OPS[name]
    xs, full = points(op, seed, options, count=2)
    for n in op.inputs:
        wanted = _evaluated(name, truth(op, n), xs, full)
        np.testing.assert_allclose(_evaluated(name, rule_of(op, n), xs, full), wanted, rtol=1e-15, atol=1e-16)


def test_most_rules_are_proven_for_all_x_at_once():
    proofs = {(name, n): proof.prove(OPS[name], n) for name in ELEMENTWISE for n in OPS[name].inputs}
    assert {p.status for p in proofs.values()} <= {"proved", "agrees"}
    assert sum(p.status == "proved" for p in proofs.values()) >= PROVEN
    assert {name for (name, _), p in proofs.items() if p.status == "agrees"} <= BY_NUMBERS


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_every_elementwise_op_states_its_function_and_a_derivative_for_each_input(name):
    assert sorted(documented_formulas(OPS[name])) == sorted(["y", *[f"dy/d{n}" for n in OPS[name].inputs]])
