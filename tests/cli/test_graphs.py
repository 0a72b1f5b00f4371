"""`draw`, `explain`, `view` and `diff`, run as a user runs them."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.inspect.graphs import network
from tinygrad_edu.cli import main
from tinygrad_edu.core import Graph, Value

NEURON = ["tanh(w*x + b)", "w=2", "x=1", "b=-3"]
SLOPE = 1 - np.tanh(-1.0) ** 2


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: object, code: int = 0) -> str:
        assert main([str(a) for a in arguments]) == code
        out = capsys.readouterr()
        return out.err if code == 2 else out.out

    return run


def test_draw_prints_a_tree_with_values_and_gradients(said: Any):
    assert said("draw", *NEURON).splitlines() == [
        "y = tanh(w*x + b)   data -0.7616  grad 1",
        "└── w*x + b   data -1  grad 0.42  slope 1 - y**2 = 0.42",
        "    ├── w*x   data 2  grad 0.42  slope 1",
        "    │   ├── w   data 2  grad 0.42  slope x = 1",
        "    │   └── x   data 1  grad 0.8399  slope w = 2",
        "    └── b   data -3  grad 0.42  slope 1",
    ]


def test_a_dash_reads_an_expression_or_a_graph_from_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: Any):
    def typed(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    typed("x*3\n")
    assert "y = multiply(x, 3)   data 6" in said("draw", "-", "x=2")
    typed("x*3\n")
    assert "1 path adds up to 3, the gradient" in said("explain", "-", "x=2")
    for ending in ("json", "html"):
        file = tmp_path / f"g.{ending}"
        said("draw", "x*3", "x=2", "-o", file)
        typed(file.read_text())
        assert "2 values" in said("view", "-")
        typed(file.read_text())
        assert said("diff", "-", "x*4", "x=2").startswith("= 0 the same, ~ 2 changed")


def test_a_narrow_terminal_loses_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    plain = _shown(capsys, "draw", *NEURON)
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert _shown(capsys, "draw", *NEURON) == plain


def _shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 0
    return re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)


def test_a_picture_for_a_folder_that_is_not_there_names_the_folder(tmp_path: Path, said: Any):
    for command in (["draw", *NEURON], ["diff", "x*2", "x*3", "x=1"]):
        assert f"there is no folder {tmp_path / 'nowhere'}" in said(*command, "-o", tmp_path / "nowhere" / "g.svg", code=2)


def test_explain_tells_every_variable_unless_one_is_named(said: Any):
    heads = [line for line in said("explain", *NEURON).splitlines() if line.startswith("dy/d")]
    assert heads == ["dy/dw", "dy/dx", "dy/db"]
    told = map(json.loads, said("explain", *NEURON, "--json").splitlines())
    assert {one["wrt"]: one["sum"] for one in told} == pytest.approx({"w": SLOPE, "x": 2 * SLOPE, "b": SLOPE})


def test_draw_as_json_has_every_value_and_gradient(said: Any):
    told = json.loads(said("draw", *NEURON, "--json"))
    assert told["value"] == pytest.approx(np.tanh(-1.0))
    assert told["gradients"] == pytest.approx({"w": SLOPE, "x": 2 * SLOPE, "b": SLOPE})
    assert [n["op"] for n in told["nodes"]] == [None, None, None, "multiply", "add", "tanh"]
    assert told["nodes"][3]["arguments"] == [{"node": 0}, {"node": 1}]
    assert json.loads(said("draw", "log(x)", "x=-1", "--json"))["value"] == "nan"


@pytest.mark.parametrize("ending", ["svg", "png", "pdf", "dot", "html", "json"])
def test_draw_writes_what_the_ending_says(ending: str, tmp_path: Path, said: Any):
    file = tmp_path / f"g.{ending}"
    assert said("draw", *NEURON, "-o", file, "--engine", "builtin") == f"{file}\n"
    begins = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b"digraph", "html": b"<!doctype", "json": b"{"}
    assert file.read_bytes().startswith(begins[ending])


def test_options_of_draw_reach_the_picture(tmp_path: Path, said: Any):
    said(
        "draw", *NEURON, "-o", tmp_path / "g.svg", "--formulas", "--direction", "TB", "--precision", "2", "--engine", "builtin"
    )
    texts = ["".join(t.itertext()) for t in ElementTree.parse(tmp_path / "g.svg").iter("{http://www.w3.org/2000/svg}text")]
    assert "data -0.76" in texts
    assert "x = 1" in texts
    assert "slope x = 1" in said("draw", *NEURON, "--formulas")
    assert "values in" in said("draw", "+".join(["w*w"] * 50), "w=1", "--limit", "20")


def test_a_result_that_is_an_array_has_no_gradient_and_that_is_said(said: Any):
    out = said("draw", "x*2", "x=[1,2]")
    assert "data [2, 4]" in out
    assert "The result has shape (2,)" in out


def test_explain_writes_the_notes_chain(said: Any):
    out = said("explain", "z = w*x; A = sigmoid(z); C = (A - 1)**2", "w=2", "x=0.6", "--wrt", "w")
    a = 1 / (1 + np.exp(-1.2))
    assert out.startswith("dC/dw\n")
    assert "dA/dz = A*(1 - A)" in out
    assert f"1 path adds up to {2 * (a - 1) * a * (1 - a) * 0.6:.6g}, the gradient ✓" in out


def test_explain_tells_several_variables_and_limits_paths(said: Any):
    out = said("explain", *NEURON, "--wrt", "w", "--wrt", "x")
    assert "dy/dw" in out
    assert "dy/dx" in out
    few = said("explain", "(x + x)*(x + x)*(x + x)", "x=2", "--paths", "2")
    assert "2 such paths, together    32" in few  # each 4 x^2 = 16, of which there are six
    assert "the other 4 paths add 64\n6 paths add up to 96, the gradient ✓" in few


def test_explain_as_json_and_by_one_entry(said: Any):
    lines = said("explain", *NEURON, "--wrt", "w", "--wrt", "b", "--json").splitlines()
    told = [json.loads(line) for line in lines]
    assert [(t["wrt"], t["sum"]) for t in told] == [("w", pytest.approx(SLOPE)), ("b", pytest.approx(SLOPE))]
    entry = json.loads(said("explain", "sum(W @ x)", "W=[[1,2],[3,4]]", "x=[5,7]", "--wrt", "W", "--index", "0,1", "--json"))
    assert entry["sum"] == 7.0
    assert entry["agrees"] is True


def test_explain_steps_through_the_passes_by_keys_from_a_pipe():
    run = subprocess.run(
        [sys.executable, "-c", "from tinygrad_edu.cli import main; main()", "explain", "x*x", "x=3", "--step"],
        input="n\nn\nq\n", capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "step 3 of 4, backward" in run.stdout
    assert re.search(r"dy/dx: 3 -> 6", run.stdout)


# -- files -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("saved") / "graph.json"
    loss = network((6, 5, 3))
    loss.backward()
    file.write_text(Graph(loss).to_json())
    return file


def test_view_shows_the_tree_of_a_saved_graph(saved: Path, said: Any):
    out = said("view", saved)
    assert out.startswith("loss = add(")
    assert "layer 0/neuron 4(" in out
    assert out.splitlines()[-1] == f"{len(Graph.from_json(saved.read_text()))} values"
    assert len(said("view", saved, "--depth", "0").splitlines()) < len(out.splitlines())


def test_view_converts_between_all_files(saved: Path, tmp_path: Path, said: Any):
    page = tmp_path / "g.html"
    said("view", saved, "-o", page)
    assert said("view", page) == said("view", saved)
    said("view", page, "-o", tmp_path / "back.json")
    assert Graph.from_json((tmp_path / "back.json").read_text()) == Graph.from_json(saved.read_text())
    said("view", saved, "-o", tmp_path / "g.svg", "--engine", "builtin")
    assert (tmp_path / "g.svg").read_text("utf-8").startswith("<svg")


def test_view_as_json_counts_ops_and_what_is_wrong(said: Any, tmp_path: Path):
    with np.errstate(all="ignore"):
        Path(tmp_path / "g.json").write_text(Graph(np.log(Value(-1.0)) * 2.0).to_json())
    told = json.loads(said("view", tmp_path / "g.json", "--json"))
    assert told["calls"] == {"log": 1, "multiply": 1}
    assert (told["nodes"], told["leaves"], told["flags"]["nan"]) == (3, 1, 2)


def test_view_opens_the_browser_on_a_page(saved: Path, said: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    import webbrowser

    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: bool(opened.append(url)) or True)
    page = Path(said("view", saved, "--open").strip())
    assert opened == [page.resolve().as_uri()]
    assert "<!doctype html>" in page.read_text("utf-8")
    monkeypatch.setattr(webbrowser, "open", lambda url: False)
    assert "there is no browser here" in said("view", page, "--open")


def test_diff_of_two_expressions(said: Any, tmp_path: Path):
    out = said("diff", "tanh(w*x)", "relu(w*x + b)", "w=2", "x=1", "b=-3", "-o", tmp_path / "d.svg")
    assert out.splitlines()[0] == "= 0 the same, ~ 3 changed, + 3 added, - 1 removed"
    assert re.search(r"^- y  tanh", out, re.M)
    assert re.search(r"^\+ y  relu", out, re.M)
    assert "+ ADDED" in (tmp_path / "d.svg").read_text("utf-8").replace("\xa0", " ").replace("&#160;", " ")


def test_diff_of_one_expression_at_two_points_and_its_exit_code(said: Any):
    same = ["diff", "tanh(w*x)", "tanh(w*x)", "x=1"]
    told = json.loads(said(*same, "--left", "w=2", "--right", "w=3", "--json"))
    w = next(c for c in told["changes"] if c["label"] == "w")
    assert (w["before"]["data"], w["after"]["data"]) == (2.0, 3.0)
    said(*same, "w=2", "--exit-code", code=0)
    said(*same, "--left", "w=2", "--right", "w=3", "--exit-code", code=1)
    assert "5 the same" in said(*same, "--left", "w=2", "--right", "w=2.0000001", "--tolerance", "1e-3").replace(
        "4 the", "5 the"
    )


@pytest.mark.parametrize("ending", ["html", "json", "dot", "pdf"])
def test_diff_of_files_is_written(ending: str, saved: Path, tmp_path: Path, said: Any):
    loss = network((6, 5, 4))
    loss.backward()
    (tmp_path / "other.json").write_text(Graph(loss).to_json())
    said("diff", saved, tmp_path / "other.json", "-o", tmp_path / f"d.{ending}")
    content = (tmp_path / f"d.{ending}").read_bytes()
    assert {"html": b'id="other">{', "json": b"tinygrad_edu.diff/1", "dot": b"+ ADDED", "pdf": b"%PDF"}[ending] in content


BAD = {
    "unknown function": (
        ["draw", "w + tnah(w)", "w=1"],
        "column 5: there is no function 'tnah'; did you mean 'tanh'?",
        "      ^",
    ),
    "no value": (["draw", "w*x", "w=1"], "'x' has no value; give it one, x=1", "    ^"),
    "a value too many": (["draw", "w*2", "w=1", "q=1"], "'q' is not in the expression", ""),
    "a value of text": (["draw", "w*2", "w=two"], "column 3: the value of w: a value is written out", "    ^"),
    "twice": (["draw", "w*2", "w=1", "w=2"], "w has two values", ""),
    "no equals": (["draw", "w*2", "1"], "name=value, w=2; got '1'", ""),
    "other ending": (["draw", "w*2", "w=1", "-o", "g.gif"], ".svg, .png, .pdf, .dot, .html, .json", ""),
    "other engine": (["draw", "w*2", "w=1", "--engine", "neato"], "graphviz-pure", ""),
    "other direction": (["draw", "w*2", "w=1", "--direction", "RL"], "'TB'", ""),
    "by another": (["explain", "w*x", "w=1", "x=2", "--wrt", "q"], "its variables are w, x", ""),
    "not one number": (
        ["explain", "x*2", "x=[1,2]"],
        "one number; the result has shape (2,): add its entries up, sum(...)",
        "",
    ),
    "no index": (["explain", "sum(x)", "x=[1,2]", "--index", "a"], "--index is a whole number", ""),
    "index outside": (["explain", "sum(x)", "x=[1,2]", "--index", "5"], "no entry", ""),
    "step of arrays": (["explain", "x*2", "x=[1,2]", "--step"], "one number; the result has shape (2,)", ""),
    "step as json": (["explain", "x*2", "x=1", "--step", "--json"], "neither --wrt nor --json", ""),
    "no paths": (["explain", "x*2", "x=1", "--paths", "0"], "at least 1", ""),
    "no file": (["view", "nowhere.json"], "nowhere.json", ""),
    "not a graph": (["view", "{text}.json"], "not the JSON of a graph", ""),
    "not our page": (["view", "{text}.html"], "there is no graph in it", ""),
    "in neither": (["diff", "w*2", "w*3", "w=1", "q=1"], "'q' is in neither expression", ""),
    "diff ending": (["diff", "w*2", "w*3", "w=1", "-o", "d.gif"], ".svg", ""),
    "negative tolerance": (["diff", "w*2", "w*3", "w=1", "--tolerance", "-1"], "tolerance", ""),
}


@pytest.mark.parametrize(("arguments", "says", "caret"), BAD.values(), ids=BAD.keys())
def test_a_mistake_is_one_line_with_a_caret_where_there_is_a_column(arguments, says, caret, tmp_path, monkeypatch, said):
    monkeypatch.chdir(tmp_path)
    for ending in ("json", "html"):
        (tmp_path / f"text.{ending}").write_text("no graph")
    lines = said(*[a.format(text=tmp_path / "text") for a in arguments], code=2).splitlines()
    assert lines[0].startswith("tinygrad-edu: error:")
    assert says in lines[0]
    assert lines[1:] == ([] if not caret else [lines[1], caret])


@pytest.mark.parametrize("command", ["draw", "explain", "view", "diff"])
def test_help_shows_examples(command: str, said: Any):
    assert "Examples" in said(command, "--help")
