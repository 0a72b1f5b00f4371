"""Every exception of the package, in one tree.

    TinygradError
    ├── GraphError          (RuntimeError)  backward on a spent graph, a value that is in use
    ├── NotDifferentiable   (TypeError)     a function with no rule, or a way out of the graph
    ├── DTypeError          (TypeError)     integers, complex numbers, strings where floats belong
    ├── ShapeError          (ValueError)    shapes that do not fit
    ├── OptionError         (ValueError)    an option or argument outside its domain
    ├── ExpressionError     (ValueError)    an expression that cannot be read or computed, with the column
    ├── ConvergenceError    (RuntimeError)  an equation whose solution was not found
    ├── Undecided           (ValueError)    a comparison of intervals that is neither true nor false
    ├── GradientError       (AssertionError) a derivative that is wrong or undecided, found by `check_gradients`
    ├── TrainingError       (RuntimeError)  training that cannot go on, as when the loss is NaN
    ├── LawBroken           (AssertionError) a derivative that does not keep a law, found by `testing`
    ├── DataError           (ValueError)    a data or checkpoint file that is not what it should be
    └── MissingExtra        (ImportError)   an optional package that is not installed

Each is also a subclass of the built-in exception that a NumPy user would catch.
"""

__all__ = [
    "ConvergenceError",
    "DTypeError",
    "DataError",
    "ExpressionError",
    "GradientError",
    "GraphError",
    "LawBroken",
    "MissingExtra",
    "NotDifferentiable",
    "OptionError",
    "ShapeError",
    "TinygradError",
    "TrainingError",
    "Undecided",
]


class TinygradError(Exception):
    """Root of the tree: catches everything that this package raises on purpose."""


class GraphError(TinygradError, RuntimeError):
    """The graph cannot do what was asked: it is spent, has no scalar output, or is in use."""


class GradientError(TinygradError, AssertionError):
    """A derivative is wrong, or could not be decided.

    Attributes:
        report: the `GradientReport`, whose text is the message.
    """

    def __init__(self, report: object) -> None:
        super().__init__(str(report))
        self.report = report


class NotDifferentiable(TinygradError, TypeError):  # noqa: N818  a fact about a function, not an accident
    """A function has no derivative rule, or would silently leave the graph."""


class DTypeError(TinygradError, TypeError):
    """A dtype that has no gradient (integers, complex numbers, strings, objects)."""


class ShapeError(TinygradError, ValueError):
    """Shapes that do not fit together."""


class OptionError(TinygradError, ValueError):
    """An option or argument outside its domain."""


class ExpressionError(TinygradError, ValueError):
    """An expression cannot be read, or not be computed.

    Attributes:
        text: the expression, on one line.
        column: where in it, from 1.
    """

    width = 76  # of a longer text only so many characters are shown

    def __init__(self, message: str, text: str, column: int) -> None:
        super().__init__(f"column {column}: {message}")
        self.text, self.column = text, column

    @property
    def pointer(self) -> str:
        """The text, or what of it is around the column, and below it a caret."""
        start = max(0, self.column - 1 - self.width // 2) if len(self.text) > self.width else 0
        return f"  {self.text[start : start + self.width]}\n  {' ' * (self.column - 1 - start)}^"


class ConvergenceError(TinygradError, RuntimeError):
    """The solution of an equation was not found."""


class Undecided(TinygradError, ValueError):  # noqa: N818  a fact about two intervals
    """A comparison of intervals is true for some of their numbers and false for others."""


class TrainingError(TinygradError, RuntimeError):
    """Training cannot go on: the loss is NaN or infinite."""


class LawBroken(TinygradError, AssertionError):  # noqa: N818  a finding, not an accident
    """A derivative does not keep one of the laws of `tinygrad_edu.testing.laws`.

    Attributes:
        law: its name.
        about: which of the numbers it is about.
        sides: what was compared, by what it is called.
        bar: how far apart the sides can be by the error of the differences; None where they must agree to rounding.
        report: the whole story in several lines, once somebody has written it.
    """

    def __init__(self, law: str, about: str, sides: dict[str, object], bar: float | None = None) -> None:
        super().__init__(law, about, sides, bar)
        self.law, self.about, self.sides, self.bar = law, about, sides, bar
        self.report = ""

    def __str__(self) -> str:
        if self.report:
            return self.report
        sides = ", ".join(f"{what} {side}" for what, side in self.sides.items())
        return f"the law of {self.law} is broken: {self.about}: {sides}" + ("" if self.bar is None else f" ± {self.bar:.2g}")


class DataError(TinygradError, ValueError):
    """A file of data or weights that is not what it should be."""


class MissingExtra(TinygradError, ImportError):  # noqa: N818  names what is missing
    """An optional package is not installed; the message names the extra that brings it."""
