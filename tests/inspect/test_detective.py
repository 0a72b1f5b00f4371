"""The detectives: planted NaNs and zero gradients are traced to their line, and the cure that they write works."""

import inspect
import json
import re
import textwrap
from fractions import Fraction

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.inspect import programs
from tests.inspect.graphs import chain, network
from tests.inspect.programs import NANS, ZEROS, guilty_line
from tests.laws.calls import for_every_op
from tinygrad_edu import Value, gradients
from tinygrad_edu.core.backward import pullback
from tinygrad_edu.errors import DTypeError, GraphError, OptionError
from tinygrad_edu.inspect.diagnosis.births import where_nan
from tinygrad_edu.inspect.diagnosis.cures import guarded_line
from tinygrad_edu.inspect.diagnosis.detective import why_zero
from tinygrad_edu.ops import relu, sigmoid

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the programs make NaNs on purpose


def names(program):
    return pytest.mark.parametrize("program", program, ids=[p.__name__ for p in program])


def recorded(program):
    with tg.record_source():
        return program()


# -- NaN -----------------------------------------------------------------------------------------------------------------


@names(NANS)
def test_a_nan_is_traced_to_its_line(program):
    loss, wrt = recorded(program)
    (grad,) = gradients(loss, [wrt], retain_graph=True)
    assert not (np.isfinite(loss.data).all() and np.isfinite(grad).all())
    found = where_nan(loss)
    assert [f.source.line for f in found] == [guilty_line(program)]
    assert f"programs.py:{guilty_line(program)}" in str(found)
    assert found[0].cure


@names([programs.root_of_a_masked_number, programs.log_of_a_negative_number, programs.power_of_a_negative_base,
        programs.zero_times_its_logarithm, programs.arc_at_its_end, programs.inverse_of_a_masked_zero,
        programs.root_of_a_rounded_variance, programs.mean_over_an_empty_mask, programs.cosine_a_little_above_one,
        programs.both_branches_are_nan, programs.inverse_root_of_zero, programs.geometric_mean_with_a_zero])  # fmt: skip
def test_the_double_where_that_is_written_for_a_line_cures_it(program):
    (finding,) = where_nan(recorded(program)[0])
    code = [line.strip() for line in finding.cure.splitlines() if line.startswith("    ")]
    lines, first = inspect.getsourcelines(program)
    i = guilty_line(program) - first
    indent = lines[i][: len(lines[i]) - len(lines[i].lstrip())]
    cured = "".join([*lines[:i], *(f"{indent}{c}\n" for c in code), *lines[i + 1 :]])
    scope = dict(vars(programs))
    exec(textwrap.dedent(cured), scope)
    loss, wrt = scope[program.__name__]()
    assert np.isfinite(loss.data).all()
    assert np.isfinite(gradients(loss, [wrt])[0]).all()


@pytest.mark.parametrize(
    ("program", "kind", "says"),
    [
        (programs.softmax_by_hand, "overflow", r"exp\(.*\) is inf.*becomes NaN in .*\(line \d+\): inf / inf"),
        (programs.log_of_a_negative_number, "outside of the domain", "logarithm of a negative number"),
        (programs.root_of_a_masked_number, "0 \\* inf", r"at 0 the slope of sqrt is inf, .* arrives .* is 0: 0 \* inf"),
        (programs.distance_of_a_point_to_itself, "infinite slope", r"infinite at 0.*factor 0 in power: inf \* 0 is NaN"),
        (programs.zero_times_its_logarithm, "logarithm of zero", r"log\(0\) is -inf; it becomes NaN in .*: 0 \* -inf"),
        (programs.zero_by_zero, "division by zero", "0 / 0 is nan"),
        (programs.root_of_a_rounded_variance, "outside of the domain", r"sqrt\(-1.73.*\) is nan: .* x >= 0"),
        (programs.power_of_a_negative_base, "outside of the domain", r"\(-0.5\) \*\* 1.5 is nan"),
        (programs.data_with_a_hole, "not finite from the start", "a constant"),
        (programs.arc_at_its_end, "infinite slope|0 \\* inf", "arccos is -inf"),
        (programs.cosine_a_little_above_one, "outside of the domain", r"arccos\(1\.0000000000000\d+\) is nan: .* -1 <= x <= 1"),
        (programs.both_branches_are_nan, "outside of the domain", r"log\(-2\) is nan"),
        (programs.inverse_root_of_zero, "division by zero", r"0 \*\* \(-0.5\) is inf"),
        (programs.square_in_half_precision, "overflow", r"300 \* 300 is inf: larger than any number of float16; .* inf - inf"),
        (programs.recurrence_that_explodes, "overflow", r"matmul of finite numbers is larger"),
        (programs.mean_of_what_nothing_was_chosen_for, "nothing there", "without entries"),
    ],
)  # fmt: skip
def test_the_reason_names_the_factors(program, kind, says):
    (finding,) = where_nan(recorded(program)[0])
    assert re.fullmatch(kind, finding.kind)
    assert re.search(says, finding.message), finding.message


