"""What a Value can be made of, and how it stands in for a number and an array."""

import copy
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest

from tinygrad_edu import Graph, Value, lean
from tinygrad_edu.errors import DTypeError, GraphError, ShapeError, TinygradError

# -- construction ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "dtype", "shape"),
    [
        (3.0, np.float64, ()),
        (3, np.float64, ()),
        (True, np.float64, ()),
        (np.float16(3), np.float16, ()),
        (np.float32(3), np.float32, ()),
        (np.float64(3), np.float64, ()),
        (np.array(3.0, np.float32), np.float32, ()),
        ([1, 2, 3], np.float64, (3,)),
        ([True, False], np.float64, (2,)),
        ((1.0, 2.0), np.float64, (2,)),
        ([[1, 2], [3, 4.5]], np.float64, (2, 2)),
        ([np.float32(1), np.float32(2)], np.float32, (2,)),
        ([], np.float64, (0,)),
        (np.ones((2, 0), np.float16), np.float16, (2, 0)),
        (np.ones((2, 3), np.float32), np.float32, (2, 3)),
        (np.ones(2, ">f8"), np.dtype(">f8"), (2,)),
        (Fraction(1, 3), object, ()),
        ([Fraction(1, 3), Fraction(1, 2)], object, (2,)),
        (np.array([Fraction(1, 3)]), object, (1,)),
    ],
)
def test_numbers_lists_and_float_arrays_are_taken(data, dtype, shape):
    v = Value(data)
    assert (v.dtype, v.shape) == (dtype, shape)
    assert type(v.data) in (np.ndarray, np.dtype(dtype).type)
    np.testing.assert_array_equal(v.data, np.asarray(data))


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (np.array([1, 2]), DTypeError, r"int64 has no gradient: write Value\(a.astype\(float\)\)"),
        (np.int32(1), DTypeError, "int32 has no gradient"),
        (np.array([True]), DTypeError, "bool has no gradient"),
        (np.uint8(1), DTypeError, "uint8 has no gradient"),
        (1j, DTypeError, "differentiate the real and the imaginary part"),
        ([1j, 2], DTypeError, "complex128"),
        (np.array([1j]), DTypeError, "complex128"),
        ("a", DTypeError, r"convert it, float\(text\)"),
        (["1", "2"], DTypeError, r"convert it, float\(text\)"),
        (b"1", DTypeError, r"convert it, float\(text\)"),
        (None, DTypeError, "object has no gradient"),
        ({1: 2}, DTypeError, "object has no gradient"),
        (np.array([1.0, None]), DTypeError, "object has no gradient"),
        (np.array(["2020-01-01"], "M8[D]"), DTypeError, "datetime64"),
        ([[1, 2], [3]], ShapeError, "of one shape"),
        (np.ma.array([1.0, 2.0], mask=[True, False]), DTypeError, "masked"),
    ],
)
def test_everything_else_is_refused_with_a_cure(data, error, message):
    with pytest.raises(error, match=message):
        Value(data)


def test_longer_floats_than_64_bits_are_refused():
    if np.dtype(np.longdouble).itemsize > 8:
        with pytest.raises(DTypeError, match="astype"):
            Value(np.longdouble(1))


def test_errors_stand_in_one_tree_and_are_what_numpy_users_catch():
    with pytest.raises(TinygradError):
        Value("a")
    with pytest.raises(TypeError):
        Value("a")


def test_a_value_is_unwrapped_into_a_new_leaf():
    x = Value([1.0, 2.0], label="x")
    y = Value(x * 2)
    assert y.op is None
    y.sum().backward()
    assert x.grad is None
    np.testing.assert_array_equal(y.grad, [1, 1])


def test_an_array_is_not_copied_and_a_list_is():
    a = np.array([1.0, 2.0])
    assert np.shares_memory(Value(a).data, a)


def test_a_scalar_is_an_array_of_shape_nothing():
    v = Value(3.0)
    assert (v.shape, v.ndim, v.size) == ((), 0, 1)
    assert type(v.data) is np.float64


