"""The neural ops against PyTorch in float64, on the calls that the laws draw: value, first and second derivative."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.laws.cases import load
from tinygrad_edu import REGISTRY, ops

torch = pytest.importorskip("torch")
from tests.torch_oracle import agrees  # noqa: E402  needs torch

pytestmark = pytest.mark.peers
T = torch.nn.functional
CASES = load()
FILES = ("adaptive_pooling", "attention", "convolution", "normalisation", "pooling", "randomness", "resampling", "softmax",
         "windows")  # fmt: skip


def conv_weight(x, z, kernel_size, stride, padding, dilation, groups):
    shape = (z.shape[1], x.shape[1] // groups, *kernel_size)
    return torch.nn.grad.conv2d_weight(x, shape, z, stride, padding, dilation, groups)


def standardise(x, axis, eps, centre):
    mean = x.mean(axis, keepdim=True) * centre
    r = ((x - mean).square().mean(axis, keepdim=True) + eps).rsqrt()
    return [(x - mean) * r, *([mean] if centre else [torch.zeros_like(r)]), r]


def batch_norm(x, weight, bias, mean=None, var=None):
    stats = [None if s is None else torch.tensor(s) for s in (mean, var)]
    return T.batch_norm(x, *stats, weight, bias, training=mean is None)


def rotary(x, angles):
    c, s = torch.tensor(np.cos(angles)), torch.tensor(np.sin(angles))
    a, b = x.chunk(2, -1)
    return torch.cat([a * c - b * s, a * s + b * c], -1)


def lstm_update(gates, c):
    i, f, u, o = gates.chunk(4, -1)
    new = f.sigmoid() * c + i.sigmoid() * u.tanh()
    return o.sigmoid() * new.tanh(), new


def gru_update(of_x, of_h, h):
    (xr, xz, xn), (hr, hz, hn) = of_x.chunk(3, -1), of_h.chunk(3, -1)
    n, z = (xn + (xr + hr).sigmoid() * hn).tanh(), (xz + hz).sigmoid()
    return (1 - z) * n + z * h


ORACLE = {
    "softmax": lambda x, axis: torch.softmax(x, axis),
    "log_softmax": lambda x, axis: torch.log_softmax(x, axis),
    "softmin": lambda x, axis: T.softmin(x, axis),
    "entropy": lambda x, axis: -(torch.softmax(x, axis) * torch.log_softmax(x, axis)).sum(axis),
    "cross_entropy": lambda x, target: T.cross_entropy(x, torch.tensor(target)),
    "nll_loss": lambda x, target: T.nll_loss(x, torch.tensor(target)),
    "soft_cross_entropy": T.cross_entropy,
    "standardise": standardise,
    "layer_norm": T.layer_norm,
    "rms_norm": T.rms_norm,
    "batch_norm": batch_norm,
    "instance_norm": lambda x, weight, bias: T.instance_norm(x, None, None, weight, bias),
    "group_norm": T.group_norm,
    "normalize": lambda x, p, axis: T.normalize(x, p, axis),
    "cosine_similarity": lambda x1, x2, axis: T.cosine_similarity(x1, x2, axis),
    "local_response_norm": T.local_response_norm,
    "conv1d": torch.conv1d,
    "conv2d": torch.conv2d,
    "conv_transpose1d": torch.conv_transpose1d,
    "conv_transpose2d": torch.conv_transpose2d,
    "conv_weight": conv_weight,
    "unfold": T.unfold,
    "fold": T.fold,
    "avg_pool2d": lambda x, **o: T.avg_pool2d(x.reshape(1, -1, *x.shape[-2:]), **o),
    "avg_pool1d": lambda x, **o: T.avg_pool1d(x.reshape(1, -1, *x.shape[-1:]), **o),
    "max_pool2d": lambda x, **o: T.max_pool2d(x.reshape(1, -1, *x.shape[-2:]), **o),
    "max_pool1d": lambda x, **o: T.max_pool1d(x.reshape(1, -1, *x.shape[-1:]), **o),
    "bin_means": lambda x, size: T.adaptive_avg_pool2d(x.reshape(1, -1, *x.shape[-2:]), size),
    "adaptive_avg_pool2d": lambda x, size: T.adaptive_avg_pool2d(x.reshape(1, -1, *x.shape[-2:]), size),
    "adaptive_max_pool2d": lambda x, size: T.adaptive_max_pool2d(x.reshape(1, -1, *x.shape[-2:]), size),
    "adaptive_avg_pool1d": lambda x, size: T.adaptive_avg_pool1d(x.reshape(1, -1, x.shape[-1]), size),
    "adaptive_max_pool1d": lambda x, size: T.adaptive_max_pool1d(x.reshape(1, -1, x.shape[-1]), size),
    "interpolate": T.interpolate,
    "pixel_shuffle": T.pixel_shuffle,
    "pixel_unshuffle": T.pixel_unshuffle,
    "attention_weights": lambda scores, mask: torch.softmax(scores + mask, -1),
    "scaled_dot_product_attention": T.scaled_dot_product_attention,
    "embedding": lambda indices, weight: T.embedding(torch.tensor(indices), weight),
    "embedding_sum": lambda z, indices, num: torch.zeros(num, z.shape[-1], dtype=z.dtype).index_add(
        0, torch.tensor(indices).reshape(-1), z.reshape(-1, z.shape[-1])
    ),
    "rotary": rotary,
    "glu": lambda x, axis: T.glu(x, axis),
    "rnn_tanh_cell": torch.rnn_tanh_cell,
    "gru_cell": torch.gru_cell,
    "lstm_cell": lambda x, h, c, *parameters: torch.lstm_cell(x, (h, c), *parameters),
    "lstm_update": lstm_update,
    "gru_update": gru_update,
    "dropout": lambda x, mask, p: x * torch.tensor(mask) * (1 / (1 - p) if p < 1 else 0),
    "gaussian_sample": lambda mean, log_var, noise: mean + (log_var / 2).exp() * torch.tensor(noise),
    "gumbel_softmax": lambda x, noise, tau, axis: torch.softmax((x + torch.tensor(noise)) / tau, axis),
}

# PyTorch has nothing like these; finite differences and the transpose identity hold them, and max_pool2d uses them.
OURS = {"window_pick", "window_put", "window_sum", "window_spread", "bin_spread"}
FLAT = {"rnn_tanh_cell", "gru_cell", "lstm_cell"}  # PyTorch's take one batch axis


def test_every_op_of_these_files_is_compared():
    declared = {n for n, op in REGISTRY.items() if op.fn.__module__.removeprefix("tinygrad_edu.ops.") in FILES}
    assert declared == set(ORACLE) | OURS


@pytest.mark.parametrize("name", ORACLE)
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_value_and_both_derivatives_are_those_of_pytorch(name, data):
    call = data.draw(CASES[name])
    args, kwargs = list(call.args), dict(call.kwargs)
    if name in FLAT:
        args = [a.reshape(-1, a.shape[-1]) if i < len(args) - 4 else a for i, a in enumerate(args)]
    constants = {i: a for i, a in enumerate(args) if name == "rotary" and i == 1}

    def ours(*xs):
        xs = [constants.get(i, x) for i, x in enumerate(xs)]
        y = REGISTRY[name](*xs, **kwargs)
        return y

    def theirs(*xs):
        y = ORACLE[name](*[constants.get(i, x) for i, x in enumerate(xs)], **kwargs)
        return y.reshape(np.shape(REGISTRY[name](*args, **kwargs))) if "pool" in name or name == "bin_means" else y

    agrees(ours, theirs, call._replace(args=tuple(args), kwargs={}), rtol=1e-8, atol=1e-9)


def test_ops_and_registry_hold_the_same_functions():
    assert ops.softmax is REGISTRY["softmax"]
