"""PyTorch's functions under the names, and with the arguments, of our ops: the judge of the differential fuzzing.

Written with PyTorch alone; where it has no function of that meaning, from the definition. Not compared: `floor_divide`,
`heaviside` and `step`, which have no derivative there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import factorial
from typing import Any

import numpy as np

from ...errors import MissingExtra

__all__ = ["torch_functions"]

Functions = dict[str, Callable[..., Any]]

SAME = """
    absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh ceil copysign cos cosh degrees:rad2deg divide
    erf erfc erfinv exp exp2 expm1 fix floor fmax fmin fmod frac hypot lerp log log10 log1p log2 logaddexp logaddexp2
    logit maximum minimum multiply negative positive radians:deg2rad reciprocal remainder rint:round
    round rsqrt sigmoid sign sin sinh sqrt square subtract tan tanh trunc xlogy
    conv1d inner matmul moveaxis:movedim expand_dims:unsqueeze logdet
"""
NEURAL = """
    elu gelu hardshrink hardswish hardtanh leaky_relu logsigmoid mish relu relu6 selu silu softplus softshrink
    softsign tanhshrink threshold linear layer_norm rms_norm scaled_dot_product_attention
    avg_pool1d max_pool1d unfold
"""
LINALG = "inv det solve svdvals cholesky matrix_power"
LOSSES = {"absolute_error": "l1_loss", "bce_with_logits": "binary_cross_entropy_with_logits",
          "gaussian_nll": "gaussian_nll_loss", "huber": "huber_loss", "kl_div_pointwise": "kl_div",
          "smooth_l1": "smooth_l1_loss", "squared_error": "mse_loss"}  # fmt: skip


@cache
def torch_functions() -> Functions:
    """The name of an op to the function of PyTorch that takes the same arguments, tensors for arrays.

    Raises:
        MissingExtra: PyTorch is not installed.
    """
    try:
        import torch
    except ImportError as error:
        raise MissingExtra("fuzzing compares with PyTorch: pip install 'tinygrad-edu[peers]'") from error
    functions = {**_named(SAME, torch), **_named(NEURAL, torch.nn.functional), **_named(LINALG, torch.linalg)}
    for part in (_elementwise, _gamma, _reductions, _normalisations, _rearrangements, _products, _losses):
        functions.update(part(torch))
    return functions


def _named(names: str, module: Any) -> Functions:
    pairs = [(name.partition(":")[0], name.rpartition(":")[2]) for name in names.split()]
    return {ours: getattr(module, theirs) for ours, theirs in pairs}


def _elementwise(torch: Any) -> Functions:
    F = torch.nn.functional

    def sinc(x: Any) -> Any:  # the slope of torch.sinc loses digits near 0, where the series does not
        near, terms = torch.abs(x) < 0.3, [(-1) ** k / factorial(2 * k + 1) for k in range(12)]
        series = sum(c * (np.pi * torch.where(near, x, 0)) ** (2 * k) for k, c in enumerate(terms))
        return torch.where(near, series, torch.sinc(torch.where(near, 1.0, x)))

    return {
        "sinc": sinc,
        "cbrt": lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3),
        "celu": lambda x, alpha=1.0: torch.clamp(x, min=0) + torch.clamp(alpha * torch.expm1(x / alpha), max=0),
        "clip": lambda *xs: torch.clamp(*torch.broadcast_tensors(*xs)),
        "cube": lambda x: x**3,
        "gaussian": lambda x: torch.exp(-x * x),
        "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
        "glu_pair": lambda x1, x2: x1 * torch.sigmoid(x2),
        "hardsigmoid": lambda x: F.relu6(x + 3) / 6,  # F.hardsigmoid has no second derivative
        "log_cosh": lambda x: torch.logaddexp(x, -x) - np.log(2),
        "masked_fill": lambda x, mask, value: torch.where(torch.tensor(mask), value, x),
        # the second derivative of torch.pow by base and exponent is 0 where the exponent is; bases are positive here
        "power": lambda x1, x2: torch.exp(x2 * torch.log(x1)),
        "prelu": lambda x, weight: torch.where(x > 0, x, weight * x),
        "quick_gelu": lambda x: x * torch.sigmoid(1.702 * x),
        "relu2": lambda x: F.relu(x) ** 2,
        "softcap": lambda x, cap: cap * torch.tanh(x / cap),
        "swiglu": lambda x1, x2: F.silu(x1) * x2,
        "where": lambda condition, x, y: torch.where(torch.tensor(condition), x, y),
        "xlogx": lambda x: -torch.special.entr(x),
    }


def _gamma(torch: Any) -> Functions:
    """By Hurwitz' zeta function: the derivative of `torch.digamma` is right to ten digits only."""

    class Polygamma(torch.autograd.Function):  # type: ignore[misc]  # PyTorch's class has no types
        @staticmethod
        def forward(context: Any, x: Any, n: int) -> Any:
            context.n = n
            context.save_for_backward(x)
            if n < 1:
                return torch.digamma(x) if n == 0 else torch.lgamma(x)
            return (-1) ** (n + 1) * factorial(n) * torch.special.zeta(torch.tensor(n + 1.0, dtype=x.dtype), x)

        @staticmethod
        def backward(context: Any, g: Any) -> Any:
            return g * Polygamma.apply(*context.saved_tensors, context.n + 1), None

    return {
        "lgamma": lambda x: Polygamma.apply(x, -1),
        "digamma": lambda x: Polygamma.apply(x, 0),
        "polygamma": lambda n, x: Polygamma.apply(x, n),
    }


