"""A NumPy function of Values computes what NumPy computes on plain arrays."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.laws.calls import OPS, examples_of, has_examples, plain
from tinygrad_edu import Value
from tinygrad_edu.core import NUMPY

FUNCTIONS = {
    f"{getattr(function, '__module__', None) or 'numpy'}.{function.__name__}": (function, op)
    for function, op in NUMPY.items()
    if OPS.get(getattr(op, "name", None)) is op and has_examples(op)
}


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_numpy_calls_give_numpys_numbers(name, data):
    function, op = FUNCTIONS[name]
    example = data.draw(examples_of(op))
    try:
        wanted = function(*example.call.args, **example.call.kwargs)
    except (TypeError, ValueError):
        return  # NumPy's function lacks this option, or is one of several and stricter than the others
    args, kwargs = example.with_inputs([Value(x) for x in example.inputs])
    got = function(*args, **kwargs)
    several = isinstance(got, tuple | list)
    for a, b in zip(got if several else (got,), wanted if several else (wanted,), strict=True):
        assert isinstance(a, Value) or np.dtype(a.dtype).kind != "f"
        assert np.shape(plain(a)) == np.shape(b)
        np.testing.assert_allclose(plain(a), b, rtol=1e-12, atol=1e-13)
