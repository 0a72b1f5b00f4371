"""nn.functional against torch.nn.functional: the same names, the same arguments in the same order, the same numbers."""

import inspect
import re

import numpy as np
import pytest

from tests.laws.cases import Call
from tinygrad_edu.nn import functional as F  # noqa: N812  PyTorch's habit

torch = pytest.importorskip("torch")
from tests.torch_oracle import agrees  # noqa: E402  needs torch

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore:Using padding='same'")]
T = torch.nn.functional
RNG = np.random.default_rng(7)


def normal(*shape):
    return RNG.normal(size=shape)


def spread(*shape):
    """Numbers without ties."""
    n = int(np.prod(shape))
    return (RNG.permutation(n) * (4 / n) - 2 + 0.013).reshape(shape)


def unit(*shape):
    return RNG.uniform(0.05, 0.95, shape)


def signs(*shape):
    return np.where(RNG.random(shape) < 0.5, -1, 1)


CLASSES = np.array([2, 0, 1, 2])
IDS = np.array([[3, 1, 0], [1, 1, 4]])
X, Y = normal(3, 4), normal(3, 4)
IMG = spread(2, 4, 6, 5)
SEQ = spread(2, 4, 7)
N = normal

# name: calls, each the arguments and the options
CALLS = {
    **{
        name: [((spread(3, 4),), {})]
        for name in ["relu", "relu6", "selu", "gelu", "silu", "mish", "sigmoid", "logsigmoid", "tanh", "softsign",
                     "tanhshrink", "hardsigmoid", "hardswish", "leaky_relu", "elu", "celu", "softplus", "softshrink",
                     "hardshrink", "hardtanh", "glu"]
    },
    **{name: [((X, 1), {}), ((X, 0), {})] for name in ("softmax", "softmin", "log_softmax")},
    "prelu": [((spread(3, 4), np.array([0.3])), {}), ((spread(2, 4, 3), unit(4)), {})],
    "threshold": [((spread(3, 4), 0.5, -1.0), {})],
    "logsumexp": [((X, 1), {}), ((X, 0, True), {})],
    "linear": [((X, N(5, 4), N(5)), {}), ((N(2, 3, 4), N(5, 4)), {})],
    "bilinear": [((N(2, 3), N(2, 4), N(5, 3, 4), N(5)), {})],
    "conv1d": [
        ((SEQ, N(6, 2, 3), N(6), 2, 1, 2, 2), {}),
        ((SEQ[0], N(3, 4, 2)), {"padding": "same"}),
        ((SEQ, N(3, 4, 4)), {"padding": "same", "dilation": 2}),
    ],
    "conv2d": [
        ((IMG, N(6, 2, 3, 2), N(6), (2, 1), (1, 0), (1, 2), 2), {}),
        ((IMG[0], N(3, 4, 2, 2), N(3)), {}),
        ((IMG, N(3, 4, 3, 2), N(3)), {"padding": "same"}),
        ((IMG, N(3, 4, 3, 2)), {"padding": "valid", "stride": 3}),
        ((IMG, N(8, 1, 3, 3)), {"groups": 4, "stride": 2}),
    ],
    "conv_transpose1d": [((SEQ, N(4, 3, 3), N(6), 3, 1, 2, 2, 1), {}), ((SEQ[0], N(4, 3, 2)), {})],
    "conv_transpose2d": [
        ((IMG, N(4, 3, 3, 2), N(6), (2, 3), (1, 0), (1, 2), 2, (1, 2)), {}),
        ((IMG, N(4, 3, 3, 3)), {"output_padding": 1, "dilation": 2}),
        ((IMG[0], N(4, 3, 2, 2), N(3)), {}),
    ],
    "unfold": [((IMG, (2, 3), (2, 1), (1, 0), (1, 2)), {}), ((IMG, 2), {})],
    "fold": [((N(2, 4 * 6, 18), (6, 5), (2, 3), (2, 1), (1, 0), (1, 1)), {}), ((N(2, 8, 9), (4, 4), 2), {})],
    "max_pool1d": [((SEQ, 3, 2, 1, 1, True), {}), ((SEQ, 2), {}), ((SEQ[0], 3, 1, 1, 2), {})],
    "max_pool2d": [((IMG, (3, 2), (2, 1), (1, 0), (1, 2), True), {}), ((IMG[0], 2), {}), ((IMG, 3, 2, 1), {})],
    "avg_pool1d": [((SEQ, 3, 2, 1, True, False), {}), ((SEQ, 3, 2, 1, True, True), {}), ((SEQ[0], 2), {})],
    "avg_pool2d": [
        ((IMG, (3, 2), (2, 1), (1, 0), True, False), {}),
        ((IMG, (3, 2), (2, 2), (1, 1), True, True), {}),
        ((IMG, 2), {"divisor_override": 3}),
        ((IMG[0], 2), {}),
    ],
    "adaptive_avg_pool1d": [((SEQ, 3), {}), ((SEQ, 9), {})],
    "adaptive_avg_pool2d": [((IMG, (4, 3)), {}), ((IMG, 1), {}), ((IMG, (None, 7)), {})],
    "adaptive_max_pool1d": [((SEQ, 3), {}), ((SEQ, 7), {})],
    "adaptive_max_pool2d": [((IMG, (4, 3)), {}), ((IMG, 1), {}), ((IMG, (3, 5)), {})],
    "interpolate": [
        ((IMG, (9, 4)), {}),
        ((IMG,), {"scale_factor": 1.5}),
        ((IMG,), {"scale_factor": (2.0, 0.7), "mode": "bilinear", "align_corners": False}),
        ((IMG, (9, 3)), {"mode": "bilinear", "align_corners": False}),
        ((IMG, (9, 1)), {"mode": "bilinear", "align_corners": True}),
        ((SEQ, 10), {"mode": "linear", "align_corners": True}),
        ((SEQ, 5), {}),
    ],
    "pixel_shuffle": [((IMG, 2), {})],
    "pixel_unshuffle": [((N(2, 3, 4, 6), 2), {})],
    "pad": [
        ((IMG, (1, 2, 0, 3)), {}),
        ((IMG, (1, 2), "constant", 0.5), {}),
        ((IMG, (1, 2, 3, 1), "reflect"), {}),
        ((IMG, (1, 2, 3, 1), "replicate"), {}),
        ((IMG, (1, 2, 3, 1), "circular"), {}),
    ],
    "layer_norm": [((N(2, 3, 4), (3, 4), N(3, 4), N(3, 4), 0.1), {}), ((X, (4,)), {})],
    "rms_norm": [((N(2, 3, 4), (3, 4), N(3, 4), 0.1), {}), ((X, (4,)), {})],
    "group_norm": [((IMG, 2, N(4), N(4), 0.1), {}), ((SEQ, 4), {})],
    "instance_norm": [((IMG,), {}), ((SEQ, None, None, N(4), N(4), True, 0.2, 0.1), {})],
    "local_response_norm": [((IMG, 3, 0.5, 0.7, 1.2), {}), ((SEQ, 2), {"alpha": 0.5})],
    "normalize": [((X,), {}), ((X, 3.0, 0), {}), ((X, 1.0, -1), {})],
    "cosine_similarity": [((X, Y), {}), ((N(3, 1, 4), N(2, 4), -1), {})],
    "pairwise_distance": [((X, Y), {}), ((X, Y, 3.0, 1e-6, True), {})],
    "embedding": [((IDS, N(6, 3)), {}), ((IDS, N(6, 3), 1), {}), ((IDS, N(6, 3), -2), {})],
    "scaled_dot_product_attention": [
        ((N(2, 3, 4), N(2, 5, 4), N(2, 5, 6)), {}),
        ((N(2, 3, 4), N(2, 5, 4), N(2, 5, 6), N(3, 5)), {"scale": 0.3}),
        ((N(2, 4, 4), N(2, 4, 4), N(2, 4, 3)), {"is_causal": True}),
        ((N(2, 4, 3, 4), N(2, 2, 5, 4), N(2, 2, 5, 6)), {"enable_gqa": True}),
    ],
    "rnn_tanh_cell": [((N(2, 3), N(2, 4), N(4, 3), N(4, 4), N(4), N(4)), {}), ((N(2, 3), N(2, 4), N(4, 3), N(4, 4)), {})],
    "gru_cell": [((N(2, 3), N(2, 4), N(12, 3), N(12, 4), N(12), N(12)), {}), ((N(2, 3), N(2, 4), N(12, 3), N(12, 4)), {})],
    "lstm_cell": [((N(2, 3), [N(2, 4), N(2, 4)], N(16, 3), N(16, 4), N(16), N(16)), {})],
    "mse_loss": [((X, Y), {}), ((X, Y), {"reduction": "sum"}), ((X, Y), {"reduction": "none"})],
    "l1_loss": [((X, Y), {}), ((X, Y), {"reduction": "sum"})],
    "smooth_l1_loss": [((X, Y), {"beta": 0.7}), ((X, Y), {"beta": 0.0, "reduction": "none"})],
    "huber_loss": [((X, Y), {"delta": 0.7}), ((X, Y), {"reduction": "none"})],
    "binary_cross_entropy": [((unit(3, 4), unit(3, 4)), {}), ((unit(3, 4), unit(3, 4)), {"reduction": "sum"})],
    "binary_cross_entropy_with_logits": [((X, unit(3, 4)), {}), ((X, unit(3, 4)), {"reduction": "none"})],
    "kl_div": [
        ((np.log(unit(3, 4)), unit(3, 4)), {"reduction": how}) for how in ("sum", "none", "batchmean")
    ] + [((np.log(unit(3, 4)), np.log(unit(3, 4))), {"log_target": True, "reduction": "sum"})],
    "poisson_nll_loss": [
        ((X, 3 * unit(3, 4)), {}),
        ((X, 3 * unit(3, 4), True, True), {}),
        ((unit(3, 4), 3 * unit(3, 4)), {"log_input": False, "reduction": "sum"}),
    ],
    "gaussian_nll_loss": [((X, Y, unit(3, 4)), {}), ((X, Y, unit(3, 1), True), {"reduction": "sum"})],
    "cross_entropy": [((normal(4, 3), CLASSES), {"label_smoothing": e, "reduction": how})
                      for e in (0.0, 0.2) for how in ("mean", "sum", "none")]
    + [
        ((normal(4, 3), CLASSES), {"label_smoothing": 0.2, "ignore_index": 2}),
        ((normal(4, 3, 2), RNG.integers(0, 3, (4, 2))), {"label_smoothing": 0.2}),
        ((normal(3), np.array(1)), {"label_smoothing": 0.2}),
        ((normal(4, 3), unit(4, 3)), {"label_smoothing": 0.2}),
        ((normal(4, 3, 2), unit(4, 3, 2)), {"reduction": "none"}),
        ((normal(3), unit(3)), {}),
    ],
    "nll_loss": [((normal(4, 3), CLASSES), {}), ((normal(4, 3), CLASSES), {"ignore_index": 0, "reduction": "sum"})],
    "soft_margin_loss": [((X, signs(3, 4)), {})],
    "margin_ranking_loss": [((normal(5), normal(5), signs(5), 0.3), {})],
    "hinge_embedding_loss": [((unit(3, 4), signs(3, 4), 0.5), {})],
    "cosine_embedding_loss": [((normal(3, 4), normal(3, 4), np.array([1, -1, -1]), -0.5), {})],
    "triplet_margin_loss": [
        ((normal(3, 4), normal(3, 4), normal(3, 4)), {}),
        ((normal(3, 4), normal(3, 4), normal(3, 4), 2.0, 3.0, 1e-6, True), {"reduction": "none"}),
    ],
}  # fmt: skip

