"""The graph as JSON, and the local derivatives in it."""

import json
import math
from contextlib import suppress
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.inspect import graphs
from tinygrad_edu.core import Graph, Value
from tinygrad_edu.errors import DataError
from tinygrad_edu.inspect.graphs.data import FLAGS, FORMAT, GraphData
from tinygrad_edu.inspect.graphs.local import KINDS, local_derivatives, local_table
from tinygrad_edu.inspect.graphs.snapshot import snapshot, thumbnail

TEXTS = ['"quoted"', "a<b>&amp;</script>", "two\nlines", "👩‍👩‍👧 emoji", "\ud800 alone", "\x00\x7f", "שלום", ""]


def back(v: Value) -> Any:
    return Graph.from_json(Graph(v).to_json())


def numbers(v: Value) -> list[Any]:
    return [one.number for one in local_derivatives(v)]


@given(graphs.dags(), st.booleans())
def test_what_is_written_is_what_is_read(v: Value, run: bool) -> None:
    if run:
        v.backward()
    written = snapshot(Graph(v))
    assert GraphData.from_json(written.to_json()) == written


@given(
    st.lists(
        st.tuples(st.sampled_from(["e", "f", "d"]), st.lists(st.integers(0, 4), max_size=3), st.integers(0, 9)), max_size=4
    )
)
def test_arrays_of_any_shape_and_dtype_are_read_back(arrays: list[tuple[str, list[int], int]]) -> None:
    made = [np.random.default_rng(seed).normal(size=shape).astype(char) for char, shape, seed in arrays]
    for a in made:
        a.flat[:1] = math.nan
    graph = Graph(*[Value(a, label=str(i)) for i, a in enumerate(made)])
    assert Graph.from_json(graph.to_json()) == snapshot(graph)


def test_columns_hold_the_numbers_of_the_values() -> None:
    loss = graphs.network((6, 5, 2))
    loss.backward()
    g, read = Graph(loss), back(loss)
    assert read.columns["data"].tolist() == [v.item() for v in g]
    assert read.columns["grad"].tolist() == [float(v.grad) for v in g]
    assert read.columns["index"].tolist() == [v.index for v in g]
    number = {v: i for i, v in enumerate(g)}
    assert [read.parents(i) for i in range(len(g))] == [[number[a] for a in v.parents] for v in g]
    assert read.outputs == [number[loss]]


def test_two_calls_of_one_module_are_two_scopes() -> None:
    neuron, x = tg.nn.Neuron([0.5], 0.1), Value(1.0)
    scopes = back(neuron([neuron([x]) * 2])).tables["scopes"]
    assert [(s["title"], s["call"], s["parent"]) for s in scopes] == [("Neuron", 1, -1), ("Neuron (call 2)", 2, -1)]


@pytest.mark.parametrize("text", TEXTS)
def test_any_label_and_scope_comes_back(text: str) -> None:
    with tg.scope(text):
        v = Value(1.0, label=text) * 2.0
    document = Graph(v).to_json()
    assert document.isascii()
    read = Graph.from_json(document)
    assert [read.tables["labels"][i] for i in read.columns["label"]] == [text, ""]
    assert read.tables["scopes"][0]["name"] == text


def test_numbers_that_json_does_not_have_come_back() -> None:
    with np.errstate(all="ignore"):
        v = Value(0.0) / 0.0 + math.inf
    read = back(v)
    assert math.isnan(read.columns["data"][1])
    assert [FLAGS[0] if f & 1 else "" for f in read.columns["flags"]] == ["", "nan", "nan"]
    assert [c["number"] for c in read.tables["constants"]] == [0.0, "inf"]


def test_none_is_not_zero() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    (np.where(True, a * 1.0, b * 1.0) * 0.0).backward()
    unreached = np.where(True, a * 1.0, b * 1.0)
    unreached.backward()
    read = back(unreached)
    of = {read.tables["labels"][label]: i for i, label in enumerate(read.columns["label"])}
    assert read.columns["grad_holds"].tolist() == [0 if v.grad is not None else 2 for v in Graph(unreached)]
    kinds = read.arguments["kind"].tolist()
    assert KINDS.index("none") in kinds
    assert read.columns["grad"][of["a"]] == 1.0


