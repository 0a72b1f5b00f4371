"""Functions with a derivative of their own, or none; memory for time; solutions of equations."""

import numpy as np

from .functions import A, C, M, P, X
from .pair import Pair, program
from .transforms import TRANSFORMS, place

RULES = []
ONLY_AUTOGRAD = "torch.func refuses the saved tensor hooks of torch.utils.checkpoint; torch.autograd has only its grad"
NO_NESTED_JVP = "the jvp of a torch.autograd.Function is not differentiated by a jvp around it: it adds 0, silently"


def _through(wrap, args, transforms, name, torch=None):
    """The pairs of a function that has to be made from a library: `wrap(ad)` is the function.

    Args:
        wrap: from a library to the function.
        args: where.
        transforms: which.
        name: of the function.
        torch: from a transform that PyTorch cannot do to the reason.
    """
    for transform in transforms:
        without = {"torch": torch[transform]} if transform in (torch or {}) else {}
        RULES.append(Pair(name, transform, _run(wrap, args, transform), without))


def _run(wrap, args, transform):
    return lambda ad: TRANSFORMS[transform](ad, wrap(ad), place(ad, args))


# -- no derivative ---------------------------------------------------------------------------------------------------


def _half_stopped(ad):
    return lambda x: ad.np.sum(x**2 * ad.stop_gradient(ad.np.sin(x)))


def _straight_through(ad):
    """Rounded on the way forward, the identity on the way back."""
    return lambda x: ad.np.sum((x + ad.stop_gradient(ad.np.round(x) - x)) ** 2 * x)


def _stopped_tree(ad):
    def f(p):
        still = ad.stop_gradient({"x": p["x"], "y": (p["y"],)})
        return ad.np.sum(p["x"] * still["y"][0] + ad.np.sin(p["y"]) * still["x"])

    return f


_through(_half_stopped, (X,), ("grad", "hessian", "jvp", "vmap of grad", "grad of grad"), "stop_gradient of a factor")
_through(_straight_through, (X,), ("grad", "jvp of grad"), "straight through a rounding")
_through(_stopped_tree, ({"x": X, "y": C},), ("grad", "jvp"), "stop_gradient of a tree")


@program("grad", RULES)
def temporal_difference(ad):
    """A bootstrapped target is no function of the weights."""

    def loss(w, x, following):
        target = 0.5 + 0.9 * ad.stop_gradient(ad.np.tanh(following @ w))
        return (ad.np.tanh(x @ w) - target) ** 2

    return ad.grad(loss)(*ad.arrays((X, C, P)))


# -- one's own derivative --------------------------------------------------------------------------------------------
#
# The rules call the function with its rule, so that its higher derivatives follow the rule too, in every library.


def _clipped(ad):
    """The identity, with cotangents clipped."""

    rule = ad.custom_vjp(lambda x: x * 1.0)
    rule.defvjp(lambda x: (rule(x), x), lambda x, c: (ad.np.clip(c, -0.5, 0.5) * 2,))
    return lambda x: ad.np.sum(rule(ad.np.sin(x)) ** 2)


def _scaled_by_its_input(ad):
    """A pullback that is no derivative of the function, and has a derivative itself."""

    rule = ad.custom_vjp(lambda x, y: x * y)
    rule.defvjp(lambda x, y: (rule(x, y), (x, y)), lambda xy, c: (c * ad.np.sin(xy[1]), c * xy[0] ** 2))
    return lambda x, y: ad.np.sum(rule(x, y) ** 2)


def _stable(ad):
    """log(1 + exp(x)) by a tangent map that does not overflow."""
    rule = ad.custom_jvp(lambda x: ad.np.logaddexp(x, 0 * x))

    @rule.defjvp
    def tangent(primals, tangents):
        (x,), (t,) = primals, tangents
        return rule(x), t * ad.F.sigmoid(x)

    return lambda x: ad.np.sum(rule(3 * x) * x)


def _power(ad):
    """A tangent map of two arguments that is not the derivative."""

    rule = ad.custom_jvp(lambda x, y: x * y)

    @rule.defjvp
    def tangent(primals, tangents):
        (x, y), (t, u) = primals, tangents
        return rule(x, y), 2 * t * y + u * ad.np.cos(x)

    return lambda x, y: ad.np.sum(rule(x, y) ** 2)


