"""Expressions: what is read gives NumPy's numbers, what is not is refused with its column, and nothing is run."""

import math
import string
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_edu.core import Graph, Value
from tinygrad_edu.errors import DTypeError, ExpressionError, OptionError
from tinygrad_edu.inspect.expressions.expression import Expression, array

POINT: dict[str, Any] = {"x": [1.0, 2.0], "W": [[1.0, 2.0], [3.0, 4.0]], "w": 2.0, "b": -3.0}
ARRAYS = {k: np.array(v) for k, v in POINT.items()}


def computed(text: str) -> Value:
    e = Expression(text)
    return e(**{k: v for k, v in POINT.items() if k in e.names})


SAME_AS_NUMPY = [
    "np.tanh(w*x + b)",
    "W @ x",
    "W.T @ x",
    "W.mT @ x",
    "x**2 / 2 % 3 // 1",
    "-w + +b",
    "np.linalg.inv(W)",
    "x.sum(axis=0)",
    "x.sum(0)",
    "np.sum(W, 0)",
    "np.sum(W, axis=(0, 1))",
    "W.sum(axis=1, keepdims=True)",
    "W[0, 1]",
    "W[:, 1]",
    "W[..., None]",
    "x[::-1]",
    "W[[1, 0]]",
    "x[0]*W[1]",
    "np.stack([x, x*2])",
    "np.concatenate([x, [3, 4]])",
    "np.where(x < 1.5, x, 0)",
    "np.clip(x, 0, 1.5)",
    "np.maximum(w, x)",
    "np.linalg.qr(W)[1]",
    "np.einsum('ij,j->i', W, x)",
    "np.pi*w",
    "x*[3, 4]",
    "np.reshape(W, (4,))",
    "np.add.reduce(x)",
    "abs(b)",
    "np.arctan2(w, b)",
    "1/3*w",
    "2**-1*w",
    "-x**2",
    "(w)",
    "x * [1, 2] + [[1], [2]]",
    "w**0.5",
    "np.prod(W)",
    "W.max(axis=1)",
    "w - 1e-3",
]


@pytest.mark.parametrize("text", SAME_AS_NUMPY)
def test_it_gives_the_numbers_that_numpy_gives(text: str):
    expected = eval(text, {"np": np, "abs": abs}, ARRAYS)
    np.testing.assert_allclose(computed(text).data, expected, rtol=1e-15)


def test_ops_that_numpy_lacks_go_by_their_names():
    assert computed("relu(x + b)").data.tolist() == [0.0, 0.0]
    assert computed("tg.ops.relu(x)").data.tolist() == [1.0, 2.0]
    assert computed("sigmoid(w)").item() == pytest.approx(1 / (1 + math.exp(-2)))
    assert computed("leaky_relu(b, 0.1)").item() == pytest.approx(-0.3)
    assert computed("log_softmax(x, axis=-1)").data == pytest.approx([-1.3132616875, -0.3132616875])


@st.composite
def formulas(draw: st.DrawFn) -> str:
    """Random arithmetic on x and y, not far from 1."""
    text = draw(st.sampled_from(["x", "y", "2", "0.5", "np.pi"]))
    for _ in range(draw(st.integers(1, 6))):
        other = draw(st.sampled_from(["x", "y", "1.5", "(x + y)"]))
        form = draw(
            st.sampled_from(
                ["({} + {})", "({} - {})", "{} * {}", "np.tanh({}) + 0*{}", "-({}) / (1 + {}**2)", "np.sin({}) ** 2 * {}"]
            )
        )
        text = form.format(text, other)
    return text


