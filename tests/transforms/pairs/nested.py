"""Derivatives inside derivatives that are easily confused, in every order of the modes, and towers of derivatives.

Sources: Siskind and Pearlmutter, Perturbation Confusion and Referential Transparency (2005); Manzyuk, Pearlmutter, Radul,
Rush and Siskind, Perturbation confusion in forward automatic differentiation of higher-order functions (2019).
"""

from itertools import product

from .pair import Pair

NESTED = []


def forward(ad, f):
    return lambda x: ad.jvp(f, (x,), (ad.np.ones_like(x),))[1]


def reverse(ad, f):
    return ad.grad(f)


def pull(ad, f):
    """Reverse mode by `vjp`."""

    def derivative(x):
        y, pulled = ad.vjp(f, x)
        return pulled(ad.np.ones_like(y))[0]

    return derivative


def push(ad, f):
    """Forward mode by `linearize`."""

    def derivative(x):
        return ad.linearize(f, x)[1](ad.np.ones_like(x))

    return derivative


def siskind_pearlmutter(ad, outer, inner):
    """1, not 2: the inner derivative is 1 whatever x is."""
    return outer(lambda x: x * inner(lambda y: x + y)(ad.array(1.0)))(ad.array(1.0))


def product_of_both(ad, outer, inner):
    return outer(lambda x: x * inner(lambda y: x * y)(ad.array(2.0)))(ad.array(3.0))


def inner_at_the_outer_variable(ad, outer, inner):
    return outer(lambda x: x * inner(lambda y: x * y**2 + ad.np.sin(y))(x))(ad.array(0.7))


def inner_at_a_function_of_it(ad, outer, inner):
    return outer(lambda x: ad.np.exp(x) * inner(lambda y: ad.np.sin(x * y))(x**2))(ad.array(0.7))


def constant_inside(ad, outer, inner):
    """The inner function does not depend on its variable."""
    return outer(lambda x: x + inner(lambda y: x * x + 0 * y)(x))(ad.array(0.7))


def curried(ad, outer, inner):
    def f(x):
        return lambda y: ad.np.sin(x) * y**3 + x * y

    return outer(lambda x: inner(f(x))(x * 2))(ad.array(0.6))


def three_deep(ad, outer, inner):
    """x d/dy(y d/dz(x y z^2)), each variable used at each depth."""
    return outer(lambda x: x * inner(lambda y: y * outer(lambda z: x * y * z**2)(x * y))(x + 1))(ad.array(0.5))


def derivative_of_a_shift(ad, outer, inner):
    """An operator on functions, D f = t -> d/dx f(x + t) at 0, made by both modes: the second derivative of sin."""

    def shift(d, f):
        return lambda t: d(lambda x: f(x + t))(ad.array(0.0))

    return shift(outer, shift(inner, ad.np.sin))(ad.array(0.4))


def closures_in_a_list(ad, outer, inner):
    """Functions that hold the outer variable are made first and differentiated later."""

    def total(x):
        made = [lambda y, k=k: x**k * y ** (k + 1) for k in range(3)]
        return sum(inner(f)(ad.array(1.5)) for f in made)

    return outer(total)(ad.array(0.8))


def newton_step(ad, outer, inner):
    """The derivative of one step of Newton's method by the parameter of the equation."""

    def step(a):
        def f(x):
            return x**3 - a * x - 1

        x = ad.array(1.5)
        return x - f(x) / inner(f)(x)

    return outer(step)(ad.array(0.9))


MODES = {"reverse": reverse, "forward": forward}
CASES = [siskind_pearlmutter, product_of_both, inner_at_the_outer_variable, inner_at_a_function_of_it, constant_inside,
         curried, three_deep, derivative_of_a_shift, closures_in_a_list, newton_step]  # fmt: skip


def _case(case, outer, inner):
    return lambda ad: case(ad, lambda f: outer(ad, f), lambda f: inner(ad, f))


for case, outer, inner in product(CASES, MODES, MODES):
    NESTED.append(Pair(case.__name__.replace("_", " "), f"{outer} over {inner}", _case(case, MODES[outer], MODES[inner])))
NOT_AGAIN = "what torch.func.linearize returns is not differentiated by a transform around it, silently or with an error"
for outer, inner in product((pull, push), (pull, push)):
    run = _case(siskind_pearlmutter, outer, inner)
    without = {"torch": NOT_AGAIN} if inner is push else {}
    NESTED.append(Pair("siskind pearlmutter", f"{outer.__name__} over {inner.__name__}", run, without))


def tower(modes):
    def run(ad):
        f = ad.np.tanh
        for mode in modes:
            f = MODES[mode](ad, f)
        return f(ad.array(0.3))

    return run


TOWERS = {f"derivative {n}, {mode}": (mode,) * n for n in (1, 2, 3, 4, 5) for mode in MODES}
TOWERS["derivative 5, in turn"] = ("reverse", "forward", "reverse", "forward", "reverse")
TOWERS["derivative 4, forward over forward over reverse over reverse"] = ("reverse", "reverse", "forward", "forward")
NESTED += [Pair("tanh", name, tower(modes)) for name, modes in TOWERS.items()]