def test_cures_name_the_op_that_has_no_trouble():
    x = Value(np.zeros((2, 3)), label="x")
    for loss, cure in [
        (np.sqrt(np.sum(x**2, axis=1)).sum(), "np.linalg.norm(x, axis=1)"),
        (np.sqrt(x * x).sum(), "np.abs(x)"),
        (np.log(tg.ops.softmax(x * 1e5 + np.array([0, 1.0, 0]) * 1e5)).sum(), "tg.ops.log_softmax"),
        (np.sum(x * np.log(np.sum(np.exp(x - 1e4)))), "logsumexp"),
        ((x / np.linalg.norm(x)).sum(), "tg.ops.normalize"),
    ]:
        assert cure in str(where_nan(loss)), cure


@pytest.mark.parametrize(
    ("form", "at", "cure"),
    [
        (lambda x: np.log(1 + np.exp(x)), 1000.0, "tg.ops.softplus(x)"),
        (lambda x: 1 / (1 + np.exp(-x)), -800.0, "tg.ops.sigmoid(x)"),
        (lambda x: (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1), 400.0, "np.tanh(x)"),
        (lambda x: np.exp(x) / np.sum(np.exp(x), axis=0), np.array([[800.0, 1.0], [1.0, 2.0]]), "tg.ops.softmax(x, axis=0)"),
        (lambda x: np.log(1 - sigmoid(x)), 40.0, "tg.ops.logsigmoid(-x)"),
        (lambda x: np.log(1 / (1 + np.exp(-x))), -800.0, "tg.ops.logsigmoid(x)"),
        (lambda x: np.log(np.exp(x) / np.sum(np.exp(x)))[1], np.array([800.0, 1.0]), "tg.ops.log_softmax(x)"),
        (lambda x: np.log((e := np.exp(x - np.max(x))) / np.sum(e)), np.array([800.0, 1.0]), "tg.ops.log_softmax(x)"),
        (
            lambda x: np.log(np.exp(x) / np.sum(np.exp(x), axis=0)),
            np.array([[-800.0, 1], [1, 2]]),
            "tg.ops.log_softmax(x, axis=0)",
        ),
        (lambda x: np.log(np.sum(np.exp(x))), np.array([-800.0, -900.0]), "tg.ops.logsumexp(x)"),
        (lambda x: np.log(tg.ops.softmax(x)), np.array([0.0, 1000.0]), "tg.ops.log_softmax(x)"),
        (lambda x: np.sqrt(x * x + x**2), np.zeros(2), "np.hypot(x, x)"),
        (lambda x: np.sqrt(np.var(x, axis=0)), np.ones((2, 2)), "np.std(x, axis=0)"),
        (lambda x: (x**2).sum() ** 0.5, np.zeros(3), "np.linalg.norm(x)"),
        (lambda x: x ** (1 / 3), np.array([8.0, -8.0]), "np.cbrt(x)"),
        (lambda x: x / np.linalg.norm(x), np.zeros(3), "tg.ops.normalize(x, axis=None)"),
        (lambda x: x / np.linalg.norm(x, axis=1, keepdims=True), np.zeros((2, 3)), "tg.ops.normalize(x)"),
    ],
)
def test_the_op_that_a_cure_names_is_finite_there(form, at, cure):
    x = Value(at, label="x")
    found = where_nan(np.sum(form(x)))
    assert found[0].cure.splitlines()[-1] == f"    {cure}"
    y = eval(cure, {"np": np, "tg": tg, "x": x})
    assert np.isfinite(y.data).all()
    np.sum(y).backward()
    assert np.isfinite(x.grad).all()


