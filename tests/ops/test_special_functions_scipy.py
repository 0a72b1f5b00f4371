"""The error and gamma functions against SciPy, on more points than mpmath has time for."""

import numpy as np
import pytest

from tinygrad_edu import REGISTRY

special = pytest.importorskip("scipy.special")
pytestmark = pytest.mark.peers
RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("name", "theirs", "xs"),
    [
        ("erf", "erf", RNG.normal(0, 2, 20000)),
        ("erfc", "erfc", RNG.normal(0, 2, 20000)),
        ("erfinv", "erfinv", RNG.uniform(-1, 1, 20000)),
        ("lgamma", "gammaln", RNG.uniform(3, 1e3, 20000)),
        ("lgamma", "gammaln", RNG.uniform(0, 0.9, 20000)),
        ("digamma", "digamma", RNG.uniform(0, 30, 20000)),
    ],
)
def test_agrees_with_scipy_to_the_last_digits(name, theirs, xs):
    np.testing.assert_allclose(REGISTRY[name](xs), getattr(special, theirs)(xs), rtol=1e-14)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_polygamma_agrees_with_scipy(n):
    xs = RNG.uniform(0.1, 30, 5000)
    np.testing.assert_allclose(REGISTRY["polygamma"](n, xs), special.polygamma(n, xs), rtol=1e-14)
