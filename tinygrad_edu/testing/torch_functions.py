"""PyTorch's functions under the names, and with the arguments, of our ops: the judge of the differential fuzzing.

Written with PyTorch alone; where it has no function of that meaning, from the definition. Not compared: `floor_divide`,
`heaviside` and `step`, which have no derivative there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from ..errors import MissingExtra

__all__ = ["torch_functions"]

Functions = dict[str, Callable[..., Any]]

SAME = """
    absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh ceil copysign cos cosh degrees:rad2deg digamma divide
    erf erfc erfinv exp exp2 expm1 fix floor fmax fmin fmod frac hypot lerp lgamma log log10 log1p log2 logaddexp logaddexp2
    logit maximum minimum multiply negative polygamma positive power:pow radians:deg2rad reciprocal remainder rint:round
    round rsqrt sigmoid sign sin sinc sinh sqrt square subtract tan tanh trunc xlogy
    conv1d inner kron matmul softmax log_softmax swapaxes moveaxis:movedim broadcast_to expand_dims:unsqueeze rot90 tril triu
    logdet
"""
NEURAL = """
    celu elu gelu hardshrink hardswish hardtanh leaky_relu logsigmoid mish relu relu6 selu silu softmin softplus softshrink
    softsign tanhshrink threshold linear layer_norm rms_norm glu normalize cosine_similarity scaled_dot_product_attention
    avg_pool1d max_pool1d unfold
"""
LINALG = "inv det solve svdvals cholesky matrix_power expm:matrix_exp"
LOSSES = {"absolute_error": "l1_loss", "bce": "binary_cross_entropy", "bce_with_logits": "binary_cross_entropy_with_logits",
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
    for part in (_elementwise, _reductions, _rearrangements, _products, _losses):
        functions.update(part(torch))
    return functions


def _named(names: str, module: Any) -> Functions:
    pairs = [(name.partition(":")[0], name.rpartition(":")[2]) for name in names.split()]
    return {ours: getattr(module, theirs) for ours, theirs in pairs}


def _elementwise(torch: Any) -> Functions:
    F = torch.nn.functional
    return {
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
        "prelu": lambda x, weight: torch.where(x > 0, x, weight * x),
        "quick_gelu": lambda x: x * torch.sigmoid(1.702 * x),
        "relu2": lambda x: F.relu(x) ** 2,
        "softcap": lambda x, cap: cap * torch.tanh(x / cap),
        "swiglu": lambda x1, x2: F.silu(x1) * x2,
        "where": lambda condition, x, y: torch.where(torch.tensor(condition), x, y),
        "xlogx": lambda x: -torch.special.entr(x),
    }


def _losses(torch: Any) -> Functions:
    F = torch.nn.functional

    def each(loss: Any, **fixed: Any) -> Any:  # entry by entry; PyTorch warns when a loss broadcasts, so that is done before
        return lambda *xs, **options: loss(*torch.broadcast_tensors(*xs), reduction="none", **fixed, **options)

    return {
        **{ours: each(getattr(F, theirs)) for ours, theirs in LOSSES.items()},
        "cross_entropy": lambda x, target, reduction="mean": F.cross_entropy(x, torch.tensor(target), reduction=reduction),
        "hinge": lambda x, target: torch.clamp(1 - target * x, min=0),
        "log_cosh_loss": lambda x, target: torch.logaddexp(x - target, target - x) - np.log(2),
        "pinball": lambda x, t, quantile=0.5: torch.maximum(quantile * (t - x), (quantile - 1) * (t - x)),
        "poisson_nll": each(F.poisson_nll_loss, log_input=True, full=False),
        "quadratic_cost": lambda output, target: ((output - target) ** 2).sum() / 2,
        "soft_margin": lambda x, target: F.softplus(-target * x),  # F.soft_margin_loss has no gradient by the target
        "squared_hinge": lambda x, target: torch.clamp(1 - target * x, min=0) ** 2,
    }


def _reductions(torch: Any) -> Functions:
    def over(f: Any) -> Any:  # a function of rows (..., n) as a reduction over any axes
        def reduction(x: Any, axis: Any = None, keepdims: bool = False, **options: Any) -> Any:
            axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
            axes = [a % x.ndim for a in axes] if x.ndim else []
            others = [k for k in range(x.ndim) if k not in axes]
            n = int(np.prod([x.shape[a] for a in axes]))
            y = f(x.permute((*others, *axes)).reshape((*[x.shape[k] for k in others], n)), **options)
            return y.reshape([1 if k in axes else m for k, m in enumerate(x.shape)]) if keepdims else y

        return reduction

    def scan(f: Any) -> Any:
        return lambda x, axis=None: f(x.reshape(-1) if axis is None else x, axis or 0)

    log_softmax = torch.log_softmax
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
        "logcumsumexp": torch.logcumsumexp,
        "sort": lambda x, axis=-1: torch.sort(x, axis)[0],
        "entropy": lambda x, axis=-1: -(log_softmax(x, axis).exp() * log_softmax(x, axis)).sum(axis),
        "diff": lambda x, n=1, axis=-1: torch.diff(x, n, axis),
        "eigvalsh": torch.linalg.eigvalsh,
        "batch_norm": lambda x, weight, bias: torch.nn.functional.batch_norm(x, None, None, weight, bias, training=True),
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
        "roll": torch.roll,
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

    return {
        "convolve": convolve,
        "cross": lambda a, b: torch.linalg.cross(*torch.broadcast_tensors(a, b)),
        "dot": dot,
        "einsum": torch.einsum,
        "outer": lambda a, b: torch.outer(a.reshape(-1), b.reshape(-1)),
        "polyval": lambda p, x: sum(c * x**k for k, c in enumerate(p.flip(0))),
        "tensordot": lambda a, b, axes=2: torch.tensordot(a, b, axes),
        "vecdot": lambda a, b: (a * b).sum(-1),
    }
