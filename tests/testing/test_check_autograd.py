"""HIPS autograd's functions get the same verdicts as ours."""

import autograd.numpy as anp
import numpy as np
import pytest

from tinygrad_edu.testing import check_gradients

pytestmark = pytest.mark.peers


def report(f, *inputs, **options):
    return check_gradients(f, *inputs, on_failure="return", **options)


def model(w, x):
    return anp.tanh(anp.dot(x, w))


RIGHT = {
    "tanh": (lambda x: anp.sum(anp.tanh(x)), np.array([0.3, -0.2])),
    "through another function": (lambda w, x: anp.sum(model(w, x) ** 2), np.ones((3, 2)) / 3, np.eye(3)),
    "max of a tie": (lambda x: anp.max(x), np.array([1.0, 3.0, 3.0])),
    "abs at 0": (lambda x: anp.abs(x), 0.0),
    "a list": (lambda p: p[0] * anp.sin(p[1]), [0.3, 0.4]),
}


@pytest.mark.parametrize("case", RIGHT)
def test_right_derivatives_are_right(case):
    f, *inputs = RIGHT[case]
    r = report(f, *inputs)
    assert r.verdict == "right", r
    assert r.engine == "autograd"


BUGS = {
    "prod with a zero": (lambda x: anp.prod(x), np.array([0.0, 2.0, 3.0])),
    "sinc at 0": (lambda x: anp.sinc(x), 0.0),
    "norm at 0 (#151)": (lambda x: anp.linalg.norm(x), np.zeros(2)),
    "einsum over an axis of size 1 (#376)": (lambda x: anp.einsum("ij,ij->", x, np.ones((1, 3))), np.ones((2, 3))),
}


@pytest.mark.parametrize("case", BUGS)
def test_bugs_that_are_alive_are_wrong(case):
    f, x = BUGS[case]
    r = report(f, x, order=1, modes=("reverse",))
    assert r.verdict == "wrong", r


def test_what_has_no_forward_mode_is_undecided_there():
    r = report(lambda x: anp.linalg.inv(x), np.eye(2) * 2, order=1)
    assert r.verdict == "undecided", r
    assert "modes=('reverse',)" in r.worst.note
    assert report(lambda x: anp.linalg.inv(x), np.eye(2) * 2, order=1, modes=("reverse",)).verdict == "right"
