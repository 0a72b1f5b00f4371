"""Ops that read one triangle of a symmetric matrix, as functions of the symmetric part of any matrix.

Alone they can be tested on matrices of one entry only: a step in the triangle that is not read changes nothing, while the
gradient belongs to the symmetric part.
"""

import numpy as np
import pytest

from tests.laws.calls import OPS
from tinygrad_edu import Value, gradients
from tinygrad_edu.testing import laws
from tinygrad_edu.testing.points import Point

TRIANGLE = ("cholesky", "eigh", "eigvalsh", "pinv")
OPTIONS = {"pinv": [{"hermitian": True}], "cholesky": [{}, {"upper": True}]}  # under which one triangle is read
SHAPES = [(2, 2), (3, 3), (2, 3, 3)]


def symmetric_points(op):
    """The op on the symmetric part of matrices that are positive definite, their eigenvalues apart."""
    return [_point(op, shape, options) for shape in SHAPES for options in OPTIONS.get(op.name, [{}])]


def _point(op, shape, options):
    rng = np.random.default_rng(sum(shape))
    q = np.linalg.qr(rng.normal(size=shape))[0]
    x = (q * np.arange(1.0, shape[-1] + 1)) @ np.swapaxes(q, -1, -2)

    def results(x):
        y = op((x + np.swapaxes(x, -1, -2)) / 2, **options)
        return list(y) if isinstance(y, tuple) else [y]

    return Point(results, [x], ["x"])


def even(op):
    """The gradient belongs to the symmetric part, also where nobody has taken it: it is symmetric itself."""
    for options in OPTIONS.get(op.name, [{}]):
        g = _gradient(op, _point(op, (2, 3, 3), options).inputs[0], **options)
        np.testing.assert_allclose(g, np.swapaxes(g, -1, -2), rtol=0, atol=1e-13 * np.max(np.abs(g)))


@pytest.mark.parametrize("name", TRIANGLE)
def test_the_gradient_is_symmetric(name):
    even(OPS[name])


STACKED = ("cholesky", "eigh", "eigvalsh", "svd")


def stacked(op):
    """Matrices of very different size, one upon the other: the gradient is that of each alone, to its own digits."""
    small = _point(op, (3, 3), {}).inputs[0]
    pair = np.stack([small, 1e-20 * small])
    for together, x in zip(_gradient(op, pair), pair, strict=True):
        alone = _gradient(op, x)
        np.testing.assert_allclose(together, alone, rtol=0, atol=1e-9 * np.max(np.abs(alone)))


def _gradient(op, x, **options):
    """The gradient of the last result, weighed by numbers that are the same for each matrix."""
    v = Value(x)
    y = op(v, **options)
    y = y[-1] if isinstance(y, tuple) else y
    own = y.shape[x.ndim - 2 :]
    return gradients(y, [v], np.broadcast_to(np.arange(1.0, 1 + np.prod(own)).reshape(own), y.shape))[0]


@pytest.mark.parametrize("name", STACKED)
def test_matrices_in_a_stack_do_not_see_each_other(name):
    stacked(OPS[name])


@pytest.mark.parametrize("law", ["shape", "differences", "forward", "transpose", "second", "symmetry", "linearity"])
@pytest.mark.parametrize("name", TRIANGLE)
def test_laws_of_the_symmetric_part(name, law):
    for point in symmetric_points(OPS[name]):
        laws.LAWS[law](point)
