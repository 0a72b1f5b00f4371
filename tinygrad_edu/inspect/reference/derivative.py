"""The derivative reference: all that is known about one op, and a table of all of them.

>>> page = derivative("tanh")
>>> page.partials["x"].text
'1 - y**2'
>>> page.partials["x"].proof.status
'proved'
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from inspect import Parameter, getdoc
from typing import Any

from ...core import NUMPY, REGISTRY, Op
from ...errors import NotDifferentiable, OptionError
from ...ops.documentation import documented
from ...ops.domain import real
from .help import numpy_names
from .kinks import Kink, kinks
from .printing import in_numpys_words, latex, plain, shortened
from .proof import Proof, prove
from .pullbacks import check, read
from .rules import as_written, written_out
from .symbols import UNREADABLE, documented_formulas, function, sympy
from .typeset import latex_name, typeset

__all__ = ["DerivativePage", "Partial", "derivative", "find"]

LONGEST = 70  # operations in a formula that is still one to read


@dataclass(frozen=True)
class Partial:
    """The derivative in one input.

    Attributes:
        name: of the input.
        left: the left side of the formula: "dy/dx" of an entrywise op, "gx" of a pullback, whose `g` is the gradient of y.
        text: the formula, in plain text.
        latex: the same for print; empty where a formula of NumPy's words has none.
        source: "rule" if it is read off the rule, "docstring" if the rule is too much of a program to be read.
        documented: what the docstring says, if it is written differently.
        proof: that it is right; None of an op that is made of others.
        documented_latex: `documented` for print.
    """

    name: str
    left: str
    text: str
    latex: str
    source: str
    documented: str = ""
    proof: Proof | None = None
    documented_latex: str = ""

    @property
    def left_latex(self) -> str:
        """The left side for print."""
        sign = r"\mathrm{d}" if self.left == "dy/dx" else r"\partial "
        name = latex_name(self.name)
        return rf"\frac{{{sign}y}}{{{sign}{name}}}" if self.left.startswith("dy") else f"g_{{{name}}}"


@dataclass(frozen=True)
class DerivativePage:
    """One op in the book of derivatives. Print it, or look at it in a notebook; `to_dict` is for programs.

    Attributes:
        op: the op itself.
        summary: what it is, a sentence.
        function: what it computes, in plain text; `function_latex` for print.
        partials: the derivative in each input, by name.
        domain: where it is defined, by input, in words.
        kinks: where the derivative jumps, and what is chosen there.
        options: option to its default; without one, `...`.
        names: functions of NumPy's, and of `nn.functional`, that lead here.
        notes: what the docstring tells besides: special values, limits, sources.
        made_of: of a composite op, the ops that its code calls.
    """

    op: Op
    summary: str
    function: str
    function_latex: str
    partials: dict[str, Partial] = field(default_factory=dict)
    domain: dict[str, str] = field(default_factory=dict)
    kinks: tuple[Kink, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    made_of: tuple[str, ...] = ()

    def __str__(self) -> str:
        from .page import as_text

        return as_text(self)

    def __repr__(self) -> str:
        return f"<DerivativePage of {self.op.name}>"

    def _repr_markdown_(self) -> str:
        from .page import as_markdown

        return as_markdown(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything, of plain types, for `json.dumps`."""
        partials = {n: {k: v for k, v in asdict(p).items() if k != "name"} for n, p in self.partials.items()}
        options = {
            n: None if d is ... else d if isinstance(d, int | float | str | bool) else repr(d) for n, d in self.options.items()
        }
        kinks = [{**asdict(k), "text": str(k)} for k in self.kinks]
        return {"name": self.op.name, "kind": self.op.kind, "summary": self.summary, "inputs": list(self.op.inputs),
                "function": self.function, "latex": self.function_latex, "partials": partials, "domain": self.domain,
                "kinks": kinks, "options": options, "names": list(self.names), "notes": list(self.notes),
                "made_of": list(self.made_of)}  # fmt: skip