@given(formulas(), st.floats(0.5, 2), st.floats(0.5, 2))
@settings(max_examples=100)
def test_random_formulas_have_the_value_and_the_slope_of_the_same_text_in_python(text: str, x: float, y: float):
    text = f"{text} + x*y"
    value = Expression(text)(x=x, y=y)

    def oracle(x: float, y: float) -> float:
        return float(eval(text, {"np": np}, {"x": x, "y": y}))

    assert value.item() == pytest.approx(oracle(x, y), rel=1e-12, abs=1e-12)
    value.backward()
    leaves = {v.label: v for v in Graph(value).leaves}
    h = 1e-5
    for name, slope in (("x", oracle(x + h, y) - oracle(x - h, y)), ("y", oracle(x, y + h) - oracle(x, y - h))):
        assert float(leaves[name].grad) == pytest.approx(slope / (2 * h), rel=1e-5, abs=1e-5)


def test_parts_with_names_are_computed_in_order_and_labelled():
    value = Expression("z = w*x + b; a = sigmoid(z); C = (a - 1)**2")(w=2, x=1, b=-3)
    labels = [v.label for v in Graph(value).values if v.label]
    assert sorted(labels) == ["C", "a", "b", "w", "x", "z"]
    assert value.label == "C"


def test_a_name_may_hide_a_constant():
    assert Expression("e*w")(w=2).item() == pytest.approx(2 * math.e)
    assert Expression("e*w")(w=2, e=3).item() == 6.0
    assert Expression("pi*w").variables == ["w"]


def test_literal_arithmetic_is_of_floats_and_does_not_blow_up():
    assert computed("9**9**9*w").item() == math.inf
    assert computed("10**400*w").item() == math.inf
    assert math.isnan(computed("0/0*w").item())


def test_long_and_deep_expressions_need_no_recursion():
    assert computed("+".join(["w"] * 900)).item() == 1800.0
    assert computed("-" * 1900 + "w").item() == 2.0
    assert computed("(" * 150 + "w" + ")" * 150).item() == 2.0


