"""Cases that have bitten users of autodiff libraries, as data: one row a case, with the answer that this engine gives.

A row is an expression in NumPy's names (`F.` for what NumPy lacks) of the inputs x, y; its value; and the gradient of
its sum by each input. An exception class stands for a refusal. `tinygrad-edu conformance` prints them beside what other
libraries answer. How an engine behaves is in `behaviours`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

INF, NAN = np.inf, np.nan
E = np.e
SIGMA = 1 / (1 + 1 / E)  # sigmoid(1)


class Row(NamedTuple):
    """One case.

    Attributes:
        id: what it is called.
        code: the expression.
        inputs: what x and y are.
        value: the expression's value, or the exception that refuses it.
        grads: the gradient of its sum, one an input; None where the value is an exception.
        second: the second derivative by x, where that is the point.
        note: why this, where there was a choice.
        also: other answers that meet the bar, as (value, grads), or an exception for a refusal.
        differs: how this falls short of the bar, or is beside it; empty if it meets it.
    """

    id: str
    code: str
    inputs: tuple[Any, ...]
    value: Any
    grads: tuple[Any, ...] | None = None
    second: Any = None
    note: str = ""
    differs: str = ""
    also: tuple[Any, ...] = ()


def _single(*entries: float) -> Any:
    return np.array(entries, np.float32)


MASKS = [
    Row("sqrt behind where", "np.where(x > 0, np.sqrt(x), 0)", ([0.0, 4],), [0, 2], ([0, 0.25],),
        note="a branch not taken gives no gradient, which is not a gradient of zero: 0 * inf never happens"),
    Row("log behind where", "np.where(x > 0, np.log(x), 0)", ([0, E],), [0, 1], ([0, 1 / E],)),
    Row("the double where", "np.where(x > 0, np.sqrt(np.where(x > 0, x, 1)), 0)", ([0.0, 4],), [0, 2], ([0, 0.25],)),
    Row("where as a mask", "np.where(x > 0, 1, 0) * x", ([0.0, 2],), [0, 2], ([0, 1],)),
    Row("abs written with where", "np.where(x > 0, x, -x)", ([0.0],), [0], ([-1],),
        note="the slope of the branch that was taken; np.abs has 0 here"),
    Row("x*0 at inf", "x * 0", ([INF],), [NAN], ([0],), note="never simplified to 0"),
    Row("max of [1, nan]", "np.max(x)", ([1, NAN],), NAN, ([NAN, NAN],), note="NaN wins, whosever it is",
        also=((NAN, ([0, 1],)),)),
    Row("maximum(nan, 1)", "np.maximum(x, y)", ([NAN], [1.0]), [NAN], ([NAN], [NAN]), note="NaN stays visible",
        also=(([NAN], ([0], [0])), ([NAN], ([NAN], [0])))),
    Row("relu at 0, -0, nan", "F.relu(x)", ([0, -0.0, NAN],), [0, 0, NAN], ([0, 0, NAN],), note="NaN stays visible"),
]  # fmt: skip

LOG_DOMAIN = [
    Row("softmax saturated", "F.softmax(x, 0)[0]", ([1000.0, 0],), 1, ([0, 0],)),
    Row("softmax of [-inf, 0]", "F.softmax(x, 0)[1]", ([-INF, 0],), 1, ([0, 0],)),
    Row("softmax all masked", "F.softmax(x, 0)[0]", ([-INF, -INF],), 0, ([0, 0],),
        note="a row with nothing in it puts its weight nowhere",
        also=((NAN, ([NAN, NAN],)),)),
    Row("log_softmax saturated", "F.log_softmax(x, 0)[1]", ([1000.0, 0],), -1000, ([-1, 1],)),
    Row("log of softmax", "np.log(F.softmax(x, 0))[1]", ([1000.0, 0],), -INF, ([NAN, NAN],), note="0 * inf, honestly"),
    Row("log_softmax beside -inf", "F.log_softmax(x, 0)[1]", ([-INF, 0, 1],), -np.log(1 + E), ([0, SIGMA, -SIGMA],)),
    Row("log_softmax of -inf", "F.log_softmax(x, 0)[0]", ([-INF, 0, 1],), -INF, ([1, SIGMA - 1, -SIGMA],)),
    Row("logsumexp far out", "F.logsumexp(x, 0)", ([1000.0, 1000],), 1000 + np.log(2), ([0.5, 0.5],)),
    Row("logsumexp of [-inf, 0]", "F.logsumexp(x, 0)", ([-INF, 0],), 0, ([0, 1],)),
    Row("logsumexp of -infs", "F.logsumexp(x, 0)", ([-INF, -INF],), -INF, ([0, 0],), note="no weight anywhere",
        also=((-INF, ([NAN, NAN],)),)),
    Row("logsumexp of [inf, 0]", "F.logsumexp(x, 0)", ([INF, 0],), INF, ([1, 0],), note="the limit"),
    Row("logaddexp(1000, 0)", "np.logaddexp(x, y)", ([1000.0], [0.0]), [1000], ([1], [0])),
    Row("logaddexp(-inf, -inf)", "np.logaddexp(x, y)", ([-INF], [-INF]), [-INF], ([0.5], [0.5]),
        note="the limit depends on the path; equal arguments share, as in maximum",
        also=(([-INF], ([NAN], [NAN])),)),
    Row("sigmoid far out", "F.sigmoid(x)", ([1000.0, -1000],), [1, 0], ([0, 0],)),
    Row("logsigmoid far out", "F.logsigmoid(x)", ([-1000.0, 0, 1000],), [-1000, -np.log(2), 0], ([1, 0.5, 0],)),
    Row("softplus far out", "F.softplus(x)", ([1000.0, -1000],), [1000, 0], ([1, 0],)),
    Row("tanh far out", "np.tanh(x)", ([1000.0, -1000, 20],), [1, -1, 1], ([0, 0, 0],)),
    Row("exp(1000)", "np.exp(x)", ([1000.0],), [INF], ([INF],)),
    Row("exp(100) in float32", "np.exp(x)", (_single(100),), _single(INF), ([INF],)),
    Row("log at 0, -1", "np.log(x)", ([0.0, -1],), [-INF, NAN], ([INF, -1],),
        note="1/x at -1: as all peers; the value is NaN already", differs="the bar prefers NaN at -1",
        also=(([-INF, NAN], ([INF, NAN],)),)),
    Row("log1p at 1e-10, -1", "np.log1p(x)", ([1e-10, -1],), [np.log1p(1e-10), -INF], ([1 / (1 + 1e-10), INF],)),
    Row("expm1(1e-10)", "np.expm1(x)", ([1e-10],), [1.00000000005e-10], ([1 + 1e-10],)),
    Row("x*log(x) at 0", "x * np.log(x)", ([0.0],), [NAN], ([NAN],), note="honest; xlogx has the limit"),
    Row("xlogx at 0", "F.xlogx(x)", ([0.0],), [0], ([-INF],), note="log(x) + 1"),
    Row("xlogy(0, 0)", "F.xlogy(x, y)", ([0.0], [0.0]), [0], ([0], [0]), note="x*log(y) stays 0 for x = 0",
        also=(([0], ([0], [NAN])), ([0], ([-INF], [NAN])))),
]  # fmt: skip

TIES = [
    Row("abs at 0, -0", "np.abs(x)", ([0, -0.0],), [0, 0], ([0, 0],)),
    Row("sign", "np.sign(x)", ([0.0, 3],), [0, 1], ([0, 0],)),
    Row("max of [1, 1, 0] by axis 0", "np.amax(x, 0)", ([1.0, 1, 0],), 1, ([0.5, 0.5, 0],)),
    Row("max of everything, ties", "np.max(x)", ([1.0, 1, 0],), 1, ([0.5, 0.5, 0],)),
    Row("max by axis -1, ties", "np.max(x, axis=-1)", ([1.0, 1, 0],), 1, ([0.5, 0.5, 0],)),
    Row("max by rows", "np.max(x, axis=-1)", ([[1.0, 1], [0, 2]],), [1, 2], ([[0.5, 0.5], [0, 1]],)),
    Row("min of [1, 1, 2]", "np.min(x)", ([1.0, 1, 2],), 1, ([0.5, 0.5, 0],)),
    Row("maximum(x, y) at x = y", "np.maximum(x, y)", ([1.0], [1.0]), [1], ([0.5], [0.5])),
    Row("maximum(x, x)", "np.maximum(x, x)", ([1.0],), [1], ([1],)),
    Row("clip at its bounds", "np.clip(x, 0, 1)", ([0, 1, -1, 2, 0.5, NAN],), [0, 1, 0, 1, 0.5, NAN],
        ([0, 0, 0, 0, 1, NAN],)),
    Row("clip(1, 5, 0)", "np.clip(x, 5, 0)", ([1.0],), [0], ([0],)),
    Row("sort of [1, 1]", "np.sort(x) * np.array([10, 1])", ([1.0, 1],), [10, 1], ([10, 1],),
        note="the stable permutation: a sort moves entries and shares nothing",
        also=(([10, 1], ([5.5, 5.5],)),)),
    Row("median of [1, 2, 3, 4]", "np.median(x)", ([1.0, 2, 3, 4],), 2.5, ([0, 0.5, 0.5, 0],)),
    Row("mod", "np.mod(x, y)", ([5.5, -5.5], [2.0, 2.0]), [1.5, 0.5], ([1, 1], [-2, 3])),
    Row("gelu at 0, -1000", "F.gelu(x)", ([0.0, -1000],), [0, 0], ([0.5, 0],)),
]  # fmt: skip

S = np.sqrt(14) / 3  # the spread of [1, 2, 4], whose mean is 7/3
D = np.array([-4, -1, 5]) / 3

ROOTS = [
    Row("sqrt(0)", "np.sqrt(x)", ([0.0],), [0], ([INF],)),
    Row("sqrt(x*x) at 0", "np.sqrt(x * x)", ([0.0],), [0], ([NAN],), note="0 * inf, honestly; np.abs is the cure"),
    Row("norm of [0, 0]", "np.linalg.norm(x)", ([0.0, 0],), 0, ([0, 0],)),
    Row("sqrt(sum(x*x)) at 0", "np.sqrt(np.sum(x * x))", ([0.0, 0],), 0, ([NAN, NAN],), note="norm is the cure"),
    Row("norm squared at 0", "np.linalg.norm(x) ** 2", ([0.0, 0],), 0, ([0, 0],)),
    Row("x/norm(x) at 0", "x / np.linalg.norm(x)", ([0.0, 0],), [NAN, NAN], ([NAN, NAN],),
        note="normalize(eps) is the cure"),
    Row("std of [1, 2, 4]", "np.std(x)", ([1.0, 2, 4],), S, (D / 3 / S,), note="NumPy's ddof=0"),
    Row("std with ddof=1", "np.std(x, ddof=1)", ([1.0, 2, 4],), S * np.sqrt(1.5), (D / 2 / S / np.sqrt(1.5),)),
    Row("var of [1, 2, 4]", "np.var(x)", ([1.0, 2, 4],), 14 / 9, (2 * D / 3,)),
    Row("var with ddof=1", "np.var(x, ddof=1)", ([1.0, 2, 4],), 7 / 3, (D,)),
    Row("std of equal numbers", "np.std(x)", ([2.0, 2],), 0, ([0, 0],)),
    Row("std of equal numbers, ddof=1", "np.std(x, ddof=1)", ([2.0, 2],), 0, ([0, 0],)),
    Row("std of one number", "np.std(x)", ([2.0],), 0, ([0],)),
    Row("std of one number, ddof=1", "np.std(x, ddof=1)", ([2.0],), NAN, ([NAN],)),
    Row("var far from zero", "np.var(x)", ([1e8, 1e8 + 1, 1e8 + 2],), 2 / 3, ([-2 / 3, 0, 2 / 3],), note="two passes"),
    Row("hypot(0, 0)", "np.hypot(x, y)", ([0.0], [0.0]), [0], ([0], [0])),
    Row("arctan2(0, 0)", "np.arctan2(x, y)", ([0.0], [0.0]), [0], ([0], [0]),
        also=(([0], ([NAN], [NAN])),)),
    Row("cbrt at 0, -8", "np.cbrt(x)", ([0.0, -8],), [0, -2], ([INF, 1 / 12],)),
    Row("arcsin(1)", "np.arcsin(x)", ([1.0],), [np.pi / 2], ([INF],)),
    Row("tan(pi/2)", "np.tan(x)", ([np.pi / 2],), [np.tan(np.pi / 2)], ([1 + np.tan(np.pi / 2) ** 2],)),
    Row("sinc at 0, 1e-9", "np.sinc(x)", ([0, 1e-9],), [1, 1], ([0, -np.pi**2 / 3 * 1e-9],),
        also=(([1, 1], ([0, 0],)),)),
    Row("1/x at 0", "1 / x", ([0.0],), [INF], ([-INF],)),
    Row("x/y at 1/0", "x / y", ([1.0], [0.0]), [INF], ([INF], [-INF])),
    Row("x/y at 0/0", "x / y", ([0.0], [0.0]), [NAN], ([INF], [NAN])),
]  # fmt: skip

LN2 = np.log(2)

POWERS = [
    Row("prod of [0, 2, 3]", "np.prod(x)", ([0.0, 2, 3],), 0, ([6, 0, 0],)),
    Row("prod of [0, 0, 3]", "np.prod(x)", ([0.0, 0, 3],), 0, ([0, 0, 0],)),
    Row("cumprod of [2, 0, 3]", "np.cumprod(x)", ([2.0, 0, 3],), [2, 0, 0], ([1, 8, 0],)),
    Row("cumsum", "np.cumsum(x)", ([1.0, 2, 3],), [1, 3, 6], ([3, 2, 1],)),
    Row("0**0", "x**y", ([0.0], [0.0]), [1], ([0], [0])),
    Row("0**1", "x**y", ([0.0], [1.0]), [0], ([1], [0])),
    Row("0**2", "x**y", ([0.0], [2.0]), [0], ([0], [0])),
    Row("0**0.5", "x**y", ([0.0], [0.5]), [0], ([INF], [0])),
    Row("0**-1", "x**y", ([0.0], [-1.0]), [INF], ([-INF], [-INF]), note="x**y * log(x) = inf * -inf",
        also=(([INF], ([-INF], [NAN])),)),
    Row("(-2)**2", "x**y", ([-2.0], [2.0]), [4], ([-4], [NAN]), note="the exponent's, where it is a Value"),
    Row("(-2)**0.5", "x**y", ([-2.0], [0.5]), [NAN], ([NAN], [NAN]), note="never a complex number"),
    Row("x**2 at 0", "x**2", ([0.0],), [0], ([0],)),
    Row("x**1 at 0", "x**1", ([0.0],), [0], ([1],)),
    Row("x**0 at 0", "x**0", ([0.0],), [1], ([0],)),
    Row("2**x", "2**x", ([0.0, 3],), [1, 8], ([LN2, 8 * LN2],)),
    Row("0**x", "0**x", ([0.0, 2],), [1, 0], ([0, 0],)),
    Row("integer exponents", "x ** np.array([2, 3])", ([2.0, 0],), [4, 0], ([4, 0],)),
    Row("x*x + x", "x * x + x", ([3.0],), [12], ([7],)),
    Row("x - x", "x - x", ([3.0],), [0], ([0],)),
]  # fmt: skip

A23 = [[1.0, 2, 3], [4, 5, 6]]

INDEXING = [
    Row("x[[0, 0, 1]]", "x[[0, 0, 1]]", ([1.0, 2, 3],), [1, 1, 2], ([2, 1, 0],)),
    Row("x[[0, -3]]", "x[[0, -3]]", ([1.0, 2, 3],), [1, 1], ([2, 0, 0],), note="one cell by two names"),
    Row("x[[0, 0], 1:]", "x[[0, 0], 1:]", (A23,), [[2, 3], [2, 3]], ([[0, 2, 2], [0, 0, 0]],)),
    Row("x[x > 1]", "x[x > 1]", ([1.0, 2, 3],), [2, 3], ([0, 1, 1],)),
    Row("x[None, :, None]", "x[None, :, None] * 2", ([1.0, 2],), [[[2], [4]]], ([2, 2],)),
    Row("x[::-1]", "x[::-1]", ([1.0, 2, 3],), [3, 2, 1], ([1, 1, 1],)),
    Row("x[..., 0]", "x[..., 0]", ([[1.0, 2], [3, 4]],), [1, 3], ([[1, 0], [1, 0]],)),
    Row("x[5] of three", "x[5]", ([1.0, 2, 3],), IndexError),
    Row("x[1.0]", "x[1.0]", ([1.0, 2, 3],), IndexError),
    Row("x.T of one axis", "x.T * 2", ([1.0, 2],), [2, 4], ([2, 2],)),
    Row("transpose then reshape", "np.reshape(x.T, 4) * np.array([0, 1, 2, 3])", ([[1.0, 2], [3, 4]],), [0, 3, 4, 12],
        ([[0, 2], [1, 3]],)),
    Row("stack of x and x", "np.stack([x, x])", ([1.0, 2],), [[1, 2], [1, 2]], ([2, 2],)),
    Row("concatenate of x and x", "np.concatenate([x, x])", ([1.0, 2],), [1, 2, 1, 2], ([2, 2],)),
]  # fmt: skip

M22 = [[1.0, 2], [3, 4]]
M14 = [[1.0, 0], [0, 4]]
B312 = [[[1.0, 2]]] * 3

PRODUCTS = [
    Row("einsum ii->i", "np.einsum('ii->i', x)", (M14,), [1, 4], ([[1, 0], [0, 1]],)),
    Row("einsum ii->", "np.einsum('ii->', x)", (M14,), 5, ([[1, 0], [0, 1]],)),
    Row("einsum ii", "np.einsum('ii', x)", (M14,), 5, ([[1, 0], [0, 1]],)),
    Row("einsum ij->", "np.einsum('ij->', x)", (M22,), 10, ([[1, 1], [1, 1]],)),
    Row("einsum i,i-> of x and x", "np.einsum('i,i->', x, x)", ([1.0, 2],), 5, ([2, 4],)),
    Row("einsum ij,j->i", "np.einsum('ij,j->i', x, y)", (M22, [1.0, 2]), [5, 11], ([[1, 2], [1, 2]], [4, 6])),
    Row("einsum ii,i->i", "np.einsum('ii,i->i', x, y)", (M14, [1.0, 2]), [1, 8], ([[1, 0], [0, 2]], [1, 4])),
    Row("einsum ij,kj->ik", "np.einsum('ij,kj->ik', x, y)", (M22, M22), [[5, 11], [11, 25]],
        ([[4, 6], [4, 6]], [[4, 6], [4, 6]])),
    Row("einsum i,j->", "np.einsum('i,j->', x, y)", ([1.0, 2], [3.0, 4]), 21, ([7, 7], [3, 3])),
    Row("einsum ...i,...i->...", "np.einsum('...i,...i->...', x, y)", (M22, [1.0, 2]), [5, 11],
        ([[1, 2], [1, 2]], [4, 6])),
    Row("einsum ij,ij-> with an axis of 1", "np.einsum('ij,ij->', x, y)", ([[1.0], [2]], A23), 36,
        ([[6], [15]], [[1, 1, 1], [2, 2, 2]])),
    Row("(2) @ (2)", "x @ y", ([1.0, 2], [3.0, 4]), 11, ([3, 4], [1, 2])),
    Row("(2,2) @ (2)", "x @ y", ([[1.0, 2], [3, 4]], [3.0, 4]), [11, 25], ([[3, 4], [3, 4]], [4, 6])),
    Row("(2) @ (2,2)", "x @ y", ([3.0, 4], [[1.0, 2], [3, 4]]), [15, 22], ([3, 7], [[3, 3], [4, 4]])),
    Row("(2) @ (3,2,1)", "x @ y", ([3.0, 4], [[[1.0], [1]]] * 3), [[7]] * 3, ([3, 3], [[[3], [4]]] * 3)),
    Row("(3,1,2) @ (2)", "x @ y", ([[[1.0, 1]]] * 3, [3.0, 4]), [[7]] * 3, ([[[3, 4]]] * 3, [3, 3])),
    Row("(3,1,2) @ (1,2,1)", "x @ y", ([[[1.0, 1]]] * 3, [[[2.0], [2]]]), [[[4]]] * 3,
        ([[[2, 2]]] * 3, [[[3], [3]]])),
    Row("(2,0) @ (0,3)", "x @ y", (np.zeros((2, 0)), np.zeros((0, 3))), np.zeros((2, 3)),
        (np.zeros((2, 0)), np.zeros((0, 3)))),
    Row("matmul with a number", "np.matmul(x, y)", ([1.0, 2], 3.0), ValueError),
    Row("(1,2) @ (1,2)", "x @ y", ([[1.0, 2]], [[1.0, 2]]), ValueError),
]  # fmt: skip

REDUCTIONS = [
    Row("sum of nothing", "np.sum(x)", ([],), 0, ([],)),
    Row("mean of nothing", "np.mean(x)", ([],), NAN, ([],)),
    Row("prod of nothing", "np.prod(x)", ([],), 1, ([],)),
    Row("max of nothing", "np.max(x)", ([],), ValueError),
    Row("sum over no axes", "np.sum(x, axis=())", ([1.0, 2, 3],), [1, 2, 3], ([1, 1, 1],)),
    Row("sum over (0, -1)", "np.sum(x, axis=(0, -1))", (M22,), 10, ([[1, 1], [1, 1]],)),
    Row("sum over (0, 0)", "np.sum(x, axis=(0, 0))", (M22,), ValueError),
    Row("centred squares", "(x - np.mean(x, -1, keepdims=True)) ** 2", ([[1.0, 2], [0, 4]],), [[0.25, 0.25], [4, 4]],
        ([[-1, 1], [-4, 4]],)),
    Row("mean of an int array", "np.mean(np.array([1, 2]))", (), 1.5, ()),
    Row("an integer leaf", "x * x", (np.array([1, 2]),), TypeError, note="refused when the Value is made"),
    Row("(2,3) * (3)", "x * y", (np.ones((2, 3)), [1.0, 2, 3]), [[1, 2, 3]] * 2, ([[1, 2, 3]] * 2, [2, 2, 2])),
    Row("(2,1) * (1,3)", "x * y", ([[1.0], [2]], [[3.0, 4, 5]]), [[3, 4, 5], [6, 8, 10]], ([[12], [12]], [[3, 3, 3]])),
    Row("() * (2,3)", "x * y", (2.0, np.ones((2, 3))), np.full((2, 3), 2), (6, np.full((2, 3), 2))),
    Row("(1) * (0)", "x * y", ([1.0], []), [], ([0], [])),
    Row("(1,1) + (3)", "x + y", ([[2.0]], [1.0, 2, 3]), [[3, 4, 5]], ([[3]], [1, 1, 1])),
    Row("float32 * Python float", "x * 2.0", (_single(1, 2),), _single(2, 4), ([2, 2],)),
    Row("float32 + float64", "x + y", (_single(1), [1.0]), [2], ([1], [1])),
    Row("70000 float16 ones", "np.sum(x)", (np.ones(70000, np.float16),), np.float16(INF), (np.ones(70000),),
        note="NumPy adds float16 in float16",
        also=((70000, (np.ones(70000),)),)),
    Row("a complex leaf", "np.abs(x) ** 2", (np.array([1 + 2j]),), TypeError, note="refused when the Value is made",
        also=(([5], ([2 + 4j],)), ([5], ([2 - 4j],)))),
]  # fmt: skip

SIX = [1.0, 2, 0, 3, 1, 2]
_SIX = sum((np.poly1d(np.negative(SIX[:k]), r=True) for k in range(1, 7)), np.poly1d([0.0]))  # sum of (x + v1)...(x + vk)


def _six(order: int) -> float:
    return float(np.polyder(_SIX, order)(0.0)) if order else float(_SIX(0.0))


SECOND = [
    Row("x**2 at 0, twice", "x**2", (0.0,), 0, (0,), 2),
    Row("x**1 at 0, twice", "x**1", (0.0,), 0, (1,), 0),
    Row("x**3 at 0, twice", "x**3", (0.0,), 0, (0,), 0),
    Row("relu(x)**2 at 0, twice", "F.relu(x) ** 2", (0.0,), 0, (0,), 0),
    Row("abs(x)*x at 0, twice", "np.abs(x) * x", (0.0,), 0, (0,), 0),
    Row("prod of [x, x, 2] at 0, twice", "np.prod(np.stack([x, x, np.array(2.0)]))", (0.0,), 0, (0,), 4),
    Row("sigmoid(1000), twice", "F.sigmoid(x)", (1000.0,), 1, (0,), 0),
    Row("naive sigmoid(-1000), twice", "1 / (1 + np.exp(-x))", (-1000.0,), 0, (NAN,), NAN, note="F.sigmoid cures"),
    Row("naive tanh(1000), twice", "(np.exp(2 * x) - 1) / (np.exp(2 * x) + 1)", (1000.0,), NAN, (NAN,), NAN,
        note="np.tanh is the cure"),
    Row("naive softplus(1000), twice", "np.log(1 + np.exp(x))", (1000.0,), INF, (NAN,), NAN, note="F.softplus"),
    Row("cumprod of six with a zero, twice", "np.cumprod(np.array(SIX) + x)", (0.0,), np.cumprod(SIX), (_six(1),),
        _six(2)),
]  # fmt: skip

TABLES = {
    "C1 masks": MASKS,
    "C2 log domain": LOG_DOMAIN,
    "C3 kinks and ties": TIES,
    "C4 roots and norms": ROOTS,
    "C5 products and powers": POWERS,
    "C6 indexing": INDEXING,
    "C7 einsum and matmul": PRODUCTS,
    "C8 reductions and dtypes": REDUCTIONS,
    "C9 second order": SECOND,
}
