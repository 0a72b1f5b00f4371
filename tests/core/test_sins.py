"""The sins of the field, each of which some engine commits; see also the conformance table in tests/laws."""

import copy
import gc
import pickle
import sys
import weakref

import numpy as np
import pytest

from tinygrad_edu import Graph, Value, gradients, lean
from tinygrad_edu.errors import GraphError

DEEP = 100_000


def chain(length):
    y = x = Value(1.0)
    for _ in range(length):
        y = y + 1.0
    return x, y


@pytest.fixture
def no_collector():
    was = gc.isenabled()
    gc.disable()
    yield
    if was:
        gc.enable()


# -- a value that is used twice ----------------------------------------------------------------------------------------


def test_both_factors_of_a_square_are_counted():
    x = Value(3.0)
    (x * x).backward()
    assert x.grad == 6


def test_a_sum_of_itself_counts_twice():
    a = Value(1.0)
    b = a + a
    c = b * b  # the order that goes wrong without a topological sort
    (c + b).backward()
    assert a.grad == 2 * (2 * 2 + 1)


def test_a_long_way_round_is_waited_for():
    x = Value(2.0)
    around = x
    for _ in range(10):
        around = around * 1.0
    (x * around).backward()
    assert x.grad == 4


def test_ladders_and_residual_connections_add_up():
    x = Value(1.0)
    y = x
    for _ in range(5):
        y = y + 0.5 * y
    y.backward()
    assert x.grad == 1.5**5


@pytest.mark.parametrize("lean_pass", [False, True])
def test_sixty_diamonds_are_visited_once(lean_pass):
    x = Value(1.0)
    y = x
    for _ in range(60):
        y = y + y
    graph = Graph(y)
    assert (len(graph), graph.paths()) == (61, 2**60)
    y.backward(lean=lean_pass)
    assert x.grad == 2.0**60


def test_sixty_diamonds_twice_differentiable():
    x = Value(1.0)
    y = x
    for _ in range(30):
        y = y * y
        y = y**0.5
    (g,) = gradients(y, [x], create_graph=True)
    assert float(g) == 1
    assert float(gradients(g, [x])[0]) == pytest.approx(0, abs=1e-9)


# -- backward twice ----------------------------------------------------------------------------------------------------


def test_a_second_backward_explains_itself():
    x = Value(3.0)
    y = x * x
    y.backward()
    with pytest.raises(GraphError, match=r"used up by an earlier backward \(at multiply\).*retain_graph=True"):
        y.backward()
    assert x.grad == 6


def test_a_second_backward_of_two_levels_is_never_36():
    x = Value(3.0)
    z = 2 * (x * x)
    z.backward(retain_graph=True)
    assert x.grad == 12
    z.backward()
    assert x.grad == 24
    with pytest.raises(GraphError):
        z.backward()
    assert x.grad == 24


def test_two_losses_over_one_trunk_are_explained():
    x = Value(3.0)
    trunk = x * x
    first, second = trunk * 2, trunk * 3
    first.backward()
    with pytest.raises(GraphError, match="add the outputs up"):
        second.backward()
    x = Value(3.0)
    trunk = x * x
    (trunk * 2 + trunk * 3).backward()
    assert x.grad == 30


# -- deep graphs -------------------------------------------------------------------------------------------------------


def test_a_chain_of_a_million_nodes_is_built_differentiated_and_freed(no_collector):
    limit = sys.getrecursionlimit()
    x, y = chain(1_000_000)
    alive = weakref.ref(y.args[0])
    y.backward()
    assert x.grad == 1
    del y
    assert alive() is None
    assert sys.getrecursionlimit() == limit


def test_a_deep_graph_never_recurses():
    limit = sys.getrecursionlimit()
    x, y = chain(DEEP)
    assert repr(y) == f"Value({DEEP + 1.0}, op=add)"
    assert len(Graph(y)) == DEEP + 1
    twin = copy.deepcopy(y)
    again = pickle.loads(pickle.dumps(y))
    for v in (twin, again, y):
        assert float(v) == DEEP + 1
        v.backward(lean=True)
    assert x.grad == 1
    (g,) = gradients(chain_of_products(x, 2000), [x], create_graph=True)
    assert float(g) == pytest.approx(2000.0)
    assert sys.getrecursionlimit() == limit


