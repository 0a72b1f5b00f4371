"""Two graphs: what was added, removed and changed is found, listed, drawn and written; a graph from JSON draws as it did."""

import json
import re
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.inspect.graphs import dags, network, neuron
from tinygrad_edu.core import Graph, Value
from tinygrad_edu.errors import DTypeError, OptionError
from tinygrad_edu.inspect import Difference, diff, draw
from tinygrad_edu.inspect.pictures import engines
from tinygrad_edu.inspect.pictures.picture import ALL

SVG = "{http://www.w3.org/2000/svg}"


def again(v: Value) -> Any:
    return Graph.from_json(Graph(v).to_json())


def model(w: float = 0.3, activation: Any = np.tanh, doubled: bool = False) -> Value:
    x, weight, b = Value(2.0, "x"), Value(w, "w"), Value(0.5, "b")
    with tg.scope("layer"):
        a = activation(weight * x + b)
        a = a * 2.0 if doubled else a
    loss = (a - 1.0) ** 2
    loss.label = "loss"
    loss.backward()
    return loss


def kinds(d: Difference) -> dict[str, str]:
    return {c.name: c.kind for c in d.changes}


# -- a graph from JSON -------------------------------------------------------------------------------------------------


@given(dags(), st.booleans(), st.integers(8, 60), st.sampled_from([None, 0, 1]))
@settings(max_examples=60)
def test_a_graph_from_json_draws_as_it_did(v: Value, backward: bool, limit: int, depth: int | None):
    if backward:
        v.backward()
    options: dict[str, Any] = {"limit": limit, "depth": depth, "show": ALL, "names": {}}
    assert draw(again(v), **options).dot == draw(v, **options).dot


def _cases() -> dict[str, Value]:
    q, r = np.linalg.qr(Value(np.array([[2.0, 1.0], [0.0, 3.0]])))
    with np.errstate(all="ignore"):
        ill = np.log(Value(np.array([-1.0, 0.0, 1.0, 2.0, 3.0]), "ill")).sum()
    return {
        "results": q @ r,
        "arrays": np.tanh(Value(np.arange(12.0).reshape(3, 4), "a")).sum(axis=0, keepdims=True),
        "not finite": ill,
        "dead": tg.ops.relu(Value(-np.ones((3, 3)))).mean(),
        "fractions": Value(np.array(Fraction(1, 3), object)) * Fraction(2, 7),
        "float32": Value(np.float32(1.5), "x") * 2.0,
        "constants": np.stack([Value(1.0), *([0.5] * 20)]) @ np.ones((21, 2)),
        "network": network((5, 4, 2)),
        "large": network((30, 8, 4), scopes=False),
    }


@pytest.mark.parametrize("name", _cases())
def test_every_kind_of_value_is_drawn_from_json_as_it_was(name: str):
    v = _cases()[name]
    if v.size == 1 and v.dtype != object:
        v.backward()
    assert draw(again(v)).dot == draw(v, names={}).dot
    assert str(draw(again(v)).tree()) == str(draw(v, names={}).tree())


def test_an_op_that_is_not_declared_here_is_drawn_by_its_name():
    text = Graph(np.tanh(Value(0.5, "x")) * 2.0).to_json().replace('"name":"tanh"', '"name":"foreign"')
    assert "foreign(x)" in str(draw(Graph.from_json(text), show=ALL))


# -- matching ----------------------------------------------------------------------------------------------------------


@given(dags())
def test_a_graph_does_not_differ_from_itself(v: Value):
    d = diff(v, again(v))
    assert not d
    assert d.same == len(Graph(v))


def test_other_numbers_are_changes_with_both_numbers():
    d = diff(model(0.3), model(0.4))
    assert set(kinds(d).values()) == {"changed"}
    w = next(c for c in d.changed if c.label == "w")
    assert (float(w.before["data"]), float(w.after["data"])) == (0.3, 0.4)
    loss = next(c for c in d.changed if c.label == "loss")
    assert set(loss.before) == {"data"}  # its gradient is 1 in both
    assert float(loss.before["data"]) == pytest.approx((np.tanh(1.1) - 1) ** 2)
    assert diff(model(0.3), model(0.3 + 1e-12), tolerance=1e-6).same == 8
    assert diff(model(0.3), model(0.3 + 1e-12)).changed


