"""Calls of every op, and what the laws do to them.

A law is a function of one `Example`: an op, and the arguments of one call. `for_every_op` runs it over the registry.

    @for_every_op(examples=10)
    def test_gradients_have_the_shape_of_their_values(example):
        y = example(*map(Value, example.inputs))

Calls of elementwise ops are drawn from the domain that stands with the op, away from its kinks and with broadcasting
between several inputs; calls of the others come from the family files in `cases`.
"""

import copy
import inspect
from functools import cached_property

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

import tinygrad_edu  # noqa: F401  fills the registry
from tests.laws.cases import VARIANTS, Call, load
from tinygrad_edu import REGISTRY
from tinygrad_edu.ops.domain import real
from tinygrad_edu.testing.laws import Undecided
from tinygrad_edu.testing.points import Point, cotangents, dense, plain, pullback, reached  # noqa: F401  for the laws

CASES = load()
# What the package declares; what tests and doctests declare for themselves is not in question here.
OPS = {name: op for name, op in REGISTRY.items() if op.fn.__module__.startswith("tinygrad_edu.")}

# Options are tried at their defaults, and at these values.
OPTIONS = {
    "astype": [dict(dtype=np.float64)],
    "celu": [{}, dict(alpha=1.3)],
    "elu": [{}, dict(alpha=1.3)],
    "hardshrink": [{}, dict(lambd=0.8)],
    "hardtanh": [{}, dict(min_val=-0.7, max_val=1.2)],
    "huber": [{}, dict(delta=0.8)],
    "ldexp": [dict(x2=3), dict(x2=-2)],
    "leaky_relu": [{}, dict(negative_slope=0.2)],
    "pinball": [{}, dict(quantile=0.9)],
    "polygamma": [dict(n=1), dict(n=4)],
    "round": [{}, dict(decimals=1)],
    "smooth_l1": [{}, dict(beta=0.8)],
    "softcap": [dict(cap=1.7), dict(cap=30.0)],
    "softplus": [{}, dict(beta=2.0)],
    "softshrink": [{}, dict(lambd=0.8)],
    "threshold": [dict(threshold=0.0, value=0.0), dict(threshold=-0.5, value=2.0)],
}


class Example:
    """One call of an op, as a function of its differentiable arguments.

    Attributes:
        op: the op.
        call: the arguments as a user passes them.
        inputs: those among them that can be differentiated: the float arrays that the op takes as inputs, alone or in
            a list.
    """

    def __init__(self, op, call):
        self.op, self.call = op, call
        bound, self.options = op.bind(call.args, dict(call.kwargs))
        self.bound = bound
        entries = [(n, x) for n, b in zip(op.inputs * len(bound), bound, strict=False)
                   for x in (b if type(b) in (list, tuple) else [b])]  # fmt: skip
        entries = [(n, x) for n, x in entries if isinstance(x, np.ndarray | np.floating) and x.dtype.kind == "f"]
        self.names, self.inputs = [n for n, _ in entries], [x for _, x in entries]
        self._places = {id(x): i for i, x in enumerate(self.inputs)}

    def __call__(self, *inputs):
        """The result with `inputs` in place of the example's."""
        args, kwargs = self.with_inputs(inputs)
        return self.op(*args, **kwargs)

    def with_inputs(self, inputs):
        """The arguments with `inputs` in place of the example's; random generators are fresh each time."""
        return tuple(self._swap(a, inputs) for a in self.call.args), {
            k: self._swap(a, inputs) for k, a in self.call.kwargs.items()
        }

    def _swap(self, a, inputs):
        if id(a) in self._places:
            return inputs[self._places[id(a)]]
        if type(a) in (list, tuple) and any(id(x) in self._places for x in a):
            return type(a)(self._swap(x, inputs) for x in a)
        return copy.deepcopy(a) if isinstance(a, np.random.Generator) else a

    def results(self, *inputs):
        """The float results as a list."""
        return floats_of(self(*inputs))

    def replaced(self, change):
        """The same call with every float array, also among the options, passed through `change`."""
        args, kwargs = self.with_inputs([change(x) for x in self.inputs])
        kwargs = {k: change(a) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a for k, a in kwargs.items()}
        return Example(self.op, Call(args, kwargs))

    @cached_property
    def point(self):
        """The call as the laws of the package take it."""
        return Point(self.results, self.inputs, self.names, lambda dtype: self.cast(dtype).point)

    def cast(self, dtype):
        """The same call in another dtype."""
        return self.replaced(lambda x: np.asarray(x).astype(dtype))

    def __repr__(self):
        return f"{self.op.name}(*{self.call.args!r}, **{self.call.kwargs!r})"


