"""`@differentiable`: the laws of derivatives as tests of a user's own function, one pytest item a law.

    @differentiable(x=(3,), w=(3, 2))
    def test_layer(x, w):
        return np.tanh(x @ w)

is collected as `test_layer[shape]`, `test_layer[dtype]`, `test_layer[differences]`, ... Each is a Hypothesis test: the
profile in force says how many inputs are tried, `@settings` and `@example` can stand above, and what is reported is the
smallest input that breaks the law.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..errors import LawBroken, MissingExtra, OptionError
from ..ops.domain import Domain, real
from ..transforms.trees import flatten, unflatten
from .laws import LAWS, Undecided
from .points import Point, plain
from .verdicts import report

__all__ = ["differentiable"]

__tracebackhide__ = True  # pytest shows the user's frames, not these

MODES = {"forward": ("forward", "transpose")}  # the laws that a mode is needed for
ORDERS = {1: ("second", "symmetry"), 2: ()}  # the laws that are left out


def differentiable(function: Callable[..., Any] | None = None, /, *, modes: Iterable[str] = ("reverse", "forward"),
                   order: int = 2, laws: str | Iterable[str] = "all", without: Mapping[str, str] | None = None,
                   inputs: Mapping[str, Any] | None = None, **named: Any) -> Any:  # fmt: skip
    """Turn a function into tests that its derivative keeps the laws of `tinygrad_edu.testing.laws`.

    Args:
        function: of arrays, returning an array or a nested tuple, list or dict of arrays. Without it, a decorator.
        modes: "reverse" and "forward"; without "forward" the laws `forward` and `transpose` are left out.
        order: how often it can be differentiated: 2, or 1, which leaves out `second` and `symmetry`.
        laws: names of the laws to test, or "all" of them.
        without: laws that do not hold here, each with the reason; they show up as skipped.
        inputs: the same as `named`, for parameters that are called like an option of this function.
        **named: for each parameter where its values come from: a Hypothesis strategy, a `Domain`, a shape, or a value.

    A shape `(3, 2)` draws floats of that shape between -3 and 3; a `Domain` draws arrays of any small shape from its
    intervals; an array or number is passed as it is, as are strings, integers and None. Float arrays, also inside a
    tuple, list or dict that a strategy draws, are differentiated by; everything else is a constant. If nothing is named,
    every parameter without a default is drawn, all of one shape; else parameters that are not named are pytest fixtures.

    Returns:
        The test; the decorated function is its attribute `function`.

    Raises:
        OptionError: an unknown law, mode, order or parameter, or a law left out without a reason.
        MissingExtra: Hypothesis or pytest is not installed.

    At a kink a gradient is right if it lies between the slopes of both sides. Where no differences settle (beside a kink,
    not on it) an input is passed over; if that happens at all of them the test fails.
    """
    if function is None:
        return partial(differentiable, modes=modes, order=order, laws=laws, without=without, inputs=inputs, **named)
    params = _params(_chosen(laws), {**_excused(tuple(modes), order), **_reasons(without or {})})
    return _test(function, params, {**(inputs or {}), **named})


# -- which laws --------------------------------------------------------------------------------------------------------


def _chosen(laws: str | Iterable[str]) -> list[str]:
    names = list(LAWS) if laws == "all" else [laws] if isinstance(laws, str) else list(laws)
    _known(names)
    if not names:
        raise OptionError("laws=[]: name at least one law, or leave the option away for all of them")
    return names


def _known(names: Iterable[str]) -> None:
    if unknown := [n for n in names if n not in LAWS]:
        raise OptionError(f"no law is called {', '.join(map(repr, unknown))}; there are {', '.join(LAWS)}")


def _reasons(without: Mapping[str, str]) -> dict[str, str]:
    if not isinstance(without, Mapping) or not all(isinstance(why, str) and why.strip() for why in without.values()):
        raise OptionError(f"a law is left out for a reason: without={{'batch': 'it loops in Python'}}; got {without!r}")
    _known(without)
    return dict(without)


def _excused(modes: tuple[str, ...], order: int) -> dict[str, str]:
    if "reverse" not in modes or set(modes) - {"reverse", "forward"}:
        raise OptionError(f"modes are ('reverse', 'forward') or ('reverse',), got {modes!r}")
    if order not in ORDERS:
        raise OptionError(f"order is 1 or 2, got {order!r}")
    left_out = {law: "modes=('reverse',)" for mode, needed in MODES.items() if mode not in modes for law in needed}
    return left_out | dict.fromkeys(ORDERS[order], f"order={order}")


def _params(names: list[str], excused: Mapping[str, str]) -> list[Any]:
    pytest = _needed("pytest")
    marks = {law: pytest.mark.skip(reason=f"the law of {law} is left out: {why}") for law, why in excused.items()}
    return [pytest.param(law, id=law, marks=marks.get(law, ())) for law in names]


def _needed(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise MissingExtra(f"differentiable needs {name}: pip install 'tinygrad-edu[testing]'") from None


# -- the test ----------------------------------------------------------------------------------------------------------


def _test(function: Callable[..., Any], params: list[Any], sources: dict[str, Any]) -> Any:
    """One Hypothesis test with a parameter `law`, and the user's names for its arguments."""
    pytest, hypothesis = _needed("pytest"), _needed("hypothesis")
    _returns_at_once(function)
    names, by_place = _parameters(function, sources)
    strategies = {n: strategy_of(s) for n, s in sources.items()} or _of_one_shape(names)
    subject = _Subject(function, by_place, (*strategies,))
    order = sorted(["law", *names], key=lambda n: n not in ("self", "cls"))  # a method stays one

    def test(*args: Any, **kwargs: Any) -> None:
        given = {**dict(zip(order, args, strict=False)), **kwargs}
        subject.keep(given["law"], {n: given[n] for n in names})

    _look_like(test, function, order)
    made = hypothesis.given(**strategies)(test)
    made.function = function
    made.pytestmark = [*getattr(function, "pytestmark", ())]  # of @pytest.mark.… written below
    return pytest.mark.differentiable(pytest.mark.parametrize("law", params)(made))


