"""What shares a box: modules are closed, then what is alike or in a row is folded, and the picture says so."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.inspect.graphs import chain, dags, network, neuron
from tinygrad_edu.core import Graph, Value
from tinygrad_edu.inspect import draw
from tinygrad_edu.inspect.graphs.data import GraphData
from tinygrad_edu.inspect.graphs.parts import partition
from tinygrad_edu.inspect.graphs.restored import restored
from tinygrad_edu.inspect.pictures.picture import Picture
from tinygrad_edu.nn import Module


def _picture(v: Value, **options: object) -> Picture:
    return draw(v, **options)._picture  # type: ignore[arg-type]


def _texts(picture: Picture) -> list[str]:
    return [" ".join(cell for row in node.rows for cell in row) for node in picture.nodes]


def test_a_small_graph_is_drawn_value_by_value():
    picture = _picture(neuron())
    assert [n.kind for n in picture.nodes].count("leaf") == 5
    assert [n.kind for n in picture.nodes].count("value") == 5
    assert [n.rows[0][0] for n in picture.nodes if n.kind == "op"] == ["×", "×", "+", "+", "tanh"]
    assert picture.notes == ["No gradients yet: backward has not run."]


def test_two_uses_of_a_value_are_two_arrows():
    x = Value(3.0)
    edges = _picture(x * x).edges
    assert [(e.tail, e.head) for e in edges] == [("v0", "op1"), ("v0", "op1"), ("op1", "v1")]


def test_arguments_keep_their_order_and_are_numbered_where_it_matters():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    subtraction, addition = (_picture(v, show=("label", "data")) for v in (b - a, b + a))
    names = {n.key: n.label for n in subtraction.nodes}
    assert [(names[e.tail], e.text) for e in subtraction.edges[:2]] == [("b", "1"), ("a", "2")]
    assert [e.text for e in addition.edges] == ["", "", ""]
    assert [e.caption for e in _picture(b - a).edges] == [
        "1",
        "-1",
        "",
    ]  # a slope needs no number beside it: the box says b - a


def test_of_many_arguments_the_first_and_the_last_are_numbered():
    xs = [Value(float(i), f"x{i}") for i in range(9)]
    assert [e.text for e in _picture(np.stack(xs)).edges[:-1]] == ["1", *[""] * 7, "9"]
    assert [e.text for e in _picture(np.stack(xs[:6])).edges[:-1]] == list("123456")


def test_constants_are_shown_and_many_in_one_call_are_one_box():
    few = _picture(Value(2.0) * 3.0)
    assert [n.rows for n in few.nodes if n.kind == "constant"] == [(("3",),)]
    many = _picture(np.stack([Value(1.0), *([0.5] * 100)]))
    assert [n.rows for n in many.nodes if n.kind == "constant"] == [(("100 constants",),)]


def test_results_of_one_call_hang_on_one_op():
    q, r = np.linalg.qr(Value(np.array([[2.0, 1.0], [0.0, 3.0]])))
    picture = _picture(q @ r)
    assert [n.rows[0][0] for n in picture.nodes if n.kind == "op"] == ["qr", "@"]
    assert {e.text for e in picture.edges} == {"", "[0]", "[1]", "1", "2"}


def test_modules_are_nested_clusters_and_leaves_lie_with_their_only_user():
    picture = _picture(network((2, 3, 1)), limit=100)
    place = {n.label: [i.title for i in n.cluster.path] if n.cluster else [] for n in picture.nodes if n.kind == "leaf"}
    assert place["x0"] == []  # shared by the neurons of a layer: it comes in from outside
    assert place["w2"] == ["layer 1", "neuron 0"]
    assert picture.notes == ["No gradients yet: backward has not run."]


def test_a_module_that_is_called_again_is_another_cluster():
    v = Value(1.0)
    for _ in range(3):
        with tg.scope("cell"):
            v = np.tanh(v)
        v = v * 0.5
    titles = dict.fromkeys(n.cluster.title for n in _picture(v).nodes if n.cluster)
    assert list(titles) == ["cell", "cell (call 2)", "cell (call 3)"]


class Cell(Module):
    def forward(self, x):
        return np.tanh(x * 0.5)


def test_two_calls_of_a_module_in_a_row_are_two_clusters_also_after_a_round_trip():
    cell, v = Cell(), Value(1.0)
    for _ in range(3):
        v = cell(v)
    titles = ["Cell", "Cell (call 2)", "Cell (call 3)"]
    (read,), _ = restored(GraphData.from_json(Graph(v).to_json()))
    for one in (v, pickle.loads(pickle.dumps(v)), copy.deepcopy(v), read):
        assert list(dict.fromkeys(n.cluster.title for n in _picture(one).nodes if n.cluster)) == titles
    assert {u.scope for u in Graph(v) if u.op} == {("Cell",)}  # names are equal, and told apart by identity


def test_depth_closes_what_lies_deeper_and_says_so():
    v = network((2, 3, 1))
    closed = _picture(v, depth=0)
    assert [n.rows[0][0] for n in closed.nodes if n.kind == "module"] == ["layer 0", "layer 1"]
    assert "modules are closed" in closed.notes[0]
    half = _picture(v, depth=1)
    assert [n.rows[0][0] for n in half.nodes if n.kind == "module"] == ["neuron 0", "neuron 1", "neuron 2", "neuron 0"]
    assert "modules are closed below depth 1" in half.notes[0]
    assert not [n for n in _picture(v, depth=9, limit=100).nodes if n.kind == "module"]


def test_a_closed_module_says_what_is_in_it():
    texts = _texts(_picture(network((2, 3, 1)), depth=0))
    assert any("layer 0" in t and "multiply ×6, add ×6, tanh ×3" in t and "9 leaves" in t for t in texts)


def test_a_network_too_large_is_shown_by_modules():
    v = network((20, 8, 4))
    picture = _picture(v, limit=30)
    assert sum(n.kind != "op" and n.kind != "constant" for n in picture.nodes) <= 30
    assert picture.notes[0].startswith(f"{len(Graph(v)):,} values in ")
    assert "modules are closed" in picture.notes[0]
    assert "limit=" in picture.notes[0]


def test_a_network_without_modules_is_folded_to_its_layers():
    picture = _picture(network((30, 8, 4), scopes=False), limit=30)
    texts = " / ".join(_texts(picture))
    assert "240 side by side multiply ×240" in texts
    assert "30 leaves x0 … x29" in texts
    assert "240 leaves w0 … w29" in texts
    assert "30 in a row, each 8 side by side" in texts
    assert "like calls are folded, like leaves are folded" in picture.notes[0]


def test_a_chain_is_folded_but_for_its_ends():
    picture = _picture(chain(100), limit=20)
    assert any("95 in a row add ×95" in t for t in _texts(picture))
    assert sum(n.kind == "value" for n in picture.nodes) == 5
    assert "runs of calls are folded" in picture.notes[0]


def test_where_nothing_repeats_the_middle_is_folded():
    rng = np.random.default_rng(0)
    values = [Value(1.0, f"x{i}") for i in range(30)]
    for _ in range(300):
        a, b = (values[i] for i in rng.integers(max(0, len(values) - 40), len(values), size=2))
        values.append((0.1 * a * b, a - b, np.tanh(a), -a, a + b)[rng.integers(5)])
    picture = _picture(sum(values[-20:]), limit=20)
    assert "the middle of the graph" in " ".join(_texts(picture))


@pytest.mark.parametrize("n", [100_000])
def test_a_deep_chain_needs_no_recursion(n: int):
    v = chain(n)
    drawing = draw(v, engine="builtin")
    assert f"{n + 1:,} values in" in drawing.notes[0]
    assert drawing.svg.endswith("</svg>\n")
    assert "99,99" in str(drawing)


def test_deep_scopes_need_no_recursion():
    v, open_scopes = Value(1.0), [tg.scope(f"s{i}") for i in range(300)]
    for s in open_scopes:
        s.__enter__()
        v = v + 1.0
    for s in reversed(open_scopes):
        s.__exit__(None, None, None)
    assert draw(v, engine="builtin", limit=1000).svg
    assert draw(v, limit=1000).dot


def test_a_bad_number_inside_a_folded_box_is_reported():
    v = Value(1.0)
    for i in range(100):
        v = v * (np.inf if i == 50 else 1.0)
    assert any("NOT FINITE: 47 values" in t for t in _texts(_picture(v, limit=20)))


@given(dags(), st.integers(8, 30), st.sampled_from([None, 0, 1, 2]))
def test_parts_hold_every_value_once_fit_the_limit_and_never_go_in_circles(v: Value, limit: int, depth: int | None):
    graph = Graph(v)
    p, notes = partition(graph, depth, limit)
    assert sorted(w.index for part in p.parts for w in part.values) == [w.index for w in graph]
    assert len(p) <= max(limit, 8)
    rank = p.ranks()
    assert all(rank[j] < rank[i] for i in range(len(p)) for j in p.before[i])
    assert notes or len(p) == len(graph)


def test_a_gradients_graph_has_the_backward_pass_in_a_frame_of_its_own():
    x = Value(3.0, "x")
    with tg.scope("layer"):
        y = np.tanh(x * 0.5)
    (y * y).backward(create_graph=True)
    picture = _picture(x.grad, limit=100)
    place = {n.key: "/".join(i.title for i in n.cluster.path) if n.cluster else "" for n in picture.nodes}
    ops = [(n.rows[0][0], place[n.key]) for n in picture.nodes if n.kind == "op"]
    assert ops[:2] == [("×", "layer"), ("tanh", "layer")]
    assert {where for _, where in ops[2:]} == {"backward", "backward/layer"}
    assert 'fill="#fbf3ee"' in draw(x.grad, engine="builtin").svg
    assert 'style="rounded,filled,dashed"' in draw(x.grad).dot


def test_the_backward_pass_of_a_backward_pass_lies_in_two_frames():
    x = Value(3.0, "x")
    (x**3).backward(create_graph=True)
    first = x.grad
    x.zero_grad()
    first.backward(create_graph=True)
    titles = {"/".join(i.name for i in n.cluster.path) for n in _picture(x.grad).nodes if n.cluster}
    assert "backward/backward" in titles
    assert float(x.grad.data) == 18.0


def test_without_create_graph_nothing_is_recorded_and_the_scope_is_as_it_was():
    from tinygrad_edu.core.recording import STATE

    x = Value(3.0)
    before = STATE.get()
    (x * x).backward(create_graph=True)
    assert STATE.get() is before
    assert (x * 2.0).scope == ()