def derivative(op: Op | str, *, prove: bool = True) -> DerivativePage:
    """The page of one op: its formula read off its rule, its proof run now, and what is known about it.

    Args:
        op: an op, also one of your own, or its name; NumPy's name does too, "np.asinh" or "asinh".
        prove: whether to run the proof.

    Raises:
        OptionError: there is no op of this name; the message names those that are like it.
        MissingExtra: SymPy is not installed, and the op is entrywise.

    >>> print(derivative("log", prove=False))
    log(x)                                                               elementwise
    Natural logarithm, the inverse of exp.
    function  y = log(x)
    slope     dy/dx = 1/x
    domain    x > 0
    kinks     none
    names     tg.ops.log, np.log...
    """
    op = find(op) if isinstance(op, str) else op
    if not isinstance(op, Op):
        raise OptionError(f"derivative() takes an op, tg.ops.tanh, or its name, 'tanh'; got {type(op).__name__}")
    summary, notes = _prose(op)
    options = {n: ... if d is Parameter.empty else d for n, d in op.options.items()}
    read_off = {"elementwise": _elementwise, "composite": _composite}.get(op.kind, _of_arrays)
    found = read_off(op, prove)
    notes = (*notes, *found.pop("remarks", ()))
    return DerivativePage(op, summary, **found, options=options, names=_names(op), notes=notes)


def find(name: str) -> Op:
    """The op of this name, or that answers for NumPy's function of this name.

    Raises:
        OptionError: there is none.
    """
    import numpy as np

    short = name.strip().removeprefix("tg.").removeprefix("ops.").removeprefix("numpy.").removeprefix("np.")
    if short in REGISTRY:
        return REGISTRY[short]
    target: Any = np
    for part in short.split("."):
        target = getattr(target, part, None)
    answer = NUMPY.get(target) if callable(target) else None
    if isinstance(answer, Op):
        return answer
    if answer is not None and answer is not target:
        raise OptionError(f"{name} gives whole numbers, truth values, shapes or several results at once: it has no page")
    near = difflib.get_close_matches(short.lower(), REGISTRY, n=4, cutoff=0.6)
    near += [n for n in REGISTRY if len(short) > 2 and short.lower() in n and n not in near][:3]
    hint = f"did you mean {', '.join(near)}?" if near else "all of them: tinygrad-edu derivatives"
    raise OptionError(f"no op is called {name!r}; {hint}")


def _names(op: Op) -> tuple[str, ...]:
    """Other names by which it is reached."""
    from ...nn import functional

    torchs = REGISTRY.get(op.name) is op and op.name in functional.__all__
    return (*numpy_names(op), *([f"nn.functional.{op.name}"] if torchs else []))


def _prose(op: Op) -> tuple[str, tuple[str, ...]]:
    """The first sentence of the docstring, and its paragraphs after the formulas but for errors."""
    paragraphs = re.split(r"\n\s*\n", getdoc(op.fn) or "")
    summary, rest = " ".join(paragraphs[0].split()), paragraphs[1:]
    keep = [p for p in rest if not re.match(r"(y|dy/d\w+|g\w+) = |\w+:\n|>>>|\s*Raises", p)]
    return summary, tuple(" ".join(p.split()) for p in keep)


# -- the three kinds of pages ------------------------------------------------------------------------------------------


def _elementwise(op: Op, proving: bool) -> dict[str, Any]:
    remarks = []
    try:
        text, tex = _readable(dict(documented(op)).get("y", "Piecewise("), function(op))
    except NotDifferentiable:
        text, tex = f"{op.name}({', '.join(op.names)})", ""
    if "y" not in documented_formulas(op):
        remarks.append(
            "The docstring has no formula that SymPy can read" + (": this one is read off the code." if tex else ".")
        )
    try:
        found = tuple(kinks(op))
    except UNREADABLE as error:
        found = ()
        remarks.append(f"It has kinks, but their code does not run on symbols: {error}.")
    return {"function": text, "function_latex": tex, "kinks": found, "remarks": tuple(remarks),
            "partials": {n: _partial(op, n, proving) for n in op.inputs},
            "domain": {n: re.sub(r"\bx\b", n, op.domain.get(n, real).text) for n in op.inputs}}  # fmt: skip