def chain_of_products(x, length):
    y = x
    for _ in range(length - 1):
        y = y * x
    return y


def test_a_deep_graph_of_arrays_is_freed_without_recursion(no_collector):
    y = x = Value(np.ones(1))
    for _ in range(DEEP):
        y = y + 1.0
    alive = weakref.ref(x)
    del x, y
    assert alive() is None


def test_a_deep_lean_graph_is_freed_without_recursion(no_collector):
    x = Value(np.ones(1))
    with lean():
        y = x
        for _ in range(DEEP):
            y = y * 1.0
        y.backward(np.ones(1))
    assert x.grad == 1
    vertex = weakref.ref(y.vertex)
    del y
    assert vertex() is None


# -- memory is freed by counting ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["forward", "backward", "lean", "retain", "gradients", "second"])
def test_a_graph_is_freed_with_the_collector_off(no_collector, how):
    x = Value(np.arange(3.0))
    with lean() if how == "lean" else _nothing():
        inner = x * x
        y = (inner * x).sum()
    refs = [weakref.ref(v.vertex) for v in (inner, y)]
    g = None
    if how == "second":
        (g,) = gradients(y, [x], create_graph=True)
        refs.append(weakref.ref(g))
    elif how == "gradients":
        gradients(y, [x])
    elif how != "forward":
        y.backward(retain_graph=how == "retain")
    del inner, y, g
    assert [r() for r in refs] == [None] * len(refs)


def test_several_results_are_freed_with_the_collector_off(no_collector):
    x = Value(np.arange(6.0))
    parts = np.split(x, 3)
    refs = [weakref.ref(p) for p in parts]
    (parts[0] * parts[2]).sum().backward()
    del parts
    assert [r() for r in refs] == [None] * 3


def _nothing():
    from contextlib import nullcontext

    return nullcontext()


# -- a NumPy operand on the left ---------------------------------------------------------------------------------------

V = Value([1.0, 2.0])


@pytest.mark.parametrize(
    ("y", "value", "grad"),
    [
        (lambda v: np.array([3.0, 4.0]) + v, [4, 6], [1, 1]),
        (lambda v: np.array([3.0, 4.0]) - v, [2, 2], [-1, -1]),
        (lambda v: np.array([3.0, 4.0]) * v, [3, 8], [3, 4]),
        (lambda v: np.array([3.0, 4.0]) / v, [3, 2], [-3, -1]),
        (lambda v: np.array([3.0, 4.0]) ** v, [3, 16], [3 * np.log(3), 16 * np.log(4)]),
        (lambda v: np.array([3.0, 5.0]) // v, [3, 2], [0, 0]),
        (lambda v: np.array([3.5, 5.0]) % v, [0.5, 1], [-3, -2]),
        (lambda v: np.array([3.0, 4.0]) @ v, 11, [3, 4]),
        (lambda v: np.array([[3.0, 4.0]]) @ v, [11], [3, 4]),
        (lambda v: np.float64(2) * v, [2, 4], [2, 2]),
        (lambda v: np.float32(2) * v, [2, 4], [2, 2]),
        (lambda v: np.int64(2) * v, [2, 4], [2, 2]),
        (lambda v: np.array(2.0) - v, [1, 0], [-1, -1]),
        (lambda v: [3.0, 4.0] * v, [3, 8], [3, 4]),
        (lambda v: (3.0, 4.0) * v, [3, 8], [3, 4]),
        (lambda v: 2 - v, [1, 0], [-1, -1]),
        (lambda v: True * v, [1, 2], [1, 1]),
        (lambda v: np.array([True, False]) * v, [1, 0], [1, 0]),
    ],
)
def test_a_numpy_operand_on_the_left_gives_a_value(y, value, grad):
    v = Value([1.0, 2.0])
    result = y(v)
    assert type(result) is Value
    np.testing.assert_allclose(result.data, value)
    result.backward(np.ones(result.shape))
    np.testing.assert_allclose(v.grad, grad)


def test_adding_in_place_to_an_array_is_refused():
    a = np.zeros(2)
    with pytest.raises(TypeError, match="use the result"):
        a += V
    np.testing.assert_array_equal(a, 0)


# -- ways out of the graph ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "leave",
    [
        lambda v, a: np.asarray(v),
        lambda v, a: np.array(v),
        lambda v, a: np.array([v, v]),
        lambda v, a: np.array([v], dtype=object),
        lambda v, a: np.full(3, v),
        lambda v, a: np.asarray(v, dtype=float),
        lambda v, a: np.copyto(a, v),
        lambda v, a: np.put(a, [0], v),
        lambda v, a: np.add.at(a, [0], v),
        lambda v, a: np.add(a, 1, out=v),
        lambda v, a: np.add(a, v, out=a),
        lambda v, a: np.lib.stride_tricks.as_strided(v),
        lambda v, a: Value([v, v]),
        lambda v, a: v * [v, v],
    ],
)
@pytest.mark.parametrize("data", [2.0, [1.0, 2.0, 3.0]], ids=["scalar", "array"])
def test_no_way_leaves_the_graph_in_silence(leave, data):
    with pytest.raises(
        TypeError, match=r"silently leave the graph|no derivative rule|use the result|changes an array in place"
    ):
        leave(Value(data), np.zeros(3))


