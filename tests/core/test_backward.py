"""Backpropagation: seeds, leaves and inner nodes, graphs kept and used up, second derivatives, several results."""

import numpy as np
import pytest

from tinygrad_edu import REGISTRY, Value, gradients, lean, no_grad
from tinygrad_edu.core import calls
from tinygrad_edu.core.cotangents import unbroadcast
from tinygrad_edu.core.op import NUMPY
from tinygrad_edu.errors import DTypeError, GraphError, ShapeError

# -- seeds -------------------------------------------------------------------------------------------------------------


def test_one_entry_of_any_shape_needs_no_seed():
    for data in (2.0, [2.0], [[2.0]]):
        x = Value(data)
        (x * x).backward()
        np.testing.assert_array_equal(x.grad, np.full(x.shape, 4))


def test_several_entries_need_a_seed_and_the_error_names_both_cures():
    with pytest.raises(GraphError, match=r"shape \(2,\).*v\.sum\(\)\.backward\(\).*v\.backward\(gradient\)"):
        (Value([1.0, 2.0]) * 2).backward()
    with pytest.raises(GraphError, match=r"shape \(0,\)"):
        (Value([]) * 2).backward()


@pytest.mark.parametrize("seed", [[3.0, 4.0], (3, 4), np.array([3, 4]), np.float32([3, 4]), Value([3.0, 4.0])])
def test_a_seed_says_how_much_each_entry_counts(seed):
    x = Value([1.0, 2.0])
    (x * x).backward(seed)
    np.testing.assert_array_equal(x.grad, [6, 16])
    assert type(x.grad) is np.ndarray
    assert x.grad.dtype == np.float64


def test_a_seed_has_the_shape_of_the_value():
    y = Value([1.0, 2.0]) * 2
    for seed in (1.0, [1.0], [1.0, 2.0, 3.0], [[1.0, 2.0]]):
        with pytest.raises(ShapeError, match=r"\(2,\)"):
            y.backward(seed)
    for seed in ([1j, 2], ["a", "b"]):
        with pytest.raises(DTypeError):
            y.backward(seed)
    y.backward([1, 1])


def test_the_seed_is_not_taken_over():
    x = Value([1.0, 2.0])
    seed = np.ones(2)
    (x * 1.0).backward(seed)
    x.grad += 1
    np.testing.assert_array_equal(seed, 1)
    y = Value([1.0, 2.0])
    y.backward(seed)
    y.grad += 1
    np.testing.assert_array_equal(seed, 1)


def test_backward_of_a_leaf_is_its_seed():
    x = Value(3.0)
    x.backward()
    assert x.grad == 1


# -- leaves and inner nodes --------------------------------------------------------------------------------------------


def test_leaves_accumulate_and_inner_nodes_start_afresh():
    x = Value(3.0)
    for k in (1, 2):
        inner = x * x
        (2 * inner).backward()
        assert (float(x.grad), float(inner.grad)) == (12 * k, 2)
    inner = x * x
    y = 2 * inner
    y.backward(retain_graph=True)
    y.backward()
    assert (float(inner.grad), float(y.grad)) == (2, 1)


def test_an_inner_gradient_of_an_earlier_pass_does_not_stay():
    x = Value(3.0)
    inner = x * 1.0
    y = np.stack([inner * 2, x * 5.0])
    y.backward([1.0, 1.0], retain_graph=True)
    assert inner.grad == 2
    z = np.where(np.array([True, False]), 0.0, y).sum()  # only the second entry reaches back
    z.backward()
    assert x.grad == 2 + 5 + 5


def test_none_is_kept_apart_from_zero():
    x, w, unused = Value([1.0, 2.0]), Value([1.0, 1.0]), Value(1.0)
    y = np.where(np.array([True, True]), x * 0.0, w)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 0])
    assert unused.grad is None
    assert gradients((x * 2).sum(), [x, unused])[1] is None


def test_accumulation_does_not_write_into_an_earlier_gradient():
    x = Value([1.0, 2.0])
    (x * 2).sum().backward()
    first = x.grad
    (x * 3).sum().backward()
    np.testing.assert_array_equal(first, [2, 2])
    np.testing.assert_array_equal(x.grad, [5, 5])


