"""The conformance table: verdicts, processes, Markdown and JSON."""

import json
import math

import numpy as np
import pytest

from tinygrad_edu.cli import main
from tinygrad_edu.errors import MissingExtra, OptionError
from tinygrad_edu.testing.conformance import running
from tinygrad_edu.testing.conformance.behaviours import BEHAVIOURS, Behaviour
from tinygrad_edu.testing.conformance.libraries import LIBRARIES, Answer, Lacks, Library
from tinygrad_edu.testing.conformance.rows import NAN, Row
from tinygrad_edu.testing.conformance.running import ROWS, SECTIONS, cell
from tinygrad_edu.testing.conformance.table import conformance
from tinygrad_edu.testing.conformance.verdict import of_behaviour, of_row

ROW = Row("norm", "np.linalg.norm(x)", ([0.0, 0],), 0, ([0, 0],))


@pytest.mark.parametrize(("row", "answer", "verdict"), [
    (ROW, Answer(0.0, (np.zeros(2),)), "meets"),
    (ROW, Answer(0.0, (np.array([NAN, NAN]),)), "fails"),
    (ROW, Answer(0.0, (np.zeros(3),)), "fails"),
    (ROW, Answer(np.zeros(1), (np.zeros(2),)), "fails"),
    (ROW, Answer(0.0, ()), "fails"),
    (ROW, ValueError, "fails"),
    (ROW._replace(also=((0, ([NAN, NAN],)),)), Answer(0.0, (np.array([NAN, NAN]),)), "meets"),
    (ROW._replace(differs="the bar is another"), Answer(0.0, (np.zeros(2),)), "beside"),
    (ROW._replace(value=ValueError, grads=None), KeyError, "meets"),
    (ROW._replace(value=ValueError, grads=None), Answer(0.0, (np.zeros(2),)), "fails"),
    (ROW._replace(value=ValueError, grads=None, also=((0, ([0, 0],)),)), Answer(0.0, (np.zeros(2),)), "meets"),
    (ROW._replace(second=4), Answer(0.0, (np.zeros(2),), 4.0), "meets"),
    (ROW._replace(second=4), Answer(0.0, (np.zeros(2),), 0.0), "fails"),
    (ROW._replace(second=4), Answer(0.0, (np.zeros(2),)), "fails"),
])  # fmt: skip
def test_the_verdict_of_a_row(row, answer, verdict):
    assert of_row(row, answer) == verdict


@pytest.mark.parametrize(("expected", "also", "outcome", "verdict"), [
    (12.0, (), 12.0, "meets"), (12.0, (), 36.0, "fails"), (RuntimeError, (), KeyError, "meets"), (None, (), None, "meets"),
    (None, (), 0.0, "fails"), (2.0, (None,), None, "meets"), ([1.0, math.nan], (), [1.0, math.nan], "meets"),
    ([1.0, 2.0], (), [1.0, 2.5], "fails"), ([math.nan, 0.0], (), [1 + 2j, 0.0], "fails"), (False, (), False, "meets"),
    (24.0, (RuntimeError, 12.0), RuntimeError, "meets"), (24.0, (RuntimeError, 12.0), 36.0, "fails"),
    ("its own", (), "ndarray", "fails"),
])  # fmt: skip
def test_the_verdict_of_a_behaviour(expected, also, outcome, verdict):
    assert of_behaviour(Behaviour("", lambda lib: None, expected, also=also), outcome) == verdict


class Odd(Library):
    """Answers, lacks and fails as the row says."""

    name, package = "odd", "no-such-package-anywhere"

    def _answer(self, row):
        if row.id == "lacks":
            raise Lacks("norms")
        if row.id == "fails":
            raise KeyError("two\nlines")
        return Answer(np.array([1, NAN]), (np.array([-math.inf, 0.0]), np.float64(2)))


def test_a_cell_has_text_verdict_and_numbers():
    row = Row("x", "x", (), [1, NAN], ([-math.inf, 0], 2))
    assert cell(Odd(), row) == {"text": "[1. nan] -> [-inf 0.] ; 2.0", "verdict": "meets", "value": [1, "nan"],
                                "grads": [["-inf", 0], 2], "second": None}  # fmt: skip
    assert cell(Odd(), row._replace(id="lacks")) == {"text": "–", "verdict": "lacks", "why": "norms"}
    failed = cell(Odd(), row._replace(id="fails"))
    assert (failed["text"], failed["verdict"]) == ("raises KeyError", "fails")
    assert cell(Odd(), BEHAVIOURS[0])["verdict"] == "lacks"


