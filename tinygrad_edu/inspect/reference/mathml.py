r"""LaTeX to MathML, for the formulas that this package writes: browsers draw MathML by themselves.

    >>> mathml(r"\frac{1}{x^{2}}")
    '<math><mfrac><mn>1</mn><msup><mi>x</mi><mn>2</mn></msup></mfrac></math>'

What it reads: letters, numbers, operators, `^ _ { }`, \frac, \sqrt, \left \right, \operatorname, \mathrm, \mathtt, \text,
cases, Greek letters and names of functions. Anything else is refused, so that no formula is drawn wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.sax.saxutils import escape

from ...errors import OptionError

__all__ = ["mathml"]

_TOKEN = re.compile(r"\\text{[^{}]*}|\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.S)
_LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "theta": "θ", "lambda": "λ", "mu": "μ", "pi": "π",
    "sigma": "σ", "phi": "φ", "psi": "ψ", "Gamma": "Γ", "infty": "∞", "ldots": "…", "top": "⊤",
}  # fmt: skip
_SIGNS = {
    "odot": "⊙", "cdot": "·", "times": "×", "leq": "≤", "geq": "≥", "neq": "≠", "ne": "≠", "wedge": "∧", "vee": "∨",
    "sum": "∑", "prod": "∏", "partial": "∂", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "{": "{", "}": "}",
    "|": "‖", "neg": "¬", "pm": "±", "in": "∈",
}  # fmt: skip
_FUNCTIONS = {
    "log", "ln", "exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "max", "min", "sign", "det",
}  # fmt: skip
_SPACES = {",": "0.17em", ":": "0.22em", ";": "0.28em", "quad": "1em", " ": "0.25em"}
NO_BREAK = "\u00a0"  # a space that MathML keeps at the ends of words
_ASCII = {"-": "−", "*": "∗"}


def mathml(latex: str) -> str:
    """A formula as a `<math>` element; empty for an empty one.

    Raises:
        OptionError: a command that is not known here, or brackets that do not close.
    """
    return f"<math>{_Reader(latex).row(None)}</math>" if latex else ""


class _Reader:
    """Reads tokens from left to right; each method returns the MathML of what it read."""

    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.tokens: list[str] = [t for t in _TOKEN.findall(latex) if not t.isspace() or t == "\\ "]
        self.tokens.reverse()

    def fail(self, why: str) -> OptionError:
        return OptionError(f"{why} in the formula {self.latex!r}")

    def next(self) -> str:
        if not self.tokens:
            raise self.fail("something is missing at the end")
        return self.tokens.pop()

    def peek(self) -> str:
        return self.tokens[-1] if self.tokens else ""

    def row(self, *ends: str | None) -> str:
        """Everything up to one of the ends, which is read too; None is the end of the formula."""
        parts: list[str] = []
        while True:
            if not self.tokens:
                if None in ends:
                    break
                raise self.fail(f"no {ends} ")
            if self.peek() in ends:
                self.tokens.pop()
                break
            self.put(parts)
        return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"

    def put(self, parts: list[str]) -> None:
        """Read one thing more; the name of a function stands off from a factor before it."""
        word = self.peek().startswith("\\operatorname") or self.peek()[1:] in _FUNCTIONS
        apart = parts and (parts[-1].endswith(")</mo>") or not parts[-1].startswith(("<mo", "<mspace")))
        if word and apart:
            parts.append(f'<mspace width="{_SPACES[","]}"></mspace>')
        parts.append(self.scripted())

    def scripted(self) -> str:
        """One thing with what stands below and above it."""
        base, marks = self.one(), {}
        while self.peek() in ("^", "_"):
            mark = self.next()
            if mark in marks:
                raise self.fail(f"two {mark}")
            marks[mark] = self.one()
        if not marks:
            return base
        tag = {"^": "msup", "_": "msub", "^_": "msubsup"}["".join(sorted(marks, key="^_".index))]
        return f"<{tag}>{base}{marks.get('_', '')}{marks.get('^', '')}</{tag}>"

    def one(self) -> str:
        token = self.next()
        if token == "{":
            return self.row("}")
        if token.startswith("\\text{"):
            return f"<mtext>{escape(token[6:-1]).replace(' ', NO_BREAK)}</mtext>"
        if token.startswith("\\"):
            return self.command(token[1:])
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        if token.isalpha() or token == "′":
            return f"<mi>{token}</mi>"
        if token in ("}", "&"):
            raise self.fail(f"a {token} too many")
        fixed = ' stretchy="false"' if token in "()[]|" else ""
        return f"<mo{fixed}>{escape(_ASCII.get(token, token))}</mo>"

    def command(self, name: str) -> str:
        if name in _LETTERS:
            return f"<mi>{_LETTERS[name]}</mi>"
        if name in _SIGNS:
            return f"<mo>{escape(_SIGNS[name])}</mo>"
        if name in _FUNCTIONS:
            return f'<mi mathvariant="normal">{name}</mi>'
        if name in _SPACES:
            return f'<mspace width="{_SPACES[name]}"></mspace>'
        if name not in _COMMANDS:
            raise self.fail(f"\\{name} is not known")
        return _COMMANDS[name](self)

    def fraction(self) -> str:
        return f"<mfrac>{self.one()}{self.one()}</mfrac>"

    def root(self) -> str:
        if self.peek() != "[":
            return f"<msqrt>{self.one()}</msqrt>"
        self.next()
        degree = self.row("]")
        return f"<mroot>{self.one()}{degree}</mroot>"

    def brackets(self) -> str:
        left, inside, right = self.fence(), self.row("\\right"), self.fence()
        return f"<mrow>{left}{inside}{right}</mrow>"

    def fence(self) -> str:
        token = self.next()
        sign = _SIGNS.get(token[1:], token[1:]) if token.startswith("\\") else token
        return "" if sign == "." else f'<mo stretchy="true" fence="true">{escape(sign)}</mo>'

    def words(self) -> str:
        """The letters in braces as they are."""
        return self.verbatim("mi")

    def verbatim(self, tag: str) -> str:
        if self.next() != "{":
            raise self.fail("a name without braces")
        letters = ""
        while (token := self.next()) != "}":
            letters += _LETTERS.get(token[1:], token[1:]) if token.startswith("\\") else token
        upright = ' mathvariant="normal"' if tag == "mi" else ""
        return f"<{tag}{upright}>{escape(letters)}</{tag}>"

    def cases(self) -> str:
        if self.verbatim("mtext") != "<mtext>cases</mtext>":
            raise self.fail("an environment other than cases")
        rows, cells = [], [""]
        while True:
            cell, end = self.cell()
            cells[-1] = f"<mtd>{cell}</mtd>"
            if end == "&":
                cells.append("")
                continue
            rows.append(f"<mtr>{''.join(cells)}</mtr>")
            cells = [""]
            if end == "\\end":
                self.verbatim("mtext")
                table = f'<mtable columnalign="left">{"".join(rows)}</mtable>'
                return f'<mrow><mo stretchy="true" fence="true">{{</mo>{table}</mrow>'

    def cell(self) -> tuple[str, str]:
        parts: list[str] = []
        while self.peek() not in ("&", "\\\\", "\\end"):
            self.put(parts)
        return f"<mrow>{''.join(parts)}</mrow>", self.next()


_COMMANDS: dict[str, Callable[[_Reader], str]] = {
    "frac": _Reader.fraction,
    "sqrt": _Reader.root,
    "left": _Reader.brackets,
    "operatorname": _Reader.words,
    "mathrm": _Reader.words,
    "mathtt": _Reader.words,
    "begin": _Reader.cases,
}