def test_tensors_have_statistics_and_a_thumbnail() -> None:
    x = np.arange(60.0 * 40).reshape(60, 40)
    x[0, 0] = math.nan
    v = Value(x, "image") * 1.0
    read = back(v).arrays
    assert read["node"].tolist() == [0, 1]
    assert (read["nan"][0], read["inf"][0], read["zero"][0], read["most"][0]) == (1, 0, 0, 2399.0)
    assert read["mean"][0] == pytest.approx(x[np.isfinite(x)].mean())
    assert (read["rows"][0], read["columns"][0]) == (28, 28)
    assert np.isnan(read["pixels"][0])


def test_a_thumbnail_is_the_mean_of_blocks() -> None:
    x = np.random.default_rng(0).normal(size=(56, 3))
    np.testing.assert_allclose(thumbnail(x), x.reshape(28, 2, 3).mean(axis=1), rtol=1e-6)
    assert thumbnail(np.zeros(784)).shape == (28, 28)
    assert thumbnail(np.zeros((2, 3, 4, 5))).shape == (24, 5)
    assert thumbnail(np.zeros((0, 3))).size == 0


def test_arrays_have_their_norm_and_a_digest_that_any_entry_changes() -> None:
    x = np.arange(3136.0).reshape(56, 56)
    y, z = x.copy(), x[::-1].copy()
    y[0, 0], y[0, 1] = y[0, 1], y[0, 0]  # in one block of the thumbnail, and of one mean
    rows = [back(Value(a) * 1.0).arrays for a in (x, y, z, x.astype(np.float32), x.reshape(28, 112), x)]
    np.testing.assert_array_equal(rows[0]["pixels"][:784], rows[1]["pixels"][:784])
    digests = [int(row["digest"][0]) for row in rows]
    assert len(set(digests[:5])) == 5
    assert digests[5] == digests[0] < 2**53
    assert rows[0]["norm"][0] == pytest.approx(np.linalg.norm(x))
    big = back(Value([3e200, -4e200]) * 1.0).arrays
    assert big["norm"][0] == pytest.approx(5e200)


def contributions(v: Value) -> dict[str, list[Any]]:
    """Norm and mean of what flows back to each labelled node from each use, and whether they add up to its gradient."""
    read = back(v)
    names = [read.tables["labels"][i] for i in read.columns["label"]]
    sums = {n: s for n, g, s in zip(read.arrays["node"], read.arrays["gradient"], read.arrays["sums"], strict=True) if g}
    found: dict[str, list[Any]] = {name: [sums.get(i)] for i, name in enumerate(names) if name}
    for node, size, mean in zip(*(read.arguments[name] for name in ("node", "norm", "mean")), strict=True):
        if node >= 0 and names[node]:
            found[names[node]].append((float(size), float(mean)))
    return found


def test_what_flows_back_between_arrays_is_that_of_calculus() -> None:
    rng = np.random.default_rng(0)
    x, w, b, k = (
        Value(rng.normal(size=(4, 3)), "x"),
        Value(rng.normal(size=(3, 2)), "w"),
        Value(np.ones(2), "b"),
        Value(3.0, "k"),
    )
    loss = np.tanh(x @ w + b).sum() + (k * x * x).sum()
    loss.backward()
    slope = 1 - np.tanh(x.data @ w.data + 1) ** 2
    by_hand = {"x": [slope @ w.data.T, 3 * x.data, 3 * x.data], "w": [x.data.T @ slope], "b": [slope.sum(axis=0)]}
    assert contributions(loss)["k"][1] == (pytest.approx((x.data**2).sum()),) * 2
    for name, parts in by_hand.items():
        same, *sizes = contributions(loss)[name]
        assert same == 1, name
        assert sorted(sizes) == [
            (pytest.approx(a), pytest.approx(b)) for a, b in sorted((np.linalg.norm(p), p.mean()) for p in parts)
        ]


def test_contributions_that_do_not_add_up_are_told() -> None:
    x = Value(np.ones((2, 3)), "x")
    (x * 5.0).sum().backward()
    v = (x * 3.0).sum()
    assert contributions(v)["x"][0] == 0  # this graph has had no backward
    v.backward()
    same, (size, mean) = contributions(v)["x"]
    assert (same, size, mean) == (2, pytest.approx(3 * np.sqrt(6)), 3.0)


