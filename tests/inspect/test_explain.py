"""`explain`: the sum over all paths is the gradient, and the heaviest paths are the heaviest."""

import json
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import Value, gradients
from tinygrad_edu.errors import DTypeError, GraphError, OptionError
from tinygrad_edu.inspect.chain_rule.explanation import explain
from tinygrad_edu.inspect.chain_rule.paths import Edge, Ways
from tinygrad_edu.ops import sigmoid

LOCALS = st.sampled_from([-2, -1, 0, 1, 3])


@st.composite
def ways(draw):
    """Small graphs of uses, some of them twice."""
    n = draw(st.integers(2, 7))
    return [[]] + [
        [Edge(a, i, draw(LOCALS)) for i, a in enumerate(draw(st.lists(st.integers(0, v - 1), min_size=1, max_size=3)))]
        for v in range(1, n)
    ]


def every_path(edges):
    """All products, by walking."""
    found, stack = [], [(len(edges) - 1, 1)]
    while stack:
        v, product = stack.pop()
        if v == 0:
            found.append(product)
        stack += [(e.node, product * e.local) for e in edges[v]]
    return found


@given(ways(), st.integers(1, 8))
def test_counts_sums_and_the_heaviest_are_those_of_a_walk(edges, k):
    products = every_path(edges)
    w = Ways(edges)
    assert w.count == len(products)
    assert w.total == sum(products)
    heaviest = w.heaviest(k)
    assert sorted((abs(p.product) for p in heaviest), reverse=True) == sorted(map(abs, products), reverse=True)[:k]
    assert len({(p.nodes, p.edges) for p in heaviest}) == len(heaviest)
    for p in heaviest:
        assert p.nodes[0] == 0
        assert p.nodes[-1] == len(edges) - 1
        assert p.product == np.prod([e.local for e in p.edges], dtype=object)


@settings(max_examples=30)
@given(st.data())
def test_of_fractions_the_sum_over_paths_is_the_gradient_exactly(data):
    rationals = st.fractions(-3, 3, max_denominator=4).filter(bool)
    values = [Value(np.array(data.draw(rationals))) for _ in range(2)]
    for _ in range(data.draw(st.integers(1, 7))):
        a, b = (values[data.draw(st.integers(0, len(values) - 1))] for _ in range(2))
        values.append(data.draw(st.sampled_from([a + b, a * b, a - b, a * a, -a])))
    out = values[-1]
    for wrt in values[:2]:
        try:
            e = explain(out, wrt, paths=1000)
        except GraphError:
            assert gradients(out, [wrt], retain_graph=True) == [None]
            continue
        assert isinstance(e.total.item() if hasattr(e.total, "item") else e.total, Fraction | int)
        assert e.agrees
        assert e.total == gradients(out, [wrt], retain_graph=True)[0]
        assert sum(r.product for r in e.routes) == e.total


def connection():
    """Two neurons, of the notes (R47-R50)."""
    a, w, b = Value(0.6, label="a"), Value(1.2, label="w"), Value(-0.4, label="b")
    z = w * a + b
    z.label = "z"
    activation = sigmoid(z)
    activation.label = "A"
    cost = (activation - 1.0) ** 2
    cost.label = "C"
    return a, w, b, cost


def test_the_two_neurons_of_the_notes():
    a, w, b, cost = connection()
    text = str(explain(cost, w))
    for line in ("dz/dw = a             0.6", "dA/dz = A*(1 - A)     0.243707663021", "dC/dA = 2*(A - 1)    -0.841351495703"):
        assert line in text
    assert text.endswith("1 path adds up to -0.123026284078, the gradient ✓")
    for v, expected in ((a, -0.246052568156), (b, -0.205043806797)):
        assert abs(explain(cost, v).total - expected) < 5e-13


def test_names_come_from_the_callers_variables():
    speed, time = Value(2.0), Value(3.0)
    distance = speed * time
    assert "d(distance)/d" not in str(explain(distance, time))
    assert "ddistance/dtime = speed    2" in str(explain(distance, time))
    assert "ds/dt = v    2" in str(explain(distance, time, names={"s": distance, "t": time, "v": speed}))


