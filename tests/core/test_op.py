"""Declaring an op: three lines give everything, and mistakes are explained when they are made."""

import inspect
import pickle

import numpy as np
import pytest

from tinygrad_edu import REGISTRY, Graph, Op, Value, composite, elementwise, gradients, lean, linear, primitive
from tinygrad_edu.core.op import NUMPY
from tinygrad_edu.errors import DTypeError, OptionError, ShapeError


@pytest.fixture(autouse=True)
def only_for_this_test():
    """What a test declares is gone after it."""
    registry, numpy = dict(REGISTRY), dict(NUMPY)
    yield
    for table, before in ((REGISTRY, registry), (NUMPY, numpy)):
        for key in table.keys() - before.keys():
            del table[key]


# -- three lines -------------------------------------------------------------------------------------------------------


def test_three_lines_give_values_arrays_and_derivatives_of_every_order():
    @elementwise(dx=lambda x: 3 * x * x)
    def my_cube(x):
        return x * x * x

    np.testing.assert_array_equal(my_cube(np.array([1.0, 2.0])), [1, 8])
    assert my_cube(2.0) == 8
    x = Value([1.0, 2.0])
    (g,) = gradients(my_cube(x).sum(), [x], create_graph=True)
    (h,) = gradients(g.sum(), [x], create_graph=True)
    (third,) = gradients(h.sum(), [x])
    for got, wanted in [(g.data, [3, 12]), (h.data, [6, 12]), (third, [6, 6])]:
        np.testing.assert_array_equal(got, wanted)
    with lean():
        np.testing.assert_array_equal(gradients(my_cube(x).sum(), [x])[0], [3, 12])


def test_broadcasting_and_dtypes_are_looked_after():
    @elementwise(da=lambda a, b: np.cos(a) * b, db=lambda a: np.sin(a))
    def weighted_sine(a, b):
        return np.sin(a) * b

    a, b = Value(np.ones((2, 1), np.float32)), Value(np.ones((1, 3), np.float64))
    weighted_sine(a, b).sum().backward()
    assert (a.grad.shape, a.grad.dtype) == ((2, 1), np.float32)
    assert (b.grad.shape, b.grad.dtype) == ((1, 3), np.float64)
    np.testing.assert_allclose(a.grad, 3 * np.cos(1), rtol=1e-6)


def test_an_op_answers_numpys_function_of_its_name_or_the_ones_that_are_named():
    def spacing(x):
        return x * 1.0

    op = elementwise(dx=1)(spacing)
    assert NUMPY[np.spacing] is op
    assert np.spacing(Value(2.0)).op is op

    @elementwise(dx=1, numpy=(np.nextafter, np.fft.fft), name="neighbour")
    def anything(x):
        return x + 0.0

    assert np.fft.fft(Value(1.0)).op is anything
    assert REGISTRY["neighbour"] is anything
    assert anything.__name__ == "neighbour"


def test_an_op_with_an_empty_tuple_answers_for_no_numpy_function():
    @elementwise(dx=1, numpy=())
    def nextafter(x):
        return x + 0.0

    assert np.nextafter not in NUMPY


def test_a_number_is_a_constant_slope():
    for slope in (1, -1, 0, 2.5, True):

        @elementwise(dx=slope, name=f"slope{slope}")
        def f(x):
            return x + 0.0

        x = Value([1.0, 2.0])
        f(x).sum().backward()
        np.testing.assert_array_equal(x.grad, np.full(2, float(slope)))


def test_a_rule_finds_inputs_output_options_and_shapes_by_name():
    seen = {}

    def rule(g, y, x, w_shape, axis, x_shape):
        seen.update(x_shape=x_shape, w_shape=w_shape, axis=axis, y=y)
        return g * 2 * x

    @primitive(gx=rule, gw=lambda g, w: 0 * w)
    def f(x, w, axis=7):
        return x * x

    x = Value([1.0, 2.0])
    y = f(x, np.ones((3, 1)))
    y.backward([1.0, 1.0])
    assert (seen["x_shape"], seen["w_shape"], seen["axis"]) == ((2,), (3, 1), 7)
    np.testing.assert_array_equal(seen["y"], [1, 4])
    np.testing.assert_array_equal(x.grad, [2, 4])


