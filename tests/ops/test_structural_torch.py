"""Reductions, scans, rearrangements and indexing against PyTorch in float64: value, first and second derivative.

Where PyTorch has no function of that meaning it gets the entries by their places, which NumPy finds on the numbers 0, 1,
2, ...; its gradient is its own in any case.
"""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from tests.laws.cases import load  # noqa: E402
from tests.torch_oracle import agrees  # noqa: E402
from tinygrad_edu import REGISTRY  # noqa: E402

pytestmark = pytest.mark.peers

MODULES = ["diagonals", "differences", "indexing", "joining", "padding", "reductions", "scans", "shaping", "sorting"]
OPS = [n for n, op in REGISTRY.items() if op.fn.__module__.removeprefix("tinygrad_edu.ops.") in MODULES]


def tensor(a):
    return a if isinstance(a, torch.Tensor) else torch.as_tensor(np.array(a))


def reduce(f):
    """A function of rows (..., n) as a reduction over any axes."""

    def over(x, axis=None, keepdims=False, **options):
        axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        axes = [a % x.ndim for a in axes] if x.ndim else []
        others = [k for k in range(x.ndim) if k not in axes]
        n = int(np.prod([x.shape[a] for a in axes]))
        y = f(x.permute((*others, *axes)).reshape((*[x.shape[k] for k in others], n)), **options)
        lead = y.shape[: y.ndim - len(others)]
        return y.reshape((*lead, *[1 if k in axes else m for k, m in enumerate(x.shape)])) if keepdims else y

    return over


def scan(f):
    return lambda x, axis=None: f(x.reshape(-1) if axis is None else x, axis or 0)


def with_start(f, first):
    def run(x, axis=None, include_initial=False):
        y = f(x, axis or 0)
        start = torch.full_like(x.narrow(axis or 0, 0, 1) if x.shape[axis or 0] else x.sum(axis or 0, True), first)
        return torch.cat([start, y], axis or 0) if include_initial else y

    return run


def recurrence(a, b, axis=-1):
    ys, a, b = [], a.movedim(axis, 0), b.movedim(axis, 0)
    for t in range(len(a)):
        ys.append(a[t] * ys[-1] + b[t] if ys else b[t])
    return torch.stack(ys).movedim(0, axis)


def average(x, axis=None, weights=None, keepdims=False):
    w = torch.ones_like(x) if weights is None else tensor(weights)
    if w.ndim < x.ndim:
        w = w.reshape([-1 if k == axis % x.ndim else 1 for k in range(x.ndim)]) * torch.ones_like(x)
    return reduce(lambda r: r.sum(-1))(x * w, axis, keepdims) / reduce(lambda r: r.sum(-1))(w, axis, keepdims)


def diff(x, n, axis, prepend=None, append=None):
    ends = [None if e is None else torch.full_like(x.narrow(axis, 0, 1), e) for e in (prepend, append)]
    return torch.diff(x, n, axis, *ends) if n else x


def ediff1d(x, to_end=None, to_begin=None):
    parts = [to_begin, torch.diff(x.reshape(-1)), to_end]
    return torch.cat([tensor(p).reshape(-1) for p in parts if p is not None])


def gradient(f, spacing=(), axis=None, edge_order=1):
    axes = tuple(range(f.ndim)) if axis is None else (axis,)
    spacing = spacing or (1.0,)
    if any(np.ndim(h) for h in spacing):
        n = [f.shape[a] for a in axes]
        spacing = [torch.arange(k) * h if np.ndim(h) == 0 else tensor(h) for h, k in zip(spacing, n, strict=True)]
    ys = torch.gradient(f, spacing=spacing[0] if len(spacing) == 1 and not np.ndim(spacing[0]) else spacing, dim=axes,
                        edge_order=edge_order)  # fmt: skip
    return ys if len(ys) > 1 else ys[0]


