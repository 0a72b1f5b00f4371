"""Which line of the user's source a value came from."""

import inspect

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.core.sources import source_of


def test_a_value_knows_the_statement_that_made_it():
    x = tg.Value([1.0, 2.0])
    with tg.record_source():
        here = inspect.currentframe().f_lineno
        y = np.tanh(x) * x
    source = source_of(y)
    assert (source.file, source.line, source.function) == (__file__, here + 1, inspect.currentframe().f_code.co_name)
    assert source.text == "y = np.tanh(x) * x"
    assert str(source).endswith(source.text)
    assert source_of(y.args[0]) == source
    assert source_of(x) is None


def test_scalars_several_results_composites_and_lean_graphs_have_it_too():
    with tg.record_source():
        y = tg.Value(2.0) * 3
        q, r = np.linalg.qr(tg.Value(np.eye(2)))
        c = tg.ops.ptp(tg.Value([1.0, 4.0]))
        with tg.lean():
            z = np.exp(tg.Value(np.ones(5000)))
    lines = [source_of(v).line for v in (y, q, r, c, z)]
    assert [n - lines[0] for n in lines] == [0, 1, 1, 2, 4]


def test_nothing_is_noted_unless_asked_for():
    y = tg.Value(2.0) * 3
    assert source_of(y) is None
    with tg.record_source(), tg.record_source(False):
        assert source_of(tg.Value(2.0) * 3) is None


@tg.record_source()
def test_it_is_a_decorator_too():
    assert source_of(np.exp(tg.Value(1.0))).text.startswith("assert source_of")


def test_inside_a_module_the_line_is_that_of_the_user():
    net = tg.nn.MLP([2, 3, 1], rng=0)
    with tg.record_source():
        y = net(np.ones((1, 2)))
    assert {source_of(v).text for v in tg.Graph(y) if v.op} == {"y = net(np.ones((1, 2)))"}
