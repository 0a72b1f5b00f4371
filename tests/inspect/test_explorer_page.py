"""The explorer in a real browser, offline: its numbers are Python's, and everything in it works by mouse and by keys."""

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.inspect import graphs
from tests.inspect.browser import Page, browser
from tinygrad_edu.core import Graph, Value

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def chrome() -> Iterator[Any]:
    with browser() as launched:
        yield launched


@pytest.fixture
def show(chrome: Any, tmp_path: Path) -> Iterator[Open]:
    """Open the explorer of a value; afterwards there was no error and no request."""
    pages: list[Page] = []

    def shown(value: Any, *, context: dict[str, Any] | None = None, **options: Any) -> Page:
        graph = value if isinstance(value, Graph) else Graph(value)
        pages.append(Page(chrome, graph.to_html(tmp_path / f"g{len(pages)}.html", **options), **(context or {})))
        return pages[-1]

    yield shown
    for page in pages:
        page.close()


def trained(v: Value) -> Value:
    v.backward()
    return v


def ladder(n: int) -> Value:
    v = Value(1.0, "x")
    for _ in range(n):
        v = v * 0.5 + v * 0.5
    return v


def ten_graphs() -> dict[str, Value]:
    x, y = Value(0.7, "x"), Value(-1.3, "y")
    wide = sum((Value(float(i), f"w{i}") * x for i in range(40)), Value(0.0))
    two = np.sin(x * y) + np.exp(y)
    return {
        "neuron": graphs.neuron(),
        "network": graphs.network((6, 5, 4, 2)),
        "chain": graphs.chain(50),
        "ladder": ladder(60),
        "wide": wide,
        "used twice": x * x * x,
        "branches": np.where(True, x * y, x / y) + np.maximum(x, y),
        "smooth": two,
        "module": tg.nn.MLP((3, 4, 1), "tanh", scalar=True, rng=0)([x, y, x * y])[0],
        "float32": Value(np.float32(0.3)) * np.float32(2) + x,
    }


SUMS = """() => [...Array(explorer.graph.n).keys()].map((v) => {
  explorer.select(v);
  const sum = explorer.view.element.getRootNode().querySelector("[data-sum]");
  return sum ? [Number(sum.dataset.sum), sum.dataset.right === "true"] : null;
})"""


@pytest.mark.parametrize("name", ten_graphs())
def test_the_sum_over_all_paths_is_the_gradient_of_every_node(show: Open, name: str) -> None:
    v = trained(ten_graphs()[name])
    found = show(v).ask(SUMS)
    for value, said in zip(Graph(v), found, strict=True):
        if said is None:  # nothing flows back: a branch that was not taken, whose gradient is kept as zeros
            assert not value.grad, value
        else:
            assert said[1], f"{value}: the page says {said}"
            assert said[0] == pytest.approx(float(value.grad), rel=1e-6 if value.dtype == np.float32 else 1e-10, abs=1e-300)


def test_without_a_backward_the_page_computes_the_gradients(show: Open) -> None:
    v = graphs.neuron()
    found = show(v).ask("() => [...explorer.sweep.adjoint]")
    v.backward()
    assert found == pytest.approx([float(value.grad) for value in Graph(v)], rel=1e-12)


def test_the_slider_shows_each_contribution_before_and_after(show: Open) -> None:
    x = Value(3.0, "x")
    page = show(trained(x * x))
    page.press("ArrowRight")
    assert page.page.locator("output").inner_text() == "step 1 of 1: × receives 1; x += 3 × 1 = 3: 0 → 3; x += 3 × 1 = 3: 3 → 6"
    page.press("ArrowLeft")
    assert "backward starts at" in page.page.locator("output").inner_text()
    page.press("Shift+ArrowRight")
    assert page.page.locator("output").inner_text() == "forward 1 of 2: x is given: 3"
    page.press("Shift+ArrowRight")
    assert page.page.locator("output").inner_text().endswith("multiply = 3 × 3 = 9")