def trapezoid(y, x=None, dx=1.0, axis=-1):
    if x is None:
        return torch.trapezoid(y, dx=dx, dim=axis)
    x = tensor(x)
    return torch.trapezoid(y.movedim(axis, -1), x if x.ndim == 1 else x.movedim(axis, -1), dim=-1)


def placed(find):
    """The entries at the places that a NumPy function moves the numbers 0, 1, 2, ... to."""

    def pick(x, *args, **options):
        places = find(np.arange(x.numel()).reshape(x.shape), *args, **options)
        several = isinstance(places, list | tuple)
        picks = [x.reshape(-1)[torch.as_tensor(np.array(p, int))] for p in (places if several else [places])]
        return picks if several else picks[0]

    return pick


def axes_of(x, axes):
    return tuple(reversed(range(x.ndim))) if axes is None else tuple(axes)


def roll(x, shift, axis=None):
    return torch.roll(x, (shift,) * len(axis) if isinstance(axis, tuple) and isinstance(shift, int) else shift, axis)


def squeeze(x, axis=None):
    return x.squeeze() if axis is None else x.squeeze(axis)


def pad(x, width, mode="constant", constant_values=0):
    if mode != "constant":
        return placed(np.pad)(x, width, mode)
    values = tensor(np.pad(np.zeros(tuple(x.shape)), width, constant_values=constant_values)) if x.ndim else None
    if values is None:
        return x
    pairs = np.broadcast_to(width, (x.ndim, 2)).tolist()
    flat = [int(w) for pair in reversed(pairs) for w in pair]
    return torch.nn.functional.pad(x, flat) + values


def diagonal_of(x, offset=0, axis1=0, axis2=1):
    return torch.diagonal(x, offset, axis1, axis2)


def into_diagonal(x, shape, offset=0, axis1=0, axis2=1):
    places = np.diagonal(np.arange(int(np.prod(shape))).reshape(shape), offset, axis1, axis2)
    zeros = torch.zeros(int(np.prod(shape)), dtype=x.dtype)
    return zeros.index_put((torch.as_tensor(places.copy()),), x).reshape(shape)


def diagflat(x, k=0):
    return torch.diagflat(x, k)


def insert(x, obj, values, axis=None):
    wide = values.detach().numpy()
    n = x.numel()
    numbers = np.insert(np.arange(n).reshape(x.shape), obj, n + np.arange(wide.size).reshape(wide.shape), axis)
    return torch.cat([x.reshape(-1), values.reshape(-1)])[torch.as_tensor(numbers)]


def append(x, values, axis=None):
    return torch.cat([x.reshape(-1), values.reshape(-1)]) if axis is None else torch.cat([x, values], axis)


def where(condition, x, y):
    return torch.where(tensor(condition) != 0, x, y)


def select(conditions, choices, default=0):
    y = torch.full_like(choices[0], default)
    for condition, choice in zip(reversed(conditions), reversed(choices), strict=True):
        y = torch.where(tensor(condition), choice, y)
    return y


def choose(a, choices, mode="raise"):
    choices = torch.stack(torch.broadcast_tensors(*choices))
    n = len(choices)
    a = {"raise": a, "wrap": np.mod(a, n), "clip": np.clip(a, 0, n - 1)}[mode]
    return torch.gather(choices, 0, tensor(a).reshape(1, *choices.shape[1:]))[0]


def at(x, index):
    """PyTorch's flat places of what NumPy calls x[index]."""
    return tensor(np.arange(int(np.prod(x))).reshape(x)[index])


def index_put(x, index, value):
    return x.reshape(-1).index_put((at(x.shape, index),), value).reshape(x.shape)


def index_add(x, index, value):
    return x.reshape(-1).index_put((at(x.shape, index),), value, accumulate=True).reshape(x.shape)


def add_at(x, index, shape):
    return index_add(torch.zeros(shape, dtype=x.dtype), index, x)


def put_along_axis(x, indices, values, axis):
    return torch.scatter(x, axis, tensor(indices), values)