WEIGHTED = {
    "cross_entropy": [((normal(4, 3), CLASSES), {"weight": unit(3), "label_smoothing": e, "ignore_index": i})
                      for e in (0.0, 0.2) for i in (-100, 0)]
    + [((normal(4, 3), unit(4, 3)), {"weight": unit(3), "label_smoothing": 0.1})],
    "nll_loss": [((normal(4, 3), CLASSES), {"weight": unit(3)})],
    "mse_loss": [((X, Y), {"weight": unit(3, 4)})],
    "l1_loss": [((X, Y), {"weight": unit(3, 4), "reduction": "sum"})],
    "huber_loss": [((X, Y), {"weight": unit(3, 4), "reduction": "none"})],
    "binary_cross_entropy": [((unit(3, 4), unit(3, 4)), {"weight": unit(3, 4)})],
    "binary_cross_entropy_with_logits": [((X, unit(3, 4)), {"weight": unit(4), "pos_weight": 3 * unit(4)})],
}  # fmt: skip

# Not in PyTorch, or it draws lots: their ops are tested by the laws, and here in test_functional.
OURS = {"gumbel_softmax", "dropout", "dropout1d", "dropout2d", "batch_norm", "one_hot", "quick_gelu", "relu2", "rotary",
        "softcap", "swiglu", "log_cosh_loss", "pinball_loss", "quadratic_cost", "hinge_loss",
        "squared_hinge_loss"}  # fmt: skip


