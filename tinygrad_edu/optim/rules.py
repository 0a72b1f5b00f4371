"""Update rules as pairs of pure functions: `init(parameter) -> state`, `update(parameter, gradient, state) -> both anew`.

Arrays in, arrays out; nothing is changed in place. The optimisers of `optimisers.py` run them over a model.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..errors import OptionError

__all__ = ["Rule", "adam", "sgd"]

State = dict[str, Any]


class Rule(NamedTuple):
    """An update rule for one parameter: what it remembers at first, and one step.

    >>> rule = sgd(lr=0.5)
    >>> state = rule.init(np.array([1.0]))
    >>> rule.update(np.array([1.0]), np.array([4.0]), state)  # 1 - 0.5*4
    (array([-1.]), {})
    """

    init: Callable[[Any], State]
    update: Callable[[Any, Any, State], tuple[Any, State]]


def sgd(lr: float, *, momentum: float = 0.0, nesterov: bool = False, weight_decay: float = 0.0) -> Rule:
    """Gradient descent, p <- p - lr*d, with a moving direction d.

    g <- g + weight_decay*p
    b <- momentum*b + g                 the first time b <- g
    d  = g + momentum*b if nesterov else b

    As PyTorch's with dampening 0. Source: Sutskever et al. (2013), in PyTorch's arrangement, where lr multiplies the sum.

    Args:
        lr: the step, positive.
        momentum: in [0, 1); 0 is plain descent.
        nesterov: look ahead; needs momentum.
        weight_decay: lambda of the penalty lambda/2*|p|^2; not negative.

    Raises:
        OptionError: an option outside its domain.

    >>> rule, p, g = sgd(lr=0.1, momentum=0.5), np.array([1.0]), np.array([2.0])
    >>> p, state = rule.update(p, g, rule.init(p))
    >>> p, state = rule.update(p, g, state)  # 0.8 - 0.1*(0.5*2 + 2)
    >>> p
    array([0.5])
    """
    _check(lr=lr, weight_decay=weight_decay, momentum=momentum)
    if nesterov and not momentum:
        raise OptionError("sgd: nesterov looks ahead along the momentum, so it needs momentum > 0")

    def init(p: Any) -> State:
        return {}

    def update(p: Any, g: Any, state: State) -> tuple[Any, State]:
        g = g + weight_decay * p if weight_decay else g
        if not momentum:
            return _moved(p, g, lr), state
        b = momentum * state["momentum"] + g if "momentum" in state else g
        return _moved(p, g + momentum * b if nesterov else b, lr), {"momentum": b}

    return Rule(init, update)


def adam(lr: float = 1e-3, *, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
         weight_decay: float = 0.0, decoupled: bool = False) -> Rule:  # fmt: skip
    """Adam: steps of about lr, scaled for each entry by its own gradients.

    m <- b1*m + (1 - b1)*g              v <- b2*v + (1 - b2)*g^2
    p <- p - lr * m/(1 - b1^t) / (sqrt(v/(1 - b2^t)) + eps)

    Source: Kingma and Ba (2015), algorithm 1; `decoupled` is AdamW, Loshchilov and Hutter (2019): p shrinks by
    lr*weight_decay itself instead of through the gradient.

    Args:
        lr: the step, positive.
        betas: b1 and b2, each in [0, 1).
        eps: keeps the division finite; positive.
        weight_decay: not negative.
        decoupled: AdamW's weight decay.

    Raises:
        OptionError: an option outside its domain.

    >>> rule, p = adam(lr=0.1), np.array([1.0, 1.0])
    >>> p, state = rule.update(p, np.array([0.01, -100.0]), rule.init(p))
    >>> p.round(6)
    array([0.9, 1.1])
    """
    b1, b2 = betas
    _check(lr=lr, weight_decay=weight_decay, momentum=b1)
    _check(lr=eps, weight_decay=weight_decay, momentum=b2)

    def init(p: Any) -> State:
        return {"mean": np.zeros_like(p), "square": np.zeros_like(p), "step": 0}

    def update(p: Any, g: Any, state: State) -> tuple[Any, State]:
        t = int(state["step"]) + 1
        if weight_decay:
            p, g = (p * (1 - lr * weight_decay), g) if decoupled else (p, g + weight_decay * p)
        m = b1 * state["mean"] + (1 - b1) * g
        v = b2 * state["square"] + (1 - b2) * (g * g)
        step = lr / (1 - b1**t) * m / (np.sqrt(v) / (1 - b2**t) ** 0.5 + eps)
        return p - step, {"mean": m, "square": v, "step": t}

    return Rule(init, update)


def _moved(p: Any, direction: Any, lr: float) -> Any:
    """`p - lr*direction`, with one new array instead of two."""
    p_new = direction * -lr
    p_new += p
    return p_new


def _check(*, lr: float, weight_decay: float, momentum: float) -> None:
    if not lr > 0:
        raise OptionError(f"a learning rate and eps are positive, got {lr}")
    if not weight_decay >= 0:
        raise OptionError(f"weight_decay is not negative, got {weight_decay}")
    if not 0 <= momentum < 1:
        raise OptionError(f"momentum and betas lie in [0, 1), got {momentum}")