def partition(x, kth, axis=-1):
    return placed(lambda p: np.take_along_axis(p, np.argpartition(x.detach().numpy(), kth, axis), axis))(x)


def quantiles(x, q, axis=None, keepdims=False, method="linear", scale=1):
    """By the two sorted neighbours that NumPy's method gives for 0, 1, ..., n - 1; linear by PyTorch itself."""
    if method in ("linear", "lower", "higher", "midpoint") and np.ndim(q) < 2:
        q = torch.as_tensor(np.asarray(q) / scale)
        return reduce(lambda r: torch.quantile(r, q, -1, interpolation=method))(x, axis, keepdims)

    def of_rows(rows):
        place = np.quantile(np.arange(float(rows.shape[-1])), np.asarray(q) / scale, method=method)
        low = np.floor(place).astype(int)
        high, part = np.minimum(low + 1, rows.shape[-1] - 1), torch.as_tensor(place - low)
        s = rows.sort(-1)[0]
        y = s[..., tensor(low)] * (1 - part) + s[..., tensor(high)] * part
        return y.movedim(tuple(range(-low.ndim, 0)), tuple(range(low.ndim))) if low.ndim else y

    return reduce(of_rows)(x, axis, keepdims)


def topk(x, k, axis=-1, largest=True):
    return torch.topk(x, k, axis, largest)[0]


