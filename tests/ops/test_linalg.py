"""Linear algebra at its special points: singular, zero, repeated, symmetric; refusals; dtypes."""

import itertools

import numpy as np
import pytest

from tests.laws import (
    test_documented_formulas_run,
    test_dtypes,
    test_lean_equals_full,
    test_memory_layout,
    test_no_mutation,
    test_shapes,
)
from tests.laws.calls import Example
from tests.laws.cases import Call
from tinygrad_edu import REGISTRY, Value, gradients
from tinygrad_edu.errors import NotDifferentiable, OptionError, ShapeError
from tinygrad_edu.testing.differences import slope


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def symmetric(m):
    return (m + np.swapaxes(m, -1, -2)) / 2


def grad(f, x):
    v = Value(x)
    return gradients(f(v), [v])[0]


def higher(f, x, *directions):
    """The gradient of the derivative of f in the given directions, one after the other."""
    v = Value(x)
    g = gradients(f(v), [v], create_graph=True)[0]
    for d in directions:
        g = gradients((g * d).sum(), [v], create_graph=True)[0]
    return np.zeros_like(x) if g is None else g.data


# -- determinants ------------------------------------------------------------------------------------------------------


def leibniz(x):
    """The determinant as its sum over all permutations: a polynomial, right at every matrix."""
    n = x.shape[-1]
    terms = [
        (permutation, round(np.linalg.det(np.eye(n)[list(permutation)]))) for permutation in itertools.permutations(range(n))
    ]
    return sum(sign * np.prod(np.stack([x[i, j] for i, j in enumerate(p)])) for p, sign in terms)


MATRICES = {
    "regular": random(3, 3),
    "rank 2": np.diag([1.0, 2.0, 0.0]),
    "rank 2, not diagonal": np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]),
    "rank 1": np.outer([1.0, 2, 3], [1.0, 1, 2]),
    "zero": np.zeros((3, 3)),
    "identity": np.eye(3),
    "almost singular": np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9 + 1e-9]]),
    "huge": 1e80 * random(3, 3),
    "1 x 1": np.zeros((1, 1)),
}


@pytest.mark.parametrize("name", MATRICES)
def test_three_derivatives_of_the_determinant_are_right_at_every_matrix(name):
    x = MATRICES[name]
    d = random(2, *x.shape, seed=1)
    size = max(np.abs(x).max(), 1)
    for k in range(3):
        ours, exact = higher(np.linalg.det, x, *d[:k]), higher(leibniz, x, *d[:k])
        np.testing.assert_allclose(ours, exact, rtol=1e-12, atol=1e-14 * size ** max(x.shape[-1] - 1 - k, 0))


def test_the_gradient_of_a_determinant_is_the_matrix_of_cofactors():
    np.testing.assert_allclose(grad(np.linalg.det, np.array([[1.0, 2.0], [3.0, 4.0]])), [[4, -3], [-2, 1]], atol=1e-14)
    np.testing.assert_allclose(grad(np.linalg.det, np.array([[1.0, 2.0], [2.0, 4.0]])), [[4, -2], [-2, 1]], atol=1e-14)


def test_one_singular_matrix_does_not_disturb_the_stack():
    stack = np.stack([random(3, 3), np.zeros((3, 3)), np.ones((3, 3))])
    g = grad(lambda v: np.linalg.det(v).sum(), stack)
    np.testing.assert_allclose(g, [grad(np.linalg.det, x) for x in stack], atol=1e-14)


def test_the_empty_determinant_is_one():
    v = Value(np.zeros((0, 0)))
    y = np.linalg.det(v)
    assert y.item() == 1
    assert gradients(y, [v])[0].shape == (0, 0)


def test_slogdet_does_not_overflow():
    x = 1e200 * np.eye(3)
    sign, size = np.linalg.slogdet(Value(x))
    assert (sign.item(), round(size.item(), 6)) == (1, round(600 * np.log(10), 6))
    np.testing.assert_allclose(grad(lambda v: np.linalg.slogdet(v).logabsdet, x), 1e-200 * np.eye(3), rtol=1e-14)


