"""The transforms, each as a function of a library, a function, and where to take the derivative.

`at` holds the arguments x, a direction t for each, and several examples of them, xs. By all arguments is differentiated:
`argnums` is 0 if there is one, else the tuple of all.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .pair import leaves, mapped


@dataclass(frozen=True)
class At:
    """A point, a direction and some examples, in a library's arrays."""

    x: tuple[Any, ...]
    t: tuple[Any, ...]
    xs: tuple[Any, ...]

    @property
    def argnums(self):
        return 0 if len(self.x) == 1 else tuple(range(len(self.x)))


def place(ad, args):
    """The point `args`, with a direction and examples that hang on its shapes and numbers alone."""
    return At(*map(ad.arrays, (args, mapped(_direction, args), mapped(_examples, args))))


def _direction(x):
    x = np.asarray(x)
    return np.cos(1 + np.arange(x.size)).reshape(x.shape).astype(x.dtype)


def _examples(x):
    return np.stack([x * np.asarray(x).dtype.type(s) for s in (1, 0.9, 1.15)])


def cotangent(ad, y):
    """Some cotangent of the structure of y."""
    return mapped(lambda one: ad.np.cos(one + 1), y)


def squares(ad, tree):
    """One number of a nest of arrays."""
    return sum(ad.np.sum(x * x) for x in leaves(tree))


def _vjp(ad, f, at):
    y, pull = ad.vjp(f, *at.x)
    return y, pull(cotangent(ad, y))


def _linearize(ad, f, at):
    y, push = ad.linearize(f, *at.x)
    return y, push(*at.t), push(*at.x)


def _hvp(ad, f, at):
    return ad.hvp(f, at.x, at.t)


def _grad_of_grad(ad, f, at):
    g = ad.grad(f, at.argnums)
    return ad.grad(lambda *x: squares(ad, g(*x)), at.argnums)(*at.x)


def _grad_of_jvp(ad, f, at):
    return ad.grad(lambda *x: squares(ad, ad.jvp(f, x, at.t)[1]), at.argnums)(*at.x)


def _jvp_of_jvp(ad, f, at):
    return ad.jvp(lambda *x: ad.jvp(f, x, at.t)[1], at.x, at.t)


def _vjp_of_vjp(ad, f, at):
    def pulled(*x):
        y, pull = ad.vjp(f, *x)
        return pull(cotangent(ad, y))

    y, pull = ad.vjp(pulled, *at.x)
    return y, pull(at.t)


def _vmap_of_jvp(ad, f, at):
    return ad.vmap(lambda *x: ad.jvp(f, x, at.t))(*at.xs)


def _vmap_of_vjp(ad, f, at):
    return ad.vmap(lambda *x: _vjp(ad, f, At(x, (), ())))(*at.xs)


def _vmap_of_pull(ad, f, at):
    y, pull = ad.vjp(f, *at.x)
    several = mapped(lambda one: ad.np.stack([ad.np.cos(one + k) for k in range(3)]), y)
    return ad.vmap(pull)(several)


def _vmap_of_push(ad, f, at):
    _, push = ad.linearize(f, *at.x)
    return ad.vmap(push)(*at.xs)


def _grad_of_vmap(ad, f, at):
    return ad.grad(lambda *xs: squares(ad, ad.vmap(f)(*xs)), at.argnums)(*at.xs)


def _jvp_of_vmap(ad, f, at):
    return ad.jvp(ad.vmap(f), at.xs, mapped(ad.np.sin, at.xs))


def _vmap_of_grad_of_vmap(ad, f, at):
    """Each example of the outer vmap scales all examples of the inner one."""

    def scaled(s):
        return ad.grad(lambda s: squares(ad, ad.vmap(lambda *x: f(*mapped(lambda one: one * s, x)))(*at.xs)))(s)

    return ad.vmap(scaled)(ad.array(np.array([0.9, 1.0])))


def _hessian_of_vmap(ad, f, at):
    return ad.hessian(lambda *xs: squares(ad, ad.vmap(f)(*xs)), at.argnums)(*at.xs)


OF_NUMBERS = {  # f: to one number
    "grad": lambda ad, f, at: ad.grad(f, at.argnums)(*at.x),
    "value_and_grad": lambda ad, f, at: ad.value_and_grad(f, at.argnums)(*at.x),
    "hessian": lambda ad, f, at: ad.hessian(f, at.argnums)(*at.x),
    "hvp": _hvp,
    "vmap of grad": lambda ad, f, at: ad.vmap(ad.grad(f, at.argnums))(*at.xs),
    "vmap of value_and_grad": lambda ad, f, at: ad.vmap(ad.value_and_grad(f, at.argnums))(*at.xs),
    "vmap of hessian": lambda ad, f, at: ad.vmap(ad.hessian(f, at.argnums))(*at.xs),
    "vmap of hvp": lambda ad, f, at: ad.vmap(lambda *x: ad.hvp(f, x, at.t))(*at.xs),
    "jvp of grad": lambda ad, f, at: ad.jvp(ad.grad(f, at.argnums), at.x, at.t),
    "linearize of grad": lambda ad, f, at: _linearize(ad, ad.grad(f, at.argnums), at),
    "vjp of grad": lambda ad, f, at: _vjp(ad, ad.grad(f, at.argnums), at),
    "grad of grad": _grad_of_grad,
    "jacobian of grad, reverse": lambda ad, f, at: ad.jacobian(ad.grad(f, at.argnums), at.argnums, mode="reverse")(*at.x),
    "jacobian of grad, forward": lambda ad, f, at: ad.jacobian(ad.grad(f, at.argnums), at.argnums, mode="forward")(*at.x),
    "vmap of grad of vmap": _vmap_of_grad_of_vmap,
    "hessian of vmap": _hessian_of_vmap,
}

OF_ARRAYS = {  # f: to a nest of arrays
    "vjp": _vjp,
    "jvp": lambda ad, f, at: ad.jvp(f, at.x, at.t),
    "linearize": _linearize,
    "jacobian": lambda ad, f, at: ad.jacobian(f, at.argnums)(*at.x),
    "jacobian, forward": lambda ad, f, at: ad.jacobian(f, at.argnums, mode="forward")(*at.x),
    "jacobian, reverse": lambda ad, f, at: ad.jacobian(f, at.argnums, mode="reverse")(*at.x),
    "jacobian of jacobian": lambda ad, f, at: ad.jacobian(ad.jacobian(f, at.argnums), at.argnums)(*at.x),
    "vmap": lambda ad, f, at: ad.vmap(f)(*at.xs),
    "vmap of jvp": _vmap_of_jvp,
    "vmap of vjp": _vmap_of_vjp,
    "vmap of pull": _vmap_of_pull,
    "vmap of push": _vmap_of_push,
    "vmap of jacobian": lambda ad, f, at: ad.vmap(ad.jacobian(f, at.argnums))(*at.xs),
    "jvp of vmap": _jvp_of_vmap,
    "vjp of vmap": lambda ad, f, at: _vjp(ad, ad.vmap(f), At(at.xs, (), ())),
    "grad of vmap": _grad_of_vmap,
    "grad of jvp": _grad_of_jvp,
    "jvp of jvp": _jvp_of_jvp,
    "vjp of vjp": _vjp_of_vjp,
}

TRANSFORMS = OF_NUMBERS | OF_ARRAYS
