"""`vmap` beside `torch.func.vmap`: gradients for each example of whole networks, and the options of the two."""

import numpy as np
import pytest
import torch
from torch.func import functional_call, grad, jacrev, vmap

from tinygrad_edu import ops
from tinygrad_edu import transforms as ours
from tinygrad_edu.nn import functional as mine

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore:There is a performance drop:UserWarning")]  # PyTorch's
rng = np.random.default_rng(0)


def agree(got, expected):
    np.testing.assert_allclose(got, expected.detach().numpy(), rtol=1e-10, atol=1e-12)


def weights_of(model):
    return {k: v.detach().numpy().copy() for k, v in model.named_parameters()}


def per_example(model, x, t, loss):
    """The gradient by each parameter of the loss of each example, as PyTorch has it."""

    def of_one(params, x, t):
        return loss(functional_call(model, params, (x[None],)), t[None])

    params = {k: v.detach() for k, v in model.named_parameters()}
    return vmap(grad(of_one), in_dims=(None, 0, 0))(params, torch.tensor(x), torch.tensor(t))


@pytest.mark.parametrize("chunk_size", [None, 3])
def test_gradients_of_each_example_of_a_classifier(chunk_size):
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.LayerNorm(8), torch.nn.Linear(8, 3)).double()  # fmt: skip
    x, t = rng.normal(size=(7, 4)), rng.integers(0, 3, 7)

    def loss(w, x, t):
        h = mine.layer_norm(np.tanh(mine.linear(x[None], w["0.weight"], w["0.bias"])), (8,), w["2.weight"], w["2.bias"])
        return mine.cross_entropy(mine.linear(h, w["3.weight"], w["3.bias"]), np.expand_dims(t, 0))

    got = ours.vmap(ours.grad(loss), in_axes=(None, 0, 0), chunk_size=chunk_size)(weights_of(model), x, t)
    expected = per_example(model, x, t, torch.nn.functional.cross_entropy)
    assert got.keys() == expected.keys()
    for k, g in expected.items():
        agree(got[k], g)


def test_gradients_of_each_example_of_a_convolutional_network():
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(2, 4, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(4, 4, 3, stride=2, groups=2), torch.nn.AvgPool2d(1), torch.nn.Flatten(),
        torch.nn.Linear(4, 3)).double()  # fmt: skip
    x, t = rng.normal(size=(5, 2, 6, 6)), rng.normal(size=(5, 3))

    def loss(w, x, t):
        h = mine.max_pool2d(mine.relu(mine.conv2d(x[None], w["0.weight"], w["0.bias"], padding=1)), 2)
        h = mine.avg_pool2d(mine.conv2d(h, w["3.weight"], w["3.bias"], stride=2, groups=2), 1)
        return mine.mse_loss(mine.linear(h.reshape(1, -1), w["6.weight"], w["6.bias"]), t[None])

    got = ours.vmap(ours.grad(loss), in_axes=(None, 0, 0))(weights_of(model), x, t)
    for k, g in per_example(model, x, t, torch.nn.functional.mse_loss).items():
        agree(got[k], g)


def test_an_ensemble_of_networks_on_the_same_and_on_other_data():
    w, b, x = rng.normal(size=(5, 3, 4)), rng.normal(size=(5, 3)), rng.normal(size=(5, 7, 4))
    for axes, data in ((None, x[0]), (0, x)):
        got = ours.vmap(lambda w, b, x: np.tanh(mine.linear(x, w, b)), in_axes=(0, 0, axes), out_axes=1)(w, b, data)
        expected = vmap(lambda w, b, x: torch.tanh(torch.nn.functional.linear(x, w, b)), (0, 0, axes), 1)(
            *map(torch.tensor, (w, b, data))
        )
        agree(got, expected)


def test_attention_of_each_example_and_its_jacobian():
    q, k, v = rng.normal(size=(3, 5, 4, 6))

    def theirs(q, k, v):
        return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)

    def attention(q, k, v):
        return ops.scaled_dot_product_attention(q, k, v, is_causal=True)

    tensors = [torch.tensor(a) for a in (q, k, v)]
    agree(ours.vmap(attention)(q, k, v), vmap(theirs)(*tensors))
    agree(ours.vmap(ours.jacobian(attention, 1, mode="reverse"))(q, k, v), vmap(jacrev(theirs, 1))(*tensors))


UNARY = ["relu", "gelu", "silu", "softplus", "elu", "selu", "hardtanh", "logsigmoid", "softsign", "mish", "sigmoid"]


@pytest.mark.parametrize("name", UNARY)
def test_activations(name):
    x = rng.normal(size=(4, 3, 2))
    theirs = getattr(torch.nn.functional, name)
    agree(ours.vmap(getattr(mine, name), in_axes=2, out_axes=1)(x), vmap(theirs, 2, 1)(torch.tensor(x)))


LOSSES = [
    ("mse_loss", {}), ("l1_loss", {"reduction": "sum"}), ("smooth_l1_loss", {"beta": 0.5}),
    ("huber_loss", {"reduction": "none"}), ("binary_cross_entropy_with_logits", {}), ("soft_margin_loss", {}),
    ("poisson_nll_loss", {}), ("kl_div", {"reduction": "sum"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options"), LOSSES, ids=[n for n, _ in LOSSES])
def test_losses_of_each_example(name, options):
    x, t = rng.normal(size=(5, 3, 4)), rng.uniform(size=(5, 3, 4))
    theirs = getattr(torch.nn.functional, name)
    got = ours.vmap(lambda x, t: getattr(mine, name)(x, t, **options))(x, t)
    agree(got, vmap(lambda x, t: theirs(x, t, **options))(torch.tensor(x), torch.tensor(t)))
    agree(ours.vmap(ours.grad(lambda x, t: getattr(mine, name)(x, t, **options).sum()))(x, t),
          vmap(grad(lambda x, t: theirs(x, t, **options).sum()))(torch.tensor(x), torch.tensor(t)))  # fmt: skip
