"""`SGD`, `Adam`, `AdamW`: an update rule run over the parameters of a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..core import Value
from ..errors import DataError, OptionError
from .rules import Rule, State, adam, sgd

__all__ = ["SGD", "Adam", "AdamW", "Optimiser"]


class Optimiser:
    """Runs an update rule over parameters; a parameter that no gradient reached stays as it is.

    >>> from tinygrad_edu import Value
    >>> from tinygrad_edu.optim import sgd
    >>> x = Value(1.0)
    >>> (x * x).backward()
    >>> Optimiser([x], sgd(lr=0.1)).step()
    >>> x.item()
    0.8

    Attributes:
        parameters: the Values it changes.
        states: what the rule remembers of each.
    """

    def __init__(self, parameters: Iterable[Value], rule: Rule) -> None:
        self.parameters = list(parameters)
        if not self.parameters:
            raise OptionError("an optimiser needs parameters; got none. Write model.parameters()")
        for v in self.parameters:
            if type(v) is not Value or v.op is not None:
                raise OptionError(f"an optimiser changes leaves; got {v!r}")
        self.rule = rule
        self.states: list[State] = [rule.init(v.data) for v in self.parameters]

    def step(self) -> None:
        """Give every parameter with a `.grad` new numbers, a read-only array; to change one by hand, assign `v.data`."""
        for i, v in enumerate(self.parameters):
            if v.grad is not None:
                data, self.states[i] = self.rule.update(v.data, v.grad, self.states[i])
                if data.shape:
                    data.setflags(False)  # nobody else has it, so a graph need not lock it
                v.data = data

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for v in self.parameters:
            v.zero_grad()

    def state_dict(self) -> dict[str, np.ndarray[Any, Any]]:
        """Everything remembered, as arrays named `"0.momentum"`."""
        return {f"{i}.{k}": np.array(x) for i, state in enumerate(self.states) for k, x in state.items()}

    def load_state_dict(self, arrays: Mapping[str, Any]) -> None:
        """Remember again what `state_dict` gave.

        Raises:
            DataError: for another number of parameters or other shapes.
        """
        states: list[State] = [{} for _ in self.parameters]
        for name, x in arrays.items():
            i, _, key = name.partition(".")
            if not i.isdecimal() or int(i) >= len(states) or np.shape(x) not in ((), self.parameters[int(i)].shape):
                raise DataError(f"optimiser state {name!r} of shape {np.shape(x)} fits none of the {len(states)} parameters")
            states[int(i)][key] = np.array(x)[()] if np.ndim(x) == 0 else np.array(x)
        self.states = states


class SGD(Optimiser):
    """Gradient descent with momentum, Nesterov's look-ahead and weight decay: see `rules.sgd`.

    >>> from tinygrad_edu import Value
    >>> x = Value(1.0)
    >>> (x * x).backward()
    >>> SGD([x], lr=0.1).step()
    >>> x.item()
    0.8
    """

    def __init__(self, parameters: Iterable[Value], lr: float, *, momentum: float = 0.0, nesterov: bool = False,
                 weight_decay: float = 0.0) -> None:  # fmt: skip
        super().__init__(parameters, sgd(lr, momentum=momentum, nesterov=nesterov, weight_decay=weight_decay))


class Adam(Optimiser):
    """Adam, with weight decay as a penalty: see `rules.adam`.

    >>> from tinygrad_edu import Value
    >>> x = Value(1.0)
    >>> (5 * x).backward()
    >>> Adam([x], lr=0.1).step()  # the first step is lr, whatever the size of the gradient
    >>> round(x.item(), 6)
    0.9
    """

    def __init__(self, parameters: Iterable[Value], lr: float = 1e-3, *, betas: tuple[float, float] = (0.9, 0.999),
                 eps: float = 1e-8, weight_decay: float = 0.0) -> None:  # fmt: skip
        super().__init__(parameters, adam(lr, betas=betas, eps=eps, weight_decay=weight_decay))


class AdamW(Optimiser):
    """Adam with decoupled weight decay: see `rules.adam`.

    >>> from tinygrad_edu import Value
    >>> x = Value(1.0)
    >>> (5 * x).backward()
    >>> AdamW([x], lr=0.1, weight_decay=0.5).step()  # 1 - 0.1*0.5 - 0.1
    >>> round(x.item(), 6)
    0.85
    """

    def __init__(self, parameters: Iterable[Value], lr: float = 1e-3, *, betas: tuple[float, float] = (0.9, 0.999),
                 eps: float = 1e-8, weight_decay: float = 0.01) -> None:  # fmt: skip
        super().__init__(parameters, adam(lr, betas=betas, eps=eps, weight_decay=weight_decay, decoupled=True))