def _returns_at_once(function: Any) -> None:
    """Refuse what is no function that returns arrays when it is called."""
    if isinstance(function, staticmethod | classmethod):
        kind = type(function).__name__
        raise OptionError(f"@{kind} stands above @differentiable(...), which is written right above the def")
    if not callable(function):
        raise OptionError(
            f"differentiable takes a function of arrays, got {function!r}; shapes are named: differentiable(x=(3,))"
        )
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise OptionError(f"{_called(function)} is an async function or has a yield; one to be differentiated is a plain def "
                          "that returns arrays")  # fmt: skip


def _look_like(test: Any, function: Callable[..., Any], names: list[str]) -> None:
    parameters = [inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in names]
    test.__signature__ = inspect.Signature(parameters)
    if code := getattr(inspect.unwrap(function), "__code__", None):  # tracebacks and editors go to the user's function
        test.__code__ = test.__code__.replace(co_filename=code.co_filename, co_firstlineno=code.co_firstlineno)
    for attribute in ("__module__", "__qualname__", "__name__", "__doc__"):
        setattr(test, attribute, getattr(function, attribute, None) or getattr(test, attribute))
    if not test.__name__.isidentifier():  # a lambda
        test.__name__ = "test"


def _parameters(function: Callable[..., Any], sources: Mapping[str, Any]) -> tuple[list[str], bool]:
    """The parameters that the test has, those that are named and those without a default; are they passed by position?"""
    try:
        known = list(inspect.signature(function).parameters.values())
    except ValueError:  # a function written in C, such as NumPy's
        return _some([*sources], function), True
    if unknown := [n for n in sources if n not in {p.name for p in known} and known[-1:][0].kind is not _ANY]:
        has = ", ".join(p.name for p in known)
        raise OptionError(f"{_called(function)} has no parameter {', '.join(map(repr, unknown))}; it has {has}")
    needed = [p for p in known if p.kind not in _MANY and (p.default is p.empty or p.name in sources)]
    names = [p.name for p in needed]
    return _some([*names, *(n for n in sources if n not in names)], function), any(p.kind is _BARE for p in needed)