def test_the_slider_ends_with_the_gradients_of_backward(show: Open) -> None:
    v = trained(graphs.network((4, 3, 2)))
    page = show(v)
    slider = page.page.get_by_label("step of the backward pass")
    slider.focus()
    page.press("End")
    assert slider.input_value() == slider.get_attribute("max") == str(sum(value.op is not None for value in Graph(v)))
    assert page.ask("() => explorer.look().dim.some((d) => d)") is False
    assert page.ask("() => [...explorer.sweep.adjoint]") == pytest.approx([float(value.grad) for value in Graph(v)], rel=1e-12)
    page.press("Home", "ArrowRight")
    assert page.ask("() => explorer.look().dim.filter((d) => d).length") > 0


def test_playing_moves_and_stops(show: Open) -> None:
    page = show(trained(graphs.neuron()))
    page.press(" ")
    page.until("() => explorer.steps.moment.k >= 2")
    page.press("Escape")
    assert page.ask("() => explorer.steps.moment.k") == 0


def test_modules_open_in_place_and_close(show: Open) -> None:
    page = show(trained(graphs.network((12, 16, 16, 10))))
    before = page.ask("() => explorer.scene.boxes.length")
    assert before <= 60
    box = page.box("closed module layer 1, 800 nodes")
    place = box.bounding_box()
    box.click()
    frame = page.page.get_by_role("button", name="close module layer 1", exact=True)
    after = frame.bounding_box()
    assert (after["x"], after["y"]) == pytest.approx((place["x"], place["y"]), abs=1.0)
    assert page.ask("() => explorer.scene.boxes.length") == before + 15
    page.press("c")
    assert page.ask("() => explorer.scene.boxes.length") == before
    assert page.box("closed module layer 1, 800 nodes").bounding_box() == pytest.approx(place, abs=1.0)


def test_search_finds_and_reveals(show: Open) -> None:
    loss = trained(graphs.network((12, 16, 16, 10)))
    page = show(loss)
    page.press("/")
    page.page.keyboard.type("w11 neuron")
    found = page.page.locator("[data-node]")
    wanted = sum(v.label == "w11" for v in Graph(loss))
    assert found.count() == wanted == 16 + 16 + 10
    page.press("ArrowDown", "Enter")
    chosen = page.ask("() => [explorer.selected, explorer.graph.labelOf(explorer.selected)]")
    assert chosen[1] == "w11"
    assert page.card.get_by_role("heading", level=2).inner_text() == "w11"
    assert page.page.locator("[data-box]:focus").count() == 1


@pytest.mark.parametrize("query", ["grad>1", "data<=0", "|grad|<0.01"])
def test_search_by_a_bound_finds_what_python_finds(show: Open, query: str) -> None:
    v = trained(graphs.network((5, 4, 2)))
    tests: dict[str, Callable[[Value], Any]] = {"grad>1": lambda v: v.grad > 1, "data<=0": lambda v: v.data <= 0,
                                                "|grad|<0.01": lambda v: abs(v.grad) < 0.01}  # fmt: skip
    wanted = [i for i, value in enumerate(Graph(v)) if tests[query](value)]
    assert show(v).ask("(query) => explorer.find(query)", query) == wanted


def test_everything_is_done_with_keys_alone(show: Open) -> None:
    page = show(trained(graphs.network((12, 16, 16, 10))))
    page.ask("() => explorer.view.focus(0)")
    page.press("End", "ArrowUp", "Home", *["ArrowDown"] * 12)
    assert page.ask("() => explorer.scene.boxes[explorer.focused].group.title") == "layer 0"
    n = page.ask("() => explorer.scene.boxes.length")
    page.press("e")
    assert page.ask("() => explorer.scene.boxes.length") > n
    page.press("c")
    assert page.ask("() => [explorer.scene.boxes.length, explorer.scene.boxes[explorer.focused].group.title]") == [n, "layer 0"]
    page.press("Home", "Enter")
    first = page.ask("() => explorer.selected")
    page.press("End", "Shift+Enter")
    assert page.card.get_by_role("heading", level=2).inner_text() == "∂ loss / ∂ x0"
    assert page.ask("() => [explorer.selected, explorer.second >= 0]") == [first, True]
    page.press("Escape", "f", "+", "-", "t", "?")
    assert page.page.get_by_role("dialog").is_visible()
    page.press("Escape")
    assert not page.page.get_by_role("dialog").is_visible()


