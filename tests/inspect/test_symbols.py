"""Rules run on symbols and on formulas: what comes out is what NumPy would compute."""

import inspect
import math
import re
import sys
from fractions import Fraction
from xml.etree import ElementTree

import numpy as np
import pytest
import sympy as sp

import tinygrad_edu as tg
from tinygrad_edu.core import Op
from tinygrad_edu.errors import MissingExtra, NotDifferentiable, OptionError
from tinygrad_edu.inspect.reference.formulas import Formula, NamedInteger, NamedShape, names, text_of
from tinygrad_edu.inspect.reference.mathml import mathml
from tinygrad_edu.inspect.reference.printing import latex, plain, shortened
from tinygrad_edu.inspect.reference.rules import as_written, rule_of, written_out
from tinygrad_edu.inspect.reference.symbols import Symbol, exact, function, symbol, variables
from tinygrad_edu.inspect.reference.typeset import typeset
from tinygrad_edu.ops.domain import real

x, y = symbol("x"), symbol("y")
X, Y = x.expression, y.expression

ARITHMETIC = [
    lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b, lambda a, b: a // b,
    lambda a, b: a % b, lambda a, b: abs(a) ** b, lambda a, b: -a + +b, lambda a, b: 2 - a, lambda a, b: 2 / a,
    lambda a, b: 2**b, lambda a, b: 7 // a, lambda a, b: 7 % a, lambda a, b: 1.5 * a + 3 * b,
    lambda a, b: np.float64(2) * a, lambda a, b: np.array(2.0) + a, lambda a, b: Fraction(1, 3) * b,
]  # fmt: skip
FUNCTIONS = [
    lambda a, b: np.sign(a), lambda a, b: np.maximum(a, b), lambda a, b: np.minimum(a, 0), lambda a, b: np.clip(a, -1, b),
    lambda a, b: np.expm1(a) + np.log1p(abs(b)), lambda a, b: np.hypot(a, b), lambda a, b: np.arctan2(a, b),
    lambda a, b: np.copysign(a, b), lambda a, b: np.rint(a) + np.floor(b), lambda a, b: np.square(np.tanh(a)),
    lambda a, b: np.where(a > b, a, b * b), lambda a, b: np.where((a > 0) & (b < 1), 1, np.where(a <= 0, 2, b)),
    lambda a, b: np.where((a < 0) | ~(b >= 0), -a, 3), lambda a, b: np.where(np.logical_and(a != b, a == a), a, 0),
    lambda a, b: (a > b) + 2 * (b > a), lambda a, b: np.ones_like(a) * b + np.zeros_like(b), lambda a, b: np.negative(a)[()],
    lambda a, b: tg.ops.sigmoid(a) + tg.ops.relu(b), lambda a, b: tg.ops.softplus(a, beta=2), lambda a, b: tg.ops.silu(a) * b,
    lambda a, b: np.logaddexp(a, b), lambda a, b: np.full_like(a, 2.5) * b, lambda a, b: np.remainder(a, b),
]  # fmt: skip
POINTS = [(0.7, 1.6), (-1.3, 0.4), (2.4, -0.9), (-0.2, -2.2), (1.1, 1.2)]


@pytest.mark.parametrize("code", ARITHMETIC + FUNCTIONS, ids=range(len(ARITHMETIC + FUNCTIONS)))
def test_code_run_on_symbols_is_the_formula_of_what_it_computes_on_numbers(code):
    from tinygrad_edu.inspect.reference.symbols import expanded

    formula = expanded(code(x, y).expression)
    formula = sp.Piecewise((1, formula), (0, True)) if formula.is_Boolean else formula
    for a, b in POINTS:
        wanted = float(code(np.float64(a), np.float64(b)))
        assert float(formula.subs({X: sp.Rational(str(a)), Y: sp.Rational(str(b))})) == pytest.approx(wanted, rel=1e-12)


