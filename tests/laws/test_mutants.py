"""Rules broken on purpose: what mutants there are, that the op is whole afterwards, and that the laws kill them.

All ops are broken by `python -m tests.laws.mutation`, which CI runs and which prints the counts; here a few are.
"""

import ast
import subprocess
import sys
import warnings
from collections import Counter
from itertools import islice

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.laws import mutation, special_points
from tests.laws.calls import OPS
from tests.laws.no_mistakes import NO_MISTAKES, reason, unused
from tinygrad_edu import REGISTRY, Value
from tinygrad_edu.core import calls
from tinygrad_edu.errors import LawBroken, OptionError
from tinygrad_edu.testing import laws, mutants
from tinygrad_edu.testing.edits import edits
from tinygrad_edu.testing.points import Point
from tinygrad_edu.testing.rule_source import checks, helpers, tree_of, with_changed


@pytest.mark.parametrize("name", ["tanh", "relu", "multiply", "softmax", "transpose"])
def test_the_laws_kill_every_mutant(name, monkeypatch, record_property):
    monkeypatch.setattr(calls, "SMALL", 0)
    found = mutation.outcome(name)
    assert found.survived == []
    assert all(map(reason, found.alike))
    assert found.killed.total() > 10
    record_property("gradient mutants", {"killed": found.killed.total(), "no mistakes": len(found.alike)})


@pytest.mark.parametrize("row", special_points.ROWS, ids=lambda row: row.id)
def test_rows_of_special_points_hold(row):
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.testing.assert_array_equal(mutation.Ours().answer(row).value, row.value)
        assert mutation.row_holds(row)


def test_a_weak_law_lets_mutants_survive(monkeypatch):
    """The harness itself: without the laws about numbers, a wrong sign is found nowhere."""
    monkeypatch.setattr(mutation, "ORDER", (mutation.laws.shape,))
    monkeypatch.setattr(mutation, "SPECIAL", ())
    monkeypatch.setattr(mutation, "rows_of", dict)
    assert "sin, gradient of x: the sign is flipped" in mutation.outcome("sin").survived


def test_every_kind_of_mistake_is_made():
    found = [m.description for m in mutants("hypot") if m.input == "x1"]
    for kind in ("sign", "1e-5", "twice", "zero", "nothing reaches", "by one", "overwritten", "the gradient of x2",
                 "cotangent", "transposed", "back to front", "float32",
                 "integers", "outside the graph", "sum over broadcasting", "→ x1", "→ _share(x2, y)", "0, x) * "):  # fmt: skip
        assert any(kind in words for words in found), kind
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("name", OPS)
def test_every_rule_can_be_broken_and_is_whole_again(name):
    op = OPS[name]
    if op.kind == "composite":
        with pytest.raises(OptionError, match="no rule of its own"):
            next(mutants(op))
        return
    before = {k: vars(op)[k] for k in ("pulls", "needs", "rules")}
    for mutant in islice(mutants(op), 0, 30, 12):  # of both kinds
        with pytest.raises(KeyError), mutant.applied():
            raise KeyError(op.pulls != before["pulls"])
        assert all(vars(op)[k] is whole for k, whole in before.items())


def test_a_mutant_is_broken_only_inside_its_block():
    mutant = next(m for m in mutants("tanh") if m.description == "1 - y * y → 1 + y * y")
    assert str(mutant) == "tanh, gradient of x: 1 - y * y → 1 + y * y"
    slopes = []
    for block in (None, mutant.applied(), None):
        x = Value(1.0)
        if block is None:
            np.tanh(x).backward()
        else:
            with block:
                np.tanh(x).backward()
        slopes.append(float(x.grad))
    y = np.tanh(1.0)
    np.testing.assert_allclose(slopes, [1 - y * y, 1 + y * y, 1 - y * y], rtol=1e-15)


def test_an_input_that_the_rule_did_not_keep_is_there_for_the_mutant():
    """A lean graph keeps what a rule names; a rule that names another array by mistake gets that one."""
    mutant = next(m for m in mutants("tanh") if m.description == "1 - y * y → 1 - x * y")
    with mutant.applied(), tg.lean():
        x = Value(np.full(5000, 0.5))
        np.tanh(x).sum().backward()
    np.testing.assert_allclose(x.grad, 1 - 0.5 * np.tanh(0.5))


def test_a_rule_that_writes_into_its_cotangent_breaks_the_law_of_mutation():
    point = Point(lambda x: [np.exp(x)], [np.array([0.5, 1.0])], ["x"])
    laws.mutation(point)
    mutant = next(m for m in mutants("exp") if m.description == "the cotangent is overwritten")
    with mutant.applied(), pytest.raises(LawBroken, match="the cotangent"):
        laws.mutation(point)