def test_every_box_has_a_name_for_screen_readers(show: Open) -> None:
    page = show(trained(graphs.neuron()))
    names = [b.get_attribute("aria-label") for b in page.page.locator("[data-box]").all()]
    assert len(names) == len(set(names)) == 10
    assert names[0] == "leaf, x1, data 2, gradient −2.359"
    assert all("data" in name and "gradient" in name for name in names)


def test_two_nodes_have_their_derivative(show: Open) -> None:
    x = Value(3.0, "x")
    y = x * x
    y.label = "y"
    z = np.tanh(y * 0.1) + x
    page = show(trained(z))
    page.box("leaf, x, data 3, gradient 3.918").or_(page.page.locator("[data-box='0']")).first.click()
    page.page.locator("[data-box='1']").click(modifiers=["Shift"])
    assert page.card.get_by_role("heading", level=2).inner_text() == "∂ y / ∂ x"
    assert float(page.card.locator("[data-derivative]").get_attribute("data-derivative")) == 6.0
    assert page.ask("() => [...explorer.look().dim]") == [0, 0, 1, 1, 1]


def test_the_card_has_formula_source_and_numbers(show: Open) -> None:
    with tg.record_source():
        y = np.tanh(Value(0.5, "x"))
    page = show(trained(y))
    text = page.card.inner_text()
    assert 'y = np.tanh(Value(0.5, "x"))' in text
    assert Path(__file__).name in text
    assert "tanh(0.5) = 0.462117" in text
    assert page.card.locator("math").count() == 2
    assert page.card.locator("msup").count() == 1  # 1 - y²


def test_tensors_have_statistics_in_place_of_a_product(show: Open) -> None:
    x = Value(np.linspace(-1, 1, 784), "x")
    page = show(trained(np.tanh(x).sum()))
    page.ask("() => explorer.select(0)")
    text = page.card.inner_text()
    assert "data: −1 … 1" in text
    assert "What flows back from its one use = gradient ✓" in text
    assert page.ask("() => [explorer.graph.array(0, false).rows, explorer.graph.array(0, true).columns]") == [28, 28]


def test_the_slider_says_how_arrays_come_back(show: Open) -> None:
    x, w = Value(np.ones((4, 3)), "x"), Value(np.ones((3, 2)), "w")
    page = show(trained((x @ w).sum()))
    page.press("ArrowRight", "ArrowRight")
    said = page.page.locator("output").inner_text()  # all 2 in (4, 3), all 4 in (3, 2)
    assert said == "step 2 of 2: @ receives all 1; x += g @ x2.T, ‖6.93‖; w += x1.T @ g, ‖9.8‖"
    assert sorted(page.ask("() => [...explorer.look().lit.values()]")) == ["+= ‖6.93‖", "+= ‖9.8‖"]


DRAWN = """() => {
  const texts = [], proto = CanvasRenderingContext2D.prototype, fill = proto.fillText;
  proto.fillText = function (text, ...rest) { texts.push(text); return fill.call(this, text, ...rest); };
  explorer.view.draw();
  proto.fillText = fill;
  return texts;
}"""


def test_edges_between_arrays_say_what_flows_back(show: Open) -> None:
    x, w = Value(np.ones((4, 3)), "x"), Value(np.ones((3, 2)), "w")
    loss = (x @ w).sum() + (x * 3.0).sum()
    assert "(4, 3) " in show(loss).ask(DRAWN)  # before backward the shape alone
    page = show(trained(loss))
    drawn = page.ask(DRAWN)
    assert {"‖6.93‖", "‖9.8‖", "‖10.4‖"} <= set(drawn)  # 2 * sqrt(12), 4 * sqrt(6), 3 * sqrt(12)
    page.ask("() => explorer.select(0)")
    text = page.card.inner_text()
    assert "The sum of what flows back from its 2 uses = gradient ✓" in text
    page.ask("(v) => explorer.select(v)", next(i for i, v in enumerate(Graph(loss)) if v.op and v.op.name == "matmul"))
    assert "‖6.93‖, mean 2" in page.card.inner_text()


