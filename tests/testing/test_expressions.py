"""Expressions as data, and the random ones: what they are made of, what is promised of them, where they shrink to."""

import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, find, given, settings

import tinygrad_edu as tg
from tinygrad_edu import REGISTRY, Value, gradients
from tinygrad_edu.errors import OptionError
from tinygrad_edu.ops.domain import between
from tinygrad_edu.testing import Expression, exact, expressions
from tinygrad_edu.testing.differences import directions, slope
from tinygrad_edu.testing.fuzzing.reduction import reduced
from tinygrad_edu.testing.generating.choosing import RandomChooser
from tinygrad_edu.testing.generating.conditions import interior
from tinygrad_edu.testing.generating.generation import random_expression
from tinygrad_edu.testing.generating.recipes import APART, default_ops, recipe_of
from tinygrad_edu.transforms import jvp, vmap

QUIET = dict(deadline=None, suppress_health_check=list(HealthCheck))
FEW = ["negative", "add", "multiply", "tanh", "sum"]
# Everything that keeps polynomials polynomials, and fractions fractions.
POLYNOMIAL = ["negative", "square", "add", "multiply", "subtract", "sum", "cube", "mean", "reshape", "transpose", "matmul",
              "cumsum", "prod", "cumprod", "diff", "concatenate", "einsum", "outer", "lerp", "trace", "squared_error",
              "convolve", "flip", "kron", "tensordot", "quadratic_cost", "linear", "matrix_power", "pad", "roll"]  # fmt: skip


def smallest(strategy, condition, examples=600):
    return find(strategy, condition, settings=settings(max_examples=examples, derandomize=True, database=None, **QUIET))


def drawn(count, ops=None, **options):
    """Expressions of the fast chooser."""
    return [random_expression(RandomChooser(seed), ops or default_ops(), **options) for seed in range(count)]


def same(a, b):
    return np.shape(a) == np.shape(b) and np.array_equal(a, b)


# -- the data ----------------------------------------------------------------------------------------------------------


def test_an_expression_is_called_like_the_function_that_it_stands_for():
    x, y = 2.0, np.array([1.0, 3.0])
    f = Expression([x, y], [("multiply", (0, 1)), ("power", (2, 2.0)), ("add", (3, 2)), ("sum", (4,), {"axis": 0})])
    np.testing.assert_allclose(f(), sum((x * y) ** 2 + x * y))
    np.testing.assert_allclose(f(1.0, np.array([2.0])), 6.0)
    assert (len(f), f.shared(), f.ops) == (4, [2], ("multiply", "power", "add", "sum"))


def test_the_source_shows_sharing_operators_and_options():
    f = Expression([[[1.0, 2.0], [3.0, 4.0]], [1.0, 2.0]], [
        ("matmul", (0, 1)), ("getitem", (2,), {"index": (slice(None, None, -1), None)}), ("negative", (3,)),
        ("add", (2, 1.5)), ("multiply", (5, 4)), ("where", (6, 6), {"condition": True}), ("stack", (7, 7), {"axis": 1}),
        ("relu", (8,)), ("sum", (9,), {"axis": (0, -1)}), ("divide", (10, 2.0)),
    ])  # fmt: skip
    assert f.source("net") == (
        "def net(x, y):\n"
        "    a = x @ y\n"
        "    b = (a + 1.5) * (-a[::-1, None])\n"
        "    c = tg.ops.where(True, b, b)\n"
        "    return np.sum(tg.ops.relu(np.stack([c, c], axis=1)), axis=(0, -1)) / 2.0"
    )


def test_without_rows_an_expression_is_its_last_input():
    f = Expression([2.0, [1.0]])
    assert f().tolist() == [1.0]
    assert f.source() == "def f(x, y):\n    return y"


def test_repr_json_and_source_give_the_same_expression():
    for f in drawn(100):
        assert eval(repr(f), {"Expression": Expression, "np": np}) == f
        assert Expression.from_json(f.to_json()) == f
        assert json.loads(f.to_json()).keys() == {"inputs", "rows"}
        names = {"np": np, "tg": tg}
        exec(f.source(), names)
        np.testing.assert_allclose(names["f"](*f.inputs), f(), rtol=1e-12, atol=1e-12)  # NumPy's functions, where it has them


