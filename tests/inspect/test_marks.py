"""What is wrong with a value is seen by a word, a shape and a colour; the chain rule's factors stand on the arrows."""

import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.inspect.graphs import dags, network, neuron
from tinygrad_edu.core import Value
from tinygrad_edu.inspect import draw
from tinygrad_edu.inspect.pictures import engines
from tinygrad_edu.inspect.pictures.dot import MARKS
from tinygrad_edu.inspect.pictures.picture import ALL, SHOW, Node

SVG = "{http://www.w3.org/2000/svg}"


def _nodes(v: Value, **options: object) -> dict[str, Node]:
    return {n.label or n.key: n for n in draw(v, **options)._picture.nodes}  # type: ignore[arg-type]


def _labelled(v: Value, label: str) -> Value:
    v.label = label
    return v


def ill() -> Value:
    """A graph with one value of each kind of trouble."""
    x = Value(np.array([-1.0, -2.0]), "x")
    dead = _labelled(tg.ops.relu(x), "dead")
    saturated = _labelled(np.tanh(Value(np.array([50.0, -60.0, 0.1]), "far")), "saturated")
    bad = _labelled(np.sqrt(Value(np.array([-1.0, 4.0]), "negative")), "bad")
    return dead.sum() + saturated.sum() + bad.sum()


def ill_silently() -> Value:
    with np.errstate(all="ignore"):
        return ill()


def test_each_trouble_has_its_mark_and_its_word():
    nodes = _nodes(ill_silently())
    assert {k: n.mark for k, n in nodes.items() if k in ("x", "dead", "saturated", "bad", "far")} == {
        "x": "", "dead": "dead", "saturated": "saturated", "bad": "bad", "far": ""}  # fmt: skip
    words = {"dead": "DEAD: only zeros", "saturated": "SATURATED: slope < 1 %", "bad": "data NOT FINITE: 1 nan of 2"}
    assert all(nodes[k].rows[-1] == (word,) for k, word in words.items())


def test_working_units_have_no_mark():
    v = tg.ops.relu(Value(np.array([-1.0, 2.0]))).sum() + np.tanh(Value(np.array([50.0, 0.1]))).sum()
    assert {n.mark for n in _nodes(v).values()} == {""}


def test_marks_differ_in_shape_in_the_own_picture():
    shapes = {}
    for g in ElementTree.fromstring(draw(ill_silently(), engine="builtin").svg).iter(f"{SVG}g"):
        texts = ["".join(t.itertext()) for t in g.iter(f"{SVG}text")]
        if texts[0] in ("dead", "saturated", "bad"):
            outline = [e for e in g if e.tag in (f"{SVG}path", f"{SVG}rect")]
            first = next(e for e in g if e.tag in (f"{SVG}path", f"{SVG}rect") and e.get("fill") != "none")
            corners = len(re.findall("[ML]", first.get("d", ""))) or 4
            strokes = sum(e.get("fill") == "none" for e in outline)
            shapes[texts[0]] = (corners, strokes)
            assert first.get("fill") == MARKS[texts[0]].fill
    assert shapes == {"bad": (8, 0), "saturated": (6, 0), "dead": (4, 1)}


def test_marks_differ_in_shape_in_graphviz():
    dot = draw(ill_silently()).dot
    for shape, word in (("octagon", "NOT FINITE"), ("hexagon", "SATURATED")):
        assert re.search(rf"\[(?=.*{word}).*shape={shape}", dot)
    assert re.search(r'\[(?=.*DEAD).*shape=box style="filled,diagonals"', dot)


HARD = st.text(max_size=8) | st.text(alphabet='<>|{}\\"&;n lt#[]', max_size=10)
needs_pure = pytest.mark.skipif(engines.found("graphviz-pure") is None, reason="graphviz-pure comes with the `graph` extra")


@needs_pure
@given(HARD, st.sampled_from([math.nan, 0.0]))
@settings(max_examples=30)
def test_any_label_comes_through_in_a_marked_box(label: str, x: float):
    root = ElementTree.fromstring(draw(_labelled(tg.ops.relu(Value(x)), label), show=SHOW, engine="graphviz-pure").svg)
    texts = ["".join(t.itertext()).replace("\xa0", " ") for t in root.iter(f"{SVG}text")]
    visible = "".join(c if c.isprintable() or c == "\u200d" else c.encode("unicode_escape").decode() for c in label)
    assert f"{visible}  ()".strip() in [t.strip() for t in texts] or not visible.strip()


@needs_pure
def test_graphviz_draws_eight_six_and_four_corners():
    svg = draw(ill_silently(), engine="graphviz-pure").svg
    corners = {}
    for g in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        texts = " ".join("".join(t.itertext()) for t in g.iter(f"{SVG}text"))
        polygon = next(g.iter(f"{SVG}polygon"), None)
        for word in ("bad", "saturated", "dead"):
            if g.get("class") == "node" and re.match(rf"{word}\s", texts) and polygon is not None:
                corners[word] = len(set((polygon.get("points") or "").split()))
    assert corners == {"bad": 8, "saturated": 6, "dead": 4}


def test_grey_levels_of_the_fills_keep_the_text_readable():
    for mark in MARKS.values():
        assert _luminance(mark.fill) > 0.6  # dark text on it: a contrast of more than 10 to 1
        assert _luminance(mark.line) < 0.25


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_folded_box_counts_its_dead_units_and_is_marked_if_most_are():
    def folded(alive: int) -> Node:
        units = [tg.ops.relu(Value(1.0 if i < alive else -1.0)) for i in range(100)]
        return next(n for n in draw(sum(units), limit=20)._picture.nodes if n.rows[-1][0].startswith("DEAD"))

    assert folded(10).rows[-1] == ("DEAD: 90 of 100",)
    assert folded(10).mark == "dead"
    assert folded(90).rows[-1] == ("DEAD: 10 of 100",)
    assert folded(90).mark == ""


