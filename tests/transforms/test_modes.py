"""Derivatives in every mode and every order of modes, judged by SymPy and by hand."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import tinygrad_edu as tg
from tinygrad_edu.errors import DTypeError, GraphError, NotDifferentiable, OptionError, ShapeError
from tinygrad_edu.transforms import grad, hessian, hvp, jacobian, jvp, linearize, stop_gradient, value_and_grad, vjp


def forward(f):
    """d/dx of a function of one number, by forward mode."""
    return lambda x: jvp(f, (x,), (1.0,))[1]


MODES = {"reverse": grad, "forward": forward}
x = sp.Symbol("x")
FUNCTIONS = {
    "tanh": (np.tanh, sp.tanh(x)),
    "x sin(x)": (lambda v: v * np.sin(v), x * sp.sin(x)),
    "exp(-x**2)": (lambda v: np.exp(-(v**2)), sp.exp(-(x**2))),
    "log(1 + x**2)": (lambda v: np.log(1 + v * v), sp.log(1 + x**2)),
    "x**x": (lambda v: v**v, x**x),
    "1/(1 + sqrt(x))": (lambda v: 1 / (1 + np.sqrt(v)), 1 / (1 + sp.sqrt(x))),
    "prod of three": (lambda v: np.prod(np.stack([v, v + 1, np.cos(v)])), x * (x + 1) * sp.cos(x)),
    "a matrix": (lambda v: np.linalg.det(np.stack([np.stack([v, v**2]), np.stack([np.exp(v), v + 3])])),
                 x * (x + 3) - x**2 * sp.exp(x)),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("order", [["reverse"] * 5, ["forward"] * 5, ["forward", "reverse"] * 2, ["reverse", "forward"] * 2],
                         ids=["reverse x5", "forward x5", "reverse over forward", "forward over reverse"])  # fmt: skip
def test_derivatives_up_to_the_fifth_are_sympys(name, order):
    f, formula = FUNCTIONS[name]
    for n, mode in enumerate(order, 1):
        f, formula = MODES[mode](f), sp.diff(formula, x)
        at = 0.7
        expected = float(formula.evalf(30, subs={x: sp.Rational(7, 10)}))
        np.testing.assert_allclose(f(at), expected, rtol=1e-10, err_msg=f"{name}, derivative {n}")


def test_the_fifth_derivative_of_tanh():
    f = np.tanh
    for _ in range(5):
        f = grad(f)
    assert abs(f(0.5) - float(sp.diff(sp.tanh(x), x, 5).evalf(30, subs={x: sp.Rational(1, 2)}))) < 1e-13


@pytest.mark.parametrize("outer", MODES)
@pytest.mark.parametrize("inner", MODES)
class TestNestedDerivativesAreNotConfused:
    """Siskind and Pearlmutter, Perturbation Confusion and Referential Transparency (2005), and relatives."""

    def test_the_inner_variable_is_not_the_outer(self, outer, inner):
        d, e = MODES[outer], MODES[inner]
        assert d(lambda x: x * e(lambda y: x + y)(1.0))(1.0) == 1.0

    def test_an_inner_derivative_at_the_outer_variable(self, outer, inner):
        d, e = MODES[outer], MODES[inner]
        assert d(lambda x: x * e(lambda y: x * y * y)(x))(3.0) == 6 * 3.0**2  # d/dx 2 x^3

    def test_a_function_that_returns_a_function(self, outer, inner):
        """The derivative of a curried shift, applied twice to itself."""
        d, e = MODES[outer], MODES[inner]
        shift = lambda s: lambda f: lambda x: f(x + s)  # noqa: E731
        assert np.isclose(d(lambda s: e(shift(s)(np.sin))(0.5))(0.25), -np.sin(0.75))

    def test_an_outer_variable_that_the_inner_function_ignores(self, outer, inner):
        d, e = MODES[outer], MODES[inner]
        assert d(lambda x: x * e(lambda y: y * y)(2.0))(1.0) == 4.0
        assert d(lambda x: e(lambda y: y * y)(2.0))(1.0) == 0.0

    def test_three_levels(self, outer, inner):
        d, e = MODES[outer], MODES[inner]
        f = d(lambda x: e(lambda y: d(lambda z: x * y * y * z**3)(x))(x))
        assert np.isclose(f(2.0), 6 * 4 * 2.0**3)  # d/dx [d/dy [3 x y^2 z^2 at z=x] at y=x] = d/dx 6 x^4


def test_cumprod_with_a_zero_in_every_order_of_modes():
    """PyTorch's nested forward mode gives 68 here (pytorch/pytorch#196701)."""
    rest = np.array([1.0, 0, 2, 3, 4, 1])

    def f(v):
        return np.sum(np.cumprod(rest + v * np.array([1.0, 1, 0, 0, 0, 0])))

    p = sp.Integer(0)
    for k in range(1, 7):
        p += sp.prod([int(r) + (x if i < 2 else 0) for i, r in enumerate(rest[:k])])
    expected = float(sp.diff(p, x, 2).subs(x, 0))
    for a in MODES.values():
        for b in MODES.values():
            assert a(b(f))(0.0) == expected