@pytest.mark.parametrize("lean_pass", [False, True])
def test_leaves_own_their_gradients(lean_pass):
    x, w = Value([1.0, 2.0]), Value([3.0, 4.0])
    y = x + w
    z = (y + y).sum()
    z.backward(lean=lean_pass)
    x.grad *= 100
    np.testing.assert_array_equal(w.grad, [2, 2])
    if not lean_pass:
        np.testing.assert_array_equal(y.grad, [2, 2])


# -- used up, kept -----------------------------------------------------------------------------------------------------


def test_a_used_graph_can_still_be_looked_at():
    x = Value([1.0, 2.0])
    inner = x * x
    y = inner.sum()
    y.backward()
    np.testing.assert_array_equal(inner.data, [1, 4])
    np.testing.assert_array_equal(inner.grad, [1, 1])
    assert [p.op.name if p.op else "leaf" for p in (*y.parents, *inner.parents)] == ["multiply", "leaf", "leaf"]


def test_the_error_names_the_node_by_op_and_label():
    x = Value(2.0)
    y = x * x
    y.label = "area"
    y.backward()
    with pytest.raises(GraphError, match=r"at multiply 'area'"):
        (y + 1).backward()


def test_create_graph_keeps_the_graph():
    x = Value(2.0)
    y = x * x * x
    y.backward(create_graph=True)
    y.backward(create_graph=False)
    assert float(x.grad) == 24


def test_retain_graph_false_wins_over_create_graph():
    x = Value(2.0)
    y = x * x
    y.backward(create_graph=True, retain_graph=False)
    with pytest.raises(GraphError):
        y.backward()


def test_gradients_touches_no_grad():
    x = Value(3.0)
    y = x * x
    z = 2 * y
    assert [float(g) for g in gradients(z, [x, y, z], retain_graph=True)] == [12, 2, 1]
    assert (x.grad, y.grad, z.grad) == (None, None, None)
    z.backward()
    assert x.grad == 12


def test_gradients_of_the_same_value_twice():
    x = Value(3.0)
    assert [float(g) for g in gradients(x * x, [x, x])] == [6, 6]


# -- second and further derivatives ------------------------------------------------------------------------------------


def test_derivatives_of_every_order_of_a_polynomial():
    x = Value(2.0)
    y = x**5
    for wanted in (80, 160, 240, 240, 120):
        (y,) = gradients(y, [x], create_graph=True)
        assert float(y) == pytest.approx(wanted)
    (y,) = gradients(y, [x], create_graph=True)
    assert y is None or float(y) == 0


def test_the_fifth_derivative_of_tanh():
    x = Value(0.5)
    y = np.tanh(x)
    for _ in range(5):
        (y,) = gradients(y, [x], create_graph=True)
    t = np.tanh(0.5)
    s = 1 - t * t
    assert float(y) == pytest.approx(8 * s * (2 * s * s - 11 * s * t * t + 2 * t**4), rel=1e-12)
    assert float(y) == pytest.approx(-3.26669, rel=1e-5)


def test_nested_differentiation_is_not_confused():
    """d/dx( x * d/dy (x + y) ) at 1 is 1, not 2."""
    x = Value(1.0)
    y = Value(1.0)
    (inner,) = gradients(x + y, [y], create_graph=True)
    assert float(gradients(x * inner, [x])[0]) == 1


def test_backward_through_a_gradient_penalty():
    x, w = Value([1.0, 2.0]), Value([0.5, -0.5])
    y = np.tanh(x * w).sum()
    (g,) = gradients(y, [x], create_graph=True)
    (g * g).sum().backward()
    t = np.tanh(x.data * w.data)
    s = 1 - t * t
    np.testing.assert_allclose(w.grad, 2 * s * w.data * (s - 2 * t * s * x.data * w.data))


def test_mixed_second_derivatives_are_symmetric():
    x, y = Value([0.3, 0.7]), Value([0.2, -0.4])
    z = (np.sin(x * y) * np.exp(x)).sum()
    gx, gy = gradients(z, [x, y], create_graph=True)
    xy = gradients((gx * np.array([1.0, 2.0])).sum(), [y], retain_graph=True)[0]
    yx = gradients((gy * np.array([1.0, 2.0])).sum(), [x])[0]
    np.testing.assert_allclose(xy, yx)