def test_between_numbers_and_without_backward_nothing_is_said_of_arrays() -> None:
    for v in (graphs.trained(graphs.neuron()), (Value(np.ones(3), "x") * 2.0).sum()):
        assert np.isnan(back(v).arguments["norm"]).all()


def test_a_use_that_backward_did_not_come_to_leaves_the_sum_unknown() -> None:
    x = Value(np.ones(3), "x")
    loss, aside = (x * 2.0).sum(), x * 3.0
    loss.backward()
    read = Graph.from_json(Graph(loss, aside).to_json())
    assert read.arrays["sums"].tolist() == [0, 0, 0, 1, 0]  # x, its gradient, x * 2, its gradient, x * 3


def test_files_without_the_newer_columns_are_read() -> None:
    v = (Value([1.0, 2.0], "x") * 2.0).sum()
    v.backward()
    document = json.loads(Graph(v).to_json())
    for group, names in {"arguments": ["norm", "mean"], "arrays": ["norm", "digest", "sums"]}.items():
        for name in names:
            del document[group][name]
    read = GraphData.from_json(json.dumps(document))
    assert np.isnan(read.arguments["norm"]).all()
    assert read.arrays["digest"].tolist() == [0] * len(read.arrays["node"])
    assert read.columns["data"].tolist() == back(v).columns["data"].tolist()


def test_fractions_come_back_exact() -> None:
    v = Value(np.array(Fraction(1, 3), object)) * Fraction(1, 7)
    v.backward()
    read = back(v)
    assert read.tables["exact"] == ["1/3", "1/7", "1/21", "1"]
    assert [read.tables["exact"][i] for i in read.columns["exact"]] == ["1/3", "1/21"]
    assert [read.tables["exact"][i] for i in read.columns["grad_exact"]] == ["1/7", "1"]


def test_a_fraction_that_no_float_holds_is_infinite_and_exact() -> None:
    read = back(Value(np.array(Fraction(10**400), object)) * Fraction(-1))
    assert read.columns["data"].tolist() == [math.inf, -math.inf]
    assert read.tables["exact"] == [str(10**400), str(-(10**400))]
    assert read.arguments["local"].tolist() == [-1.0, 0.0]


def test_intervals_are_said_in_words() -> None:
    from tinygrad_edu.testing.numbers.intervals import Interval

    read = back(Value(np.array(Interval(1.0, 2.0), object)) * 2.0)
    assert np.isnan(read.columns["data"]).all()
    assert len(read.tables["exact"]) == 2


def test_lines_of_source_are_recorded() -> None:
    with tg.record_source():
        v = Value(2.0) * 3.0
    (source,) = back(v).tables["sources"]
    assert source["file"] == __file__
    assert source["text"] == "v = Value(2.0) * 3.0"


def test_dead_and_saturated_units_are_flagged() -> None:
    values = {"dead": tg.ops.relu(Value([-1.0, -2.0])), "saturated": np.tanh(Value([9.0, 9.0, 0.0]))}
    for flag, v in values.items():
        assert back(v).columns["flags"].tolist()[-1] == 1 << FLAGS.index(flag)
    assert back(tg.ops.relu(Value([-1.0, 2.0]))).columns["flags"].tolist() == [0, 0]


def test_a_leaf_that_changed_after_backward_is_said_to_have() -> None:
    ws = [Value(float(i), f"w{i}") for i in range(1, 4)]
    loss = sum((w * 2.0 for w in ws), Value(0.0))
    loss.backward()
    assert not (back(loss).columns["flags"] & 128).any()
    ws[1].data = 9.0
    flags = back(loss).columns["flags"] & 128
    assert [bool(f) for f in flags] == [v is not None and ws[1] in v.parents for v in Graph(loss)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "not the JSON of a graph"),
        ("[]", "got 'list'"),
        ('{"format": "tinygrad_edu.graph/2"}', "tinygrad_edu.graph/2"),
        (json.dumps({"format": FORMAT}), "damaged"),
        ("\xff", "not the JSON"),
    ],
)
def test_other_documents_are_refused(text: str, why: str) -> None:
    with pytest.raises(DataError, match=why):
        Graph.from_json(text)


