"""What the table asks of a library."""

from __future__ import annotations

import importlib.metadata
import warnings
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ..rows import SIX, Row

__all__ = ["Answer", "Lacks", "Library", "Names", "floats"]


class Lacks(Exception):  # noqa: N818  an answer, not an accident
    """The library has no such function, or no such notion."""


class Answer(NamedTuple):
    """What a library says to a row: value, gradients of its sum by each input, and the second derivative if asked for."""

    value: Any
    grads: tuple[Any, ...]
    second: Any = None


class Names:
    """Functions of a library under NumPy's names, or under ours; asking for another says that it lacks it."""

    def __init__(self, *sources: Any, **functions: Any) -> None:
        self._sources, self._functions = sources, functions

    def __getattr__(self, name: str) -> Any:
        if name in self._functions:
            return self._functions[name]
        for source in self._sources:
            if hasattr(source, name):
                return getattr(source, name)
        raise Lacks(name)


class Library:
    """An adapter: subclasses say how a row is computed; those that record as they go, also how they behave.

    Attributes:
        name: as in the head of the table.
        package: what pip calls it.
        environment: variables that it needs in its process.
        rewrites: expressions that have to be spelt otherwise in this library.
        backward_options: what its `backward` takes besides the value.
    """

    name: ClassVar[str]
    package: ClassVar[str]
    environment: ClassVar[dict[str, str]] = {}
    rewrites: ClassVar[dict[str, str]] = {}
    backward_options: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def version(cls) -> str | None:
        """The installed version; None if it is not installed."""
        try:
            return importlib.metadata.version(cls.package)
        except importlib.metadata.PackageNotFoundError:
            return None

    def answer(self, row: Row) -> Answer:
        """Compute a row, with warnings off.

        Raises:
            Lacks: the library has no such function.
            Exception: whatever the library raises.
        """
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self._answer(row)

    def _answer(self, row: Row) -> Answer:
        raise NotImplementedError

    def evaluate(self, row: Row, inputs: list[Any], np: Any, F: Any) -> Any:
        """The row's expression of these inputs."""
        code = self.rewrites.get(row.code, row.code)
        return eval(code, {"np": np, "F": F, "SIX": SIX, **dict(zip("xy", inputs, strict=False))})

    # What `behaviours` uses, where a library records as it goes; the others lack it.

    tensor: Any = None  # the class of what it records

    def leaf(self, data: Any) -> Any:
        """What is differentiated, on a copy of the data."""
        raise Lacks("it records nothing")

    def shared(self, array: Any) -> Any:
        """A leaf on a NumPy array itself, where it can be made."""
        return self.leaf(array)

    def backward(self, y: Any, **options: Any) -> None:
        """Fill the gradients.

        Raises:
            Lacks: it has no such option.
        """
        if missing := options.keys() - set(self.backward_options):
            raise Lacks(f"backward({', '.join(missing)}=)")
        y.backward(**options)

    def grad(self, x: Any) -> Any:
        """The gradient of a leaf or an inner value as plain Python numbers; None if there is none."""
        return None if x.grad is None else self.numbers(x.grad)

    def numbers(self, x: Any) -> Any:
        """A result as plain Python numbers."""
        return np.asarray(x).tolist()

    def dtype(self, x: Any) -> str:
        """The name of a dtype in NumPy's spelling."""
        return str(x.dtype).split(".")[-1]


def floats(x: Any) -> Any:
    """An input as libraries get it: Python lists and numbers are float64, arrays stay as they are."""
    return x if isinstance(x, np.ndarray | np.generic) else np.array(x, float)


def zeros_for_none(g: Any, x: Any) -> Any:
    """No gradient as zeros, as the table prints it."""
    return np.zeros(np.shape(x)) if g is None else g
