"""Custom rules and checkpoints: inside every transform as if the graph had been recorded through them."""

import gc
import weakref

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.errors import GraphError, NotDifferentiable, OptionError, ShapeError
from tinygrad_edu.transforms import checkpoint, custom_jvp, custom_vjp, grad, hessian, jacobian, jvp, vjp, vmap


def plain(p, s):
    """What the functions below compute, without a rule of its own."""
    return {"y": np.sin(p["a"]) * p["b"] * s, "n": [p["a"] ** 2]}


def by_vjp():
    @custom_vjp
    def f(p, s):
        return plain(p, s)

    def bwd(needed, c):
        p, s = needed
        a, b = p["a"], p["b"]
        ga = c["y"] * np.cos(a) * b * s + c["n"][0] * 2 * a
        return {"b": c["y"] * np.sin(a) * s, "a": ga}, np.sum(c["y"] * np.sin(a) * b)

    f.defvjp(lambda p, s: (plain(p, s), (p, s)), bwd)
    return f


def by_jvp():
    @custom_jvp
    def f(p, s):
        return plain(p, s)

    @f.defjvp
    def rule(primals, tangents):
        (p, s), (dp, ds) = primals, tangents
        dy = np.cos(p["a"]) * dp["a"] * p["b"] * s + np.sin(p["a"]) * (dp["b"] * s + p["b"] * ds)
        return f(p, s), {"y": dy, "n": [2 * p["a"] * dp["a"]]}

    return f


MADE = {"custom_vjp": by_vjp, "custom_jvp": by_jvp, "checkpoint": lambda: checkpoint(plain)}
P = {"a": np.array([0.3, -1.2, 2.0]), "b": np.array([1.0, 2.0, -0.5])}
T = {"a": np.array([1.0, 0.5, -1.0]), "b": np.array([0.2, 1.0, 0.3])}


def total(f):
    return lambda p, s: np.sum(f(p, s)["y"]) + np.sum(f(p, s)["n"][0] ** 2)


