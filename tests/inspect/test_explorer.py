"""The explorer as files: the page, the bundles, formulas as MathML, the widget's model."""

import importlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.inspect import graphs
from tinygrad_edu.core import REGISTRY, Graph, Value
from tinygrad_edu.errors import DTypeError, MissingExtra, OptionError
from tinygrad_edu.inspect.explorer import page as explorer
from tinygrad_edu.inspect.reference.derivative import derivative
from tinygrad_edu.inspect.reference.mathml import mathml

STATIC = Path(explorer.__file__).parent / "static"


class Scripts(HTMLParser):
    """The scripts of a page by id, and its policy."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.policy = self.title = ""
        self._in: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._in = str(given.get("id", "code")) if tag == "script" else tag if tag == "title" else None
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = str(given["content"])

    def handle_endtag(self, tag: str) -> None:
        self._in = None

    def handle_data(self, data: str) -> None:
        if self._in == "title":
            self.title += data
        elif self._in:
            self.found[self._in] = self.found.get(self._in, "") + data


@pytest.mark.parametrize("name", ["explorer.js", "explorer.mjs"])
def test_each_bundle_is_within_its_budget_and_loads_nothing(name: str) -> None:
    text = (STATIC / name).read_text(encoding="ascii")
    assert len(text) <= 120_000
    assert "</script" not in text.lower()
    assert not re.search(r"https?://(?!www\.w3\.org/)|\bfetch\(|XMLHttpRequest|importScripts|\bimport\(|\beval\(", text)


def test_the_module_exports_what_it_promises() -> None:
    exports = re.search(r"export\{(.*?)\};?\s*$", (STATIC / "explorer.mjs").read_text(encoding="ascii"))
    assert exports
    assert {one.split(" as ")[-1] for one in exports[1].split(",")} == {"default", "mount"}


def test_the_page_holds_the_graph_and_may_load_nothing(tmp_path: Path) -> None:
    v = graphs.neuron()
    v.backward()
    path = Graph(v).to_html(tmp_path / "g.html", title="a <neuron> & more")
    page = Scripts(path.read_text(encoding="utf-8"))
    assert page.policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in page.policy
    assert page.title == "a <neuron> & more"
    read = Graph.from_json(page.found["graph"])
    assert read.columns["data"].tolist() == [value.item() for value in Graph(v)]
    assert page.found.get("other", "") == ""
    assert json.loads(page.found["options"]) == {"title": "a <neuron> & more", "theme": "auto"}


@pytest.mark.parametrize("there_is_one", [True, False])
def test_show_opens_a_page_in_the_browser(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], there_is_one: bool
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(explorer.webbrowser, "open", lambda url: opened.append(url) or there_is_one)  # type: ignore[attr-defined]
    v = Value(2.0, "x") * 3.0
    first, second = Graph(v).show(title="mine"), Graph(v).show(theme="dark")
    assert opened == [first.as_uri(), second.as_uri()]
    assert first != second
    assert Scripts(first.read_text("utf-8")).title == "mine"
    said = capsys.readouterr().out
    assert said == ("" if there_is_one else f"there is no browser here; open {first} in one\n" + said.splitlines(True)[-1])
    assert there_is_one or str(second) in said


def test_labels_do_not_end_the_script_they_stand_in() -> None:
    label = "</script><script>alert(1)</script><!--"
    page = Scripts(explorer.html(Value(1.0, label) * 2.0, compare=Value(2.0, label)))
    assert set(page.found) == {"graph", "other", "options", "code"}
    assert label in Graph.from_json(page.found["graph"]).tables["labels"]


@pytest.mark.parametrize(
    ("options", "why"), [({"path": "g.svg"}, r"written as \.html"), ({"path": "g.html", "theme": "pink"}, "theme is one of")]
)
def test_wrong_options_say_what_is_right(tmp_path: Path, options: dict[str, Any], why: str) -> None:
    path = tmp_path / options.pop("path")
    with pytest.raises(OptionError, match=why):
        Graph(Value(1.0)).to_html(path, **options)
    assert not path.exists()


def test_other_things_are_refused() -> None:
    with pytest.raises(DTypeError, match="shows a Graph or a Value; got float"):
        explorer.html(3.0)  # type: ignore[arg-type]


# -- formulas ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_formula_in_latex_is_well_formed_mathml_with_the_same_letters(name: str) -> None:
    page = derivative(name, prove=False)
    for latex in [
        page.function_latex,
        *(p.latex for p in page.partials.values()),
        *(p.left_latex for p in page.partials.values()),
    ]:
        tree = ElementTree.fromstring(mathml(latex)) if latex else ElementTree.fromstring("<math/>")
        digits = re.findall(r"\d+(?:\.\d+)?", re.sub(r"\\(?:mathrm|mathtt|operatorname|text)\{[^}]*\}", "", latex))
        assert [e.text for e in tree.iter("mn")] == digits or sorted(str(e.text) for e in tree.iter("mn")) == sorted(digits)
        fractions = latex.count(r"\frac")
        assert sum(1 for _ in tree.iter("mfrac")) == fractions


@pytest.mark.parametrize(
    ("latex", "wanted"),
    [
        ("", ""),
        (r"x_{1}^{2}", "<math><msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup></math>"),
        (r"\sqrt[3]{x}", "<math><mroot><mi>x</mi><mn>3</mn></mroot></math>"),
        (r"\mathrm{a\_b} < 1", '<math><mrow><mi mathvariant="normal">a_b</mi><mo>&lt;</mo><mn>1</mn></mrow></math>'),
    ],
)
def test_mathml_of_small_formulas(latex: str, wanted: str) -> None:
    assert mathml(latex) == wanted


@pytest.mark.parametrize("latex", [r"\oint x", "{x", "x}", r"\frac{1}", "x^2^3", r"\begin{matrix} x \end{matrix}", r"\left( x"])
def test_what_is_not_known_is_refused(latex: str) -> None:
    with pytest.raises(OptionError, match="formula"):
        mathml(latex)


def test_formulas_are_read_off_the_rules() -> None:
    found = explorer.formulas(REGISTRY["tanh"])
    assert found["latex"] == r"y = \tanh(x)"
    assert "<msup><mi>y</mi><mn>2</mn></msup>" in found["partials"][0]["mathml"]


def test_an_op_of_the_readers_own_has_its_formula() -> None:
    @tg.elementwise(dx=lambda x: 3 * x**2, name="cube_for_explorer")
    def cube(x: Any) -> Any:
        """The third power.

        y = x**3
        dy/dx = 3*x**2
        """
        return x**3

    try:
        data = explorer.read(cube(Value(2.0)))
        assert "<mn>3</mn>" in data.tables["ops"][0]["partials"][0]["mathml"]
    finally:
        del REGISTRY["cube_for_explorer"]


def test_without_sympy_the_documentation_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(op: Any, **options: Any) -> Any:
        raise MissingExtra("sympy")

    monkeypatch.setattr(explorer, "derivative", missing)
    explorer.formulas.cache_clear()
    found = explorer.formulas(REGISTRY["tanh"])
    explorer.formulas.cache_clear()
    assert (found["mathml"], found["partials"][0]["text"]) == ("", "g * (1 - tanh(x)**2)")


# -- the widget --------------------------------------------------------------------------------------------------------


def test_without_anywidget_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = importlib.import_module("tinygrad_edu.inspect.explorer.widget")
    monkeypatch.setitem(__import__("sys").modules, "anywidget", None)
    widget._widget.cache_clear()
    with pytest.raises(MissingExtra, match=r"tinygrad-edu\[notebook\]"):
        widget.explorer(Value(1.0))
    widget._widget.cache_clear()


@pytest.mark.lab
def test_the_widget_knows_the_value_that_is_chosen() -> None:
    from tinygrad_edu.inspect.explorer.widget import explorer as widget

    x = Value(3.0, "x")
    made = widget(x * x, height=400, theme="dark")
    assert (made.selected, made.value, made.height, made.theme, made.other) == (-1, None, 400, "dark", "")
    made.selected = 0
    assert made.value is x
    assert made._repr_mimebundle_()[0]["text/plain"].startswith("<the explorer of 2 values")
    assert Graph.from_json(made.graph).columns["data"].tolist() == [3.0, 9.0]


@pytest.mark.lab
def test_the_widget_takes_up_another_graph() -> None:
    from tinygrad_edu.inspect.explorer.widget import explorer as widget

    x, y = Value(3.0, "x"), Value(5.0, "y")
    made = widget(x * x * x)
    made.selected = 2
    heard: list[str] = []
    made.observe(lambda change: heard.append(change.name), ["graph", "selected"])
    made.update(y * y)
    assert (heard, made.selected, made.value is not None) == (["selected", "graph"], 1, True)
    made.selected = 0
    assert made.value is y
    made.update(Graph(x * 2.0))
    assert made.value is x
    made.update(Graph.from_json(Graph(y * 2.0).to_json()))
    assert made.value is None


@pytest.mark.parametrize(("options", "why"), [({"height": 3}, "at least 200"), ({"theme": "pink"}, "theme is one of")])
def test_the_widget_checks_its_options(options: dict[str, Any], why: str) -> None:
    from tinygrad_edu.inspect.explorer.widget import explorer as widget

    with pytest.raises(OptionError, match=why):
        widget(Value(1.0), **options)


def test_a_drawing_gives_the_explorer(tmp_path: Path) -> None:
    v = np.tanh(Value(0.5, "x"))
    drawing = v.graph()
    path = drawing.to_html(tmp_path / "d.html")
    assert Graph.from_json(Scripts(path.read_text("utf-8")).found["graph"]).columns["data"].tolist() == [0.5, v.item()]
    assert Graph.from_json(drawing.to_json()) == Graph.from_json(Graph(v).to_json())
