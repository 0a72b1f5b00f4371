"""Random expressions against PyTorch: the comparison can be trusted, failures are found, made small and kept."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings

pytest.importorskip("torch")

from tinygrad_edu import REGISTRY, Value
from tinygrad_edu.testing import Expression, expressions
from tinygrad_edu.testing.fuzz import Failure, differs, expression_of, fuzz, load, main, save
from tinygrad_edu.testing.fuzzing.comparison import compare
from tinygrad_edu.testing.fuzzing.torch_functions import torch_functions
from tinygrad_edu.testing.generating.recipes import default_ops

pytestmark = pytest.mark.peers
REGRESSIONS = load(Path(__file__).parent / "fuzz_regressions.json")
WITHOUT = {"floor_divide", "heaviside", "step"}  # PyTorch has no derivative for these; all are zero
COMPARED = [name for name in default_ops() if name not in WITHOUT]


def test_every_op_that_expressions_are_made_of_is_compared():
    assert set(default_ops()) - set(torch_functions()) == WITHOUT
    assert set(torch_functions()) <= set(default_ops())


# -- what differed once, each time ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", REGRESSIONS, ids=[f"{f.seed} {'-'.join(f.expression.ops[-3:])}" for f in REGRESSIONS])
def test_what_differed_once_agrees_now(failure):
    for seed in range(3):
        verdict = compare(failure.expression, seed)
        assert verdict.kind == "agrees", f"{verdict.reason}\n{failure.expression.source()}\nonce: {failure.reason}"


def test_there_are_regressions():
    assert len(REGRESSIONS) >= 5


# -- agreement -----------------------------------------------------------------------------------------------------------


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(expressions(COMPARED))
def test_what_hypothesis_draws_agrees_with_pytorch(f):
    verdict = compare(f)
    assert verdict.kind == "agrees", f"{verdict.reason}\n{f.source()}"


def test_a_run_compares_every_expression_and_most_ops():
    report = fuzz(200, seed=5)
    assert (report.count, report.agreed + sum(report.discarded.values()), report.failures) == (200, 200, [])
    assert sum(report.discarded.values()) <= 3
    assert len(report.ops) > 100
    assert 0 < report.worst <= 1


def test_the_number_of_processes_changes_nothing():
    one, two = fuzz(60, seed=2, max_ops=3), fuzz(60, seed=2, jobs=2, max_ops=3)
    assert (one.agreed, one.ops, one.discarded, one.worst) == (two.agreed, two.ops, two.discarded, two.worst)


def test_a_seed_stands_for_one_expression():
    assert expression_of("3:4") == expression_of("3:4") != expression_of("3:5")


# -- the comparison notices ----------------------------------------------------------------------------------------------


def plain(x):
    return x.data if isinstance(x, Value) else x


def planted(monkeypatch, name, change):
    """Make the first rule of an op wrong."""
    op = REGISTRY[name]
    right = op.pulls[0]
    monkeypatch.setattr(op, "pulls", (lambda g, v: change(g if right is None else right(g, v)), *op.pulls[1:]))


POINTS = {
    "tanh": Expression([[0.5, -1.25]], [("tanh", (0,))]),
    "matmul": Expression([[[1.5, 2.0], [0.5, -1.0]], [0.75, 2.0]], [("matmul", (0, 1)), ("sin", (2,))]),
    "softmax": Expression([[0.5, -1.25, 2.0]], [("exp", (0,)), ("softmax", (1,))]),
    "getitem": Expression([[0.5, -1.25]], [("getitem", (0,), {"index": 1}), ("exp", (1,))]),
    "inv": Expression([[[2.0, 0.5], [0.25, 1.0]]], [("inv", (0,))]),
}


@pytest.mark.parametrize("name", POINTS)
@pytest.mark.parametrize("factor", [1 + 1e-11, -1.0, 0.0])
def test_a_rule_that_is_wrong_in_the_eleventh_digit_is_noticed(monkeypatch, name, factor):
    assert compare(POINTS[name]).kind == "agrees"
    planted(monkeypatch, name, lambda g: factor * g)
    verdict = compare(POINTS[name])
    assert verdict.kind == "differs"
    assert verdict.error > 1


def test_a_wrong_value_is_noticed(monkeypatch):
    monkeypatch.setattr(REGISTRY["tanh"], "run", lambda x: np.tanh(x) * (1 + 1e-12))
    assert "value: ours" in compare(POINTS["tanh"]).reason


def test_a_wrong_second_derivative_alone_is_noticed(monkeypatch):
    monkeypatch.setattr(REGISTRY["exp"], "pulls", (lambda g, v: g * np.exp(plain(v._saved[0])),))
    verdict = compare(Expression([0.5], [("exp", (0,))]))
    assert verdict.kind == "differs"
    assert verdict.reason.startswith("second derivative by input 0: ours 0., ")


def test_a_rule_that_raises_or_gives_another_shape_is_noticed(monkeypatch):
    def refuse(g):
        raise TypeError("no such thing")

    planted(monkeypatch, "exp", refuse)
    assert compare(Expression([0.5], [("exp", (0,))])).reason == "TypeError: no such thing"
    monkeypatch.setattr(REGISTRY["sum"], "run", lambda x, axis=None, keepdims=False: np.sum(x, axis, keepdims=True))
    assert "shape (1,), not ()" in compare(Expression([[1.0, 2.0]], [("sum", (0,))])).reason


def test_what_pytorch_cannot_say_is_discarded_with_a_reason():
    pole = Expression([0.0], [("log", (0,))])
    assert (compare(pole).kind, compare(pole).reason) == ("discarded", "not finite in PyTorch")


def test_cancellation_is_no_difference():
    near = Expression([0.1], [("add", (0, 3e5)), ("subtract", (1, 3e5)), ("exp", (2,)), ("log", (3,)), ("multiply", (4, 1e-3))])
    assert compare(near).kind == "agrees"
    nothing = Expression([0.3], [("sin", (0,)), ("cos", (0,)), ("square", (1,)), ("square", (2,)), ("add", (3, 4))])
    assert compare(nothing).kind == "agrees"  # sin^2 + cos^2 is 1, and its derivatives are rounding alone


def test_near_a_singular_matrix_nothing_is_said():
    verdict = compare(Expression([[[1.0, 1.0], [1.0, 1.0 + 1e-9]]], [("inv", (0,)), ("sum", (1,))]))
    assert verdict.kind == "discarded"
    assert verdict.reason == "ill-conditioned"


# -- failures are found, made small and kept -----------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "entries"), [("tanh", 1), ("matmul", 2), ("softmax", 2), ("sigmoid", 1)])
def test_a_planted_bug_is_found_and_reduced_to_the_op_alone(monkeypatch, name, entries):
    planted(monkeypatch, name, lambda g: 1.5 * g)
    report = fuzz(25, seed=1, ops=["add", "sum", "exp", "transpose", name])
    assert report.failures
    for f in report.failures:
        assert f.expression.ops == (name,)
        assert sum(x.size for x in f.expression.inputs) <= entries


def test_hypothesis_shrinks_a_planted_bug_to_the_op_alone(monkeypatch):
    planted(monkeypatch, "tanh", lambda g: 1.5 * g)
    quiet = settings(max_examples=500, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    f = find(expressions(["negative", "add", "exp", "tanh"]), differs, settings=quiet)
    assert f == Expression([0.0], [("tanh", (0,))])


def test_the_command_says_what_came_and_keeps_what_differs(monkeypatch, tmp_path, capsys):
    kept = tmp_path / "kept.json"
    assert main(["--count", "30", "--seed", "1", "--save", str(kept)]) == 0
    assert not kept.exists()
    assert "30 expressions of" in capsys.readouterr().out
    planted(monkeypatch, "add", lambda g: -g)
    assert main(["--count", "30", "--seed", "1", "--save", str(kept)]) == 1
    out = capsys.readouterr().out
    assert "def f(" in out
    assert "Expression([" in out
    assert " differ; discarded: none" in out
    once = load(kept)
    assert 0 < len(once) == len({f.expression for f in once})
    assert all(differs(f.expression) for f in once)
    main(["--count", "30", "--seed", "1", "--save", str(kept)])
    assert load(kept) == once  # nothing is kept twice


def test_files_of_regressions_are_one_failure_a_line(tmp_path):
    failures = [
        Failure("0:1", Expression([1.0], [("exp", (0,))]), "because"),
        Failure("0:2", Expression([2.0]), ""),
    ]
    save(failures, tmp_path / "kept.json")
    assert load(tmp_path / "kept.json") == failures
    assert len((tmp_path / "kept.json").read_text().splitlines()) == 4
    assert isinstance(json.loads((tmp_path / "kept.json").read_text()), list)


def test_what_only_pytorch_can_run_is_no_failure():
    rows = [("tensordot", (0, 1), {"axes": 2})]
    assert not differs(Expression([np.ones((2, 1, 3)), np.ones((2, 3, 2))], rows))  # PyTorch stretches axes of size 1
    with pytest.raises(ValueError, match="tensordot"):
        Expression([np.ones((2, 1, 3)), np.ones((2, 3, 2))], rows)()


def test_bad_counts_are_refused():
    with pytest.raises(ValueError, match="at least one expression"):
        fuzz(0)
    with pytest.raises(ValueError, match="at least one expression"):
        fuzz(1, jobs=0)
    with pytest.raises(ValueError, match="nothing of PyTorch to compare step with"):
        fuzz(1, ops=["exp", "step"])