def test_a_division_by_no_spread_and_by_no_length_have_their_own_cures():
    x, zero = Value(np.array([[1.0, 2.0]]), label="x"), Value(np.zeros(2), label="zero")
    for loss, cure in [
        (((x - x.mean(axis=0)) / x.std(axis=0)).sum(), "batch_norm"),
        ((x / np.linalg.norm(zero)).sum(), "normalize"),
        ((x @ zero / (np.linalg.norm(x) * np.linalg.norm(zero))).sum(), "cosine_similarity"),
        (np.linalg.slogdet(Value(np.ones((2, 2))))[1] * 1.0, "multiple of the identity"),
        ((zero / np.sqrt(zero + 0.0)).sum(), "the double where"),
        (np.exp(np.exp(x * 10)).sum() * 0.0, "bound its argument"),
    ]:
        assert cure in str(where_nan(loss)), cure


def test_a_cure_that_was_told_is_not_told_again():
    x = Value(np.array([-1.0, -2.0]), label="x")
    text = str(where_nan(np.sum(x**0.5) + np.sum(x**0.25)))
    assert text.count("the double where") == text.count("cure: as above") == 1


def test_infinities_are_found_where_there_is_no_nan():
    x = Value(np.array([0.0, 1.0]), label="x")
    assert where_nan(np.log(x).sum())[0].kind == "logarithm of zero"
    assert where_nan(np.sqrt(x).sum()).title == "where the infinity in the gradient of sum(sqrt(x)) was born"
    big = Value(1e200, label="big")
    found = where_nan(big * big)
    assert (found[0].kind, "larger than any number of float64" in found[0].message) == ("overflow", True)
    exploding = (big * 1e-300) * 1e200 * 1e200
    assert where_nan(exploding)[0].kind == "overflow"


def test_only_entries_that_reach_the_result_are_guilty():
    x = Value(np.array([-1.0, 4.0]), label="x")
    chosen = np.where(x > 0, np.log(x), np.arcsin(x * 5))
    assert [f.op for f in where_nan(chosen.sum())] == ["arcsin"]
    chosen = np.where(x < 0, np.log(x), np.arcsin(x / 5))
    assert [f.op for f in where_nan(chosen.sum())] == ["log"]
    y = Value(np.array([0.0, -0.5]), label="y")
    assert [f.op for f in where_nan(((1 / y) ** 0.5).sum())] == ["power"]  # the infinity is in the other entry


def test_of_one_leaf_only_if_it_is_asked_for():
    x, y = Value(0.0, label="x"), Value(4.0, label="y")
    loss = np.sqrt(x * x) + np.sqrt(y)
    assert where_nan(loss, y).found == []
    assert where_nan(loss, x)[0].op == "sqrt"


def test_what_does_no_harm_is_no_finding():
    x = Value(np.array([-1.0, 0.0, 4.0]), label="x")
    masked = Value(np.array([-np.inf, 1.0, 2.0]), label="scores")
    for loss in (
        np.where(x > 0, np.sqrt(x), 0).sum(),
        np.where(x > 0, np.log(x), x).sum(),
        tg.ops.softmax(masked)[1],
        np.exp(masked * 1.0)[0] + x[2],
        network((3, 2, 1)),
    ):
        found = where_nan(loss, x) if x in set(tg.Graph(loss).leaves) else where_nan(loss * 1.0)
        assert len(found) == 0
        assert not found
        assert "all numbers are finite" in str(found)


def test_infinities_that_meet_in_a_sum_of_gradients():
    x = Value(0.0, label="x")
    found = where_nan(np.sqrt(x) - 2 * np.sqrt(x * 1.0))
    assert "inf - inf is NaN" in found[0].message
    assert {f.op for f in found} == {"sqrt"}


def test_a_nan_that_was_given():
    x = Value(np.array([1.0, np.nan]), label="x")
    (finding,) = where_nan((x * 2).sum())
    assert (finding.value, finding.kind, finding.source) == ("x", "not finite from the start", None)
    y = Value(1.0, label="y")
    assert "starts with is not finite" in where_nan(y * 2, gradient=np.nan)[0].message


def test_empty_arrays_and_too_few_entries():
    x = Value(np.zeros(0), label="x")
    assert where_nan(np.mean(x))[0].kind == "nothing there"
    assert where_nan(np.std(Value(np.ones(1)), ddof=1))[0].kind == "too few entries"


def test_matrices_that_meet_infinity():
    w = Value(np.array([[0.0, 1.0], [1.0, 0.0]]), label="w")
    x = Value(np.array([0.0, 0.0]), label="x")
    found = where_nan(np.sqrt(w @ x).sum(), w)
    assert found[0].op == "sqrt"
    assert "in matmul" in found[0].message


