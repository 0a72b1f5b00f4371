"""PyTorch's functions get the same verdicts as ours, also where torch.autograd.gradcheck is wrong."""

import numpy as np
import pytest
import torch

from tinygrad_edu.testing import check_gradients

pytestmark = pytest.mark.peers


def T(*x):
    return torch.tensor(x, dtype=torch.float64)


def report(f, *inputs, **options):
    return check_gradients(f, *inputs, on_failure="return", **options)


def gradcheck(f, *inputs, **options):
    """PyTorch's own verdict."""
    return torch.autograd.gradcheck(f, [x.clone().requires_grad_() for x in inputs], raise_exception=False, **options)


def rule(forward, backward):
    """A function with a backward pass of its own."""

    class Own(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return forward(x)

        @staticmethod
        def backward(ctx, g):
            return backward(g, *ctx.saved_tensors)

    return Own.apply


RIGHT = {
    "tanh": (lambda x: torch.tanh(x).sum(), T(0.3, -0.2)),
    "two inputs": (
        lambda a, b: torch.sin(a @ b),
        torch.linspace(-1, 1, 6, dtype=torch.float64).reshape(2, 3),
        torch.linspace(0, 1, 6, dtype=torch.float64).reshape(3, 2),
    ),
    "relu at 0": (torch.relu, T(0.0, 1.0)),
    "amax of a tie": (torch.amax, T(1.0, 3.0, 3.0)),
    "norm at 0": (torch.linalg.norm, T(0.0, 0.0)),
    "clamp at its bounds": (lambda x: torch.clamp(x, 0, 1), T(0.0, 1.0)),
    "cumprod with zeros": (lambda x: torch.cumprod(x, 0), T(2.0, 0.0, 3.0)),
    "a module in float32": (torch.nn.Linear(3, 2), torch.linspace(-1, 1, 6).reshape(2, 3)),
    "NumPy inputs": (lambda x: torch.sin(x), np.array([0.3])),
    "abs, twice": (lambda x: (x - 1).abs(), T(1.01, 0.99)),  # its gradient of a gradient is a ZeroTensor
    "kinks of the second derivative": (lambda x: torch.relu(x) ** 2 + x * x.abs(), T(0.0, 1.0)),
    "a tree": (lambda p: {"y": p["a"][0] * p["b"]}, {"a": [T(1.0)], "b": T(2.0)}),
}


@pytest.mark.parametrize("case", RIGHT)
def test_right_derivatives_are_right(case):
    f, *inputs = RIGHT[case]
    r = report(f, *inputs)
    assert r.verdict == "right", r
    assert r.engine == "torch"


def test_the_first_of_a_tie_is_inside_but_not_the_convention():
    r = report(lambda x: torch.max(x, 0)[0], T(1.0, 3.0, 3.0), order=1)
    assert r.verdict == "right"
    assert not any(k.least for k in r.having("kink") if k.by in ("x[1]", "x[2]"))


def test_nan_at_a_kink_is_wrong():
    r = report(torch.hypot, T(0.0), T(0.0), order=1)
    assert r.verdict == "wrong"
    assert np.isnan(r.worst.analytic)


def test_a_wrong_backward_is_found_and_its_forward_mode_is_undecided():
    f = rule(torch.sin, lambda g, x: g * x.cos() * (1 + 1e-6))
    r = report(f, T(0.3, -0.2), modes=("reverse",))
    assert r.verdict == "wrong"
    assert r.worst.by in ("input 0[0]", "x[0]", "args[0]", "input 0[1]")
    right = rule(torch.sin, lambda g, x: g * x.cos())
    assert report(right, T(0.3, -0.2), modes=("reverse",)).verdict == "right"
    both = report(right, T(0.3, -0.2))
    assert both.verdict == "undecided"
    assert "modes=('reverse',)" in both.worst.note


def test_a_function_that_is_not_deterministic_is_told():
    r = report(lambda x: torch.nn.functional.dropout(x, 0.5), torch.ones(64, dtype=torch.float64))
    assert "not deterministic" in r.worst.note


def test_tensors_changed_in_place_are_told():
    r = report(lambda x: x.data.add_(1).sum() * 1.0 + x.sum(), T(0.3))
    assert any("in place" in f.note for f in r.findings)


FALSE_FAILURES = {
    "at the kink of relu (pytorch#114234)": (torch.relu, T(0.0, 1.0)),
    "at large numbers, where its step is lost": (torch.square, T(1e12)),
    "beside a large constant, in rounding": (lambda x: 1e9 + torch.sin(x), T(1.0)),
    "near the edge of a domain, where its step leaves it": (torch.sqrt, T(1e-7)),
    "near a pole": (torch.log, T(1e-10)),
}


@pytest.mark.parametrize("case", FALSE_FAILURES)
def test_what_gradcheck_fails_and_is_right(case):
    f, x = FALSE_FAILURES[case]
    assert not gradcheck(f, x)
    r = report(f, x, order=1)
    assert r.verdict == "right", r


FALSE_PASSES = {
    "below its absolute tolerance": (rule(lambda x: 1e-7 * x.sin(), lambda g, x: -3e-7 * g * x.cos()), T(0.3)),
    "below its relative tolerance": (rule(torch.sin, lambda g, x: 1.0005 * g * x.cos()), T(0.3)),
    "at a kink, where each element alone looks right": (
        rule(lambda x: torch.relu(x.max()), lambda g, x: g * torch.full_like(x, 0.5)), T(0.0, 0.0, 0.0)),
    "at a symmetric point": (rule(torch.square, lambda g, x: 3 * g * x), T(0.0)),
}  # fmt: skip


@pytest.mark.parametrize("case", FALSE_PASSES)
def test_what_gradcheck_passes_and_is_wrong(case):
    f, x = FALSE_PASSES[case]
    assert gradcheck(f, x)
    r = report(f, x, order=1, modes=("reverse",))
    assert r.verdict == "wrong", r


def test_what_fast_gradcheck_passes_and_is_wrong():
    x = torch.linspace(-1, 1, 400, dtype=torch.float64)
    factor = torch.where(torch.arange(400) == 77, 1.01, 1.0)
    f = rule(torch.sin, lambda g, x: g * x.cos() * factor)
    assert gradcheck(f, x, fast_mode=True)
    r = report(f, x, order=1, modes=("reverse",))
    assert r.verdict == "wrong"
    assert r.worst.by.endswith("[77]")
    assert r.worst.of == "the output[77]"