def test_the_sign_of_a_determinant_has_no_slope():
    np.testing.assert_array_equal(grad(lambda v: np.linalg.slogdet(v).sign, random(3, 3)), np.zeros((3, 3)))


def test_slogdet_of_a_singular_matrix_is_nan_for_that_matrix_alone():
    stack = np.stack([np.eye(2), np.ones((2, 2))])
    g = grad(lambda v: np.linalg.slogdet(v)[1].sum(), stack)
    np.testing.assert_array_equal(g[0], np.eye(2))
    assert np.isnan(g[1]).all()


def test_logdet_of_a_negative_determinant_is_nan():
    x = np.diag([1.0, -1.0])
    assert np.isnan(REGISTRY["logdet"](x))
    assert REGISTRY["logdet"](np.diag([2.0, 3.0])) == pytest.approx(np.log(6), rel=1e-14)


# -- systems -----------------------------------------------------------------------------------------------------------


def test_a_vector_on_the_right_is_one_system_also_for_a_stack_of_matrices():  # NumPy 2
    a, b = 2 * np.stack([np.eye(3)] * 3), np.array([2.0, 4.0, 6.0])
    y = np.linalg.solve(Value(a), Value(b))
    np.testing.assert_array_equal(y.data, [[1, 2, 3]] * 3)
    np.testing.assert_array_equal(grad(lambda v: np.linalg.solve(a, v).sum(), b), [1.5, 1.5, 1.5])


@pytest.mark.parametrize(
    "f", [np.linalg.inv, lambda v: np.linalg.solve(v, np.ones(2)), lambda v: np.linalg.matrix_power(v, -1)]
)
def test_singular_matrices_are_refused(f):
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        f(Value(np.ones((2, 2))))


@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("unit_diagonal", [False, True])
def test_triangular_solve_neither_reads_nor_blames_the_other_triangle(lower, unit_diagonal):
    a = np.array([[2.0, np.nan], [4.0, 8.0]]) if lower else np.array([[2.0, 4.0], [np.nan, 8.0]])
    a = np.where(np.eye(2) == 1, np.nan, a) if unit_diagonal else a
    v = Value(a)
    y = REGISTRY["solve_triangular"](v, np.ones(2), lower, unit_diagonal)
    t = np.where(np.isnan(a), np.eye(2) * unit_diagonal, a)
    np.testing.assert_allclose(t @ y.data, np.ones(2))
    g = gradients(y.sum(), [v])[0]
    assert np.isfinite(g).all()
    np.testing.assert_array_equal(g[np.isnan(a)], 0)


def test_least_squares_gives_the_line_through_three_points():
    a, b = np.array([[0.0, 1], [1, 1], [2, 1]]), np.array([1.0, 3.0, 5.0])
    y, squares, rank, s = np.linalg.lstsq(Value(a), Value(b))
    np.testing.assert_allclose(y.data, [2, 1], rtol=1e-14)
    assert squares.data == pytest.approx([0], abs=1e-25)
    assert (rank, s.shape) == (2, (2,))
    np.testing.assert_allclose(grad(lambda v: np.linalg.lstsq(a, v)[0][0], b), [-0.5, 0, 0.5], atol=1e-15)


def test_the_order_of_a_chain_of_products_costs_nothing_in_accuracy():
    arrays = [random(2, 5), random(5, 1), random(1, 5), random(5, 3)]
    y = np.linalg.multi_dot([Value(a) for a in arrays])
    np.testing.assert_allclose(y.data, np.linalg.multi_dot(arrays), rtol=1e-12)
    with pytest.raises(ShapeError, match="two arrays"):
        np.linalg.multi_dot([Value(random(2, 2))])


# -- norms -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [2, 1, 0, 3, 1.5, 0.5, -1, np.inf, -np.inf])
def test_the_slope_of_every_norm_at_the_zero_vector_is_zero(order):
    np.testing.assert_array_equal(grad(lambda v: np.linalg.norm(v, order), np.zeros(3)), np.zeros(3))


