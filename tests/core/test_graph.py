"""The graph as plain data."""

import numpy as np
import pytest

from tinygrad_edu import Graph, Value, lean


def names(graph):
    return [v.label or v.op.name for v in graph]


def test_arguments_come_before_results_each_once():
    x, w = Value(2.0, label="x"), Value(3.0, label="w")
    y = x * w + x
    assert names(Graph(y)) == ["x", "w", "multiply", "add"]
    assert len(Graph(y)) == 4


def test_edges_are_uses():
    x = Value(2.0, label="x")
    y = x * x
    assert [(a.label, b.op.name) for a, b in Graph(y).edges] == [("x", "multiply"), ("x", "multiply")]


def test_leaves_are_what_no_call_made():
    x, w = Value(2.0), Value(3.0)
    assert Graph(x * w + 1).leaves == [x, w]
    assert Graph(x).leaves == [x]


def test_constants_are_arguments_but_no_vertices():
    x = Value([1.0, 2.0])
    y = x * np.array([3.0, 4.0])
    assert len(Graph(y)) == 2
    np.testing.assert_array_equal(y.args[1], [3, 4])


def test_several_outputs_share_their_past():
    x = Value(2.0, label="x")
    h = x * x
    assert names(Graph(h + 1, h * 2)) == ["x", "multiply", "add", "multiply"]


def test_paths_are_counted_not_walked():
    y = x = Value(1.0)
    for _ in range(60):
        y = y + y
    assert Graph(y).paths() == 2**60
    assert Graph(x).paths() == 1
    assert Graph(y + x).paths() == 2**60 + 1


def test_a_call_with_several_results_is_one_vertex_behind_its_picks():
    x = Value(np.diag([2.0, 3.0]), label="x")
    sign, logabsdet = np.linalg.slogdet(x)
    assert names(Graph(sign, logabsdet)) == ["x", "slogdet", "pick", "pick"]
    assert sign.parents == logabsdet.parents


def test_a_lean_graph_has_the_same_vertices():
    def make():
        x = Value([1.0, 2.0], label="x")
        return (np.exp(x) * x[::-1]).sum()

    full = make()
    with lean():
        short = make()
    assert names(Graph(full)) == names(Graph(short))
    assert len(Graph(full).edges) == len(Graph(short).edges)


def test_a_graph_is_read_after_backward_too():
    x = Value(2.0, label="x")
    y = x * x + 1
    y.backward()
    assert names(Graph(y)) == ["x", "multiply", "add"]
    assert [float(v.grad) for v in Graph(y)] == [4, 1, 1]


@pytest.mark.parametrize("depth", [200_000])
def test_a_deep_graph_is_read_without_recursion(depth):
    y = Value(1.0)
    for _ in range(depth):
        y = y * 1.0
    assert len(Graph(y)) == depth + 1
    assert Graph(y).paths() == 1
