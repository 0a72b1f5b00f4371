"""Where an op is smooth: what its arguments have to fulfil so that it has a value and two derivatives there.

Elementwise ops say it themselves, by their `domain` and `kinks`. What the others need stands here: distinct entries for
what selects by size, regular matrices for what inverts, lengths away from zero for what divides by them. The places
left out are those where libraries choose differently on purpose (a tie of `max`, `norm` at zero); the tests of kinks and
conventions hold our choices there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from inspect import Parameter, signature
from typing import Any

import numpy as np

from ...core import REGISTRY, Op
from ...ops.domain import Domain, real

__all__ = ["HUGE", "LIMIT", "MARGIN", "bound", "domain_of", "interior"]

MARGIN = 0.02  # how far from a kink, a tie or a pole is away from it
LIMIT = 100.0  # the largest argument of an op that takes all real numbers and does not grow fast
HUGE = 1e6  # the largest result; it is scaled down, by a product, before anything else takes it
REGULAR = 12.0  # the largest condition number of a matrix that is inverted

# All real numbers, and no faster than a square: these take large numbers. The others get their domain's intervals.
_WIDE = (
    "add subtract multiply negative positive absolute square maximum minimum fmax fmin relu leaky_relu clip lerp sin cos "
    "arctan squared_error absolute_error huber smooth_l1 degrees radians hardtanh softsign arcsinh step sign real"
)
WIDE = frozenset(_WIDE.split())
# Of the ops that are not elementwise, those whose result grows fast, or dies away, with the size of the arguments.
BOUND = {
    **dict.fromkeys(("prod", "cumprod", "expm", "matrix_power", "cumulative_prod", "linear_recurrence"), 3.0),
    **dict.fromkeys(("softmax", "log_softmax", "softmin", "entropy", "logsumexp", "logcumsumexp", "cross_entropy"), 6.0),
    **dict.fromkeys(("scaled_dot_product_attention", "polyval", "einsum", "multi_dot", "glu", "convolve"), 4.0),
}
# Zero where the second derivative jumps while the first does not; where the first does, `kinks` stands with the op.
SECOND_KINKS: dict[str, Callable[..., Any]] = {
    "relu2": lambda x: x,
    "celu": lambda x: x,
    "squared_hinge": lambda x, target: 1 - target * x,
    "huber": lambda x, target, delta: abs(x - target) - delta,
    "smooth_l1": lambda x, target, beta: abs(x - target) - beta,
}


def bound(name: str) -> float:
    """How large the arguments of an op that is not elementwise may be."""
    return BOUND.get(name, LIMIT)


def domain_of(op: Op, name: str) -> Domain:
    """Where an input of an elementwise op is drawn from."""
    if name in op.domain:
        return op.domain[name]  # type: ignore[no-any-return]  # what is called is Any to mypy
    return _huge if op.name == "multiply" else _wide if op.name in WIDE else real


_wide, _huge = Domain(real.text, ((-LIMIT, LIMIT),)), Domain(real.text, ((-HUGE, HUGE),))


def interior(name: str, xs: Sequence[Any], options: dict[str, Any]) -> bool:
    """Whether an op is smooth around these arguments: arrays, numbers and None, in the order of its inputs."""
    op = REGISTRY[name]
    if op.kind == "elementwise":
        return all(map(inside, xs, [domain_of(op, n) for n in op.inputs])) and distance(op, xs, options) >= MARGIN
    limit = bound(name)
    if any(x is not None and np.any(np.abs(x) > limit) for x in xs):
        return False
    condition = CONDITIONS.get(name)
    return condition is None or bool(condition(*xs, **{**op.options, **options}))


def inside(x: Any, domain: Domain) -> bool:
    """Whether every entry lies in one of the domain's intervals."""
    (low, high), *others = domain.intervals
    within = (low <= x) & (x <= high)
    for low, high in others:
        within = within | ((low <= x) & (x <= high))
    return bool(np.all(within))