# -- what goes in and what comes out ---------------------------------------------------------------------------------


def test_trees_of_arguments_give_trees_of_gradients():
    def loss(p, t):
        return np.sum((p["layers"][0] @ t + p["b"]) ** 2)

    w, b, t = np.arange(6.0).reshape(2, 3), np.ones(2), np.array([1.0, 2, 3])
    g = grad(loss)({"layers": [w], "b": b, "unused": None}, t)
    residual = w @ t + b
    np.testing.assert_allclose(g["layers"][0], 2 * np.outer(residual, t))
    np.testing.assert_allclose(g["b"], 2 * residual)
    assert g["unused"] is None


def test_argnums_choose_arguments():
    f = lambda a, b, c=1.0: a * b**2 * c  # noqa: E731
    assert grad(f, 1)(2.0, 3.0) == 12.0
    assert grad(f, -1)(2.0, 3.0) == 12.0
    assert grad(f, (1, 0))(2.0, 3.0, c=10.0) == (120.0, 90.0)
    with pytest.raises(OptionError, match=r"argnums=2.*from 0 to 1.*keyword"):
        grad(f, 2)(2.0, 3.0, c=1.0)
    with pytest.raises(OptionError, match="named once"):
        grad(f, (0, -2))(2.0, 3.0)


def test_aux_is_passed_on_as_plain_numbers():
    f = lambda v: (v * v, {"half": v / 2, "name": "aux"})  # noqa: E731
    (value, aux), g = value_and_grad(f, has_aux=True)(3.0)
    assert (value, aux, g) == (9.0, {"half": 1.5, "name": "aux"}, 6.0)
    assert grad(f, has_aux=True)(3.0) == (6.0, {"half": 1.5, "name": "aux"})
    y, pull, aux = vjp(f, 3.0, has_aux=True)
    assert (y, pull(1.0), aux["half"]) == (9.0, (6.0,), 1.5)
    assert jvp(f, (3.0,), (1.0,), has_aux=True)[1:] == (6.0, {"half": 1.5, "name": "aux"})
    with pytest.raises(TypeError, match="has to return a pair"):
        grad(lambda v: v, has_aux=True)(3.0)


def test_plain_in_plain_out_and_values_in_values_out():
    v = tg.Value(3.0)
    assert type(grad(lambda a: a * a)(3.0)) is np.float64
    g = grad(lambda a: a**3)(v)
    assert type(g) is tg.Value
    g.backward()
    assert v.grad == 18.0


def test_a_value_inside_the_function_is_reached_too():
    w = tg.Value(2.0)
    g = grad(lambda a: w * a * a)(3.0)
    g.backward()
    assert (g.item(), w.grad) == (12.0, 6.0)
    y, t = jvp(lambda a: w * w * a, (3.0,), (1.0,))
    w.zero_grad()
    t.backward()
    assert (y.item(), t.item(), w.grad) == (12.0, 4.0, 4.0)


def test_nothing_is_recorded_around_it_inside_no_grad():
    with tg.no_grad():
        assert type(grad(lambda a: a * a)(tg.Value(3.0))) is np.float64
        assert type(jvp(np.sin, (tg.Value(0.0),), (1.0,))[1]) is np.float64


def test_no_grad_attribute_is_touched_and_the_graph_of_the_caller_survives():
    v = tg.Value(2.0)
    y = v * v
    grad(lambda a: a * y)(3.0)
    grad(np.sin)(y)
    assert v.grad is None
    y.backward()
    assert v.grad == 4.0


def test_dtypes_are_kept():
    for dtype in (np.float16, np.float32, np.float64):
        g = grad(lambda a: np.sum(a * a))(np.ones(3, dtype))
        assert g.dtype == dtype
        y, t = jvp(lambda a: a * 2.0, (np.ones(3, dtype),), (np.ones(3),))
        assert y.dtype == t.dtype == dtype
        assert jacobian(lambda a: a * a)(np.ones(2, dtype)).dtype == dtype


def test_a_result_that_does_not_depend_on_it_has_zeros():
    np.testing.assert_array_equal(grad(lambda a: 3.0)(np.ones(2)), np.zeros(2))
    _, pull = vjp(lambda a, b: {"a": a, "c": np.ones(2)}, np.ones(3), 1.0)
    ga, gb = pull({"a": np.ones(3), "c": np.ones(2)})
    np.testing.assert_array_equal(ga, np.ones(3))
    assert gb == 0.0
    assert jvp(lambda a: (a, 5.0), (1.0,), (1.0,)) == ((1.0, 5.0), (1.0, 0.0))


