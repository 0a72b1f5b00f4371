"""One face for every engine whose derivatives can be checked: its arrays, its reverse mode, its forward mode."""

# ruff: noqa: D102  what a method does is said once, in the protocol

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from typing import Any, Protocol

import numpy as np

from ...core import Value
from ...errors import MissingExtra, OptionError
from ...transforms.forward import jvp
from ...transforms.reverse import vjp

__all__ = ["ENGINES", "Arrays", "Autograd", "Call", "Engine", "Own", "engine_of"]

Arrays = list[Any]
Call = Callable[[Arrays], Arrays]


class Engine(Protocol):
    """What an automatic differentiation library can do, on lists of its own arrays."""

    name: str

    def running(self) -> AbstractContextManager[Any]:
        """Around everything that is run."""

    def array(self, x: Any) -> Any:
        """What a function of the engine is called with, of a NumPy array."""

    def primal(self, x: Any) -> Any:
        """What `reverse` and `forward` are called with."""

    def constant(self, x: Any) -> Any:
        """What cotangents and tangents are."""

    def numbers(self, x: Any) -> Any:
        """The NumPy array of what the engine returned."""

    def reverse(self, f: Call, xs: Arrays) -> tuple[Arrays, Callable[[Arrays], Arrays]]:
        """The results, and the pullback of cotangents, both differentiable again."""

    def forward(self, f: Call, xs: Arrays, ts: Arrays) -> Arrays:
        """The tangents of the results."""


class Own:
    """This package: functions of Values."""

    name = "tinygrad_edu"

    def running(self) -> AbstractContextManager[Any]:
        return nullcontext()

    def array(self, x: Any) -> Any:
        return Value(x)

    def primal(self, x: Any) -> Any:
        return x

    def constant(self, x: Any) -> Any:
        return x

    def numbers(self, x: Any) -> Any:
        return x.data if isinstance(x, Value) else x

    def reverse(self, f: Call, xs: Arrays) -> tuple[Arrays, Callable[[Arrays], Arrays]]:
        ys, pull = vjp(lambda *xs: f(list(xs)), *xs)
        return ys, lambda cs: list(pull(cs))

    def forward(self, f: Call, xs: Arrays, ts: Arrays) -> Arrays:
        return jvp(lambda *xs: f(list(xs)), xs, ts)[1]  # type: ignore[no-any-return]  # what is called is Any to mypy


class Torch:
    """PyTorch: functions of tensors, modules among them."""

    name = "torch"

    @contextmanager
    def running(self) -> Iterator[None]:
        import torch

        with warnings.catch_warnings(), torch.enable_grad():
            warnings.filterwarnings("ignore", ".*torch.jit.script", DeprecationWarning)  # its forward mode's own affair
            yield

    def array(self, x: Any) -> Any:
        import torch

        return torch.tensor(np.asarray(x)).requires_grad_()

    primal = array

    def constant(self, x: Any) -> Any:
        import torch

        return torch.tensor(np.asarray(x))

    def numbers(self, x: Any) -> Any:
        return x.numpy(force=True) if hasattr(x, "detach") else x

    def reverse(self, f: Call, xs: Arrays) -> tuple[Arrays, Callable[[Arrays], Arrays]]:
        import torch

        xs = [x if x.requires_grad else x.detach().requires_grad_() for x in xs]
        ys = f(xs)

        def pull(cs: Arrays) -> Arrays:
            pairs = [(y, c) for y, c in zip(ys, cs, strict=True) if getattr(y, "requires_grad", False)]
            if not pairs:
                return [torch.zeros_like(x) for x in xs]
            outs, weights = zip(*pairs, strict=True)
            gs = torch.autograd.grad(outs, xs, weights, create_graph=True, allow_unused=True)
            return [torch.zeros_like(x) if g is None else g for x, g in zip(xs, gs, strict=True)]

        return ys, pull

    def forward(self, f: Call, xs: Arrays, ts: Arrays) -> Arrays:
        import torch

        forward_ad: Any = torch.autograd.forward_ad
        with forward_ad.dual_level():
            ys = f([forward_ad.make_dual(x, t) for x, t in zip(xs, ts, strict=True)])
            parts = [forward_ad.unpack_dual(y) for y in ys]
            return [torch.zeros_like(p.primal) if p.tangent is None else p.tangent for p in parts]


