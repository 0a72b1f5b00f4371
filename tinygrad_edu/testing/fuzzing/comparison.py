"""Value, gradient and second derivative of an expression: ours against PyTorch's, judged by an error scale.

Two correct programs differ by rounding, and by how much depends on the expression: where large numbers cancel, a small
result carries the rounding of the large ones. Results may differ by ROOM units of 2**-53 of what flows here: the largest
number in the value; in the value and the gradient; in all three. Where they differ by more, the scale is measured.
PyTorch computes everything again with each argument of each op, and what flows back to it, off by a relative 1e-6, up or
down at random; how far a result moves, divided by 1e-6, is what one unit of relative rounding on the way does to it
(stochastic arithmetic; Parker, Pierce and Eggert, Computing in Science & Engineering 2:4, 2000), and it may be off by
ROOM of those as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...core import Value, gradients
from ..expression import Expression
from .torch_functions import torch_functions

__all__ = ["Verdict", "compare"]

UNIT = 2.0**-53
ROOM = 256  # units of rounding that each result may be off: 3e-14
NOISE = 1e-6  # relative change of each argument to measure the scale by
SHAKY = 1e-6  # a result whose rounding is that large, beside what flows in the expression, cannot be judged

Results = list[tuple[str, Any]]  # what it is, and the numbers
Pairs = list[tuple[str, Any, Any]]  # what it is, ours, PyTorch's
ORDERS = ("value", "first", "second")


@dataclass(frozen=True)
class Verdict:
    """What came of comparing one expression.

    Attributes:
        kind: "agrees", "differs", or "discarded" where nothing can be said.
        reason: what differs and by how much, or why it was discarded.
        error: the largest difference, in units of what rounding may do; above 1 it differs.
    """

    kind: str
    reason: str = ""
    error: float = 0.0


def compare(expression: Expression, seed: int = 0) -> Verdict:
    """Compare value, first and second derivative at the expression's point with those of PyTorch in float64.

    The second derivative is the gradient of the product of the gradient with random numbers, which `seed` chooses.

    Raises:
        MissingExtra: PyTorch is not installed.
    """
    rng = np.random.default_rng(seed)
    theirs = of_torch(expression, rng)
    if any(not np.all(np.isfinite(r)) for _, r in theirs):
        return Verdict("discarded", "not finite in PyTorch")
    try:
        ours = of_ours(expression, np.random.default_rng(seed))
    except Exception as error:  # whatever it is, PyTorch did without
        return Verdict("differs", f"{type(error).__name__}: {error}", np.inf)
    pairs = [(name, a, b) for (name, a), (_, b) in zip(ours, theirs, strict=True)]
    if wrong := [f"{name} has shape {np.shape(a)}, not {np.shape(b)}" for name, a, b in pairs if np.shape(a) != np.shape(b)]:
        return Verdict("differs", wrong[0], np.inf)
    verdict = _compared(pairs, _flows(pairs))
    return verdict if verdict.kind == "agrees" else _compared(pairs, _measured(expression, pairs, seed))


def _compared(pairs: Pairs, scales: list[Any]) -> Verdict:
    """The first result that differs, or the one nearest to that."""
    worst = Verdict("agrees")
    for (name, a, b), scale in zip(pairs, scales, strict=True):
        error = float(np.max(np.abs(a - b) / (ROOM * UNIT * scale), initial=0.0))
        if not error <= 1:
            return Verdict("differs", f"{name}: ours {_short(a)}, PyTorch's {_short(b)}, {error:.1e} times what may be", error)
        if np.any(ROOM * UNIT * scale > SHAKY * max(1.0, _largest(b))):
            return Verdict("discarded", "ill-conditioned", error)
        worst = max(worst, Verdict("agrees", name, error), key=lambda verdict: verdict.error)
    return worst


def _flows(pairs: Pairs) -> list[Any]:
    """For each result the largest number among those of its order and below."""
    largest = dict.fromkeys(ORDERS, 1.0)
    for name, _, b in pairs:
        largest[name.split()[0]] = max(largest[name.split()[0]], _largest(b))
    return [max(largest[order] for order in ORDERS[: ORDERS.index(name.split()[0]) + 1]) for name, _, _ in pairs]


def _measured(expression: Expression, pairs: Pairs, seed: int) -> list[Any]:
    """The same, and how far each result moves for a relative change on the way, in units of that change."""
    moved = [of_torch(expression, np.random.default_rng(seed), noise) for noise in (2 * seed + 1, 2 * seed + 2)]
    scales = []
    for flow, (_, _, b), *others in zip(_flows(pairs), pairs, *moved, strict=True):
        shift = np.max([np.abs(other - b) for _, other in others], 0) / NOISE
        scales.append(flow + shift + (np.mean(shift) if np.size(b) else 0.0))
    return scales


def _largest(b: Any) -> float:
    return float(np.max(np.abs(b), initial=0.0))


def _short(a: Any) -> str:
    return np.array2string(np.asarray(a), precision=17, threshold=6).replace("\n", "")


# -- the two sides -----------------------------------------------------------------------------------------------------


def of_ours(expression: Expression, rng: np.random.Generator) -> Results:
    """The value, the gradient by each input of a random product of it, and the same of the gradient, by the engine."""
    leaves = [Value(x) for x in expression.inputs]
    y = expression(*leaves)
    first = _engine(y, leaves, rng.normal(size=y.shape), True)
    inner = [(g * rng.normal(size=g.shape)).sum() for g in first if g is not None]
    second = _engine(sum(inner[1:], inner[0]) if inner else None, leaves, None, False)
    return _named(expression, y.data, [None if g is None else g.data for g in first], second)


def _engine(y: Any, leaves: list[Value], seed: Any, create_graph: bool) -> list[Any]:
    if y is None or y.op is None:
        return [None] * len(leaves)
    return gradients(y, leaves, seed, create_graph=create_graph)


def of_torch(expression: Expression, rng: np.random.Generator, noise: int | None = None) -> Results:
    """The same by PyTorch; with `noise`, every argument of every op is off by a relative NOISE."""
    import torch

    functions = torch_functions()
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in expression.inputs]
    edge = (lambda x: x) if noise is None else _noisy(torch, noise)
    y = expression.trace(leaves, functions.__getitem__, lambda c: torch.tensor(c, dtype=torch.float64), edge)[-1]
    seed = torch.from_numpy(np.asarray(rng.normal(size=y.shape)))
    first = _autograd(torch, y, leaves, seed, True)
    inner = [(g * torch.from_numpy(np.asarray(rng.normal(size=g.shape)))).sum() for g in first if g is not None]
    second = _autograd(torch, sum(inner[1:], inner[0]) if inner else None, leaves, None, False)
    return _named(expression, *[_plain(part) for part in (y, first, second)])


def _autograd(torch: Any, y: Any, leaves: list[Any], seed: Any, create_graph: bool) -> list[Any]:
    if y is None or not y.requires_grad:
        return [None] * len(leaves)
    return list(torch.autograd.grad(y, leaves, seed, create_graph=create_graph, allow_unused=True))


def _noisy(torch: Any, seed: int) -> Callable[[Any], Any]:
    """What comes, off by a relative NOISE; and the gradient that goes back, off by another."""
    generator = torch.Generator().manual_seed(seed)

    def factor(x: Any) -> Any:
        return 1 + NOISE * (2 * torch.randint(0, 2, x.shape, generator=generator, dtype=torch.float64) - 1)

    def edge(x: Any) -> Any:
        back = x * factor(x)
        return back + (x * factor(x) - back).detach()

    return edge


def _plain(part: Any) -> Any:
    if isinstance(part, list):
        return [_plain(g) for g in part]
    return None if part is None else (part.detach() + 0.0).numpy()  # a zero that PyTorch has not written yet has no memory


def _named(expression: Expression, y: Any, first: list[Any], second: list[Any]) -> Results:
    rows: Results = [("value", y)]
    for order, found in (("first", first), ("second", second)):
        for i, (g, x) in enumerate(zip(found, expression.inputs, strict=True)):
            rows.append((f"{order} derivative by input {i}", np.zeros(x.shape) if g is None else g))
    return rows
