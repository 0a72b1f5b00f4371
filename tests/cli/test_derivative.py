"""`tinygrad-edu derivative` and `derivatives`, run as a user runs them."""

import json
import subprocess
import sys

import pytest

from tinygrad_edu.cli import main


@pytest.fixture(autouse=True)
def _wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")


def shown(capsys, *arguments):
    assert main([*arguments]) == 0
    return capsys.readouterr().out


def test_the_page_of_tanh_has_formula_proof_and_curves(capsys):
    out = shown(capsys, "derivative", "tanh")
    for part in ("dy/dx = 1 - y**2", "1 - tanh(x)**2", "all real x", "np.tanh", "proved for all x", "kinks     none", "⠖"):
        assert part in out
    assert max(map(len, out.splitlines())) <= 120
    assert "⠖" not in shown(capsys, "derivative", "tanh", "--no-plot")
    assert "\x1b" not in out


def test_the_page_of_a_matrix_function_has_its_pullback(capsys):
    out = shown(capsys, "derivative", "np.linalg.inv")
    assert "gx = -y.mT @ g @ y.mT" in out
    assert "rule = differences" in out


def test_numbers_at_a_point_stand_below(capsys):
    out = shown(capsys, "derivative", "relu", "--no-plot", "--at", "0")
    assert out.splitlines()[-1].split() == ["dy/dx", "0", "0.0"]
    out = shown(capsys, "derivative", "power", "--no-plot", "--at", "2,3")
    assert [line.split()[:2] for line in out.splitlines()[-3:]] == [
        ["y", "8"],
        ["dy/dx1", "12"],
        ["dy/dx2", "5.5451774444795623"],
    ]
    assert "no value here" in shown(capsys, "derivative", "log", "--no-plot", "--at=-1")


def test_latex_is_formulas_only(capsys):
    assert shown(capsys, "derivative", "sigmoid", "--latex").splitlines() == [
        r"y = \frac{1}{1 + e^{-x}}",
        r"\frac{\mathrm{d}y}{\mathrm{d}x} = y (1 - y)",
    ]
    assert r"\frac{\partial y}{\partial x_{2}} = x_{1}" in shown(capsys, "derivative", "multiply", "--latex")


def test_json_is_one_line_with_everything(capsys):
    out = shown(capsys, "derivative", "maximum", "--json", "--at", "1,1")
    assert len(out.splitlines()) == 1
    told = json.loads(out)
    assert told["name"] == "maximum"
    assert told["kind"] == "elementwise"
    assert told["partials"]["x1"]["proof"]["status"] == "proved"
    assert [k["choice"] for k in told["kinks"]] == [0.5, 0.5]
    assert [n["engine"] for n in told["at"]] == [1.0, 0.5, 0.5]


def test_svg_is_written_beside_the_page(tmp_path, capsys):
    file = tmp_path / "gelu.svg"
    assert "gelu" in shown(capsys, "derivative", "gelu", "--no-plot", "--svg", str(file))
    assert "</svg>" in file.read_text(encoding="utf-8")


def test_the_list_has_a_line_for_each_derivative(capsys):
    out = shown(capsys, "derivatives", "--search", "logarithm")
    assert out.splitlines()[0].split() == ["name", "function", "derivative", "domain", "kind"]
    assert any(line.split()[:1] == ["log10"] and "dy/dx = 1/(x*log(10))" in line for line in out.splitlines())
    told = json.loads(shown(capsys, "derivatives", "--kind", "linear", "--search", "triangle", "--prove", "--json"))
    assert [(one["name"], one["status"]) for one in told] == [("tril", "agrees"), ("triu", "agrees")]


BAD = {
    "unknown op": (["derivative", "tahn"], "did you mean"),
    "no name": (["derivative"], "NAME"),
    "words for a point": (["derivative", "tanh", "--at", "zero"], "'zero'"),
    "too many numbers": (["derivative", "tanh", "--at", "1,2"], "one number"),
    "a point of a matrix function": (["derivative", "sum", "--at", "1"], "whole arrays"),
    "a curve of a matrix function": (["derivative", "sum", "--svg", "x.svg"], "no curve"),
    "another picture": (["derivative", "tanh", "--svg", "x.png"], ".svg"),
    "no folder for the picture": (["derivative", "tanh", "--svg", "nowhere/x.svg"], "nowhere"),
    "no latex": (["derivative", "float_power", "--latex"], "LaTeX"),
    "unknown kind": (["derivatives", "--kind", "smooth"], "elementwise"),
}


@pytest.mark.parametrize(("arguments", "says"), BAD.values(), ids=BAD.keys())
def test_a_mistake_is_one_line_and_exit_code_two(arguments, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    out = capsys.readouterr()
    assert out.err.startswith("tinygrad-edu: error:")
    assert len(out.err.splitlines()) == 1
    assert says in out.err
    assert out.out == ""


@pytest.mark.parametrize("command", ["derivative", "derivatives"])
def test_help_shows_examples(command, capsys):
    assert "Examples" in shown(capsys, command, "--help")


def test_without_sympy_the_extra_is_named(monkeypatch, capsys):
    from tinygrad_edu.inspect.reference import symbols

    symbols.sympy.cache_clear()
    monkeypatch.setitem(sys.modules, "sympy", None)
    assert main(["derivative", "tanh"]) == 2
    assert "tinygrad-edu[symbolic]" in capsys.readouterr().err
    monkeypatch.undo()
    symbols.sympy()


def test_the_command_line_starts_without_sympy():
    code = "import sys, tinygrad_edu.cli.app; print({'sympy', 'matplotlib', 'mpmath'} & sys.modules.keys())"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
