"""What the transforms' options do: argnums, has_aux, keywords, in_axes and out_axes; and trees of every kind."""

import numpy as np

from .functions import A, C, M, P, X
from .pair import Pair, program

OPTIONS = []


def three(np, x, y, z):
    return np.sum(np.sin(x) * y) + np.sum(y * z**2)


ARGNUMS = {
    "grad": (1, -1, (0, 2), (2, 0), (-1, 0), (1,)),
    "value_and_grad": (-2, (0, 1), (2,)),
    "jacobian": (1, (0, 2), (-1, 0)),
    "hessian": (-1, (1, 2), (2,)),
}
FROM_THE_END = "torch.func.jacfwd takes a negative number for an argument that is not there, and returns zeros"


def _argnums(transform, argnums):
    def run(ad):
        return getattr(ad, transform)(lambda x, y, z: three(ad.np, x, y, z), argnums)(*ad.arrays((X, P, C)))

    without = {"torch": FROM_THE_END} if (transform, argnums) == ("hessian", -1) else {}
    return Pair("of three", f"{transform}, argnums={argnums}", run, without)


OPTIONS += [_argnums(transform, argnums) for transform, several in ARGNUMS.items() for argnums in several]


def _with_aux(ad):
    return lambda x: (ad.np.sum(x**3), {"x2": x * x, "several": (x[0], [2 * x])})


@program("grad, has_aux", OPTIONS)
def aux_tree(ad):
    return ad.grad(_with_aux(ad), has_aux=True)(ad.array(X))


@program("value_and_grad, has_aux", OPTIONS)
def aux_tree_too(ad):
    return ad.value_and_grad(_with_aux(ad), has_aux=True)(ad.array(X))


@program("jvp, has_aux", OPTIONS)
def aux_beside_a_tangent(ad):
    return ad.jvp(_with_aux(ad), (ad.array(X),), (ad.array(C),), has_aux=True)


@program("vjp, has_aux", OPTIONS)
def aux_beside_a_pullback(ad):
    y, pull, aux = ad.vjp(_with_aux(ad), ad.array(X), has_aux=True)
    return y, pull(ad.np.ones_like(y)), aux


@program("jacobian, has_aux", OPTIONS)
def aux_beside_a_jacobian(ad):
    return ad.jacobian(lambda x: (x**2, ad.np.sum(x)), has_aux=True, mode="reverse")(ad.array(X))


@program("vmap of grad, has_aux", OPTIONS)
def aux_of_every_example(ad):
    return ad.vmap(ad.grad(_with_aux(ad), has_aux=True))(ad.arrays(np.stack([X, P])))


@program("grad of grad, has_aux", OPTIONS)
def aux_twice(ad):
    inner = ad.grad(lambda x: (ad.np.sum(x**3), x[0]), has_aux=True)

    def outer(x):
        g, first = inner(x)
        return ad.np.sum(g * g) * first, g

    return ad.grad(outer, has_aux=True)(ad.array(X))


@program("grad, keyword arguments", OPTIONS)
def scaled(ad):
    def f(x, *, scale, shift=0.0):
        return ad.np.sum(ad.np.sin(scale * x) + shift * x)

    return ad.grad(f)(ad.array(X), scale=ad.array(C), shift=2.0)


@program("jacobian of a dict by a tuple and a list", OPTIONS)
def trees_both_ways(ad):
    def f(p, q):
        return {"sum": p[0] + q[0], "inner": [ad.np.sum(p[1] * q[0]) ** 2]}

    return ad.jacobian(f, (0, 1))(*ad.arrays(((X, 2.0), [C])))


@program("hessian by a dict", OPTIONS)
def quadratic(ad):
    return ad.hessian(lambda p: ad.np.sum((p["m"] @ p["x"]) ** 2))(ad.arrays({"m": A, "x": X}))


@program("hessian of a tree of results", OPTIONS)
def two_results(ad):
    return ad.hessian(lambda x: {"cubes": x**3, "rest": (ad.np.prod(x),)})(ad.array(X))


@program("hvp of several arguments", OPTIONS)
def mixed(ad):
    return ad.hvp(lambda x, p: ad.np.sum(ad.np.exp(x) * p["c"]), ad.arrays((X, {"c": C})), ad.arrays((C, {"c": P})))


@program("linearize by a dict, to a tuple", OPTIONS)
def line(ad):
    y, push = ad.linearize(lambda p: (p["x"] * p["c"], [ad.np.sum(p["x"])]), ad.arrays({"x": X, "c": C}))
    return y, push(ad.arrays({"x": C, "c": P}))


@program("vjp, a part of the result does not depend on x", OPTIONS)
def partly_constant(ad):
    y, pull = ad.vjp(lambda x: (ad.np.sin(x), ad.np.ones_like(x)), ad.array(X))
    return y, pull(ad.arrays((C, P)))


@program("grad, an argument is not used", OPTIONS)
def unused(ad):
    return ad.grad(lambda x, p: ad.np.sum(x**2), (0, 1))(*ad.arrays((X, {"m": M, "c": 1.5})))