def test_lines_are_guarded_in_every_way_that_they_are_written():
    for line, name, expected in [
        ("return np.sqrt(s)", "sqrt", ["safe = np.where(s > 0, s, 1.0)", "return np.where(s > 0, np.sqrt(safe), 0.0)"]),
        ("y = a/(b-c)", "divide", ["safe = np.where((b-c) != 0, b-c, 1.0)", "y = np.where((b-c) != 0, a / safe, 0.0)"]),
        ("y = (a-b)**0.5", "power", ["safe = np.where((a-b) > 0, a-b, 1.0)", "y = np.where((a-b) > 0, safe ** 0.5, 0.0)"]),
        ("y += 2*log(p[0])", "log", ["safe = np.where(p[0] > 0, p[0], 1.0)", "y += 2*np.where(p[0] > 0, log(safe), 0.0)"]),
        ("é = np.acos(x)", "arccos", ["safe = np.where(np.abs(x) < 1, x, 0.0)",
                                      "é = np.where(np.abs(x) < 1, np.acos(safe), 0.0)"]),
        ("y = np.exp(x)", "sqrt", []),
        ("y = x ** (1/3) / n", "divide", ["safe = np.where(n != 0, n, 1.0)",
                                          "y = np.where(n != 0, x ** (1 / 3) / safe, 0.0)"]),
        ("y = np.sqrt(a) + np.sqrt(b)", "sqrt", []),
        ("for y in (np.sqrt(x),", "sqrt", []),
    ]:  # fmt: skip
        assert guarded_line(line, name) == expected
    line = "y = np.log(np.log(a)) + np.log(b)"  # two rounds of a loop
    for which, guarded in [(0, "a"), (1, "np.log(a)"), (2, "b"), (3, "a"), (5, "b")]:
        assert guarded_line(line, "log", which, 6)[0] == f"safe = np.where({guarded} > 0, {guarded}, 1.0)"
    assert guarded_line(line, "log", 0, 4) == []
    (finding,) = where_nan(np.log(Value(-1.0, label="x")))
    assert "safe = np.where(x > 0, x, 1.0)" in finding.cure
    assert "no line was recorded" in str(finding)


# -- zero ----------------------------------------------------------------------------------------------------------------


@names(ZEROS)
def test_a_zero_gradient_is_traced_to_its_line(program):
    loss, wrt = recorded(program)
    (grad,) = gradients(loss, [wrt], retain_graph=True)
    assert grad is None or not np.any(grad)
    found = why_zero(loss, wrt)
    assert found[0].source.line == guilty_line(program)
    assert len(found) == 1 or program in (programs.numbers_instead_of_the_value, programs.inner_result_detached,
                                          programs.hidden_layer_cut_off)  # fmt: skip


@pytest.mark.parametrize(
    ("program", "kind", "says"),
    [
        (programs.dead_layer, "dead unit", "all 32 entries of its input are negative or zero"),
        (programs.saturated_output, "saturated", "all 8 entries"),
        (programs.clipped_scale, "clipped", r"outside the bounds \(3\)"),
        (programs.branch_not_taken, "not chosen", "chooses the other branch, y"),
        (programs.weights_of_zero, "multiplied by zero", "the other factor is zero"),
        (programs.inner_result_detached, "not connected", "Plain numbers come in here"),
        (programs.rounded, "flat function", "slope 0 everywhere"),
        (programs.sum_of_probabilities, "cancellation", "add up to 1"),
        (programs.a_minimum, "slope is zero", "at 0 the slope of power is 0"),
        (programs.dead_by_maximum, "dead unit", "all 32 entries of its input are negative or zero"),
        (programs.dead_by_where, "dead unit", "all 32 entries of its input are negative or zero"),
        (programs.saturated_attention, "saturated", "each output is 0 or 1"),
        (programs.product_with_two_zeros, "multiplied by zero", "2 of its factors are 0"),
        (programs.length_of_zero, "slope is zero", "the vector is zero"),
        (programs.exponential_that_underflows, "underflow", "exp at -800 is smaller"),
        (programs.loser_of_a_maximum, "not chosen", "max chooses other entries"),
        (programs.parameter_that_was_replaced, "not connected", "from another Value that is called w too"),
        (programs.opposite_paths, "cancellation", "adds up to zero: 3 through 3*w, -3 through (-3)*w"),
        (programs.vanished, "underflow", "1e-200, which arrives, times the slope 1e-200"),
    ],
)
def test_the_reason_for_a_zero(program, kind, says):
    loss, wrt = program()
    finding = why_zero(loss, wrt)[0]
    assert finding.kind == kind
    assert says in finding.message or re.search(says, finding.message)