def test_empty_arrays_keep_their_shape_as_text():
    f = Expression([np.zeros((0, 3))], [("sum", (0,))])
    for g in (Expression.from_json(f.to_json()), eval(repr(f))):
        assert g.inputs[0].shape == (0, 3)


def test_arrays_values_and_other_kinds_of_array_give_the_same_numbers():
    for f in drawn(40, empty=False):
        y = f()
        assert same(f(*map(Value, f.inputs)).data, y)
        np.testing.assert_allclose(jvp(f, f.inputs, directions(f.inputs))[0], y, rtol=1e-13, atol=1e-13)
        twice = [np.stack([x, x]) for x in f.inputs]
        np.testing.assert_allclose(vmap(f)(*twice), np.stack([y, y]), rtol=1e-11, atol=1e-11)


def test_inputs_cannot_change_and_expressions_are_compared_by_what_they_say():
    x = np.array([1.0, 2.0])
    f = Expression([x], [("exp", (0,))])
    x[0] = 7.0
    assert f.inputs[0].tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        f.inputs[0][0] = 7.0
    assert {f, Expression([[1.0, 2.0]], [("exp", [0])])} == {f}
    assert f != Expression([[1.0, 2.0]], [("exp2", (0,))])
    assert f != "exp"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Expression([]), "at least one input"),
        (lambda: Expression([1.0], [("exp", (1,))]), r"places before that, not \[1\]"),
        (lambda: Expression([1.0], [("exp", (-1,))]), "not"),
        (lambda: Expression([1.0], [("no_such_op", (0,))]), "no_such_op"),
        (lambda: Expression([1.0], [("exp", ("x",))]), "an int"),
        (lambda: Expression([np.nan]), "finite"),
        (lambda: Expression([1.0], [("sum", (0,), {"axis": np.array(0)})]), "option"),
        (lambda: Expression([1.0])(1.0, 2.0), "1 inputs, got 2"),
        (lambda: Expression.from_json("{}"), "not an expression as JSON"),
        (lambda: Expression.from_json("[1,"), "not an expression as JSON"),
        (lambda: expressions([]), "at least one op"),
        (lambda: expressions(["svd"]), "not made of 'svd'"),
        (lambda: expressions(["no_such_op"]), "no_such_op"),
        (lambda: expressions(min_ops=3, max_ops=2), "min_ops <= max_ops"),
    ],
)
def test_bad_expressions_are_refused(make, words):
    with pytest.raises(OptionError, match=words):
        make()


def test_interior_says_where_an_op_is_smooth():
    for name, inside, outside in [
        ("log", 1.0, 0.0), ("relu", 0.5, 0.01), ("floor", 0.5, 1.0), ("huber", [0.5, 0.0], [1.0, 0.0]),
        ("maximum", [1.0, 2.0], [1.0, 1.0]), ("exp", 3.0, 50.0),
    ]:  # fmt: skip
        places = tuple(range(np.size(inside)))
        assert Expression(np.atleast_1d(inside), [(name, places)]).interior()
        assert not Expression(np.atleast_1d(outside), [(name, places)]).interior()
    for name, inside, outside, options in [
        ("max", [1.0, 2.0], [1.0, 1.0], {}), ("std", [1.0, 2.0], [1.0, 1.0], {}), ("vector_norm", [0.0, 1.0], [0.0, 0.0], {}),
        ("inv", [[1.0, 0.0], [0.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]], {}),
        ("logdet", [[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, -1.0]], {}),
        ("cholesky", [[2.0, 1.0], [1.0, 2.0]], [[1.0, 2.0], [2.0, 1.0]], {}),
        ("svdvals", [[1.0, 0.0], [0.0, 2.0]], [[1.0, 0.0], [0.0, 1.0]], {}),
        ("normalize", [[1.0, 2.0], [0.0, 1.0]], [[1.0, 2.0], [0.0, 0.0]], {}),  # along axis 1 if nothing is said
        ("normalize", [[1.0, 2.0], [0.0, 0.0]], [[1.0, 0.0], [2.0, 0.0]], {"axis": 0}),
    ]:  # fmt: skip
        assert Expression([inside], [(name, (0,), options)]).interior()
        assert not Expression([outside], [(name, (0,), options)]).interior()


