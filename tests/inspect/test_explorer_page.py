"""The explorer in a real browser, offline: its numbers are Python's."""

import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.inspect import graphs
from tests.inspect.browser import Open
from tests.inspect.graphs import trained
from tinygrad_edu.core import Graph, Value


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
    assert "(4, 3)" in show(loss).ask(DRAWN)  # before backward the shape alone
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


def test_infinite_and_exact_numbers_are_said(show: Open) -> None:

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
