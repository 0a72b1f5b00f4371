"""Many examples at once by `vmap` are the examples one by one: values, gradients, and pullbacks of many cotangents.

The oracle is always the loop: Python's over examples, with NumPy's stack around it.
"""

import numpy as np

from tests.laws.calls import OPS, floats_of, for_every_op, pullback
from tinygrad_edu import Value
from tinygrad_edu.ops.nondifferentiable import PLAIN
from tinygrad_edu.transforms import vjp, vmap
from tinygrad_edu.transforms.batch import RULES
from tinygrad_edu.transforms.trees import flatten

FEW = 2


def examples_like(example, n=FEW):
    """For each input of the example, some that differ a little from it, stacked: far from kinks they stay so."""
    rng = np.random.default_rng(1)
    return [
        np.stack([x * (1 + 1e-3 * rng.uniform(-1, 1, x.shape)) for _ in range(n)]).astype(x.dtype)
        for x in map(np.asarray, example.inputs)
    ]


def rows(stacks, i):
    return [s[i] for s in stacks]


def loop(f, *stacks):
    """The leaves of the results of each example, stacked."""
    each = [flatten(f(*rows(stacks, i)))[0] for i in range(len(stacks[0]))]
    return [np.stack(ys) for ys in zip(*each, strict=True)]


def assert_same(got, expected):
    got = flatten(got)[0]
    assert len(got) == len(expected)
    for y, z in zip(got, expected, strict=True):
        assert type(y) is np.ndarray
        assert y.dtype == z.dtype
        np.testing.assert_allclose(y, z, rtol=1e-9, atol=1e-11)


@for_every_op(examples=4)
def test_vmap_is_the_loop(example):
    if example.inputs:
        xs = examples_like(example)
        assert_same(vmap(example)(*xs), loop(example, *xs))


@for_every_op(examples=2, unless=lambda op: len(op.inputs) == 1 and not op.variadic)
def test_vmap_with_an_input_that_is_the_same_for_all(example):
    for k in range(len(example.inputs) if len(example.inputs) > 1 else 0):
        xs = examples_like(example)
        same = [np.stack([x[0]] * FEW) if i == k else x for i, x in enumerate(xs)]
        axes = tuple(None if i == k else 0 for i in range(len(xs)))
        given = [x[0] if i == k else x for i, x in enumerate(xs)]
        assert_same(vmap(example, in_axes=axes)(*given), loop(example, *same))


@for_every_op(examples=2)
def test_vmap_inside_vmap(example):
    if example.inputs:
        xs = examples_like(example, 6)
        deep = [x.reshape(3, 2, *x.shape[1:]) for x in xs]
        expected = [y.reshape(3, 2, *y.shape[1:]) for y in loop(example, *xs)]
        assert_same(vmap(vmap(example))(*deep), expected)


@for_every_op(examples=2, unless=lambda op: len(op.inputs) == 1 and not op.variadic)
def test_vmaps_that_split_different_inputs(example):
    if len(example.inputs) > 1:
        xs = examples_like(example)
        (a, *rest), n = xs, len(xs) - 1
        both = vmap(vmap(example, in_axes=(0, *[None] * n)), in_axes=(None, *[0] * n))(a, *rest)
        expected = [loop(lambda one, j=j: example(one, *rows(rest, j)), a) for j in range(FEW)]
        assert_same(both, [np.stack(ys) for ys in zip(*expected, strict=True)])


@for_every_op(examples=2)
def test_gradients_through_vmap_are_those_of_the_loop(example):
    if example.inputs:
        xs = examples_like(example)
        rng = np.random.default_rng(2)
        leaves = [Value(x) for x in xs]
        ys = floats_of(vmap(example)(*leaves))
        cs = [rng.normal(size=y.shape).astype(y.dtype) for y in ys]
        got = pullback(ys, leaves, cs)
        for i in range(FEW):
            ones = [Value(x) for x in rows(xs, i)]
            expected = pullback(example.results(*ones), ones, rows(cs, i))
            for g, e, x in zip(got, expected, xs, strict=True):
                compare(None if g is None else g[i], e, x[i])


def compare(g, e, x):
    np.testing.assert_allclose(
        np.zeros_like(x) if g is None else g, np.zeros_like(x) if e is None else e, rtol=1e-8, atol=1e-10
    )


@for_every_op(examples=2)
def test_many_cotangents_at_once_are_pulled_back_as_one_by_one(example):
    if not example.inputs:
        return
    ys, pull = vjp(lambda *xs: tuple(example.results(*xs)), *example.inputs)
    rng = np.random.default_rng(3)
    cs = tuple(rng.normal(size=(FEW, *np.shape(y))).astype(y.dtype) for y in ys)
    got = vmap(pull)(cs)
    for i in range(FEW):
        for g, e, x in zip(got, pull(tuple(rows(cs, i))), example.inputs, strict=True):
            compare(None if g is None else g[i], e, x)


@for_every_op(examples=1)
def test_pullbacks_of_many_cotangents_can_be_differentiated(example):
    if not example.inputs:
        return
    ys, pull = vjp(lambda *xs: tuple(example.results(*xs)), *example.inputs)
    rng = np.random.default_rng(4)
    cs = [rng.normal(size=(FEW, *np.shape(y))).astype(y.dtype) for y in ys]
    ds = [rng.normal(size=(FEW, *np.shape(x))) for x in example.inputs]
    leaves = tuple(map(Value, cs))
    got = pullback(vmap(pull)(leaves), leaves, ds)
    for i in range(FEW):
        ones = tuple(map(Value, rows(cs, i)))
        expected = pullback(pull(ones), ones, rows(ds, i))
        for g, e, c in zip(got, expected, cs, strict=True):
            compare(None if g is None else g[i], e, c[i])


def test_no_op_is_done_one_example_after_the_other():
    assert [n for n, op in OPS.items() if op.kind in ("linear", "primitive") and n not in RULES] == []


def test_the_functions_of_numpy_that_are_done_one_example_after_the_other():
    assert [f.__name__ for f in PLAIN if f not in RULES] == []
    looped = {f.__name__ for f in PLAIN if RULES[f] is RULES[np.allclose]} - {"in1d"}  # which NumPy has no more
    assert looped == {
        "allclose", "array_equal", "array_equiv", "bincount", "digitize", "histogram", "histogram2d", "histogramdd", "isin",
        "lexsort", "ravel_multi_index", "searchsorted", "unravel_index"}  # fmt: skip
