"""The picture: its text, its DOT, its SVG, the engines and the files."""

import os
import re
import shutil
import subprocess
import sys
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.inspect.graphs import chain, dags, network, neuron
from tinygrad_edu.core import Value
from tinygrad_edu.errors import DTypeError, GraphError, MissingExtra, OptionError
from tinygrad_edu.inspect import Drawing, draw
from tinygrad_edu.inspect.pictures import engines
from tinygrad_edu.inspect.pictures.engines import rendered
from tinygrad_edu.inspect.pictures.nested import laid_out
from tinygrad_edu.inspect.pictures.picture import SHOW
from tinygrad_edu.inspect.pictures.sizes import size

PURE = engines.found("graphviz-pure")
needs_pure = pytest.mark.skipif(PURE is None, reason="graphviz-pure comes with the `graph` extra")
SVG = "{http://www.w3.org/2000/svg}"
VALUES = st.floats(allow_nan=True, allow_infinity=True)


def svg_texts(svg: str) -> list[str]:
    return ["".join(t.itertext()) for t in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def trained() -> Value:
    out = neuron()
    out.backward()
    return out


def test_a_box_shows_label_shape_data_and_gradient():
    texts = svg_texts(draw(trained(), show=SHOW, engine="builtin").svg)
    at = texts.index("w1")
    assert texts[at : at + 4] == ["w1", "()", "data -3", "grad 1.573"]  # 2 (1 - tanh(0.5)^2)


def test_every_node_is_in_the_dot_source_and_in_both_pictures():
    drawing = draw(trained())
    for key in ["v0", "v1", "op2", *[f"op{i}" for i in (5, 8, 9)]]:
        assert re.search(rf"^\t{key} \[", drawing.dot, re.M) or key not in {n.key for n in drawing._picture.nodes}
    assert drawing.dot.count("->") == len(drawing._picture.edges) == 14
    root = ElementTree.fromstring(draw(trained(), engine="builtin").svg)
    assert len(root.findall(f"{SVG}g")) == len(drawing._picture.nodes) == 15


@needs_pure
@given(dags())
@settings(max_examples=15)
def test_graphviz_draws_every_node_and_edge(v: Value):
    drawing = draw(v, engine="graphviz-pure", limit=100)
    classes = [g.get("class") for g in ElementTree.fromstring(drawing.svg).iter(f"{SVG}g")]
    assert classes.count("node") == len(drawing._picture.nodes)
    assert classes.count("edge") == len(drawing._picture.edges)


@given(dags(), st.sampled_from(["LR", "TB"]), st.integers(8, 60))
def test_the_builtin_picture_is_well_formed_and_boxes_do_not_overlap(v: Value, direction: str, limit: int):
    picture = draw(v, direction=direction, limit=limit)._picture
    ElementTree.fromstring(draw(v, direction=direction, limit=limit, engine="builtin").svg)
    titles = {i: 20.0 for n in picture.nodes if n.cluster for i in n.cluster.path}
    layout = laid_out(picture, {n.key: size(n) for n in picture.nodes}, titles, 40.0)
    for a, b in combinations(layout.nodes.values(), 2):
        assert _apart(a, b)
    for node in picture.nodes:
        for inst, frame in layout.clusters.items():
            inside = node.cluster is not None and inst in node.cluster.path
            assert _within(layout.nodes[node.key], frame) if inside else _apart(layout.nodes[node.key], frame)


@given(dags())
def test_arrows_run_forwards_and_end_at_their_boxes(v: Value):
    picture = draw(v, limit=100)._picture
    titles = {i: 20.0 for n in picture.nodes if n.cluster for i in n.cluster.path}
    layout = laid_out(picture, {n.key: size(n) for n in picture.nodes}, titles, 40.0)
    for edge, way in zip(picture.edges, layout.ways, strict=True):
        tail, head = layout.nodes[edge.tail], layout.nodes[edge.head]
        assert way[0][0] == pytest.approx(tail[0] + tail[2])
        assert way[-1][1] == pytest.approx(head[0])
        xs = [x for x0, x1, _ in way for x in (x0, x1)]
        assert all(a <= b + 1e-6 for a, b in pairwise(xs))


def _apart(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] + a[2] <= b[0] or b[0] + b[2] <= a[0] or a[1] + a[3] <= b[1] or b[1] + b[3] <= a[1]


def _within(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] >= b[0] and a[1] >= b[1] and a[0] + a[2] <= b[0] + b[2] and a[1] + a[3] <= b[1] + b[3]


# -- names and numbers -----------------------------------------------------------------------------------------------

HARD = st.one_of(st.text(max_size=12), st.text(alphabet='<>|{}\\"&;n lt#[]', max_size=12))


@given(HARD, HARD)
def test_any_label_and_scope_come_through_the_builtin_picture(label: str, scope: str):
    with tg.scope(scope):
        v = Value(1.0, label) * 2.0
    texts = svg_texts(draw(v, engine="builtin").svg)
    visible = "".join(c if c.isprintable() or c == "\u200d" else c.encode("unicode_escape").decode() for c in label)
    assert not label or (visible if len(visible) <= 40 else visible[:19]) in " ".join(texts)


@needs_pure
@given(HARD, HARD)
@settings(max_examples=30)
def test_any_label_and_scope_come_through_graphviz(label: str, scope: str):
    with tg.scope(scope):
        v = Value(1.0, label) * 2.0
    root = ElementTree.fromstring(draw(v, engine="graphviz-pure").svg)
    texts = ["".join(t.itertext()).replace("\xa0", " ") for t in root.iter(f"{SVG}text")]
    visible = "".join(c if c.isprintable() or c == "\u200d" else c.encode("unicode_escape").decode() for c in label)
    assert not visible.strip() or len(visible) > 40 or visible.replace("\xa0", " ") in texts


@pytest.mark.parametrize(
    ("label", "shown"),
    [("a|b", "a|b"), ("{x}", "{x}"), ("<b>", "<b>"), ('say "hi"', 'say "hi"'), ("a\nb", "a\\nb"), ("a\\nb", "a\\nb"),
     ("&lt;", "&lt;"), ("x \\", "x \\"), ("😀", "😀"), ("\x00\ud800", "\\x00\\ud800")],
)  # fmt: skip
def test_labels_stand_as_they_are(label: str, shown: str):
    v = Value(1.0, label) + 1.0
    assert shown in svg_texts(draw(v, engine="builtin").svg)
    if PURE:
        root = ElementTree.fromstring(draw(v, engine="graphviz-pure").svg)
        assert shown in ["".join(t.itertext()).replace("\xa0", " ") for t in root.iter(f"{SVG}text")]


def test_a_long_label_loses_its_middle():
    assert "a" * 19 + "…" + "b" * 19 in svg_texts(draw(Value(1.0, "a" * 50 + "b" * 50), engine="builtin").svg)


def test_arrays_are_shown_by_their_entries_or_their_range():
    small, large = Value(np.array([1.0, 2.0]), "small"), Value(np.arange(12.0).reshape(3, 4), "large")
    text = str(draw(small.sum() + large.sum()))
    assert re.search(r"small +\(2,\)  data \[1, 2\]", text)
    assert re.search(r"large +\(3, 4\)  data 0 … 11, mean 5.5", text)
    assert "data all 0" in str(draw(Value(np.zeros(9))))
    assert "(0,)  data []" in str(draw(Value(np.zeros(0))))


def test_float32_is_named_and_precision_is_obeyed():
    v = Value(np.float32(1 / 3), "third")
    assert "() float32  data 0.3333" in str(draw(v))
    assert "data 0.33\n" in str(draw(v, precision=2)) + "\n"


def test_fractions_are_exact():
    from fractions import Fraction

    assert "data 1/3" in str(draw(Value(np.array(Fraction(1, 3), object)) * Fraction(1)))


@pytest.mark.parametrize("engine", ["builtin", pytest.param("graphviz-pure", marks=needs_pure)])
def test_numbers_that_are_not_finite_are_marked_by_words_and_a_bold_border(engine: str):
    v = Value(np.array([1.0, np.nan, np.inf]), "v")
    svg = draw(v, engine=engine).svg
    assert any("NOT FINITE: 1 nan, 1 inf of 3" in t.replace("\xa0", " ") for t in svg_texts(svg))
    assert 'stroke-width="2.5"' in svg
    assert 'stroke-width="2.5"' not in draw(Value(1.0), engine=engine).svg


@given(VALUES, VALUES)
def test_any_numbers_are_drawn(a: float, b: float):
    v = Value(np.array([a, b, 1.0, 2.0, 3.0]))
    with np.errstate(all="ignore"):
        v = v + Value(a)
    ElementTree.fromstring(draw(v, engine="builtin").svg)


def test_missing_gradients_are_said_and_absent_ones_are_none():
    v = neuron()
    assert "backward has not run" in str(draw(v))
    assert "grad" not in str(draw(v, show=("data",))).replace("No gradients", "")
    x, unused = Value(1.0, "x"), Value(1.0, "unused")
    y = np.where(np.array(True), x, unused)
    y.backward()
    assert re.search(r"unused .*grad (None|0)", str(draw(y)))


def test_gradients_with_a_graph_of_their_own_are_shown():
    x = Value(3.0, "x")
    y = x * x
    y.backward(create_graph=True)
    assert re.search(r"x +data 3  grad 6", str(draw(y)))


def test_a_lean_graph_shows_what_it_kept():
    with tg.lean():
        x = Value(np.ones(100_000), "x")  # of small arrays, a lean graph keeps all
        y = np.exp(x * 2.0).sum()
    assert "not kept" in str(draw(y))
    y.backward(lean=True)
    assert "freed by a lean backward" in str(draw(y))


def test_show_chooses_the_rows():
    text = str(draw(trained(), show=("label", "data")))
    assert "()" not in text.replace("tanh()", "")
    assert "grad" not in text
    assert "data 2" in text


def test_options_of_a_call_that_are_not_the_default_are_shown():
    v = np.sum(Value(np.ones((2, 3))), axis=0)
    assert "axis=0" in svg_texts(draw(v, engine="builtin").svg)
    assert not any("keepdims" in t for t in svg_texts(draw(v, engine="builtin").svg))


# -- notebooks, files, engines ---------------------------------------------------------------------------------------


def _program(folder: Path, name: str, body: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!{sys.executable}\nimport sys\n{body}\n")
    (folder / name).chmod(0o755)


posix = pytest.mark.skipif(os.name != "posix", reason="stand-ins for programs are scripts")
DRAWS = "sys.stdin.buffer.read(); print('<svg>{}</svg>')"


def test_jupyter_gets_svg_and_text():
    bundle = draw(trained(), engine="builtin")._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg")
    assert bundle["text/plain"].startswith(
        "out = tanh(x1*w1 + x2*w2 + b)   data 0.4621  grad 1\n└── x1*w1 + x2*w2 + b   data 0.5 "
    )
    assert list(draw(trained())._repr_mimebundle_(include={"text/plain"})) == ["text/plain"]


@pytest.mark.parametrize("engine", ["builtin", pytest.param("graphviz-pure", marks=needs_pure)])
def test_the_svg_is_safe_to_embed(engine: str):
    svg = draw(network((2, 3, 1)), engine=engine).svg
    assert svg.startswith("<svg")
    for forbidden in ("<style", "<script", "<!DOCTYPE", " id=", "url("):
        assert forbidden not in svg
    assert 'style="max-width:100%;height:auto"' in svg
    assert re.search(r'width="[\d.]+px" height="[\d.]+px"', svg)
    assert '#ffffff"' in svg  # a background of its own, for dark pages


def test_colours_have_six_digits():
    colours = re.findall(r'"(#\w+)"', draw(network((2, 3, 1))).dot + draw(neuron(), engine="builtin").svg)
    assert colours
    assert all(len(c) == 7 for c in colours)


def test_a_drawing_is_a_snapshot():
    x = Value(3.0, "x")
    y = x * 2.0
    drawing = draw(y)
    y.backward()
    x.data = 5.0
    assert "data 3" in str(drawing)
    assert "grad 2" not in drawing.dot


def test_render_writes_what_the_ending_says(tmp_path: Path):
    drawing = draw(trained(), engine="builtin")
    assert drawing.render(tmp_path / "a.svg").read_text("utf-8") == drawing.svg
    assert drawing.render(str(tmp_path / "b.SVG")).exists()
    assert drawing.render(tmp_path / "c.gv").read_text("utf-8") == drawing.dot
    with pytest.raises(OptionError, match=r"\.svg, \.png, \.pdf, \.dot, \.html, \.json, .*'a\.gif'"):
        drawing.render(tmp_path / "a.gif")
    with pytest.raises(OptionError):
        drawing.render(tmp_path / "svg")
    with pytest.raises(FileNotFoundError):
        drawing.render(tmp_path / "nowhere" / "a.svg")
    assert sorted(os.listdir(tmp_path)) == ["a.svg", "b.SVG", "c.gv"]


@needs_pure
def test_png_comes_from_graphviz(tmp_path: Path):
    assert draw(trained()).render(tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("form", ["png", "pdf"])
def test_without_graphviz_matplotlib_paints_and_without_both_it_is_said(tmp_path: Path, monkeypatch, form: str):
    begins = {"png": b"\x89PNG", "pdf": b"%PDF"}[form]
    assert draw(trained(), engine="builtin").render(tmp_path / f"a.{form}").read_bytes().startswith(begins)
    monkeypatch.setattr(engines, "found", lambda name: None)
    assert draw(trained()).render(tmp_path / f"a.{form}").read_bytes().startswith(begins)
    (tmp_path / f"a.{form}").write_text("old")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtra, match=rf"{form.upper()} needs.*pip install 'tinygrad-edu\[train\]'.*\.svg"):
        draw(trained()).render(tmp_path / f"a.{form}")
    assert (tmp_path / f"a.{form}").read_text() == "old"


def test_a_pdf_is_of_letters_and_strokes():
    pdf = rendered(draw(trained(), show=("label", "formula"), engine="builtin")._picture, "builtin", "pdf")
    assert b"/FontDescriptor" in pdf
    assert b"/Subtype /Image" not in pdf
    assert pdf == rendered(draw(trained(), show=("label", "formula"), engine="builtin")._picture, "builtin", "pdf")


@needs_pure
def test_graphviz_pure_makes_no_pdf(tmp_path: Path):
    with pytest.raises(OptionError, match="graphviz-pure makes no PDF"):
        draw(trained(), engine="graphviz-pure").render(tmp_path / "a.pdf")


@posix
def test_pdf_comes_from_dot_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    _program(tmp_path, "dot", "sys.stdin.buffer.read(); print(sys.argv[1])")
    assert draw(trained()).render(tmp_path / "a.pdf").read_text() == "-Tpdf\n"


@pytest.mark.parametrize("label", ["😀", "图 σ'(z)", "$x_1$", "a\nb", '<"&'])
def test_any_label_is_painted(label: str, tmp_path: Path):
    for form in ("png", "pdf"):
        assert draw(Value(1.0, label) * 2.0, engine="builtin").render(tmp_path / f"a.{form}").stat().st_size > 500


@posix
def test_engines_are_tried_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(engines.sysconfig, "get_path", lambda name: str(tmp_path / "scripts"))
    assert 'aria-label="computational graph"' in draw(trained(), show=SHOW).svg
    _program(tmp_path / "scripts", "graphviz-pure", DRAWS.format("pure"))
    assert draw(trained(), show=SHOW).svg == "<svg>pure</svg>\n"
    for hard in (draw(trained()), draw(chain(100), show=SHOW), draw(network((2, 2, 1)), show=SHOW)):  # formulas, notes, frames
        assert 'aria-label="computational graph"' in hard.svg
    _program(tmp_path, "dot", DRAWS.format("dot"))
    assert draw(trained()).svg == draw(trained(), show=SHOW).svg == "<svg>dot</svg>\n"
    assert draw(trained(), engine="graphviz-pure").svg == "<svg>pure</svg>\n"
    assert 'aria-label="computational graph"' in draw(trained(), engine="builtin").svg


@posix
def test_an_engine_that_fails_gives_way_unless_it_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(engines.sysconfig, "get_path", lambda name: str(tmp_path))
    _program(tmp_path, "dot", "sys.exit('no plugins: run dot -c')")
    assert 'aria-label="computational graph"' in draw(trained()).svg
    with pytest.raises(GraphError, match=r"dot could not draw.*run dot -c"):
        draw(trained(), engine="dot").svg  # noqa: B018
    assert draw(trained()).render(tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")  # by matplotlib
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(GraphError, match="run dot -c"):
        draw(trained()).render(tmp_path / "a.png")
    with pytest.raises(MissingExtra, match=r"'graphviz-pure' is not installed.*pip install"):
        draw(trained(), engine="graphviz-pure").svg  # noqa: B018


def test_a_huge_picture_is_not_given_to_graphviz(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engines, "_run", lambda *a: pytest.fail("Graphviz would take minutes"))
    v = Value(1.0)
    for _ in range(1100):
        v = np.tanh(v)
    assert draw(v, limit=10_000).svg


def test_a_crowded_picture_with_frames_is_not_given_to_graphviz(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    crowded = draw(network((40, 16, 8)))
    assert len(crowded._picture.edges) > engines.MANY
    assert 'aria-label="computational graph"' in crowded.svg
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    if PURE:
        assert crowded.render(tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.skipif(shutil.which("dot") is None, reason="no system Graphviz here")
def test_system_graphviz_draws_it():
    classes = [g.get("class") for g in ElementTree.fromstring(draw(trained(), engine="dot").svg).iter(f"{SVG}g")]
    assert classes.count("node") == 15


@pytest.mark.parametrize(
    "wrong",
    [{"direction": "RL"}, {"show": "data"}, {"show": ("datum",)}, {"depth": -1}, {"depth": 1.0}, {"limit": 7},
     {"limit": True}, {"precision": 0}, {"engine": "neato"}],
)  # fmt: skip
def test_wrong_options_are_refused(wrong: dict[str, object]):
    with pytest.raises(OptionError, match=next(iter(wrong))):
        draw(Value(1.0), **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [(), (3.0,), (Value(1.0), np.ones(2))])
def test_only_values_have_a_graph(values: tuple[object, ...]):
    with pytest.raises(DTypeError, match="graph of a Value; got"):
        draw(*values)  # type: ignore[arg-type]


def test_several_values_are_drawn_together():
    x = Value(2.0, "x")
    a, b = x * 3.0, x + 1.0
    assert isinstance(draw(a, b), Drawing)
    assert str(draw(a, b)).count("x") >= 3


def test_importing_the_package_does_not_import_graphviz():
    code = "import sys, tinygrad_edu.inspect; sys.exit('graphviz' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": os.getcwd()}).returncode == 0
