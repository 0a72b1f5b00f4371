"""Derivatives by central differences, extrapolated to step zero, with an error bar computed from the same numbers.

Ridders' method (Advances in Engineering Software 4, 1982; Numerical Recipes, section 5.7). The central difference with
step h is off by a h**2 + b h**4 + ...; halving h and combining removes one power after the other. What two neighbours
in that table disagree by bounds the truncation; what the rounding of f turns into, divided by h, is carried along.
"""

from itertools import pairwise

import numpy as np

EPS = np.finfo(np.float64).eps


def slope(f, scale, *, step=1e-2, levels=5):
    """f'(0) and its error bar, entry by entry.

    Args:
        f: from a number to an array of float64.
        scale: how large the numbers are that f adds up, array like f's result: f is right to about 8 EPS * scale.
        step: the largest step; each level halves it.
        levels: how many steps.
    """
    steps = [step / 2**k for k in range(levels)]
    row = [(np.asarray(f(h)) - np.asarray(f(-h))) / (2 * h) for h in steps]
    noise = [8 * EPS * np.asarray(scale) / h for h in steps]
    best, bar = row[-1], np.abs(row[-1] - row[-2]) + noise[-1]
    for k in range(1, levels):
        w = 4.0**k
        finer = [(w * b - a) / (w - 1) for a, b in pairwise(row)]
        noise = [(w * b + a) / (w - 1) for a, b in pairwise(noise)]
        for a, b, t, n in zip(row, row[1:], finer, noise, strict=False):
            error = np.maximum(np.abs(t - a), np.abs(t - b)) + n
            best, bar = np.where(error < bar, t, best), np.where(error < bar, error, bar)
        row = finer
    return best, bar


def directions(inputs, seed=1):
    """A random direction for each input, its entries between 0.3 and 1 in size: none is left out."""
    rng = np.random.default_rng(seed)
    return [rng.choice([-1.0, 1.0], np.shape(x)) * rng.uniform(0.3, 1.0, np.shape(x)) for x in inputs]