def test_another_op_is_removed_and_added_and_its_user_has_other_arguments():
    d = diff(model(), model(activation=tg.ops.sigmoid, doubled=True))
    found = kinds(d)
    assert {k: v for k, v in found.items() if v != "changed"} == {
        "layer/tanh 1": "removed", "layer/sigmoid 1": "added", "layer/multiply 2": "added"}  # fmt: skip
    minus = next(c for c in d.changed if c.op == "subtract")
    assert (minus.before["arguments"], minus.after["arguments"]) == ("(tanh 1, 1)", "(multiply 2, 1)")


def test_calls_are_matched_by_module_op_and_number():
    def twice(n: int) -> Value:
        v = Value(0.5, "x")
        for _ in range(n):
            with tg.scope("cell"):
                v = np.tanh(v)
            v = v * 1.0
        return v

    d = diff(twice(2), twice(3))
    assert kinds(d) == {"cell (call 3)/tanh 1": "added", "multiply 3": "added"}


def test_a_leaf_that_is_used_elsewhere_is_the_same_leaf():
    x = Value(2.0, "x")
    with tg.scope("layer"):
        a = x * 3.0
    assert kinds(diff(a, a + x)) == {"add 1": "added"}


def test_options_shapes_and_constants_are_compared():
    x = Value(np.ones((2, 3)), "x")
    assert next(c.after for c in diff(x.sum(axis=0).sum(), x.sum(axis=1).sum()).changed)["options"] == "axis=1"
    assert diff(np.ones(2) * Value(1.0, "x"), np.ones(3) * Value(1.0, "x")).changed[0].after["shape"] == "(3,)"
    assert diff(Value(3.0, "x") * 2.0, Value(2.0, "x") * 3.0).changed[-1].after["arguments"] == "(x, 3)"


def test_arrays_of_equal_range_and_mean_that_differ_inside_are_told_apart():
    a, b = np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([[0.0, 2.0], [1.0, 3.0]])
    assert [c.label for c in diff(Value(a, "x").sum(), Value(b, "x").sum()).changed] == ["x"]


def test_nan_is_the_same_as_nan_and_no_gradient_is_no_zero():
    x, y = Value(np.nan, "x"), Value(np.nan, "x")
    assert not diff(x * 1.0, y * 1.0)
    z = x * 1.0
    z.backward()
    assert {k for c in diff(y * 1.0, z).changed for k in c.after} == {"grad"}


@given(dags(), dags())
@settings(max_examples=60)
def test_every_node_is_counted_once_and_the_mirror_image_agrees(a: Value, b: Value):
    d, back = diff(a, b), diff(b, a)
    assert d.same + len(d.changed) + len(d.removed) == len(Graph(a))
    assert d.same + len(d.changed) + len(d.added) == len(Graph(b))
    assert {c.nodes for c in d.added} == {c.nodes[::-1] for c in back.removed}
    assert len(d.changed) == len(back.changed)


# -- shown -------------------------------------------------------------------------------------------------------------


def test_the_list_has_a_sign_a_name_and_the_numbers():
    lines = str(diff(model(), model(activation=tg.ops.sigmoid))).splitlines()
    assert lines[0] == "= 0 the same, ~ 7 changed, + 1 added, - 1 removed"
    assert any(re.match(r"- layer/tanh 1 +data 0\.8005 ", line) for line in lines)
    assert any(re.match(r"\+ layer/sigmoid 1 +data 0\.7503 ", line) for line in lines)
    assert any(re.match(r"~ loss  power +data 0\.0398 -> 0\.06237$", line) for line in lines)


def test_json_has_numbers_as_numbers():
    document = json.loads(diff(model(0.3), model(np.nan)).to_json())
    assert document["format"] == "tinygrad_edu.diff/1"
    w = next(c for c in document["changes"] if c["label"] == "w")
    assert w["before"]["data"] == 0.3
    assert w["after"]["data"] == "nan"