def _of_trees(ad):
    """Both halves of the rule take and return nests."""
    rule = ad.custom_vjp(lambda p, x: {"y": p["w"] * x, "z": (p["b"][0],)})

    def bwd(kept, c):
        p, x = kept
        return {"w": 2 * c["y"] * x, "b": [c["z"][0] * p["b"][0]]}, c["y"] * ad.np.sin(p["w"])

    rule.defvjp(lambda p, x: (rule(p, x), (p, x)), bwd)

    def total(p, x):
        out = rule(p, x)
        return ad.np.sum(out["y"] ** 2 * out["z"][0])

    return total


def _tangents_of_trees(ad):
    rule = ad.custom_jvp(lambda p: (p["a"] * p["b"], [p["a"]]))

    @rule.defjvp
    def tangent(primals, tangents):
        (p,), (t,) = primals, tangents
        return rule(p), (t["a"] * p["b"] + 3 * p["a"] * t["b"], [2 * t["a"]])

    def total(p):
        y, (z,) = rule(p)
        return ad.np.sum(y * z**2)

    return total


def _not_all_are_arrays(ad):
    """Python numbers among the arguments: the rules get them first."""
    rule = ad.custom_vjp(lambda n, x, name: x**n if name == "power" else x, nondiff_argnums=(0, 2))
    rule.defvjp(lambda n, x, name: (rule(n, x, name), x), lambda n, name, x, c: (n * c * x,))
    push = ad.custom_jvp(lambda x, n: x * n, nondiff_argnums=(1,))
    push.defjvp(lambda n, xs, ts: (push(*xs, n), n * ts[0] * ad.np.cos(xs[0])))
    return lambda x: ad.np.sum(rule(3, x, "power") * push(x, 2))


def _pullback_of_the_bare_function(ad):
    """Three times the derivative; `fwd` does not call the function with its rule, but computes the same."""
    rule = ad.custom_vjp(lambda x: x * 1.0)
    rule.defvjp(lambda x: (x * 1.0, None), lambda _, c: (3 * c,))
    return lambda x: ad.np.sum(rule(x) ** 2)


def _tangent_of_the_bare_function(ad):
    rule = ad.custom_jvp(lambda x: x * 1.0)
    rule.defjvp(lambda xs, ts: (xs[0] * 1.0, 3 * ts[0]))
    return lambda x: ad.np.sum(rule(x) ** 2)


OWN = "grad", "vmap of grad", "grad of grad", "vmap of grad of vmap"
_through(_clipped, (X,), OWN, "custom_vjp that clips")
_through(_scaled_by_its_input, (X, P), (*OWN, "jacobian, reverse", "vjp"), "custom_vjp of two")
_through(_stable, (X,), (*OWN, "jvp", "hessian", "jvp of grad", "linearize", "vmap of jvp"), "custom_jvp of a softplus")
_through(_power, (X, P), (*OWN, "jvp", "grad of jvp", "jvp of jvp", "vjp"), "custom_jvp of two",
         {"jvp of jvp": NO_NESTED_JVP})  # fmt: skip
TENSORS = dict.fromkeys(
    ("grad", "vmap of grad", "grad of grad", "jvp", "jvp of grad"), "a torch.autograd.Function takes tensors"
)
_through(_of_trees, ({"w": X, "b": [0.7]}, P), ("grad", "vmap of grad", "grad of grad"), "custom_vjp of trees", TENSORS)
_through(_tangents_of_trees, ({"a": X, "b": C},), ("grad", "jvp", "jvp of grad"), "custom_jvp of trees", TENSORS)
_through(_not_all_are_arrays, (P,), ("grad", "vmap of grad"), "custom rules with nondiff_argnums", TENSORS)

# In the second derivative JAX takes the first result of `fwd`, or of the tangent rule, for the function's value, and its
# derivative for the function's: 6. Here, as in PyTorch, the value of a function with a rule always has that rule: 18.
ROWS = "jacobian of grad, reverse"
VALUE = {"jax": "the value of the function has the derivative of what `fwd` computes, not the rule"}
for wrap, name in ((_pullback_of_the_bare_function, "custom_vjp"), (_tangent_of_the_bare_function, "custom_jvp")):
    RULES.append(Pair(f"{name} of the bare function", ROWS, _run(wrap, (X,), ROWS), bar=18 * np.eye(3), differs=VALUE))