@pytest.mark.parametrize(
    ("group", "name", "entries"),
    [
        ("columns", "op", [7, 7]),
        ("columns", "data", [1.0]),
        ("columns", "start", [0, 5, 2]),
        ("arguments", "node", [1, -1]),
        ("arguments", "node", [-9, -1]),
        ("arguments", "kind", [0]),
    ],
)
def test_damage_is_noticed(group: str, name: str, entries: list[Any]) -> None:
    data = snapshot(Graph(Value(1.0) * 2.0))
    getattr(data, group)[name] = np.array(entries)
    with pytest.raises(DataError, match="damaged"):
        GraphData.from_json(data.to_json())


@given(st.data())
def test_whatever_is_missing_or_wrong_is_an_error_of_ours(data: st.DataObject) -> None:
    document = json.loads(Graph(Value([1.0, 2.0], "x") * 2.0 + Value(0.5)).to_json())
    at: Any = document
    while True:
        key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else list(range(len(at)))))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.booleans()):
            break
        at = at[key]
    wrong = data.draw(st.sampled_from([None, -7, 10**30, "", "<f8", [], {}, 1.5]))
    at[key] = wrong
    with suppress(DataError):  # some changes are harmless, as another label: then it is a graph like any other
        read = Graph.from_json(json.dumps(document))
        assert Graph.from_json(read.to_json()) == read
        assert all(type(v) is int for v in read.outputs)


# -- local derivatives -------------------------------------------------------------------------------------------------


def test_local_derivatives_of_scalars_are_those_of_calculus() -> None:
    x, y = Value(3.0), Value(2.0)
    assert numbers(x * y) == [2.0, 3.0]
    assert numbers(x - y) == [1.0, -1.0]
    assert numbers(x / y) == [0.5, -0.75]
    assert numbers(np.tanh(y)) == [pytest.approx(1 / math.cosh(2) ** 2, rel=1e-14)]
    assert numbers(x**2) == [6.0, None]


def test_a_branch_not_taken_has_none() -> None:
    found = local_derivatives(np.where(False, Value(1.0), Value(0.0)))
    assert [one.kind for one in found] == ["none", "number"]
    assert [one.kind for one in local_derivatives(tg.ops.relu(Value(-1.0)))] == ["number"]


def test_arrays_have_a_formula_in_place_of_a_number() -> None:
    (one,) = local_derivatives(np.tanh(Value([1.0, 2.0])))
    assert (one.kind, one.number, one.formula) == ("array", None, "g * (1 - tanh(x)**2)")
    (one,) = local_derivatives(Value([1.0, 2.0]).sum())
    assert one.kind == "array"


def test_a_fraction_has_a_fraction() -> None:
    half = Value(np.array(Fraction(1, 2), object))
    assert numbers(half * half) == [Fraction(1, 2), Fraction(1, 2)]


@pytest.mark.parametrize("lean", [False, True])
def test_a_graph_that_is_lean_or_used_up_has_the_same_local_derivatives(lean: bool) -> None:
    fresh = graphs.network((5, 4, 2))
    wanted = local_table(Graph(fresh).values)
    v = tg.lean()(graphs.network)((5, 4, 2)) if lean else fresh
    if not lean:
        v.backward()
    for found, want in zip(local_table(Graph(v).values), wanted, strict=True):
        np.testing.assert_array_equal(found, want)


@settings(max_examples=30)
@given(graphs.dags())
def test_taken_together_they_are_those_one_by_one(v: Value) -> None:
    values = Graph(v).values
    kinds, found = local_table(values)
    single = [one for w in values for one in local_derivatives(w)]
    assert [KINDS[k] for k in kinds] == [one.kind for one in single]
    np.testing.assert_allclose(found, [one.number or 0.0 for one in single], rtol=1e-15, atol=0)


def test_forty_thousand_nodes_are_two_megabytes() -> None:
    loss = graphs.network((784, 16, 16, 10))
    loss.backward()
    text = Graph(loss).to_json()
    assert len(text) < 2e6
    assert len(Graph.from_json(text)) > 39_000