def floats_of(y):
    """The float arrays, numbers or Values among the results."""
    ys = y if isinstance(y, tuple | list) else (y,)
    return [one for one in ys if np.dtype(one.dtype).kind == "f"]


def vjp(example, values, cs, **options):
    """The pullback of one call."""
    return pullback(example.results(*values), values, cs, **options)


# -- drawing calls -----------------------------------------------------------------------------------------------------


def examples_of(op, variants=True):
    """A strategy of examples: the registered cases, or draws from an elementwise op's domain, or None."""
    if op.name in CASES:
        both = CASES[op.name] | VARIANTS[op.name] if variants and op.name in VARIANTS else CASES[op.name]
        return both.map(lambda call: Example(op, call))
    if op.kind == "elementwise" and not required_options(op):
        return elementwise_calls(op).map(lambda call: Example(op, call))
    return None


def has_examples(op):
    """Whether the laws can be run on this op at all."""
    return examples_of(op) is not None


def required_options(op):
    return [n for n, default in op.options.items() if default is inspect.Parameter.empty]


@st.composite
def elementwise_calls(draw, op):
    """Arguments inside the domain and off the kinks, with shapes that broadcast together."""
    shapes, options = draw(broadcastable(len(op.inputs))), draw(st.sampled_from(OPTIONS.get(op.name, [{}])))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    for _ in range(200):
        xs = [uniform(rng, op.domain.get(name, real).intervals, shape) for name, shape in zip(op.inputs, shapes, strict=True)]
        if distance_to_kinks(op, xs, options) > 0.02:
            return Call(tuple(xs), options)
    raise AssertionError(f"{op.name}: no point of its domain is away from its kinks")


@st.composite
def broadcastable(draw, n):
    """`n` shapes that broadcast to one; 0-d, empty and size-1 axes among them."""
    whole = draw(st.lists(st.sampled_from([3, 2, 1, 4, 0]), max_size=3))
    shapes = []
    for _ in range(n):
        kept = whole[draw(st.integers(0, len(whole))) :] if n > 1 else whole
        ones = draw(st.lists(st.booleans(), min_size=len(kept), max_size=len(kept))) if n > 1 else [False] * len(kept)
        shapes.append(tuple(1 if one else m for m, one in zip(kept, ones, strict=True)))
    return shapes


def uniform(rng, intervals, shape):
    lows, highs = np.transpose(intervals)
    which = rng.integers(len(lows), size=shape)
    return np.asarray(rng.uniform(lows[which], highs[which]))


def distance_to_kinks(op, xs, options=None):
    """How far the inputs are from the nearest kink, in the unit of the op's `kinks` expression."""
    if op.kinks is None:
        return np.inf
    known = {**{n: d for n, d in op.options.items() if d is not inspect.Parameter.empty}, **(options or {})}
    known.update(zip(op.inputs, xs, strict=True))
    wanted = inspect.signature(op.kinks).parameters
    values = op.kinks(**{n: known[n] for n in wanted})
    values = values if isinstance(values, tuple) else (values,)
    return min((float(np.min(np.abs(v), initial=np.inf)) for v in values), default=np.inf)


def for_every_op(*kinds, examples=10, unless=lambda op: False, variants=True):
    """Make a law into a test over the registry, one test an op; `kinds` limits it, `unless` excuses ops."""
    names = [n for n, op in OPS.items() if (not kinds or op.kind in kinds) and has_examples(op) and not unless(op)]

    def decorate(law):
        @pytest.mark.parametrize("name", names)
        @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
        @given(data=st.data())
        def test(name, data):
            try:
                law(data.draw(examples_of(OPS[name], variants)))
            except Undecided:
                reject()

        test.__name__, test.law = law.__name__, law
        return test

    return decorate


# -- the same numbers, laid out differently in memory ------------------------------------------------------------------


def sliced(x):
    """Every other entry of a larger array along each axis: nothing is contiguous."""
    wide = np.full([2 * n for n in x.shape], np.nan, x.dtype)
    view = wide[(..., *(slice(None, None, 2) for _ in x.shape))]
    view[...] = x
    return view


def reversed_(x):
    """Negative strides along each axis."""
    back = (..., *(slice(None, None, -1) for _ in x.shape))
    return np.array(x[back], order="C")[back]


def read_only(x):
    x = np.array(x)
    x.setflags(write=False)
    return x


def fortran(x):
    return np.array(x, order="F")


def scalar(x):
    """A NumPy scalar in place of an array of shape ()."""
    return np.array(x)[()]


LAYOUTS = [fortran, sliced, reversed_, read_only, scalar]