# -- memory for time -------------------------------------------------------------------------------------------------


def _block(ad):
    return ad.checkpoint(lambda x, w: ad.np.tanh(w @ x))


def _two_blocks(ad):
    f = _block(ad)
    return lambda x, w: ad.np.sum(f(f(x, w), w) ** 2)


def _block_in_block(ad):
    f = _block(ad)
    g = ad.checkpoint(lambda x, w: f(ad.np.sin(f(x, w)), w))
    return lambda x, w: ad.np.sum(g(x, w) ** 2)


def _captures(ad):
    """The inner function uses the weights without being given them."""

    def f(x, w):
        return ad.np.sum(ad.checkpoint(lambda x: ad.np.tanh(w @ x))(x) ** 2)

    return f


def _of_a_tree(ad):
    f = ad.checkpoint(lambda p: {"y": ad.np.tanh(p["w"] @ p["x"]), "z": [p["x"] ** 2]})

    def total(p):
        out = f(p)
        return ad.np.sum(out["y"] * out["z"][0])

    return total


ANY = "grad", "vmap of grad", "jvp", "hvp", "hessian", "grad of grad", "vmap of grad of vmap"
REFUSED = dict.fromkeys(set(ANY) - {"grad", "grad of grad", "jvp"}, ONLY_AUTOGRAD)
_through(_two_blocks, (X, M / 3), ANY, "checkpointed blocks", REFUSED)
_through(_block_in_block, (X, M / 3), ("grad", "hvp"), "checkpoint in a checkpoint", REFUSED)
_through(_captures, (X, M / 3), ("grad", "vmap of grad"), "checkpoint with captured weights", REFUSED)
_through(_of_a_tree, ({"w": M / 3, "x": X},), ("grad",), "checkpoint of a tree")


# -- solutions of equations ------------------------------------------------------------------------------------------


def _heron(ad):
    """The square root as a fixed point."""
    return lambda a: ad.fixed_point(lambda x, a: (x + a / x) / 2, ad.np.ones_like(a), a)


def _layer(ad):
    """A deep equilibrium: z = tanh(W z + x)."""
    return lambda w, x: ad.np.sum(ad.fixed_point(lambda z, w, x: ad.np.tanh(w @ z + x), ad.np.zeros_like(x), w, x) ** 2)


def _pair_of_states(ad):
    def step(s, a):
        return {"u": 0.5 * ad.np.cos(s["v"]) * a, "v": [0.3 * s["u"] + 0.1][0]}

    def f(a):
        s = ad.fixed_point(step, {"u": ad.np.zeros_like(a), "v": ad.np.zeros_like(a)}, a)
        return ad.np.sum(s["u"] * s["v"])

    return f


def _cube_root(ad):
    return lambda a: ad.root(lambda x, a: x**3 - a, ad.np.ones_like(a), a)


def _stationary(ad):
    """The loss of a ridge regression's weights by its penalty: a problem inside a problem."""

    def f(penalty, x):
        def inner(w, penalty, x):
            return ad.np.sum((x @ w - 1) ** 2) + ad.np.exp(penalty) * ad.np.sum(w * w)

        w = ad.root(ad.grad(inner), ad.array(np.zeros(3)), penalty, x)
        return ad.np.sum((x @ w - ad.array(C[:2])) ** 2)

    return f


def _captured(ad):
    return lambda a: ad.np.sum(ad.root(lambda x: x + ad.np.exp(x) - a, ad.np.zeros_like(a)) ** 2)


_through(_heron, (2.0,), ("grad", "jvp", "hessian", "vmap of grad", "value_and_grad"), "square root as a fixed point")
_through(_layer, (M / 6, X), ("grad", "vmap of grad", "jvp", "hvp"), "equilibrium layer")
_through(_pair_of_states, (P,), ("grad", "jvp"), "fixed point of a dict")
_through(_cube_root, (P,), ("jacobian", "jvp", "vmap of jacobian"), "cube roots")
_through(_stationary, (0.3, A), ("grad", "hvp"), "ridge regression by its penalty")
_through(_captured, (P,), ("grad", "hessian"), "root of a function with a captured parameter")