def test_the_picture_tells_by_colour_sign_and_word():
    d = diff(model(), model(activation=tg.ops.sigmoid, doubled=True))
    picture = d.draw()._picture
    marks = {row: n.mark for n in picture.nodes for (row, *_) in n.rows if n.mark and row[0] in "+−~"}
    assert marks == {"+ ADDED": "added", "− REMOVED": "removed", "~ CHANGED": "changed"}
    assert sorted(e.mark for e in picture.edges if e.mark) == ["added"] * 3 + ["removed"] * 2
    assert picture.notes[-1] == "+ ADDED: 2, − REMOVED: 1, ~ CHANGED: 7"
    svg = d.draw(engine="builtin").svg
    texts = ["".join(t.itertext()) for t in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    assert any(t.startswith("data 0.0398 → ") and "(+" in t for t in texts)
    assert {t for t in texts if t.startswith(("+", "−"))} >= {"+ ADDED", "− REMOVED"}
    assert svg.count("stroke-dasharray") >= 3
    assert d._repr_mimebundle_()["text/plain"] == str(d)


@given(dags(), dags(), st.integers(8, 40))
@settings(max_examples=60)
def test_any_two_graphs_are_drawn_in_one_without_circles(a: Value, b: Value, limit: int):
    d = diff(a, b)
    drawing = d.draw(limit=limit, engine="builtin")
    ElementTree.fromstring(drawing.svg)
    if limit >= len(Graph(a)) + len(Graph(b)):
        nodes = [n for n in drawing._picture.nodes if n.kind not in ("op", "constant")]
        assert len(nodes) == len(Graph(a)) + len(d.added)
        assert sum(n.mark == "removed" for n in nodes) == len(d.removed)


@pytest.mark.skipif(engines.found("graphviz-pure") is None, reason="graphviz-pure comes with the `graph` extra")
@given(dags(), dags())
@settings(max_examples=10)
def test_graphviz_draws_every_node_and_arrow_of_both(a: Value, b: Value):
    drawing = diff(a, b).draw(limit=100, engine="graphviz-pure")
    classes = [g.get("class") for g in ElementTree.fromstring(drawing.svg).iter(f"{SVG}g")]
    assert classes.count("node") == len(drawing._picture.nodes)
    assert classes.count("edge") == len(drawing._picture.edges)


def test_arrows_that_would_run_backwards_are_left_out_and_counted():
    x = Value(0.5, "x")
    d = diff(np.exp(np.tanh(x)), np.tanh(np.exp(x)))
    assert any("they would run backwards" in note for note in d.draw().notes)


def test_large_graphs_are_folded_and_their_boxes_count_changes():
    d = diff(network((30, 8, 4)), network((30, 9, 4)))
    texts = [" ".join(" ".join(row) for row in n.rows) for n in d.draw()._picture.nodes]
    assert any("+ ADDED: 92 of 92" in t for t in texts)
    assert any("~ CHANGED: " in t for t in texts)


def test_drawings_are_compared_as_they_were_drawn():
    w = Value(2.0, "w")
    before = (w * 3.0).graph()
    w.data = 4.0
    after = (w * 3.0).graph()
    leaf = before.diff(after).changed[0]
    assert (float(leaf.before["data"]), float(leaf.after["data"])) == (2.0, 4.0)
    assert isinstance(Graph(w * 3.0).diff(again(w * 3.0)), Difference)


def test_a_difference_is_written_to_a_file(tmp_path: Any):
    d = diff(neuron(), neuron() * 2.0)
    assert "+ ADDED" in d.render(tmp_path / "d.svg", engine="builtin").read_text("utf-8")


@pytest.mark.parametrize("wrong", [{"tolerance": -1.0}, {"tolerance": np.nan}, {"precision": 0}, {"precision": 2.0}])
def test_wrong_options_are_refused(wrong: dict[str, Any]):
    with pytest.raises(OptionError):
        diff(neuron(), neuron(), **wrong)


def test_only_graphs_are_compared():
    with pytest.raises(DTypeError, match="got float"):
        diff(neuron(), 1.0)
    with pytest.raises(OptionError, match="no option 'colour'"):
        diff(neuron(), neuron()).draw(colour="red")
    with pytest.raises(OptionError, match="no formulas"):
        diff(neuron(), neuron()).draw(show=ALL)


def test_two_entries_that_were_swapped_are_noticed_where_the_thumbnail_does_not_show_them():
    a = np.linspace(0.0, 1.0, 10_000).reshape(100, 100)
    b = a.copy()
    b[50, 50:52] = a[50, [51, 50]]
    one, other = (Value(x, "x") * 1.0 for x in (a, b))
    assert [c.op for c in diff(one, other).changed] == ["", "multiply"]
    assert not diff(one, Value(a.copy(), "x") * 1.0).changed
    old = json.loads(Graph(other).to_json())
    del old["arrays"]["digest"]  # as in files of before
    assert not diff(one, Graph.from_json(json.dumps(old))).changed
