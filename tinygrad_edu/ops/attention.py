"""What language models are made of: attention, embeddings, positions, gates and recurrent cells."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.op import composite, linear, primitive
from ..errors import DTypeError, OptionError, ShapeError
from .activations import sigmoid
from .indexing import add_at
from .products import linear_layer
from .randomness import dropout
from .softmax import softmax

__all__ = ["attention_weights", "embedding", "embedding_sum", "glu", "gru_cell", "gru_update", "lstm_cell",
           "lstm_update", "rnn_tanh_cell", "rotary", "rotary_angles", "scaled_dot_product_attention"]  # fmt: skip


# -- attention ---------------------------------------------------------------------------------------------------------


def _weights_pull(g: Any, y: Any) -> Any:
    gy = g * y
    return gy - y * np.sum(gy, -1, keepdims=True)


@primitive(gscores=_weights_pull, gmask=_weights_pull)
def attention_weights(scores: Any, mask: Any = None, is_causal: bool = False) -> Any:
    """How much each query attends to each key: the softmax of scores along the keys, where a mask lets it.

    y = np.exp(scores + mask) / np.sum(np.exp(scores + mask), -1, keepdims=True)
    gscores = y * (g - np.sum(g * y, -1, keepdims=True))
    gmask = np.sum(y * (g - np.sum(g * y, -1, keepdims=True)), axis=tuple(range(y.ndim - mask.ndim)))

    Args:
        scores: `(..., queries, keys)`.
        mask: what broadcasts against it: numbers to add, as in the formulas (-inf keeps a query from a key), or
            booleans, True where the query may look; None for everywhere.
        is_causal: query i sees keys 0 to i only.

    A query that may look nowhere has weights 0 and gradient 0.
    """
    if is_causal:
        scores = np.where(np.tri(*scores.shape[-2:], dtype=np.bool_), scores, -np.inf)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf) if np.asarray(mask).dtype == bool else scores + mask
    return softmax(scores)


@composite(inputs=("query", "key", "value", "attn_mask"))
def scaled_dot_product_attention(query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_mask: Any = None,
                                 dropout_p: float = 0.0, is_causal: bool = False,
                                 scale: float | None = None) -> Any:  # fmt: skip
    """For each query the mean of the values, weighted by how well their keys fit the query.

    y = (lambda e: np.matmul(e / np.sum(e, -1, keepdims=True), value))(np.exp(np.matmul(query, np.swapaxes(key, -1, -2))
        * (query.shape[-1]**-0.5 if scale is None else scale) + (0 if attn_mask is None else attn_mask)))

    Args:
        query: `(..., queries, e)`.
        key: `(..., keys, e)`.
        value: `(..., keys, v)`; the result is `(..., queries, v)`.
        attn_mask: as for `attention_weights`.
        dropout_mask: booleans `(..., queries, keys)`: which weights are kept, for training; see `dropout`.
        dropout_p: the share of weights that is dropped on the average.
        is_causal: query i sees keys 0 to i only.
        scale: what the products are multiplied by; 1/sqrt(e) if not said.

    A query that may look nowhere gives 0 and has gradient 0, as in PyTorch.
    Vaswani and others, Attention Is All You Need, https://arxiv.org/abs/1706.03762, equation 1

    Raises:
        OptionError: both a mask and is_causal.
        ShapeError: shapes that do not fit.
    """
    if is_causal and attn_mask is not None:
        raise OptionError("give attn_mask or is_causal=True, not both; a causal mask is np.tri(queries, keys, dtype=bool)")
    if query.shape[-1:] != key.shape[-1:] or key.shape[-2:-1] != value.shape[-2:-1]:
        raise ShapeError(f"query (..., queries, e), key (..., keys, e) and value (..., keys, v) are expected, got "
                         f"{query.shape}, {key.shape} and {value.shape}")  # fmt: skip
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    weights = attention_weights(np.matmul(query * scale, np.swapaxes(key, -1, -2)), attn_mask, is_causal)
    if dropout_mask is not None:
        weights = dropout(weights, dropout_mask, dropout_p)
    return np.matmul(weights, value)


# -- words and places --------------------------------------------------------------------------------------------------


def _embedding_pull(g: Any, indices: Any, weight_shape: Any, padding_idx: int | None) -> Any:
    if padding_idx is not None:
        g = g * np.expand_dims(np.asarray(indices) != padding_idx % weight_shape[0], -1)
    return embedding_sum(g, indices, weight_shape[0])


@primitive(gweight=_embedding_pull)
def embedding(indices: Any, weight: Any, padding_idx: int | None = None) -> Any:
    """A table's row for each index: what a word is to a network.

    y = weight[indices]
    gweight = (np.arange(len(weight))[:, None] == indices.ravel()) @ g.reshape(-1, weight.shape[1])

    Shapes: indices `(...)`, weight `(words, d)`, result `(..., d)`. A row that is used several times gets the sum.

    Args:
        indices: integers from 0 on.
        weight: the table.
        padding_idx: a row that does not learn: its gradient is 0.

    Raises:
        DTypeError: the indices are not integers.
        OptionError: an index that is not a row; negative ones do not count from the end.
        ShapeError: the weight is not a table.
    """
    if weight.ndim != 2:
        raise ShapeError(f"the weight has shape (words, d), got {weight.shape}")
    return weight[_rows(indices, len(weight))]


@linear(gz=lambda g, indices: embedding(indices, g))
def embedding_sum(z: Any, indices: Any, num: int) -> Any:
    """Rows added up by their index: the adjoint of `embedding`.

    y = (np.arange(num)[:, None] == indices.ravel()) @ z.reshape(-1, z.shape[-1])
    gz = g[indices]

    Shapes: z `(..., d)`, indices `(...)`, result `(num, d)`.
    """
    k = _rows(indices, num).ravel()
    rows = z.reshape(k.size, z.shape[-1])
    if k.size < 4 * num:
        return add_at(rows, (k,), (num, z.shape[-1]))
    order = np.argsort(k, kind="stable")  # few rows, used often: add up runs of equal index
    k = k[order]
    starts = np.flatnonzero(np.diff(k, prepend=-1))
    y = np.zeros_like(z, shape=(num, z.shape[-1]))
    y[k[starts]] = np.add.reduceat(rows[order], starts, axis=0)
    return y


def _rows(indices: Any, n: int) -> Any:
    k = np.asarray(indices)
    if k.dtype.kind not in "iu":
        raise DTypeError(f"indices are integers, got {k.dtype}; write indices.astype(int)")
    if k.size and (k.min() < 0 or k.max() >= n):
        raise OptionError(f"the table has rows 0 to {n - 1}, got indices from {k.min()} to {k.max()}")
    return k


def rotary_angles(positions: Any, dim: int, base: float = 10000.0) -> Any:
    """The angles for `rotary`: `(positions, dim/2)`, from one radian a step to one in `base` steps.

    >>> rotary_angles([0, 1, 2], 4)
    array([[0.  , 0.  ], [1.  , 0.01], [2.  , 0.02]])
    """
    if dim % 2:
        raise OptionError(f"dim is even, pairs of numbers are turned; got {dim}")
    return np.multiply.outer(np.asarray(positions, float), base ** (-np.arange(0, dim, 2) / dim))


def _turned_back(g: Any, angles: Any, interleaved: bool) -> Any:
    return rotary(g, -np.asarray(angles), interleaved)


@linear(gx=_turned_back)
def rotary(x: Any, angles: Any, interleaved: bool = False) -> Any:
    """Pairs of entries turned by an angle, so that products of two vectors depend on the difference of their angles.

    y = np.concatenate([x[..., : x.shape[-1] // 2] * np.cos(angles) - x[..., x.shape[-1] // 2 :] * np.sin(angles),
        x[..., : x.shape[-1] // 2] * np.sin(angles) + x[..., x.shape[-1] // 2 :] * np.cos(angles)], -1)
    gx = np.concatenate([g[..., : x.shape[-1] // 2] * np.cos(angles) + g[..., x.shape[-1] // 2 :] * np.sin(angles),
        -g[..., : x.shape[-1] // 2] * np.sin(angles) + g[..., x.shape[-1] // 2 :] * np.cos(angles)], -1)

    Shapes: x `(..., d)`, angles `(..., d/2)`, broadcast against x's axes before the last; see `rotary_angles`.

    Args:
        x: queries or keys.
        angles: plain numbers, in radians.
        interleaved: pair entries 0 and 1, 2 and 3, ... instead of 0 and d/2, 1 and d/2 + 1, ... as in the formulas.

    Raises:
        ShapeError: shapes that do not fit.

    Su and others, RoFormer, https://arxiv.org/abs/2104.09864
    """
    half = x.shape[-1] // 2
    if x.shape[-1] % 2 or np.shape(angles)[-1:] != (half,):
        raise ShapeError(f"x (..., d) of even d and angles (..., d/2) are expected, got {x.shape} and {np.shape(angles)}")
    c, s = np.cos(angles).astype(x.dtype), np.sin(angles).astype(x.dtype)
    a, b = (x[..., ::2], x[..., 1::2]) if interleaved else (x[..., :half], x[..., half:])
    turned = a * c - b * s, a * s + b * c
    if not interleaved:
        return np.concatenate(turned, -1)
    return np.stack(turned, -1).reshape((*turned[0].shape[:-1], 2 * half))


# -- gates -------------------------------------------------------------------------------------------------------------


def _glu_pull(g: Any, x: Any, axis: int) -> Any:
    a, b = np.split(x, 2, axis)
    s = sigmoid(b)
    return np.concatenate([g * s, g * a * s * (1 - s)], axis)


@primitive(gx=_glu_pull)
def glu(x: Any, axis: int = -1) -> Any:
    """A gated linear unit: the first half of an axis, let through by the sigmoid of the second.

    y = np.split(x, 2, axis)[0] / (1 + np.exp(-np.split(x, 2, axis)[1]))
    gx = np.concatenate([g / (1 + np.exp(-np.split(x, 2, axis)[1])), g * np.split(x, 2, axis)[0]
        * np.exp(-np.split(x, 2, axis)[1]) / (1 + np.exp(-np.split(x, 2, axis)[1]))**2], axis)

    Dauphin and others, https://arxiv.org/abs/1612.08083. Raises ShapeError when the axis cannot be halved.
    """
    if x.shape[axis] % 2:
        raise ShapeError(f"axis {axis} of shape {x.shape} cannot be halved")
    a, b = np.split(x, 2, axis)
    return a * sigmoid(b)


# -- recurrent cells ---------------------------------------------------------------------------------------------------


@composite(inputs=("x", "h", "w_ih", "w_hh", "b_ih", "b_hh"))
def rnn_tanh_cell(x: Any, h: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of the simplest recurrent network: the new state, of the input and the old state.

    y = np.tanh(np.matmul(x, w_ih.T) + (0 if b_ih is None else b_ih)
        + np.matmul(h, w_hh.T) + (0 if b_hh is None else b_hh))

    Shapes: x `(..., i)`, h `(..., n)`, w_ih `(n, i)`, w_hh `(n, n)`, biases `(n,)` or None.
    """
    return np.tanh(linear_layer(x, w_ih, b_ih) + linear_layer(h, w_hh, b_hh))


def _lstm_parts(gates: Any) -> Any:
    i, f, u, o = np.split(gates, 4, -1)
    return sigmoid(i), sigmoid(f), np.tanh(u), sigmoid(o)


def _lstm_gc(g: Any, gates: Any, y: Any) -> Any:
    _, f, _, o = _lstm_parts(gates)
    return (g[1] + g[0] * o * (1 - np.tanh(y[1]) ** 2)) * f


def _lstm_ggates(g: Any, gates: Any, c: Any, y: Any) -> Any:
    i, f, u, o = _lstm_parts(gates)
    t = np.tanh(y[1])
    gc = g[1] + g[0] * o * (1 - t * t)
    return np.concatenate([gc * u * i * (1 - i), gc * c * f * (1 - f), gc * i * (1 - u * u), g[0] * t * o * (1 - o)], -1)


@primitive(ggates=_lstm_ggates, gc=_lstm_gc)
def lstm_update(gates: Any, c: Any) -> Any:
    """The new state and memory of an LSTM from its four gates: how much to write, to keep, what to write, what to show.

    y = (lambda i, f, u, o: (np.tanh(c / (1 + np.exp(-f)) + np.tanh(u) / (1 + np.exp(-i))) / (1 + np.exp(-o)),
        c / (1 + np.exp(-f)) + np.tanh(u) / (1 + np.exp(-i))))(*np.split(gates, 4, -1))
    gc = (g[1] + g[0] * (1 - np.tanh(y[1])**2) / (1 + np.exp(-np.split(gates, 4, -1)[3]))
        ) / (1 + np.exp(-np.split(gates, 4, -1)[1]))
    ggates = (lambda i, f, u, o, d: np.concatenate([d(o) * np.tanh(u) * np.exp(-i) / (1 + np.exp(-i))**2,
        d(o) * c * np.exp(-f) / (1 + np.exp(-f))**2, d(o) / (1 + np.exp(-i)) / np.cosh(u)**2,
        g[0] * np.tanh(y[1]) * np.exp(-o) / (1 + np.exp(-o))**2], -1))(*np.split(gates, 4, -1),
        lambda o: g[1] + g[0] * (1 - np.tanh(y[1])**2) / (1 + np.exp(-o)))

    Shapes: gates `(..., 4*n)`, memory c `(..., n)`; results: state and memory, `(..., n)` both.
    """
    i, f, u, o = _lstm_parts(gates)
    new = f * c + i * u
    return o * np.tanh(new), new


@composite(inputs=("x", "h", "c", "w_ih", "w_hh", "b_ih", "b_hh"))
def lstm_cell(x: Any, h: Any, c: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of a network with long short-term memory: the new state and the new memory.

    y = (lambda i, f, u, o: (np.tanh(c / (1 + np.exp(-f)) + np.tanh(u) / (1 + np.exp(-i))) / (1 + np.exp(-o)),
        c / (1 + np.exp(-f)) + np.tanh(u) / (1 + np.exp(-i))))(*np.split(np.matmul(x, w_ih.T)
        + (0 if b_ih is None else b_ih) + np.matmul(h, w_hh.T) + (0 if b_hh is None else b_hh), 4, -1))

    Shapes: x `(..., i)`, state h and memory c `(..., n)`, w_ih `(4*n, i)`, w_hh `(4*n, n)`, biases `(4*n,)` or None.
    Hochreiter, Schmidhuber, Long Short-Term Memory (1997); the order of the gates is PyTorch's.
    """
    return lstm_update(linear_layer(x, w_ih, b_ih) + linear_layer(h, w_hh, b_hh), c)


def _gru_parts(gx: Any, gh: Any) -> Any:
    (xr, xz, xn), (hr, hz, hn) = np.split(gx, 3, -1), np.split(gh, 3, -1)
    r = sigmoid(xr + hr)
    return r, sigmoid(xz + hz), np.tanh(xn + r * hn), hn


def _gru_back(g: Any, of_x: Any, of_h: Any, h: Any) -> Any:
    r, z, n, hn = _gru_parts(of_x, of_h)
    gn = g * (1 - z) * (1 - n * n)
    return gn * hn * r * (1 - r), g * (h - n) * z * (1 - z), gn, gn * r


def _gru_gx(g: Any, of_x: Any, of_h: Any, h: Any) -> Any:
    return np.concatenate(_gru_back(g, of_x, of_h, h)[:3], -1)


def _gru_gh(g: Any, of_x: Any, of_h: Any, h: Any) -> Any:
    r, z, _, n = _gru_back(g, of_x, of_h, h)
    return np.concatenate([r, z, n], -1)


@primitive(gof_x=_gru_gx, gof_h=_gru_gh, gh=lambda g, of_x, of_h: g * _gru_parts(of_x, of_h)[1])
def gru_update(of_x: Any, of_h: Any, h: Any) -> Any:
    """The new state of a GRU, between the old state h and a proposal n, from what its gates make of input and state.

    y = (lambda xr, xz, xn, hr, hz, hn: (lambda n, z: n + z * (h - n))(np.tanh(xn + hn / (1 + np.exp(-xr - hr))),
        1 / (1 + np.exp(-xz - hz))))(*np.split(of_x, 3, -1), *np.split(of_h, 3, -1))
    gof_x = (lambda xr, xz, xn, hr, hz, hn: (lambda n, z, r: np.concatenate([
        g * (1 - z) * (1 - n**2) * hn * r * (1 - r), g * (h - n) * z * (1 - z), g * (1 - z) * (1 - n**2)], -1))(
        np.tanh(xn + hn / (1 + np.exp(-xr - hr))), 1 / (1 + np.exp(-xz - hz)), 1 / (1 + np.exp(-xr - hr)))
        )(*np.split(of_x, 3, -1), *np.split(of_h, 3, -1))
    gof_h = (lambda xr, xz, xn, hr, hz, hn: (lambda n, z, r: np.concatenate([
        g * (1 - z) * (1 - n**2) * hn * r * (1 - r), g * (h - n) * z * (1 - z), g * (1 - z) * (1 - n**2) * r], -1))(
        np.tanh(xn + hn / (1 + np.exp(-xr - hr))), 1 / (1 + np.exp(-xz - hz)), 1 / (1 + np.exp(-xr - hr)))
        )(*np.split(of_x, 3, -1), *np.split(of_h, 3, -1))
    gh = g / (1 + np.exp(-np.split(of_x, 3, -1)[1] - np.split(of_h, 3, -1)[1]))

    Shapes: of_x and of_h `(..., 3*n)`, h and the result `(..., n)`. The gates: reset r, update z, proposal n.
    """
    _, z, n, _ = _gru_parts(of_x, of_h)
    return (1 - z) * n + z * h


@composite(inputs=("x", "h", "w_ih", "w_hh", "b_ih", "b_hh"))
def gru_cell(x: Any, h: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of a network of gated recurrent units: the new state.

    y = (lambda xr, xz, xn, hr, hz, hn: (lambda n, z: n + z * (h - n))(np.tanh(xn + hn / (1 + np.exp(-xr - hr))),
        1 / (1 + np.exp(-xz - hz))))(*np.split(np.matmul(x, w_ih.T) + (0 if b_ih is None else b_ih), 3, -1),
        *np.split(np.matmul(h, w_hh.T) + (0 if b_hh is None else b_hh), 3, -1))

    Shapes: x `(..., i)`, h `(..., n)`, w_ih `(3*n, i)`, w_hh `(3*n, n)`, biases `(3*n,)` or None.
    Cho and others, https://arxiv.org/abs/1406.1078, with the reset gate after the matrix product, as in PyTorch.
    """
    return gru_update(linear_layer(x, w_ih, b_ih), linear_layer(h, w_hh, b_hh), h)