def test_stop_gradient_of_trees():
    g = grad(lambda p: p["a"] * stop_gradient(p)["a"] * stop_gradient([p["b"]])[0])({"a": 3.0, "b": 5.0})
    assert g == {"a": 15.0, "b": 0.0}


def test_pullbacks_and_pushes_are_linear_and_can_be_repeated():
    _, pull = vjp(lambda a, b: np.outer(a, b), np.array([1.0, 2]), np.array([3.0, 4, 5]))
    c = np.arange(6.0).reshape(2, 3)
    first, again = pull(c), pull(2 * c)
    for g, h in zip(first, again, strict=True):
        np.testing.assert_allclose(2 * g, h)
    np.testing.assert_allclose(first[0], c @ [3, 4, 5])
    _, push = linearize(lambda a: a**3, np.array([1.0, 2]))
    np.testing.assert_allclose(push(np.array([1.0, 0])) + push(np.array([0.0, 1])), push(np.ones(2)))


def test_structural_zeros_hold_in_forward_mode_and_in_jacobians():
    def f(v):
        return np.where(v > 0, np.sqrt(np.where(v > 0, v, 1)), 0)

    v = np.array([0.0, 4.0])
    np.testing.assert_array_equal(jvp(f, (v,), (np.ones(2),))[1], [0, 0.25])
    np.testing.assert_array_equal(grad(lambda v: np.sum(np.where(v > 0, np.sqrt(v), 0)))(v), [0, 0.25])


# -- matrices of derivatives -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
def test_jacobians_have_the_shape_of_result_and_argument(mode):
    a = np.arange(12.0).reshape(2, 3, 2)
    j = jacobian(lambda v: np.einsum("abc,bc->a", a, v), mode=mode)(np.ones((3, 2)))
    np.testing.assert_allclose(j, a)
    assert jacobian(np.sin, mode=mode)(0.0) == 1.0
    assert jacobian(lambda v: v[:0], mode=mode)(np.ones(3)).shape == (0, 3)
    assert jacobian(lambda v: np.sum(v), mode=mode)(np.ones(0)).shape == (0,)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("chunk_size", [None, 1, 2, 100])
def test_jacobians_of_trees_are_trees_of_blocks(mode, chunk_size):
    def f(p, s):
        return {"y": p["w"] @ p["x"] * s, "n": [np.sum(p["x"] ** 2)]}

    p = {"w": np.arange(6.0).reshape(2, 3), "x": np.array([1.0, 2, 3])}
    j = jacobian(f, (0, 1), mode=mode, chunk_size=chunk_size)(p, 2.0)
    np.testing.assert_allclose(j["y"][0]["x"], 2 * p["w"])
    np.testing.assert_allclose(j["y"][0]["w"], 2 * np.einsum("ij,k->ijk", np.eye(2), p["x"]))
    np.testing.assert_allclose(j["y"][1], p["w"] @ p["x"])
    np.testing.assert_allclose(j["n"][0][0]["x"], 2 * p["x"])
    np.testing.assert_array_equal(j["n"][0][0]["w"], np.zeros((2, 3)))
    assert j["n"][0][1] == 0.0


def test_the_function_of_a_jacobian_is_called_once():
    calls = []
    jacobian(lambda v: calls.append(1) or v * v)(np.ones(4))
    assert calls == [1]


def test_hessians_are_symmetric_and_hvp_is_their_product():
    a = np.array([[2.0, 1, 0], [1, 3, 1], [0, 1, 4]])
    f = lambda v: v @ a @ v / 2 + np.sum(v**3)  # noqa: E731
    v, t = np.array([1.0, -1, 2]), np.array([0.5, 1, -1])
    h = hessian(f)(v)
    np.testing.assert_allclose(h, a + np.diag(6 * v))
    np.testing.assert_allclose(hvp(f, (v,), (t,)), h @ t)
    two = hvp(lambda a, b: np.sum(a * b), (v, v), (t, 2 * t))
    np.testing.assert_allclose(two, (2 * t, t))
    blocks = hessian(lambda p: p["a"] ** 2 * np.sum(p["b"]))({"a": 3.0, "b": np.ones(2)})
    assert blocks["a"]["a"] == 4.0
    np.testing.assert_allclose(blocks["a"]["b"], [6, 6])
    np.testing.assert_allclose(blocks["b"]["b"], np.zeros((2, 2)))