@pytest.mark.parametrize("order", [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])
def test_the_slope_of_every_norm_at_the_zero_matrix_is_zero(order):
    np.testing.assert_array_equal(grad(lambda v: np.linalg.norm(v, order), np.zeros((2, 3))), np.zeros((2, 3)))


def test_one_zero_vector_does_not_disturb_the_stack():
    g = grad(lambda v: np.linalg.norm(v, axis=1).sum(), np.array([[3.0, 4.0], [0.0, 0.0]]))
    np.testing.assert_allclose(g, [[0.6, 0.8], [0, 0]], rtol=1e-15)


def test_the_norm_squared_has_slope_zero_at_zero():
    x = np.zeros(2)
    np.testing.assert_array_equal(grad(lambda v: np.linalg.norm(v) ** 2, x), x)
    np.testing.assert_array_equal(higher(np.linalg.norm, x, np.ones(2)), x)


def test_the_second_derivative_of_the_norm():
    d = np.array([1.0, 0.0])
    np.testing.assert_allclose(higher(np.linalg.norm, np.array([3.0, 4.0]), d), [16 / 125, -12 / 125], rtol=1e-14)


def test_entries_that_tie_for_the_largest_share_the_slope():
    np.testing.assert_array_equal(grad(lambda v: np.linalg.norm(v, np.inf), np.array([-3.0, 3.0, 1.0])), [-0.5, 0.5, 0])


@pytest.mark.parametrize("order", [3, 2.5, 2, 1.5, 0.5])
def test_a_zero_entry_beside_others_has_slope_zero(order):
    x = np.array([0.0, -2.0])
    np.testing.assert_allclose(grad(lambda v: np.linalg.norm(v, order), x), [0, -1], rtol=1e-14)
    assert np.isfinite(higher(lambda v: np.linalg.norm(v, order), x, np.ones(2))).all()


def test_a_zero_entry_makes_a_norm_of_negative_order_zero_and_flat():
    np.testing.assert_array_equal(grad(lambda v: np.linalg.norm(v, -1), np.array([0.0, 2.0])), [0, 0])


def test_the_slope_of_the_sum_of_sizes_at_zero_is_zero():
    np.testing.assert_array_equal(grad(lambda v: np.linalg.norm(v, 1), np.array([0.0, -2.0])), [0, -1])


@pytest.mark.parametrize(("x", "length"), [
    (np.array([3e200, 4e200]), 5e200), (np.array([3e-200, 4e-200]), 5e-200),
    (np.array([300.0, 400.0], np.float16), 500), (np.array([3e30, 4e30], np.float32), 5e30),
])  # fmt: skip
def test_lengths_that_would_overflow_when_squared(x, length):
    y = np.linalg.norm(Value(x))
    assert y.dtype == x.dtype
    assert y.item() == pytest.approx(length, rel=1e-6)
    np.testing.assert_allclose(grad(np.linalg.norm, x), [0.6, 0.8], rtol=1e-3)


@pytest.mark.parametrize(("x", "length"), [([np.inf, 1.0], np.inf), ([np.nan, 1.0], np.nan), ([], 0.0)])
def test_lengths_of_infinite_undefined_and_empty_vectors(x, length):
    np.testing.assert_array_equal(np.linalg.norm(Value(np.array(x))).data, length)


def test_norms_that_there_are_not():
    for x, order, error in [
        (np.ones(2), "fro", OptionError),
        (np.eye(2), 7, OptionError),
        (np.ones((2, 2, 2)), 2, ShapeError),
    ]:
        with pytest.raises(error, match=f"ord={order!r}"):
            np.linalg.norm(Value(x), order)


def test_the_spectral_norm_of_the_identity_shares_its_slope():
    np.testing.assert_allclose(grad(lambda v: np.linalg.norm(v, 2), np.eye(3)), np.eye(3) / 3, atol=1e-15)


# -- functions of symmetric matrices -----------------------------------------------------------------------------------


