"""Value and derivatives of a function at a few points, as plain numbers."""

import numpy as np

from tinygrad_edu import Value, gradients


def slopes(f, *xs):
    """f(*xs), then the gradient of its sum by each argument; zeros where no gradient reached."""
    values = [Value(np.asarray(x, float)) for x in xs]
    y = f(*values)
    gs = gradients(y.sum(), values)
    return [y.data, *(np.zeros(v.shape) if g is None else g for v, g in zip(values, gs, strict=True))]


def curvature(f, x):
    """f'(x) and f''(x)."""
    v = Value(float(x))
    (first,) = gradients(f(v), [v], create_graph=True)
    if first is None or first.op is None:
        return 0.0 if first is None else float(first), 0.0
    (second,) = gradients(first, [v])
    return float(first), 0.0 if second is None else float(second)


def check(f, xs, *expected, rtol=1e-12, atol=0.0):
    """Assert the value and the gradients of f at xs, NaN and infinities included."""
    with np.errstate(all="ignore"):
        got = slopes(f, *xs)
    for one, wanted in zip(got, expected, strict=True):
        np.testing.assert_allclose(one, wanted, rtol=rtol, atol=atol)
