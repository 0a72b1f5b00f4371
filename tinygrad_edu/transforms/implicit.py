"""Solutions of equations, differentiated by what the equation says and not through the solver's steps.

    x = f(x, p)     dx = (I - df/dx)^-1 df/dp dp
    0 = f(x, p)     dx = -(df/dx)^-1 df/dp dp

Source: the implicit function theorem, as in Blondel and others, https://arxiv.org/abs/2105.15183
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.backward import pullback
from ..core.recording import no_grad
from ..core.value import Value
from ..errors import ConvergenceError, OptionError, ShapeError
from .batch import Batch, Level, gathered, running, spread
from .jacobians import jacobian
from .opaque import opaque, physical
from .reverse import vjp
from .tracing import is_recorded, name_of, plain, trace
from .trees import Tree, flatten, map_leaves, matched, same, unflatten

__all__ = ["fixed_point", "root"]


def fixed_point(function: Callable[..., Any], start: Any, *params: Any, solver: Callable[..., Any] | None = None,
                tolerance: float = 1e-15, max_steps: int = 1000) -> Any:  # fmt: skip
    """The x with `x = f(x, *params)`, found by applying f again and again, and its derivative by the parameters.

    Args:
        function: a contraction near the solution, from a tree of arrays and the parameters to such a tree.
        start: where to begin; it has no gradient, as the solution does not depend on it.
        *params: what f depends on. Values that f uses without being given them get their gradients too.
        solver: finds the solution in another way: `solver(f, start)`, with f a function of x alone on plain arrays.
        tolerance: stop when no entry moves by more than this, times 1 or its size; or when rounding alone moves them.
        max_steps: give up after that.

    The derivative is a fixed point as well, `u = c + (df/dx)' u`, and is found the same way. Both are as exact as
    `tolerance` says, so `check_gradients` sees through one that is far above the rounding of floats.

    Raises:
        ConvergenceError: not found within `max_steps`, or NaN on the way.

    >>> from .reverse import grad
    >>> heron = lambda x, a: (x + a / x) / 2
    >>> print(f"{fixed_point(heron, 1.0, 2.0):.8f} {grad(lambda a: fixed_point(heron, 1.0, a))(2.0):.8f}")
    1.41421356 0.35355339
    """
    _positive(tolerance, max_steps)

    def solve(f: Callable[..., Any], x: Any) -> Any:
        return _iterated(f, x, tolerance, max_steps, name_of(function))

    def adjoint(pull: Callable[..., Any], c: Any, x: Any) -> Any:
        return fixed_point(lambda u: map_leaves(np.add, c, pull(u)[0]), c, tolerance=tolerance, max_steps=max_steps)

    return _Implicit(function, start, params, _plainly(solver) if solver else solve, adjoint).solution()


def root(function: Callable[..., Any], start: Any, *params: Any, solver: Callable[..., Any] | None = None,
         tolerance: float = 1e-12, max_steps: int = 100) -> Any:  # fmt: skip
    """The x with `f(x, *params) = 0`, found by Newton's method, and its derivative by the parameters.

    Args:
        function: from a tree of arrays and the parameters to a tree like the first, with an invertible Jacobian.
        start: where to begin; it has no gradient.
        *params: what f depends on. Values that f uses without being given them get their gradients too.
        solver: finds the solution in another way, `solver(f, start)`: SciPy's, say.
        tolerance: stop when the last step moved no entry by more than this, times 1 or its size.
        max_steps: give up after that.

    Raises:
        ConvergenceError: not found within `max_steps`, or NaN on the way.
        LinAlgError: a singular Jacobian.

    >>> from .reverse import grad
    >>> print(f"{grad(lambda a: root(lambda x, a: x**3 - a, 2.0, a))(8.0):.8f}")
    0.08333333
    """
    _positive(tolerance, max_steps)

    def solve(f: Callable[..., Any], x: Any) -> Any:
        def step(x: Any) -> Any:
            return map_leaves(np.subtract, x, _solved(_matrix(f, x), f(x), x))

        return _iterated(step, x, tolerance, max_steps, name_of(function))

    def adjoint(pull: Callable[..., Any], c: Any, x: Any) -> Any:
        transposed = _matrix(lambda u: pull(u)[0], c)
        return map_leaves(np.negative, _solved(transposed, c, c))

    return _Implicit(function, start, params, _plainly(solver) if solver else solve, adjoint).solution()


class _Implicit:
    """One equation and its solution."""

    def __init__(self, function: Callable[..., Any], start: Any, params: Any, solver: Any, adjoint: Any) -> None:
        self.function, self.solver, self.adjoint = function, solver, adjoint
        self.start, self.tree = flatten(map_leaves(_float, start))
        self.leaves, self.structure = flatten(params)

    def solution(self) -> Any:
        """The solution, recorded as one vertex with the parameters, and what the function captured, as its arguments."""
        params, levels = physical(self.leaves)
        with no_grad():
            fixed = unflatten(self.structure, [gathered(plain(p), levels) for p in params])
            x = self.solver(lambda x: self._called(x, fixed), unflatten(self.tree, [plain(s) for s in self.start]))
        leaves = [plain(y) for y in matched(x, self.tree, "the solution")]
        moved = [i for i, p in enumerate(params) if type(p) is Value]
        captured = self._run(leaves, [gathered(plain(p), levels) for p in params]).captured

        def pull(g: Any, values: Any, ys: Any) -> list[Any]:
            return self._pulled(g, values, ys, moved, params, captured, levels)

        def again(values: list[Any]) -> list[Any]:
            new = dict(zip(moved, values, strict=True))
            given = unflatten(self.structure, [gathered(new.get(i, p), levels) for i, p in enumerate(params)])
            start = unflatten(self.tree, self.start)
            return flatten(_Implicit(self.function, start, given, self.solver, self.adjoint).solution())[0]

        xs = [params[i] for i in moved] + captured
        return unflatten(self.tree, opaque(name_of(self.function), xs, leaves, levels, pull,
                                           again=None if captured else again))  # fmt: skip

    def _run(self, xs: list[Any], params: list[Any]) -> Any:
        """The function at the solution, recorded from the solution and the parameters on."""
        n = len(xs)
        places = _floats(params)

        def call(values: list[Any]) -> Any:
            new = dict(zip(places, values[n:], strict=True))
            again = unflatten(self.structure, [new.get(i, p) for i, p in enumerate(params)])
            return self._called(unflatten(self.tree, values[:n]), again)

        return trace(self.function, [*xs, *(params[i] for i in places)], call)

    def _called(self, x: Any, params: Any) -> Any:
        """The function's result, which has to be of the structure and shapes of x."""
        y = self.function(x, *params)
        (xs, its), (ys, tree) = flatten(x), flatten(y)
        if not same(tree, its) or [np.shape(one) for one in matched(y, its, "x")] != [np.shape(one) for one in xs]:
            raise ShapeError(f"{name_of(self.function)} has to return what x is, {its} of shapes {[*map(np.shape, xs)]}; "
                             f"got {tree} of shapes {[*map(np.shape, ys)]}")  # fmt: skip
        return unflatten(its, matched(y, its, "x"))

    def _pulled(self, g: Any, values: Any, ys: Any, moved: list[int], params: list[Any], captured: list[Value],
                levels: tuple[Level, ...]) -> list[Any]:  # fmt: skip
        """The cotangents of the moved parameters and of what was captured."""
        new = dict(zip(moved, values, strict=False))
        at = [gathered(new.get(i, p), levels) for i, p in enumerate(params)]
        xs = [gathered(y, levels) for y in ys]
        with running(levels, alone=True):  # a batch of cotangents, from a later vmap, is not the function's
            run = self._run(xs, at)
            x = unflatten(self.tree, xs)
            _, pull = vjp(lambda x: self._called(x, unflatten(self.structure, at)), x)
        with running(levels):
            u = self.adjoint(pull, unflatten(self.tree, [gathered(c, levels) for c in g]), x)
            weights = [spread(one, levels) for one in flatten(u)[0]]
        linked = any(map(is_recorded, (*values, *g)))
        inputs = run.inputs + captured  # all of them, so that the solution does not lead back to the parameters
        found = pullback(run.outputs, inputs, weights, create_graph=linked, independent=True)
        places = dict(zip(_floats(at), found[len(xs) :], strict=False))
        return [places[i] for i in moved] + found[len(run.inputs) :]


