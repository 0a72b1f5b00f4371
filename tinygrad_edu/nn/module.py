"""`Module`: a function with parameters, and a tree of such functions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..core import Value
from ..core.recording import FULL, STATE, Call, State
from ..errors import DataError, ShapeError

__all__ = ["Module"]


class Module(ABC):
    """A function with parameters.

    Write `forward`, and assign Values and other Modules to attributes, directly or in lists and dicts: they are found by
    walking the attributes, so nothing has to be registered. Calling a module runs `forward` inside a scope of its name,
    which is what graphs draw as a cluster.

    >>> import tinygrad_edu as tg
    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = tg.Value(2.0), tg.Value(1.0)
    ...     def forward(self, x):
    ...         return self.slope * x + self.offset
    >>> Line()(3.0).item()
    7.0
    >>> [name for name, _ in Line().named_parameters()]
    ['slope', 'offset']
    """

    training: bool = True

    @abstractmethod
    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """`forward`, inside a scope of this module's name."""
        now = STATE.get()
        if now.mode != FULL:  # nobody will look at the graph
            return self.forward(*args, **kwargs)
        token = STATE.set(State(now.mode, (*now.scope, Call(vars(self).get("_name") or type(self).__name__)), now.source))
        try:  # as `with scope(name)`, which costs twice as much
            return self.forward(*args, **kwargs)
        finally:
            STATE.reset(token)

    def __setattr__(self, key: str, value: Any) -> None:
        object.__setattr__(self, key, value)
        for name, child in _entries(value, key):
            if isinstance(child, Module):
                object.__setattr__(child, "_name", name)
            elif type(child) is Value and not child.label:
                child.label = name

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and those inside it, each once, as `("layers.0", module)`; this one's own name is empty."""
        seen: set[int] = set()
        stack: list[tuple[str, Module]] = [(prefix, self)]
        while stack:
            path, module = stack.pop()
            if id(module) not in seen:
                seen.add(id(module))
                yield path, module
                stack.extend(reversed([(_join(path, n), m) for n, m in _members(module) if isinstance(m, Module)]))

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """The Values of this module and of those inside it, each once, as `("layers.0.weight", value)`."""
        seen: set[int] = set()
        for path, module in self.named_modules():
            for name, v in _members(module):
                if type(v) is Value and id(v) not in seen:
                    seen.add(id(v))
                    yield _join(path, name), v

    def parameters(self) -> list[Value]:
        """The Values that training changes."""
        return [v for _, v in self.named_parameters()]

    def modules(self) -> list[Module]:
        """This module and those inside it."""
        return [m for _, m in self.named_modules()]

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for v in self.parameters():
            v.zero_grad()

    def train(self, mode: bool = True) -> Module:
        """Set `training`, which dropout and batch normalisation ask for, here and inside."""
        for m in self.modules():
            m.training = mode
        return self

    def eval(self) -> Module:
        """`train(False)`."""
        return self.train(False)

    def state_dict(self) -> dict[str, np.ndarray[Any, Any]]:
        """A copy of every parameter's numbers by name."""
        return {name: np.array(v.data) for name, v in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Put numbers back into the parameters; all of them or, on an error, none.

        Raises:
            DataError: a name is missing or unknown.
            ShapeError: an array has another shape than its parameter.
        """
        own = dict(self.named_parameters())
        if missing := sorted(own.keys() - state.keys()):
            raise DataError(f"the weights miss {missing}; they hold {sorted(state)}")
        if unknown := sorted(state.keys() - own.keys()):
            raise DataError(f"the weights hold {unknown}, which this model does not have; it has {sorted(own)}")
        for name, v in own.items():
            if np.shape(state[name]) != v.shape:
                raise ShapeError(f"{name} has shape {v.shape} in this model and {np.shape(state[name])} in the weights")
        for name, v in own.items():
            v.data = np.array(state[name], v.dtype)


def _entries(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """A value and, for lists, tuples and dicts, what is inside, with names `name.0`, `name.key`."""
    if isinstance(value, list | tuple):
        for i, one in enumerate(value):
            yield from _entries(one, f"{name}.{i}")
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _entries(one, f"{name}.{key}")
    else:
        yield name, value


def _members(module: Module) -> Iterator[tuple[str, Any]]:
    for key, value in vars(module).items():
        yield from _entries(value, key)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
