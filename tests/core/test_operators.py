"""A Value's operators, array methods, and NumPy's functions of it."""

import numpy as np
import pytest

from tinygrad_edu import Value
from tinygrad_edu.errors import DTypeError, NotDifferentiable, ShapeError

# -- operators ---------------------------------------------------------------------------------------------------------

OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
    "@": lambda a, b: a @ b,
}
OTHERS = [np.array([2.0, 3.0]), [2.0, 3.0], (2, 3), np.array([2, 3]), Value([2.0, 3.0]), 2, 2.0, np.float64(2), Value(2.0)]


@pytest.mark.parametrize(
    ("operator", "other"),
    [
        pytest.param(OPERATORS[symbol], other, id=f"{symbol} {type(other).__name__}")
        for symbol in OPERATORS
        for other in OTHERS
        if symbol != "@" or np.ndim(other.data if isinstance(other, Value) else other)
    ],
)
def test_operators_take_numbers_arrays_lists_and_values_on_both_sides(operator, other):
    plain = other.data if isinstance(other, Value) else np.asarray(other)
    data = np.array([5.0, 7.0])
    for got, wanted in [
        (operator(Value(data), other), operator(data, plain)),
        (operator(other, Value(data)), operator(plain, data)),
    ]:
        assert type(got) is Value
        np.testing.assert_allclose(got.data, wanted)


def test_unary_operators_and_built_ins():
    v = Value([-1.25, 2.5])
    for got, wanted in [(-v, [1.25, -2.5]), (+v, v.data), (abs(v), [1.25, 2.5]), (round(v, 1), [-1.2, 2.5])]:
        assert type(got) is Value
        np.testing.assert_allclose(got.data, wanted)
    quotient, rest = divmod(Value(7.0), 2)
    assert (float(quotient), float(rest)) == (3, 1)
    quotient, rest = divmod(7, Value(2.0))
    assert (float(quotient), float(rest)) == (3, 1)
    assert float(sum([Value(1.0), Value(2.0)])) == 3


def test_augmented_assignment_makes_a_new_value():
    x = Value(2.0)
    y = x
    y *= 3
    y += x
    assert (float(x), float(y)) == (2, 8)
    y.backward()
    assert x.grad == 4


@pytest.mark.parametrize("other", [None, "a", object(), {1: 2}, 1j])
def test_operators_refuse_what_is_no_number(other):
    v = Value(2.0)
    for operator in (OPERATORS["+"], OPERATORS["*"], OPERATORS["**"]):
        with pytest.raises(TypeError):
            operator(v, other)
        with pytest.raises(TypeError):
            operator(other, v)


@pytest.mark.parametrize(
    "other", [np.array([1j]), np.array(["a"]), ["a"], np.array([object()]), np.ma.array([1.0], mask=[True])]
)
def test_constants_without_a_gradient_of_their_own_are_refused(other):
    with pytest.raises(DTypeError):
        Value([2.0]) * other
    with pytest.raises(TypeError):
        other * Value([2.0])


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_a_matrix_is_an_array_here():
    assert type(Value(np.matrix([[1.0, 2.0]])).data) is np.ndarray
    v = Value([[1.0, 2.0]])
    np.testing.assert_array_equal((v * np.matrix([[3.0, 4.0]])).data, [[3, 8]])


def test_shapes_that_do_not_fit_name_op_shapes_and_dtypes():
    with pytest.raises(ShapeError, match=r"add: .*float64\[2, 3\].*float32\[4\]"):
        Value(np.zeros((2, 3))) + np.zeros(4, np.float32)
    with pytest.raises(ShapeError, match=r"matmul: .*float64\[1, 2\], float64\[1, 2\]"):
        Value(np.zeros((1, 2))) @ np.zeros((1, 2))