def test_a_rule_is_read_with_ops_by_name_and_y_for_the_result():
    assert str(as_written(tg.ops.tanh, "x")) == "1 - y**2"
    assert str(as_written(tg.ops.logsigmoid, "x")) == "sigmoid(-x)"
    assert str(as_written(tg.ops.lerp, "weight")) == "end - start"
    inputs, _ = variables(tg.ops.tanh)
    assert sp.simplify(rule_of(tg.ops.tanh, "x") - sp.diff(sp.tanh(inputs["x"]), inputs["x"])) == 0


def test_an_input_called_y_is_not_taken_for_the_result():
    op = Op(lambda y: y * y, "elementwise", {"y": 2.0}, name="doubled")
    assert set(variables(op)[0]) == {"y"}
    result = Op(lambda y: np.exp(y), "elementwise", {"y": lambda y: y}, name="exponential")  # y is the result here
    inputs, _ = variables(result)
    assert rule_of(result, "y") == sp.exp(inputs["y"])


EXACT = [
    (0.1, sp.Rational(1, 10)), (1e-12, sp.Rational(1, 10**12)), (1.702, sp.Rational(1702, 1000)), (3, sp.Integer(3)),
    (math.log(2), sp.log(2)), (1 / math.log(10), 1 / sp.log(10)), (2 / math.sqrt(math.pi), 2 / sp.sqrt(sp.pi)),
    (-math.pi / 180, -sp.pi / 180), (math.sqrt(0.5), sp.sqrt(2) / 2), (1 / 3, sp.Rational(1, 3)), (math.inf, sp.oo),
    (math.exp(-100), sp.exp(-100)),
    (1.6732632423543772, sp.Rational("1.6732632423543772")), (np.float32(0.5), sp.Rational(1, 2)), (True, sp.Integer(1)),
]  # fmt: skip


@pytest.mark.parametrize(("number", "meant"), EXACT, ids=str)
def test_a_float_is_the_number_that_it_stands_for(number, meant):
    assert exact(number) == meant


@pytest.mark.parametrize("number", [0.6931471805599, 3.14159265, 0.69314718055995])
def test_a_rounded_constant_is_not_taken_for_the_constant(number):
    assert exact(number) == sp.Rational(repr(number))


def test_a_symbol_refuses_what_would_leave_the_formula():
    for mistake in (lambda: np.asarray(x), lambda: float(x) if x > 0 else 0, lambda: np.add.reduce(x), lambda: np.sort(x)):
        with pytest.raises((NotDifferentiable, TypeError)):
            mistake()
    with pytest.raises(NotDifferentiable, match=r"np\.where"):
        bool(x > 0)
    with pytest.raises(NotDifferentiable, match="softmax"):
        tg.ops.softmax(x)
    with pytest.raises(IndexError, match="no axes"):
        x[0]
    with pytest.raises(TypeError):
        x + "text"
    assert bool(x == x)  # a number is itself: NaN is not among symbols


def test_a_function_without_a_formula_line_is_read_off_its_code():
    def swish(x, beta=2.0):
        return x / (1 + np.exp(-beta * x))

    op = Op(swish, "elementwise", {"x": 0})
    inputs, options = variables(op)
    assert function(op) == inputs["x"] / (1 + sp.exp(-options["beta"] * inputs["x"]))
    with pytest.raises(NotDifferentiable, match="y = exp"):
        function(Op(lambda x: np.asarray(x) + 1, "elementwise", {"x": 1}, name="opaque"))


def test_formulas_are_printed_as_a_reader_writes_them():
    t = sp.Symbol("target", real=True)
    assert plain(X - t) == "x - target"
    assert plain(sp.Piecewise((1, (X > 0) & (X < 6)), (t, sp.Eq(X, 6)), (0, True))) == (
        "1 if 0 < x < 6 else target if x == 6 else 0"
    )
    assert plain(sp.Rational(1702, 1000) * X) == "1.702*x"
    assert plain(2 * sp.Piecewise((1, X > 0), (0, True))) == "2*(1 if x > 0 else 0)"
    assert latex(sp.Symbol("negative_slope") * X) == r"\mathrm{negative\_slope}\, x"
    nested = X * sp.Piecewise((1, sp.Eq(X, 0)), (1 / X**2, True))
    assert written_out(nested) == 1 / X
    choice = sp.Piecewise((sp.Rational(1, 2), sp.Eq(X, Y)), (sp.Piecewise((1, X > Y), (0, True)), True))
    assert plain(written_out(choice)) == "1 if x > y else 1/2 if x == y else 0"
    long = sp.tanh(X**3 + sp.exp(X)) ** 2 + 5 * sp.tanh(X**3 + sp.exp(X)) + sp.log(sp.tanh(X**3 + sp.exp(X)) + 1)
    assert shortened(long, plain, ", with ", limit=20) == "a**2 + 5*a + log(a + 1), with a = tanh(x**3 + exp(x))"


