"""Words, attention and recurrent cells."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...errors import OptionError

__all__ = ["embedding", "gru_cell", "lstm_cell", "one_hot", "rnn_tanh_cell", "rotary", "scaled_dot_product_attention"]


def one_hot(input: Any, num_classes: int = -1) -> Any:
    """Integers as rows of zeros and a one, plain: `ops.one_hot`.

    >>> one_hot(np.array([2, 0]), 3)
    array([[0, 0, 1],
           [1, 0, 0]])
    """
    return ops.one_hot(input, num_classes)


def embedding(input: Any, weight: Any, padding_idx: int | None = None) -> Any:
    """A table's row for each index: `ops.embedding`.

    >>> embedding(np.array([2, 0, 2]), np.array([[10.0], [20.0], [30.0]]))
    array([[30.],
           [10.],
           [30.]])
    """
    return ops.embedding(input, weight, padding_idx)


def rotary(input: Any, angles: Any, interleaved: bool = False) -> Any:
    """Pairs of entries turned by angles: `ops.rotary`, with `ops.rotary_angles`.

    >>> rotary(np.array([1.0, 0.0]), np.array([np.pi / 2])).round(9)  # a quarter turn
    array([0., 1.])
    """
    return ops.rotary(input, angles, interleaved)


def scaled_dot_product_attention(query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0,
                                 is_causal: bool = False, *, scale: float | None = None,
                                 enable_gqa: bool = False, rng: Any = None) -> Any:  # fmt: skip
    """For each query the mean of the values, weighted by fit: `ops.scaled_dot_product_attention`.

    Args:
        query: `(..., heads, queries, e)`.
        key: `(..., heads, keys, e)`.
        value: `(..., heads, keys, v)`.
        attn_mask: numbers to add to the scores, or booleans, True where a query may look.
        dropout_p: the share of weights to drop; then rng is needed.
        is_causal: query i sees keys 0 to i only.
        scale: of the scores; 1/sqrt(e) if not said.
        enable_gqa: key and value may have fewer heads, each used by several of the query's.
        rng: a `numpy.random.Generator`, or a seed.

    Raises:
        OptionError: options that contradict each other.
        ShapeError: shapes that do not fit.

    >>> scaled_dot_product_attention(np.zeros((1, 1)), np.zeros((2, 1)), np.array([[2.0], [4.0]]))  # both alike
    array([[3.]])
    """
    if enable_gqa:
        key, value = (_heads(x, query.shape[-3]) for x in (key, value))
    mask = None
    if dropout_p:
        batch = np.broadcast_shapes(query.shape[:-2], key.shape[:-2])
        mask = ops.dropout_mask((*batch, query.shape[-2], key.shape[-2]), dropout_p, rng)
    return ops.scaled_dot_product_attention(query, key, value, attn_mask, mask, dropout_p, is_causal, scale)


def _heads(x: Any, heads: int) -> Any:
    if heads % x.shape[-3]:
        raise OptionError(f"enable_gqa: {heads} heads of the query cannot share {x.shape[-3]} of key and value")
    return np.repeat(x, heads // x.shape[-3], -3)


def rnn_tanh_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of a simple recurrent network: `ops.rnn_tanh_cell`.

    Shapes: input `(n, inputs)`, state `(n, units)`, weights `(units, inputs)` and `(units, units)`.

    >>> rnn_tanh_cell(np.zeros((1, 2)), np.zeros((1, 1)), np.ones((1, 2)), np.ones((1, 1)))
    array([[0.]])
    """
    return ops.rnn_tanh_cell(input, hx, w_ih, w_hh, b_ih, b_hh)


def lstm_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of long short-term memory, from the pair (state, memory) to the next: `ops.lstm_cell`.

    Shapes: input `(n, inputs)`, state and memory `(n, units)`, weights `(4*units, inputs)` and `(4*units, units)`.

    >>> state, memory = lstm_cell(np.zeros((1, 2)), (np.zeros((1, 1)), np.ones((1, 1))), np.ones((4, 2)), np.ones((4, 1)))
    >>> memory  # half of it is forgotten: sigmoid(0)*1 + sigmoid(0)*tanh(0)
    array([[0.5]])
    """
    return ops.lstm_cell(input, *hx, w_ih, w_hh, b_ih, b_hh)


def gru_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of gated recurrent units: `ops.gru_cell`.

    Shapes: input `(n, inputs)`, state `(n, units)`, weights `(3*units, inputs)` and `(3*units, units)`.

    >>> gru_cell(np.zeros((1, 2)), np.ones((1, 1)), np.ones((3, 2)), np.zeros((3, 1)))  # half old, half tanh(0)
    array([[0.5]])
    """
    return ops.gru_cell(input, hx, w_ih, w_hh, b_ih, b_hh)
