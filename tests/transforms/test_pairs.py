"""The list that the tests against JAX and PyTorch share, as far as it can be judged without them.

The oracles here: a loop in place of `vmap`, SymPy for derivatives inside derivatives, and the bars of the table of traps.
"""

import numpy as np
import pytest
import sympy

from tests.transforms.pairs import PAIRS
from tests.transforms.pairs.nested import CASES, TOWERS, tower
from tests.transforms.pairs.pair import OURS, assert_same, leaves, mapped

BATCHED = [p for p in PAIRS if "vmap" in p.transform]
BARRED = [p for p in PAIRS if p.bar is not None]


def test_the_list_is_long_and_says_each_thing_once():
    assert len(set(map(str, PAIRS))) == len(PAIRS)
    assert sum("jax" not in p.without for p in PAIRS) >= 500
    assert sum("torch" not in p.without for p in PAIRS) >= 500
    assert all(p.bar is not None for p in PAIRS if p.differs)


def test_plain_arrays_come_back_from_every_pair():
    for pair in PAIRS:
        kinds = {type(x) for x in leaves(pair.run(OURS))}
        assert all(issubclass(k, np.ndarray | np.generic) for k in kinds), f"{pair}: {kinds}"


# -- the loop --------------------------------------------------------------------------------------------------------


def looped(f, in_axes=0, out_axes=0, axis_size=None):
    """`vmap` as a loop in Python, on the same arrays."""

    def mapped_by_hand(*args, **kwargs):
        axes = in_axes if isinstance(in_axes, tuple | list) else (in_axes,) * len(args)
        size = axis_size or next(n for a, x in zip(axes, args, strict=True) if (n := count(a, x)) is not None)
        ys = [f(*map(lambda a, x, i=i: one(a, x, i), axes, args), **one(0, kwargs, i)) for i in range(size)]
        return stacked(out_axes, ys)

    return mapped_by_hand


def under(axes, tree):
    """The parts of a tree with the axes of each; axes can be a prefix."""
    keys = tree.keys() if isinstance(tree, dict) else range(len(tree))
    return [(k, axes[k] if isinstance(axes, tuple | list | dict) else axes) for k in keys]


def count(axes, tree):
    if isinstance(tree, tuple | list | dict):
        return next((n for k, a in under(axes, tree) if (n := count(a, tree[k])) is not None), None)
    return None if axes is None else tree.shape[axes]


def one(axes, tree, i):
    if isinstance(tree, tuple | list | dict):
        parts = {k: one(a, tree[k], i) for k, a in under(axes, tree)}
        return parts if isinstance(tree, dict) else type(tree)(parts.values())
    return tree if axes is None else np.take(tree, i, axis=axes)


def stacked(axes, trees):
    first = trees[0]
    if isinstance(first, tuple | list | dict):
        parts = {k: stacked(a, [t[k] for t in trees]) for k, a in under(axes, first)}
        return parts if isinstance(first, dict) else type(first)(parts.values())
    return first if axes is None else np.stack(trees, axis=axes)


LOOPED = OURS._replace(vmap=looped)


@pytest.mark.parametrize("pair", BATCHED, ids=str)
def test_vmap_is_the_loop(pair):
    assert_same(pair.run(OURS), mapped(np.asarray, pair.run(LOOPED)))


# -- SymPy -----------------------------------------------------------------------------------------------------------


def derivative(f):
    """The derivative of a function of one symbol, as such a function."""

    def at(x):
        symbol = sympy.Dummy()
        return sympy.diff(f(symbol), symbol).subs(symbol, x)

    return at


SYMPY = OURS._replace(np=sympy, array=sympy.Rational)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_derivatives_inside_derivatives_are_those_of_sympy(case):
    expected = float(case(SYMPY, derivative, derivative))
    found = [p.run(OURS) for p in PAIRS if p.function == case.__name__.replace("_", " ")]
    assert len(found) >= 4
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("name", TOWERS)
def test_derivatives_of_tanh_are_those_of_sympy(name):
    x = sympy.Symbol("x")
    expected = float(sympy.diff(sympy.tanh(x), x, len(TOWERS[name])).subs(x, sympy.Rational(3, 10)))
    np.testing.assert_allclose(tower(TOWERS[name])(OURS), expected, rtol=1e-11)


def test_the_classic_case_is_one():
    found = [p.run(OURS) for p in PAIRS if p.function == "siskind pearlmutter"]
    assert found == [1.0] * 8


# -- the bars --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", BARRED, ids=str)
def test_kinks_are_what_the_table_of_traps_says(pair):
    assert_same(pair.run(OURS), pair.bar)