def test_an_input_can_get_the_rule_of_another():
    mutant = next(m for m in mutants("divide") if m.input == "x1" and m.description == "the gradient of x2")
    x, y = Value(3.0), Value(2.0)
    with mutant.applied(), tg.lean():
        (x / y).backward()
    assert (x.grad, y.grad) == (-0.75, -0.75)


def test_what_is_0_has_few_ways_to_be_wrong():
    found = [m.description for m in mutants("sign")]
    assert found == ["nothing reaches the input", "too large by one", "the cotangent is overwritten", "0 → 1"]


def test_reasons_are_found_by_what_was_changed():
    assert reason("copysign, gradient of x1: np.sign(x1) * np.copysign(1, x2) → np.sign(x1) / np.copysign(1, x2)")
    assert reason("copysign, gradient of x1: np.sign(x1) * np.copysign(1, x2) → np.sign(x1)") is None
    assert len(unused([])) == sum(map(len, NO_MISTAKES.values()))


def test_without_a_reason_the_exit_status_is_1(capsys):
    whole = mutation.Outcome("sin", Counter({"shape": 3}), [], [], 0.1)
    assert mutation.summary([whole], whole=False) == 0
    assert "3 mutants of 1 ops: 3 killed" in capsys.readouterr().out
    assert mutation.summary([whole._replace(alike=["sin, gradient of x: cos(x) → cos(-x)"])], whole=False) == 1
    assert mutation.summary([whole._replace(survived=["sin, gradient of x: cos(x) → x"])], whole=False) == 1
    mutation.summary([whole], whole=True)
    assert "a reason for no mutant: " in capsys.readouterr().out


def test_unknown_names_are_refused():
    with pytest.raises(OptionError, match="no op is called 'tanhh'"):
        next(mutants("tanhh"))


def test_users_own_ops_have_mutants_too():
    @tg.elementwise(dx=lambda x: 3 * x * x, name="cubed_for_mutants")
    def cubed(x):
        return x * x * x

    assert "3 * x * x → 4 * x * x" in [m.description for m in mutants(cubed)]
    assert cubed is REGISTRY["cubed_for_mutants"]


# -- edits of a formula ------------------------------------------------------------------------------------------------

EDITS = {
    "lambda x: x + 2": {"x", "2", "x - 2", "x + 3", "x + 1"},
    "lambda x: x - 2": {"x", "-2", "x + 2", "x - 3", "x - 1"},
    "lambda x, y: x / y": {"x", "y", "x * y", "y / x", "y / y", "x / x"},
    "lambda x: -x": {"x"},
    "lambda a, b: a @ b": {"a", "b", "b @ a"},
    "lambda x: x ** 2": {"x", "2", "2 ** x", "x ** 3", "x ** 1"},
    "lambda x: np.where(x > 0, x, 1.5)": {
        "x", "1.5", "np.where(x > 0, 1.5, x)", "np.where(x >= 0, x, 1.5)", "np.where(x <= 0, x, 1.5)",
        "np.where(x > 1, x, 1.5)", "np.where(x > -1, x, 1.5)", "np.where(x > 0, x, 1.500015)", "np.where(x > 0, x, 2.5)"},
    "lambda g: np.sum(g, axis=0, keepdims=True)": {
        "g", "np.prod(g, axis=0, keepdims=True)",
        "np.sum(g, axis=1, keepdims=True)", "np.sum(g, axis=-1, keepdims=True)", "np.sum(g, axis=0, keepdims=False)",
        "np.sum(g, keepdims=True)", "np.sum(g, axis=0)"},
    "lambda g: g.reshape(3)": {"g", "g.reshape(4)", "g.reshape(2)"},
    "lambda g: g.T": {"g"},
    "lambda a, b: f(a, b)": {"a", "f(b, a)"},
    "lambda x: np.maximum(x, f(*x, strict=True))": {"x", "np.minimum(x, f(*x, strict=True))"},
    "lambda x: np.sin(x)": {"x", "np.cos(x)"},
    "lambda x: x == 0": {"x != 0", "x == 1", "x == -1"},
    "lambda x: 0.0 * x": {"0.0", "x", "0.0 / x", "1.0 * x"},
    "lambda x: x[1:]": {"x", "x[2:]", "x[0:]", "x[:]"},
    "lambda a: 1 if a is None else 2": {"1", "2", "1 if a is not None else 2", "2 if a is None else 2",
                                        "0 if a is None else 2", "1 if a is None else 3", "1 if a is None else 1"},
    "lambda a, b: a and b": {"a", "b", "a or b"},
}  # fmt: skip