def test_linear_ops_and_composites():
    @linear(gx=lambda g, n: np.concatenate([np.zeros(n), g]))
    def drop(x, n):
        return x[n:]

    @composite(inputs=("x", "w"))
    def energy(x, w, power=2):
        return np.sum(drop(x, 1) ** power) * w

    x = Value([1.0, 2.0, 3.0])
    energy(x, 2.0).backward()
    np.testing.assert_array_equal(x.grad, [0, 8, 12])
    assert energy(np.array([1.0, 2.0, 3.0]), 2.0) == 26


def test_a_star_parameter_has_one_rule_that_gives_a_list():
    @primitive(gxs=lambda g, xs: [g * np.prod([x for k, x in enumerate(xs) if k != i], axis=0) for i in range(len(xs))])
    def product(*xs):
        return np.prod(xs, axis=0)

    a, b = Value([1.0, 2.0]), Value([3.0, 4.0])
    product(a, np.array([5.0, 6.0]), b).sum().backward()
    np.testing.assert_array_equal(a.grad, [15, 24])
    np.testing.assert_array_equal(b.grad, [5, 12])


def test_a_sequence_has_one_rule_that_gives_a_list():
    @linear(garrays=lambda g, arrays_shape: [g] * len(arrays_shape), sequence=True)
    def total(arrays):
        return sum(arrays[1:], arrays[0] * 1.0)

    a = Value([1.0, 2.0])
    total([a, np.ones(2), a]).sum().backward()
    np.testing.assert_array_equal(a.grad, [2, 2])


def test_options_before_the_inputs_and_inputs_in_any_order():
    @primitive(gx=lambda g, k: g * k)
    def scaled(k, x):
        return k * x

    x = Value([1.0, 2.0])
    scaled(3.0, x).sum().backward()
    scaled(x=x, k=4.0).sum().backward()
    np.testing.assert_array_equal(x.grad, [7, 7])


def test_an_input_may_be_left_out():
    @primitive(gx=lambda g: g, gbias=lambda g: g)
    def shifted(x, bias=None):
        return x * 1.0 if bias is None else x + bias

    x, b = Value([1.0]), Value([2.0])
    (shifted(x) + shifted(x, b)).backward()
    assert (x.grad.tolist(), b.grad.tolist()) == ([2], [1])


def test_an_op_is_recorded_with_its_options():
    y = np.sum(Value([[1.0, 2.0]]), axis=1, keepdims=True)
    assert y.op is REGISTRY["sum"]
    assert {"axis": 1, "keepdims": True}.items() <= y.kwargs.items()
    assert [v.op for v in Graph(y)] == [None, y.op]


def test_an_op_that_returns_its_argument_leaves_the_callers_array_alone():
    @primitive(gx=lambda g: g)
    def same(x):
        return x

    a = np.ones(2)
    y = same(Value(a))
    assert y.data is not a
    y.backward([1.0, 1.0])
    del y
    a[0] = 5


def test_ops_have_the_docstring_the_signature_text_and_the_pickle_of_their_name():
    op = REGISTRY["multiply"]
    assert op.__doc__.startswith("Product")
    assert repr(op) == "<elementwise op multiply(x1, x2)>"
    assert list(inspect.signature(op).parameters) == ["x1", "x2"]
    assert pickle.loads(pickle.dumps(op)) is op
    assert isinstance(op, Op)


def test_what_a_rule_does_not_name_is_not_kept():
    op = REGISTRY["tanh"]
    assert op.kept((True,)) == ((False,), True)
    assert REGISTRY["multiply"].kept((True, False)) == ((False, True), False)


# -- mistakes, explained when they are made ----------------------------------------------------------------------------


def test_a_rule_that_asks_for_an_unknown_name_is_told_what_there_is():
    with pytest.raises(OptionError, match=r"wrong: a rule asks for 'z'; it can have \['g', 'y', 'x', 'x_shape', 'k'\]"):

        @primitive(gx=lambda g, z: g)
        def wrong(x, k=1):
            return x

    assert "wrong" not in REGISTRY


def test_a_rule_for_no_parameter_is_refused():
    with pytest.raises(OptionError, match=r"a rule for \['z'\], but the parameters are \['x'\]"):

        @elementwise(dz=1)
        def wrong(x):
            return x


@pytest.mark.parametrize(("declare", "rule"), [(elementwise, "gx"), (linear, "dx"), (primitive, "dx")])
def test_rules_are_called_by_the_letter_of_their_kind(declare, rule):
    with pytest.raises(OptionError, match=r"the rule for an input x is called [dg]x"):
        declare(**{rule: lambda x: x})