@program("jacobian, the result is constant", OPTIONS)
def nothing_moves(ad):
    return ad.jacobian(lambda x: ad.np.ones_like(x))(ad.array(X))


def _axes(f, args, in_axes, out_axes=0):
    return lambda ad: ad.vmap(lambda *xs: f(ad.np, *xs), in_axes=in_axes, out_axes=out_axes)(*ad.arrays(args))


def _line(np, x, w):
    return np.tanh(x) * np.sum(w)


def _both(np, x, w):
    return {"outer": np.outer(x, w), "parts": (x * 2, np.sum(w))}


T = A.T
FORMS = {
    "in_axes=(0, None)": (_line, (A, X), (0, None)),
    "in_axes=(None, 0)": (_line, (X, A), (None, 0)),
    "in_axes=(1, 0)": (_line, (T, A), (1, 0)),
    "in_axes=-1": (_line, (T, T), -1),
    "in_axes=(-2, None)": (_line, (A, 2.0), (-2, None)),
    "out_axes=1": (_line, (A, X), (0, None), 1),
    "out_axes=-1": (_both, (A, A), 0, {"outer": -1, "parts": 0}),
    "out_axes of a tree": (_both, (A, X), (0, None), {"outer": 1, "parts": (1, 0)}),
    "in_axes of a dict": (lambda np, p, x: np.sum(p["w"] @ x) + p["b"], ({"w": M, "b": X}, A), ({"w": None, "b": None}, 0)),
    "in_axes of a nest": (lambda np, p, x: p[0]["w"] * x + p[1][0], (({"w": A}, [X]), T), (({"w": 0}, [None]), 1)),
    "in_axes of a prefix": (lambda np, p, x: np.sum(p[0] * p[1]) * x, ((A, A), X[:2]), (0, 0)),
}
OPTIONS += [Pair("axes", f"vmap, {name}", _axes(*form)) for name, form in FORMS.items()]


@program(
    "vmap, out_axes=None for what is the same for all", OPTIONS, without={"torch": "vmap has no out_dims=None for tensors"}
)
def shared_result(ad):
    return ad.vmap(lambda x, w: (x * w, w**2), (0, None), (0, None))(*ad.arrays((A, X)))


@program("vmap, nothing is split", OPTIONS, without={"torch": "vmap has no axis_size"})
def the_same_again(ad):
    return ad.vmap(lambda x: x**2, in_axes=None, axis_size=3)(ad.array(X))


@program("vmap, keyword arguments are split", OPTIONS, without={"torch": "vmap does not split keyword arguments"})
def by_name(ad):
    return ad.vmap(lambda x, *, w: ad.np.sum(x * w))(ad.array(A), w=ad.array(A * 2))


@program("vmap of vmap: an outer product", OPTIONS)
def multiplication_table(ad):
    return ad.vmap(ad.vmap(lambda x, y: x * y, (None, 0)), (0, None))(*ad.arrays((X, P)))


@program("vmap of vmap of vmap, each over another axis", OPTIONS)
def contraction(ad):
    one = ad.vmap(lambda a, b, c: ad.np.sum(a * b) + c, (0, None, None))
    return ad.vmap(ad.vmap(one, (None, 1, 0), 1), (None, None, 0), -1)(*ad.arrays((A, M, A)))


@program("vmap of vmap: the inner function uses the outer example", OPTIONS)
def captured_example(ad):
    ys = ad.array(P)
    return ad.vmap(lambda x: ad.vmap(lambda y: ad.np.sin(x * y) + x)(ys))(ad.array(X))


@program("grad of vmap with None among in_axes", OPTIONS)
def shared_weights(ad):
    f = ad.vmap(lambda w, x: ad.np.tanh(ad.np.sum(w * x)), (None, 0))
    return ad.grad(lambda w, x: ad.np.sum(f(w, x) ** 2), (0, 1))(*ad.arrays((X, A)))


@program("vmap of grad, the captured array is Value of a grad around", OPTIONS)
def grad_of_vmap_of_grad(ad):
    def total(w):
        slope = ad.grad(lambda x: ad.np.sum(ad.np.sin(w * x)))
        return ad.np.sum(ad.vmap(slope)(ad.array(A)) ** 2)

    return ad.grad(total)(ad.array(X))


def _float32(transform):
    f32 = (np.float32(X), np.float32(C))

    def run(ad):
        return transform(ad, lambda x, w: ad.np.sum(ad.np.exp(ad.np.sin(x * w)) / 3), *ad.arrays(f32))

    return run


SMALL = {
    "grad": lambda ad, f, x, w: ad.grad(f, (0, 1))(x, w),
    "jvp": lambda ad, f, x, w: ad.jvp(f, (x, w), (w, x)),
    "hessian": lambda ad, f, x, w: ad.hessian(f)(x, w),
    "vmap of grad": lambda ad, f, x, w: ad.vmap(ad.grad(f), (None, 0))(x, ad.np.stack([w, x])),
    "hvp": lambda ad, f, x, w: ad.hvp(f, (x, w), (w, x)),
}
OPTIONS += [Pair("float32 stays float32", name, _float32(transform)) for name, transform in SMALL.items()]