def test_fractions_are_carried_exactly():
    x = Value([Fraction(1, 3), Fraction(2, 7)])
    y = (x * x + x / Fraction(2)).sum()
    y.backward()
    assert list(x.grad) == [Fraction(2, 3) + Fraction(1, 2), Fraction(4, 7) + Fraction(1, 2)]
    z = Value(Fraction(1, 3))
    (z * z * z).backward()
    assert z.grad == Fraction(1, 3)


# -- data and grad -----------------------------------------------------------------------------------------------------


def test_the_data_of_a_leaf_can_be_replaced_and_of_a_result_not():
    x = Value([1.0, 2.0])
    x.data = [3.0, 4.0]
    np.testing.assert_array_equal(x.data, [3, 4])
    with pytest.raises(GraphError, match="computed by multiply"):
        (x * 2).data = [1.0, 2.0]


def test_data_of_another_shape_is_a_new_value():
    x = Value([1.0, 2.0])
    with pytest.raises(ShapeError, match="make a new Value"):
        x.data = 3.0


@pytest.mark.parametrize("create_graph", [False, True])
def test_replacing_the_data_of_a_leaf_does_not_reach_into_a_recorded_graph(create_graph):
    x = Value([1.0, 2.0])
    y = (x * x).sum()
    x.data = [30.0, 40.0]
    y.backward(create_graph=create_graph)
    grad = x.grad.data if create_graph else x.grad
    np.testing.assert_array_equal(grad, [2, 4])


def test_a_gradient_has_the_shape_and_dtype_of_its_value():
    x = Value(np.ones(2, np.float32))
    x.grad = [1, 2]
    assert x.grad.dtype == np.float32
    with pytest.raises(ShapeError, match=r"\(2,\)"):
        x.grad = [1, 2, 3]
    x.zero_grad()
    assert x.grad is None


def test_detach_cuts_the_graph():
    x = Value(3.0)
    y = x * (x * 2).detach()
    y.backward()
    assert x.grad == 6


# -- standing in for a number ------------------------------------------------------------------------------------------


def test_float_item_and_format():
    v = Value(2.5)
    assert (float(v), v.item(), f"{v:.2f}", math.floor(float(v))) == (2.5, 2.5, "2.50", 2)
    assert float(Value([[2.5]])) == 2.5


def test_several_entries_are_not_one_number():
    v = Value([1.0, 2.0])
    with pytest.raises(TypeError, match=r"shape \(2,\)"):
        float(v)
    with pytest.raises(ValueError, match=r"size 1"):
        v.item()
    with pytest.raises(ValueError, match=r"size 1"):
        f"{v:.2f}"


def test_truth_is_that_of_the_one_entry():
    assert not Value(0.0)
    assert Value([2.0])
    for data in ([], [0.0, 0.0]):
        with pytest.raises(ValueError, match="neither true nor false"):
            bool(Value(data))


def test_length_and_iteration():
    assert len(Value([[1.0], [2.0], [3.0]])) == 3
    rows = list(Value([[1.0], [2.0]]))
    assert [type(r) for r in rows] == [Value, Value]
    first, second = Value([1.0, 2.0])
    assert (float(first), float(second)) == (1, 2)
    for use in (len, iter, list):
        with pytest.raises(TypeError, match="no length"):
            use(Value(1.0))


def test_iterating_keeps_the_graph():
    x = Value([2.0, 3.0])
    a, b = x
    (a * b).backward()
    np.testing.assert_array_equal(x.grad, [3, 2])


def test_comparisons_are_numpys_and_plain():
    v = Value([1.0, 2.0])
    for got in (v > 1, v == [1.0, 3.0], v >= Value([2.0, 2.0]), np.array([1.5, 1.5]) < v, np.float64(1.5) < v):
        assert type(got) is np.ndarray
        assert got.dtype == bool
    assert (np.array([1.0, 3.0]) == v).tolist() == [True, False]
    assert (v != v).tolist() == [False, False]
    assert bool(Value(2.0) == 2)
    assert Value(2.0) != None  # noqa: E711
    assert max(Value(2.0), Value(3.0)).data == 3
    assert sorted([Value(3.0), Value(1.0)])[0].data == 1