def test_create_graph_inside_no_grad_still_makes_a_graph():
    x = Value(3.0)
    y = x**3
    with no_grad():
        (g,) = gradients(y, [x], create_graph=True)
    assert float(gradients(g, [x])[0]) == 18


def test_a_seed_that_is_a_value_is_differentiated_with_create_graph():
    x, c = Value([1.0, 2.0]), Value([3.0, 4.0])
    (g,) = gradients(x * x, [x], c, create_graph=True)
    np.testing.assert_array_equal(gradients(g.sum(), [c])[0], [2, 4])


# -- lean --------------------------------------------------------------------------------------------------------------


def test_a_lean_pass_fills_the_leaves_only():
    x = Value([1.0, 2.0])
    inner = x * x
    y = inner.sum()
    y.backward(lean=True)
    np.testing.assert_array_equal(x.grad, [2, 4])
    assert inner.grad is None
    assert inner.args == ()


def test_a_lean_recording_keeps_only_what_rules_name(monkeypatch):
    monkeypatch.setattr(calls, "SMALL", 0)  # smaller results are kept whole, as that costs less
    x = Value(np.ones(3))
    with lean():
        y = np.exp(x)  # its rule reads y
        z = y + 1.0  # its rule reads nothing
        s = np.sin(z)  # its rule reads x
    assert y.vertex._saved == (None,)
    assert z.vertex._saved[0] is None
    assert s.vertex._saved[0] is z.data
    np.testing.assert_array_equal(z.data, np.e + 1)
    s.sum().backward()
    np.testing.assert_allclose(x.grad, np.e * np.cos(np.e + 1))


def test_lean_and_full_recordings_can_be_mixed():
    x = Value([1.0, 2.0])
    with lean():
        y = x * x
    z = (y * x).sum()
    with lean():
        z = z * 2
    z.backward()
    np.testing.assert_array_equal(x.grad, [6, 24])


def test_lean_backward_inside_lean_is_used_up_too():
    x = Value([1.0, 2.0])
    with lean():
        y = (x * x).sum()
        y.backward()
        with pytest.raises(GraphError, match="used up"):
            y.backward()
    np.testing.assert_array_equal(x.grad, [2, 4])


# -- what rules may give back ------------------------------------------------------------------------------------------


def test_a_gradient_is_cast_and_summed_to_its_argument():
    x = Value(np.ones((3, 1), np.float32))
    (x * np.ones((2, 1, 4))).sum().backward()
    assert (x.grad.dtype, x.grad.shape) == (np.float32, (3, 1))
    np.testing.assert_array_equal(x.grad, 8)


@pytest.mark.parametrize(
    ("g", "shape"), [((2, 3), (3,)), ((2, 3), (1, 3)), ((2, 3), (2, 1)), ((2, 3), ()), ((2, 0), (2, 1)), ((4, 2, 3), (1, 3))]
)
def test_unbroadcast_is_the_transpose_of_broadcasting(g, shape):
    rng = np.random.default_rng(0)
    c, x = rng.normal(size=g), rng.normal(size=shape)
    summed = unbroadcast(c, shape)
    assert summed.shape == shape
    np.testing.assert_allclose(np.sum(c * np.broadcast_to(x, g)), np.sum(summed * x))


@pytest.mark.parametrize(("g", "shape"), [((3,), (2, 3)), ((2, 3), (2,)), ((2, 3), (3, 3)), ((), (1,))])
def test_unbroadcast_refuses_what_was_not_broadcast(g, shape):
    with pytest.raises(ValueError, match="does not broadcast"):
        unbroadcast(np.zeros(g), shape)


def test_infinite_slopes_are_answers_not_warnings():
    x = Value([0.0, 1.0])
    np.sqrt(x).sum().backward()
    np.testing.assert_array_equal(x.grad, [np.inf, 0.5])


def test_numpys_table_leads_to_registered_ops():
    assert NUMPY[np.add] is REGISTRY["add"]


def test_gradients_of_what_is_no_value_is_explained():
    x = Value([1.0, 2.0])
    for wrong in [lambda: gradients(3.0, [x]), lambda: gradients(x.sum(), x), lambda: gradients(x.sum(), [np.ones(2)])]:
        with pytest.raises(TypeError, match="a Value and a list of Values"):
            wrong()