@for_every_op(examples=2)
def test_a_zero_gradient_of_every_op_has_a_reason_and_no_other_has(example):
    inputs = [Value(x) for x in example.inputs]
    result = example(*inputs)
    for y in result if isinstance(result, tuple | list) else (result,):
        if type(y) is not Value or not y.size or y.op is None:
            continue
        c = np.linspace(1, 2, y.size).reshape(y.shape).astype(y.dtype)[()]
        inside = [v for v in inputs if v in set(tg.Graph(y).leaves)]
        for v, g in zip(inside, pullback([y], inside, [c]), strict=True):
            found = why_zero(y, v, gradient=c)
            assert bool(found) == (g is None or not np.any(g)), example.op.name
            assert all(f.cure and f.message for f in found)


def test_of_fractions():
    x = Value(np.array(Fraction(1, 3)), label="x")
    assert why_zero(x * Fraction(0), x)[0].op == "multiply"
    assert str(why_zero(x * Fraction(2), x)).endswith("it is not: 2")
    assert not where_nan(x * Fraction(2))


def test_numbers_of_a_parameter_are_recognised():
    w, x = Value(np.ones(3), label="w"), Value(np.arange(3.0), label="x")
    for use in (lambda: x * w.data, lambda: x * w.detach(), lambda: x * Value(w.data), lambda: x * w.data[::-1]):
        finding = why_zero(np.sum(use()), w)[0]
        assert (finding.kind, finding.op) == ("detached", "multiply")
        assert "w comes in here as plain numbers" in finding.message
    s = Value(3.5, label="s")
    assert why_zero(x.sum() * s.data, s)[0].kind == "detached"


def test_what_was_made_from_a_parameter_and_cut_off_is_told_where_a_variable_holds_it():
    w, v, x = Value(np.ones(3), label="w"), Value(np.ones(4), label="v"), np.arange(12.0).reshape(4, 3)
    h = np.tanh(x @ w)
    for cut_off in (h.data, h.detach(), Value(h.data), tg.stop_gradient(h), h.data[:, None][:, 0]):
        finding = why_zero(np.sum(cut_off * v), w)[0]
        assert (finding.kind, finding.op) == ("detached", "multiply")
        assert "h, which was made from w, comes in here as plain numbers" in finding.message
        assert why_zero(np.sum(cut_off * v), Value(1.0, label="u"))[0].kind == "not connected"
    other = Value(np.zeros(3), label="other")
    assert "or other, of the same shape, stands in its place" in why_zero(np.sum(x @ other), w)[0].message


def test_a_gradient_that_rounding_left_of_a_cancellation():
    x = np.array([0.1, 0.7, -0.3])
    b, c = Value(0.0, label="b"), Value(0.0, label="c")
    loss = -tg.ops.log_softmax(x + b)[1] * 3 + c * 1e-300
    (grad,) = gradients(loss, [b], retain_graph=True)
    assert 0 < abs(grad) < 1e-14
    (finding,) = why_zero(loss, b)
    assert (finding.kind, finding.op) == ("cancellation", "add")
    assert "a common shift" in finding.cure
    found = why_zero(loss, c)
    assert list(found) == []
    assert str(found).endswith("it is not: 1e-300, though small; tg.explain writes out its factors")


def test_entries_that_nobody_has_and_entries_that_nobody_takes():
    w = Value(np.ones((2, 2)), label="w")
    assert why_zero(w[:, 2:].sum() + 1.0, w)[0].kind == "nothing there"
    (finding,) = why_zero(np.trace(np.triu(w, 1)) * 1.0, w)
    assert (finding.op, finding.kind, "leave them out" in finding.cure) == ("triu", "not chosen", True)


def test_a_value_that_is_not_used_at_all():
    w, x = Value(1.0, label="w"), Value(2.0, label="x")
    found = why_zero(x * 2.0, w)
    assert (found.title, found[0].kind, found[0].node) == ("why there is no d(x*2)/dw", "not connected", None)


def test_all_guilty_calls_are_named():
    w = Value(-1.0, label="w")
    found = why_zero(relu(w * 2) + np.sign(w) + relu(w) * 3, w)
    assert sorted((f.op, f.kind) for f in found) == [("relu", "dead unit")] * 2 + [("sign", "flat function")]