# -- random ones -------------------------------------------------------------------------------------------------------


def test_every_intermediate_value_is_where_the_next_op_is_smooth():
    for f in drawn(200):
        assert f.interior()
        places = f.trace(f.inputs)
        for (name, arguments, options), y in zip(f.rows, places[len(f.inputs) :], strict=True):
            assert interior(name, [places[a] if type(a) is int else a for a in arguments], options)
            assert np.all(np.abs(y) <= 1e6)


@settings(max_examples=60, **QUIET)
@given(expressions())
def test_what_hypothesis_draws_is_smooth_and_bounded_too(f):
    assert f.interior()
    assert len(f) >= 1


def test_every_op_comes_out_and_most_expressions_share():
    found = drawn(1000)
    assert {name for f in found for name in f.ops} == set(default_ops())
    assert sum(bool(f.shared()) for f in found) > 0.4 * len(found)
    assert {x.ndim for f in found for x in f.inputs} >= {0, 1, 2, 3}
    assert any(x.size == 0 for f in found for x in f.inputs)
    assert all(x.size for f in drawn(300, empty=False) for x in f.inputs)
    assert max(len(f) for f in found) > 12


def test_the_ops_left_out_are_known():
    ours = {n for n, op in REGISTRY.items() if op.fn.__module__.startswith("tinygrad_edu.") and op.kind == "elementwise"}
    assert ours - set(default_ops()) == APART


def test_the_number_of_ops_is_kept():
    for f in drawn(100, ["exp", "tanh", "negative"], low=3, high=3):
        assert sum(name in ("exp", "tanh", "negative") for name in f.ops) == 3


def test_an_op_that_never_fits_ends_the_search():
    op = tg.elementwise(dx=lambda x: 1 / x, domain=dict(x=between(0.0, 0.0)), kinks=lambda x: x, name="_nowhere_smooth")
    try:
        op(lambda x: x)
        assert random_expression(RandomChooser(0), ["_nowhere_smooth"], empty=False).rows == ()
    finally:
        del REGISTRY["_nowhere_smooth"]


def test_ones_own_op_is_drawn_from_its_domain():
    declare = tg.elementwise(dx=lambda x: 3 * x**2, domain=dict(x=between(1.5, 2.5)), kinks=lambda x: x - 2, name="_own_cube")
    try:
        declare(lambda x: x**3)
        for f in drawn(50, ["_own_cube", "negative"]):
            places = f.trace(f.inputs)
            for name, arguments, _ in f.rows:
                if name == "_own_cube":
                    x = np.asarray(places[arguments[0]])
                    assert np.all((x >= 1.5) & (x <= 2.5) & (np.abs(x - 2) >= 0.02))
    finally:
        del REGISTRY["_own_cube"]


# -- shrinking ---------------------------------------------------------------------------------------------------------


def applied_to(outer, inner):
    """Whether `outer` is applied to a result of `inner` somewhere."""

    def holds(f):
        n = len(f.inputs)
        return any(name == outer and any(type(a) is int and a >= n and f.rows[a - n][0] == inner for a in arguments)
                   for name, arguments, _ in f.rows)  # fmt: skip

    return holds


def test_the_smallest_expression_with_tanh_of_a_sum_is_that():
    f = smallest(expressions(FEW), applied_to("tanh", "sum"))
    assert (f.ops, [x.tolist() for x in f.inputs]) == (("sum", "tanh"), [0.0])


