"""Solutions of equations: their values, and derivatives by the closed form or by differences."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.testing import wrong_ops
from tinygrad_edu.errors import ConvergenceError, OptionError, ShapeError
from tinygrad_edu.testing import check_gradients
from tinygrad_edu.testing.differences import slope
from tinygrad_edu.transforms import fixed_point, grad, hessian, jacobian, jvp, root, vmap

RNG = np.random.default_rng(0)
W = RNG.normal(size=(3, 3)) * 0.2
B = RNG.normal(size=3)


def heron(x, a):
    return (x + a / x) / 2


def deep(x, w, b):
    """A layer that feeds itself: a contraction for small w."""
    return np.tanh(w @ x + b)


SOLVERS = {
    "fixed_point": lambda w, b: fixed_point(deep, np.zeros(3), w, b),
    "root": lambda w, b: root(lambda x, w, b: x - deep(x, w, b), np.zeros(3), w, b),
}


@pytest.mark.parametrize("name", SOLVERS)
def test_the_solution_solves(name):
    x = SOLVERS[name](W, B)
    np.testing.assert_allclose(x, np.tanh(W @ x + B), atol=1e-11)
    assert type(x) is np.ndarray


def linearised(w, b):
    """dx/db and dx/dw by the implicit function theorem, written out."""
    x = SOLVERS["root"](w, b)
    d = np.diag(1 - x * x)
    by_b = np.linalg.solve(np.eye(3) - d @ w, d)
    return by_b, np.einsum("ij,k->ijk", by_b, x)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("name", SOLVERS)
def test_jacobians_are_those_of_the_implicit_function_theorem(name, mode):
    by_w, by_b = jacobian(SOLVERS[name], (0, 1), mode=mode)(W, B)
    np.testing.assert_allclose(by_b, linearised(W, B)[0], atol=1e-10)
    np.testing.assert_allclose(by_w, linearised(W, B)[1], atol=1e-10)


@pytest.mark.parametrize("name", SOLVERS)
def test_second_derivatives_agree_with_differences_of_the_first(name):
    total = lambda b: np.sum(SOLVERS[name](W, b) ** 2)  # noqa: E731
    h = hessian(total)(B)
    np.testing.assert_allclose(h, h.T, atol=1e-9)
    t = np.array([1.0, -0.5, 0.3])
    numeric, bar = slope(lambda s: grad(total)(B + s * t), 10.0)
    assert np.all(np.abs(h @ t - numeric) <= 4 * bar + 1e-10)  # the solver stops at 1e-12
    np.testing.assert_allclose(jvp(grad(total), (B,), (t,))[1], h @ t, atol=1e-9)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("solve", [lambda a: fixed_point(heron, 1.0, a), lambda a: root(lambda x, a: x * x - a, 1.0, a)],
                         ids=["fixed_point", "root"])  # fmt: skip
def test_derivatives_of_a_square_root_that_was_solved_for(n, solve):
    f, factor = solve, 1.0
    for k in range(n):
        f, factor = grad(f), factor * (0.5 - k)
    assert np.isclose(f(2.0), factor * 2.0 ** (0.5 - n), rtol=1e-9)


def test_solutions_in_batches():
    a = np.array([1.0, 4.0, 9.0])
    np.testing.assert_allclose(vmap(lambda a: fixed_point(heron, 1.0, a))(a), [1, 2, 3])
    np.testing.assert_allclose(vmap(grad(lambda a: fixed_point(heron, 1.0, a)))(a), [1 / 2, 1 / 4, 1 / 6])
    np.testing.assert_allclose(vmap(grad(lambda a: root(lambda x, a: x * x - a, 1.0, a)))(a), [1 / 2, 1 / 4, 1 / 6])
    np.testing.assert_allclose(grad(lambda a: np.sum(vmap(lambda a: root(lambda x, a: x * x - a, 1.0, a))(a)))(a),
                               [1 / 2, 1 / 4, 1 / 6])  # fmt: skip
    bs = RNG.normal(size=(4, 3))
    loop = np.stack([jacobian(lambda b: SOLVERS["root"](W, b))(b) for b in bs])
    np.testing.assert_allclose(vmap(jacobian(lambda b: SOLVERS["root"](W, b)))(bs), loop, atol=1e-11)


def test_trees_and_captured_values():
    w = tg.Value(np.array([[0.0, 0.5], [0.2, 0.0]]))

    def step(x, p):
        return {"u": w[0, 1] * x["v"] + p[0], "v": (w[1, 0] * x["u"] + p[1])}

    x = fixed_point(step, {"u": 0.0, "v": 0.0}, [tg.Value(1.0), 2.0])
    exact = np.linalg.solve(np.eye(2) - w.data, [1.0, 2.0])
    np.testing.assert_allclose([x["u"].item(), x["v"].item()], exact)
    x["u"].backward()
    inverse = np.linalg.inv(np.eye(2) - w.data)
    np.testing.assert_allclose(w.grad, np.outer(inverse[0], exact) * (w.data != 0))
    r = root(lambda x: {"u": x["u"] * w.data[0, 1] - 1, "n": [x["n"][0] + x["u"]]}, {"u": 1.0, "n": [0.0]})
    assert (r["u"], r["n"][0]) == (2.0, -2.0)


def test_a_solver_of_ones_own_gets_plain_arrays():
    seen = []

    def bisection(f, start):
        low, high = 0.0, 4.0
        for _ in range(60):
            middle = np.float64((low + high) / 2)
            seen.append(type(f(middle)))
            low, high = (middle, high) if f(middle) < 0 else (low, middle)
        return middle

    solve = lambda a: root(lambda x, a: x**2 - a, 1.0, a, solver=bisection)  # noqa: E731
    assert np.isclose(grad(solve)(2.0), 0.5 / np.sqrt(2))
    assert set(seen) == {np.float64}


def test_what_does_not_converge_says_so():
    with pytest.raises(ConvergenceError, match=r"no solution within 5 steps.*moved x by .*solver"):
        fixed_point(lambda x: 2 * x, 1.0, max_steps=5)
    with pytest.raises(ConvergenceError, match="NaN or infinity in x after step 2"):
        fixed_point(lambda x: np.sqrt(x) - 2, 1.0)
    with pytest.raises(ConvergenceError, match="NaN or infinity in x after step 1"):
        fixed_point(lambda x: {"a": x["a"], "b": np.nan * x["b"]}, {"a": 0.0, "b": 1.0})
    with pytest.raises(np.linalg.LinAlgError):
        root(lambda x: x * x + 1, np.zeros(2))


def test_a_function_that_returns_something_else_than_x_is_refused():
    with pytest.raises(ShapeError, match=r"has to return what x is"):
        fixed_point(lambda x: {"x": x}, 1.0, solver=lambda f, start: start)
    with pytest.raises(ShapeError, match=r"has to return what x is, \* of shapes \[\(2,\)\]; got \(\*, \*\) of shapes"):
        fixed_point(lambda x: (x, x), np.ones(2))
    with pytest.raises(ShapeError, match=r"shapes \[\(2,\)\]; got \* of shapes \[\(3,\)\]"):
        root(lambda x: np.ones(3), np.ones(2))


def test_the_order_of_keys_does_not_matter():
    got = fixed_point(lambda x, a: {"b": x["a"] / 2, "a": np.cos(x["b"]) * a}, {"a": 1.0, "b": 2.0}, 0.5)
    assert np.isclose(got["a"], 0.5 * np.cos(got["b"]), rtol=1e-11)
    assert np.isclose(got["b"], got["a"] / 2, rtol=1e-11)


def test_a_start_of_integers_is_one_of_floats():
    np.testing.assert_allclose(root(lambda x: x**2 - 2, np.array([1, 2])), np.sqrt([2, 2]), rtol=1e-15)
    with pytest.raises(ShapeError, match=r"shapes \[\(2,\)\]; got"):
        root(lambda x: x[:1], np.ones(2), solver=lambda f, start: start)
    with pytest.raises(OptionError, match="positive"):
        root(lambda x: x, 1.0, tolerance=0)


# -- checked -----------------------------------------------------------------------------------------------------------


off = wrong_ops.by_a_millionth
BLAMED = {
    "beside": (lambda b: off(fixed_point(lambda x, b: np.tanh(0.3 * x + b), 0.0, b)), "wrong_by_a_millionth"),
    "before": (lambda b: fixed_point(lambda x, b: np.tanh(0.3 * x + b), 0.0, off(b)), "wrong_by_a_millionth"),
    "inside": (lambda b: fixed_point(lambda x, b: off(0.3 * x + b), 0.0, b), "<lambda>"),
    "beside a root": (lambda b: off(root(lambda x, b: x - np.tanh(0.3 * x + b), 0.0, b)), "wrong_by_a_millionth"),
    "inside a root": (lambda b: root(lambda x, b: x - off(0.3 * x + b), 0.0, b), "<lambda>"),
    "a solver that returns its start": (lambda b: root(np.subtract, 0.1, b, solver=lambda f, start: start), "subtract"),
}


@pytest.mark.parametrize("name", SOLVERS)
def test_a_solution_is_exact_enough_to_be_checked(name):
    check_gradients(lambda b: np.sum(SOLVERS[name](W, b) ** 2), B)


@pytest.mark.parametrize("place", BLAMED)
def test_a_wrong_derivative_beside_or_inside_a_solution_is_found(place):
    f, guilty = BLAMED[place]
    report = check_gradients(f, 0.4, on_failure="return", order=1)
    assert not report.ok
    assert report.blame.op == guilty


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_steps_end_where_rounding_alone_moves_x(dtype):
    x = fixed_point(lambda x, b: np.tanh(W.astype(dtype) @ x + b), np.zeros(3, dtype), B.astype(dtype))
    assert x.dtype == dtype
    exact = root(lambda x: x - np.tanh(W @ x + B), np.zeros(3))
    np.testing.assert_allclose(x, exact, rtol=8 * np.finfo(dtype).eps, atol=8 * np.finfo(dtype).eps)
    above = dtype(1) + np.finfo(dtype).eps
    assert fixed_point(lambda x: np.where(x == 1, above, dtype(1)), dtype(1)) in (1, above)