def _losses(torch: Any) -> Functions:
    F = torch.nn.functional

    def each(loss: Any, **fixed: Any) -> Any:  # entry by entry; PyTorch warns when a loss broadcasts, so that is done before
        return lambda *xs, **options: loss(*torch.broadcast_tensors(*xs), reduction="none", **fixed, **options)

    return {
        **{ours: each(getattr(F, theirs)) for ours, theirs in LOSSES.items()},
        # the slopes of F.binary_cross_entropy are kept finite by an epsilon
        "bce": lambda x, target: -(target * torch.log(x) + (1 - target) * torch.log1p(-x)),
        "cross_entropy": lambda x, target, reduction="mean": F.cross_entropy(x, torch.tensor(target), reduction=reduction),
        "hinge": lambda x, target: torch.clamp(1 - target * x, min=0),
        "log_cosh_loss": lambda x, target: torch.logaddexp(x - target, target - x) - np.log(2),
        "pinball": lambda x, t, quantile=0.5: torch.maximum(quantile * (t - x), (quantile - 1) * (t - x)),
        "poisson_nll": each(F.poisson_nll_loss, log_input=True, full=False),
        "quadratic_cost": lambda output, target: ((output - target) ** 2).sum() / len(output),
        "soft_margin": lambda x, target: F.softplus(-target * x),  # F.soft_margin_loss has no gradient by the target
        "squared_hinge": lambda x, target: torch.clamp(1 - target * x, min=0) ** 2,
    }


def _reductions(torch: Any) -> Functions:
    def over(f: Any) -> Any:  # a function of rows (..., n) as a reduction over any axes
        def reduction(x: Any, axis: Any = None, keepdims: bool = False, **options: Any) -> Any:
            given = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
            axes = [a % x.ndim for a in given] if x.ndim else []
            others = [k for k in range(x.ndim) if k not in axes]
            n = int(np.prod([x.shape[a] for a in axes]))
            y = f(x.permute((*others, *axes)).reshape((*[x.shape[k] for k in others], n)), **options)
            return y.reshape([1 if k in axes else m for k, m in enumerate(x.shape)]) if keepdims else y

        return reduction

    def scan(f: Any) -> Any:
        return lambda x, axis=None: f(x.reshape(-1) if axis is None else x, axis or 0)

    return {
        "sum": over(lambda r: r.sum(-1)),
        "mean": over(lambda r: r.mean(-1)),
        "prod": over(lambda r: r.prod(-1)),
        "max": over(lambda r: r.amax(-1)),
        "min": over(lambda r: r.amin(-1)),
        "var": over(lambda r, ddof=0: r.var(-1, correction=ddof)),
        "std": over(lambda r, ddof=0: r.std(-1, correction=ddof)),
        "ptp": over(lambda r: r.amax(-1) - r.amin(-1)),
        "logsumexp": over(lambda r: r.logsumexp(-1)),
        "median": over(lambda r: torch.quantile(r, 0.5, -1)),
        "vector_norm": over(lambda r, ord=2: torch.linalg.vector_norm(r, ord, -1)),
        "cumsum": scan(torch.cumsum),
        "cumprod": scan(torch.cumprod),
        "cummax": scan(lambda x, axis: torch.cummax(x, axis)[0]),
        "cummin": scan(lambda x, axis: torch.cummin(x, axis)[0]),
        # the second derivative of torch.logcumsumexp is NaN where a cotangent is zero
        "logcumsumexp": lambda x, axis: torch.log(torch.cumsum(torch.exp(x), axis)),
        "sort": lambda x, axis=-1: torch.sort(x, axis)[0],
        "diff": lambda x, n=1, axis=-1: torch.diff(x, n, axis),
        "eigvalsh": torch.linalg.eigvalsh,
    }