def test_a_second_backward_into_an_array_is_told_from_the_first(show: Open) -> None:
    x = Value(np.ones(3), "x")
    (x * 5.0).sum().backward()
    page = show(trained((x * 3.0).sum()))
    page.ask("() => explorer.select(0)")
    assert "What flows back from its one use ≠ gradient: another backward added to it" in page.card.inner_text()


def deep(activation: str, sizes: tuple[int, ...], init: str = "xavier", *, scalar: bool = False) -> Value:
    rng = np.random.default_rng(1)
    net = tg.nn.MLP(sizes, activation, init=init, rng=1, scalar=scalar)
    out = net([Value(float(x)) for x in rng.random(sizes[0])] if scalar else Value(rng.normal(size=(16, sizes[0])), "x"))
    loss = sum(((o - 0.5) ** 2 for o in out), Value(0.0)) if scalar else ((out - 0.5) ** 2).mean()
    return trained(loss)


@pytest.mark.parametrize("scalar", [False, True])
def test_a_gradient_that_vanishes_layer_by_layer_is_an_alarm(show: Open, scalar: bool) -> None:
    sizes = (6, *[5] * 10, 2) if scalar else (20, *[16] * 10, 4)
    page = show(deep("sigmoid", sizes, scalar=scalar))
    button = page.page.get_by_role("button", name="first bad op")
    assert "alarm" in button.inner_text()
    button.click()
    text = page.card.inner_text()
    assert "⚠ vanishing gradient" in text
    assert "From layer to layer backward multiplies the gradient by 0." in text
    found = page.ask("() => explorer.find('vanishing')")
    assert found == [page.ask("() => explorer.selected")]


def test_a_gradient_that_explodes_is_an_alarm(show: Open) -> None:
    h = Value(np.ones(4), "x")
    w = Value(np.full((4, 4), 1.5), "w")
    for _ in range(12):
        h = h @ w * 0.9
    page = show(trained(h.sum()))
    page.press("n")
    assert "⚠ exploding gradient" in page.card.inner_text()


@pytest.mark.parametrize(
    ("activation", "sizes", "init", "scalar"),
    [
        ("tanh", (784, 16, 16, 10), "xavier", True),
        ("tanh", (64, 100, 100, 10), "xavier", False),
        ("sigmoid", (784, 30, 30, 10), "xavier", False),
        ("relu", (20, *[64] * 20, 4), "he", False),
        ("tanh", (20, *[64] * 12, 4), "xavier", False),
        ("relu", (20, 512, 4, 512, 4, 512, 4), "he", False),
    ],
)
def test_healthy_networks_have_no_such_alarm(
    show: Open, activation: str, sizes: tuple[int, ...], init: str, scalar: bool
) -> None:
    page = show(deep(activation, sizes, init, scalar=scalar))
    assert page.ask("() => [...explorer.find('vanishing'), ...explorer.find('exploding')]") == []


def test_the_first_bad_op_is_found(show: Open) -> None:
    with np.errstate(all="ignore"):
        bad = np.log(Value(-1.0, "x"))
        bad.label = "born here"
        v = trained(bad * 2.0 + 1.0)
    page = show(v)
    assert page.page.get_by_role("button", name="first bad op").inner_text().startswith("⚠ 3")
    page.press("n")
    assert page.ask("() => explorer.graph.labelOf(explorer.selected)") == "born here"
    assert "NaN" in page.card.inner_text()