SHAPES = [(1, 1), (2, 2), (3, 3), (2, 3, 3), (2, 1, 2, 2), (0, 0)]
LAWS = [
    test_documented_formulas_run.test_documented_formulas_are_what_the_op_computes,
    test_dtypes.test_results_and_gradients_keep_the_dtype,
    test_shapes.test_gradients_have_the_shape_of_their_values,
    test_shapes.test_recording_changes_neither_result_nor_its_shape,
    test_no_mutation.test_inputs_are_unchanged_and_read_only_ones_are_enough,
    test_lean_equals_full.test_lean_gradients_are_the_full_ones,
    test_lean_equals_full.test_lean_second_derivatives_are_the_full_ones,
    test_memory_layout.test_numbers_do_not_depend_on_the_memory_layout,
]
CALLS = {
    "cholesky": [{"upper": False}, {"upper": True}],
    "eigh": [{"UPLO": "L"}, {"UPLO": "U"}],
    "eigvalsh": [{"UPLO": "L"}, {"UPLO": "U"}],
    "pinv": [{"hermitian": True}],
}


def examples(name):
    for shape in SHAPES:
        x = symmetric(random(*shape)) + (4 * np.eye(shape[-1]) if name != "eigh" else np.diag(np.arange(shape[-1]) * 3.0))
        yield from (Example(REGISTRY[name], Call((x,), dict(options))) for options in CALLS[name])


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("name", CALLS)
def test_laws_that_move_no_single_entry_hold_for_symmetric_matrices(name, law):
    for example in examples(name):
        if example.inputs[0].size or law is not LAWS[0]:
            law.law(example)


@pytest.mark.parametrize("name", CALLS)
def test_symmetric_gradients_agree_with_differences_along_symmetric_directions(name):
    for example in examples(name):
        (x,) = example.inputs
        c = [random(*np.shape(y), seed=7) for y in example.results(x)]
        d = symmetric(random(*x.shape, seed=8))
        v = Value(x)
        total = sum((y * one).sum() for y, one in zip(example.results(v), c, strict=True))
        (g,) = gradients(total, [v])
        np.testing.assert_allclose(g, symmetric(g), rtol=1e-13, atol=1e-14)

        def along(h, example=example, x=x, d=d, c=c):
            return sum(np.sum(y * one) for y, one in zip(example.results(x + h * d), c, strict=True))

        numeric, bar = slope(along, 10.0, step=1e-3)
        assert abs(np.sum(g * d) - numeric) <= 4 * bar


@pytest.mark.parametrize("f", [np.linalg.cholesky, np.linalg.eigvalsh, lambda x: np.linalg.eigh(x)[0]])
def test_only_the_lower_triangle_is_read(f):
    x = np.array([[2.0, 99.0], [1.0, 3.0]])
    np.testing.assert_array_equal(f(Value(x)).data, f(np.array([[2.0, 1.0], [1.0, 3.0]])))


def test_the_cholesky_factor_of_a_number_is_its_root():
    assert grad(np.linalg.cholesky, np.array([[9.0]])).item() == pytest.approx(1 / 6)


def test_the_sum_of_eigenvalues_has_the_slope_of_the_trace_also_when_they_are_equal():
    for x in [np.eye(3), np.diag([1.0, 1.0, 2.0]), symmetric(random(3, 3))]:
        np.testing.assert_allclose(grad(lambda v: np.linalg.eigvalsh(v).sum(), x), np.eye(3), atol=1e-14)
        np.testing.assert_allclose(grad(lambda v: (np.linalg.eigh(v)[0] ** 2).sum(), x), 2 * x, atol=1e-14)


def test_the_nuclear_norm_squared_singular_values_give_the_matrix_also_when_they_are_equal():
    for x in [np.eye(3), np.eye(4, 2), np.zeros((2, 3)), random(3, 2)]:
        np.testing.assert_allclose(grad(lambda v: (np.linalg.svdvals(v) ** 2).sum(), x), 2 * x, atol=1e-14)
        np.testing.assert_allclose(grad(lambda v: (np.linalg.svd(v, full_matrices=False)[1] ** 2).sum(), x), 2 * x, atol=1e-14)


