"""What the slope is where there is none: the table of kinks and special points, as rows of `traps`.

One sentence chooses (PyTorch's rule): where the function is convex the subgradient of least norm, where it is concave
the supergradient of least norm, otherwise by continuity, otherwise NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .rows import INF, NAN, Row

__all__ = ["KINKS"]

ALPHA, SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946  # of selu
LN2 = np.log(2)


def _slope(id: str, code: str, at: float, value: float, slope: float, **more: Any) -> Row:
    """A row of one entry."""
    return Row(id, code, ([float(at)],), [value], ([slope],), **more)


KINKS = [
    _slope("kink relu 0", "F.relu(x)", 0, 0, 0),
    _slope("kink abs 0", "np.abs(x)", 0, 0, 0),
    _slope("kink sign 0", "np.sign(x)", 0, 0, 0),
    _slope("kink relu6 0", "F.relu6(x)", 0, 0, 0),
    _slope("kink relu6 6", "F.relu6(x)", 6, 6, 0),
    _slope("kink leaky_relu 0", "F.leaky_relu(x, 0.01)", 0, 0, 0.01),
    Row("kink prelu 0", "F.prelu(x, y)", ([0.0], [0.25]), [0], ([0.25], [0])),
    _slope("kink elu 0", "F.elu(x, 1.3)", 0, 0, 1.3, note="from the left, as peers", differs="least norm would be 1"),
    _slope("kink selu 0", "F.selu(x)", 0, 0, SCALE * ALPHA),
    _slope("kink celu 0", "F.celu(x, 1.3)", 0, 0, 1),
    _slope("kink hardtanh -1", "F.hardtanh(x)", -1, -1, 0),
    _slope("kink hardtanh 1", "F.hardtanh(x)", 1, 1, 0),
    _slope("kink hardsigmoid -3", "F.hardsigmoid(x)", -3, 0, 0),
    _slope("kink hardsigmoid 3", "F.hardsigmoid(x)", 3, 1, 0),
    _slope("kink hardswish -3", "F.hardswish(x)", -3, 0, 0),
    _slope("kink hardswish 3", "F.hardswish(x)", 3, 3, 1),
    _slope("kink softshrink .5", "F.softshrink(x)", 0.5, 0, 0),
    _slope("kink hardshrink .5", "F.hardshrink(x)", 0.5, 0, 0),
    _slope("kink clip lower", "np.clip(x, -1, 2)", -1, -1, 0),
    _slope("kink clip upper", "np.clip(x, -1, 2)", 2, 2, 0),
    Row("kink clip at its lower bound", "np.clip(x, y, 2)", ([-1.0], [-1.0]), [-1], ([0], [1])),
    Row("kink clip at its upper bound", "np.clip(x, -2, y)", ([1.0], [1.0]), [1], ([0], [1])),
    Row("kink clip between equal bounds", "np.clip(1.0, x, y)", ([2.0], [2.0]), [2], ([0], [1]), note="the upper one counts"),
    Row("kink maximum", "np.maximum(x, y)", ([2.0], [2.0]), [2], ([0.5], [0.5])),
    Row("kink minimum", "np.minimum(x, y)", ([2.0], [2.0]), [2], ([0.5], [0.5])),
    Row("kink fmax", "np.fmax(x, y)", ([2.0], [2.0]), [2], ([0.5], [0.5])),
    Row("kink fmin", "np.fmin(x, y)", ([2.0], [2.0]), [2], ([0.5], [0.5])),
    Row("kink max", "np.max(x, axis=0)", ([1.0, 3, 3],), 3, ([0, 0.5, 0.5],)),
    Row("kink amax", "np.amax(x)", ([1.0, 3, 3],), 3, ([0, 0.5, 0.5],)),
    Row("kink min", "np.min(x, axis=0)", ([1.0, 1, 3],), 1, ([0.5, 0.5, 0],)),
    Row("kink cummax", "F.cummax(x, 0)", ([3.0, 3, 1],), [3, 3, 3], ([1, 2, 0],)),
    Row("kink median even", "np.median(x)", ([1.0, 2, 3, 4],), 2.5, ([0, 0.5, 0.5, 0],)),
    Row("kink median tie", "np.median(x)", ([2.0, 2, 3],), 2, ([0, 1, 0],)),
    _slope("pole sqrt 0", "np.sqrt(x)", 0, 0, INF),
    _slope("pole rsqrt 0", "F.rsqrt(x)", 0, INF, -INF),
    _slope("pole cbrt 0", "np.cbrt(x)", 0, 0, INF),
    _slope("pole reciprocal 0", "np.reciprocal(x)", 0, INF, -INF),
    _slope("pole log 0", "np.log(x)", 0, -INF, INF),
    _slope("outside log -1", "np.log(x)", -1, NAN, -1),
    _slope("pole arcsin 1", "np.arcsin(x)", 1, np.pi / 2, INF),
    _slope("pole arccos 1", "np.arccos(x)", 1, 0, -INF),
    _slope("pole arccosh 1", "np.arccosh(x)", 1, 0, INF),
    Row("kink norm 2", "np.linalg.norm(x)", ([0.0, 0],), 0, ([0, 0],)),
    Row("kink norm 1", "np.linalg.norm(x, 1)", ([0.0, 2],), 2, ([0, 1],)),
    Row("kink norm inf", "np.linalg.norm(x, np.inf)", ([-3.0, 3],), 3, ([-0.5, 0.5],)),
    Row("kink std", "np.std(x)", ([3.0, 3, 3],), 0, ([0, 0, 0],)),
    Row("kink hypot", "np.hypot(x, y)", ([0.0], [0.0]), [0], ([0], [0])),
    Row("kink arctan2", "np.arctan2(x, y)", ([0.0], [0.0]), [0], ([0], [0]), also=(([0], ([NAN], [NAN])),)),
    Row("kink logaddexp", "np.logaddexp(x, y)", ([-INF], [-INF]), [-INF], ([0.5], [0.5]),
        also=(([-INF], ([NAN], [NAN])),)),
    Row("kink power 0 2", "x**y", ([0.0], [2.0]), [0], ([0], [0])),
    _slope("kink x**0.5", "x**0.5", 0, 0, INF),
    Row("kink xlogy 0 0", "F.xlogy(x, y)", ([0.0], [0.0]), [0], ([0], [0]),
        also=(([0], ([0], [NAN])), ([0], ([-INF], [NAN])))),
    Row("kink xlogy 0 2", "F.xlogy(x, y)", ([0.0], [2.0]), [0], ([LN2], [0])),
    Row("kink l1_loss", "F.absolute_error(x, y)", ([1.0], [1.0]), [0], ([0], [0])),
    Row("kink smooth_l1", "F.smooth_l1(x, y)", ([3.0], [2.0]), [0.5], ([1], [-1])),
    Row("kink hinge", "F.hinge(x, y)", ([1.0], [1.0]), [0], ([0], [0])),
    _slope("kink round .5", "np.round(x)", 0.5, 0, 0),
    _slope("kink floor 0", "np.floor(x)", 0, 0, 0),
    _slope("kink frac 0", "F.frac(x)", 0, 0, 1),
    _slope("kink sinc 0", "np.sinc(x)", 0, 1, 0),
    _slope("kink softsign 0", "F.softsign(x)", 0, 0, 1),
    Row("kink copysign 0 1", "np.copysign(x, y)", ([0.0], [1.0]), [0], ([0], [0])),
    Row("kink max_pool2d", "F.max_pool2d(x, 2)", (np.full((1, 1, 2, 2), 3.0),), np.full((1, 1, 1, 1), 3.0),
        ([[[[1, 0], [0, 0]]]],), note="the first of a tie, as every peer"),
    Row("kink sort", "np.sort(x) * np.array([1, 10, 100])", ([2.0, 2, 1],), [1, 20, 200], ([10, 100, 1],)),
    Row("clamped bce 0 1", "F.bce(x, y)", ([0.0], [1.0]), [100], ([-1e12], [100]), note="the logarithm stops at -100"),
    Row("kink normalize", "F.normalize(x, axis=0)", ([0.0, 0],), [0, 0], ([1e12, 1e12],), note="the slope of x/eps"),
    Row("kink cosine_similarity", "F.cosine_similarity(x, y, axis=0)", ([0.0, 0], [3.0, 4]), 0,
        ([0.6e8, 0.8e8], [0, 0]), note="the slope of the clamped form, y/(eps*norm(y))"),
]  # fmt: skip
