"""Why a change of a rule is no mistake, for each of those that no number tells from the whole rule.

A reason holds for every input that the op accepts, not only for those that were tried. Below it are the changes that it is
for, as regular expressions of `op, gradient of input: what was → what stands there now`.
"""

import re
from functools import cache

NO_MISTAKES = {
    "the gradient is 0, which has no sign, size or order": [
        r"^window_(pick|put), gradient of x: ",
    ],
    "the shapes of its inputs follow from each other, or from the result's: none is spread over another": [
        r"^(window_p\w+|outer|linear(_recurrence)?|second_cofactor|lstm_update|gru_update|conv\w+), .*the first part instead",
        r"^quadratic_cost, .*the first part instead",
        r"^(attention_weights, gradient of scores|index_\w+, gradient of x): the first part instead",
    ],
    "an axis of length 1 was no longer there to be summed": [
        r"^einsum_pair, .*the first part instead",
    ],
    "this is a short way for the usual case; the long way, which the change takes instead, gives the same numbers": [
        r"^standardise, .*: in _dot, if axis == -1: → if False:$",
        r"^vector_norm, gradient of x: if not keepdims: → if True:$",
        r"^vector_norm, .*: in _slope, (if ord == (1|2): → if (False|ord == (0|1)):|return np.where\(y == 0, 0, unit\))",
        r"^cumsum, gradient of x: .*axis or 0.* → ",
        r"^power, gradient of x1: if isinstance\(x2, \(int, float\)\): → if (False|isinstance\(y, \(int, float\)\)):$",
        r"^index_put, gradient of value: in _written_last, if _names_each_place_once\(index\): → if False:$",
        r"^index_put, gradient of value: in _names_each_place_once, (?!.* or True)(?!.*any\().* → ",
        r"^einsum_single, gradient of x: g = .* if out != kept else g → g = einsum_single\(g, f'\{out\}->\{kept\}'\)$",
        r"^einsum_single, gradient of x: if kept != distinct: → if True:$",
        r"^einsum_single, .*: return g if distinct == letters else .* → return spread_diagonal\(g, letters, x_shape\)$",
        r"^einsum_pair, .*: in _gpair, if kept != letters: → if True:$",
        r"^einsum_pair, .*: in _gpair, return g if g.shape == shape else .* → return np.broadcast_to\(g, shape\)$",
        r"^einsum_pair, .*: in _gpair, kept = .* → .*not n == 1 != size\)\)\)$",
        r"^matmul, gradient of x1: if x2.ndim == 2: → if (False|x2.ndim == 1|x1.ndim == 2):$",
        r"^matmul, gradient of x2: if x1.ndim == 2 and len\(x2_shape\) < 3: → ",
        r"^matmul, gradient of x2: if len\(x2_shape\) > 2: → if len\(x2_shape\) (>= 2|> 1):$",
        r"^linear, gradient of weight: if input.ndim == 2: → if (False|y.ndim == 2):$",
        r"^(cross_entropy|nll_loss), .*: in _targets, (plain = k.size|if plain and weight is None: → if False:)",
        r": in restored, return g if keepdims or axis is None else (.*) → "
        r"return ((g if keepdims|g if axis is None|g if keepdims and axis is None) else )?\1$",
        r"^conv_\w+, .*: in _to_windows, return z if z.shape == z_shape else (.*) → return \1$",
    ],
    "an empty array has no entries, and a single number no axes, whose numbers could be wrong": [
        r"^standardise, .*: n = .* → .*(max\(math.prod\(r.shape\), 1\)|math.prod\(r.shape\) or 1|, 0\) or 1|or 2|or 0)$",
        r"^prod, .*: in others_product, return np.ones_like\(x\) → return (x|np.zeros_like\(x\))$",
        r": in reduced_axes, return range\(len\(shape\)\) → return len\(shape\)$",
    ],
    "NumPy refuses an axis of a single number here": [
        r"^(mean|var|std), .*: in reduced_axes, if axis is None or not shape: → if axis is None:$",
    ],
    "without an axis the rule does not come here": [
        r": in reduced_axes, if axis is None or not shape: → if not shape:$",
    ],
    "both inputs have the same length": [
        r"^quadratic_cost, .* → .*len\(target\), 1\)",
    ],
    "mT of a matrix is T": [
        r"^matmul, gradient of x1: return g @ \(x2.T if x2.ndim == 2 else x2.mT\) → ",
    ],
    "NumPy makes the conversion itself": [
        r"^concatenate, .*: in _parts, ends = .*\(np.prod\(s\) for s",
        r"^standardise, gradient of x: n = .* // .* → n = .* / ",
        r"^einsum_\w+, .*: in _split, return tuple\((.*)\) → return \1$",
        r"^index_put, gradient of value: in _written_last, .*np.prod\(shape, dtype=int\).* → .*np.prod\(shape\)",
        r"^(cross_entropy|nll_loss), .*: in _targets, return .*float\(.*\)\) → .*, (k.size|counts.sum\(\))\)$",
        r"^(cross_entropy|nll_loss), .*: in _indices, k = ",
        r"^(cross_entropy|nll_loss), .*: in _targets, n, k = .* → n, k = \(x_shape\[axis\], target\)$",
        r"^(cross_entropy|nll_loss), .*: in _weights, w = np.asarray\(weight\).astype\(dtype\) → ",
        r"^(cross_entropy|nll_loss), .*: in _targets, counts = .* → .*weight\[k\]\)",
        r"^rotary, .* → return rotary\(g, -angles, interleaved\)$",
        r"^embedding, .* → .*expand_dims\(indices != padding_idx",
        r": in (lanes|others_product|kept_shape|reduced_axes|_inverse), .*tuple\(",
    ],
    "the engine gives each gradient the dtype of its value": [
        r"^avg_pool\dd, .*: in _divisors, .*\.astype\(dtype\) → return reduce\(np.multiply.outer, counts\)$",
        r"^divide, gradient of x1: in _divisor, .* → return np.float64\(x\) if isinstance\(x, \(int, float\)\) else x$",
        r"^(cross_entropy|nll_loss), .*: in _targets, counts = (.*)\.astype\(dtype\) → counts = \2$",
        r"^cross_entropy, .* → .*y\.dtype",
    ],
    "the other branch is for an op that has this helper too": [
        r"^avg_pool1d, .*: in _divisors, if divisor_override is not None: → if False:$",
        r"^conv1d, .*: in _to_image, back = .* → back = conv_transpose1d$",
        r"^(conv2d|conv_weight), .*: in _to_image, back = .* → back = (conv_transpose2d|.* z.ndim == 2 .*)$",
        r"^conv\w+, .*: in _to_windows, z = .* → z = (conv1d|conv2d|.*(x.ndim == 2|weight.ndim == 3).*)\(x, weight, ",
        r"^conv[12]d, .*: in _to_image, w = .* → ",
    ],
    "the other results of a helper, which this rule does not read": [
        r"^lstm_update, gradient of c: in _lstm_parts, ",
        r"^gru_update, gradient of of_x: in _gru_back, ",
        r"^gru_update, gradient of h: in _gru_parts, ",
    ],
    "zeros beyond the end, which the slice cuts off": [
        r"^convolve, .*: in _gconvolve, (after = n|g = .* → g = np.concatenate)",
    ],
    "a vector has no transpose": [
        r"^convolve, gradient of (a|v): transposed$",
    ],
    "the first entry is the extreme so far": [
        r"^(cummax|cummin), .*: in _reached, .* → .*place, -1\)",
    ],
    "a sum of two, a product of two and an exchange of two have no order": [
        r"^arctan2, .* → .*_length\(x2, x1\)$",
        r"^swapaxes, .* → g.swapaxes\(axis2, axis1\)$",
        r"^convolve, .* → return np.convolve\(other\[::-1\], g\)",
        r"^standardise, .* → .*(_dot\(h, gh, axis\)|np.vecdot\(b, a\))",
        r"^squared_hinge, .* → .*_missing_margin\(target, x\)$",
        r"^gru_update, gradient of h: g \* _gru_parts\(of_x, of_h\)\[1\] → g \* _gru_parts\(of_h, of_x\)\[1\]$",
    ],
    "an axis that is cut to its own length, or into as many parts as it is long, stays as it is": [
        r"^bin_\w+, .*_shape\[-len\(\w+\):\]\) → .*_shape(\[:\])?\)$",
        r"^conv_\w+, .*: in _to_windows, .* → .*map\(slice, z_shape(\[:\]|\[1:\])?\)\]$",
    ],
    "beyond 9 the slope of gelu is 0 or 1 to the last digit": [
        r"^gelu(_tanh)?, .*x = np.clip\(x, -10, 10\) → x = np.clip\(x, (-10, 11|-10, 9|-11, 10|-9, 10)\)$",
    ],
    "to divide by 1 or -1 is to multiply by it": [
        r"^copysign, gradient of x1: .* → np.sign\(x1\) / np.copysign\(1, x2\)$",
    ],
    "the gradient is spread to the shape of the result anyway": [
        r"^ldexp, gradient of x1: .* → np.ldexp\(np.ones_like\(y\), x2\)$",
    ],
    "more axes of length 1 in front change nothing": [
        r"^index_put, gradient of value: in _fit, .* → .*\[1\] \* (len\(shape\)|\(len\(shape\) \+ np.ndim\(g\)\)), ",
    ],
    "NumPy takes any negative length for -1": [
        r"^(cummax|cummin|cumprod), .*(-2|\(-2,\))",
        r"^(matmul|outer), .* → .*\(-2, 1\)|^outer, .* → .*, -2\)",
    ],
    "0 times any finite number is 0": [
        r"^entropy, .* → .*np.where\(p == 0, (1|-1), logs\)",
        r"^(cross_entropy|nll_loss), .*: in _targets, k = np.where\(ignored, 0, k\) → k = np.where\(ignored, -1, k\)$",
    ],
    "what is equal was decided before, and the result is one of the two": [
        r"^(maximum|minimum|fmax|fmin), .*: _share\(",
    ],
    "x is within a bound where the result is, unless the bounds cross, and then both sides say 0": [
        r"^clip, gradient of (x|min): ",
    ],
    "at a point without a derivative there is no second one: neither number is wrong": [
        r"^arctan2, .*: in _length, .* → .*np.where\(r == 0, 2, r\)$",
        r"^power, gradient of x1: return .* → .*np.where\(\(x1 == 0\) & \(x2 == 0\), 1, x2 - 1\)$",
    ],
    "the gradient is symmetric, and a matrix has the symmetric part of its transpose": [
        r"^cholesky, .* → .*np.linalg.solve\(lower.mT, inner\).mT\)\)$",
        r"^(cholesky|eigh|eigvalsh), gradient of x: transposed$",
    ],
    "the other branch of where is not taken: its numbers, NaN among them, go nowhere": [
        r"^vector_norm, .*: in _slope, unit = x / np.where\(y == 0, 1, y\) → ",
        r"^vector_norm, .*: in _slope, return .* → .*(np.abs\(unit\)|np.where\(zero, (2|0), unit\))",
        r"^std, .*: in _std_slope, return .* → .*np.where\(flat, 2, y\)$",
        r"^(eigh|svd), .*: in _one_over_differences, .* → return np.where\(equal, 0, 1 / (d|np.where\(equal, (2|0), d\))\)$",
        r"^(elu|selu|celu), .*(in _negative_part, |np.exp\(x( / alpha)?\))",
        r"^hypot, .*: in _share, .* → .*np.where\(y == 0, 2, y\)$",
        r"^sinc, gradient of x: z, far = ",
        r"^logcumsumexp, .*: in _logcumsumexp_slope, y = np.where\(void, 0, y\) → ",
    ],
    "a threshold within rounding: half or twice as much is as good": [
        r"^(eigh|svd), .*: in _one_over_differences, equal = .* → ",
        r"^sinc, gradient of x: small = ",
        r"^svd, .*: (size = _length\(s\) → size = s|in _length, return vector_norm\(v, -1, True\) → return v)$",
    ],
    "a term more or less of the series is below rounding": [
        r"^sinc, gradient of x: (series, square|for c in)",
    ],
    "a short way for whole matrices: qr itself gives the same factor": [
        r"^qr, .*: (square|q, r, gr|if rows >= columns)",
    ],
    "all is in the space of the vectors where there are as many as there can be": [
        r"^svd, .*: if (u.shape\[-2\]|vh.shape\[-1\]) > s.shape\[-1\]: → if (True|\S+ >= s.shape\[-1\]):$",
    ],
    "a matrix that is said to be symmetric is its own transpose": [
        r"^pinv, .*: x = \(x \+ x.mT\) / 2 if hermitian else x → x = (x|\(x \+ x\) / 2 if hermitian else x)$",
    ],
    "the matrices are square, or of one shape": [
        r"^(qr|cholesky), .*: in _lower, n = m.shape\[-1\] → n = m.shape\[-2\]$",
        r"^second_cofactor, gradient of x: (n = |return add_at|parts = .*second_cofactor\(t\[index\])",
        r"^(matrix_power|expm), .*: in _pulled, (n = |below = )",
        r"^solve, gradient of b: .* → .*\[\.\.\., -1\]$",
        r"^svd, .* s.shape\[-1\]: → .* s.shape\[-0\]:$",
        r"^convolve, .*: in _gconvolve, (n, m|after) = .* → .*shape\[-1\]",
        r"^concatenate, .*% len\(shapes\[-1\]\)",
        r"^(cummax|cummin), .*: in _(running_slope|reached), (shape|return add_at|n|place) .* → .*(y|g)\)",
        r"^(cummax|cummin), .*: in _running_slope, .* → .*np.shape\((x|y|g)\)",
    ],
    "the engine sums what was spread": [
        r"^(tril|triu), gradient of x: .* → np.tri[lu]\(g, k\)$",
        r"^broadcast_to, gradient of x: unbroadcast\(g, x_shape\) → g$",
    ],
    "no degree of freedom or none: the division is by 0 either way": [
        r"^(var|std), .*: in _freedom, return free if free > 0 else 0 → return free if free (>= 0|> -1) else 0$",
    ],
    "the value changes sign, or passes the bound, where x does": [
        r"^(leaky_relu|elu|selu|celu), .*np.where\(y > 0, 1, ",
        r"^hardswish, gradient of x: .* → np.where\(y >= 3, ",
        r"^hardshrink, .* → .*\(y [<>] ",
    ],
    "where x2 is 0 the result is 0 just where x1 is": [
        r"^xlogy, .* → .*_or_one\(y, x2\)",
    ],
    "both sides are equal at the seam": [
        r"^celu, gradient of x: .* → (np.exp|np.where\(x (>= 0|> 1), )",
    ],
    "the first factor of a recurrence has nothing before it to multiply": [
        r": in _carried, .*delayed\(np.flip\(a, axis\), axis, (2|0)\)",
        r"^logcumsumexp, .*: in _logcumsumexp_slope, (gap|decay|carried) = ",
    ],
    "a flat array has one axis, from either end": [
        r"^(cummax|cummin|cumprod), .*: in _flat, .* → .*\(-1,\)\), -1\)",
    ],
}


FREE = ("a threshold within rounding", "at a point without a derivative")  # these may differ: nothing is promised


@cache
def reason(mutant):
    """Why the change that is described is no mistake; None if nobody has said."""
    return next((why for why, patterns in NO_MISTAKES.items() if any(re.search(p, mutant) for p in patterns)), None)


def unused(mutants):
    """The patterns that describe none of these."""
    mutants = list(mutants)
    return [p for patterns in NO_MISTAKES.values() for p in patterns if not any(re.search(p, m) for m in mutants)]