def theirs(name):
    return getattr(T, name, None) or getattr(torch, name)


def tensors(x):
    if isinstance(x, np.ndarray):
        return torch.tensor(x)
    return tuple(x) if isinstance(x, list) else x


@pytest.mark.parametrize("name", CALLS)
def test_value_and_both_derivatives_are_those_of_pytorch(name):
    for args, options in [*CALLS[name], *WEIGHTED.get(name, [])]:

        def peer(*xs, options=options, **_):
            return theirs(name)(*map(tensors, xs), **{k: tensors(v) for k, v in options.items()})

        def ours(*xs, options=options):
            return getattr(F, name)(*xs, **options)

        agrees(ours, peer, Call(args), rtol=_tolerance(name), atol=_tolerance(name),
               second=name != "hardsigmoid")  # fmt: skip


def _tolerance(name):
    return 1e-7 if name in ("celu", "hardsigmoid") else 1e-9  # PyTorch has single precision constants in these two


def test_every_function_is_compared_or_ours_alone():
    assert set(F.__all__) == set(CALLS) | OURS


DEPRECATED = {"size_average", "reduce", "inplace", "_stacklevel", "dtype", "return_indices", "antialias",
              "recompute_scale_factor", "max_norm", "norm_type", "scale_grad_by_freq", "sparse", "out"}  # fmt: skip