def _partial(op: Op, name: str, proving: bool) -> Partial:
    """One derivative, read off the rule."""
    proof = _proved(prove, op, name) if proving else None
    stated = documented_formulas(op).get(f"dy/d{name}")
    said, said_tex = ("", "") if stated is None else _readable(dict(documented(op))[f"dy/d{name}"], stated)
    try:
        rule = written_out(as_written(op, name))
    except UNREADABLE as error:
        return Partial(name, f"dy/d{name}", said or f"(the rule does not run on symbols: {error})", "", "docstring", "", proof)
    if stated is not None and (rule == stated or sympy().count_ops(rule) > LONGEST):
        return Partial(name, f"dy/d{name}", said, said_tex, "rule" if rule == stated else "docstring", "", proof)
    text, tex = _written(rule)
    different = stated is not None and said != text and not (proof and proof.status == "refuted")
    return Partial(name, f"dy/d{name}", text, tex, "rule", said if different else "", proof, said_tex if different else "")


def _written(expression: Any) -> tuple[str, str]:
    return shortened(expression, plain, ", with "), shortened(expression, latex, r",\quad ")


def _readable(text: str, expression: Any) -> tuple[str, str]:
    """A formula as the docstring has it, in NumPy's words, unless that is written for machines; as text and as LaTeX."""
    if re.search(r"Piecewise\(|Rational\(|Eq\(|Heaviside\(", text):
        return _written(expression)
    text = in_numpys_words(text)
    return text, typeset(text)


def _of_arrays(op: Op, proving: bool) -> dict[str, Any]:
    partials = {}
    for n in op.inputs:
        pulled = read(op, n)
        said = dict(documented(op)).get(f"g{n}", "")
        different = said if pulled.source == "rule" and said != pulled.text and len(said) < 120 else ""
        partials[n] = Partial(
            n, f"g{n}", pulled.text, pulled.latex, pulled.source, different, _proved(check, op, n) if proving else None
        )
    return {"function": dict(documented(op)).get("y", ""), "function_latex": "", "partials": partials,
            "domain": {}, "kinks": ()}  # fmt: skip


def _proved(method: Callable[[Op, str], Proof], op: Op, name: str) -> Proof:
    """A proof, or why there is none: the op cannot be called without options that nobody knows here."""
    try:
        return method(op, name)
    except UNREADABLE as error:
        return Proof("unknown", f"not checked: {error}", (f"not checked: {error}",))


def _composite(op: Op, proving: bool) -> dict[str, Any]:
    return {"function": dict(documented(op)).get("y", ""), "function_latex": "", "made_of": tuple(sorted(set(_called_by(op))))}


def _called_by(op: Op) -> Iterator[str]:
    """The ops that the code of a function names, and those of the helpers in its file that it calls."""
    seen: set[Any] = {op.fn}
    waiting: list[Any] = [op.fn]
    while waiting:
        f = waiting.pop()
        for name in [name for code in _codes(f.__code__) for name in code.co_names]:
            target = f.__globals__.get(name)
            if isinstance(target, Op) or (target is None and name in REGISTRY and name not in _ATTRIBUTES):
                yield target.name if isinstance(target, Op) else name
            elif getattr(target, "__module__", "") == f.__module__ and hasattr(target, "__code__") and target not in seen:
                seen.add(target)
                waiting.append(target)


_ATTRIBUTES = frozenset(("real", "imag", "copy", "sort", "take", "append", "insert", "partition", "round", "step", "outer"))


def _codes(code: Any) -> Iterator[Any]:
    yield code
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            yield from _codes(constant)
