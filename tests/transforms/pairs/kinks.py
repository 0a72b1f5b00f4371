"""Where there is no one derivative: the rows of the table of traps where a library differs from the bar.

The rule is one sentence: the subgradient of least norm.
"""

import numpy as np

from .pair import Pair

NORM = "its derivative of a norm at 0 is 0/0; the subgradient of least norm is 0"
BRANCH = "0 times inf is NaN; the branch that was not taken gives nothing at all"

NO_FORWARD = {"sqrt in a branch not taken"}  # forward mode has no such product: there they agree

ROWS = [  # the function, where, the bar, who differs and why
    ("abs at 0", lambda np, F, x: np.sum(np.abs(x)), [0.0, 2.0], [0.0, 1.0], {"jax": "it takes the slope to the right"}),
    ("norm at 0", lambda np, F, x: np.linalg.norm(x), [0.0, 0.0], [0.0, 0.0], {"jax": NORM}),
    ("std of equals", lambda np, F, x: np.std(x), [2.0, 2.0], [0.0, 0.0], {"jax": NORM}),
    ("hypot at 0", lambda np, F, x: np.sum(np.hypot(x, 0 * x)), [0.0, 3.0], [0.0, 1.0], {"jax": "it has 1/2", "torch": NORM}),
    ("clip at its bounds", lambda np, F, x: np.sum(np.clip(x, 0.0, 1.0)), [0.0, 1.0, 0.5], [0.0, 0.0, 1.0],
     {"jax": "it shares evenly, 1/2", "torch": "it counts the bounds as inside"}),
    ("sqrt in a branch not taken", lambda np, F, x: np.sum(np.where(x > 0, np.sqrt(x), 0 * x)), [0.0, 4.0], [0.0, 0.25],
     {"jax": BRANCH, "torch": BRANCH}),
    ("maximum at a tie", lambda np, F, x: np.sum(np.maximum(x, 1.0 + 0 * x)), [1.0, 2.0], [0.5, 1.0], {}),
    ("max of equals", lambda np, F, x: np.max(x), [1.0, 1.0, 0.0], [0.5, 0.5, 0.0], {}),
    ("relu at 0", lambda np, F, x: np.sum(F.relu(x)), [0.0, 1.0], [0.0, 1.0], {}),
    ("where at its edge", lambda np, F, x: np.sum(np.where(x > 0, x, -x)), [0.0, 1.0], [-1.0, 1.0], {}),
    ("prod with a zero", lambda np, F, x: np.prod(x), [0.0, 2.0, 3.0], [6.0, 0.0, 0.0], {}),
    ("sqrt at 0", lambda np, F, x: np.sum(np.sqrt(x)), [0.0], [np.inf], {}),
]  # fmt: skip


def _reverse(ad, f, x):
    return ad.grad(f)(x)


def _forward(ad, f, x):
    return ad.jacobian(f, mode="forward")(x)


def _batched(ad, f, x):
    return ad.vmap(ad.grad(f))(ad.np.stack([x, x]))


def _pair(name, f, x, bar, differs, transform, run):
    bar = np.stack([bar, bar]) if run is _batched else np.array(bar)

    def pair(ad):
        return run(ad, lambda x: f(ad.np, ad.F, x), ad.array(np.array(x)))

    agreed = run is _forward and name in NO_FORWARD
    return Pair(name, transform, pair, bar=bar, differs={} if agreed else differs)


TRANSFORMS = {"grad": _reverse, "jacobian, forward": _forward, "vmap of grad": _batched}
KINKS = [_pair(*row, name, run) for row in ROWS for name, run in TRANSFORMS.items()]
