"""The update rules by hand, and against PyTorch."""

import numpy as np
import pytest

from tinygrad_edu import Value
from tinygrad_edu.errors import DataError, OptionError
from tinygrad_edu.optim import SGD, Adam, AdamW


def step(optimiser, v, times=1):
    for _ in range(times):
        v.zero_grad()
        (v * v).backward(np.ones(v.shape))
        optimiser.step()


def test_sgd_steps_against_the_gradient():
    x = Value([1.0, -2.0])
    step(SGD([x], lr=0.1), x)
    np.testing.assert_allclose(x.data, [0.8, -1.6])


def test_momentum_starts_at_the_gradient_and_then_remembers():
    x = Value(1.0)
    step(SGD([x], lr=0.1, momentum=0.9), x, 2)  # 1 - .2 = .8 ; b = .9*2 + 1.6 = 3.4 ; .8 - .34
    assert x.item() == pytest.approx(0.46)


def test_the_first_adam_step_is_the_learning_rate_whatever_the_gradient():
    for start in (1e-3, 1.0, 1e3):
        x = Value(start)
        step(Adam([x], lr=0.01), x)
        assert start - x.item() == pytest.approx(0.01, rel=1e-4)


def test_a_parameter_that_no_gradient_reached_stays_as_it_is():
    x, y = Value(1.0), Value(1.0)
    optimiser = SGD([x, y], lr=0.1, weight_decay=0.5)
    (x * 1.0).backward()
    optimiser.step()
    assert y.item() == 1.0
    assert x.item() != 1.0


def test_float32_parameters_stay_float32():
    for make in (lambda p: SGD(p, 0.1, momentum=0.9, nesterov=True, weight_decay=0.1), Adam, AdamW):
        x = Value(np.ones(3, np.float32))
        step(make([x]), x, 2)
        assert x.dtype == np.float32


def test_state_dict_round_trip_continues_to_the_same_numbers():
    x, y = Value([1.0, 2.0]), Value([1.0, 2.0])
    a, b = Adam([x], 0.1), Adam([y], 0.1)
    step(a, x, 3)
    y.data = x.data.copy()
    b.load_state_dict(a.state_dict())
    step(a, x, 3)
    step(b, y, 3)
    assert (x.data == y.data).all()


@pytest.mark.parametrize(
    "make",
    [
        lambda: SGD([Value(1.0)], lr=0),
        lambda: SGD([Value(1.0)], lr=float("nan")),
        lambda: SGD([Value(1.0)], lr=0.1, momentum=1.0),
        lambda: SGD([Value(1.0)], lr=0.1, nesterov=True),
        lambda: SGD([Value(1.0)], lr=0.1, weight_decay=-1),
        lambda: SGD([], lr=0.1),
        lambda: SGD([Value(1.0) * 2], lr=0.1),
        lambda: Adam([Value(1.0)], betas=(0.9, 1.0)),
        lambda: Adam([Value(1.0)], eps=0),
    ],
)
def test_options_outside_their_domain_are_refused(make):
    with pytest.raises(OptionError):
        make()


def test_state_of_another_model_is_refused():
    with pytest.raises(DataError, match="fits none of the 1 parameters"):
        Adam([Value([1.0])]).load_state_dict({"3.mean": np.zeros(1)})


@pytest.mark.peers
@pytest.mark.parametrize(
    ("ours", "theirs", "options"),
    [
        (SGD, "SGD", dict(lr=0.1)),
        (SGD, "SGD", dict(lr=0.1, momentum=0.9)),
        (SGD, "SGD", dict(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01)),
        (Adam, "Adam", dict(lr=0.1)),
        (Adam, "Adam", dict(lr=0.01, betas=(0.8, 0.9), eps=1e-6, weight_decay=0.1)),
        (AdamW, "AdamW", dict(lr=0.01, weight_decay=0.1)),
    ],
)
def test_twenty_steps_equal_pytorchs(ours, theirs, options):
    import torch

    start = np.random.default_rng(0).normal(size=5)
    x, t = Value(start.copy()), torch.tensor(start, requires_grad=True)
    a, b = ours([x], **options), getattr(torch.optim, theirs)([t], **options)
    for _ in range(20):
        x.zero_grad()
        t.grad = None
        (x * x * (x * 0.05 + 1.0)).backward(np.ones(5))
        (t * t * (t * 0.05 + 1.0)).sum().backward()
        a.step()
        b.step()
    np.testing.assert_allclose(x.data, t.detach().numpy(), rtol=1e-12)