def test_array_methods_are_the_functions_of_their_names():
    x = np.arange(1.0, 7.0).reshape(2, 3)
    v = Value(x)
    for name, args in [
        ("sum", ()), ("sum", (0,)), ("mean", (-1,)), ("prod", ()), ("max", (1,)), ("min", ()), ("var", ()), ("std", (0,)),
        ("cumsum", (1,)), ("cumprod", (0,)), ("clip", (2, 5)), ("argmax", ()), ("argmin", (1,)), ("argsort", ()),
        ("reshape", (3, 2)), ("reshape", ((6,),)), ("reshape", (-1,)), ("ravel", ()), ("flatten", ()), ("transpose", ()),
        ("transpose", (1, 0)), ("swapaxes", (0, 1)), ("squeeze", ()), ("diagonal", ()), ("trace", ()),
        ("take", ([0, 2],)), ("repeat", (2, 1)), ("dot", (np.ones(3),)), ("copy", ()), ("astype", (np.float32,)),
    ]:  # fmt: skip
        got, wanted = getattr(v, name)(*args), getattr(x, name)(*args)
        got = got.data if isinstance(got, Value) else got
        assert got.dtype == wanted.dtype, name
        np.testing.assert_allclose(got, wanted, err_msg=name)
    np.testing.assert_array_equal(v.T.data, x.T)
    np.testing.assert_array_equal(v.mT.data, x.mT)


# -- numpy calls -------------------------------------------------------------------------------------------------------


def test_numpy_functions_record():
    x = Value([0.5, 1.0])
    y = np.sum(np.tanh(x) * np.exp(-x))
    assert y.op.name == "sum"
    y.backward()
    t = np.tanh(x.data)
    np.testing.assert_allclose(x.grad, np.exp(-x.data) * (1 - t * t - t))


def test_ufunc_methods_are_the_ops_that_they_are():
    x = Value([[1.0, 2.0], [3.0, 4.0]])
    for got, wanted in [
        (np.add.reduce(x), [4, 6]),
        (np.add.reduce(x, axis=1), [3, 7]),
        (np.multiply.reduce(x), [3, 8]),
        (np.maximum.reduce(x), [3, 4]),
        (np.add.accumulate(x), [[1, 2], [4, 6]]),
        (np.multiply.outer(x[0], np.array([1.0, 10.0])), [[1, 10], [2, 20]]),
        (np.subtract.outer(np.array([1.0, 10.0]), x[0]), [[0, -1], [9, 8]]),
    ]:
        assert type(got) is Value
        np.testing.assert_array_equal(got.data, wanted)


@pytest.mark.parametrize(
    "call",
    [
        lambda v: np.add(v, 1, out=np.zeros(2)),
        lambda v: np.add(v, 1, where=np.array([True, False])),
        lambda v: np.add(v, 1, dtype=np.float32),
        lambda v: np.sum(v, out=np.zeros(())),
        lambda v: np.sum(v, dtype=np.float32),
        lambda v: np.sum(v, where=np.array([True, False])),
        lambda v: np.sum(v, initial=1.0),
    ],
)
def test_options_that_go_behind_the_graphs_back_are_refused(call):
    with pytest.raises(NotDifferentiable, match="instead"):
        call(Value([1.0, 2.0]))


@pytest.mark.parametrize("call", [lambda v: np.nextafter(v, 1), np.frexp, np.fft.fft, np.unwrap, lambda v: np.add.at(v, 0, 1)])
def test_a_numpy_function_without_a_rule_is_named_with_the_way_out(call):
    with pytest.raises(NotDifferentiable, match=r"no derivative rule.*v\.data.*@tg\.elementwise"):
        call(Value([1.0, 2.0]))


def test_assignment_is_refused_with_an_alternative():
    v = Value([1.0, 2.0])
    with pytest.raises(NotDifferentiable, match=r"np\.where"):
        v[0] = 3.0
    with pytest.raises(NotDifferentiable, match=r"np\.where"):
        v[v > 1] += 1