@pytest.mark.parametrize("source", EDITS)
def test_edits(source):
    tree = ast.parse(source, mode="eval").body
    whole = ast.unparse(tree.body)
    arrays = ("x", "y") if "y" in source else ()
    found = [words.removeprefix(f"{whole} → ") for words, _ in edits(tree, arrays)]
    assert set(found) == EDITS[source]
    assert ast.unparse(tree.body) == whole
    assert len(found) == len(set(found))


def test_a_statement_of_a_function_is_edited_where_it_stands():
    tree = ast.parse("def f(x):\n    if x > 0:\n        return x\n    y = 2\n    y += x\n    x[0] = y\n    return y").body[0]
    found = [words for words, _ in edits(tree)]
    assert found == ["if x > 0: → if True:", "if x > 0: → if False:", "if x > 0: → if x >= 0:", "if x > 0: → if x <= 0:",
                     "if x > 0: → if x > 1:", "if x > 0: → if x > -1:", "y = 2 → y = 3", "y = 2 → y = 1",
                     "y += x → pass", "x[0] = y → pass", "x[0] = y → x[1] = y", "x[0] = y → x[-1] = y"]  # fmt: skip


# -- rules and their source --------------------------------------------------------------------------------------------

TWO = (lambda x: x + 1, lambda x: x + 2)  # fmt: skip


def _helped(x):
    return _helper(x) * 3


def _helper(x):
    return x + 1


def test_lambdas_on_one_line_are_told_apart():
    assert [ast.unparse(tree_of(f).body) for f in TWO] == ["x + 1", "x + 2"]


def test_a_helper_is_changed_for_the_rule_alone():
    assert helpers(_helped) == {"_helper": _helper}
    changed = {words: with_changed(_helped, "_helper", node) for words, node in edits(tree_of(_helper))}
    assert changed["return x + 1 → return x - 1"](5) == 12
    assert _helped(5) == 18


def test_a_rule_keeps_its_closure_and_defaults():
    def made(k):
        def rule(x, m=10):
            return x * k + m

        return rule

    changed = {words: with_changed(made(7), None, node) for words, node in edits(tree_of(made(7)))}
    assert changed["return x * k + m → return x * k - m"](2) == 4


def test_a_rule_without_source_is_refused():
    with pytest.raises(OptionError, match="its source cannot be read"):
        tree_of(_without_source())


def test_an_op_without_source_is_spoilt_only_and_that_is_said():
    op = tg.elementwise(dx=_without_source(), name="without_source_for_mutants")(lambda x: x * x)
    with pytest.warns(UserWarning, match="without_source_for_mutants: only what the rule returns is spoilt"):
        found = [m.description for m in mutants(op)]
    assert "the sign is flipped" in found
    assert not any("→" in words for words in found)


def _without_source():
    space = {}
    exec("def rule(x):\n    return 2 * x", space)
    return space["rule"]


SESSION = """
import tinygrad_edu as tg
from tinygrad_edu.testing import mutants

def slope(x):
    return 2 * x

class Family:
    @tg.elementwise(dx=lambda x: slope(x), name="in_a_class")
    def squared(x):
        return x * x

pair = [tg.elementwise(dx=rule, name=name)(f) for rule, name, f in [
    (lambda x: 3 * x, "one", lambda x: 1.5 * x * x), (lambda x: 5 * x, "other", lambda x: 2.5 * x * x)]]
found = [[m.description for m in mutants(op)] for op in (Family.squared, *pair)]
"""
EXPECTED = ["in slope, return 2 * x → return 3 * x", "3 * x → 4 * x", "5 * x → 6 * x"]


def test_ops_of_a_script_are_taken_apart(tmp_path):
    script = tmp_path / "own_ops.py"
    script.write_text(SESSION + f"assert all(w in found[k] for k, w in enumerate({EXPECTED})), found\n")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.lab
def test_ops_of_a_notebook_are_taken_apart():
    """A notebook's cells are in no file; IPython keeps their lines where tracebacks look for them."""
    shell = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell()
    for cell in SESSION.replace("in_a_class", "in_a_cell").replace('"one"', '"one_cell"').split("\n\n"):
        assert shell.run_cell(cell.replace('"other"', '"other_cell"'), store_history=False).error_in_exec is None
    assert all(words in shell.user_ns["found"][k] for k, words in enumerate(EXPECTED))


def test_a_call_of_a_check_is_left_alone():
    assert checks(_guarded) == {"_positive"}
    assert [words for words, _ in edits(tree_of(_guarded), (), checks(_guarded))] == [
        "return x + 1 → return x", "return x + 1 → return 1", "return x + 1 → return x - 1", "return x + 1 → return x + 2",
        "return x + 1 → return x + 0"]  # fmt: skip


def _guarded(x):
    _positive(x)
    return x + 1


def _positive(x):
    if x < 0:
        raise ValueError(x)