def test_two_graphs_are_compared_in_one_page(show: Open) -> None:
    def run(w: float, more: bool) -> Value:
        v = np.tanh(Value(w, "w") * Value(2.0, "x"))
        return trained(v * v if more else v)

    page = show(run(0.1, False), compare=Graph(run(0.2, True)))
    assert page.page.get_by_title("0 removed, 1 added, 4 changed").inner_text() == "−0 +1 Δ4"
    assert page.ask("() => explorer.look().badges") == ["Δ"] * 4
    seen = [(page.press("d"), page.ask("() => explorer.selected"))[1] for _ in range(5)]
    assert seen == [0, 1, 2, 3, 0]
    assert page.page.locator("output").inner_text() == "difference 1 of 4"
    assert "value\n0.1, there 0.2" in page.card.inner_text()
    page.page.get_by_role("button", name="show the other graph").click()
    assert page.ask("() => [explorer.graph.n, explorer.look().badges.at(-1)]") == [5, "+"]
    page.ask("() => explorer.select(4)")
    assert "Only in this graph." in page.card.inner_text()


def test_arrays_are_compared_entry_by_entry(show: Open) -> None:
    x = np.random.default_rng(0).normal(size=(56, 56))
    y = x.copy()
    y[0, 0], y[0, 1] = y[0, 1], y[0, 0]  # no statistic and no block mean knows
    z = x.copy()
    z[:2, :2] += 0.5

    def run(a: Any) -> Graph:
        return Graph(trained((Value(a, "x") * 1.0).sum()))

    page = show(run(x), compare=run(x.copy()))
    page.press("d")
    assert "to the last bit" in page.page.locator("output").inner_text()
    page = show(run(x), compare=run(y))
    page.press("d")
    assert page.page.locator("output").inner_text().startswith("difference 1 of ")
    assert "data here − there: 0 … 0" in page.card.inner_text()
    assert "compared entry by entry, by a digest of all of them" in page.card.inner_text()
    page = show(run(x), compare=run(z))
    page.press("d")
    assert "data here − there: −0.5 … 0" in page.card.inner_text()


def test_the_address_keeps_the_state(show: Open) -> None:
    page = show(trained(graphs.network((12, 16, 16, 10))))
    page.box("closed module layer 2, 500 nodes").click()
    page.press("ArrowRight", "ArrowRight", "t")
    state = "() => [explorer.scene.boxes.length, explorer.steps.moment.k, explorer.by, explorer.view.zoom.toPrecision(3)]"
    page.until("() => location.hash.includes('backward=2') && location.hash.includes('t=')")
    page.page.wait_for_timeout(300)
    before = page.ask(state), page.ask("() => explorer.look().palette.page")
    page.page.reload()
    page.until("() => window.explorer?.scene.boxes.length")
    assert (page.ask(state), page.ask("() => explorer.look().palette.page")) == before


def test_files_are_saved(show: Open) -> None:
    v = trained(graphs.network((4, 3, 2)))
    page = show(v)
    saved = {}
    for kind in ("SVG", "PNG", "JSON"):
        page.page.get_by_text("save", exact=True).click()
        with page.page.expect_download() as download:
            page.page.get_by_role("button", name=f"save as {kind}").click()
        saved[kind] = Path(download.value.path()).read_bytes()
    from xml.etree import ElementTree

    svg = ElementTree.fromstring(saved["SVG"])
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    assert "loss" in "".join(svg.itertext())
    assert not [e for e in svg.iter() if e.tag.endswith(("style", "script")) or "id" in e.attrib]
    assert saved["PNG"].startswith(b"\x89PNG")
    read = Graph.from_json(saved["JSON"])
    assert read.columns["data"].tolist() == [value.item() for value in Graph(v)]


@pytest.mark.parametrize(
    "label", ['"quoted" <b>&amp;', "</script><script>x()</script>", "two\nlines", "👩‍👩‍👧 emoji", "\ud800 alone"]
)
def test_any_label_is_shown_and_nothing_runs(show: Open, label: str) -> None:
    with tg.scope(label):
        v = Value(1.0, label) * 2.0
    page = show(trained(v))
    page.ask("() => explorer.expandAll()")
    assert page.ask("() => explorer.graph.labelOf(0)").encode("utf-8", "replace") == label.encode("utf-8", "replace")
    page.ask("() => explorer.select(0)")
    assert label.split("\n")[0].replace("\ud800", "\\ud800") in page.card.get_by_role("heading", level=2).inner_text()