@pytest.mark.parametrize(
    ("op", "inputs"),
    [("log", [1.0]), ("exp", [0.0]), ("maximum", [0.0, 1.0]), ("max", [-1.5]), ("matmul", [[0.0], [0.0]]), ("inv", [[[1.0]]]),
     ("softmax", [[0.0]])],
)  # fmt: skip
def test_the_smallest_expression_with_an_op_is_the_op_alone_on_a_simple_input(op, inputs):
    f = smallest(expressions([*FEW, op]), lambda f: op in f.ops)
    assert (f.ops, [x.tolist() for x in f.inputs]) == ((op,), inputs)


def test_the_smallest_result_of_several_entries_comes_from_one_op():
    f = smallest(expressions(["exp", "add", "sum", "transpose"]), lambda f: "exp" in f.ops and np.size(f()) >= 2)
    assert f.ops == ("exp",)
    assert f.inputs[0].tolist() == [0.0, 0.0]


def test_sharing_is_found_in_the_smallest_expression():
    f = smallest(expressions(["exp", "multiply"]), lambda f: any(place >= len(f.inputs) for place in f.shared()))
    assert f.ops == ("exp", "multiply")
    assert f.rows[1][1] == (1, 1)


def wrong_by_differences(f):
    """Whether a gradient of the engine is not what differences say."""
    return any(np.any(np.abs(value - found) > 1e3 * bar + 1e-6) for value, found, bar in slopes(f))


def slopes(f, seed=0):
    """The derivative along a direction by the engine, by differences, and the error bar; of a product of the result."""
    weights = np.random.default_rng(seed).normal(size=np.shape(f()))
    ways = directions(f.inputs)
    leaves = [Value(x) for x in f.inputs]
    found = gradients(f(*leaves), leaves, weights) if f.rows else [weights]
    ours = sum(np.sum(w * g) for w, g in zip(ways, found, strict=True) if g is not None)

    def along(h):
        return np.sum(weights * f(*[x + h * w for x, w in zip(f.inputs, ways, strict=True)]))

    scale = max([1.0, *[np.max(np.abs(y), initial=0.0) for y in f.trace(f.inputs)]])
    with np.errstate(all="ignore"):
        yield (ours, *slope(along, scale, step=1e-3))


@pytest.mark.parametrize("name", ["cos", "softmax"])
def test_a_planted_bug_shrinks_to_the_op_alone(monkeypatch, name):
    op = REGISTRY[name]
    monkeypatch.setattr(op, "pulls", (lambda g, v: 1.01 * g, *op.pulls[1:]))
    f = smallest(expressions(["negative", "add", "tanh", name]), wrong_by_differences, 300)
    assert f.ops == (name,)
    assert max(x.size for x in f.inputs) <= 2


def runs(f):
    try:
        return bool(np.all(np.isfinite(f())))
    except (IndexError, ValueError, TypeError):
        return False


def test_reduction_ends_at_one_op_on_one_simple_entry():
    big = next(f for f in drawn(2000) if "softmax" in f.ops and len(f) > 12)
    f = reduced(big, lambda f: "softmax" in f.ops and runs(f))
    assert f.ops == ("softmax",)
    assert [x.tolist() for x in f.inputs] == [0.0]  # softmax takes a single number, as PyTorch's does


def test_reduction_keeps_what_still_fails():
    f = Expression([[3.7, 5.1], 2.25], [("exp", (1,)), ("multiply", (0, 2)), ("sum", (3,), {"keepdims": True}), ("cos", (4,))])
    kept = reduced(f, lambda f: "sum" in f.ops and any(x.size == 2 for x in f.inputs))
    assert (kept.ops, [x.tolist() for x in kept.inputs]) == (("sum",), [[0.0, 0.0]])
    assert reduced(f, lambda g: g == f) == f


# -- properties of the engine ------------------------------------------------------------------------------------------


@settings(max_examples=100, **QUIET)
@given(expressions(empty=False))
def test_gradients_of_random_expressions_agree_with_differences(f):
    for ours, theirs, bar in slopes(f):
        assert abs(ours - theirs) <= 100 * bar + 1e-9 * max(1.0, abs(ours))