def same(one, other):
    for a, b in zip(tg.transforms.trees.flatten(one)[0], tg.transforms.trees.flatten(other)[0], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize(
    "transform",
    [
        lambda f: f(P, 2.0),
        lambda f: grad(total(f), (0, 1))(P, 2.0),
        lambda f: jvp(f, (P, 2.0), (T, 0.5)),
        lambda f: vjp(f, P, 2.0)[1]({"y": T["a"], "n": [T["b"]]}),
        lambda f: jacobian(f, mode="forward")(P, 2.0),
        lambda f: jacobian(f, mode="reverse")(P, 2.0),
        lambda f: hessian(total(f))(P, 2.0),
        lambda f: jvp(grad(total(f)), (P, 2.0), (T, 0.0)),
        lambda f: grad(lambda p: np.sum(jvp(f, (p, 2.0), (T, 0.5))[1]["y"] ** 2))(P),
        lambda f: vmap(f, (0, None))({"a": P["a"], "b": P["b"]}, 2.0),
        lambda f: vmap(grad(total(f)), (0, None))({"a": P["a"], "b": P["b"]}, 2.0),
        lambda f: grad(lambda p: np.sum(vmap(f, (0, None))(p, 2.0)["y"] ** 2))(P),
        lambda f: vmap(lambda s: jvp(f, (P, s), (T, 1.0))[1])(np.array([1.0, 2.0])),
        lambda f: vmap(lambda s: grad(total(f), 1)(P, s))(np.array([1.0, 2.0])),
    ],
    ids=["value", "grad", "jvp", "vjp", "jacobian forward", "jacobian reverse", "hessian", "hvp", "grad of jvp", "vmap",
         "vmap of grad", "grad of vmap", "vmap of jvp", "vmap over a number"],
)  # fmt: skip
def test_they_agree_with_the_recorded_function(name, transform):
    same(transform(MADE[name]()), transform(plain))


def test_the_rule_is_what_counts_and_not_the_function():
    @custom_vjp
    def rounded(x):
        return np.rint(x)

    rounded.defvjp(lambda x: (np.rint(x), None), lambda _, c: (c,))
    np.testing.assert_array_equal(grad(lambda x: np.sum(rounded(x) ** 2))(np.array([0.4, 1.7])), [0, 4])
    y = rounded(tg.Value(1.7))
    y.backward()
    assert (y.item(), y.args[0].op.name) == (2.0, "rounded")


def test_a_function_of_numpy_can_get_another_rule():
    f = custom_vjp(np.sin)
    f.defvjp(lambda x: (np.sin(x), x), lambda x, c: (7 * c,))
    assert grad(f)(0.0) == 7.0


def test_the_result_of_the_op_is_drawn_under_the_functions_name():
    f = by_vjp()
    y = f({"a": tg.Value(P["a"]), "b": tg.Value(P["b"])}, 2.0)["y"]
    assert [v.op.name for v in tg.Graph(y) if v.op] == ["f", "pick"]


def test_arguments_that_are_no_arrays():
    @custom_vjp
    def power(x, n):
        return x**n

    with pytest.raises(OptionError, match="defvjp"):
        power(2.0, 3)
    scaled = custom_vjp(lambda how, x: x * 2 if how == "twice" else x, nondiff_argnums=0)
    scaled.defvjp(lambda how, x: (x * 2, None), lambda how, _, c: (c * (2 if how == "twice" else 1),))
    assert grad(lambda x: scaled("twice", x))(3.0) == 2.0
    named = custom_jvp(lambda x, how="twice": x * 2, nondiff_argnums=(1,))
    named.defjvp(lambda how, primals, tangents: (primals[0] * 2, tangents[0] * 2))
    assert grad(lambda x: named(x))(3.0) == 2.0


def test_integers_and_none_get_no_gradient():
    @custom_vjp
    def taken(x, i):
        return x[i]

    taken.defvjp(lambda x, i: (x[i], (np.shape(x), i)), lambda kept, c: (tg.ops.add_at(c, kept[1], kept[0]), None))
    np.testing.assert_array_equal(grad(lambda x: taken(x, np.array(1)) * 3)(np.ones(3)), [0, 3, 0])


@pytest.mark.parametrize("make", [custom_vjp, custom_jvp])
def test_a_captured_value_would_lose_its_gradient_and_is_refused(make):
    w = tg.Value(2.0)
    f = make(lambda x: w * x)
    if make is custom_vjp:
        f.defvjp(lambda x: (w * x, None), lambda _, c: (c * w,))
    else:
        f.defjvp(lambda primals, tangents: (w * primals[0], w * tangents[0]))
    with pytest.raises(NotDifferentiable, match="not among its arguments"):
        grad(f)(3.0)


@pytest.mark.parametrize(
    ("bwd", "error", "says"),
    [
        (lambda _, c: c, TypeError, "tuple with a cotangent.*2 arguments.*got float64"),
        (lambda _, c: (c,), TypeError, "got 1 of them"),
        (lambda _, c: (c, {"w": c}), OptionError, "structure"),
        (lambda _, c: (np.ones(3), c), ShapeError, r"cotangent of shape \(3,\) for an argument of shape \(\)"),
    ],
)
def test_a_wrong_bwd_is_explained(bwd, error, says):
    f = custom_vjp(lambda a, b: a * b)
    f.defvjp(lambda a, b: (a * b, None), bwd)
    with pytest.raises(error, match=says):
        grad(f, (0, 1))(2.0, 3.0)


def test_a_wrong_fwd_or_rule_is_explained():
    f = custom_vjp(lambda a: a)
    f.defvjp(lambda a: a, lambda _, c: (c,))
    with pytest.raises(TypeError, match=r"fwd of .* has to return a pair"):
        grad(f)(2.0)
    g = custom_jvp(lambda a: a)
    g.defjvp(lambda primals, tangents: tangents[0])
    with pytest.raises(TypeError, match=r"rule of .* has to return a pair"):
        grad(g)(2.0)
    h = custom_vjp(lambda a, *, b: a)
    h.defvjp(lambda a: (a, None), lambda _, c: (c,))
    with pytest.raises(OptionError, match="keyword-only"):
        h(1.0, b=2.0)


# -- checkpoint --------------------------------------------------------------------------------------------------------


def test_a_checkpoint_keeps_arguments_and_results_only():
    inner = []

    def block(x):
        y = np.exp(x)
        inner.append(weakref.ref(y.vertex if isinstance(y, tg.Value) else y))
        return np.sin(y)

    x = tg.Value(np.ones(5000))
    y = checkpoint(block)(x)
    gc.collect()
    assert [r() is None for r in inner] == [True]
    assert [v.op.name for v in tg.Graph(y) if v.op] == ["block", "pick"]
    y.sum().backward()
    np.testing.assert_allclose(x.grad, np.cos(np.e) * np.e)
    assert len(inner) == 2


def test_what_a_checkpoint_captures_gets_its_gradient():
    w, x = tg.Value(2.0), tg.Value(3.0)
    h = w * w
    y = checkpoint(lambda x: h * x * w)(x)  # h was made from w: neither is counted twice
    y.backward()
    assert (w.grad, x.grad) == (3 * 2.0**2 * 3, 8.0)
    layer = tg.nn.Layer(3, 2, rng=0)
    data = np.ones((4, 3))
    checkpoint(layer)(data).sum().backward()
    grads = [p.grad for p in layer.parameters()]
    layer.zero_grad()
    layer(data).sum().backward()
    for g, p in zip(grads, layer.parameters(), strict=True):
        np.testing.assert_allclose(g, p.grad)


def test_checkpoints_nest_and_take_keywords():
    inner = checkpoint(np.sin)
    f = checkpoint(lambda x, *, scale: inner(x) * scale)
    assert np.isclose(grad(lambda x: f(x, scale=3.0))(0.5), 3 * np.cos(0.5))
    assert np.isclose(grad(lambda s: f(0.5, scale=s))(3.0), np.sin(0.5))


def test_another_result_at_the_second_call_is_noticed():
    rng = np.random.default_rng(0)
    with pytest.raises(GraphError, match="gave other numbers"):
        grad(checkpoint(lambda x: x * rng.normal()))(1.0)


def test_inside_no_grad_a_checkpoint_is_the_function():
    with tg.no_grad():
        assert checkpoint(np.sin)(tg.Value(0.5)).op is None


def test_a_value_that_only_the_rule_uses_is_refused():
    """Its gradient would be lost in silence: d/dq of dy/dx = q is 1, not 0."""

    def with_vjp(q):
        h = custom_vjp(lambda x: x)
        h.defvjp(lambda x: (x, None), lambda _, c: (c * q,))
        return grad(h)(2.0)

    def with_jvp(q):
        h = custom_jvp(lambda x: x)
        h.defjvp(lambda primals, tangents: (primals[0], tangents[0] * q))
        return grad(h)(2.0)

    def pushed(q):
        h = custom_jvp(lambda x: x)
        h.defjvp(lambda primals, tangents: (primals[0], tangents[0] * q))
        return jvp(h, (2.0,), (1.0,))[1]

    for f in (with_vjp, with_jvp, pushed):
        assert f(3.0) == 3.0
        with pytest.raises(NotDifferentiable, match="uses a Value that is not among its arguments"):
            grad(f)(3.0)


def test_a_tangent_of_another_shape_is_refused():
    h = custom_jvp(lambda x: x * 1)
    h.defjvp(lambda primals, tangents: (primals[0] * 1, np.ones(2)))
    with pytest.raises(ShapeError, match=r"gave a tangent of shape \(2,\) for a result of shape \(3,\)"):
        grad(lambda x: np.sum(h(x)))(np.ones(3))
