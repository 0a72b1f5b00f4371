"""The derivative reference: right rules are proved, wrong ones refuted with a point, every op has a page."""

import inspect
import json
import pydoc

import mpmath
import numpy as np
import pytest
import sympy as sp

import tinygrad_edu as tg
from tinygrad_edu import REGISTRY
from tinygrad_edu.core import Op
from tinygrad_edu.errors import OptionError
from tinygrad_edu.inspect import DerivativePage, derivative, derivatives
from tinygrad_edu.inspect.reference import curves
from tinygrad_edu.inspect.reference.kinks import kinks
from tinygrad_edu.inspect.reference.page import as_text
from tinygrad_edu.inspect.reference.proof import prove, zero_case_by_case
from tinygrad_edu.inspect.reference.pullbacks import check, read
from tinygrad_edu.inspect.reference.values import values_at

OPS = {n: op for n, op in REGISTRY.items() if op.fn.__module__.startswith("tinygrad_edu.")}


def planted(name, **rules):
    """An op of ours with other rules."""
    op = OPS[name]
    return Op(op.fn, op.kind, {**op.rules, **rules}, name=name, domain=op.domain, kinks=op.kinks, sequence=op.sequence)


WRONG = {
    "sign": ("tanh", "x", dict(x=lambda y: y * y - 1)),
    "factor": ("sqrt", "x", dict(x=lambda y: 1 / y)),
    "missing term": ("silu", "x", dict(x=lambda x: tg.ops.sigmoid(x))),
    "other input": ("subtract", "x2", dict(x2=1)),
    "a little off": ("log", "x", dict(x=lambda x: 1 / (x + 1e-7))),
    "constant with few digits": ("log10", "x", dict(x=lambda x: 0.4342944 / x)),
    "leak on one side": ("relu", "x", dict(x=lambda x: np.where(x > 0, 1, 1e-5))),
    "one case of three": ("hardswish", "x", dict(x=lambda x: np.where(x >= 3, 1, np.where(x <= -3, 0, (2 * x + 2) / 6)))),
    "option forgotten": ("pinball", "x", dict(x=lambda x, target: np.where(target > x, -0.9, 0.1))),
    "tie broken one way only": ("maximum", "x1", dict(x1=lambda x1, x2: x1 < x2)),
}


