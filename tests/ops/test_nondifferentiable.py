"""Every NumPy function that a Value can be handed to has a derivative, gives a plain result, or refuses by name."""

import numpy as np
import pytest
from numpy.testing.overrides import get_overridable_numpy_array_functions, get_overridable_numpy_ufuncs

from tinygrad_edu import REGISTRY, Value
from tinygrad_edu.core import NUMPY
from tinygrad_edu.errors import NotDifferentiable
from tinygrad_edu.ops.nondifferentiable import PLAIN

UFUNCS = get_overridable_numpy_ufuncs()
FUNCTIONS = get_overridable_numpy_array_functions()
REFUSED = sorted(
    (f for f in UFUNCS | FUNCTIONS if f not in NUMPY), key=lambda f: (getattr(f, "__module__", "") or "", f.__name__, f"{f}")
)


@pytest.mark.parametrize("function", REFUSED, ids=lambda f: f"{getattr(f, '__module__', '')}.{f.__name__}")
def test_a_function_without_an_answer_refuses_and_is_named(function):
    v = Value([1.0, 2.0])
    call = (function, "__call__", v) if function in UFUNCS else (function, (Value,), (v,), {})
    with pytest.raises(NotDifferentiable, match=function.__name__):
        (v.__array_ufunc__ if function in UFUNCS else v.__array_function__)(*call)


def test_more_functions_are_differentiated_than_not():
    answered = (UFUNCS | FUNCTIONS) & NUMPY.keys()
    plain = set(PLAIN) & answered
    assert len(plain) >= 80
    assert len(answered - plain) >= 190
    assert len(answered - plain) > len(REFUSED)


def test_no_plain_function_hides_an_op():
    assert not [f for f in PLAIN if NUMPY[f] in REGISTRY.values()]


def test_every_answer_is_to_something_numpy_dispatches():
    methods = [f for f in NUMPY if f not in UFUNCS | FUNCTIONS]
    assert all(getattr(f, "__self__", None) in UFUNCS for f in methods)


CALLS = {
    "less": (lambda v: np.less(v, 1.5), [True, False]),
    "logical_not": (lambda v: np.logical_not(v), [False, False]),
    "isnan": (lambda v: np.isnan(v), [False, False]),
    "argmax": (lambda v: np.argmax(v), 1),
    "argsort": (lambda v: np.argsort(v), [0, 1]),
    "searchsorted": (lambda v: np.searchsorted(v, 1.5), 1),
    "searchsorted of a value": (lambda v: np.searchsorted([0.0, 3.0], v), [1, 1]),
    "digitize": (lambda v: np.digitize(v, [1.5]), [0, 1]),
    "count_nonzero": (lambda v: np.count_nonzero(v), 2),
    "allclose": (lambda v: np.allclose(v, [1, 2]), True),
    "array_equal": (lambda v: np.array_equal(v, v), True),
    "shape": (lambda v: np.shape(v), (2,)),
    "size": (lambda v: np.size(v), 2),
    "zeros_like": (lambda v: np.zeros_like(v), [0.0, 0.0]),
    "full_like": (lambda v: np.full_like(v, 7), [7.0, 7.0]),
    "any": (lambda v: np.any(v), True),
    "where with one argument": (lambda v: np.where(v)[0], [0, 1]),
    "nonzero": (lambda v: np.nonzero(v)[0], [0, 1]),
    "lexsort of several values": (lambda v: np.lexsort((v, v)), [0, 1]),
    "comparison operator": (lambda v: v >= 2, [False, True]),
}


@pytest.mark.parametrize("name", CALLS)
def test_results_are_plain(name):
    call, expected = CALLS[name]
    y = call(Value([1.0, 2.0]))
    assert not isinstance(y, Value)
    assert np.array_equal(y, expected)


@pytest.mark.parametrize("name", ["put", "place", "putmask", "copyto", "fill_diagonal", "put_along_axis"])
def test_functions_that_work_in_place_say_what_to_write_instead(name):
    with pytest.raises(NotDifferentiable, match=f"np.{name} changes an array in place.*Write "):
        getattr(np, name)(Value(np.ones((2, 2))), *[0] * {"put_along_axis": 3, "copyto": 1, "fill_diagonal": 1}.get(name, 2))
