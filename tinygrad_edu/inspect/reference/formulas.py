r"""A formula is a kind of array that writes down what is done to it: a rule passed one comes out as text and as LaTeX.

    >>> g, y = Formula("g", np.eye(2)), Formula("y", np.eye(2))
    >>> -y.mT @ g @ y.mT                      # the rule of the inverse of a matrix
    -y.mT @ g @ y.mT
    >>> (-y.mT @ g @ y.mT).latex
    '-y^{\\top}\\, g\\, y^{\\top}'

Every formula carries an example of its numbers, so that a rule can look at shapes. Nothing but NumPy is needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from ...core import Op
from ...errors import NotDifferentiable
from .typeset import latex_name

__all__ = ["Formula", "NamedInteger", "NamedShape", "names", "number", "text_of"]

# How tightly an expression holds together, as in Python.
COMPARE, OR, AND, SUM, PRODUCT, SIGN, POWER, ATOM = range(8)
_SHAPING = ("reshape", "swapaxes", "transpose", "ravel", "flatten", "squeeze", "take", "repeat", "diagonal", "astype", "copy")
_METHODS = (*_SHAPING, "sum", "mean", "prod", "max", "min", "any", "all", "cumsum", "dot", "trace", "clip", "round")
_NAMES: ContextVar[Mapping[int, str] | None] = ContextVar("names", default=None)


class NamedInteger(int):
    """An option that is a whole number, and prints as its name."""

    name: str

    def __new__(cls, name: str, value: int) -> NamedInteger:
        """An integer that also has a name."""
        self = super().__new__(cls, value)
        self.name = name
        return self

    def __neg__(self) -> NamedInteger:
        return NamedInteger(f"-{self.name}", -int(self))


class NamedShape(tuple[int, ...]):
    """A shape that prints as `x.shape`, and its slices as `x.shape[1:]`."""

    name: str

    def __new__(cls, name: str, shape: tuple[int, ...]) -> NamedShape:
        """A tuple that also has a name."""
        self = super().__new__(cls, shape)
        self.name = name
        return self

    def __getitem__(self, index: Any) -> Any:
        part = super().__getitem__(index)
        return NamedShape(f"{self.name}[{_index_text(index)}]", part) if isinstance(index, slice) else part


@contextmanager
def names(of: Mapping[str, Any]) -> Iterator[None]:
    """Inside, these objects print by their names; options of a call that have none are left out, `fold(g, ...)`."""
    token = _NAMES.set({id(x): name for name, x in of.items() if not isinstance(x, int | float | None)})
    try:
        yield
    finally:
        _NAMES.reset(token)


class Formula:
    """What was done to arrays, as `text` and as `latex`; `data` is the result for the example."""

    __slots__ = ("data", "latex", "latex_rank", "rank", "text")
    __hash__ = None  # type: ignore[assignment]  # == makes a formula

    def __init__(self, text: str, data: Any, latex: str | None = None, rank: int = ATOM, latex_rank: int | None = None) -> None:
        self.text, self.data, self.rank = text, data, rank
        self.latex = _latex_name(text) if latex is None else latex
        self.latex_rank = rank if latex_rank is None else latex_rank

    def __repr__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        raise NotDifferentiable(f"a rule cannot branch on the value of {self.text}; write np.where(condition, a, b)")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise NotDifferentiable(f"np.asarray() of the formula {self.text}")

    def __iter__(self) -> Iterator[Any]:
        raise NotDifferentiable(f"a loop over the rows of {self.text}")

    def __len__(self) -> int:
        return len(self.data)

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        if ufunc in _SIGNS and method == "__call__" and not kwargs:
            return _operator(*_SIGNS[ufunc], *args)
        call = ufunc if method == "__call__" else getattr(ufunc, method)
        word = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        return _called(f"np.{word}", call, args, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if isinstance(function, Op):
            return _called_op(function, args, kwargs)
        if function in (np.shape, np.ndim, np.size):
            return {np.shape: self.shape, np.ndim: self.ndim, np.size: self.size}[function]
        module = function.__module__ if function.__module__ == "numpy.linalg" else "numpy"
        return _called(f"{module.replace('numpy', 'np')}.{function.__name__}", function, args, kwargs)

    def __getitem__(self, index: Any) -> Formula:
        if type(index) is tuple and not index:
            return self
        text = f"{_in_brackets(self, ATOM)}[{_index_text(index)}]"
        return Formula(text, self.data[_plain(index)], f"{{{_in_brackets_latex(self, ATOM)}}}_{{{_latex_index(index)}}}")

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(name)

        def method(*args: Any, **kwargs: Any) -> Any:
            data = getattr(self.data, name)(*_plain(args), **_plain(kwargs))
            text = f"{_in_brackets(self, ATOM)}.{name}({_arguments(args, kwargs)})"
            return Formula(text, data, _latex_call(name, (self, *args), kwargs), ATOM, _LATEX_RANKS.get(name, ATOM))

        return method

    @property
    def shape(self) -> NamedShape:
        """Of the example; it prints as code."""
        return NamedShape(f"{_in_brackets(self, ATOM)}.shape", np.shape(self.data))

    @property
    def ndim(self) -> int:
        """How many axes the example has."""
        return np.ndim(self.data)

    @property
    def size(self) -> int:
        """How many entries the example has."""
        return np.size(self.data)

    @property
    def dtype(self) -> Any:
        """Of the example."""
        return np.asarray(self.data).dtype

    @property
    def T(self) -> Formula:
        """Transposed."""
        return _transposed(self, "T")

    @property
    def mT(self) -> Formula:
        """Transposed in its last two axes."""
        return _transposed(self, "mT")

    # fmt: off
    def __add__(self, other: Any) -> Any: return _operator("+", SUM, self, other)
    def __radd__(self, other: Any) -> Any: return _operator("+", SUM, other, self)
    def __sub__(self, other: Any) -> Any: return _operator("-", SUM, self, other)
    def __rsub__(self, other: Any) -> Any: return _operator("-", SUM, other, self)
    def __mul__(self, other: Any) -> Any: return _operator("*", PRODUCT, self, other)
    def __rmul__(self, other: Any) -> Any: return _operator("*", PRODUCT, other, self)
    def __truediv__(self, other: Any) -> Any: return _operator("/", PRODUCT, self, other)
    def __rtruediv__(self, other: Any) -> Any: return _operator("/", PRODUCT, other, self)
    def __floordiv__(self, other: Any) -> Any: return _operator("//", PRODUCT, self, other)
    def __rfloordiv__(self, other: Any) -> Any: return _operator("//", PRODUCT, other, self)
    def __mod__(self, other: Any) -> Any: return _operator("%", PRODUCT, self, other)
    def __rmod__(self, other: Any) -> Any: return _operator("%", PRODUCT, other, self)
    def __matmul__(self, other: Any) -> Any: return _operator("@", PRODUCT, self, other)
    def __rmatmul__(self, other: Any) -> Any: return _operator("@", PRODUCT, other, self)
    def __pow__(self, other: Any) -> Any: return _operator("**", POWER, self, other)
    def __rpow__(self, other: Any) -> Any: return _operator("**", POWER, other, self)
    def __lt__(self, other: Any) -> Any: return _operator("<", COMPARE, self, other)
    def __le__(self, other: Any) -> Any: return _operator("<=", COMPARE, self, other)
    def __gt__(self, other: Any) -> Any: return _operator(">", COMPARE, self, other)
    def __ge__(self, other: Any) -> Any: return _operator(">=", COMPARE, self, other)
    def __eq__(self, other: Any) -> Any: return _operator("==", COMPARE, self, other)
    def __ne__(self, other: Any) -> Any: return _operator("!=", COMPARE, self, other)
    def __and__(self, other: Any) -> Any: return _operator("&", AND, self, other)
    def __rand__(self, other: Any) -> Any: return _operator("&", AND, other, self)
    def __or__(self, other: Any) -> Any: return _operator("|", OR, self, other)
    def __ror__(self, other: Any) -> Any: return _operator("|", OR, other, self)
    def __neg__(self) -> Formula:
        return Formula(f"-{_in_brackets(self, PRODUCT)}", -self.data, f"-{_in_brackets_latex(self, PRODUCT)}", SIGN, PRODUCT)
    def __abs__(self) -> Any: return _called("np.absolute", np.absolute, (self,), {})
    def __invert__(self) -> Formula: return Formula(f"~{_in_brackets(self, SIGN)}", ~self.data, rf"\neg {self.latex}", SIGN)
    # fmt: on


# -- writing it down ---------------------------------------------------------------------------------------------------

_APPLY: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "//": np.floor_divide, "%": np.remainder,
    "@": np.matmul, "**": np.power, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
    "==": np.equal, "!=": np.not_equal, "&": np.bitwise_and, "|": np.bitwise_or,
}  # fmt: skip
_RANKS = {"+": SUM, "-": SUM, "**": POWER, "&": AND, "|": OR, **dict.fromkeys(("*", "/", "//", "%", "@"), PRODUCT)}
_SIGNS = {ufunc: (sign, _RANKS.get(sign, COMPARE)) for sign, ufunc in _APPLY.items()}
_LATEX_SIGNS = {"<=": r"\le", ">=": r"\ge", "!=": r"\ne", "==": "=", "&": r"\land", "|": r"\lor", "%": r"\bmod"}


def _operator(sign: str, rank: int, a: Any, b: Any) -> Any:
    """`a sign b`, with brackets where they are needed."""
    with np.errstate(all="ignore"):
        data = _APPLY[sign](_plain(a), _plain(b))
    left, right = (rank + 1, rank) if sign == "**" else (rank, rank + 1)
    text = f"{_in_brackets(a, left)} {sign} {_in_brackets(b, right)}"
    return Formula(text.replace(" ** ", "**") if sign == "**" else text, data, *_latex_operator(sign, rank, a, b))


def _latex_operator(sign: str, rank: int, a: Any, b: Any) -> Any:
    if sign == "/":
        return rf"\frac{{{_latex(a)}}}{{{_latex(b)}}}", rank, ATOM
    if sign == "**":
        return f"{_in_brackets_latex(a, ATOM)}^{{{_latex(b)}}}", rank, POWER
    if sign == "//":
        return rf"\left\lfloor \frac{{{_latex(a)}}}{{{_latex(b)}}} \right\rfloor", rank, ATOM
    arrays = all(isinstance(x, Formula) and x.ndim for x in (a, b))
    word = {"@": r"\,", "*": r" \odot" if arrays else r"\,"}.get(sign, f" {_LATEX_SIGNS.get(sign, sign)}")
    return f"{_in_brackets_latex(a, rank)}{word} {_in_brackets_latex(b, rank + 1)}", rank, rank


def _transposed(x: Formula, attribute: str) -> Formula:
    latex = rf"{_in_brackets_latex(x, ATOM)}^{{\top}}"
    return Formula(f"{_in_brackets(x, ATOM)}.{attribute}", getattr(x.data, attribute), latex, ATOM, POWER)


def _called(name: str, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """A call written down; of several results, each by its place."""
    with np.errstate(all="ignore"):
        data = function(*_plain(args), **_plain(kwargs))
    text, latex = f"{name}({_arguments(args, kwargs)})", _latex_call(name, args, kwargs)
    if isinstance(data, tuple | list):
        return [Formula(f"{text}[{i}]", d, rf"{{{latex}}}_{{{i}}}") for i, d in enumerate(data)]
    return Formula(text, data, latex, ATOM, _LATEX_RANKS.get(name, ATOM))


def _called_op(op: Op, args: Any, options: dict[str, Any]) -> Any:
    """A call of an op: options that are not its defaults by their names, and `...` for those that have none."""
    changed = {n: o for n, o in options.items() if o is not op.options.get(n, ...)}
    named = {n: o for n, o in changed.items() if _has_name(o)}
    if any(isinstance(o, np.ndarray) for n, o in changed.items() if n not in named):
        raise NotDifferentiable("the rule passes on an array of its own that has no name")
    more = () if len(named) == len(changed) else (Formula("...", None, r"\ldots"),)
    if op.name == "getitem" and not more:
        return args[0][options["index"]]
    if op.name == "getitem":
        raise NotDifferentiable("the rule takes entries at places of its own that have no name")
    return _called(op.name, lambda *xs, **_: op.run(*xs[: len(args)], **_plain(options)), (*args, *more), named)


_SUMS = ("np.sum", "np.add.reduce", "sum")
_LATEX_RANKS = {"np.where": COMPARE, **dict.fromkeys(("np.exp", "np.square", "np.linalg.inv"), POWER),
                **dict.fromkeys((*_SUMS, "np.linalg.solve"), PRODUCT)}  # fmt: skip
_LATEX_CALLS: dict[str, str] = {
    "np.exp": "e^{{{0}}}", "np.square": "{0!b}^{{2}}", "np.sqrt": r"\sqrt{{{0}}}", "np.absolute": r"\left|{0}\right|",
    "np.log": r"\log\left({0}\right)", "np.tanh": r"\tanh\left({0}\right)", "np.linalg.inv": "{0!b}^{{-1}}",
    "np.where": r"\begin{{cases}} {1} & \text{{if }} {0} \\ {2} & \text{{otherwise}} \end{{cases}}",
    "np.linalg.solve": r"{0!b}^{{-1}}\, {1!b}",
}  # fmt: skip


def _latex_call(name: str, args: Any, kwargs: Any) -> str:
    if name in _LATEX_CALLS:
        pattern = _LATEX_CALLS[name].replace("!b", "")
        cover = _in_brackets_latex if "!b" in _LATEX_CALLS[name] else lambda a, _: _latex(a)
        return pattern.format(*[cover(a, ATOM) for a in args])
    if name in _SUMS and isinstance(args[0], Formula):
        axis = kwargs.get("axis", args[1] if len(args) > 1 else None)
        over = "" if axis is None else f"_{{{_latex(axis)}}}"
        return rf"\sum{over} {_in_brackets_latex(args[0], PRODUCT)}"
    word = name.removeprefix("np.").removeprefix("linalg.").replace("_", r"\_")
    options = [_latex(a) if text_of(a) == n else f"{_latex_name(n)}={_latex(a)}" for n, a in kwargs.items()]
    return rf"\operatorname{{{word}}}\left({', '.join([*map(_latex, args), *options])}\right)"


def _arguments(args: Any, kwargs: Any) -> str:
    return ", ".join([*map(text_of, args), *[f"{n}={text_of(a)}" for n, a in kwargs.items()]])


def text_of(x: Any) -> str:
    """An argument as it would be typed.

    Raises:
        NotDifferentiable: it is an array without a name.
    """
    if isinstance(x, Formula):
        return x.text
    if isinstance(x, NamedInteger | NamedShape):
        return x.name
    if name := _name_of(x):
        return name
    if isinstance(x, np.ndarray) and x.ndim:
        return _array_text(x)
    if isinstance(x, list | tuple):
        inside = ", ".join(map(text_of, x)) + ("," if isinstance(x, tuple) and len(x) == 1 else "")
        return f"({inside})" if isinstance(x, tuple) else f"[{inside}]"
    if isinstance(x, bool | str | slice | None) or x is ...:
        return "..." if x is ... else repr(x)
    if isinstance(x, type | np.dtype):
        return getattr(x, "__name__", str(x))
    return number(x)


def _has_name(x: Any) -> bool:
    return isinstance(x, Formula | NamedInteger | NamedShape) or bool(_name_of(x))


def _name_of(x: Any) -> str:
    return (_NAMES.get() or {}).get(id(x), "")


def _array_text(x: Any) -> str:
    """A constant array that has a usual name."""
    if not x.any():
        return "0"
    if x.ndim == 2 and np.array_equal(x, np.eye(*x.shape)):
        return "I"
    raise NotDifferentiable("the rule makes an array of its own that has no name")


def number(x: Any) -> str:
    """A number in six digits, whole ones without a point."""
    return f"{float(x):.6g}"


def _index_text(index: Any) -> str:
    parts = index if type(index) is tuple and not _name_of(index) else (index,)
    return ", ".join(_slice_text(i) if isinstance(i, slice) else text_of(i) for i in parts)


def _slice_text(s: slice) -> str:
    step = "" if s.step is None else f":{text_of(s.step)}"
    return ":".join("" if end is None else text_of(end) for end in (s.start, s.stop)) + step


def _in_brackets(x: Any, rank: int) -> str:
    text = text_of(x)
    loose = x.rank < rank if isinstance(x, Formula) else text.startswith("-") and rank > SUM
    return f"({text})" if loose else text


def _in_brackets_latex(x: Any, rank: int) -> str:
    latex = _latex(x)
    loose = x.latex_rank < rank if isinstance(x, Formula) else latex.startswith("-") and rank > SUM
    return rf"\left({latex}\right)" if loose else latex


def _latex(x: Any) -> str:
    return x.latex if isinstance(x, Formula) else _latex_name(text_of(x))


def _latex_index(index: Any) -> str:
    return re.sub(r"[A-Za-z_]\w+", lambda word: latex_name(word[0]), _index_text(index)).replace("...", r"\ldots")


def _latex_name(text: str) -> str:
    """A name, a number, or code."""
    if text.startswith("-"):
        return f"-{_latex_name(text[1:])}"
    if text.isidentifier():
        return r"\infty" if text == "inf" else latex_name(text)
    return text if _is_number(text) else rf"\mathtt{{{text}}}".replace("_", r"\_")


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def _plain(x: Any) -> Any:
    """The example's numbers in place of formulas."""
    if isinstance(x, Formula):
        return x.data
    if isinstance(x, NamedInteger):
        return int(x)
    if isinstance(x, dict):
        return {n: _plain(v) for n, v in x.items()}
    if type(x) in (list, tuple):
        return type(x)(map(_plain, x))
    return x