def _plainly(solver: Callable[..., Any]) -> Callable[..., Any]:
    """A solver from elsewhere, which is given a function of plain arrays."""
    return lambda f, start: solver(lambda x: map_leaves(plain, f(x)), start)


def _floats(params: list[Any]) -> list[int]:
    """The places of the parameters that can be differentiated by."""
    return [i for i, p in enumerate(params) if hasattr(p, "dtype") and p.dtype.kind in "fO"]


def _float(x: Any) -> Any:
    """A start, as numbers that can move."""
    x = x if hasattr(x, "dtype") else np.asarray(x, float)[()]
    return x.astype(float) if x.dtype.kind in "iub" else x


def _positive(tolerance: float, max_steps: int) -> None:
    if not tolerance > 0 or max_steps < 1:
        raise OptionError(f"tolerance and max_steps are positive, got {tolerance} and {max_steps}")


def _iterated(f: Callable[..., Any], x: Any, tolerance: float, max_steps: int, name: str) -> Any:
    """The limit of x, f(x), f(f(x)), ..."""
    before = np.inf
    with np.errstate(all="ignore"):
        for step in range(1, max_steps + 1):
            new = map_leaves(plain, f(x))
            moved = np.max([_moved(a, b) for a, b in zip(flatten(new)[0], flatten(x)[0], strict=True)], initial=0)
            x = new
            if moved <= tolerance or before <= moved <= _rounding(x):
                return x
            before = moved
            if np.isnan(moved):
                raise ConvergenceError(f"{name}: NaN or infinity in x after step {step}. Start nearer to the solution, or "
                                       "pass a solver")  # fmt: skip
    raise ConvergenceError(f"{name}: no solution within {max_steps} steps; the last one moved x by {moved:.2g} (tolerance "
                           f"{tolerance:.2g}). Start nearer to it, allow more max_steps, or pass a solver")  # fmt: skip