@pytest.mark.parametrize("data", [2.0, [2.0]], ids=["scalar", "array"])
def test_writing_a_value_into_an_array_is_refused(data):
    v, a = Value(data), np.zeros(3)
    with pytest.raises((TypeError, ValueError)) as refusal:
        a[0] = v
    chain = f"{refusal.value} {refusal.value.__cause__}"
    assert "silently leave the graph" in chain
    with pytest.raises(TypeError, match="silently leave"):
        a[:1] = v
    np.testing.assert_array_equal(a, 0)


def test_a_number_that_is_asked_for_can_be_written():
    a = np.zeros(3)
    a[0] = float(Value(2.0))
    a[1] = Value(3.0).item()
    a[2] = Value(4.0).data
    np.testing.assert_array_equal(a, [2, 3, 4])


# -- the branch that was not taken -------------------------------------------------------------------------------------


def test_nan_does_not_come_through_where():
    x = Value([0.0, 4.0])
    with np.errstate(all="ignore"):
        y = np.where(x > 0, np.log(x) + np.sqrt(x) / x, 0)
    y.sum().backward()
    np.testing.assert_allclose(x.grad, [0, 1 / 4 - 1 / 16])


def test_nan_does_not_come_through_where_behind_sums_reshapes_and_slices():
    x = Value([0.0, 4.0, 0.0, 9.0])
    root = np.reshape(np.sqrt(x), (2, 2)).T
    np.sum(np.where(root > 0, root, 0)).backward()
    np.testing.assert_allclose(x.grad, [0, 1 / 4, 0, 1 / 6])
    x = Value([0.0, 4.0])
    np.sqrt(x)[1:].sum().backward()
    np.testing.assert_allclose(x.grad, [0, 1 / 4])


def test_nan_does_not_come_through_where_at_second_order():
    x = Value([0.0, 4.0])
    y = np.where(x > 0, np.sqrt(x), 0).sum()
    (g,) = gradients(y, [x], create_graph=True)
    (h,) = gradients(g.sum(), [x])
    np.testing.assert_allclose(h, [0, -1 / 32])


def test_nan_that_is_there_is_not_hidden():
    x = Value([0.0, 4.0])
    y = np.sqrt(x) * np.array([0.0, 1.0])  # 0 * inf: this mask does take the branch
    y.sum().backward()
    np.testing.assert_array_equal(np.isnan(x.grad), [True, False])


def test_a_value_that_is_also_used_elsewhere_gets_that_gradient():
    x = Value([0.0, 4.0])
    (np.where(x > 0, np.sqrt(x), 0) + x).sum().backward()
    np.testing.assert_allclose(x.grad, [1, 1.25])