@pytest.mark.parametrize("n", [0, 4, 59, 1950])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_are_drawn_light_and_dark(show: Open, n: int, scheme: str) -> None:
    v = graphs.chain(n) if n < 1000 else graphs.network((12, 16, 16, 10))
    page = show(trained(v) if v.op else v, context={"color_scheme": scheme})
    page.page.wait_for_timeout(200)
    pixels = page.ask("""() => {
      const canvas = explorer.view.element.querySelector("canvas");
      const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      const colors = new Set();
      for (let i = 0; i < data.length; i += 4) colors.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
      return [data[0], colors.size];
    }""")
    assert (pixels[0] > 200) == (scheme == "light")
    assert pixels[1] > 8  # boxes, borders, text


def test_forty_thousand_nodes_open_at_once(show: Open) -> None:
    rng = np.random.default_rng(0)
    network = tg.nn.MLP((784, 16, 16, 10), "tanh", scalar=True, rng=0)
    loss = sum((o - 0.5) ** 2 for o in network([Value(float(x), f"x{i}") for i, x in enumerate(rng.random(784))]))
    assert isinstance(loss, Value)
    page = show(trained(loss))
    assert page.ask("() => explorer.graph.n") > 39_000
    assert page.ask("() => explorer.scene.boxes.length") <= 60
    assert page.ask("() => performance.getEntriesByType('navigation')[0].domComplete") < 4_000  # 0.8 s on a machine of its own
    page.ask("() => explorer.reveal(20_000)")
    page.ask("() => explorer.view.fit()")
    page.press("n")  # one saturated neuron: its layer is open, and in sight
    before = page.ask("() => [...explorer.open]")
    page.page.get_by_role("button", name="open everything").click()
    shown = page.ask("() => explorer.scene.boxes.length")
    assert 3_000 < shown <= 4_000
    assert f"{shown:,} boxes are shown for 39,778 nodes" in page.page.locator("output").inner_text()
    assert set(before) < set(page.ask("() => [...explorer.open]"))
    page.ask("() => explorer.select(5)")
    said = page.card.locator("[data-sum]")
    assert said.get_attribute("data-right") == "true"
    assert float(said.get_attribute("data-sum")) == pytest.approx(float(Graph(loss).values[5].grad), rel=1e-9)


def test_open_all_opens_everything_there_is_room_for(show: Open) -> None:
    v = trained(graphs.network((10, 12, 12, 2)))
    page = show(v)
    page.page.get_by_role("button", name="open everything").click()
    assert page.ask("() => explorer.scene.boxes.length") == len(Graph(v))
    assert page.page.locator("output").inner_text() == f"all {len(Graph(v))} nodes are shown"


def test_another_address_is_followed(show: Open) -> None:
    page = show(trained(graphs.neuron()))
    page.ask("() => { location.hash = '#s=2&backward=3&c=value&t=dark'; }")
    page.until("() => explorer.steps.moment.k === 3")
    assert page.ask("() => [explorer.selected, explorer.by, explorer.look().palette.page]") == [2, "value", "#14171b"]


def test_the_colours_have_a_legend(show: Open) -> None:
    v = trained(graphs.neuron())
    page = show(v)
    most = max(abs(float(value.grad)) for value in Graph(v))
    legend = page.page.locator(".legend")
    assert legend.inner_text().split() == ["gradient", f"−{most:.3g}", f"{most:.3g}"]
    page.page.get_by_label("colour by").select_option("time")
    assert legend.inner_text().split() == ["time", "first", "last"]
    page.page.get_by_label("colour by").select_option("none")
    assert not legend.is_visible()


def test_on_a_phone_everything_is_within_reach(show: Open) -> None:
    page = show(trained(graphs.network((5, 4, 2))), context={"viewport": {"width": 360, "height": 740}, "has_touch": True})
    for part in page.page.locator("header button:visible, header select, header summary, header input, footer input").all():
        box = part.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        assert box["height"] >= 16
    assert page.page.locator("header").bounding_box()["height"] < 90
    assert page.page.locator(".view").bounding_box()["height"] > 250


