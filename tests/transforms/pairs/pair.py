"""One function under one transform, written once, for any library of derivatives.

    a program          ad -> result                      ad.np, ad.F, ad.grad, ad.vmap, ... are the library's
    a function         (np, F, *arguments) -> result     np is the library's NumPy, F its functional names (PyTorch's)

`ad` is a `Library`: `OURS`, or what the tests against JAX and PyTorch each make of theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu import nn, ops, transforms

RTOL = {"float64": 1e-9, "float32": 1e-5, "int64": 0}  # of each entry
ATOL = {"float64": 1e-10, "float32": 1e-6, "int64": 0}  # for entries that are zero but for rounding


class Library(NamedTuple):
    """What a library of derivatives has to offer; the names and arguments are those of `tinygrad_edu.transforms`."""

    np: Any
    F: Any
    array: Callable[..., Any]  # from a NumPy array, of the same dtype
    grad: Callable[..., Any]
    value_and_grad: Callable[..., Any]
    vjp: Callable[..., Any]
    jvp: Callable[..., Any]
    linearize: Callable[..., Any]
    jacobian: Callable[..., Any]
    hessian: Callable[..., Any]
    hvp: Callable[..., Any]
    vmap: Callable[..., Any]
    checkpoint: Callable[..., Any]
    stop_gradient: Callable[..., Any]
    custom_vjp: Callable[..., Any]
    custom_jvp: Callable[..., Any]
    fixed_point: Callable[..., Any]
    root: Callable[..., Any]

    def arrays(self, tree):
        """A nest of NumPy arrays and numbers as this library's; lists are structure."""
        return mapped(lambda x: self.array(np.asarray(x)), tree)


OURS = Library(
    np=np,
    F=SimpleNamespace(**vars(ops) | vars(nn.functional)),
    array=lambda a: np.array(a)[()],
    **{name: getattr(transforms, name) for name in Library._fields[3:]},
)


@dataclass(frozen=True)
class Pair:
    """A function and a transform.

    Attributes:
        function, transform: their names.
        run: from a library to the result, a nest of its arrays.
        without: why a library cannot run it, by the library's name.
        bar: the right answer where a library has another one on purpose, or by mistake.
        differs: why it has, by the library's name.
    """

    function: str
    transform: str
    run: Callable[[Library], Any] = field(repr=False)
    without: dict[str, str] = field(default_factory=dict)
    bar: Any = None
    differs: dict[str, str] = field(default_factory=dict)

    def __str__(self):
        return f"{self.function} / {self.transform}"


def program(transform, pairs, **options):
    """A decorator: the program is a pair, named like the function."""

    def add(run):
        pairs.append(Pair(run.__name__.replace("_", " "), transform, run, **options))
        return run

    return add


def mapped(function, tree):
    if isinstance(tree, dict):
        return {k: mapped(function, x) for k, x in tree.items()}
    return type(tree)(mapped(function, x) for x in tree) if isinstance(tree, tuple | list) else function(tree)


def leaves(tree):
    inside = tree.values() if isinstance(tree, dict) else tree
    return [x for t in inside for x in leaves(t)] if isinstance(tree, tuple | list | dict) else [tree]


def assert_same(ours, theirs, where="result"):
    """One structure, and at each place one shape, one dtype, the same numbers up to `RTOL` and `ATOL`."""
    if isinstance(theirs, tuple | list | dict):
        assert type(ours) is type(theirs), f"{where} is a {type(ours).__name__}, theirs is a {type(theirs).__name__}"
        keys = theirs.keys() if isinstance(theirs, dict) else range(len(theirs))
        assert len(ours) == len(theirs), f"{where} has {len(ours)} parts, theirs has {len(theirs)}"
        for k in keys:
            assert_same(ours[k], theirs[k], f"{where}[{k!r}]")
        return
    assert isinstance(ours, np.ndarray | np.generic), f"{where} is a {type(ours).__name__}, no plain array"
    assert ours.shape == theirs.shape, f"{where} has shape {ours.shape}, theirs {theirs.shape}"
    assert ours.dtype == theirs.dtype, f"{where} has dtype {ours.dtype}, theirs {theirs.dtype}"
    np.testing.assert_allclose(ours, theirs, RTOL[ours.dtype.name], ATOL[ours.dtype.name], err_msg=where)


def check(pair, name, answer):
    """Assert that our result is that of another library; or, if the pair says that they differ, that it is the bar.

    Args:
        pair: what to run.
        name: of the other library.
        answer: from the pair to its result, a nest of NumPy arrays.
    """
    ours, theirs = pair.run(OURS), answer(pair)
    if name not in pair.differs:
        assert_same(ours, theirs)
    if pair.bar is not None:
        assert_same(ours, pair.bar)
    if name in pair.differs:
        assert not np.allclose(ours, theirs, equal_nan=True), f"{pair}: {name} agrees now; strike it from `differs`"