def test_an_op_without_rules_is_refused():
    with pytest.raises(OptionError, match="no input has a rule"):

        @elementwise()
        def wrong(x):
            return x


def test_a_partial_derivative_that_asks_for_g_is_refused():
    with pytest.raises(OptionError, match="multiplies it by g"):

        @elementwise(dx=lambda g, x: g * x)
        def wrong(x):
            return x


def test_a_name_is_given_once():
    with pytest.raises(OptionError, match="'multiply' exists already"):

        @elementwise(dx=1)
        def multiply(x):
            return x


@pytest.mark.parametrize(
    ("gradient", "error", "message"),
    [
        (lambda g: np.ones(7), ShapeError, r"the rule of wrong gave a gradient of shape \(7,\) for an argument of shape"),
        (lambda g: np.ones((3, 3)), ShapeError, r"shape \(3, 3\)"),
        (lambda g: g * 1j, DTypeError, "complex128"),
        (lambda g: np.full((2, 3), "a"), DTypeError, "the rule of wrong"),
    ],
)
def test_a_rule_that_gives_no_gradient_is_named(gradient, error, message):
    @primitive(gx=gradient)
    def wrong(x):
        return x * 1.0

    y = wrong(Value(np.ones((2, 3))))
    with pytest.raises(error, match=message):
        y.sum().backward()


def test_a_rule_that_gives_too_few_gradients_is_named():
    @primitive(gxs=lambda g: [g])
    def wrong(*xs):
        return xs[0] + xs[1]

    y = wrong(Value(1.0), Value(2.0))
    with pytest.raises(ShapeError, match="the rule of wrong gave 1 gradients for 2 arguments"):
        y.backward()


@pytest.mark.parametrize("result", [None, "abc", [1.0, 2.0], 1j, np.array([1j]), {}])
def test_a_function_that_returns_no_array_is_named(result):
    @primitive(gx=lambda g: g)
    def wrong(x):
        return result

    with pytest.raises(DTypeError, match="wrong: the result is"):
        wrong(Value(1.0))


def test_an_error_inside_a_function_gets_the_name_of_the_op_once():
    @primitive(gx=lambda g: g)
    def picky(x, mode="a"):
        raise ValueError("no such mode")

    with pytest.raises(ShapeError, match=r"picky: no such mode \(arguments: float64\[2\]; options: \{'mode': 'b'\}\)"):
        picky(Value([1.0, 2.0]), mode="b")


def test_calls_that_do_not_fit_the_signature_are_type_errors():
    @primitive(gx=lambda g: g, gw=lambda g: g)
    def f(x, w, *, axis, keep=False):
        return x + w

    v = Value(1.0)
    for call, why in [
        (lambda: f(v, axis=0), "missing: 'w'"),
        (lambda: f(v, v), "missing: 'axis'"),
        (lambda: f(v, v, axis=0, keepdims=True), "not known here: 'keepdims'"),
        (lambda: f(v, v, x=v, axis=0), "given twice: 'x'"),
        (lambda: f(v, v, 0, True, 5), "not known here: 5"),
        (lambda: f(v, object(), axis=0), "each has to be a Value, an array or a number"),
    ]:
        with pytest.raises(TypeError, match=why):
            call()


@pytest.mark.parametrize("function", [np.exp, len, type("Callable", (), {"__call__": lambda self, x: x})()])
def test_only_python_functions_can_be_declared(function):
    with pytest.raises(OptionError, match="def or lambda"):
        elementwise(dx=1, name="wrong")(function)
    with pytest.raises(OptionError, match="def or lambda"):

        @elementwise(dx=function)
        def wrong(x):
            return x


def test_a_notebook_cell_that_is_run_again_replaces_its_own_op():
    cell = """
import numpy as np
import tinygrad_edu as tg

@tg.elementwise(dx={slope}, numpy=np.spacing)
def of_a_cell(x):
    return 2 * x
"""
    space = {"__name__": "__main__"}
    try:
        for slope in (3, 2):
            exec(cell.format(slope=slope), space)
            v = Value(1.0)
            np.spacing(v).backward()
            assert v.grad == slope
        assert REGISTRY["of_a_cell"] is space["of_a_cell"]
        with pytest.raises(OptionError, match="'tanh' exists already"):
            exec(cell.replace("of_a_cell", "tanh").format(slope=1), space)
    finally:
        REGISTRY.pop("of_a_cell", None)
        NUMPY.pop(np.spacing, None)