_BARE, _ANY = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.VAR_KEYWORD
_MANY = (inspect.Parameter.VAR_POSITIONAL, _ANY)


def _some(names: list[str], function: Callable[..., Any]) -> list[str]:
    if "law" in names:
        raise OptionError(f"{_called(function)} has a parameter law, which is what pytest hands the name of a law to; "
                          "give it another name")  # fmt: skip
    if not names:
        raise OptionError(f"{_called(function)} names no parameter to differentiate by; name them here: "
                          "differentiable(x=(3,))")  # fmt: skip
    return names


def _called(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", repr(function))


# -- one law at one input ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Subject:
    """The user's function, and the names of those of its arguments that are drawn; the others are fixtures."""

    function: Callable[..., Any]
    by_place: bool
    drawn: tuple[str, ...]

    def keep(self, law: str, arguments: dict[str, Any]) -> None:
        """Check one law for one set of arguments."""
        from hypothesis import reject

        try:
            LAWS[law](self.point(arguments))
        except Undecided:
            reject()
        except LawBroken as broken:
            broken.report = report(broken, self.function, {n: arguments[n] for n in self.drawn})
            raise

    def point(self, arguments: dict[str, Any]) -> Point:
        """The function of the float arrays among the drawn arguments, as float64."""
        leaves, structure = flatten({n: arguments[n] for n in self.drawn})
        names = [path for n in self.drawn for path in _paths(n, arguments[n])]
        places = [k for k, x in enumerate(leaves) if np.asarray(plain(x)).dtype.kind == "f"]
        if not places:
            raise OptionError(f"{_called(self.function)} got no float array to differentiate by: "
                              f"{', '.join(self.drawn)} are all constants")  # fmt: skip

        def results(*inputs: Any) -> list[Any]:
            filled = list(leaves)
            for k, x in zip(places, inputs, strict=True):
                filled[k] = x
            return _floats(self._called_with({**arguments, **unflatten(structure, filled)}), self.function)

        inputs = [np.array(plain(leaves[k]), np.float64)[()] for k in places]
        return Point(results, inputs, [names[k] for k in places])

    def _called_with(self, arguments: dict[str, Any]) -> Any:
        return self.function(*arguments.values()) if self.by_place else self.function(**arguments)


def _floats(result: Any, function: Callable[..., Any]) -> list[Any]:
    floats = [y for y in flatten(result)[0] if np.dtype(getattr(y, "dtype", type(y))).kind == "f"]
    if not floats:
        raise OptionError(f"{_called(function)} returned {type(result).__name__}, in which there is no float array; the test "
                          "function returns what is to be differentiated")  # fmt: skip
    return [y if hasattr(y, "dtype") else np.float64(y) for y in floats]


def _paths(name: str, tree: Any) -> list[str]:
    """What the leaves of an argument are called, in the order of `flatten`."""
    if isinstance(tree, dict):
        return [path for k, v in tree.items() for path in _paths(f"{name}[{k!r}]", v)]
    if isinstance(tree, list | tuple):
        return [path for i, v in enumerate(tree) for path in _paths(f"{name}[{i}]", v)]
    return [] if tree is None else [name]


# -- where arguments come from -----------------------------------------------------------------------------------------


def strategy_of(source: Any) -> Any:
    """A Hypothesis strategy for a strategy, a `Domain`, a shape or a value."""
    from hypothesis import strategies as st

    from .strategies import arrays_in

    if isinstance(source, st.SearchStrategy):
        return source
    if isinstance(source, Domain):
        return arrays_in(source, _small())
    if isinstance(source, tuple) and all(isinstance(n, int) for n in source):
        return arrays_in(real, source)
    return st.just(source)


def _of_one_shape(names: Iterable[str]) -> dict[str, Any]:
    from hypothesis import strategies as st

    from .strategies import arrays_in

    shape = st.shared(_small(), key="tinygrad_edu.testing.differentiable")
    return {n: arrays_in(real, shape) for n in names if n not in ("self", "cls")}


def _small() -> Any:
    """Shapes that no function minds: nothing empty."""
    from .strategies import shapes

    return shapes(max_dims=2, min_side=1, max_side=3)