T, V = sp.Symbol("target", real=True), sp.Symbol("lambd", real=True)
LIKE_A_TEXTBOOK = [
    (sp.tanh(T - X), "-tanh(x - target)"),
    (sp.sign(T - X) * sp.Abs(T - X), "-abs(x - target)*sign(x - target)"),
    (sp.log(sp.cosh(T - X)), "log(cosh(x - target))"),
    (sp.asin(X) + sp.atan2(X, Y) + sp.ceiling(X), "arcsin(x) + arctan2(x, y) + ceil(x)"),
    (X * sp.exp(-(X**2) / 2) * sp.sqrt(2) / (2 * sp.sqrt(sp.pi)), "x*exp(-x**2/2)/sqrt(2*pi)"),
    (sp.erf(sp.sqrt(2) * X / 2), "erf(x/sqrt(2))"),
    (-sp.sqrt(2) / sp.sqrt(sp.pi) * X, "-sqrt(2/pi)*x"),
    (2 / sp.sqrt(sp.pi) * X, "2*x/sqrt(pi)"),
    (sp.Max(sp.Rational(1, 10**12), X), "max(x, 1e-12)"),
    (1 / (sp.Abs(X) + 1) ** 2 + 2 / X**3, "1/(abs(x) + 1)**2 + 2/x**3"),
    (sp.Min(V, sp.Max(-V, X)), "min(max(x, -lambd), lambd)"),
    (sp.Piecewise((X, (V < X) | (V < -X)), (0, True)), "x if x > lambd or x < -lambd else 0"),
    (sp.Piecewise((1, T - X > 0), (0, True)), "1 if x < target else 0"),
    (sp.Piecewise((1, (V >= X) & (T > V)), (0, True)), "1 if x <= lambd < target else 0"),
    (written_out(sp.Piecewise((1, T - X > 0), (2, T - X < 0), (X - T, True))), "1 if x < target else 2 if x > target else 0"),
    (written_out(sp.Piecewise((1, T - X > 0), (2, T - X < 0), (X, True))), "1 if x < target else 2 if x > target else x"),
    (written_out(sp.Piecewise((1, X > 0), (2, X < T), (X, True))), "1 if x > 0 else 2 if x < target else x"),
]


@pytest.mark.parametrize(("formula", "text"), LIKE_A_TEXTBOOK, ids=[t for _, t in LIKE_A_TEXTBOOK])
def test_the_input_stands_first_constants_are_short_and_names_are_numpys(formula, text):
    assert plain(formula) == text


TYPESET = {
    "-1/sqrt(1 - x1**2)": r"-\frac{1}{\sqrt{1 - x_{1}^{2}}}",
    "exp(-x**2/2)/sqrt(2*pi)": r"\frac{e^{-x^{2}/2}}{\sqrt{2 \pi}}",
    "2*x*3*target*x": r"2 x \cdot 3\, \mathrm{target}\, x",
    "tanh(x)**2 - max(0, x)**2": r"\tanh^{2}(x) - \max(0, x)^{2}",
    "a - (b - c) - (-x)**2": "a - (b - c) - (-x)^{2}",
    "abs(x)**(1/3)*sign(x)": r"\sqrt[3]{\left|x\right|} \operatorname{sign}(x)",
    "log(x/(1 - x))": r"\log\left(\frac{x}{1 - x}\right)",
    "max(x, 1.5e-12)": r"\max(x, 1.5 \cdot 10^{-12})",
    "1 if 0 < x < 6 or y > 2 and x != 1 else 0":
        r"\begin{cases} 1 & \text{if } 0 < x < 6 \text{ or } y > 2 \text{ and } x \neq 1 \\ 0 & \text{otherwise} \end{cases}",
    "polygamma(n + 1, x)*sigmoid(beta*x)": r"\psi^{(n + 1)}(x) \sigma(\beta x)",
    "floor(x) + ceil(y)": r"\left\lfloor x \right\rfloor + \left\lceil y \right\rceil",
}  # fmt: skip


