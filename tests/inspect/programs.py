"""Programs with one mistake each, whose line is marked: `# guilty`. Each gives the loss, and the parameter that is hurt.

They are written as people write them: the detectives have to find the line.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.ops import clip, relu, sigmoid, softmax

Program = Callable[[], tuple[Value, Value]]


def guilty_line(program: Program) -> int:
    """The number of the marked line."""
    lines, first = inspect.getsourcelines(program)
    marked = [first + i for i, line in enumerate(lines) if line.rstrip().endswith("# guilty")]
    assert len(marked) == 1, program
    return marked[0]


def _data() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(8, 3)), rng.normal(size=8)


# -- NaN -----------------------------------------------------------------------------------------------------------------


def softmax_by_hand() -> tuple[Value, Value]:
    x, _ = _data()
    w = Value(np.full((3, 4), 900.0), label="w")
    logits = np.abs(x) @ w
    e = np.exp(logits)  # guilty
    p = e / e.sum(axis=1, keepdims=True)
    return -np.mean(np.log(p[:, 0])), w


def log_of_a_negative_number() -> tuple[Value, Value]:
    x, t = _data()
    w = Value(np.array([1.0, -2.0, 0.5]), label="w")
    rate = x @ w
    cost = rate - t * np.log(rate)  # guilty
    return cost.mean(), w


def root_of_a_masked_number() -> tuple[Value, Value]:
    x = Value(np.array([4.0, 0.0, 9.0]), label="x")
    mask = np.array([1.0, 0.0, 1.0])
    y = mask * np.sqrt(x)  # guilty
    return y.sum(), x


def distance_of_a_point_to_itself() -> tuple[Value, Value]:
    points = Value(np.array([[0.0, 1.0], [2.0, 3.0]]), label="points")
    difference = points - points[0]
    squares = np.sum(difference**2, axis=1)
    distance = np.sqrt(squares)  # guilty
    return distance.sum(), points


def zero_times_its_logarithm() -> tuple[Value, Value]:
    p = Value(np.array([0.5, 0.5, 0.0]), label="p")
    logs = np.log(p)  # guilty
    terms = p * logs
    return -terms.sum(), p


def zero_by_zero() -> tuple[Value, Value]:
    v = Value(np.zeros(3), label="v")
    length = np.linalg.norm(v)
    unit = v / length  # guilty
    return (unit * np.arange(3.0)).sum(), v


def root_of_a_rounded_variance() -> tuple[Value, Value]:
    x = Value(np.array([0.1, 0.1, 0.1]), label="x")
    variance = (x * x).mean() - x.mean() ** 2  # -1.7e-18
    return np.sqrt(variance), x  # guilty


def power_of_a_negative_base() -> tuple[Value, Value]:
    w = Value(np.array([2.0, -0.5]), label="w")
    y = w**1.5  # guilty
    return y.sum(), w


def arc_at_its_end() -> tuple[Value, Value]:
    cosine = Value(np.array([0.5, 1.0]), label="cosine")
    angle = np.arccos(cosine)  # guilty
    return (angle**2).sum(), cosine


def inverse_of_a_masked_zero() -> tuple[Value, Value]:
    d = Value(np.array([2.0, 0.0]), label="d")
    mask = np.array([1.0, 0.0])
    inverse = 1.0 / d  # guilty
    return (mask * inverse).sum(), d


def data_with_a_hole() -> tuple[Value, Value]:
    x, _ = _data()
    x[3, 1] = np.nan
    w = Value(np.ones(3), label="w")
    h = x @ w  # guilty
    return np.tanh(h).sum(), w


def batch_of_one() -> tuple[Value, Value]:
    x = Value(np.array([[1.0, 2.0, 3.0]]), label="x")
    mean = x.mean(axis=0)
    variance = ((x - mean) ** 2).mean(axis=0)
    h = (x - mean) / np.sqrt(variance)  # guilty
    return (h**2).sum(), x


def mean_over_an_empty_mask() -> tuple[Value, Value]:
    x = Value(np.ones((2, 3)), label="x")
    mask = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    means = (x * mask).sum(axis=1) / mask.sum(axis=1)  # guilty
    return means.sum(), x


def cosine_with_the_zero_vector() -> tuple[Value, Value]:
    a, b = Value(np.array([1.0, 2.0]), label="a"), Value(np.zeros(2), label="b")
    cosine = (a @ b) / (np.sqrt((a**2).sum()) * np.sqrt((b**2).sum()))  # guilty
    return 1 - cosine, a


def cosine_a_little_above_one() -> tuple[Value, Value]:
    a = Value(np.array([0.1, 0.2, 0.3]), label="a")
    unit = a / np.linalg.norm(a)
    cosine = (unit @ unit) * (1 + 1e-15)
    angle = np.arccos(cosine)  # guilty
    return angle * 1.0, a


def both_branches_are_nan() -> tuple[Value, Value]:
    x = Value(np.array([-1.0, 4.0]), label="x")
    y = np.where(x > 0, np.log(x), np.log(2 * x))  # guilty
    return y.sum(), x


def inverse_root_of_zero() -> tuple[Value, Value]:
    d = Value(np.array([0.0, 4.0]), label="d")
    scale = d**-0.5  # guilty
    return scale.sum(), d


def square_in_half_precision() -> tuple[Value, Value]:
    x = Value(np.array([300.0, 2.0], np.float16), label="x")
    energy = x * x  # guilty
    return (energy - energy.mean()).sum(), x


def recurrence_that_explodes() -> tuple[Value, Value]:
    w, h = Value(np.eye(3) * 9.0, label="W"), Value(np.ones(3), label="h")
    for _ in range(400):
        h = w @ h  # guilty
    return (h - 0.5 * h).sum(), w


def mean_of_what_nothing_was_chosen_for() -> tuple[Value, Value]:
    x = Value(np.array([1.0, 2.0]), label="x")
    late = x[x.data > 5]
    return late.mean() * 1.0, x  # guilty


def geometric_mean_with_a_zero() -> tuple[Value, Value]:
    x = Value(np.array([2.0, 0.0, 8.0]), label="x")
    g = np.exp(np.log(x).mean())  # guilty
    return g * 1.0, x


# -- zero ----------------------------------------------------------------------------------------------------------------


def dead_layer() -> tuple[Value, Value]:
    x, t = _data()
    w, b = Value(np.full((3, 4), 0.1), label="w"), Value(np.full(4, -5.0), label="b")
    z = x @ w + b
    h = relu(z)  # guilty
    return ((h.sum(axis=1) - t) ** 2).mean(), w


def saturated_output() -> tuple[Value, Value]:
    x, _ = _data()
    w = Value(np.full(3, 500.0), label="w")
    z = np.abs(x) @ w
    p = sigmoid(z)  # guilty
    return ((p - 0.0) ** 2).mean(), w


def dead_by_maximum() -> tuple[Value, Value]:
    x, t = _data()
    w, b = Value(np.full((3, 4), 0.1), label="w"), Value(np.full(4, -5.0), label="b")
    h = np.maximum(x @ w + b, 0)  # guilty
    return ((h.sum(axis=1) - t) ** 2).mean(), w


def dead_by_where() -> tuple[Value, Value]:
    x, t = _data()
    w, b = Value(np.full((3, 4), 0.1), label="w"), Value(np.full(4, -5.0), label="b")
    z = x @ w + b
    h = np.where(z > 0, z, 0.0)  # guilty
    return ((h.sum(axis=1) - t) ** 2).mean(), w


def saturated_attention() -> tuple[Value, Value]:
    x, t = _data()
    w = Value(np.array([1e5, -2e5, 3e5]), label="w")
    weights = softmax(x @ w)  # guilty
    return (weights * t).sum(), w


def product_with_two_zeros() -> tuple[Value, Value]:
    w = Value(np.array([0.0, 0.0, 3.0]), label="w")
    p = np.prod(w)  # guilty
    return p * 2.0, w


def length_of_zero() -> tuple[Value, Value]:
    w = Value(np.zeros(3), label="w")
    penalty = np.linalg.norm(w)  # guilty
    return 1.0 + penalty, w


def exponential_that_underflows() -> tuple[Value, Value]:
    w = Value(1.0, label="w")
    y = np.exp(-800 * w)  # guilty
    return y * 1.0, w


def loser_of_a_maximum() -> tuple[Value, Value]:
    x, b = Value(np.array([1.0, 5.0]), label="x"), Value(-10.0, label="b")
    both = np.stack([x[0] + b, x[1]])
    best = np.max(both)  # guilty
    return best * 2.0, b


def hidden_layer_cut_off() -> tuple[Value, Value]:
    x, t = _data()
    w, v = Value(np.full((3, 4), 0.3), label="w"), Value(np.ones(4), label="v")
    h = np.tanh(x @ w).detach()
    y = h @ v  # guilty
    return ((y - t) ** 2).mean(), w


def parameter_that_was_replaced() -> tuple[Value, Value]:
    x, t = _data()
    w = Value(np.ones(3), label="w")
    y = x @ w  # guilty
    loss = ((y - t) ** 2).mean()
    w = Value(w.data - 0.1, label="w")
    return loss, w


def clipped_scale() -> tuple[Value, Value]:
    s = Value(3.0, label="s")
    x, _ = _data()
    bounded = clip(s, 0.0, 1.0)  # guilty
    return (bounded * x).sum(), s


def branch_not_taken() -> tuple[Value, Value]:
    w, x = Value(2.0, label="w"), Value(np.array([-1.0, -2.0]), label="x")
    y = np.where(x > 0, w * x, x)  # guilty
    return y.sum(), w


def weights_of_zero() -> tuple[Value, Value]:
    x, t = _data()
    w1, w2 = Value(np.full((3, 4), 0.3), label="w1"), Value(np.zeros(4), label="w2")
    h = np.tanh(x @ w1)
    y = h @ w2  # guilty
    return ((y - t) ** 2).mean(), w1


def numbers_instead_of_the_value() -> tuple[Value, Value]:
    x, t = _data()
    w = Value(np.ones(3), label="w")
    scale = Value(1.0, label="scale")
    y = scale * (x @ w.data)  # guilty
    return ((y - t) ** 2).mean(), w


def inner_result_detached() -> tuple[Value, Value]:
    x, t = _data()
    w, v = Value(np.full((3, 4), 0.3), label="w"), Value(np.ones(4), label="v")
    h = tg.stop_gradient(np.tanh(x @ w))
    y = h @ v  # guilty
    return ((y - t) ** 2).mean(), w


def rounded() -> tuple[Value, Value]:
    w = Value(np.array([0.2, 1.7]), label="w")
    q = np.round(w * 10)  # guilty
    return ((q - 3.0) ** 2).sum(), w


def opposite_paths() -> tuple[Value, Value]:
    w = Value(2.0, label="w")
    up, down = 3 * w, -3 * w
    return up + down, w


def sum_of_probabilities() -> tuple[Value, Value]:
    w = Value(np.array([0.0, 0.0, 1.0]), label="w")
    p = softmax(w)  # guilty
    return p.sum() * 2, w


def vanished() -> tuple[Value, Value]:
    w = Value(1.0, label="w")
    y = w * 1e-200
    z = y * 1e-200  # the gradient that arrives is already small
    return z * 1e-200, w


def a_minimum() -> tuple[Value, Value]:
    w = Value(0.0, label="w")
    y = w**2  # guilty
    return y + 1.0, w


NANS: list[Program] = [
    softmax_by_hand, log_of_a_negative_number, root_of_a_masked_number, distance_of_a_point_to_itself, zero_times_its_logarithm,
    zero_by_zero, root_of_a_rounded_variance, power_of_a_negative_base, data_with_a_hole,
    arc_at_its_end, inverse_of_a_masked_zero, batch_of_one, mean_over_an_empty_mask, cosine_with_the_zero_vector,
    cosine_a_little_above_one, both_branches_are_nan, inverse_root_of_zero, square_in_half_precision,
    recurrence_that_explodes, mean_of_what_nothing_was_chosen_for, geometric_mean_with_a_zero,
]  # fmt: skip
ZEROS: list[Program] = [
    dead_layer, saturated_output, clipped_scale, branch_not_taken, weights_of_zero, numbers_instead_of_the_value,
    inner_result_detached, rounded, sum_of_probabilities, a_minimum, dead_by_maximum, dead_by_where, saturated_attention,
    product_with_two_zeros, length_of_zero, exponential_that_underflows, loser_of_a_maximum, hidden_layer_cut_off,
    parameter_that_was_replaced,
]  # fmt: skip