# -- formulas ----------------------------------------------------------------------------------------------------------


def _slopes(v: Value) -> dict[tuple[str, str], str]:
    picture = draw(v, show=ALL)._picture
    labels = {n.key: n.label for n in picture.nodes}
    results = {e.tail: labels[e.head] for e in picture.edges if e.tail.startswith("op")}
    return {(labels[e.tail], results[e.head]): e.formula for e in picture.edges if e.head in results}


def test_the_local_derivative_stands_on_the_arrows_with_its_number():
    x, w = Value(2.0, "x"), Value(-3.0, "w")
    z = _labelled(x * w, "z")
    assert _slopes(_labelled(np.tanh(z), "y")) == {
        ("x", "z"): "w = -3",
        ("w", "z"): "x = 2",
        ("z", "y"): f"1 - y**2 = {1 - math.tanh(-6) ** 2:.4g}",
    }


def test_a_square_and_a_result_are_written_as_a_teacher_would():
    a, y = Value(0.75, "a"), Value(3.0, "y")
    assert _slopes(_labelled((a - 1.0) ** 2, "C"))[("a - 1", "C")] == "2*(a - 1) = -0.5"
    assert _slopes(_labelled(a**3, "C"))[("a", "C")] == "3*a**2 = 1.688"
    assert _slopes(_labelled(tg.ops.sigmoid(a), "s"))[("a", "s")] == "s * (1 - s) = 0.2179"
    assert _slopes(_labelled(1.0 / y, "r"))[("y", "r")] == "-r / y = -0.1111"
    assert _slopes(_labelled(np.tanh(a + y) ** 2, "q"))[("tanh(a + y)", "q")].startswith("2*tanh(a + y) = ")
    assert _slopes(np.tanh(a + y) * 2.0)[("a + y", "tanh(a + y)")].startswith("1 - tanh(a + y)**2 = ")
    assert _slopes(np.cbrt(a + y) * 2.0)[("a + y", "cbrt(a + y)")].startswith("1 / (3 * cbrt(a + y)**2) = ")
    assert _slopes(np.log(a + y) * 2.0)[("a + y", "log(a + y)")] == "1 / (a + y) = 0.2667"
    assert _slopes(np.arctan(a - y) * 2.0)[("a - y", "arctan(a - y)")] == "1 / (1 + (a - y)**2) = 0.1649"
    assert _slopes(_labelled(np.tan(a), "t"))[("a", "t")].startswith("1 + t**2 = ")


def test_between_arrays_it_says_how_the_gradient_comes_back():
    x, w = Value(np.ones(3), "x"), Value(np.full(3, 2.0), "w")
    slopes = _slopes(_labelled(x * w, "z"))
    assert slopes == {("x", "z"): "g * w", ("w", "z"): "g * x"}


def test_where_nothing_flows_is_not_a_zero():
    x, y = Value(1.0, "x"), Value(2.0, "y")
    slopes = _slopes(_labelled(np.where(np.array(False), x, y), "z"))
    assert slopes[("x", "z")] == "none: nothing flows"
    assert slopes[("y", "z")].endswith("1")


@given(dags())
@settings(max_examples=40)
def test_the_numbers_on_the_arrows_are_difference_quotients(v: Value):
    picture = draw(v, show=ALL, precision=12, limit=100)._picture
    calls = iter(w for w in tg.core.Graph(v).values if w.op is not None)
    for node in (n for n in picture.nodes if n.kind == "op"):
        call = next(calls)
        for n, edge in enumerate(e for e in picture.edges if e.head == node.key):
            if edge.formula:
                assert float(edge.formula.split(" = ")[-1]) == pytest.approx(_quotient(call, n), rel=1e-4, abs=1e-6)


def _quotient(call: Value, place: int) -> float:
    xs = [float(a.data) if type(a) is Value else float(a) for a in call.args]
    h = 1e-5 * max(1.0, abs(xs[place]))
    sides = [call.op.fn(*[x + s * h * (n == place) for n, x in enumerate(xs)]) for s in (1, -1)]  # type: ignore[union-attr]
    return float((sides[0] - sides[1]) / (2 * h))


def test_unnamed_values_get_the_names_that_the_formulas_use():
    labels = _nodes(neuron(), show=("label", "formula"))
    assert "x1*w1 + x2*w2" in labels
    assert "x1*w1 + x2*w2" not in _nodes(neuron(), show=("label",))


def test_formulas_are_drawn_by_both_and_fit_between_the_columns():
    drawing = draw(neuron(), show=ALL, engine="builtin")
    assert any("w1 = -3" in "".join(t.itertext()) for t in ElementTree.fromstring(drawing.svg).iter(f"{SVG}text"))
    assert 'label=" w1 = -3 "' in drawing.dot
    narrow = float(re.search(r'width="(\d+)px"', draw(neuron(), show=SHOW, engine="builtin").svg)[1])  # type: ignore[index]
    wide = float(re.search(r'width="(\d+)px"', drawing.svg)[1])  # type: ignore[index]
    assert narrow < wide < 2 * narrow


def test_a_network_with_formulas_is_drawn_before_and_after_backward():
    v = network((2, 3, 1))
    before = _slopes(v)
    v.backward()
    assert _slopes(v) == before
