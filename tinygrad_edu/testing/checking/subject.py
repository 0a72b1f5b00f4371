"""A function and the point to check it at in one form: a vector of numbers with a name for each."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core import Value
from ...errors import DTypeError, OptionError
from ...transforms.trees import Tree, flatten, unflatten
from .adapters import Function, Pair
from .engines import Autograd, Engine, engine_of

__all__ = ["Subject", "elements"]


class Subject:
    """A function and its inputs in one form, whatever they came as.

    Args:
        f: a function, or a pair `(f, df)`.
        inputs: the arguments.
        argnums: which of them to differentiate by.
        framework: the name of an engine, or None.

    Attributes:
        function: a `Function` or a `Pair` of one vector.
        x: the inputs, (n,).
        names: of the n elements.
        notes: what the report has to say of all this.
    """

    def __init__(self, f: Any, inputs: tuple[Any, ...], argnums: Any, framework: str | None) -> None:
        self.df: Any
        self.f, self.df = f if isinstance(f, tuple) and len(f) == 2 else (f, None)
        self.name = getattr(self.f, "__name__", type(self.f).__name__)
        self.inputs, self.chosen = inputs, _chosen(argnums, len(inputs))
        self.leaves, self.tree = flatten([inputs[i] for i in self.chosen])
        self.engine: Engine = Autograd() if self.df else engine_of(self.f, self.leaves, framework)
        labels = _labels(self.f, len(inputs))
        paths = [p for i in self.chosen for p in _paths(flatten(inputs[i])[1], labels[i])]
        arrays = [_floats(self._numbers(x), path) for x, path in zip(self.leaves, paths, strict=True)]
        self.shapes, self.given = [a.shape for a in arrays], [a.dtype for a in arrays]
        self.names = [name for a, path in zip(arrays, paths, strict=True) for name in elements(a.shape, path)]
        self.x = np.concatenate([a.astype(float).ravel() for a in arrays]) if arrays else np.zeros(0)
        self.notes: list[str] = []
        self.structure: Tree | None = None
        self.function = self._widest()

    def _numbers(self, x: Any) -> Any:
        with self.engine.running():
            return np.asarray(x.data if isinstance(x, Value) else self.engine.numbers(x))

    def call(self, leaves: list[Any]) -> list[Any]:
        """The results of f as a flat list."""
        chosen = unflatten(self.tree, leaves)
        new = dict(zip(self.chosen, chosen, strict=True))
        results, self.structure = flatten(self.f(*[new.get(i, a) for i, a in enumerate(self.inputs)]))
        return results

    def _derivative(self, leaves: list[Any]) -> Any:
        new = dict(zip(self.chosen, unflatten(self.tree, leaves), strict=True))
        return self.df(*[new.get(i, a) for i, a in enumerate(self.inputs)])

    def made(self, dtypes: Sequence[Any]) -> Any:
        """The function of one vector, with inputs of these dtypes."""
        if self.df is not None:
            return Pair(self.call, self._derivative, self.shapes, dtypes)
        return Function(self.engine, self.call, self.shapes, dtypes)

    def _widest(self) -> Any:
        """The function in float64; in the dtype of its inputs if it does not take that."""
        wide = self.made([np.dtype(float)] * len(self.shapes))
        try:
            wide.value(self.x)
        except DTypeError:
            raise
        except Exception as error:  # whatever f does not like about float64
            if all(d == np.float64 for d in self.given):
                raise
            self.notes.append(f"checked in the dtypes of the inputs, as f does not take float64: {error}")
            wide = self.made(self.given)
            wide.value(self.x)
        return wide

    def first_only(self, order: int) -> int:
        """The order of a pair, which is 1; with a note where more was asked."""
        if order > 1:
            self.notes.append(f"order {order} was not checked: a pair (f, df) says nothing of it. Check (df, d2f) as well, "
                              "or write order=1")  # fmt: skip
        return 1

    def output(self, i: int) -> str:
        """The name of the i-th output."""
        paths = _paths(self.structure, "the output") if self.structure else []
        names = [n for path, (shape, _) in zip(paths, self.function.outputs, strict=True) for n in elements(shape, path)]
        return names[i]


def _chosen(argnums: Any, count: int) -> list[int]:
    wanted = range(count) if argnums is None else [argnums] if isinstance(argnums, int) else list(argnums)
    chosen = [i + count if i < 0 else i for i in wanted]
    if any(not 0 <= i < count for i in chosen) or len(set(chosen)) < len(chosen) or not chosen:
        raise OptionError(f"check_gradients: argnums={argnums!r} with {count} inputs; name each once, from 0 to {count - 1}")
    return chosen


def _labels(f: Any, count: int) -> list[str]:
    """What f calls its parameters."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [*named, *(f"input {i}" for i in range(len(named), count))]


def _paths(tree: Tree, path: str) -> list[str]:
    """The name of each leaf, as `p['w'][1]`."""
    if tree.kind is None:
        return [path]
    keys = tree.keys if tree.kind is dict else range(len(tree.children))
    return [p for key, child in zip(keys, tree.children, strict=True) for p in _paths(child, f"{path}[{key!r}]")]


def elements(shape: tuple[int, ...], path: str) -> list[str]:
    """The name of each entry of an array."""
    return [f"{path}[{', '.join(map(str, i))}]" if i else path for i in np.ndindex(shape)]


def _floats(x: Any, path: str) -> Any:
    if x.dtype.kind != "f":
        raise DTypeError(f"{path} is {x.dtype}, which has no gradient. Write it with floats, as 2.0 or x.astype(float); if it "
                         "is no number to be differentiated by, leave it out: argnums= names the inputs that are")  # fmt: skip
    return x