@pytest.mark.parametrize(("text", "tex"), TYPESET.items(), ids=TYPESET)
def test_a_formula_is_typeset_as_in_a_textbook(text, tex):
    assert typeset(text) == tex


def test_mathml_keeps_single_bars_spaces_in_words_and_small_brackets():
    bars = ElementTree.fromstring(mathml(typeset("2*abs(x)")))
    assert "".join(bars.itertext()) == "2|x|"
    cases = ElementTree.fromstring(mathml(typeset("(x - 1)*sign(x) if x > 0 and y > 0 else 0")))
    assert [e.text for e in cases.iter("mtext")] == ["if\u00a0", "\u00a0and\u00a0", "otherwise"]
    assert [e.get("stretchy") for e in cases.iter("mo") if e.text in "()"] == ["false"] * 4
    assert len(list(cases.iter("mspace"))) == 1  # between the factor and sign


@pytest.mark.parametrize("text", ["x @ y", "f(x, axis=0)", "[x]", "x.T", "x +", "np.exp(x)", "x // 2"])
def test_what_is_no_formula_of_numbers_is_not_typeset(text):
    with pytest.raises(OptionError, match="formula"):
        typeset(text)


def test_names_that_are_no_words_are_typeset_upright_and_escaped():
    odd = sp.Symbol("h - 50%", real=True)
    assert plain(2 * odd + sp.Symbol("lambda")) == "2*h - 50% + lambda"
    assert latex(2 * odd) == r"2\, \mathrm{h - 50\%}"
    assert latex(sp.Symbol("lambda") * X) == r"\lambda x"


SCOPE = {"abs": np.abs, "min": np.minimum, "max": np.maximum, "ceil": np.ceil, "pi": np.pi, **vars(np), **vars(tg.ops)}
CHOICES = {"abs": abs, "min": min, "max": max}


@pytest.mark.parametrize("name", sorted(n for n, op in tg.REGISTRY.items() if op.kind == "elementwise" and n in dir(tg.ops)))
def test_the_printed_derivative_is_code_that_computes_the_slope(name):
    page = tg.inspect.derivative(name, prove=False)
    op = page.op
    options = {n: 1 if d is inspect.Parameter.empty else d for n, d in op.options.items()}
    if name == "astype":
        options["dtype"] = np.float64
    for at in np.random.default_rng(0).uniform(size=(8, len(op.inputs))):
        xs = {}
        for n, u in zip(op.inputs, at, strict=True):
            low, high = op.domain.get(n, real).intervals[-1]
            xs[n] = tg.Value(low + u * (high - low))
        y = op(**xs, **options)
        y.backward()
        known = {**SCOPE, **CHOICES, **options, **{n: v.item() for n, v in xs.items()}, "y": y.item()}
        for n, p in page.partials.items():
            slope = 0.0 if xs[n].grad is None else float(xs[n].grad)
            for text in filter(None, (p.text, p.documented)):
                formula, _, told = text.partition(", with ")
                letters = dict(part.split(" = ") for part in re.split(r", (?=[a-z] = )", told)) if told else {}
                for letter, part in letters.items():
                    known[letter] = eval(part, known)
                assert float(eval(formula, known)) == pytest.approx(slope, rel=1e-9, abs=1e-12), (text, at)