def test_a_thousand_open_nodes_pan_and_zoom(show: Open) -> None:
    page = show(trained(graphs.network((10, 12, 12, 2))))
    page.ask("() => explorer.expandAll()")
    boxes, median = page.ask("""() => {
      const times = [];
      for (let i = 0; i < 60; i++) {
        const start = performance.now();
        explorer.view.pan(i % 20 < 10 ? 9 : -9, 3);
        explorer.view.scale(i % 30 < 15 ? 1.08 : 0.93);
        explorer.view.draw();
        times.push(performance.now() - start);
      }
      return [explorer.scene.boxes.length, times.sort((a, b) => a - b)[30]];
    }""")
    assert boxes > 900
    assert median < 50  # 4 ms on a machine of its own


def test_the_wheel_zooms_about_the_pointer_and_dragging_pans(show: Open) -> None:
    page = show(trained(graphs.neuron()))
    page.page.mouse.move(400, 300)
    zoom = page.ask("() => explorer.view.zoom")
    before = page.ask("() => [(400 - explorer.view.x) / explorer.view.zoom]")
    page.page.mouse.wheel(0, -300)
    page.until(f"() => explorer.view.zoom > {zoom}")
    assert page.ask("() => [(400 - explorer.view.x) / explorer.view.zoom]") == pytest.approx(before, abs=1.0)
    x = page.ask("() => explorer.view.x")
    page.page.mouse.down()
    page.page.mouse.move(460, 300, steps=4)
    page.page.mouse.up()
    assert page.ask("() => explorer.view.x") - x == pytest.approx(60, abs=6)


def test_two_fingers_zoom(show: Open) -> None:
    page = show(trained(graphs.neuron()), context={"has_touch": True})
    zoom = page.ask("() => explorer.view.zoom")
    touch = page.context.new_cdp_session(page.page)

    def fingers(kind: str, *xs: int) -> None:
        touch.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": 300, "id": i} for i, x in enumerate(xs)]}
        )

    fingers("touchStart", 300, 400)
    for step in range(1, 6):
        fingers("touchMove", 300 - 10 * step, 400 + 10 * step)
    fingers("touchEnd")
    assert page.ask("() => explorer.view.zoom") == pytest.approx(2 * zoom, rel=0.25)


def test_infinite_and_exact_numbers_are_said(show: Open) -> None:
    from fractions import Fraction

    v = Value(np.array(Fraction(1, 3), object), "third") * Fraction(1, 7)
    page = show(trained(v))
    page.ask("() => explorer.select(0)")
    assert "1/3" in page.card.inner_text()
    assert "1/7" in page.card.inner_text()


def test_the_documents_of_the_page_are_those_of_python(show: Open) -> None:
    v = trained(graphs.neuron())
    page = show(v)
    document = json.loads(page.ask("() => document.getElementById('graph').textContent"))
    assert document["columns"] == json.loads(Graph(v).to_json())["columns"]
    assert math.isclose(page.ask("() => explorer.graph.data[0]"), 2.0)


def test_a_lean_graph_has_the_gradients_of_its_leaves(show: Open) -> None:
    v = tg.lean()(graphs.network)((4, 3, 2))
    v.backward(retain_graph=True, lean=True)
    values = Graph(v).values
    page = show(v)
    adjoint = page.ask("() => [...explorer.sweep.adjoint]")
    for i, value in enumerate(values):
        if value.op is None:
            assert adjoint[i] == pytest.approx(float(value.grad), rel=1e-12)
            page.ask("(v) => explorer.select(v)", i)
            assert "gradient ✓" in page.card.inner_text()


def test_a_second_backward_is_told_from_the_first(show: Open) -> None:
    x = Value(2.0, "x")
    (x * 5.0).backward()
    page = show(trained(x * 3.0))
    page.ask("() => explorer.select(0)")
    assert "Sum over all paths = 3 ≠ gradient 8" in page.card.inner_text()