def _normalisations(torch: Any) -> Functions:
    F, log_softmax = torch.nn.functional, torch.log_softmax
    return {
        "softmax": lambda x, axis=-1: torch.softmax(x, axis),
        "log_softmax": lambda x, axis=-1: log_softmax(x, axis),
        "softmin": lambda x, axis=-1: F.softmin(x, axis),
        "glu": lambda x, axis=-1: F.glu(x, axis),
        "normalize": lambda x, axis=1: F.normalize(x, 2.0, axis),
        "cosine_similarity": lambda x1, x2, axis=1: F.cosine_similarity(x1, x2, axis),
        "entropy": lambda x, axis=-1: -(log_softmax(x, axis).exp() * log_softmax(x, axis)).sum(axis),
        # the gradient of F.batch_norm takes a weight that is a view for a contiguous array
        "batch_norm": lambda x, weight, bias: F.batch_norm(x, None, None, weight.contiguous(), bias, training=True),
    }


def _rearrangements(torch: Any) -> Functions:
    def placed(find: Any) -> Any:  # the entries at the places that a NumPy function moves the numbers 0, 1, 2, ... to
        def pick(x: Any, *args: Any, **options: Any) -> Any:
            places = find(np.arange(x.numel()).reshape(x.shape), *args, **options)
            return x.reshape(-1)[torch.as_tensor(np.array(places, int))]

        return pick

    def pad(x: Any, pad_width: Any, mode: str = "constant") -> Any:
        if mode != "constant":
            return placed(np.pad)(x, pad_width, mode)
        return torch.nn.functional.pad(x, [w for pair in reversed(pad_width) for w in pair])

    return {
        "reshape": lambda x, shape: x.reshape(shape),
        "transpose": lambda x, axes=None: x.permute(tuple(reversed(range(x.ndim))) if axes is None else axes),
        "squeeze": torch.squeeze,
        "flip": lambda x, axis=None: torch.flip(x, tuple(range(x.ndim)) if axis is None else (axis,)),
        "roll": lambda x, shift, axis=None: torch.roll(x, shift, axis),
        "tril": lambda x, k=0: torch.tril(x, k),
        "triu": lambda x, k=0: torch.triu(x, k),
        "rot90": lambda x, k=1: torch.rot90(x, k),
        "swapaxes": lambda x, axis1, axis2: torch.swapaxes(x, axis1, axis2),
        "broadcast_to": lambda x, shape: torch.broadcast_to(x, shape),
        "repeat": lambda x, repeats, axis=None: torch.repeat_interleave(x, repeats, axis),
        "tile": lambda x, reps: torch.tile(x, reps if isinstance(reps, tuple) else (reps,)),
        "matrix_transpose": lambda x: x.mT,
        "diagonal": torch.diagonal,
        "trace": lambda x: torch.diagonal(x).sum(-1),
        "pad": pad,
        "concatenate": torch.cat,
        "stack": torch.stack,
        "getitem": placed(lambda places, index: places[index]),
        "take": placed(np.take),
        "take_along_axis": lambda x, indices, axis=-1: torch.take_along_dim(x, torch.tensor(indices), axis),
        "embedding": lambda indices, weight: torch.nn.functional.embedding(torch.tensor(indices), weight),
    }


def _products(torch: Any) -> Functions:
    def dot(a: Any, b: Any) -> Any:
        return torch.tensordot(a, b, ([a.ndim - 1], [max(b.ndim - 2, 0)]))

    def convolve(a: Any, v: Any, mode: str = "full") -> Any:
        short, long = sorted([a, v], key=len)
        full = sum(torch.nn.functional.pad(c * long, (i, len(short) - 1 - i)) for i, c in enumerate(short))
        start = {"full": 0, "same": (len(short) - 1) // 2, "valid": len(short) - 1}[mode]
        return full[start : start + {"full": len(full), "same": len(long), "valid": len(long) - len(short) + 1}[mode]]

    def expm(x: Any) -> Any:  # the gradient of torch.linalg.matrix_exp is right to eight digits where the cotangent is small
        y = term = torch.eye(len(x), dtype=x.dtype)
        for k in range(1, 16):
            term = term @ x / (16 * k)
            y = y + term
        return torch.linalg.matrix_power(y, 16)

    return {
        "convolve": convolve,
        "expm": expm,
        "cross": lambda a, b: torch.linalg.cross(*torch.broadcast_tensors(a, b)),
        "dot": dot,
        "einsum": torch.einsum,
        "kron": lambda a, b: torch.kron(a.contiguous(), b.contiguous()),
        "outer": lambda a, b: torch.outer(a.reshape(-1), b.reshape(-1)),
        "polyval": lambda p, x: sum(c * x**k for k, c in enumerate(p.flip(0))),
        "tensordot": lambda a, b, axes=2: torch.tensordot(a, b, axes),
        "vecdot": lambda a, b: (a * b).sum(-1),
    }
