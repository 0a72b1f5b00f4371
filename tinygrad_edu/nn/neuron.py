"""Neuron, layer, network: as the lecture draws them, and as arrays.

z = w1*a1 + ... + wn*an + b        the weighted sum of the neurons before, plus a bias
a = sigmoid(z)                     the activation
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core import REGISTRY, Value
from ..errors import OptionError, ShapeError
from . import init as initialisers
from .module import Module

__all__ = ["ACTIVATIONS", "MLP", "Layer", "Neuron"]

ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "identity")
Activation = str | Callable[[Any], Any] | None


class Neuron(Module):
    """One neuron on scalars: every weight is a Value of its own.

    Args:
        weights: one number for each input, `(n,)`.
        bias: a number.
        activation: a name of `ACTIVATIONS`, a function, or None for the bare weighted sum.

    Called with `n` inputs: a list of numbers or Values, or an array `(..., n)`, where each input is then a whole vector of
    samples and the same scalar program runs on all of them by broadcasting.

    >>> neuron = Neuron([1.2], -0.4)
    >>> round(neuron([0.6]).item(), 12)
    0.579324252149
    """

    def __init__(self, weights: Any, bias: Any = 0.0, activation: Activation = "sigmoid") -> None:
        self.weights = [w if type(w) is Value else Value(w) for w in weights]
        self.bias = bias if type(bias) is Value else Value(bias)
        self.activation = _activation(activation)

    def forward(self, x: Any) -> Any:
        """The activation for the inputs `x`."""
        inputs = columns(x)
        if len(inputs) != len(self.weights):
            raise ShapeError(f"this neuron has {len(self.weights)} weights, one an input; got {len(inputs)} inputs")
        z = self.bias
        for w, a in zip(self.weights, inputs, strict=True):
            z = z + w * a
        return self.activation(z)


class Layer(Module):
    """Neurons side by side, all seeing the same inputs.

    Args:
        inputs: how many numbers come in.
        outputs: how many neurons.
        activation: as for `Neuron`.
        init: a name of `init.INITIALISERS` or a function of a shape and `rng=`; biases start at zero, or normal when
            the weights do.
        rng: a NumPy generator or a seed.
        dtype: of the parameters.
        scalar: build it of `Neuron`s, one Value a weight, with the same numbers; slow, and all to see.

    An array `(..., inputs)` gives `(..., outputs)`. A scalar layer also takes a list and gives a list.

    >>> layer = Layer(3, 2, rng=0)
    >>> layer(np.ones((5, 3))).shape
    (5, 2)
    """

    def __init__(self, inputs: int, outputs: int, activation: Activation = "sigmoid", *, init: Any = "xavier",
                 rng: Any = None, dtype: Any = np.float64, scalar: bool = False) -> None:  # fmt: skip
        _positive(inputs=inputs, outputs=outputs)
        rng = np.random.default_rng(rng)
        draw = _initialiser(init)
        weight = draw((outputs, inputs), rng=rng, dtype=dtype)
        bias = draw((outputs,), rng=rng, dtype=dtype) if draw is initialisers.normal else np.zeros(outputs, dtype)
        self.inputs, self.outputs = inputs, outputs
        self.neurons = [Neuron(w, b, activation) for w, b in zip(weight, bias, strict=True)] if scalar else []
        if not scalar:
            self.weight, self.bias = Value(weight), Value(bias)
            self.activation = _activation(activation)

    def forward(self, x: Any) -> Any:
        """The activations `(..., outputs)` for the inputs `x`, `(..., inputs)`."""
        if type(x) in (list, tuple):
            return [neuron(x) for neuron in self.neurons] if self.neurons else self.forward(np.stack(x, axis=-1))
        if self.neurons:
            return np.stack(self.forward(columns(x)), axis=-1)
        try:
            return self.activation(_linear(x, self.weight, self.bias))
        except ShapeError as error:
            raise ShapeError(f"this layer takes (..., {self.inputs}), got {np.shape(x)}") from error


class MLP(Module):
    """A multilayer perceptron: layers one after the other.

    Args:
        sizes: how many numbers in each layer, the inputs first: `[784, 16, 16, 10]`.
        activation: of every layer.
        output: of the last layer, if another: None for logits.
        init: as for `Layer`.
        rng: a NumPy generator or a seed; the same seed gives the same network, scalar or not.
        dtype: of the parameters.
        scalar: as for `Layer`.

    >>> MLP([2, 3, 1], rng=0)([0.5, -1.0]).shape
    (1,)
    """

    def __init__(self, sizes: Sequence[int], activation: Activation = "sigmoid", *, output: Activation = "same",
                 init: Any = "xavier", rng: Any = None, dtype: Any = np.float64, scalar: bool = False) -> None:  # fmt: skip
        if np.ndim(sizes) != 1 or len(sizes) < 2:
            raise OptionError(f"MLP takes at least two sizes in one list, inputs and outputs, as MLP([2, 4, 1]); got {sizes}")
        rng = np.random.default_rng(rng)
        last = activation if output == "same" else output
        acts = [activation] * (len(sizes) - 2) + [last]
        self.layers = [Layer(n, m, act, init=init, rng=rng, dtype=dtype, scalar=scalar)
                       for n, m, act in zip(sizes, sizes[1:], acts, strict=False)]  # fmt: skip

    @property
    def sizes(self) -> list[int]:
        """How many numbers in each layer, the inputs first."""
        return [self.layers[0].inputs, *(layer.outputs for layer in self.layers)]

    def forward(self, x: Any) -> Any:
        """The last layer's activations `(..., outputs)` for inputs `(..., inputs)`."""
        for layer in self.layers:
            x = layer(x)
        return x


_linear = REGISTRY["linear"]


def columns(x: Any) -> Any:
    """The single inputs in `x`: the entries of a list, the last axis of an array."""
    if isinstance(x, list | tuple):
        return x
    return [x[..., i] for i in range(x.shape[-1])]


def _activation(activation: Activation) -> Callable[[Any], Any]:
    if activation is None or activation == "identity":
        return _identity
    if callable(activation):
        return activation
    if activation not in ACTIVATIONS:
        raise OptionError(f"no activation is called {activation!r}; choose from {', '.join(ACTIVATIONS)}, or pass a function")
    return REGISTRY[activation]


def _identity(x: Any) -> Any:
    return x


def _initialiser(init: Any) -> Any:
    if callable(init):
        return init
    if init not in initialisers.INITIALISERS:
        raise OptionError(
            f"no initialiser is called {init!r}; choose from {', '.join(initialisers.INITIALISERS)}, or pass a function"
        )
    return initialisers.INITIALISERS[init]


def _positive(**counts: int) -> None:
    for name, n in counts.items():
        if not isinstance(n, int | np.integer) or isinstance(n, bool) or n < 1:
            raise OptionError(f"{name} has to be a positive whole number, got {n!r}")
