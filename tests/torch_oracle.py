"""PyTorch in float64 as judge: value, first and second derivative of one call.

ORACLE = {"tanh": torch.tanh, "sum": lambda x, axis, keepdims: ...}
agrees(REGISTRY["tanh"], torch.tanh, Call((x,)))
"""

import numpy as np
import torch

from tinygrad_edu import Value, gradients

torch.set_num_threads(1)


def agrees(op, torch_fn, call, *, rtol=1e-9, atol=1e-9, second=True):
    """Assert that `op` and `torch_fn` agree on this call: value, gradient, and gradient of a random product of the gradient.

    Every float array of `call.args` (also inside a list) is differentiated. `torch_fn` gets the same arguments with
    tensors for those, and may return a tensor or a tuple of them.
    """
    rng = np.random.default_rng(0)
    ours, theirs = _inputs(call.args)
    ys, ts = _several(op(*ours[0], **call.kwargs)), _several(torch_fn(*theirs[0], **call.kwargs))
    for y, t in zip(ys, ts, strict=True):
        np.testing.assert_allclose(y.data, t.numpy(force=True), rtol, atol)
    seeds = [rng.normal(size=np.shape(t)) for t in ts]
    out = _total([(y * s).sum() for y, s in zip(ys, seeds, strict=True) if y.op is not None])
    ref = _total([(t * torch.tensor(s)).sum() for t, s in zip(ts, seeds, strict=True) if t.requires_grad])
    g = gradients(out, ours[1], create_graph=second)
    h = torch.autograd.grad(ref, theirs[1], create_graph=second, allow_unused=True)
    _close(g, h, rtol, atol)
    if not second:
        return
    seeds = [rng.normal(size=v.shape) for v in ours[1]]
    out2 = _total([(a * s).sum() for a, s in zip(g, seeds, strict=True) if a is not None and a.op is not None])
    ref2 = _total([(b * torch.tensor(s)).sum() for b, s in zip(h, seeds, strict=True) if b is not None and b.requires_grad])
    if out2 is None or ref2 is None:
        for one in [x for x in (out2, ref2) if x is not None]:  # a second derivative that one side has must be zero
            grads = (
                gradients(one, ours[1]) if isinstance(one, Value) else torch.autograd.grad(one, theirs[1], allow_unused=True)
            )
            for a in grads:
                np.testing.assert_allclose(0.0 if a is None else np.asarray(a), 0.0, atol=atol)
        return
    _close(gradients(out2, ours[1]), torch.autograd.grad(ref2, theirs[1], allow_unused=True), rtol, atol)


def _inputs(args):
    ours, theirs, leaves, tensors = [], [], [], []
    for a in args:
        if isinstance(a, np.ndarray | np.floating) and a.dtype.kind == "f":
            leaves.append(Value(a))
            tensors.append(torch.tensor(a, requires_grad=True))
            ours.append(leaves[-1])
            theirs.append(tensors[-1])
        elif isinstance(a, list) and a and all(isinstance(x, np.ndarray) and x.dtype.kind == "f" for x in a):
            (o, p), (q, r) = _inputs(a)
            ours.append(o)
            theirs.append(q)
            leaves += p
            tensors += r
        else:
            ours.append(a)
            theirs.append(a)
    return (ours, leaves), (theirs, tensors)


def _several(y):
    return list(y) if isinstance(y, tuple | list) else [y]


def _total(parts):
    return sum(parts[1:], parts[0]) if parts else None


def _close(ours, theirs, rtol, atol):
    for a, b in zip(ours, theirs, strict=True):
        plain = 0.0 if a is None else a.data if isinstance(a, Value) else a
        np.testing.assert_allclose(plain, 0.0 if b is None else b.numpy(force=True), rtol, atol)
