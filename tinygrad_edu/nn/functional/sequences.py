"""Words, attention and recurrent cells."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...errors import OptionError

__all__ = ["embedding", "gru_cell", "lstm_cell", "one_hot", "rnn_tanh_cell", "rotary", "scaled_dot_product_attention"]


def one_hot(input: Any, num_classes: int = -1) -> Any:
    """Integers as rows of zeros and a one, plain: `ops.one_hot`."""
    return ops.one_hot(input, num_classes)


def embedding(input: Any, weight: Any, padding_idx: int | None = None) -> Any:
    """A table's row for each index: `ops.embedding`."""
    return ops.embedding(input, weight, padding_idx)


def rotary(input: Any, angles: Any, interleaved: bool = False) -> Any:
    """Pairs of entries turned by angles: `ops.rotary`, with `ops.rotary_angles`."""
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
    """One step of a simple recurrent network: `ops.rnn_tanh_cell`."""
    return ops.rnn_tanh_cell(input, hx, w_ih, w_hh, b_ih, b_hh)


def lstm_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of long short-term memory, from the pair (state, memory) to the next: `ops.lstm_cell`."""
    return ops.lstm_cell(input, *hx, w_ih, w_hh, b_ih, b_hh)


def gru_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of gated recurrent units: `ops.gru_cell`."""
    return ops.gru_cell(input, hx, w_ih, w_hh, b_ih, b_hh)
