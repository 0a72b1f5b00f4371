"""The package as a newcomer meets it: README, examples, exported names, a light import."""

import doctest
import importlib
import inspect
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tinygrad_edu

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted(ROOT.glob("examples/*.py"))
SAYS = {
    "one_connection": "dC/dw = -0.123026284078",
    "your_own_op": "slope of slope  [0. 2. 2.]",
    "moons": "accuracy 100%",
    "draw_a_neuron": " w1   data -3.0000   gradient  1.0000",
    "learn_digits": "13002 parameters",
    "find_a_wrong_gradient": 'guilty: soft_gate, line 28: g = soft_gate(normalised(h) @ w["up"])',
}


def test_readme_prints_what_it_says():
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False, optionflags=flags)
    assert tried > 5
    assert not failed


def test_readme_names_its_two_commands_and_only_files_that_exist():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(re.findall(r"<!-- command: (?:run|test) -->\n```sh\n.+\n```", text)) == 2
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (ROOT / link).exists(), link


def test_readme_counts_what_is_there():
    from tinygrad_edu.testing.conformance.libraries import LIBRARIES
    from tinygrad_edu.testing.conformance.running import ROWS

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(ROWS) > int(re.search(r"over (\d+) special cases", text)[1]) > 0.9 * len(ROWS)
    assert len(LIBRARIES) == 7
    assert "holds seven engines" in text


def test_readme_names_every_command():
    typer = pytest.importorskip("typer")
    from tinygrad_edu.cli.app import app

    row = next(line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| [`cli`]"))
    told = re.findall(r"`(?:tinygrad-edu )?([a-z]+)`", row.partition(" | ")[2])
    assert set(told) == set(typer.main.get_command(app).commands)


def test_every_example_has_its_line_here():
    assert {e.stem for e in EXAMPLES} == SAYS.keys()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.stem)
def test_examples_run_and_end_with_their_number(example, tmp_path):
    run = subprocess.run(
        [sys.executable, "-W", "error", str(example)], cwd=tmp_path, capture_output=True, text=True, timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert SAYS[example.stem] in run.stdout
    assert len(example.read_text(encoding="utf-8").splitlines()) < 60


def test_exported_names_are_exact_and_few():
    assert len(tinygrad_edu.__all__) < 45
    for name in tinygrad_edu.__all__:
        assert getattr(tinygrad_edu, name) is not None
    public = {n for n, x in vars(tinygrad_edu).items() if not n.startswith("_") and not inspect.ismodule(x)}
    assert public - {"Any", "TYPE_CHECKING", "VIEWS", "import_module"} <= set(tinygrad_edu.__all__)


def _modules():
    return [m.name for m in pkgutil.walk_packages(tinygrad_edu.__path__, "tinygrad_edu.")]


@pytest.mark.parametrize("name", _modules())
def test_what_a_module_exports_exists_and_is_documented(name):
    module = importlib.import_module(name)
    assert module.__doc__
    for exported in getattr(module, "__all__", ()):
        thing = getattr(module, exported)
        if inspect.isfunction(thing) or inspect.isclass(thing) or isinstance(thing, tinygrad_edu.Op):
            assert inspect.getdoc(thing), f"{name}.{exported} has no docstring"


def test_import_brings_numpy_and_nothing_heavy():
    code = "import sys, tinygrad_edu; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"rich", "typer", "matplotlib", "safetensors", "PIL", "torch", "jax", "scipy", "sympy", "graphviz"}
    assert not heavy & {m.partition(".")[0] for m in loaded}


def test_unknown_names_raise_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = tinygrad_edu.nothing