# -- refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("f", "error", "cure"), [
    (lambda v: np.linalg.svd(v), OptionError, "full_matrices=False"),
    (lambda v: np.linalg.svd(v, full_matrices=False, hermitian=True), OptionError, "eigh"),
    (lambda v: np.linalg.qr(v, "complete"), OptionError, "mode='reduced'"),
    (lambda v: np.linalg.qr(v, "raw"), OptionError, "mode='reduced'"),
    (lambda v: np.linalg.eig(v[:2]), NotDifferentiable, "np.linalg.eigh"),
    (lambda v: np.linalg.eigvals(v[:2]), NotDifferentiable, "np.linalg.eigvalsh"),
])  # fmt: skip
def test_what_has_no_derivative_is_refused_with_what_to_write(f, error, cure):
    with pytest.raises(error, match=cure):
        f(Value(random(3, 2)))


def test_the_full_svd_of_a_square_matrix_is_the_reduced_one():
    x = random(3, 3)
    for a, b in zip(np.linalg.svd(Value(x)), np.linalg.svd(x), strict=True):
        np.testing.assert_array_equal(a.data, b)


def test_the_rank_is_a_plain_number():
    assert np.linalg.matrix_rank(Value(np.ones((3, 3)))) == 1


def test_results_have_numpys_names():
    v = Value(np.eye(2))
    assert np.linalg.slogdet(v)._fields == ("sign", "logabsdet")
    assert np.linalg.eigh(v).eigenvalues.shape == (2,)
    assert np.linalg.svd(v).Vh.shape == np.linalg.qr(v).Q.shape == (2, 2)


@pytest.mark.parametrize("name", ["inv", "det", "cholesky", "svdvals", "expm"])
def test_float16_is_refused_by_lapack_and_said_so(name):
    with pytest.raises(TypeError, match="float16"):
        REGISTRY[name](Value(np.eye(2, dtype=np.float16)))


# -- functions of matrices ---------------------------------------------------------------------------------------------


def test_the_exponential_of_a_turn_is_a_rotation():
    t = Value(0.7)
    generator = np.array([[0.0, -1.0], [1.0, 0.0]])
    y = REGISTRY["expm"](t * generator)
    np.testing.assert_allclose(y.data, [[np.cos(0.7), -np.sin(0.7)], [np.sin(0.7), np.cos(0.7)]], rtol=1e-14)
    assert gradients(y[0, 0], [t])[0] == pytest.approx(-np.sin(0.7), rel=1e-13)


@pytest.mark.parametrize(
    "x", [np.zeros((2, 2)), np.diag([1.0, -700.0]), np.array([[0.0, 1e6], [0.0, 0.0]]), np.diag([50.0, 1.0])]
)
def test_the_exponential_of_special_matrices(x):
    diagonal = np.diag(np.exp(np.diag(x)))
    exact = diagonal if x[0, 1] == 0 else np.array([[1.0, 1e6], [0.0, 1.0]])
    np.testing.assert_allclose(REGISTRY["expm"](x), exact, rtol=1e-13, atol=1e-300)


def test_each_matrix_of_a_stack_is_scaled_by_itself():
    stack = np.stack([1e-8 * random(3, 3), 30 * random(3, 3)])
    np.testing.assert_array_equal(REGISTRY["expm"](stack)[0], REGISTRY["expm"](stack[0]))


def test_the_exponential_of_nan_is_nan():
    assert np.isnan(REGISTRY["expm"](np.full((2, 2), np.nan))).all()


def test_powers_of_a_number_as_a_matrix():
    for n, y, dy in [(0, 1, 0), (1, 3, 1), (2, 9, 6), (5, 243, 405), (-1, 1 / 3, -1 / 9), (-2, 1 / 9, -2 / 27)]:
        v = Value([[3.0]])
        power = np.linalg.matrix_power(v, n)
        assert power.item() == pytest.approx(y)
        assert gradients(power, [v])[0].item() == pytest.approx(dy)
