"""Graphs to draw, from one call to a network of scalars."""

import itertools
from typing import Any

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu.core import Value


def neuron() -> Value:
    x1, x2 = Value(2.0, "x1"), Value(0.0, "x2")
    w1, w2, b = Value(-3.0, "w1"), Value(1.0, "w2"), Value(6.5, "b")
    out = np.tanh(x1 * w1 + x2 * w2 + b)
    out.label = "out"
    return out


def trained(v: Value) -> Value:
    v.backward()
    return v


def chain(n: int) -> Value:
    v = Value(0.5, "start")
    for _ in range(n):
        v = v + 1.0
    return v


def network(sizes: tuple[int, ...], *, scopes: bool = True) -> Value:
    """A network on scalars: tanh of weighted sums, layer after layer; its loss."""
    rng = np.random.default_rng(0)
    out = [Value(x, f"x{i}") for i, x in enumerate(rng.random(sizes[0]))]
    for layer, (n, m) in enumerate(itertools.pairwise(sizes)):
        weights = [[Value(w, f"w{i}") for i, w in enumerate(row)] for row in rng.normal(size=(m, n)) / n]
        out = [_unit(out, row, (f"layer {layer}", f"neuron {j}") if scopes else ()) for j, row in enumerate(weights)]
    loss = sum((o - 1.0) ** 2 for o in out)
    assert isinstance(loss, Value)
    loss.label = "loss"
    return loss


def _unit(inputs: list[Value], weights: list[Value], names: tuple[str, ...]) -> Any:
    if names:
        with tg.scope(names[0]):
            return _unit(inputs, weights, names[1:])
    z = Value(0.0, "b")
    for w, x in zip(weights, inputs, strict=True):
        z = z + w * x
    return np.tanh(z)


@st.composite
def dags(draw: st.DrawFn) -> Value:
    """Any small graph of scalars, with constants, shared values and scopes in any order."""
    values = [Value(float(i + 1), f"v{i}") for i in range(draw(st.integers(1, 3)))]
    used: list[Value] = []
    for _ in range(draw(st.integers(1, 25))):
        names = draw(st.lists(st.sampled_from("ab"), max_size=3))
        a, b = (draw(st.sampled_from(values[-6:])) for _ in range(2))
        used.append(_call(draw(st.integers(0, 3)), a, b, names))
        values.append(used[-1])
    return used[-1]


def _call(kind: int, a: Value, b: Value, names: list[str]) -> Any:
    if names:
        with tg.scope(names[0]):
            return _call(kind, a, b, names[1:])
    return (a * b, a - b, np.tanh(a), a + 1.0)[kind]