def test_every_row_of_ours_meets_the_bar_or_says_why_not():
    table = conformance([])
    verdicts = {row.id: table.cells["ours"][row.id]["verdict"] for rows in SECTIONS.values() for row in rows}
    assert set(verdicts.values()) <= {"meets", "beside"}
    assert {i for i, v in verdicts.items() if v == "beside"} == {i for i, row in ROWS.items() if row.differs}


# -- processes ---------------------------------------------------------------------------------------------------------


HANGS = 'import sys, time\nprint(\'{"id": "abs at 0, -0", "text": "fine"}\', flush=True)\n'


@pytest.mark.parametrize(("end", "why"), [("time.sleep(60)", "no answer in 1 s"), ("sys.exit(3)", "ends the process, code 3")])
def test_a_row_that_hangs_or_crashes_costs_its_own_cell(monkeypatch, end, why):
    import subprocess
    import sys

    started = []

    def popen(command, **options):
        started.append(command[4:])
        if len(started) == 1:
            command = [sys.executable, "-c", HANGS + end]
        return real(command, **options)

    real = subprocess.Popen
    monkeypatch.setattr(running.subprocess, "Popen", popen)
    ids = ["abs at 0, -0", "sign", "gelu at 0, -1000"]
    cells = running.ask("ours", ids, timeout=1.0 if "sleep" in end else 60.0)
    assert [cells[i]["text"] for i in ids[:2]] == ["fine", why]
    assert started[1] == ["gelu at 0, -1000"]
    assert cells["gelu at 0, -1000"]["verdict"] in ("meets", "fails")  # within a second it may not have started


# -- the table ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def only_ours(monkeypatch):
    for library in LIBRARIES.values():
        if library.package != "tinygrad-edu":
            monkeypatch.setattr(library, "version", classmethod(lambda cls: None))


@pytest.mark.usefixtures("only_ours")
def test_markdown_has_the_rows_the_absent_and_the_counts(capsys):
    assert main(["conformance", "--rows", "sqrt(x*x)"]) == 0
    text = capsys.readouterr().out
    assert f"numpy {np.__version__}" in text
    assert "Not installed: torch, jax, autograd, mygrad, tinygrad, micrograd." in text
    assert "| sqrt(x*x) at 0: `np.sqrt(x * x)` | ✓ [0.] -> [nan] | 0 * inf, honestly; np.abs is the cure |" in text
    assert text.count("\n| ours ") == 1
    assert text.rstrip().endswith("| 1 | 0 | 0 | 0 |")


@pytest.mark.usefixtures("only_ours")
def test_json_has_numbers_and_words_for_what_is_none(capsys):
    assert main(["conformance", "--rows", "log at 0*", "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    (row,) = table["rows"]
    assert (row["id"], row["code"], row["section"]) == ("log at 0, -1", "np.log(x)", "C2 log domain")
    assert row["answers"]["ours"]["value"] == ["-inf", "nan"]
    assert row["answers"]["ours"]["grads"] == [["inf", -1.0]]
    assert table["summary"] == {"ours": {"meets": 0, "beside": 1, "fails": 0, "lacks": 0}}
    assert set(table["versions"]) == {"ours"}


@pytest.mark.usefixtures("only_ours")
def test_failures_leaves_the_rows_where_nobody_is_wrong_out(capsys):
    assert main(["conformance", "--rows", "C2*", "--failures"]) == 0
    text = capsys.readouterr().out
    assert "| log at 0, -1" in text
    assert "tanh far out" not in text


@pytest.mark.usefixtures("only_ours")
def test_mistakes_are_explained(capsys):
    with pytest.raises(OptionError, match="no row matches"):
        conformance(pattern="nothing like this")
    with pytest.raises(OptionError, match="unknown peers: theano; there are torch"):
        conformance(["theano"])
    with pytest.raises(MissingExtra, match="peers"):
        conformance(["torch"])
    assert main(["conformance", "--peer", "theano"]) == 2
    assert "unknown peers" in capsys.readouterr().err