def test_a_graph_that_backward_used_up_can_be_explained():
    _, w, _, cost = connection()
    cost.backward()
    assert explain(cost, w).agrees
    w.grad = w.grad * 2
    e = explain(cost, w)
    assert e.agrees is False
    assert "but w.grad is -0.246052568156 ✗" in str(e)


def test_2_to_the_60_paths_are_counted_and_summed():
    x = Value(1.0, label="x")
    y = x
    for _ in range(60):
        y = y + y
    e = explain(y, x, paths=2)
    assert (e.paths, e.total, len(e.routes)) == (2**60, 2.0**60, 2)
    assert "the other 1,152,921,504,606,846,974 paths add" in str(e)


def test_a_branch_that_was_not_taken_is_no_path():
    x = Value(0.0, label="x")
    y = np.where(x > 0, np.sqrt(x), x * 3)
    e = explain(y, x)
    assert (e.paths, e.total) == (1, 3.0)


def test_arrays_have_vector_jacobian_products_with_shapes():
    w, v = Value(np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]), label="W"), Value(np.array([1.0, 2, 3]), label="v")
    h = np.tanh(w @ v)
    h.label = "h"
    out = np.sum(h * h)
    e = explain(out, w)
    np.testing.assert_allclose(e.total, gradients(out, [w], retain_graph=True)[0])
    assert (e.paths, e.agrees, len(e.routes)) == (2, True, 2)
    assert "shape (2, 3)" in str(e)
    one = explain(out, w, index=(1, 2))
    assert one.total == e.total[1, 2]
    assert [r.product for r in one.routes] == [r.product[1, 2] for r in e.routes]


def test_an_operand_that_is_a_sum_stands_in_brackets():
    w, x, y = (Value(np.ones((2, 2)), label=name) for name in "wxy")
    out = np.sum(w @ (x + y))
    assert "d(w @ (x + y))/dw = g @ (x + y).T " in str(explain(out, w))


def test_many_paths_between_arrays_are_told_by_the_uses():
    x = Value(np.array([0.5, -1.0]), label="x")
    y = x
    for _ in range(10):
        y = np.sin(y) + y * x
    out = np.sum(y)
    e = explain(out, x)
    assert e.paths > 1000
    assert e.agrees
    np.testing.assert_allclose(e.total, gradients(out, [x], retain_graph=True)[0])


def test_several_results_and_a_network():
    m = Value(np.array([[2.0, 0.5], [0.5, 1.0]]), label="m")
    q, r = np.linalg.qr(m)
    assert explain(np.sum(q) + np.sum(r * r), m).agrees
    net = tg.nn.MLP([3, 4, 1], rng=0)
    loss = np.sum(net(np.ones((2, 3))) ** 2)
    for p in net.parameters():
        assert explain(loss, p).agrees


def test_json_latex_and_rich():
    _, w, _, cost = connection()
    e = explain(cost, w)
    data = json.loads(e.to_json())
    assert (data["paths"], data["agrees"], data["routes"][0]["steps"][0]["formula"]) == ("1", True, "a")
    assert r"\frac{\partial C}{\partial A} \frac{\partial A}{\partial z} \frac{\partial z}{\partial w}" in e._repr_latex_()
    assert str(e.__rich__()) == str(e)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_sum_agrees_with_the_gradient_in_every_precision(dtype):
    x = Value(dtype(2), label="x")
    y = np.exp(x) * x / 3
    for _ in range(20):
        y = np.sin(y) * x
    assert explain(y, x).agrees
    y.backward()
    x.grad = x.grad * dtype(1.25 if dtype is not np.float16 else 4)  # half precision leaves three digits, before 20 sines
    assert explain(y, x).agrees is False


def test_what_is_not_written_out_is_one_remainder_between_arrays_too():
    x = Value(np.array([0.5, -1.0]), label="x")
    y = x
    for _ in range(10):
        y = np.sin(y) + y * x
    e = explain(np.sum(y), x, paths=3)
    assert (len(e.routes), e.ways, e.complete) == (3, 12, False)
    np.testing.assert_allclose(sum(r.product for r in e.routes) + e.rest, e.gradient)
    assert "the other 9 uses add [" in str(e)
    assert explain(np.sum(y), x, paths=12).complete


