"""Every exception of the package, in one tree.

    TinygradError
    ├── GraphError          (RuntimeError)  backward on a spent graph, a value that is in use
    ├── NotDifferentiable   (TypeError)     a function with no rule, or a way out of the graph
    ├── DTypeError          (TypeError)     integers, complex numbers, strings where floats belong
    ├── ShapeError          (ValueError)    shapes that do not fit
    ├── OptionError         (ValueError)    an option or argument outside its domain
    ├── TrainingError       (RuntimeError)  training that cannot go on, as when the loss is NaN
    ├── DataError           (ValueError)    a data or checkpoint file that is not what it should be
    └── MissingExtra        (ImportError)   an optional package that is not installed

Each is also a subclass of the built-in exception that a NumPy user would catch.
"""

__all__ = [
    "DTypeError",
    "DataError",
    "GraphError",
    "MissingExtra",
    "NotDifferentiable",
    "OptionError",
    "ShapeError",
    "TinygradError",
    "TrainingError",
]


class TinygradError(Exception):
    """Root of the tree: catches everything that this package raises on purpose."""


class GraphError(TinygradError, RuntimeError):
    """The graph cannot do what was asked: it is spent, has no scalar output, or is in use."""


class NotDifferentiable(TinygradError, TypeError):  # noqa: N818  a fact about a function, not an accident
    """A function has no derivative rule, or would silently leave the graph."""


class DTypeError(TinygradError, TypeError):
    """A dtype that has no gradient (integers, complex numbers, strings, objects)."""


class ShapeError(TinygradError, ValueError):
    """Shapes that do not fit together."""


class OptionError(TinygradError, ValueError):
    """An option or argument outside its domain."""


class TrainingError(TinygradError, RuntimeError):
    """Training cannot go on: the loss is NaN or infinite."""


class DataError(TinygradError, ValueError):
    """A file of data or weights that is not what it should be."""


class MissingExtra(TinygradError, ImportError):  # noqa: N818  names what is missing
    """An optional package is not installed; the message names the extra that brings it."""
