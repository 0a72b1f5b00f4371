"""Several explorers in one page, as in a notebook, with the model of a widget behind each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.inspect import graphs
from tests.inspect.graphs import trained
from tinygrad_edu.core import Graph, Value

NOTEBOOK = """async ([source, graphs]) => {
  const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  document.body.style.height = "3000px";
  window.cells = graphs.map((graph) => {
    const el = document.body.appendChild(document.createElement("div"));
    const data = { graph, other: "", theme: "light", height: 400, selected: -1 };
    const acts = {};
    const model = {
      get: (name) => data[name],
      set: (name, value) => (data[name] = value),
      save_changes: () => {},
      on: (name, act) => (acts[name] = act),
      off: (name) => delete acts[name],
    };
    const leave = module.default.render({ model, el });
    const change = (name, value) => ((data[name] = value), acts[`change:${name}`]());
    return { el, data, acts, leave, change, inside: () => el.firstChild.shadowRoot };
  });
}"""


@pytest.fixture
def notebook(chrome: Any) -> Iterator[Any]:
    context = chrome.new_context(offline=True, viewport={"width": 1000, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    source = (Path(tg.__file__).parent / "inspect" / "explorer" / "static" / "explorer.mjs").read_text("ascii")
    page.evaluate(NOTEBOOK, [source, [Graph(trained(graphs.neuron())).to_json(), Graph(trained(graphs.chain(3))).to_json()]])
    yield page
    context.close()
    assert errors == []


STORIES = "() => cells.map((cell) => cell.inside().querySelector('output').textContent)"


def test_two_explorers_in_one_page_do_not_disturb_each_other(notebook: Any) -> None:
    first, second = notebook.locator("body > div").all()
    first.locator("[data-box]").first.click()
    notebook.keyboard.press("ArrowRight")
    told = notebook.evaluate(STORIES)
    assert told[0].startswith("step 1 of 5")
    assert told[1].startswith("backward starts at")
    assert notebook.evaluate("() => cells.map((cell) => cell.data.selected)") == [0, -1]
    second.locator("[data-box]").last.click()
    notebook.keyboard.press("ArrowRight")
    assert notebook.evaluate(STORIES)[1].startswith("step 1 of 3")
    assert notebook.evaluate("() => location.hash") == ""
    notebook.mouse.move(300, 200)  # the second has the focus: the wheel scrolls the page, and does not zoom the first
    notebook.mouse.wheel(0, 200)
    notebook.wait_for_timeout(300)
    assert notebook.evaluate("() => scrollY") > 0


def test_a_widget_whose_graph_changes_keeps_its_place(notebook: Any) -> None:
    changed = Graph(trained(np.tanh(Value(9.0, "new") * 0.01))).to_json()
    cell = notebook.locator("body > div").first
    cell.locator("[data-box]").nth(1).click()
    notebook.evaluate("([graph]) => cells[0].change('graph', graph)", [changed])
    assert cell.locator("[data-box]").count() == 3
    assert cell.get_by_label("about the node").get_by_role("heading", level=2).inner_text() == "×"  # node 1, as before
    notebook.evaluate(
        "() => { cells[0].change('theme', 'dark'); cells[0].change('height', 300); cells[0].change('selected', 0); }"
    )
    assert cell.locator(".tge").get_attribute("data-theme") == "dark"
    assert cell.locator(".tge").bounding_box()["height"] == 300
    assert cell.get_by_label("about the node").get_by_role("heading", level=2).inner_text() == "new"
    notebook.evaluate("() => cells[0].leave()")
    assert cell.locator("[data-box]").count() == 0
    assert notebook.evaluate("() => Object.keys(cells[0].acts)") == []