class Jax:
    """JAX: functions of its arrays, in double precision whatever the setting is."""

    name = "jax"

    def running(self) -> AbstractContextManager[Any]:
        import jax

        if hasattr(jax, "enable_x64"):
            return jax.enable_x64(True)  # type: ignore[no-any-return]  # what is called is Any to mypy
        return import_module("jax.experimental").enable_x64()  # type: ignore[no-any-return]  # what is called is Any to mypy

    def array(self, x: Any) -> Any:
        import jax.numpy as jnp

        return jnp.asarray(x)

    primal = constant = array

    def numbers(self, x: Any) -> Any:
        return np.asarray(x)

    def reverse(self, f: Call, xs: Arrays) -> tuple[Arrays, Callable[[Arrays], Arrays]]:
        import jax

        ys, pull = jax.vjp(f, xs)
        return ys, lambda cs: pull(list(cs))[0]

    def forward(self, f: Call, xs: Arrays, ts: Arrays) -> Arrays:
        import jax

        return jax.jvp(f, (xs,), (ts,))[1]  # type: ignore[no-any-return]  # what is called is Any to mypy


class Autograd:
    """HIPS autograd: functions of NumPy arrays, written with `autograd.numpy`."""

    name = "autograd"

    @contextmanager
    def running(self) -> Iterator[None]:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Output seems independent of input")  # then the derivative is zero
            yield

    def array(self, x: Any) -> Any:
        return np.array(x)

    primal = constant = array

    def numbers(self, x: Any) -> Any:
        return np.asarray(x)

    def reverse(self, f: Call, xs: Arrays) -> tuple[Arrays, Callable[[Arrays], Arrays]]:
        from autograd.core import make_vjp

        def by(i: int) -> Any:  # one input at a time, as users do: gradients of a tuple would be made to fit its shapes
            return make_vjp(lambda x: _builtin(f([*xs[:i], x, *xs[i + 1 :]])), xs[i])

        pulls = [by(i) for i in range(len(xs))]
        return list(pulls[0][1]) if pulls else f(xs), lambda cs: [pull(_builtin(cs)) for pull, _ in pulls]

    def forward(self, f: Call, xs: Arrays, ts: Arrays) -> Arrays:
        from autograd.core import make_jvp

        return list(make_jvp(_as_builtin(f), _builtin(xs))(_builtin(ts))[1])


def _builtin(xs: Arrays) -> Any:
    from autograd.builtins import tuple as boxed

    return boxed(tuple(xs))


def _as_builtin(f: Call) -> Callable[[Any], Any]:
    return lambda xs: _builtin(f(list(xs)))


ENGINES: dict[str, type[Engine]] = {"tinygrad_edu": Own, "torch": Torch, "jax": Jax, "autograd": Autograd}
_PACKAGES = {"torch": "torch", "jax": "jax", "jaxlib": "jax", "autograd": "autograd", "tinygrad_edu": "tinygrad_edu"}


def engine_of(f: Any, leaves: Sequence[Any], framework: str | None) -> Engine:
    """The engine that differentiates `f`: the one named, or that of its arguments, or that of the modules it uses.

    Raises:
        OptionError: the name of no engine.
        MissingExtra: an engine that is not installed.
    """
    if framework is not None and framework not in ENGINES:
        raise OptionError(f"framework={framework!r}; there are {', '.join(ENGINES)}")
    name = framework or _by_arguments(leaves) or _by_modules(f) or "tinygrad_edu"
    try:
        import_module(name)
    except ImportError as error:
        raise MissingExtra(f"checking a function of {name} needs it: pip install 'tinygrad-edu[peers]'") from error
    return ENGINES[name]()


def _by_arguments(leaves: Sequence[Any]) -> str | None:
    roots = [_root(type(x).__module__) for x in leaves]
    return next((_PACKAGES[r] for r in roots if r in _PACKAGES), None)


def _by_modules(f: Any) -> str | None:
    """The engine that the function's code names, as `jnp.sin` names jax.numpy, or that of the functions it calls."""
    own = _PACKAGES.get(_root(type(f).__module__))
    if own is not None:
        return own
    seen, pending = set[int](), [f]
    for one in pending:
        for used in _used(one):
            if found := _named(used):
                return found
            if inspect.isfunction(used) and id(used) not in seen:
                seen.add(id(used))
                pending.append(used)
    return None


def _used(f: Any) -> list[Any]:
    """What a function's code refers to by name."""
    f = inspect.unwrap(getattr(f, "__func__", f)) if callable(f) else f
    code, scope = getattr(f, "__code__", None), getattr(f, "__globals__", {})
    if code is None:
        return []
    inside = [c.cell_contents for c in f.__closure__ or () if _filled(c)]
    return [scope[n] for n in code.co_names if n in scope] + inside


def _named(used: Any) -> str | None:
    names = [used.__name__] if inspect.ismodule(used) else [type(used).__module__, getattr(used, "__module__", "")]
    found = [_PACKAGES[r] for r in map(_root, names) if r in _PACKAGES and r != "tinygrad_edu"]
    return found[0] if found else None


def _root(name: Any) -> str:
    return str(name).partition(".")[0]


def _filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018  asked for its error
    except ValueError:
        return False
    return True
