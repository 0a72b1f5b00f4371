"""Products, einsum, sequences: special shapes, refusals, and what stays out of the way of speed."""

import numpy as np
import pytest

from tinygrad_edu import REGISTRY, Value, gradients, lean
from tinygrad_edu.errors import OptionError, ShapeError


def arange(*shape):
    return np.arange(1.0, np.prod(shape, dtype=int) + 1).reshape(shape)


def grads(y, *values):
    return gradients(y.sum(), list(values))


# -- matmul ------------------------------------------------------------------------------------------------------------


def test_gradients_of_a_product_of_two_matrices():
    a, b = Value(arange(2, 3)), Value(arange(3, 2))
    g = np.array([[1.0, 2.0], [3.0, 4.0]])
    ga, gb = gradients((a @ b * g).sum(), [a, b])
    np.testing.assert_array_equal(ga, [[5, 11, 17], [11, 25, 39]])  # g @ b.T, by hand
    np.testing.assert_array_equal(gb, [[13, 18], [17, 24], [21, 30]])  # a.T @ g


@pytest.mark.parametrize(
    ("first", "second"),
    [((2,), (2,)), ((2, 2), (2,)), ((2,), (2, 2)), ((2,), (3, 2, 1)), ((3, 1, 2), (2,)), ((3, 1, 2), (1, 2, 1)),
     ((2, 0), (0, 3)), ((0, 2), (2, 3)), ((4, 0, 3), (3, 2)), ((0,), (0,)), ((5, 1, 2, 3), (4, 3, 2))],
)  # fmt: skip
def test_gradients_of_matmul_have_the_shapes_of_the_operands(first, second):
    a, b = Value(np.ones(first)), Value(np.ones(second))
    ga, gb = grads(a @ b, a, b)
    assert (ga.shape, gb.shape) == (first, second)
    columns = second[-1] if len(second) > 1 else 1
    np.testing.assert_array_equal(
        ga, columns * np.prod(np.broadcast_shapes(first[:-2], second[:-2])) / max(np.prod(first[:-2]), 1)
    )


@pytest.mark.parametrize(("a", "b"), [([1.0, 2.0], 3.0), (3.0, [1.0, 2.0])])
def test_matmul_of_a_number_is_refused(a, b):
    with pytest.raises(ShapeError, match=r"float64\[2\]"):
        np.matmul(Value(a), Value(b))


def test_matrices_that_do_not_fit_are_refused_with_both_shapes():
    with pytest.raises(ShapeError, match=r"float64\[1, 2\], float64\[1, 2\]"):
        Value([[1.0, 2.0]]) @ np.ones((1, 2))


def test_a_constant_matrix_on_the_left_gives_a_value():
    x = Value(arange(3))
    assert type(np.eye(3) @ x) is Value
    np.testing.assert_array_equal(grads(2 * np.eye(3) @ x, x)[0], [2, 2, 2])


def test_a_lean_matmul_keeps_only_the_other_operand():
    x, w = np.ones((100, 50)), Value(np.ones((50, 100)))
    with lean():
        y = (x @ w).vertex
    kept, other = y._saved
    assert kept is x
    assert other is None


# -- products of NumPy -------------------------------------------------------------------------------------------------


def test_tensordot_does_not_broadcast_axes_of_size_one():
    with pytest.raises(ShapeError, match="cannot meet"):
        np.tensordot(Value(np.ones((2, 1))), np.ones((3, 2)), 1)


def test_cross_product_of_the_first_two_axes_is_the_third():
    x = Value([1.0, 0.0, 0.0])
    y = np.cross(x, np.array([0.0, 1.0, 0.0]))
    np.testing.assert_array_equal(y.data, [0, 0, 1])
    np.testing.assert_array_equal(gradients(y[2], [x])[0], [1, 0, 0])


def test_cross_product_in_the_plane_is_refused_with_what_to_write():
    with pytest.raises(ShapeError, match=r"a\[0\] \* b\[1\]"):
        np.cross(Value([1.0, 2.0]), np.array([3.0, 4.0]))


def test_the_linear_layer_is_one_node():
    x, w, b = Value(np.ones((2, 3))), Value(arange(4, 3)), Value(np.zeros(4))
    y = REGISTRY["linear"](x, w, b)
    assert y.parents == (x, w, b)
    np.testing.assert_array_equal(y.data, [[6, 15, 24, 33]] * 2)
    np.testing.assert_array_equal(grads(y, b)[0], [2, 2, 2, 2])


@pytest.mark.parametrize(("weight", "bias"), [((3,), None), ((4, 3), (3,)), ((4, 3), (2, 4))])
def test_the_linear_layer_refuses_other_shapes(weight, bias):
    with pytest.raises(ShapeError, match="outputs, inputs"):
        REGISTRY["linear"](Value(np.ones((2, 3))), np.ones(weight), None if bias is None else np.ones(bias))


# -- einsum ------------------------------------------------------------------------------------------------------------


