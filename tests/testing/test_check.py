"""check_gradients: right is called right, wrong is called wrong and by its name, and what cannot be told is called that."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tests.testing.wrong_ops as wrong
import tinygrad_edu as tg
from tinygrad_edu import errors, ops
from tinygrad_edu.testing import GradientReport, check_gradients
from tinygrad_edu.transforms.custom import custom_vjp

F = ops
INF = np.inf


def report(f, *inputs, **options):
    return check_gradients(f, *inputs, on_failure="return", **options)


def line_of(function, text):
    """The number of the line of a function that holds a text."""
    import inspect

    lines, start = inspect.getsourcelines(function)
    return start + next(i for i, line in enumerate(lines) if text in line)


# -- right -------------------------------------------------------------------------------------------------------------

RNG = np.random.default_rng(0)
RIGHT = {
    "vector to number": (lambda x: np.sum(np.tanh(x) * x), RNG.normal(size=4)),
    "two matrices": (lambda a, b: np.tanh(a @ b), RNG.normal(size=(2, 3)), RNG.normal(size=(3, 2))),
    "a number": (lambda x: np.sin(x) * x, 0.5),
    "broadcasting": (lambda a, b: a * b, RNG.normal(size=(2, 1)), RNG.normal(size=3)),
    "trees": (
        lambda p, x: {"y": np.sum(p["w"][0] * x), "z": [p["b"] * 2, (x,)]},
        {"w": [np.ones(2)], "b": 1.0},
        np.array([1.0, 2.0]),
    ),
    "softmax that sums to one": (lambda x: np.sum(F.softmax(x, axis=-1)), RNG.normal(size=3)),
    "zeros in a product": (lambda x: np.prod(x), np.array([0.0, 0.0, 3.0])),
    "near an edge": (lambda x: np.log(x) + np.sqrt(x), np.array([1e-7, 1e-3])),
    "large and small": (lambda x: 1e200 * np.sin(x[0]) + 1e-20 * np.cos(x[1]), np.array([0.4, 0.7])),
    "large numbers": (lambda x: x * x, 1e12),
    "several results": (lambda x: (np.sin(x), np.cumsum(x)), RNG.normal(size=3)),
    "symmetric": (lambda x: np.linalg.inv(x), np.eye(2) * 2 + 0.3),
    "independent of an input": (lambda x, y: np.sin(x), 0.3, 2.0),
    "rounding that stands still on small scales": (np.tanh, np.array([8.0, 10.0])),
    "saturated": (lambda x: F.sigmoid(x), np.array([-40.0, 40.0, 0.1])),
}


@pytest.mark.parametrize("case", RIGHT)
def test_right_derivatives_are_right(case):
    f, *inputs = RIGHT[case]
    assert report(f, *inputs).verdict == "right", report(f, *inputs)


KINKS = {  # function, input, whether its derivative is the one of least norm
    "relu": (F.relu, np.array([0.0, 0.0, 1.0]), True),
    "relu, summed": (lambda x: np.sum(F.relu(x)), np.zeros(3), True),
    "abs": (np.abs, 0.0, True),
    "clip, both bounds": (lambda x: np.clip(x, -1, 2), np.array([-1.0, 2.0]), True),
    "clip, summed: neither convex nor concave": (lambda x: np.sum(np.clip(x, -1, 2)), np.array([-1.0, 2.0, 0.5]), True),
    "max of two": (np.max, np.array([1.0, 3.0, 3.0]), True),
    "max of three": (np.max, np.array([3.0, 3.0, 3.0]), True),
    "min": (np.min, np.array([1.0, 1.0, 3.0]), True),
    "leaky relu": (lambda x: F.leaky_relu(x, 0.01), 0.0, True),
    "hardtanh": (F.hardtanh, np.array([-1.0, 1.0]), True),
    "norm": (np.linalg.norm, np.zeros(3), True),
    "norm of order 1": (lambda x: np.linalg.norm(x, 1), np.array([0.0, 2.0]), True),
    "norm of infinite order": (lambda x: np.linalg.norm(x, np.inf), np.array([-3.0, 3.0]), True),
    "standard deviation": (np.std, np.array([3.0, 3.0, 3.0]), True),
    "sort": (lambda x: np.sort(x) * np.array([1.0, 10.0, 100.0]), np.array([2.0, 2.0, 1.0]), False),
    "median": (np.median, np.array([2.0, 2.0, 3.0]), None),
    "where that is abs": (lambda x: np.where(x.data > 0, x, -x), np.array([0.0]), False),
    "max of a row and of a column": (lambda x: np.max(x, axis=0) + np.max(x, axis=1), np.ones((2, 2)), None),
    "relu of max of three": (lambda x: F.relu(np.max(x)), np.zeros(3), True),
    "max pooling": (lambda x: F.max_pool2d(x, 2), np.full((1, 1, 2, 2), 3.0), False),
    "hinge": (F.hinge, None, True),
}


@pytest.mark.parametrize("case", [c for c in KINKS if KINKS[c][1] is not None])
def test_kinks_are_inside_the_subdifferential_and_by_the_convention(case):
    f, x, least = KINKS[case]
    r = report(f, x)
    assert r.verdict == "right", r
    first = [k for k in r.having("kink") if k.order == 1 and k.kind == "kink"]
    assert first
    if least is not None:
        of_elements = [k.least for k in first if "direction" not in k.by and k.least is not None]
        assert all(of_elements) == least, r


def test_two_inputs_at_a_tie():
    for f in (np.maximum, np.minimum, np.fmax, np.hypot):
        x = 0.0 if f is np.hypot else 2.0
        r = report(f, x, x, order=1)
        assert r.verdict == "right", r
        assert all(k.least for k in r.having("kink") if k.order == 1), r


JUMPS = {"sign": (np.sign, 0.0), "floor": (np.floor, np.array([0.0, 3.0])), "round": (np.round, 0.5), "frac": (F.frac, 0.0),
         "hardshrink": (F.hardshrink, 0.5), "remainder": (lambda x: x % 1.0, 2.0)}  # fmt: skip


@pytest.mark.parametrize("case", JUMPS)
def test_at_jumps_the_derivative_is_that_of_the_pieces(case):
    r = report(*JUMPS[case])
    assert r.verdict == "right", r


POLES = {"sqrt": (np.sqrt, 0.0), "cbrt": (np.cbrt, 0.0), "log": (np.log, 0.0), "reciprocal": (lambda x: 1 / x, 0.0),
         "arcsin": (np.arcsin, 1.0), "arccos": (np.arccos, 1.0), "rsqrt": (F.rsqrt, 0.0)}  # fmt: skip


@pytest.mark.parametrize("case", POLES)
def test_infinite_slopes_are_right_where_chords_grow_without_end(case):
    r = report(*POLES[case])
    assert r.verdict == "right", r
    assert any(f.kind == "infinite" and np.isinf(f.analytic) for f in r.findings)


# -- wrong -------------------------------------------------------------------------------------------------------------


def _use_by_a_millionth(x):
    h = x * 2
    h = wrong.by_a_millionth(h)  # guilty
    return np.sum(h * h)


def _use_relu(x):
    return np.sum(wrong.relu_at_zero(x) * 3)  # guilty


def _use_abs(x):
    return wrong.abs_at_zero(x - 1)  # guilty


def _use_max(x):
    return wrong.max_all_winners(x * 2)  # guilty


def _use_maximum_twice(x):
    return wrong.maximum_no_winner(x, x)  # guilty


def _use_maximum(x, y):
    return wrong.maximum_no_winner(x, y)  # guilty


def _use_halves(x):
    return wrong.halves_of_three(x)  # guilty


def _use_square_at_zero(x):
    return wrong.square_at_zero(x)  # guilty


def _use_square_by_half(x):
    return wrong.square_by_half(x)  # guilty


def _use_sine(x):
    return wrong.sine_second(x) * 2  # guilty


def _use_clip(x):
    return wrong.clip_at_bounds(x)  # guilty


def _use_root(x):
    return wrong.root_at_zero(x)  # guilty


def _use_scale(x):
    return np.sum(wrong.scale(np.sin(x), factor=3.0))  # guilty


def _use_cotangent(x):
    return -wrong.by_its_cotangent(x)  # guilty


WRONG = [
    (_use_by_a_millionth, [np.array([0.3, -0.2])], "wrong_by_a_millionth", "x"),
    (_use_relu, [np.array([0.0, 1.0])], "wrong_relu_at_zero", "x"),
    (_use_abs, [1.0], "wrong_abs_at_zero", "x"),
    (_use_max, [np.array([3.0, 3.0, 1.0])], "wrong_max_all_winners", "x"),
    (_use_maximum_twice, [2.0], "wrong_maximum_no_winner", ""),
    (_use_maximum, [2.0, 2.0], "wrong_maximum_no_winner", ""),
    (_use_halves, [np.zeros(3)], "wrong_halves_of_three", "x"),
    (_use_square_at_zero, [0.0], "wrong_square_at_zero", "x"),
    (_use_square_by_half, [0.0], "wrong_square_by_half", "x"),
    (_use_sine, [0.3], "wrong_sine_second", "x"),
    (_use_clip, [1.0], "wrong_clip_at_bounds", "x"),
    (_use_root, [0.0], "wrong_root_at_zero", "x"),
    (_use_scale, [np.array([0.5, 0.1])], "wrong_scale_second_option", "x"),
    (_use_cotangent, [0.3], "wrong_by_a_cotangent", "x"),
]


@pytest.mark.parametrize(("f", "inputs", "op", "rule"), WRONG, ids=[w[2] + "-" + w[0].__name__ for w in WRONG])
def test_wrong_rules_are_found_and_named_by_op_and_line(f, inputs, op, rule):
    r = report(f, *inputs)
    assert r.verdict == "wrong"
    assert (r.blame.op, r.blame.rule) == (op, rule), r
    assert r.blame.line == line_of(f, "# guilty")
    assert r.blame.file == __file__
    assert "# guilty" in r.blame.text
    assert r.blame.finding.verdict == "wrong"


def test_the_worst_element_is_named_with_both_numbers_and_the_bar():
    def f(p):
        return np.sum(wrong.by_a_millionth(p["w"])) + np.sum(p["b"])

    r = report(f, {"w": np.array([[0.1, 3.0], [0.2, 2.0]]), "b": np.ones(2)}, order=1)
    assert r.worst.by == "p['w'][0, 0]"
    true = 1 - np.tanh(0.1) ** 2
    assert r.worst.low == pytest.approx(true, rel=1e-11)
    assert r.worst.analytic == pytest.approx(true * (1 + 1e-6), rel=1e-13)
    assert r.worst.bar < 1e-11
    assert "p['w'][0, 0]" in str(r)
    assert "1.000001" in str(r)


def test_the_report_tells_elements_before_directions_and_an_error_once():
    text = str(report((lambda x: np.sum(x**3), lambda x: 3 * x), np.array([1.0, 2.0, 3.0])))
    assert "by x[1]" in text
    assert "direction" not in text
    assert "order 2 was not checked" in text
    text = str(report((lambda x: x**2, lambda x: 2 * x), np.array([1.0, 2.0]), order=1))
    assert text.count("df returned shape (2,)") == 1
    assert "not checked" not in text


def test_options_of_the_guilty_op_are_told():
    assert report(_use_scale, np.array([0.5]), order=1).blame.options == {"factor": 3.0}


def test_a_wrong_element_of_a_thousand_is_found_by_halving():
    r = report(lambda x: np.sum(wrong.one_element(x)), RNG.normal(size=(50, 20)), order=1, blame=False)
    assert r.worst.by == "x[38, 17]"


def test_a_wrong_element_of_a_thousand_results_is_found_by_halving():
    r = report(lambda x: wrong.one_element(x), RNG.normal(size=(50, 20)), order=1, blame=False, modes=("reverse",))
    assert (r.worst.by, r.worst.of) == ("x[38, 17]", "the output[38, 17]")


def test_a_tie_that_adds_up_to_a_little_more_than_one_is_wrong_whatever_the_seed():
    for seed in range(3):
        r = report(wrong.max_a_little_more, np.array([3.0, 3.0, 1.0]), order=1, nearby=False, blame=False, seed=seed)
        assert r.verdict == "wrong"
        assert r.worst.analytic == pytest.approx(1.02 * r.worst.low)


def test_a_slope_that_holds_on_small_scales_only_is_no_false_failure():
    def verdict(width):
        return report(lambda x: x + 2 * x * np.exp(-((x / width) ** 2)), 0.0, order=1, nearby=False).verdict

    assert verdict(1e-3) == verdict(1e-6) == verdict(1e-9) == "right"


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_each_mode_alone_finds_it(mode):
    r = report(_use_by_a_millionth, np.array([0.3]), modes=(mode,))
    assert r.verdict == "wrong"
    assert {f.derivative.partition(" ")[0] for f in r.findings} == {mode}


def test_a_wrong_custom_rule_is_named():
    @custom_vjp
    def sine(x):
        return np.sin(x)

    sine.defvjp(lambda x: (np.sin(x), x), lambda x, c: (1.001 * c * np.cos(x),))

    def f(x):
        return np.sum(sine(2 * x))  # guilty

    r = report(f, np.array([0.3, 0.4]))
    assert (r.blame.op, r.blame.line) == ("sine", line_of(f, "# guilty"))


def test_a_right_custom_rule_is_not_blamed_for_another():
    @custom_vjp
    def sine(x):
        return np.sin(x)

    sine.defvjp(lambda x: (np.sin(x), x), lambda x, c: (c * np.cos(x),))
    r = report(lambda x: np.sum(wrong.by_a_millionth(sine(x))), np.array([0.3, 0.4]))
    assert r.blame.op == "wrong_by_a_millionth"


# -- no op is to blame --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("leave", [lambda x: x.detach(), lambda x: np.sin(x.data), lambda x: float(x.data[0])])
def test_what_left_the_graph_is_named(leave):
    def f(x):
        y = leave(x)
        return np.sum(x * y)  # left

    r = report(f, np.array([0.5, 0.2]))
    assert r.verdict == "wrong"
    assert "constant for the graph" in r.blame.what
    assert r.blame.line == line_of(f, "# left")


def test_a_plain_result_is_named():
    r = report(lambda x: np.sum(x.data), np.array([0.5, 0.2]))
    assert "plain array" in r.blame.what


def test_a_composition_at_a_kink_blames_the_chain_rule():
    r = report(lambda x: F.relu(x) - F.relu(-x), 0.0)
    assert r.verdict == "wrong"
    assert "relu stands at a kink" in r.blame.what


def test_nan_of_zero_times_infinity_names_the_infinite_slope():
    r = report(lambda x: np.sqrt(x * x), 0.0)
    assert r.worst.kind == "kink"
    assert (r.worst.low, r.worst.high) == pytest.approx((-1, 1))
    assert r.blame.op == "sqrt"


def test_a_function_that_is_not_deterministic_has_its_own_verdict():
    rng = np.random.default_rng(0)
    r = report(lambda x: np.sum(x * rng.normal()), np.array([0.5]))
    assert r.verdict == "wrong"
    assert "not deterministic" in r.worst.note


def test_inputs_changed_in_place_are_noticed():
    r = report((lambda x: np.sum(np.multiply(x, 2, out=x)), lambda x: 2 + 0 * x), np.array([0.3, 0.1]))
    assert "in place" in r.worst.note


def test_a_path_that_changes_at_the_point_is_a_jump_whose_pieces_are_told():
    def f(x):
        return np.sin(x) if float(x.data) <= 0.5 else 2 * x

    r = report(f, 0.5, order=1)
    jump = r.having("kink")[0]
    assert (jump.kind, jump.left, jump.right) == ("jump", pytest.approx(np.cos(0.5)), pytest.approx(2))


# -- undecided ---------------------------------------------------------------------------------------------------------


def test_what_cannot_be_told_is_undecided_and_not_right():
    r = report(lambda x: np.sum(np.exp(x)), np.array([-INF, 0.0]))
    assert r.verdict == "undecided"
    assert not r
    assert "no step leads away" in r.worst.note
    assert report(lambda x: np.sum(np.exp(x)), np.array([-INF, 0.0]), allow_undecided=True)


def test_noise_is_undecided():
    def f(x):
        return np.sin(x) + 1e-2 * np.sin(1e13 * x.data)

    r = report(f, 0.7, order=1)
    assert r.verdict == "undecided", r


def test_a_nan_result_is_undecided():
    r = report(lambda x: x * np.log(x), 0.0, order=1)
    assert r.verdict == "undecided"
    assert "NaN" in r.worst.note


def test_complex_step_confirms_what_real_differences_cannot_see():
    r = report(lambda x: 1e9 + np.sin(x), 1.0, order=1)
    assert r.verdict == "right"
    assert r.resolution < 1e-10


def test_complex_step_never_convicts_by_itself():
    r = report(lambda x: 1e9 + wrong.by_a_millionth(x), 1.0, order=1, nearby=False)
    assert r.verdict != "wrong"


def test_a_function_that_is_not_analytic_is_not_trusted_to_complex_step():
    def f(x):  # complex step would say cos x, and not see the other part
        return 1e6 + np.sin(x) + 1e-3 * np.abs(x)

    assert report(f, 1.0, order=1, nearby=False).verdict == "right"


# -- options, inputs, errors -------------------------------------------------------------------------------------------


def test_failure_raises_with_the_report():
    with pytest.raises(errors.GradientError, match="WRONG") as info:
        check_gradients(_use_by_a_millionth, np.array([0.3]), order=1)
    assert isinstance(info.value, AssertionError)
    assert isinstance(info.value.report, GradientReport)
    assert info.value.report.blame.op == "wrong_by_a_millionth"


@pytest.mark.parametrize("options", [
    {"modes": ()}, {"modes": "reverse"}, {"modes": ("sideways",)}, {"order": 0}, {"order": 1.5}, {"on_failure": "shrug"},
    {"resolution": 2.0}, {"limit": 0}, {"argnums": 3}, {"argnums": (0, 0)}, {"framework": "fortran"}, {"slack": 1.0},
])  # fmt: skip
def test_unknown_options_are_refused(options):
    with pytest.raises(errors.OptionError):
        check_gradients(np.sin, 0.3, **options)


@pytest.mark.parametrize("bad", [2, np.array([1, 2]), np.array([True]), np.array([1j])])
def test_inputs_that_are_no_floats_are_refused(bad):
    with pytest.raises(errors.DTypeError, match="argnums"):
        check_gradients(lambda x: x * 1.0, bad)


def test_results_that_are_no_floats_are_refused():
    with pytest.raises(errors.DTypeError, match="int64"):
        check_gradients(lambda x: (np.sin(x), np.argmax(x)), np.array([0.1, 0.2]))


def test_argnums_leaves_the_others_as_they_are():
    def f(x, index, y):
        return x[index] * y

    assert check_gradients(f, np.array([0.3, 0.4]), 1, 2.0, argnums=(0, -1))
    r = report(f, np.array([0.3, 0.4]), 1, 2.0, argnums=2)
    assert {finding.by for finding in r.findings} == {"y"}


def test_values_are_taken_for_their_numbers():
    assert check_gradients(lambda x: np.sin(x), tg.Value([0.3, 0.4]))


def test_empty_inputs_and_results_are_told():
    r = report(lambda x: np.sum(x), np.zeros((0, 3)))
    assert r
    assert "no numbers" in str(r)
    assert report(lambda x: x[:0], np.ones(3))


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_narrow_dtypes_are_checked_in_float64_and_then_their_own(dtype):
    r = report(lambda x: np.sum(np.tanh(x)), np.array([0.5, 0.25], dtype))
    assert r.verdict == "right"
    assert any(np.dtype(dtype).name in f.derivative for f in r.findings)
    assert report(_use_by_a_millionth, np.array([0.3], dtype)).verdict == "wrong"


def test_a_narrow_dtype_inside_widens_the_bars():
    def f(x):
        return np.sum(np.tanh(x.astype(np.float32)))

    r = report(f, np.array([0.5, 0.25]))
    assert r.verdict == "right", r
    assert 1e-8 < r.resolution < 1e-3


def test_slack_forgives_and_resolution_demands():
    assert report(_use_by_a_millionth, np.array([0.3]), order=1, slack=2e-6)
    assert not report(_use_by_a_millionth, np.array([0.3]), order=1, slack=0.5e-6)
    assert report(lambda x: np.sin(np.abs(x)), 0.3, order=1, resolution=1e-16, nearby=False).verdict == "undecided"


def test_third_derivatives():
    r = report(np.tanh, 0.3, order=3)
    assert r.verdict == "right"
    assert max(f.order for f in r.findings) == 3


def test_the_point_nearby_can_be_left_out():
    assert report(_use_square_by_half, 0.0, order=1, nearby=False)
    assert not report(_use_square_by_half, 0.0, order=1)


def test_the_same_seed_gives_the_same_report():
    def text(seed):
        return report(lambda x: np.max(x), np.array([1.0, 1.0]), order=1, seed=seed).to_json()

    assert text(3) == text(3)
    assert text(3) != text(4)


# -- a pair ------------------------------------------------------------------------------------------------------------


def test_a_pair_with_a_gradient():
    assert check_gradients((lambda x: np.sum(x * x), lambda x: 2 * x), np.array([1.0, 2.0]))
    assert not report((lambda x: np.sum(x * x), lambda x: 3 * x), np.zeros(2))


def test_a_pair_with_jacobians_of_several_inputs():
    def f(a, b):
        return a @ b

    def df(a, b):
        return np.einsum("ik,jl->ijkl", np.eye(2), b.T), np.einsum("ik,jl->ijkl", a, np.eye(2))

    a, b = RNG.normal(size=(2, 3)), RNG.normal(size=(3, 2))
    assert check_gradients((f, df), a, b)
    assert not report((f, lambda a, b: (df(a, b)[0], 1.0001 * df(a, b)[1])), a, b)


def test_a_jacobian_of_the_wrong_shape_is_wrong():
    r = report((lambda x: x * x, lambda x: 2 * x), np.ones(2))
    assert r.verdict == "wrong"
    assert "(2, 2)" in r.worst.note


# -- the report --------------------------------------------------------------------------------------------------------


def test_the_report_is_json_with_everything_in_it():
    r = report(_use_root, 0.0, order=1)
    d = json.loads(r.to_json(indent=2))
    assert d["verdict"] == "wrong"
    assert d["blame"]["op"] == "wrong_root_at_zero"
    assert d["findings"][0]["low"] == "inf"
    assert d["counts"]["wrong"] == len([f for f in r.findings if f.verdict == "wrong"])
    assert r.as_dict()["compared"] == len(r.findings)


def test_the_report_of_a_kink_reads_as_it_should():
    text = str(report(lambda x: np.where(x.data > 0, x, -x), np.array([0.0]), order=1))
    assert "RIGHT" in text
    assert "inside the subdifferential [-1, 1], not the convention: least norm" in text
    assert "and the convention: least norm" in str(report(np.abs, 0.0, order=1))


def test_the_representation_is_one_line():
    assert repr(report(np.sin, 0.3, order=1)).startswith("<GradientReport of sin: right, ")


# -- for all functions -------------------------------------------------------------------------------------------------

UNARY = [np.tanh, np.sin, np.exp, lambda x: 1 / (2 + x * x), lambda x: F.softplus(x), lambda x: x * x, np.arctan]


@tg.elementwise(name="wrong_by_a_hundred_thousandth", dx=lambda x: np.cos(x) * (1 + 1e-5))
def _nearly_sine(x):
    return np.sin(x)


def chain(steps, special):
    """A composition with sharing; `special` is one sine in it."""

    def f(x, w):
        h = special(x + w)
        for i, left in steps:
            h = (h * 0.5 + x) * w if left else UNARY[i](h * 0.7) + 0.3 * h
        return np.sum(h)

    return f


steps = st.lists(st.tuples(st.integers(0, len(UNARY) - 1), st.booleans()), max_size=4)
points = st.lists(st.floats(-1.5, 1.5), min_size=4, max_size=4).map(np.array)


@settings(max_examples=8)
@given(steps, points)
def test_well_behaved_functions_never_fail(steps, x):
    r = report(chain(steps, np.sin), x[:2], x[2:])
    assert r.verdict == "right", r


@settings(max_examples=8)
@given(steps, points)
def test_one_rule_off_by_a_hundred_thousandth_always_fails(steps, x):
    r = report(chain(steps, _nearly_sine), x[:2], x[2:], order=1)
    assert r.verdict == "wrong", r
    assert r.blame.op == "wrong_by_a_hundred_thousandth"


def test_a_mode_that_there_is_not_is_not_replaced_by_another():
    with pytest.raises(errors.OptionError, match=r"modes=\('forward',\), but .*pair.* has \('reverse',\) only"):
        check_gradients((np.sin, np.cos), 0.3, modes=("forward",))
    assert check_gradients((np.sin, np.cos), 0.3, modes=("reverse", "forward")).verdict == "right"