def test_a_gradient_that_is_not_zero_is_no_finding():
    w = Value(np.array([1.0, -1.0]), label="w")
    found = why_zero(relu(w).sum(), w)
    assert list(found) == []
    assert str(found).endswith("it is not: 1 of 2 entries are. Ask about one of them, index=(1,)")
    v = Value(2.0, label="v")
    assert str(why_zero(v * 3, v)).endswith("it is not: 3")


def test_one_entry_of_a_parameter():
    with tg.record_source():
        x = np.array([[1.0, 2.0], [3.0, 4.0]])
        w, b = Value(np.array([[1.0, -1.0], [1.0, -1.0]]), label="w"), Value(np.zeros(2), label="b")
        h = relu(x @ w + b)
        y = h[:, 0] * 2 + h[:, 1]
        loss = y.sum()
    found = why_zero(loss, w, index=(0, 1))
    assert [(f.op, f.kind) for f in found] == [("relu", "dead unit")]
    assert "all 2 entries of its input are negative or zero (from -7 to -3)" in found[0].message
    assert list(why_zero(loss, w, index=(0, 0))) == []
    assert "d(loss)/dw" not in found.title
    assert found.title == "why dloss/d(w[0, 1]) is zero"
    z = w[0] * 3
    assert [(f.op, f.kind) for f in why_zero(z.sum(), w, index=(1, 0))] == [("getitem", "not chosen")]


def test_zero_that_is_given_and_zero_of_copies():
    w = Value(2.0, label="w")
    assert why_zero(w * 3, w, gradient=0.0)[0].kind == "nothing to start with"
    found = why_zero((w * np.array([1.0, -1.0])).sum(), w)
    assert (found[0].op, found[0].kind) == ("multiply", "cancellation")
    assert "broadcast" in found[0].message


def test_after_backward_the_reason_can_still_be_told():
    loss, wrt = programs.dead_layer()
    loss.backward()
    assert why_zero(loss, wrt)[0].kind == "dead unit"
    with pytest.raises(GraphError, match="used up"):
        why_zero(loss, wrt, index=(0, 0))
    loss, _ = programs.distance_of_a_point_to_itself()
    loss.backward()
    assert where_nan(loss)[0].op == "sqrt"


def test_long_chains_are_no_recursion():
    x = Value(-1.0, label="x")
    y = relu(x)
    for _ in range(20_000):
        y = y + 1.0
    assert why_zero(y, x)[0].op == "relu"
    assert where_nan(np.sqrt(-y))[0].op == "sqrt"
    assert not where_nan(chain(20_000))


def test_findings_are_lists_texts_and_data():
    loss, wrt = recorded(programs.dead_layer)
    found = why_zero(loss, wrt)
    assert found[:1] == [found[0]]
    data = json.loads(found.to_json())
    (one,) = data["findings"]
    assert (one["kind"], one["op"], one["source"]["text"]) == ("dead unit", "relu", "h = relu(z)  # guilty")
    assert tg.Graph(loss).values[one["node"]].op.name == "relu"
    assert str(found.__rich__()) == str(found)
    assert max(map(len, str(found).splitlines())) < 128


def test_mistakes_are_explained():
    x, other = Value([1.0, 2.0], label="x"), Value(1.0, label="other")
    total = (x * 0).sum()
    for call, error, says in [
        (lambda: why_zero(3.0, x), DTypeError, "output is a float"),
        (lambda: why_zero(total, 3.0), DTypeError, "wrt is a float"),
        (lambda: why_zero(x * 2, x), GraphError, r"shape \(2,\)"),
        (lambda: why_zero(total, x, index=7), OptionError, "no entry"),
        (lambda: why_zero(total, x, index=slice(None)), OptionError, "names 2 entries"),
        (lambda: where_nan(3.0), DTypeError, "float"),
        (lambda: where_nan(total, other), GraphError, "was not made from other"),
    ]:
        with pytest.raises(error, match=says):
            call()
    with tg.lean():
        lean = (np.sqrt(Value(np.full((200, 200), -1.0)) * 1.0) * 2.0).sum()
    with pytest.raises(GraphError, match="did not keep"):
        where_nan(lean)


def test_the_saturated_sigmoid_of_a_scalar():
    w = Value(800.0, label="w")
    (finding,) = why_zero(sigmoid(w), w)
    assert "its input is so far out (800)" in finding.message
