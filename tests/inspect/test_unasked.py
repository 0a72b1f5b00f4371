"""What a picture tells, and which way it runs, unless something else is asked for; and that all of it is on the page."""

from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inspect.graphs import chain, dags
from tests.inspect.test_drawing import SVG, svg_texts, trained
from tinygrad_edu.core import Value
from tinygrad_edu.inspect import diff, draw
from tinygrad_edu.inspect.pictures.picture import SHOW


def test_single_numbers_have_no_shape_and_arrays_have():
    assert not any("()" in t for t in svg_texts(draw(trained(), engine="builtin").svg))
    mixed = svg_texts(draw((Value(np.ones(3), "x") * 2.0).sum(), engine="builtin").svg)
    assert "(3,)" in mixed
    assert "()" in mixed


def test_a_small_graph_of_numbers_shows_its_slopes_and_a_larger_one_does_not():
    assert any(e.formula == "w1 = -3" for e in draw(trained())._picture.edges)
    assert not any(e.formula for e in draw(chain(40))._picture.edges)
    assert not any(e.formula for e in draw(trained(), show=SHOW)._picture.edges)


def test_values_are_called_as_the_variables_of_the_caller():
    w, x = Value(2.0), Value(3.0, "x1")
    z = w * x
    assert "z = multiply(w, x1)" in str(z.graph())
    assert "z = multiply(w, x1)" in str(draw(z, show=("label", "data")))
    assert "product = multiply(weight, x1)" in str(draw(z, names={"product": z, "weight": w}))
    assert "%2 = multiply(%0, x1)" in str(draw(z, names={}, show=SHOW))


@pytest.mark.parametrize("engine", ["builtin", "auto"])
def test_what_would_be_wider_than_a_page_runs_down(engine: str):
    for v, runs in ((trained(), "LR"), (chain(25), "TB")):
        drawing = draw(v, engine=engine)
        assert f"rankdir={runs}" in drawing.dot
        wide, high = (float(drawing.svg.split(f'{side}="')[1].split("px")[0]) for side in ("width", "height"))
        assert wide < 1_300
        assert (wide > high) == (runs == "LR")
    assert "rankdir=LR" in draw(chain(25), direction="LR").dot


@given(dags(), st.sampled_from(["LR", "TB"]))
@settings(max_examples=40)
def test_no_text_leaves_the_picture(v: Value, direction: str):
    root = ElementTree.fromstring(draw(v, direction=direction, engine="builtin", limit=100).svg)
    page = float(root.get("width", "").removesuffix("px"))
    for t in root.iter(f"{SVG}text"):
        x, wide = float(t.get("x", "")), 0.5 * float(t.get("font-size", "11")) * len("".join(t.itertext()))
        left = x - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[t.get("text-anchor", "")]
        assert left >= 0
        assert left + wide <= page


def test_a_bold_title_stays_in_its_cell():
    text = pytest.importorskip("matplotlib.textpath")
    font = pytest.importorskip("matplotlib.font_manager").FontProperties(family="DejaVu Sans", weight="bold")
    label = "the weight from the…three to the output"
    svg = draw(Value(1.0, label) * Value(np.ones(3)), engine="builtin", show=SHOW).svg
    box = next(g for g in ElementTree.fromstring(svg).iter(f"{SVG}g") if label in "".join(g.itertext()))
    left = float(box.find(f"{SVG}rect").get("x"))  # type: ignore[union-attr, arg-type]
    lines = [p.get("d", "M0 0L1 0")[1:].split("L") for p in box.iter(f"{SVG}path")]
    right = next(float(a.split()[0]) for a, b in lines if a.split()[0] == b.split()[0])  # of the upright line behind the title
    assert text.TextPath((0, 0), label, size=11, prop=font).get_extents().width + 6 <= right - left


def test_an_index_stands_as_it_is_written_and_an_empty_array_is_called_empty():
    x = Value(np.arange(24.0).reshape(2, 3, 4), "x")
    for index, written in (
        (slice(1, None), "[1:]"),
        ((0, slice(None, None, 2)), "[0, ::2]"),
        ((..., slice(1, 3)), "[..., 1:3]"),
    ):
        assert f"index={written}" in svg_texts(draw(x[index], engine="builtin").svg)
    assert svg_texts(draw(Value(np.zeros((0, 3)), "none"), engine="builtin").svg)[:3] == ["none", "(0, 3)", "data empty"]


def test_every_format_is_written_by_its_ending(tmp_path):
    begins = {"svg": b"<svg", "dot": b"digraph", "gv": b"digraph", "html": b"<!doctype html>", "json": b"{"}
    for ending, start in begins.items():
        assert draw(trained(), engine="builtin").render(tmp_path / f"g.{ending}").read_bytes().startswith(start)
        diff(trained(), trained()).render(tmp_path / f"d.{ending}")
        assert (tmp_path / f"d.{ending}").read_bytes().startswith(start)


def test_a_difference_says_nothing_of_gradients_that_there_are_not():
    x = Value(2.0, "x")
    drawing = diff(x * 3.0, x * 4.0).draw(engine="builtin")
    assert not any("grad" in t or "()" in t for t in svg_texts(drawing.svg))