def test_the_heaviest_uses_are_those_of_the_entry_that_is_asked_for():
    x = Value(np.array([1.0, 1.0]), label="x")
    out = np.sum(x * np.array([5.0, 0.1]) + x * np.array([1.0, 0.2]) + x * np.array([0.3, 0.3]))
    assert [r.product for r in explain(out, x, index=0, paths=2).routes] == [5.0, 1.0]
    assert [r.product for r in explain(out, x, index=1, paths=2).routes] == [0.3, 0.2]


def test_paths_that_read_the_same_are_written_once():
    x = Value(3.0, label="x")
    y = x * x
    lines = str(explain(y, x)).splitlines()
    assert [line.strip() for line in lines] == ["dy/dx", "", "x -> y", "dy/dx = x    3", "2 such paths, together    6", "",
                                                "2 paths add up to 6, the gradient ✓"]  # fmt: skip


def test_formulas_are_made_for_what_is_read_only(monkeypatch):
    made = []
    monkeypatch.setattr("tinygrad_edu.inspect.chain_rule.steps._formula", lambda *a: made.append(1) or ("f", ""))
    x = Value(0.5, label="x")
    y = x
    for _ in range(400):
        y = np.sin(y)
    e = explain(y, x)
    assert not made
    text = str(e)
    assert re.search(r"^    … \d+ more …$", text, re.M)
    assert len(made) == 12


def _balanced(latex: str) -> bool:
    depth = 0
    for token in re.findall(r"\\.|[{}]", latex):
        depth += {"{": 1, "}": -1}.get(token, 0)
        if depth < 0:
            return False
    return depth == 0 and latex.count(r"\left") == latex.count(r"\right")


@settings(max_examples=60)
@given(st.text(max_size=8), st.sampled_from([1e-30, 0.0, -2.0, np.inf]))
def test_latex_is_balanced_whatever_the_names_and_numbers(name, number):
    x = Value(number, label=name)
    with np.errstate(all="ignore"):
        y = np.tanh(x * 3.0) * x + np.sqrt(x * x)
        y.label = name
        latex = explain(y, x)._repr_latex_()
    assert latex.startswith(r"$$\begin{aligned} ")
    assert _balanced(latex)
    assert not re.search(r"(?<!\\)[#$%]", latex.strip("$"))


def test_latex_between_arrays_says_what_comes_back():
    W = Value(np.ones((2, 3)), label="W")
    h = np.tanh(W @ np.ones(3))
    latex = explain(np.sum(h * 2.0), W)._repr_latex_()
    assert r"g &\mapsto g \odot \left(2\right)" in latex
    assert _balanced(latex)


def test_json_is_json_also_of_what_is_not_finite():
    x = Value(0.0, label="x")
    data = json.loads(explain(np.sqrt(x * x), x).to_json(allow_nan=False))
    assert (data["sum"], data["agrees"]) == ("nan", True)


def test_a_graph_that_was_freed_is_told_from_one_that_never_was():
    x, other = Value(3.0, label="x"), Value(1.0, label="other")
    y = np.sin(x * x)
    y.backward(lean=True)
    with pytest.raises(GraphError, match="the graph was freed on the way: explain it before"):
        explain(y, x)
    with pytest.raises(GraphError, match=r"from the one to the other$"):
        explain(x * 2.0, other)


def test_mistakes_are_explained():
    x, other = Value([1.0, 2.0], label="x"), Value(1.0, label="other")
    total = np.sum(x * x)
    for call, error, says in [
        (lambda: explain(x * x, x), GraphError, r"shape \(2,\).*\.sum\(\)"),
        (lambda: explain(total, other), GraphError, "was not made from"),
        (lambda: explain(total, 3.0), DTypeError, "wrt is a float$"),
        (lambda: explain(total, [x, other]), DTypeError, "of several, explain one after the other"),
        (lambda: explain(total, x, names={"x": 3.0}), DTypeError, r"names=\{'x': x\}; got a float"),
        (lambda: total.graph(names={"x": 3.0}), DTypeError, r"names=\{'x': x\}; got a float"),
        (lambda: explain(total, x, paths=0), OptionError, "at least 1"),
        (lambda: explain(total, x, index=5), OptionError, r"no entry of an array of shape \(2,\)"),
        (lambda: explain(total, x, index=slice(None)), OptionError, "names 2 entries"),
    ]:
        with pytest.raises(error, match=says):
            call()