REFUSED = {
    "tnah(w)": (1, "there is no function 'tnah'; did you mean 'tanh'"),
    "ln(w)": (1, "did you mean 'log'"),
    "1 + np.linalg.invv(W)": (15, "did you mean"),
    "w + q": (5, "'q' has no value"),
    "w +": (4, "invalid syntax"),
    "2w": (1, "to multiply write \\*"),
    "w^2": (2, "a power is written x\\*\\*2"),
    "1 + w & b": (7, "& is not read here"),
    "w if x else b": (1, "where\\(condition, a, b\\)"),
    "w and b": (1, "where\\(condition, a, b\\)"),
    "not w": (1, "where\\(condition, a, b\\)"),
    "w < x < b": (1, "one comparison"),
    "w(x)": (1, "to multiply write \\*"),
    "(1)(w)": (2, "only functions are called"),
    "__import__('os').system('true')": (18, "no function 'system'"),
    "open('x')": (1, "no function 'open'"),
    "eval('1')": (1, "no function 'eval'"),
    "getattr(w, 'data')": (1, "no function 'getattr'"),
    "np.load('x')": (4, "no function 'load'"),
    "np.ctypeslib.os.system('true')": (17, "no function 'system'"),
    "w.__class__": (3, r"only \.T and \.mT"),
    "w.data": (3, r"only \.T and \.mT"),
    "w.backward()": (3, "no function 'backward'"),
    "np.e.real": (6, r"only \.T and \.mT"),
    "(lambda: 1)()": (2, "only functions are called"),
    "[i for i in x]": (1, "write the entries out"),
    "f'{w}'": (1, "a text is not read"),
    "'a'*w": (1, "'a' is not a number"),
    "1j*w": (1, "1j is not a number"),
    "True*w": (1, "True is not a number"),
    "W[w]": (3, "written out"),
    "x[5]": (3, "index 5 is out of bounds"),
    "w + W @ [1, 2, 3]": (7, "size 3 is different from 2"),
    "sum(x, axis=w)": (13, "written out"),
    "sum(*x)": (5, "write the arguments out"),
    "sum(**x)": (7, "write the options out"),
    "sum(x, axes=0)": (1, "axes"),
    "w; b": (1, "its result is not used"),
    "z = 1; z = 2; w": (8, "has a value already"),
    "w = 2*w; w": (7, "used before it gets a value"),
    "3*2": (2, "does not depend on a variable"),
    "qr(W)": (1, "choose one"),
    "qr(W)*2": (1, "choose one"),
    "[w, b]*2": (1, "stack"),
    "[[1, 2], [3]]*w": (1, "of one length"),
    "import os": (1, "are read"),
    "w = b = 2": (1, "are read"),
    "tile(x, 100000)": (9, "at most 10,000 entries"),
    "broadcast_to(w, (1000, 1000))": (17, "at most 10,000 entries"),
    "tile(tile(x, 4000), 4)": (1, "at most 10,000 entries"),
    "solve([[0, 0], [0, 0]], x)": (1, "Singular"),
    "": (1, "nothing to compute"),
    "# w": (1, "nothing to compute"),
    "(" * 300 + "w": (201, "too many nested"),
    "w" * 2001: (1, "at most 2,000 characters"),
    "é*tanhh(w)": (3, "did you mean"),
    "w +\nq": (5, "'q' has no value"),
    "\x00": (1, "cannot be read|null"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_read_is_refused_with_its_column(text: str):
    column, says = REFUSED[text]
    with pytest.raises(ExpressionError, match=f"column {column}: .*({says})") as caught:
        computed(text)
    assert caught.value.column == column


def test_the_pointer_stands_below_the_column():
    with pytest.raises(ExpressionError) as caught:
        computed("w + tnah(w)")
    assert caught.value.pointer.splitlines() == ["  w + tnah(w)", "      ^"]
    with pytest.raises(ExpressionError) as caught:
        computed("w + " * 100 + "q")
    line, caret = caught.value.pointer.splitlines()
    assert len(line) < 90
    assert line[caret.index("^")] == "q"


@given(st.text(alphabet=string.printable, max_size=40) | st.text(max_size=20))
@settings(max_examples=300)
def test_any_text_is_computed_or_refused(text: str):
    try:
        e = Expression(text)
        value = e(**{k: v for k, v in POINT.items() if k in e.names})
    except ExpressionError as error:  # and no other
        value, inside = None, 1 <= error.column <= len(error.text) + 1
    else:
        inside = type(value) is Value
    assert inside


def test_nothing_is_compiled_or_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import builtins

    def refuse(*args: Any, **options: Any) -> None:
        pytest.fail("an expression was run")

    monkeypatch.setattr(builtins, "eval", refuse)
    monkeypatch.setattr(builtins, "exec", refuse)
    assert computed("tanh(w)*2").item() == pytest.approx(2 * math.tanh(2))


# -- values ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2", 2), ("-3e-5", -3e-5), ("[1,2]", [1, 2]), ("[[1,2],[3,4]]", [[1, 2], [3, 4]]), ("1/4", 0.25), ("pi", math.pi),
     ("[]", []), ("-[1,2]", [-1, -2]), ("inf", math.inf), ("(1, 2)", [1, 2])],
)  # fmt: skip
def test_values_are_numbers_and_nested_lists(text: str, expected: Any):
    np.testing.assert_array_equal(array(text, "w"), np.array(expected))


@pytest.mark.parametrize(
    ("text", "column"), [("[[1,2],[3]]", 4), ("x", 4), ("[1,'a']", 7), ("", 4), ("[1,2", 4), ("__import__('os')", 4)]
)
def test_a_wrong_value_is_refused_with_its_column_in_the_argument(text: str, column: int):
    with pytest.raises(ExpressionError, match=f"column {column}: the value of ww") as caught:
        array(text, "ww")
    assert caught.value.text.startswith("ww=")


def test_values_for_what_is_no_variable_are_refused():
    with pytest.raises(OptionError, match="'q' is not in the expression; its variables are w"):
        Expression("w*2")(w=1, q=2)
    with pytest.raises(OptionError, match="at most 10,000 entries here; w has 10,001"):
        Expression("w*2")(w=np.ones(10_001))
    with pytest.raises(DTypeError):
        Expression("w*2")(w="text")