def distance(op: Op, xs: Sequence[Any], options: dict[str, Any]) -> float:
    """How far the arguments are from the nearest kink, in the unit of the op's `kinks`; infinite without kinks."""
    nearest = np.inf
    for kinks, names in _kinks(op):
        known = {**op.options, **options, **dict(zip(op.inputs, xs, strict=True))}
        values = kinks(**{n: known[n] for n in names})
        for v in values if isinstance(values, tuple) else (values,):
            nearest = min(nearest, float(np.min(np.abs(v), initial=np.inf)))
    return nearest


@cache
def _kinks(op: Op) -> list[tuple[Callable[..., Any], list[str]]]:
    both = [k for k in (op.kinks, SECOND_KINKS.get(op.name)) if k is not None]
    return [(k, [n for n, p in signature(k).parameters.items() if p.kind is not Parameter.VAR_KEYWORD]) for k in both]


# -- what ops that are not elementwise need ----------------------------------------------------------------------------


def distinct(x: Any, *_: Any, **__: Any) -> bool:
    """No two entries closer than MARGIN."""
    return bool(np.all(np.diff(np.sort(x, None)) >= MARGIN))


def long(x: Any, axis: Any = None, **_: Any) -> bool:
    """The entries along the axes are not all near zero."""
    return bool(np.all(np.sqrt(np.sum(np.square(x), axis)) >= 10 * MARGIN))


def spread(x: Any, axis: Any = None, **_: Any) -> bool:
    """The entries along the axes are not all near their mean."""
    return bool(np.all(np.std(x, axis) >= 10 * MARGIN))


def _last(condition: Callable[..., bool]) -> Callable[..., bool]:
    """The same over the last axes, as many as `normalized_shape` has."""
    return lambda x, *_, normalized_shape, **__: condition(x, tuple(range(-len(normalized_shape), 0)))


def regular(x: Any, *_: Any, **__: Any) -> bool:
    """Square matrices far from singular."""
    s = np.linalg.svd(x, compute_uv=False)
    return bool(np.all(s[..., -1:] >= 10 * MARGIN) and np.all(s[..., :1] <= REGULAR * s[..., -1:]))


def definite(x: Any, **_: Any) -> bool:
    """Symmetric positive definite matrices far from singular."""
    return _symmetric(x) and regular(x) and bool(np.all(np.linalg.eigvalsh(x) > 0))


def _symmetric(x: Any) -> bool:
    return bool(np.all(np.abs(x - x.mT) <= 1e-12 * LIMIT))


def apart(x: Any, **_: Any) -> bool:
    """Singular values that are far from each other and from zero."""
    s = np.linalg.svd(x, compute_uv=False)
    return bool(np.all(s[..., :-1] - s[..., 1:] >= 10 * MARGIN) and np.all(s[..., -1:] >= 10 * MARGIN))


def _eigenvalues_apart(x: Any, **_: Any) -> bool:
    return _symmetric(x) and bool(np.all(np.diff(np.linalg.eigvalsh(x)) >= 10 * MARGIN))


def _positive_determinant(x: Any) -> bool:
    return regular(x) and bool(np.all(np.linalg.det(x) > 0))


def _norm(x: Any, ord: Any = 2, axis: Any = None, **_: Any) -> bool:
    if ord == 2:
        return long(x, axis)
    return bool(np.all(np.abs(x) >= MARGIN)) and distinct(np.abs(x))


def _both_long(x1: Any, x2: Any, axis: Any = -1, **_: Any) -> bool:
    return long(x1, axis) and long(x2, axis)


CONDITIONS: dict[str, Callable[..., bool]] = {
    **dict.fromkeys(("max", "min", "ptp", "sort", "median", "cummax", "cummin", "max_pool1d"), distinct),
    "std": spread,
    "batch_norm": lambda x, *_, **__: spread(x, 0),
    "layer_norm": _last(spread),
    "rms_norm": _last(long),
    "vector_norm": _norm,
    "normalize": long,
    "cosine_similarity": _both_long,
    **dict.fromkeys(("inv", "det", "solve"), regular),
    "logdet": _positive_determinant,
    "cholesky": definite,
    "eigvalsh": _eigenvalues_apart,
    "svdvals": apart,
}