def parameters_of(function):
    """The names of PyTorch's parameters, from the signature or from the first line of the documentation."""
    try:
        names = [*inspect.signature(function).parameters]
    except ValueError:
        names = ["args"]
    if "args" not in names:
        return names
    said = re.search(r"\w+\((input.*?|query.*?)\) ->", " ".join((function.__doc__ or "").split()))
    return re.findall(r"(\w+)(?: ?= ?[^,]*|: [^,]*)?(?:, |$)", re.sub(r"\([^)]*\)|\*, ", "", said[1])) if said else None


@pytest.mark.parametrize("name", [n for n in F.__all__ if hasattr(T, n) and parameters_of(getattr(T, n))])
def test_parameters_have_pytorchs_names_and_order(name):
    peer = parameters_of(getattr(T, name))
    dropped = {"softplus": ["threshold"], "gumbel_softmax": ["eps"]}.get(name, [])
    ours = [p for p in inspect.signature(getattr(F, name)).parameters if p != "rng"]
    assert ours == [p for p in peer if p not in DEPRECATED and p not in dropped]


@pytest.mark.parametrize("shape", [(6, 3), (4, 3, 5), (3, 2, 2, 2)])
def test_batch_norm_and_its_running_statistics(shape):
    channels = shape[1]
    mean, var = normal(channels), unit(channels)
    weight, bias = normal(channels), normal(channels)
    for training in (True, False):
        stats, peers = [mean.copy(), var.copy()], [torch.tensor(mean), torch.tensor(var)]

        def ours(x, w, b, stats=stats, training=training):
            return F.batch_norm(x, *[s.copy() for s in stats], w, b, training, 0.3, 0.01)

        def peer(x, w, b, peers=peers, training=training):
            return T.batch_norm(x, *[s.clone() for s in peers], w, b, training, 0.3, 0.01)

        x = normal(*shape)
        agrees(ours, peer, Call((x, weight, bias)))
        F.batch_norm(x, *stats, weight, bias, training, 0.3)
        T.batch_norm(torch.tensor(x), *peers, None, None, training, 0.3)
        np.testing.assert_allclose(stats, torch.stack(peers), rtol=1e-12)


def test_instance_norm_and_its_running_statistics():
    x, stats = normal(3, 2, 5), [normal(2), unit(2)]
    peers = [torch.tensor(s) for s in stats]
    F.instance_norm(x, *stats)
    T.instance_norm(torch.tensor(x), *peers)
    np.testing.assert_allclose(stats, torch.stack(peers), rtol=1e-12)
    agrees(lambda a: F.instance_norm(a, *stats, use_input_stats=False),
           lambda a: T.instance_norm(a, *peers, use_input_stats=False), Call((x,)))  # fmt: skip


def test_attention_with_a_boolean_mask_and_a_blind_query():
    mask = np.array([[True, False, True], [False, False, False], [True, True, True]])
    args = normal(2, 3, 4), normal(2, 3, 4), normal(2, 3, 5)
    agrees(
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, mask),
        lambda q, k, v: T.scaled_dot_product_attention(q, k, v, torch.tensor(mask)),
        Call(args),
    )
