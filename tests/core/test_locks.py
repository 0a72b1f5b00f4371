"""An array that a graph still needs cannot change behind its back; afterwards it is as it was."""

import gc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_edu import Value, gradients, lean, no_grad
from tinygrad_edu.core import calls


def frozen(a):
    try:
        a[...] = a + 1
    except ValueError:
        return True
    return False


# -- what is held ------------------------------------------------------------------------------------------------------


def test_the_array_of_a_leaf_is_read_only_while_recorded():
    a = np.array([1.0, 2.0])
    v = Value(a)
    assert not frozen(a)
    y = v * v
    assert frozen(a)
    assert frozen(v.data)
    y.backward([1.0, 1.0])
    assert not frozen(a)


def test_a_constant_is_read_only_while_recorded():
    a = np.array([1.0, 2.0])
    y = Value([1.0, 2.0]) * a
    assert frozen(a)
    del y
    assert not frozen(a)


def test_results_are_read_only():
    y = Value([1.0, 2.0]) * 2
    assert frozen(y.data)
    with no_grad():
        assert frozen((Value([1.0, 2.0]) * 2).data)


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a[1:],
        lambda a: a[::-1],
        lambda a: a.reshape(3, 2),
        lambda a: a.T,
        lambda a: np.broadcast_to(a, (2, 6)),
        lambda a: np.lib.stride_tricks.sliding_window_view(a, 2),
        lambda a: a[1:].reshape(5, 1)[::2],
        lambda a: a.view(np.float64),
    ],
)
@pytest.mark.parametrize("kind", ["leaf", "constant"])
def test_what_a_view_looks_at_is_held_too(view, kind):
    a = np.arange(6.0)
    w = view(a)
    y = Value(w) * 2.0 * Value(w) if kind == "leaf" else Value(np.ones(w.shape)) * w
    assert frozen(a)
    del y
    assert not frozen(a)


def test_a_view_that_is_made_of_a_held_array_holds_it_longer():
    a = np.arange(3.0)
    first = Value(a) * 2.0 * Value(a)
    second = Value(a[1:]) ** 2
    del first
    assert frozen(a)
    del second
    assert not frozen(a)


def test_a_view_recorded_under_no_grad_does_not_open_a_gap():
    a = np.arange(6.0)
    with no_grad():
        x = np.reshape(Value(a), (2, 3))  # a view of a
    y = (x * x).sum()
    assert frozen(a)
    y.backward()
    np.testing.assert_array_equal(x.grad, 2 * np.arange(6.0).reshape(2, 3))


def test_a_view_that_was_made_before_is_out_of_sight():
    """The documented limit: NumPy does not know who looks at an array."""
    a = np.arange(3.0)
    older = a[:]
    y = Value(a) * 2.0 * Value(a)
    assert not frozen(older)
    del y


def test_lean_holds_only_what_rules_read(monkeypatch):
    monkeypatch.setattr(calls, "SMALL", 0)
    a, b = np.ones(2), np.ones(2)
    with lean():
        y = np.exp(Value(a)) + Value(b) * 2.0
    assert not frozen(a)
    assert not frozen(b)
    with lean():
        y = np.sin(Value(a))
    assert frozen(a)
    del y


def test_retaining_the_graph_retains_the_lock():
    a = np.ones(2)
    y = (Value(a) ** 2).sum()
    y.backward(retain_graph=True)
    assert frozen(a)
    y.backward()
    assert not frozen(a)


def test_the_graph_of_a_gradient_holds_it_too():
    a = np.ones(2)
    x = Value(a)
    (g,) = gradients((x**3).sum(), [x], create_graph=True)
    assert frozen(a)
    del g
    assert not frozen(a)


def test_an_optimiser_can_write_between_steps():
    w = Value(np.ones(2))
    for _ in range(3):
        (w * w).sum().backward()
        w.data[...] -= 0.25 * w.grad
        w.zero_grad()
    np.testing.assert_array_equal(w.data, 0.125)


# -- given back as it was ----------------------------------------------------------------------------------------------


def test_a_read_only_array_stays_read_only():
    a = np.ones(2)
    a.setflags(write=False)
    y = Value(a) ** 2
    del y
    assert not a.flags.writeable


def test_a_read_only_view_of_an_open_array_stays_what_it_was():
    a = np.arange(4.0)
    w = a[1:]
    w.setflags(write=False)
    y = Value(w) ** 2
    assert frozen(a)
    del y
    assert not frozen(a)
    assert not w.flags.writeable


def test_an_error_in_the_function_leaves_no_lock():
    a = np.ones(2)
    with pytest.raises(ValueError, match="add"):
        Value(a) + np.ones(3)
    assert not frozen(a)


def test_locks_need_no_collector():
    gc.disable()
    try:
        a = np.ones(2)
        y = (Value(a) ** 2 * a).sum()
        del y
        assert not frozen(a)
    finally:
        gc.enable()


@given(
    st.lists(st.tuples(st.sampled_from(["record", "drop", "view", "backward"]), st.integers(0, 7)), max_size=25),
    st.booleans(),
)
def test_any_order_of_recording_and_forgetting_gives_everything_back(steps, read_only):
    base = np.arange(8.0)
    arrays, graphs = [base, base[2:], np.arange(3.0)], []
    if read_only:
        arrays[2].setflags(write=False)
    flags = {id(a): a.flags.writeable for a in arrays}
    for what, k in steps:
        if what == "record":
            graphs.append((Value(arrays[k % len(arrays)]) ** 2).sum())
            assert not arrays[k % len(arrays)].flags.writeable
            assert all(not b.flags.writeable for b in _bases(arrays[k % len(arrays)]))
        elif what == "view":
            parent = arrays[k % len(arrays)]
            arrays.append(parent[: k or None])
            flags[id(arrays[-1])] = parent.flags.writeable
        elif graphs:
            graph = graphs.pop(k % len(graphs))
            if what == "backward":
                graph.backward()
            del graph
    graphs.clear()
    for a in arrays:
        assert a.flags.writeable == flags[id(a)]


def _bases(a):
    while a.base is not None:
        a = a.base
        yield a


class Lent:
    """Memory of another library's, without a buffer, as PyTorch lends it."""

    def __init__(self, array):
        self.array, self.__array_interface__ = array, array.__array_interface__


def test_memory_that_numpy_could_not_open_again_stays_open():
    owner = np.arange(3.0)
    lent = np.asarray(Lent(owner))
    assert not isinstance(lent.base, np.ndarray)
    for array in (lent, lent[1:], np.lib.stride_tricks.as_strided(owner, (2,), (8,))):
        y = Value(array) * 2.0 * np.asarray(Lent(owner))[: array.size]
        y.sum().backward()
        del y
        array[0] = 5.0
    assert not frozen(owner)
