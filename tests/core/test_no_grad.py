"""Recording can be switched off and made lean: nested, as a decorator, across exceptions, threads and tasks."""

import asyncio
import threading

import numpy as np
import pytest

from tinygrad_edu import Value, gradients, lean, no_grad, scope
from tinygrad_edu.core.recording import FULL, LEAN, OFF, STATE


def recorded():
    return (Value(2.0) * 3).op is not None


def mode():
    return STATE.get().mode


def test_inside_no_grad_results_are_leaves():
    x = Value([1.0, 2.0])
    with no_grad():
        y = x * x
        z = np.split(x, 2)[0]
    for v in (y, z):
        assert type(v) is Value
        assert v.op is None
        assert v.parents == ()
    assert (x * x).op is not None


def test_a_result_of_no_grad_is_a_constant_for_what_follows():
    x = Value(3.0)
    with no_grad():
        y = x * x
    (x * y).backward()
    assert (float(x.grad), float(y.grad)) == (9, 3)


def test_contexts_nest_and_the_innermost_wins():
    with no_grad():
        assert mode() == OFF
        with lean():
            assert mode() == LEAN
            with no_grad():
                assert mode() == OFF
            assert mode() == LEAN
        assert mode() == OFF
    assert mode() == FULL


def test_an_exception_restores_the_mode():
    for context in (no_grad, lean, lambda: scope("layer")):
        with pytest.raises(RuntimeError), context():
            raise RuntimeError
        assert (mode(), STATE.get().scope) == (FULL, ())


def test_as_a_decorator_each_call_is_inside():
    @no_grad()
    def double(x, depth=0):
        assert mode() == OFF
        return double(x, depth - 1) if depth else x * 2

    assert double(Value(1.0)).op is None
    assert double(Value(1.0), depth=3).op is None
    assert double.__name__ == "double"
    assert recorded()


def test_as_a_decorator_of_what_runs_later_it_is_refused():
    async def task():
        return recorded()

    def generator():
        yield recorded()

    async def stream():
        yield recorded()

    for function in (task, generator, stream):
        for context in (no_grad, lean):
            with pytest.raises(TypeError, match=f"{function.__name__} runs after its call has returned.*inside"):
                context()(function)


def test_other_threads_are_not_concerned():
    seen = {}

    def work():
        seen["before"] = recorded()
        with no_grad():
            ready.set()
            go.wait(10)
            seen["inside"] = recorded()
        seen["after"] = recorded()

    ready, go = threading.Event(), threading.Event()
    with no_grad():
        thread = threading.Thread(target=work)
        thread.start()
        ready.wait(10)
    assert recorded()  # while the thread is inside its own no_grad
    go.set()
    thread.join()
    assert seen == {"before": True, "inside": False, "after": True}


def test_threads_record_and_differentiate_side_by_side():
    grads = {}

    def work(k):
        x = Value(float(k))
        y = x
        for _ in range(200):
            y = y + x
        y.backward()
        grads[k] = float(x.grad)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert grads == dict.fromkeys(range(8), 201)


def test_tasks_are_told_apart():
    async def quiet():
        with no_grad():
            await asyncio.sleep(0)
            return recorded()

    async def loud():
        await asyncio.sleep(0)
        return recorded()

    async def main():
        return await asyncio.gather(quiet(), loud(), quiet(), loud())

    assert asyncio.run(main()) == [False, True, False, True]


def test_scopes_name_what_is_recorded_inside():
    with scope("net"), scope("layer"):
        y = Value(1.0) * 2
    assert y.scope == ("net", "layer")
    assert (Value(1.0) * 2).scope == ()


def test_a_lean_graph_has_the_same_gradients():
    x = Value([1.0, 2.0])
    with lean():
        y = (np.exp(x) * x).sum()
        lean_grad = gradients(y, [x])[0]
    np.testing.assert_array_equal(lean_grad, gradients((np.exp(x) * x).sum(), [x])[0])
