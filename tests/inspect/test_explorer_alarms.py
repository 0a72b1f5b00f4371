"""The explorer in a real browser: what it warns of, what it does not, and what differs between two graphs."""

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.inspect.browser import Open
from tests.inspect.graphs import trained
from tinygrad_edu.core import Graph, Value


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
    button = page.page.get_by_role("button", name="alarm")
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


def residual(blocks: int, width: int) -> Value:
    """Blocks of attention and a layer each, with norms before and ways around them."""
    rng = np.random.default_rng(2)

    def weight(*shape: int) -> Value:
        return Value(rng.normal(size=shape) / np.sqrt(shape[0]))

    x = Value(rng.normal(size=(2, 6, width)), "x")
    for _ in range(blocks):
        h = tg.nn.functional.layer_norm(x, (width,), Value(np.ones(width)), Value(np.zeros(width)))
        q, k, v = (h @ weight(width, width) for _ in range(3))
        x = x + tg.ops.softmax(q @ np.swapaxes(k, 1, 2) / np.sqrt(width), axis=-1) @ v @ weight(width, width)
        x = x + tg.ops.relu(x @ weight(width, 4 * width)) @ weight(4 * width, width) * 0.5
    return trained((x**2).mean() * 1e-6)


def recurrent(steps: int, scale: float) -> Value:
    rng = np.random.default_rng(2)
    w, u = Value(np.linalg.qr(rng.normal(size=(8, 8)))[0] * scale, "w"), Value(rng.normal(size=(4, 8)) / 2, "u")
    h = Value(np.zeros((3, 8)))
    for _ in range(steps):
        h = np.tanh(rng.normal(size=(3, 4)) * 0.2 @ u + h @ w)
    return trained((h**2).mean())


def test_ways_around_layers_norms_and_a_scaled_loss_are_no_alarm(show: Open) -> None:
    assert show(residual(6, 16)).ask("() => [explorer.graph.n > 150, explorer.trend]") == [True, None]


def test_a_recurrent_net_has_the_alarm_if_it_forgets(show: Open) -> None:
    assert show(recurrent(20, 1.0)).ask("() => explorer.trend") is None
    assert show(recurrent(20, 0.4)).ask("() => explorer.trend.kind") == "vanishing"


def test_the_first_bad_op_is_found(show: Open) -> None:
    with np.errstate(all="ignore"):
        bad = np.log(Value(-1.0, "x"))
        bad.label = "born here"
        v = trained(bad * 2.0 + 1.0)
    page = show(v)
    assert page.page.get_by_role("button", name="alarm").inner_text().startswith("⚠ 3")
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
