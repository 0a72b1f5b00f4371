"""Ops with a derivative that is wrong in a way that a check could miss; each is registered under a name of its own."""

import numpy as np

import tinygrad_edu as tg


@tg.elementwise(name="wrong_by_a_millionth", dx=lambda y: (1 - y * y) * (1 + 1e-6))
def by_a_millionth(x):
    return np.tanh(x)


@tg.elementwise(name="wrong_relu_at_zero", dx=lambda x: np.where(x == 0, 2.0, 1.0 * (x > 0)))
def relu_at_zero(x):
    return np.maximum(x, 0)


@tg.elementwise(name="wrong_abs_at_zero", dx=lambda x: np.where(x == 0, 1.5, np.sign(x)))
def abs_at_zero(x):
    return np.abs(x)


@tg.primitive(name="wrong_max_all_winners", gx=lambda g, x, y: g * (x == y))
def max_all_winners(x):
    return np.max(x)


@tg.primitive(name="wrong_max_a_little_more", gx=lambda g, x, y: 0.51 * g * (x == y))
def max_a_little_more(x):
    return np.max(x)


@tg.elementwise(name="wrong_maximum_no_winner", da=lambda a, b: 1.0 * (a > b), db=lambda a, b: 1.0 * (b > a))
def maximum_no_winner(a, b):
    return np.maximum(a, b)


@tg.primitive(name="wrong_halves_of_three", gx=lambda g, x_shape: g * 0.5 * np.ones(x_shape))
def halves_of_three(x):
    return np.maximum(np.max(x), 0.0)


@tg.elementwise(name="wrong_square_at_zero", dx=lambda x: np.where(x == 0, 1.0, 2 * x))
def square_at_zero(x):
    return x * x


@tg.elementwise(name="wrong_square_by_half", dx=lambda x: 3 * x)
def square_by_half(x):
    return x * x


@tg.primitive(name="wrong_sine_second", gx=lambda g, x: g * np.cos(x.data if isinstance(x, tg.Value) else x))
def sine_second(x):
    return np.sin(x)


@tg.elementwise(name="wrong_clip_at_bounds", dx=lambda x: np.where(x == 1, -0.25, 1.0 * (x < 1)))
def clip_at_bounds(x):
    return np.minimum(x, 1.0)


@tg.elementwise(name="wrong_root_at_zero", dx=lambda x: np.where(x == 0, 0.0, 0.5 / np.sqrt(np.where(x == 0, 1, x))))
def root_at_zero(x):
    return np.sqrt(x)


@tg.linear(name="wrong_scale_second_option", gx=lambda g, factor: g * factor if factor < 2 else g * 2)
def scale(x, factor=1.0):
    return x * factor


@tg.primitive(name="wrong_by_a_cotangent", gx=lambda g, x: np.cos(x) * np.abs(g))
def by_its_cotangent(x):
    return np.sin(x)


@tg.primitive(
    name="wrong_one_element", gx=lambda g, x: g * np.where(np.arange(x.size).reshape(x.shape) == 777, 1.001, 1.0) * np.cos(x)
)
def one_element(x):
    return np.sin(x)