ORACLE = {
    # reductions; the cases hold no NaN, so those that leave it out are the plain ones
    **dict.fromkeys(("sum", "nansum"), reduce(lambda r: r.sum(-1))),
    **dict.fromkeys(("mean", "nanmean"), reduce(lambda r: r.mean(-1))),
    **dict.fromkeys(("prod", "nanprod"), reduce(lambda r: r.prod(-1))),
    **dict.fromkeys(("max", "nanmax"), reduce(lambda r: r.amax(-1))),
    **dict.fromkeys(("min", "nanmin"), reduce(lambda r: r.amin(-1))),
    **dict.fromkeys(("var", "nanvar"), reduce(lambda r, ddof: r.var(-1, correction=ddof))),
    **dict.fromkeys(("std", "nanstd"), reduce(lambda r, ddof: r.std(-1, correction=ddof))),
    "ptp": reduce(lambda r: r.amax(-1) - r.amin(-1)),
    "logsumexp": reduce(lambda r: r.logsumexp(-1)),
    "average": average,
    # scans and differences
    **dict.fromkeys(("cumsum", "nancumsum"), scan(torch.cumsum)),
    **dict.fromkeys(("cumprod", "nancumprod"), scan(torch.cumprod)),
    "cummax": scan(lambda x, axis: torch.cummax(x, axis)[0]),
    "cummin": scan(lambda x, axis: torch.cummin(x, axis)[0]),
    "cumulative_sum": with_start(torch.cumsum, 0),
    "cumulative_prod": with_start(torch.cumprod, 1),
    "logcumsumexp": torch.logcumsumexp,
    "linear_recurrence": recurrence,
    "diff": diff,
    "ediff1d": ediff1d,
    "gradient": gradient,
    "trapezoid": trapezoid,
    # shapes
    "reshape": lambda x, shape: x.reshape(shape),
    "ravel": torch.ravel,
    "copy": torch.clone,
    "matrix_transpose": lambda x: x.mT,
    "transpose": lambda x, axes=None: x.permute(axes_of(x, axes)),
    "swapaxes": torch.swapaxes,
    "moveaxis": torch.movedim,
    "rollaxis": placed(np.rollaxis),
    "expand_dims": placed(np.expand_dims),
    "squeeze": squeeze,
    "broadcast_to": torch.broadcast_to,
    "broadcast_arrays": lambda *xs: torch.broadcast_tensors(*xs),
    "atleast_1d": torch.atleast_1d,
    "atleast_2d": torch.atleast_2d,
    "atleast_3d": torch.atleast_3d,
    "meshgrid": lambda *xs, indexing, sparse: placed_grid(xs, indexing, sparse),
    "flip": lambda x, axis=None: torch.flip(x, tuple(range(x.ndim)) if axis is None else np.atleast_1d(axis).tolist()),
    "fliplr": torch.fliplr,
    "flipud": torch.flipud,
    "roll": roll,
    "rot90": torch.rot90,
    "repeat": lambda x, repeats, axis=None: torch.repeat_interleave(x, tensor(repeats).long(), axis),
    "tile": lambda x, reps: torch.tile(x, reps if isinstance(reps, tuple) else (reps,)),
    "pad": pad,
    "zero_pad": lambda x, width: pad(x, width) if x.ndim else x,
    "tril": lambda x, k=0: torch.tril(x if x.ndim > 1 else x.expand(len(x), -1), k),
    "triu": lambda x, k=0: torch.triu(x if x.ndim > 1 else x.expand(len(x), -1), k),
    "diag": torch.diag,
    "diagflat": diagflat,
    "diagonal": diagonal_of,
    "into_diagonal": into_diagonal,
    "trace": lambda x, *options: diagonal_of(x, *options).sum(-1),
    # joins and splits
    "concatenate": lambda xs, axis=0: torch.cat([x.reshape(-1) for x in xs] if axis is None else xs, axis or 0),
    "stack": lambda xs, axis=0: torch.stack(xs, axis),
    "vstack": torch.vstack,
    "hstack": torch.hstack,
    "dstack": torch.dstack,
    "column_stack": torch.column_stack,
    "append": append,
    "insert": insert,
    "delete": placed(np.delete),
    "unstack": lambda x, axis=0: torch.unbind(x, axis),
    "split": placed(np.split),
    "array_split": placed(np.array_split),
    "hsplit": lambda x, at: torch.hsplit(x, at),
    "vsplit": lambda x, at: torch.vsplit(x, at),
    "dsplit": lambda x, at: torch.dsplit(x, at),
    # indexing
    "getitem": placed(lambda p, index: p[index]),
    "add_at": add_at,
    "index_put": index_put,
    "index_add": index_add,
    "where": where,
    "masked_fill": lambda x, mask, value: torch.where(tensor(mask), value, x),
    "select": select,
    "choose": choose,
    "take": placed(np.take),
    "take_along_axis": lambda x, indices, axis: torch.take_along_dim(x, tensor(indices), axis),
    "put_along_axis": put_along_axis,
    "gather": lambda x, dim, index: torch.gather(x, dim, tensor(index)),
    "scatter_add": lambda x, dim, index, src: torch.scatter_add(x, dim, tensor(index), src),
    "compress": lambda condition, x, axis=None: placed(lambda p: np.compress(condition, p, axis))(x),
    "extract": lambda condition, x: torch.masked_select(x, tensor(condition)),
    # order
    "sort": scan(lambda x, axis: torch.sort(x, axis)[0]),
    "partition": partition,
    "topk": topk,
    "median": reduce(lambda r: torch.quantile(r, 0.5, -1)),
    "quantile": quantiles,
    "percentile": lambda *args, **options: quantiles(*args, **options, scale=100),
}


def placed_grid(xs, indexing, sparse):
    if not sparse:
        return torch.meshgrid(*xs, indexing=indexing)
    starts = np.cumsum([0, *map(len, xs)])
    numbers = np.meshgrid(*map(np.arange, starts[:-1], starts[1:]), indexing=indexing, sparse=True)
    return [torch.cat(xs)[torch.as_tensor(n.copy())] for n in numbers]


def first_of(op):
    return lambda *args, **options: op(*args, **options)[0]


def test_every_op_has_an_oracle():
    assert set(ORACLE) == set(OPS)


@pytest.mark.parametrize("name", OPS)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_value_gradient_and_second_derivative_are_those_of_pytorch(name, data):
    op = REGISTRY[name]
    agrees(first_of(op) if name == "topk" else op, ORACLE[name], data.draw(load()[name]))