@pytest.mark.parametrize(("name", "of", "rules"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_rule_is_refuted_with_a_point_where_it_is_wrong(name, of, rules):
    op = planted(name, **rules)
    proof = prove(op, of)
    assert proof.status == "refuted"
    found = proof.counterexample
    numbers = [np.array([found.at[n]]) for n in op.inputs]
    i, h = op.inputs.index(of), 1e-6
    up, down = ([x + s * (k == i) for k, x in enumerate(numbers)] for s in (h, -h))
    slope = float((op.run(*up, **_defaults(op)) - op.run(*down, **_defaults(op)))[0] / (2 * h))
    assert found.truth == pytest.approx(slope, rel=1e-4, abs=1e-6)
    assert abs(found.value - found.truth) > 1e-9
    assert "refuted" in str(derivative(op))
    assert prove(OPS[name], of).status in ("proved", "agrees")


def _defaults(op):
    return {n: d for n, d in op.options.items() if d is not inspect.Parameter.empty}


def test_a_wrong_docstring_is_refuted_too():
    def cosine(x):
        """The cosine.

        y = sin(x)
        dy/dx = cos(x)
        """
        return np.cos(x)

    proof = prove(Op(cosine, "elementwise", {"x": lambda x: np.cos(x)}), "x")
    assert proof.status == "refuted"
    assert "documented function" in proof.statement


WRONG_PULLBACKS = {
    "sign": ("inv", "x", dict(x=lambda g, y: y.mT @ g @ y.mT)),
    "transpose": ("matmul", "x1", dict(x1=lambda g, x2: g @ x2)),
    "term": ("softmax", "x", dict(x=lambda g, y: g * y)),
    "order": ("solve", "b", dict(b=lambda g, a: np.linalg.solve(a, g))),
}


@pytest.mark.parametrize(("name", "of", "rules"), WRONG_PULLBACKS.values(), ids=WRONG_PULLBACKS.keys())
def test_a_wrong_pullback_is_refuted(name, of, rules):
    proof = check(planted(name, **rules), of)
    assert proof.status == "refuted"
    assert "differences" in proof.statement
    assert check(OPS[name], of).status == "agrees"


def test_cases_are_proved_one_by_one():
    x = sp.Symbol("x", real=True)
    samples = [{x: v} for v in (-2.5, -0.5, 0.5, 2.5)]
    zero = abs(x) - sp.sign(x) * x + sp.Max(x, 0) - sp.Piecewise((x, x > 0), (0, True))
    assert zero_case_by_case(zero, samples) == (True, [], 2)
    assert zero_case_by_case(zero, samples[2:]) == (True, ["x > 0"], 1)
    assert not zero_case_by_case(zero + sp.Piecewise((x, x < -2), (0, True)), samples)[0]


@pytest.mark.parametrize("name", sorted(OPS))
def test_every_op_has_a_page_with_a_formula_for_each_input_that_is_not_refuted(name):
    page = derivative(name)
    assert page.summary
    assert page.function
    assert set(page.partials) == (set() if page.op.kind == "composite" else set(page.op.inputs))
    for p in page.partials.values():
        assert p.text
        assert p.proof.status in ("proved", "agrees"), p.proof
    if page.op.kind == "elementwise":
        assert all(p.latex and p.source == "rule" for p in page.partials.values()) or name == "sinc"
        assert page.function_latex
    for rendered in (str(page), page._repr_markdown_()):
        assert name in rendered
    assert json.loads(json.dumps(page.to_dict()))["name"] == name


def test_the_rules_of_matrix_ops_are_read_as_matrix_formulas():
    assert read(OPS["matmul"], "x1").text == "g @ x2.T"
    assert read(OPS["inv"], "x").latex == r"-y^{\top}\, g\, y^{\top}"
    assert read(OPS["softmax"], "x").text == "g * y - y * np.sum(g * y, axis, keepdims=True)"
    assert read(OPS["triu"], "x").text == "np.triu(g, k)"
    assert read(OPS["mean"], "x").source == "docstring"  # the rule computes a count, which an example cannot name
    assert (
        sum(read(op, n).source == "rule" for op in OPS.values() if op.kind in ("linear", "primitive") for n in op.inputs) >= 70
    )


READ = [
    "matmul",
    "inv",
    "solve",
    "pinv",
    "linear",
    "softmax",
    "log_softmax",
    "reshape",
    "swapaxes",
    "where",
    "tril",
    "cumsum",
    "roll",
]


@pytest.mark.parametrize("name", READ)
def test_what_is_read_off_a_rule_computes_what_the_docstring_says(name):
    from tinygrad_edu.inspect.reference.examples import example
    from tinygrad_edu.ops.documentation import documented

    op = OPS[name]
    inputs, options = example(op, 3, np.random.default_rng(0))
    y = op.run(*inputs, **options)
    g = np.random.default_rng(1).normal(size=np.shape(y))
    scope = {**options, **dict(zip(op.inputs, inputs, strict=True)), "np": np, "y": y, "g": g, "I": np.eye(3)}
    for n in op.inputs:
        said = read(op, n)
        assert said.source == "rule"
        np.testing.assert_allclose(eval(said.text, scope), eval(dict(documented(op))[f"g{n}"], scope), rtol=1e-9, atol=1e-12)


def test_inputs_that_may_be_anything_share_a_line():
    assert "domain    all real x1, x2\nkinks" in str(derivative("maximum", prove=False))
    assert "domain    all real x1\n          x2 != 0\n" in str(derivative("divide", prove=False))


def test_a_page_in_markdown_has_what_the_docstring_says_and_points():
    page = derivative("maximum")._repr_markdown_()
    assert "$$= \\operatorname{heaviside}\\left(x_{1} - x_{2}, \\frac{1}{2}\\right)$$" in page
    assert "**kinks**:\n- x1 = x2: slope in x1 0 on the left" in page
    assert "**proof**: proved for all x\n- rule on symbols" in derivative("tanh")._repr_markdown_()


# -- kinks -------------------------------------------------------------------------------------------------------------

KINKS = {
    "relu": [("x = 0", "x", 0, 1, 0)],
    "absolute": [("x = 0", "x", -1, 1, 0)],
    "leaky_relu": [("x = 0", "x", 0.01, 1, 0.01)],
    "relu6": [("x = 0", "x", 0, 1, 0), ("x = 6", "x", 1, 0, 0)],
    "hardtanh": [("x = min_val", "x", 0, 1, 0), ("x = max_val", "x", 1, 0, 0)],
    "softshrink": [("x = lambd", "x", 0, 1, 0), ("x = -lambd", "x", 1, 0, 0)],
    "hardsigmoid": [("x = 3", "x", 1 / 6, 0, 0), ("x = -3", "x", 0, 1 / 6, 0)],
    "maximum": [("x1 = x2", "x1", 0, 1, 0.5), ("x1 = x2", "x2", 1, 0, 0.5)],
    "hinge": [("x = 1/target", "x", -1, 0, 0), ("x = 1/target", "target", -1, 0, 0)],
    "elu": [("x = 0 with alpha = 2", "x", 2, 1, 2)],
    "tanh": [],
}  # the slopes by hand, from the pictures of the functions


@pytest.mark.parametrize(("name", "expected"), KINKS.items(), ids=KINKS.keys())
def test_kinks_have_both_slopes_and_the_choice(name, expected):
    found = kinks(OPS[name])
    assert [(k.where, k.name) for k in found] == [e[:2] for e in expected]
    for k, e in zip(found, expected, strict=True):
        assert (k.left, k.right, k.choice) == pytest.approx(e[2:], abs=1e-8)
        assert k.jump == 0


def test_the_convention_is_named():
    said = {name: str(kinks(OPS[name])[0]) for name in ("relu", "minimum", "hardswish", "selu", "step", "floor")}
    assert "the subgradient of least norm" in said["relu"]
    assert "an even share" in said["minimum"]
    assert "the supergradient of least norm" in said["hardswish"]
    assert "the left one" in said["selu"]
    assert "the function jumps" in said["step"]
    assert said["floor"].startswith("x is a whole number, as at x = 0, 1, -1: the function jumps")
    assert str(kinks(OPS["trunc"])[0]).startswith("x is a whole number, as at x = 1, -1, 2: ")  # there is no jump at 0
    assert str(kinks(OPS["rint"])[0]).startswith("x is halfway between whole numbers, as at x = 0.5, -0.5, 1.5: ")


def test_the_numbers_at_a_point_are_mpmaths():
    y, slope = values_at(OPS["erf"], [0.5])
    with mpmath.workdps(40):
        wanted = mpmath.nstr(mpmath.erf(mpmath.mpf(0.5)), 30), mpmath.nstr(2 * mpmath.exp(-0.25) / mpmath.sqrt(mpmath.pi), 30)
    assert (y.formula, slope.formula) == wanted
    assert (y.engine, slope.engine) == pytest.approx([float(w) for w in wanted], rel=1e-15)
    outside = values_at(OPS["log"], [-1.0])
    assert np.isnan(outside[0].engine)
    assert outside[0].formula == ""
    with pytest.raises(OptionError, match="2 numbers, x1, x2"):
        values_at(OPS["power"], [1.0])
    with pytest.raises(OptionError, match="whole arrays"):
        values_at(OPS["sum"], [1.0])


# -- finding, listing, help ---------------------------------------------------------------------------------------------


def test_an_op_is_found_by_its_name_by_numpys_and_as_itself():
    for name in ("tanh", "tg.ops.tanh", "np.tanh", "numpy.tanh", tg.ops.tanh):
        assert derivative(name, prove=False).op is tg.ops.tanh
    assert derivative("np.mod", prove=False).op.name == "remainder"
    assert derivative("np.linalg.inv", prove=False).op.name == "inv"


@pytest.mark.parametrize(
    ("name", "hint"), [("tahn", "tanh"), ("soft_max", "softmax"), ("conv", "conv2d"), ("qqq", "derivatives")]
)
def test_an_unknown_name_is_answered_with_those_like_it(name, hint):
    with pytest.raises(OptionError, match=f"'{name}'.*{hint}"):
        derivative(name)
    with pytest.raises(OptionError, match="got int"):
        derivative(3)


def test_an_op_of_ones_own_has_a_page():
    def bump(x, width=2.0):
        """A bump.

        y = exp(-x**2/width)
        """
        return np.exp(-x * x / width)

    op = Op(bump, "elementwise", {"x": lambda x, y, width: -2 * x / width * y})
    page = derivative(op)
    assert page.partials["x"].proof.status == "proved"
    assert page.partials["x"].text == "-2*x*y/width"
    assert page.options == {"width": 2.0}
    assert page.names == ()
    opaque = Op(lambda x: np.asarray(x) ** 2, "elementwise", {"x": lambda x: 2 * np.asarray(x)}, name="opaque")
    found = derivative(opaque).partials["x"]
    assert found.source == "docstring"
    assert "does not run on symbols" in found.text
    assert found.proof.status == "agrees"
    taking = Op(lambda x, places: x[places], "linear", {"x": lambda g, places: g}, name="taking")
    assert derivative(taking).partials["x"].proof.status == "unknown"
    assert "places" in derivative(taking).partials["x"].proof.statement


def test_what_cannot_be_read_or_run_is_said_and_not_hidden():
    def scaled(x, how):
        return x * {"twice": 2, "thrice": 3}[how]

    kinked = Op(lambda x: np.abs(x), "elementwise", {"x": lambda x: np.sign(x)}, name="kinked", kinks=lambda x: np.asarray(x))
    notes = derivative(kinked).notes
    assert any("It has kinks, but their code does not run on symbols" in note for note in notes)
    assert any("read off the code" in note for note in notes)
    unknown = derivative(Op(scaled, "elementwise", {"x": lambda how: {"twice": 2, "thrice": 3}[how]})).partials["x"]
    assert unknown.proof.status == "unknown"
    assert unknown.proof.statement.startswith("not checked")
    with pytest.raises(OptionError, match="it has no page"):
        derivative("np.argmax")


def test_composite_ops_name_what_they_are_made_of():
    assert {"power", "astype"} <= set(derivative("float_power").made_of)
    assert {"softmax"} <= set(derivative("gumbel_softmax").made_of)
    assert derivative("float_power").partials == {}


def test_the_book_lists_every_op_and_can_be_searched():
    book = derivatives()
    assert {line.name for line in book} >= set(OPS)
    assert len(derivatives("elementwise")) == sum(len(op.inputs) for op in REGISTRY.values() if op.kind == "elementwise")
    assert [line.name for line in derivatives(search="hyperbolic tangent")] == ["tanh"]
    assert derivatives("linear", "matrix", prove=True).lines[0].status == "agrees"
    assert str(derivatives(search="no such word")) == "no op is like that"
    for width in (60, 80, 120):
        assert max(map(len, book.as_text(width).splitlines())) <= max(width, 78)
    assert all(line.count(" | ") == book._repr_markdown_().splitlines()[0].count(" | ")
               for line in derivatives(search="tanh")._repr_markdown_().splitlines()[:2])  # fmt: skip
    with pytest.raises(OptionError, match="elementwise, linear"):
        derivatives("smooth")


def test_lines_of_a_page_fit():
    for name in ("tanh", "clip", "conv2d", "gelu_tanh", "polygamma"):
        for width in (60, 80, 120):
            assert max(map(len, as_text(derivative(name, prove=False), width, plot=True).splitlines())) <= width


def test_the_curve_goes_through_its_points():
    rows = curves.braille(np.linspace(0, 1, 500), np.linspace(0, 1, 500), 10, 5)
    assert [len(row) for row in rows] == [19] * 5
    filled = [[c != "\u2800" for c in row[9:]] for row in rows]
    assert [row.index(True) for row in filled] == [8, 6, 4, 2, 0]  # a straight line from corner to corner
    assert rows[0].strip().startswith("1 ")
    assert rows[-1].strip().startswith("0 ")
    assert curves.braille(np.linspace(0, 1, 9), np.full(9, np.nan), 4, 2)


def test_the_svg_has_both_curves_and_no_date():
    drawn = curves.svg(OPS["relu"])
    assert drawn.count(curves.CURVE) >= 2
    assert drawn.count(curves.SLOPE) >= 2
    assert drawn == curves.svg(OPS["relu"])
    with pytest.raises(OptionError, match="whole arrays"):
        curves.svg(OPS["sum"])


def test_help_shows_signature_formula_rule_domain_and_kinks():
    shown = pydoc.render_doc(tg.ops.leaky_relu, renderer=pydoc.plaintext)
    for part in ("leaky_relu(x", "negative_slope", "The slope at 0 is", "Rule: dy/dx = np.where(x > 0, 1, negative_slope)",
                 "Domain: all real x", "Kinks: where x = 0", "tinygrad-edu derivative leaky_relu"):  # fmt: skip
        assert part in shown
    shown = pydoc.render_doc(tg.ops.matmul, renderer=pydoc.plaintext)
    assert "Rule: gx1 = g @ x2.T" in shown
    assert "np.matmul" in shown
    assert "A differentiable function" in pydoc.render_doc(tg.Op, renderer=pydoc.plaintext)


def test_help_is_there_for_every_op():
    for op in OPS.values():
        assert inspect.isroutine(op)
        assert op.__doc__.startswith(inspect.getdoc(op.fn).splitlines()[0])
        assert f"derivative {op.name}" in op.__doc__


def test_an_op_in_a_class_stays_itself():
    class Layer:
        activation = tg.ops.tanh

    assert Layer().activation is tg.ops.tanh
    assert isinstance(derivative(Layer().activation, prove=False), DerivativePage)
