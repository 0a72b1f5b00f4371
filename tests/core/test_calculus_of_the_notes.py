"""The worked numbers of the lecture's backpropagation calculus, on scalars and on arrays.

Layer l: z = W a + b, a = sigmoid(z); the cost of one example is the sum of (a - y)**2, of several their average.
"""

import numpy as np
import pytest

from tinygrad_edu import REGISTRY, Value

sigmoid = REGISTRY["sigmoid"]


def close(got, wanted):
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("form", [float, lambda x: np.full(1, x)], ids=["scalar", "array"])
def test_one_connection(form):
    a_prev, w, b = (Value(form(x)) for x in (0.6, 1.2, -0.4))
    z = w * a_prev + b
    a = sigmoid(z)
    cost = (a - 1.0) ** 2
    cost.backward()
    close(z.data, form(0.32))
    close(a.data, form(0.579324252149))
    close(cost.data, form(0.176968084830))
    close(a.grad, form(-0.841351495703))
    close(z.grad, form(-0.841351495703 * 0.243707663021))
    close(w.grad, form(-0.123026284078))
    close(b.grad, form(-0.205043806797))
    close(a_prev.grad, form(-0.246052568156))


def test_the_slope_of_the_sigmoid_at_one_connection():
    z = Value(0.32)
    sigmoid(z).backward()
    close(z.grad, 0.243707663021)


def test_a_chain_of_three_neurons_on_scalars():
    ws, bs = [Value(w) for w in (0.5, -1.0, 1.5)], [Value(b) for b in (0.1, 0.2, -0.3)]
    a, activations = Value(0.8), []
    for w, b in zip(ws, bs, strict=True):
        a = sigmoid(w * a + b)
        activations.append(a)
    cost = (a - 1.0) ** 2
    cost.backward()
    close([float(a) for a in activations], [0.622459331202, 0.395928403809, 0.572948839058])
    close(float(cost), 0.182372694062)
    close([w.grad for w in ws], [0.014095052448, -0.046667331538, -0.082741294680])
    close([b.grad for b in bs], [0.017618815560, -0.074972498923, -0.208980446677])


def test_a_chain_of_three_neurons_as_layers():
    ws, bs = [Value([[w]]) for w in (0.5, -1.0, 1.5)], [Value([b]) for b in (0.1, 0.2, -0.3)]
    a = Value([[0.8]])
    for w, b in zip(ws, bs, strict=True):
        a = sigmoid(a @ w.T + b)
    ((a - 1.0) ** 2).sum().backward()
    close(np.ravel([w.grad for w in ws]), [0.014095052448, -0.046667331538, -0.082741294680])
    close(np.ravel([b.grad for b in bs]), [0.017618815560, -0.074972498923, -0.208980446677])


W1, B1 = [[0.1, -0.2], [0.4, 0.3], [-0.5, 0.6]], [0.05, -0.1, 0.2]
W2, B2 = [[0.7, -0.8, 0.9], [-0.3, 0.2, 0.1]], [-0.15, 0.25]
X, Y = np.array([[0.5, -1.0], [1.5, 2.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])

GRADIENTS = {
    "W1": [[0.031611767488, 0.090559562652], [-0.021431730428, -0.076568208233], [0.027544864446, 0.069258764577]],
    "b1": [0.001710295924, 0.004909206780, 0.005350331504],
    "W2": [[-0.003690161362, 0.050341281908, 0.049789621977], [0.032445455323, -0.015002427732, -0.020114082279]],
    "b2": [0.022549823173, 0.034477185647],
}


def test_a_network_of_two_layers_averaged_over_two_examples():
    w1, b1, w2, b2 = map(Value, (W1, B1, W2, B2))
    hidden = sigmoid(X @ w1.T + b1)
    out = sigmoid(hidden @ w2.T + b2)
    costs = ((out - Y) ** 2).sum(axis=1)
    costs.mean().backward()
    close(out.data, [[0.549999219818, 0.550328832287], [0.538975153469, 0.581930482589]])
    close(costs.data, [0.505362525811, 0.465276337445])
    grads = dict(zip(GRADIENTS, (v.grad for v in (w1, b1, w2, b2)), strict=True))
    for name, wanted in GRADIENTS.items():
        close(grads[name], wanted)
    close(np.sqrt(sum(float(np.sum(g * g)) for g in grads.values())), 0.171871729185)


def test_the_same_network_of_scalar_neurons():
    w1, b1 = [[Value(w) for w in row] for row in W1], [Value(b) for b in B1]
    w2, b2 = [[Value(w) for w in row] for row in W2], [Value(b) for b in B2]

    def layer(ws, bs, xs):
        return [sigmoid(sum((w * x for w, x in zip(row, xs, strict=True)), b)) for row, b in zip(ws, bs, strict=True)]

    cost = sum(
        sum((a - t) ** 2 for a, t in zip(layer(w2, b2, layer(w1, b1, x)), y, strict=True))
        for x, y in zip(X.tolist(), Y.tolist(), strict=True)
    )
    (cost / 2).backward()
    for name, wanted in zip(GRADIENTS, (w1, b1, w2, b2), strict=True):
        grads = [[v.grad for v in row] if isinstance(row, list) else row.grad for row in wanted]
        close(grads, GRADIENTS[name])


def test_the_desires_of_the_outputs_add_up_at_the_hidden_layer():
    desires = [
        [0.155925319484, -0.178200365125, 0.200475410765],
        [0.081712937937, -0.054475291958, -0.027237645979],
    ]
    for which, wanted in [([0], desires[0]), ([1], desires[1]), ([0, 1], np.sum(desires, axis=0))]:
        hidden = Value(1 / (1 + np.exp(-(X[0] @ np.transpose(W1) + B1))))
        out = sigmoid(np.array(W2) @ hidden + np.array(B2))
        sum((out[j] - Y[0, j]) ** 2 for j in which).backward()
        close(-hidden.grad, wanted)