def _rounding(x: Any) -> float:
    """How far the rounding of a few operations may move an entry, in units of 1 or its size."""
    dtypes = {leaf.dtype for leaf in flatten(x)[0]}
    return max((64 * float(np.finfo(d).eps) for d in dtypes if d.kind == "f"), default=0.0)


def _moved(new: Any, old: Any) -> float:
    """How far the farthest entry moved, in units of 1 or its size; over all examples of a vmap."""
    step = plain(np.abs(new - old) / np.maximum(1, np.abs(new)))
    return float(np.max(step.array if type(step) is Batch else step, initial=0))


def _matrix(f: Callable[..., Any], x: Any) -> Any:
    """The Jacobian of a function from a tree to its like, as one matrix of shape `(n, n)`."""
    leaves, structure = flatten(x)
    blocks = [flatten(row)[0] for row in _rows(jacobian(f)(x), structure)]
    return np.concatenate(
        [
            np.concatenate([np.reshape(b, (leaf.size, other.size)) for b, other in zip(row, leaves, strict=True)], 1)
            for row, leaf in zip(blocks, leaves, strict=True)
        ]
    )


def _rows(blocks: Any, structure: Tree) -> list[Any]:
    """The tree of trees of a Jacobian as a list, one tree for each leaf of the result."""
    if structure.kind is None:
        return [blocks]
    parts = blocks.values() if structure.kind is dict else blocks or ()
    return [row for part, child in zip(parts, structure.children, strict=True) for row in _rows(part, child)]


def _solved(matrix: Any, c: Any, like: Any) -> Any:
    """The tree u with `matrix @ u = c`, with the leaves of both trees laid end to end."""
    leaves, structure = flatten(like)
    u = np.linalg.solve(matrix, np.concatenate([np.reshape(one, -1) for one in matched(c, structure, "the result")]))
    ends = np.cumsum([0, *(leaf.size for leaf in leaves)])
    return unflatten(structure, [np.reshape(u[i:j], x.shape) for i, j, x in zip(ends, ends[1:], leaves, strict=False)])