def test_a_value_hashes_by_identity():
    v, w = Value(2.0), Value(2.0)
    assert len({v, w, v}) == 2
    assert {v: 1}[v] == 1
    assert w not in {v}


def test_equal_data_is_found_in_a_list():
    assert Value(2.0) in [Value(2.0)]


# -- what people see ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("v", "text"),
    [
        (Value(3.0), "Value(3.0)"),
        (Value(3.0, label="x"), "Value(3.0, label='x')"),
        (Value(np.float32(3)), "Value(3.0, dtype=float32)"),
        (Value([1.0, 2.5]), "Value([1. , 2.5])"),
        (Value([[1.0], [2.0]]), "Value([[1.],\n       [2.]])"),
        (Value(3.0) * 2, "Value(6.0, op=multiply)"),
        (Value(np.ones(2, np.float16)) + 1, "Value([2., 2.], dtype=float16, op=add)"),
        (Value(Fraction(1, 3)), "Value(Fraction(1, 3), dtype=object)"),
    ],
)
def test_repr_shows_data_dtype_label_and_op(v, text):
    assert repr(v) == str(v) == f"{v}" == text


def test_a_large_value_prints_shortly():
    assert len(repr(Value(np.zeros((1000, 1000))))) < 500


# -- copies ------------------------------------------------------------------------------------------------------------

TWINS = {"deepcopy": copy.deepcopy, "pickle": lambda v: pickle.loads(pickle.dumps(v))}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_copied_leaf_is_independent(twin):
    x = Value(np.array([1.0, 2.0], np.float32), label="x")
    x.grad = [3.0, 4.0]
    y = twin(x)
    assert (y.label, y.dtype, y.op) == ("x", np.float32, None)
    np.testing.assert_array_equal(y.grad, [3, 4])
    y.data[0] = 9
    y.grad[0] = 9
    assert (x.data[0], x.grad[0]) == (1, 3)


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
@pytest.mark.parametrize("mode", ["full", "lean"])
def test_a_copied_result_has_a_graph_of_its_own(twin, mode):
    def make():
        x = Value([1.0, 2.0], label="x")
        return x, (np.exp(x) * x[::-1]).sum() + np.split(x, 2)[0].sum()

    with lean() if mode == "lean" else _nothing():
        x, y = make()
    z = twin(y)
    assert float(z) == float(y)
    (leaf,) = Graph(z).leaves
    z.backward()
    assert x.grad is None
    y.backward()
    np.testing.assert_array_equal(leaf.grad, x.grad)


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_copied_graph_is_locked_as_the_first(twin):
    x = Value([1.0, 2.0])
    z = twin(x * x)
    (leaf,) = Graph(z).leaves
    with pytest.raises(ValueError, match="read-only"):
        leaf.data[0] = 9
    with pytest.raises(ValueError, match="read-only"):
        z.data[0] = 9


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_spent_graph_is_still_spent_in_the_copy(twin):
    y = Value(2.0) * 3
    y.backward()
    with pytest.raises(GraphError, match="used up"):
        twin(y).backward()


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_ops_are_copied_by_name(twin):
    op = Value(2.0) * 3
    assert twin(op.op) is op.op


def test_a_shallow_copy_is_the_value_itself():
    v = Value(2.0)
    assert copy.copy(v) is v


def _nothing():
    from contextlib import nullcontext

    return nullcontext()


def test_a_value_can_be_labelled_after_it_is_made():
    v = Value(2.0) * 3
    v.label = "six"
    assert repr(v) == "Value(6.0, label='six', op=multiply)"
    with pytest.raises(AttributeError):
        v.lable = "typing errors are errors"