def test_without_sympy_the_extra_is_named(monkeypatch):
    from tinygrad_edu.inspect.reference import symbols

    symbols.sympy.cache_clear()
    monkeypatch.setitem(sys.modules, "sympy", None)
    with pytest.raises(MissingExtra, match=r"tinygrad-edu\[symbolic\]"):
        symbols.sympy()


# -- formulas of whole arrays ------------------------------------------------------------------------------------------

A, B = np.array([[2.0, 1.0], [0.5, 3.0]]), np.array([[1.0, -1.0], [4.0, 0.5]])
WRITTEN = [
    (lambda a, b: a @ b.T, "a @ b.T", r"a\, b^{\top}"),
    (lambda a, b: -a.mT @ (b + 1), "-a.mT @ (b + 1)", r"-a^{\top}\, \left(b + 1\right)"),
    (lambda a, b: a - (b - a), "a - (b - a)", r"a - \left(b - a\right)"),
    (lambda a, b: a * b / (a * 2), "a * b / (a * 2)", r"\frac{a \odot b}{a\, 2}"),
    (lambda a, b: (a + b) ** 2, "(a + b)**2", r"\left(a + b\right)^{2}"),
    (lambda a, b: (a**2) ** b, "(a**2)**b", r"\left(a^{2}\right)^{b}"),
    (lambda a, b: np.linalg.inv(a) @ b, "np.linalg.inv(a) @ b", r"a^{-1}\, b"),
    (lambda a, b: np.exp(a - b), "np.exp(a - b)", "e^{a - b}"),
    (lambda a, b: np.eye(2) - a @ b, "I - a @ b", None),
    (lambda a, b: np.where(a > 0, b, 0), "np.where(a > 0, b, 0)",
     r"\begin{cases} b & \text{if } a > 0 \\ 0 & \text{otherwise} \end{cases}"),
    (lambda a, b: a[..., None] * b[0, 1:], "a[..., None] * b[0, 1:]", None),
    (lambda a, b: a.reshape(b.shape)[b > 0], "a.reshape(b.shape)[b > 0]", None),
    (lambda a, b: tg.ops.softmax(a, axis=0), "softmax(a, ...)", None),
    (lambda a, b: tg.ops.sigmoid(a) % b, "sigmoid(a) % b", None),
    (lambda a, b: np.linalg.svd(a)[1] + 1, "np.linalg.svd(a)[1] + 1", None),
    (lambda a, b: ~(a > b) & (a != b), "~(a > b) & (a != b)", None),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text", "tex"), WRITTEN, ids=[w[1] for w in WRITTEN])
def test_code_run_on_formulas_comes_out_as_text_that_runs(code, text, tex):
    written = code(Formula("a", A), Formula("b", B))
    assert written.text == text
    assert tex is None or written.latex == tex
    if "..." not in text or "[..." in text:
        scope = {"np": np, "a": A, "b": B, "I": np.eye(2), "sigmoid": tg.ops.sigmoid}
        np.testing.assert_array_equal(eval(text, scope), code(A, B))
    np.testing.assert_array_equal(written.data, code(A, B))


def test_options_print_by_their_names():
    index = np.array([0, 1])
    with names({"index": index}):
        assert text_of(Formula("g", A)[index]) == "g[index]"
    assert text_of(NamedInteger("axis", 1)) == "axis"
    assert text_of(-NamedInteger("k", 1)) == "-k"
    assert text_of(NamedShape("x.shape", (2, 3))[1:]) == "x.shape[1:]"
    assert np.sum(Formula("g", A), NamedInteger("axis", 1), keepdims=True).text == "np.sum(g, axis, keepdims=True)"


def test_a_formula_refuses_what_it_cannot_write_down():
    g = Formula("g", A)
    for mistake in (
        lambda: bool(g > 0),
        lambda: np.asarray(g),
        lambda: list(g),
        lambda: g + np.array([[7.0, 1], [2, 3]]).T,
    ):
        with pytest.raises(NotDifferentiable):
            mistake()
    with pytest.raises(AttributeError):
        g.fill(0)
    assert isinstance(Symbol(sp.Integer(1)) + 1, Symbol)
