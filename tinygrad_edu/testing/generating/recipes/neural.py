"""What networks are made of, in random expressions."""

from __future__ import annotations

import math

from ..building import Builder
from . import recipe
from .structural import full, usual


@recipe("linear")
def _linear(b: Builder, name: str) -> None:
    x = b.array(full)
    out, k = b.choose.integer(1, 3), x.data.shape[-1]
    b.call(name, x, b.exactly((out, k)), b.choose.pick((None, True)) and b.exactly((out,)))


@recipe("layer_norm")
def _layer_norm(b: Builder, name: str) -> None:
    x = b.separated(lambda s: full(s) and s[-1] > 1, lambda: (*b.shape(0, 2), b.choose.integer(2, 4)))
    shape = x.data.shape[-1:]
    b.call(name, x, b.exactly(shape), b.exactly(shape), normalized_shape=shape)


@recipe("rms_norm")
def _rms_norm(b: Builder, name: str) -> None:
    x = b.array(full)
    shape = x.data.shape[-1:]
    b.call(name, x, b.exactly(shape), normalized_shape=shape)


@recipe("cosine_similarity")
def _cosine_similarity(b: Builder, name: str) -> None:
    x = b.array(full)
    b.call(name, x, b.exactly(x.data.shape), axis=-1)


@recipe("glu")
def _glu(b: Builder, name: str) -> None:
    x = usual(b, name, lambda s: full(s) and s[-1] % 2 == 0, lambda: (*b.shape(0, 2), 2 * b.choose.integer(1, 2)))
    b.call(name, x, axis=-1)


@recipe("cross_entropy")
def _cross_entropy(b: Builder, name: str) -> None:
    x = usual(b, name, lambda s: len(s) == 2 and math.prod(s) > 0, lambda: b.shape(2, 2))
    rows, classes = x.data.shape
    target = [b.choose.integer(0, classes - 1) for _ in range(rows)]
    b.call(name, x, target=target, reduction=b.choose.pick(("mean", "sum", "none")))


@recipe("conv1d")
def _conv1d(b: Builder, name: str) -> None:
    x = b.array(lambda s: len(s) == 3 and math.prod(s) > 0 and s[2] > 1, lambda: (1, b.choose.integer(1, 2), 4))
    weight = b.exactly((b.choose.integer(1, 2), x.data.shape[1], 2))
    b.call(name, x, weight, stride=b.choose.integer(1, 2), padding=b.choose.integer(0, 1))


@recipe("avg_pool1d", "max_pool1d")
def _pool(b: Builder, name: str) -> None:
    x = usual(b, name, lambda s: len(s) == 3 and math.prod(s) > 0 and s[2] > 1, lambda: (1, b.choose.integer(1, 2), 4))
    b.call(name, x, kernel_size=2, stride=b.choose.pick((None, 1)))


@recipe("scaled_dot_product_attention")
def _attention(b: Builder, name: str) -> None:
    near = ((-4.0, 4.0),)
    query = b.array(lambda s: len(s) == 2 and math.prod(s) > 0, lambda: b.shape(2, 2), near)
    rows, k = query.data.shape
    key = b.exactly((rows, k), near)
    b.call(name, query, key, b.exactly((rows, k), near), None, is_causal=b.choose.pick((False, True)))


@recipe("embedding")
def _embedding(b: Builder, name: str) -> None:
    weight = b.array(lambda s: len(s) == 2 and math.prod(s) > 0, lambda: b.shape(2, 2))
    rows = weight.data.shape[0]
    b.call(name, weight, indices=[b.choose.integer(0, rows - 1) for _ in range(b.choose.integer(1, 3))])


@recipe("unfold")
def _unfold(b: Builder, name: str) -> None:
    x = b.array(lambda s: len(s) == 4 and math.prod(s) > 0 and min(s[2:]) > 1, lambda: (1, b.choose.integer(1, 2), 2, 3))
    b.call(name, x, kernel_size=2)


@recipe("batch_norm")
def _batch_norm(b: Builder, name: str) -> None:
    x = b.separated(lambda s: len(s) == 2 and s[0] > 1 and s[1] > 0, lambda: (b.choose.integer(2, 3), b.choose.integer(1, 3)))
    b.call(name, x, b.exactly(x.data.shape[1:]), b.exactly(x.data.shape[1:]))


@recipe("quadratic_cost")
def _quadratic_cost(b: Builder, name: str) -> None:
    x = b.array(full)
    b.call(name, x, b.exactly(x.data.shape))