@settings(max_examples=50, **QUIET)
@given(expressions(max_ops=5, empty=False))
def test_second_derivatives_of_random_expressions_agree_with_differences_of_the_gradient(f):
    rng = np.random.default_rng(0)
    ways = directions(f.inputs)

    def product(inputs):
        leaves = [Value(x) for x in inputs]
        found = gradients(f(*leaves), leaves, np.ones(np.shape(f())), create_graph=True)
        return leaves, sum(((g * w).sum() for g, w in zip(found, weights, strict=True) if g is not None), Value(0.0) * 0)

    weights = [rng.normal(size=x.shape) for x in f.inputs]
    leaves, p = product(f.inputs)
    found = gradients(p, leaves)
    ours = sum(np.sum(w * g) for w, g in zip(ways, found, strict=True) if g is not None)
    scale = max([1.0, abs(float(p.data)), *[np.max(np.abs(y), initial=0.0) for y in f.trace(f.inputs)]])
    line = lambda h: float(product([x + h * w for x, w in zip(f.inputs, ways, strict=True)])[1].data)  # noqa: E731
    theirs, bar = slope(line, scale, step=1e-3)
    assert abs(ours - theirs) <= 100 * bar + 1e-8 * max(1.0, abs(ours), scale)


@settings(max_examples=60, **QUIET)
@given(expressions(empty=False))
def test_forward_mode_is_the_transpose_of_reverse_mode(f):
    weights, ways = np.random.default_rng(1).normal(size=np.shape(f())), directions(f.inputs)
    leaves = [Value(x) for x in f.inputs]
    found = gradients(f(*leaves), leaves, weights)
    back = [np.sum(w * g) for w, g in zip(ways, found, strict=True) if g is not None]
    forth = np.sum(weights * jvp(f, f.inputs, ways)[1])
    size = sum(np.sum(np.abs(w * g)) for w, g in zip(ways, found, strict=True) if g is not None)
    assert abs(sum(back) - forth) <= 1e-9 * max(1.0, size)


def degree(f):
    """A bound for the degree of a polynomial expression in all its inputs together."""
    degrees = [1] * len(f.inputs)
    for name, arguments, options in f.rows:
        ds = [degrees[a] for a in arguments if type(a) is int]
        sizes = {"square": 2, "cube": 3, "squared_error": 2, "quadratic_cost": 2, "matrix_power": options.get("n", 1)}
        products = name in ("multiply", "matmul", "einsum", "outer", "lerp", "convolve", "kron", "tensordot", "linear")
        factor = 24 if name in ("prod", "cumprod") else sizes.get(name, 1)
        degrees.append(sum(ds) if products else factor * max(ds, default=0))
    return degrees[-1]


@settings(max_examples=60, **QUIET)
@given(expressions(POLYNOMIAL, max_ops=4))
def test_gradients_of_polynomials_are_exact_in_fractions(f):
    n = degree(f)
    assume(n <= 12)
    inputs = [np.vectorize(Fraction, otypes=[object])(x) for x in f.inputs]
    ways = [np.vectorize(Fraction, otypes=[object])(np.round(8 * w) / 8) for w in directions(f.inputs)]
    found = exact(f, *inputs).gradients
    ours = sum((w * g).sum() for w, g in zip(ways, found, strict=True) if w.size)

    def along(h):
        return Fraction(1) * np.sum(exact(f, *[x + h * w for x, w in zip(inputs, ways, strict=True)]).value)

    points = [along(Fraction(h)) for h in range(n + 1)]  # a polynomial of degree n is known by n + 1 of its numbers
    rises = [sum((-1) ** (k - j) * math.comb(k, j) * points[j] for j in range(k + 1)) for k in range(1, n + 1)]
    theirs = sum(((-1) ** (k - 1) * rise / k for k, rise in enumerate(rises, 1)), Fraction(0))  # Newton's forward series
    assert ours == theirs


def test_every_op_of_the_polynomials_has_a_recipe():
    assert all(recipe_of(name) for name in POLYNOMIAL)