def test_derivatives_of_a_number_by_a_number_are_numbers():
    cube = lambda x: x**3  # noqa: E731
    for derivative in (jacobian(cube, mode="forward"), jacobian(cube, mode="reverse"), hessian(lambda x: x**4 / 4)):
        assert type(derivative(2.0)) is np.float64
    assert jacobian(cube)(2.0) == 12.0
    assert hessian(cube)(2.0) == 12.0
    j = jacobian(lambda p: [p["a"] * p["b"]])({"a": 2.0, "b": np.ones(2)})
    np.testing.assert_array_equal(j[0]["a"], [1, 1])
    assert float(grad(lambda x: jacobian(cube)(x))(2.0)) == 12.0


def test_argnums_can_be_integers_of_numpy():
    assert grad(lambda a, b: a * b, np.int64(1))(2.0, 3.0) == 2.0


def test_directions_can_be_fractions():
    third = Fraction(1, 3)
    assert jvp(np.square, (third,), (Fraction(1),))[1] == 2 * third
    assert vjp(np.square, third)[1](1)[0] == 2 * third
    assert isinstance(vjp(lambda x: x, third)[1](1)[0].item(), Fraction)
    assert isinstance(jvp(lambda x: x, (third,), (1.0,))[1].item(), Fraction)


# -- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: grad(np.sin)(np.arange(3)), DTypeError, "int64 has no gradient"),
        (lambda: grad(np.sin)("a"), DTypeError, "has no gradient"),
        (lambda: grad(np.sin)({1.0, 2.0}), DTypeError, "a set is no array and no number.*tuples, lists and dicts"),
        (lambda: grad(np.sin)(1j), DTypeError, "complex128 has no gradient"),
        (lambda: grad(np.sin)(np.ones(3)), GraphError, r"returned shape \(3,\).*jacobian"),
        (lambda: grad(lambda v: {"a": v})(1.0), GraphError, r"structure \{'a': \*\}"),
        (lambda: grad(lambda v: "text")(1.0), DTypeError, "has_aux"),
        (lambda: grad(lambda: 1.0)(), OptionError, "0 positional"),
        (lambda: jvp(np.sin, (np.ones(3),), (np.ones(2),)), ShapeError, r"shape \(3,\) has that shape, got \(2,\)"),
        (lambda: jvp(np.sin, (1.0,), (1.0, 2.0)), OptionError, "structure"),
        (lambda: vjp(np.sin, np.ones(3))[1](np.ones(2)), ShapeError, r"cotangent of a result of shape \(3,\)"),
        (lambda: vjp(np.sin, 1.0)[1]((1.0,)), OptionError, "the cotangent has the structure"),
        (lambda: jacobian(np.sin, mode="sideways"), OptionError, "auto, forward, reverse; got 'sideways'"),
        (lambda: jacobian(np.sin, chunk_size=0), OptionError, "chunk_size is an integer of at least 1, or None; got 0"),
        (lambda: jacobian(np.sin, chunk_size=1.5), OptionError, "got 1.5"),
        (lambda: grad(np.sin, 1.0)(1.0), OptionError, "argnums is an integer, or a tuple of integers; got 1.0"),
        (lambda: vjp(np.sin, 1.0)[1](1j), DTypeError, "complex128 has no gradient"),
        (lambda: vjp(np.sin, np.ones(2))[1](np.ones(2) * 1j), DTypeError, "an array of real numbers, got complex128"),
        (lambda: jvp(np.sin, (1.0,), (1j,)), DTypeError, "complex128 has no gradient"),
        (lambda: jvp(np.sin, np.ones(2), np.ones(2)), OptionError, r"jvp takes a tuple .*write jvp\(f, \(x,\), \(t,\)\)"),
        (lambda: hvp(np.sum, 1.0, 1.0), OptionError, r"hvp takes a tuple .*got float and float"),
        (lambda: grad(lambda v: (yield v))(1.0), DTypeError, "returned a generator in its result"),
    ],
)
def test_mistakes_are_explained(call, error, says):
    with pytest.raises(error, match=says):
        call()


@pytest.mark.parametrize("function", [lambda x: float(x) ** 2, math.sin], ids=["float", "math.sin"])
@pytest.mark.parametrize("transform", [tg.grad, tg.jacobian, hessian, lambda f: lambda x: tg.jvp(f, (x,), (1.0,))])
def test_a_number_taken_out_of_the_graph_is_refused_where_a_derivative_is_taken(function, transform):
    with pytest.raises(NotDifferentiable, match=r"Write NumPy's function, np\.sin\(v\)"):
        transform(function)(2.0)
    assert function(tg.Value(2.0)) == function(2.0)  # outside, a float is a float
    assert tg.grad(lambda x: x * float(x.data))(2.0) == 2.0