def test_einsum_with_lists_is_einsum_with_letters():
    a, b = Value(arange(2, 3)), arange(3, 4)
    for call in [(a, [0, 1], b, [1, 2], [0, 2]), (a, [0, 1], b, [1, 2]), (a, [..., 1], b, [1, 2], [..., 2])]:
        y = np.einsum(*call)
        np.testing.assert_array_equal(y.data, a.data @ b)
        np.testing.assert_array_equal(grads(y, a)[0], np.ones((2, 4)) @ b.T)


def test_einsum_lists_sort_an_implicit_result_by_number():
    x = Value(arange(2, 3))
    np.testing.assert_array_equal(np.einsum(x, [30, 2]).data, x.data.T)


def test_a_broadcast_axis_keeps_the_shape_of_the_other_gradient():  # HIPS/autograd issue 376
    x, y = Value([[1.0], [2.0]]), Value(arange(2, 3))
    gx, gy = grads(np.einsum("ij,ij->", x, y), x, y)
    np.testing.assert_array_equal(gx, [[6], [15]])
    np.testing.assert_array_equal(gy, [[1, 1, 1], [2, 2, 2]])


@pytest.mark.parametrize("subscripts", ["ii->i", "ii->", "ii"])
def test_a_repeated_letter_sends_its_gradient_to_the_diagonal(subscripts):
    x = Value(arange(3, 3))
    np.testing.assert_array_equal(grads(np.einsum(subscripts, x), x)[0], np.eye(3))


def test_infinite_slopes_stay_on_the_diagonal():
    x = Value(np.zeros((2, 2)))
    (g,) = grads(np.sqrt(np.einsum("ii->i", x)), x)
    np.testing.assert_array_equal(g, [[np.inf, 0], [0, np.inf]])


def test_an_operand_used_twice_gets_both_gradients():
    x = Value([1.0, 2.0])
    np.testing.assert_array_equal(grads(np.einsum("i,i->", x, x), x)[0], [2, 4])


@pytest.mark.parametrize("optimize", [False, True, "greedy", "optimal", ["einsum_path", (1, 2), (0, 1)]])
def test_einsum_gives_the_same_in_every_order(optimize):
    arrays = [arange(2, 3), arange(3, 4), arange(4, 2)]
    y = np.einsum("ij,jk,kl->il", *map(Value, arrays), optimize=optimize)
    np.testing.assert_allclose(y.data, np.linalg.multi_dot(arrays), rtol=1e-14)


def test_einsum_of_a_thousand_ones_and_one_matrix_product_is_one_node():
    x, y = Value(np.ones((2, 3))), Value(np.ones((3, 2)))
    assert np.einsum("ij,jk->ik", x, y).parents == (x, y)


@pytest.mark.parametrize("subscripts", ["i.j", "ij->ii", "ij->k", "ijk", "i->j->i", "i1", "ij,jk"])
def test_subscripts_that_numpy_refuses_are_refused(subscripts):
    with pytest.raises((OptionError, ShapeError), match="einsum"):
        np.einsum(subscripts, Value(np.ones((2, 2))))


def test_a_letter_of_two_sizes_is_refused():
    with pytest.raises(ShapeError, match=r"float64\[2, 3\], float64\[2, 3\]"):
        np.einsum("ij,jk->ik", Value(np.ones((2, 3))), Value(np.ones((2, 3))))


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_einsum_keeps_the_dtype(dtype):
    x = Value(np.ones((2, 2), dtype))
    for subscripts in ("ij->ji", "ii->i", "ij->"):
        y = np.einsum(subscripts, x)
        assert y.dtype == dtype
        assert grads(y, x)[0].dtype == dtype


# -- sequences ---------------------------------------------------------------------------------------------------------


def test_convolution_multiplies_polynomials():
    a, v = Value([1.0, 2.0]), Value([3.0, 4.0, 5.0])
    y = np.convolve(a, v)
    np.testing.assert_array_equal(y.data, [3, 10, 13, 10])  # (1 + 2t)(3 + 4t + 5t^2)
    ga, gv = grads(y, a, v)
    np.testing.assert_array_equal(ga, [12, 12])
    np.testing.assert_array_equal(gv, [3, 3, 3])


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("sizes", [(5, 3), (3, 5), (2, 5), (5, 2), (4, 4), (1, 3), (1, 1)])
def test_correlation_is_numpys_for_either_being_longer(sizes, mode):
    a, v = np.sin(arange(sizes[0])), np.cos(arange(sizes[1]))
    np.testing.assert_allclose(np.correlate(Value(a), Value(v), mode).data, np.correlate(a, v, mode), atol=1e-15)


def test_polynomials_by_horner():
    p, x = Value([2.0, 3.0, 5.0]), Value(2.0)
    y = np.polyval(p, x)
    gp, gx = gradients(y, [p, x])
    assert (y.item(), gx) == (19, 11)  # 2x^2 + 3x + 5 and 4x + 3
    np.testing.assert_array_equal(gp, [4, 2, 1])
