"""The lint: each unstable form is found, its stable twin is not, and nothing in the package itself is."""

import json

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.inspect.graphs import chain, network
from tests.laws.calls import for_every_op
from tinygrad_edu import Value
from tinygrad_edu.errors import DTypeError
from tinygrad_edu.inspect.diagnosis.detective import why_zero
from tinygrad_edu.inspect.diagnosis.linting import lint
from tinygrad_edu.ops import log_softmax, logsigmoid, relu, sigmoid, softmax, softplus

F = tg.nn.functional
ROWS = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])
T = np.array([0, 2])


def found(function, *arrays):
    """What is found about a function of `x`."""
    x = Value(arrays[0] if arrays else ROWS, label="x")
    return list(lint(np.sum(function(x)) * 1.0))


FORMS = [  # the form, its message, its cure
    (lambda x: np.log(softmax(x)), "log(softmax(x))", "tg.ops.log_softmax(x)"),
    (lambda x: np.log(softmax(x, axis=0)), "log(softmax(x))", "tg.ops.log_softmax(x, axis=0)"),
    (lambda x: np.log(softmax(x)[np.arange(2), T]), "log(softmax(x))", "tg.ops.log_softmax(x)[...]"),
    (lambda x: np.log(sigmoid(x)), "log(sigmoid(x))", "tg.ops.logsigmoid(x)"),
    (lambda x: np.log(1 - sigmoid(x)), "log(1 - sigmoid(x))", "tg.ops.logsigmoid(-x)"),
    (lambda x: np.log(1 + np.exp(x)), "log(1 + exp(x))", "tg.ops.softplus(x)"),
    (lambda x: np.log(np.exp(-x) + 1.0), "log(1 + exp(x))", "tg.ops.softplus(-x)"),
    (lambda x: np.log1p(np.exp(x)), "log(1 + exp(x))", "tg.ops.softplus(x)"),
    (lambda x: np.log(np.sum(np.exp(x), axis=1)), "log(sum(exp(x)))", "tg.ops.logsumexp(x, axis=1)"),
    (lambda x: np.log(np.sum(np.exp(x))), "log(sum(exp(x)))", "tg.ops.logsumexp(x)"),
    (lambda x: np.log(np.exp(x)), "log(exp(x))", "x"),
    (lambda x: np.exp(np.log(x * x)), "exp(log(x))", "x*x"),
    (lambda x: 1 / (1 + np.exp(-x)), "1/(1 + exp(-x))", "tg.ops.sigmoid(x)"),
    (lambda x: np.reciprocal(np.exp(-1 * x) + 1), "1/(1 + exp(-x))", "tg.ops.sigmoid(x)"),
    (lambda x: 1 / (1 + np.exp(x)), "1/(1 + exp(-x))", "tg.ops.sigmoid(-x)"),
    (lambda x: (e := np.exp(x)) / (1 + e), "exp(x)/(1 + exp(x))", "tg.ops.sigmoid(x)"),
    (lambda x: ((e := np.exp(2 * x)) - 1) / (e + 1), "tanh by exponentials", "np.tanh(x)"),
    (lambda x: ((e := np.exp(x)) - (d := np.exp(-x))) / (e + d), "tanh by exponentials", "np.tanh(x)"),
    (lambda x: (e := np.exp(x)) / np.sum(e, axis=1, keepdims=True), "exp(x)/sum(exp(x))", "tg.ops.softmax(x)"),
    (lambda x: (e := np.exp(x)) / np.sum(e, axis=1)[:, None], "exp(x)/sum(exp(x))", "tg.ops.softmax(x)"),
    (lambda x: np.sqrt(np.sum(x * x)), "sqrt(sum(x*x))", "np.linalg.norm(x)"),
    (lambda x: np.sum(x**2, axis=1) ** 0.5, "sqrt(sum(x*x))", "np.linalg.norm(x, axis=1)"),
    (lambda x: np.sqrt(np.sum(np.square(x), 1, keepdims=True)), "sqrt(sum(x*x))", "np.linalg.norm(x, axis=1, keepdims=True)"),
    (lambda x: np.sqrt(x * x), "sqrt(x*x)", "np.abs(x)"),
    (lambda x: np.sqrt(np.var(x)), "sqrt(var(x))", "np.std(x)"),
    (lambda x: (x * x).mean() - x.mean() ** 2, "mean(x*x) - mean(x)**2", "np.var(x)"),
    (lambda x: x / np.linalg.norm(x), "x/norm(x)", "tg.ops.normalize(x, axis=None)"),
    (lambda x: x / np.linalg.norm(x, axis=1, keepdims=True), "x/norm(x)", "tg.ops.normalize(x)"),
    (lambda x: np.exp(x * 1e-8) - 1, "exp(x) - 1", "np.expm1(x*1e-08)"),
    (lambda x: np.log(1 + x * 1e-8), "log(1 + x)", "np.log1p(x*1e-08)"),
    (lambda x: np.sqrt(x * x + x**2), "sqrt(x*x + y*y)", "np.hypot(x, x)"),
    (lambda x: 1 / (1 + np.exp(-2 * x)), "1/(1 + exp(-x))", "tg.ops.sigmoid(-((-2)*x))"),
    (lambda x: np.log(1 + np.exp(x * -3)), "log(1 + exp(x))", "tg.ops.softplus(x*(-3))"),
    (lambda x: np.exp(x) / np.sum(np.exp(x), axis=0), "exp(x)/sum(exp(x))", "tg.ops.softmax(x, axis=0)"),
    (lambda x: np.exp(x) / (np.exp(x) + 1), "exp(x)/(1 + exp(x))", "tg.ops.sigmoid(x)"),
    (lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)), "tanh by exponentials", "np.tanh(x)"),
    (lambda x: np.exp(x) / np.sum(np.exp(x)), "exp(x)/sum(exp(x))", "tg.ops.softmax(x, axis=None)"),
    (lambda x: np.log(np.sum(np.exp(x), axis=1)[:, None]), "log(sum(exp(x)))", "tg.ops.logsumexp(x, axis=1, keepdims=True)"),
    (lambda x: np.sqrt(np.var(x, axis=0, ddof=1)), "sqrt(var(x))", "np.std(x, axis=0, ddof=1)"),
    (lambda x: (x * x).mean(axis=1) - x.mean(axis=1) ** 2, "mean(x*x) - mean(x)**2", "np.var(x, axis=1)"),
]  # fmt: skip

STABLE = [
    lambda x: log_softmax(x),
    lambda x: logsigmoid(x) + softplus(x) + tg.ops.logsumexp(x),
    lambda x: np.log(softmax(x) + 1e-12),
    lambda x: (e := np.exp(x - np.max(x, axis=1, keepdims=True))) / np.sum(e, axis=1, keepdims=True),
    lambda x: (e := np.exp(x - np.max(x.data))) / np.sum(e),
    lambda x: (m := np.max(x)) + np.log(np.sum(np.exp(x - m))),
    lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
    lambda x: np.log(1 + np.exp(-np.abs(x))),
    lambda x: np.log(1 + np.exp(-(x**2))),
    lambda x: np.sqrt(np.sum(x * x) + 1e-12),
    lambda x: x / (np.linalg.norm(x) + 1e-8),
    lambda x: x / np.maximum(np.linalg.norm(x), 1e-8),
    lambda x: tg.ops.normalize(x),
    lambda x: np.linalg.norm(x),
    lambda x: np.sqrt(x**2 + 1),
    lambda x: np.sqrt(np.sum(np.abs(x) ** 3)),
    lambda x: np.sqrt(np.var(x) + 1e-5),
    lambda x: np.expm1(x * 1e-8) + np.log1p(x * 1e-8),
    lambda x: np.exp(x) - 1,
    lambda x: np.log(1 + x * x),
    lambda x: 1 / (1 + x * x),
    lambda x: np.exp(x) / (2 + np.exp(x)),
    lambda x: np.log(x * x + 1e-3) - 1,
    lambda x: (x * x).mean() - x.mean(),
    lambda x: np.abs(x) ** 0.5,
    lambda x: np.exp(x) * np.exp(-x),
    lambda x: np.sum(np.exp(x)) / np.sum(np.exp(-x)),
    lambda x: np.var(x) + np.std(x),
    lambda x: np.sqrt((m := x @ x.T + 9) @ m),  # a product of matrices is no sum of squares
    lambda x: np.sqrt(x[0] @ x[0]),  # two different values
    lambda x: (x * x).mean(axis=0) - x.mean() ** 2,
]


@pytest.mark.parametrize("i", range(len(FORMS)))
def test_an_unstable_form_is_found_once_with_its_cure(i):
    function, form, cure = FORMS[i]
    (finding,) = found(function)
    assert finding.kind == "unstable form"
    assert finding.message.startswith(f"{form}: ")
    assert finding.cure.splitlines()[-1] == f"    {cure}"
    x = Value(np.abs(ROWS) if "log(x)" in form else ROWS, label="x")
    if "[...]" not in cure:
        np.testing.assert_allclose(eval(cure, {"np": np, "tg": tg, "x": x}).data, function(x).data, rtol=1e-7)


@pytest.mark.parametrize("i", range(len(STABLE)))
def test_a_stable_form_is_left_alone(i):
    assert found(STABLE[i]) == []


@for_every_op(examples=2)
def test_no_op_of_the_package_has_an_unstable_form(example):
    result = example(*map(Value, example.inputs))
    for y in result if isinstance(result, tuple | list) else (result,):
        if type(y) is Value and y.op is not None:
            assert [f for f in lint(y) if f.kind == "unstable form"] == [], example.op.name


def test_the_losses_and_a_network_are_clean():
    x, p = Value(ROWS, label="x"), Value(np.full((2, 3), 0.25), label="p")
    target = np.array([[0.5, 0.0, 1.0], [0.25, 1.0, 0.0]])
    net = tg.nn.MLP([3, 4, 2], rng=0)
    for loss in (
        F.cross_entropy(x, T), F.nll_loss(log_softmax(x), T), F.binary_cross_entropy_with_logits(x, target),
        F.mse_loss(x, target),
        F.binary_cross_entropy(p, target), F.kl_div(log_softmax(x), target), F.huber_loss(x, target), F.l1_loss(x, target),
        F.cosine_embedding_loss(x, p, np.array([1.0, -1.0])), F.triplet_margin_loss(x, p, p * 2),
        F.gaussian_nll_loss(x, target, p), F.poisson_nll_loss(x, target), F.soft_margin_loss(x, np.sign(ROWS)),
        F.cross_entropy(net(ROWS), np.array([0, 1])),
    ):  # fmt: skip
        assert list(lint(loss)) == []
    assert list(lint(loss, net)) == []


def attention(v, rng):
    q, k = rng.normal(size=(2, 5, 8)) @ v((8, 8)) / 3, rng.normal(size=(2, 5, 8)) @ v((8, 8)) / 3
    scores = q @ np.swapaxes(k, 1, 2) / np.sqrt(8) + np.triu(np.full((5, 5), -np.inf), 1)
    return np.mean((softmax(scores) @ q) ** 2)


def recurrent(v, rng):
    w, u, h = v((4, 4)) * 0.3, v((4,)) * 0.3, np.zeros((8, 4))
    for _ in range(20):
        h = np.tanh(h @ w + u * rng.normal(size=(8, 1)))
    return np.mean(h**2)


def convolution(v, rng):
    h = tg.ops.max_pool2d(relu(tg.ops.conv2d(rng.normal(size=(8, 1, 12, 12)), v((6, 1, 3, 3)))), 2)
    return F.cross_entropy(h.reshape(8, -1) @ v((150, 10)) / 10, rng.integers(0, 10, 8))


def autoencoder(v, rng):
    mean, logvar = v((16, 2)), v((16, 2))
    z = mean + np.exp(logvar / 2) * rng.normal(size=(16, 2))
    return np.mean(z**2) - 0.5 * np.sum(1 + logvar - mean**2 - np.exp(logvar)) / 16


def classifier(v, rng):
    h = relu(rng.normal(size=(32, 20)) @ v((20, 64)) * 0.3 + np.zeros(64))
    return F.cross_entropy((h * (rng.random(h.shape) < 0.5) / 0.5) @ v((64, 5)) / 8, rng.integers(0, 5, 32))


HEALTHY = [
    attention, recurrent, convolution, autoencoder, classifier,
    lambda v, rng: F.binary_cross_entropy_with_logits((x := rng.normal(size=(50, 4))) @ (v((4,)) * 0), (x[:, 0] > 0) * 1.0),
    lambda v, rng: np.mean((np.array([[1.0, 2], [3, 5]]) @ v((2,)) + v(()) * 1e-17 - np.eye(2)[0]) ** 2),
    lambda v, rng: np.mean((rng.normal(size=(20, 3)) @ v((3, 1)) + v((1,)) - rng.normal(size=(20, 1))) ** 2),
    lambda v, rng: np.maximum(0, 1 - np.sign(rng.normal(size=20)) * (rng.normal(size=(20, 3)) @ v((3,)))).mean(),
    lambda v, rng: F.cross_entropy((z := tg.ops.normalize(v((6, 3)))) @ z.T / 0.1, np.arange(6)),
    lambda v, rng: np.mean(np.exp(y := rng.normal(size=(20, 3)) @ (v((3,)) * 0)) - rng.poisson(2, 20) * y),
    lambda v, rng: 1 - (2 * ((p := sigmoid(v((8, 8)))) * (m := rng.random((8, 8)) > 0.5)).sum() + 1) / (p.sum() + m.sum() + 1),
    lambda v, rng: np.exp(-(((p := v((6, 2)))[:, None] - p) ** 2).sum(-1)).sum(),
    lambda v, rng: np.mean(F.layer_norm(rng.normal(size=(16, 8)) @ v((8, 8)), 8) ** 3),
    lambda v, rng: F.cross_entropy(((e := v((30, 8)))[rng.integers(0, 30, (4, 6))] @ e.T).reshape(-1, 30), np.arange(24)),
    lambda v, rng: F.smooth_l1_loss(np.tanh(rng.normal(size=(20, 3)) @ v((3,)) / 2), rng.normal(size=20)),
]  # fmt: skip


@pytest.mark.parametrize("i", range(len(HEALTHY)))
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_healthy_program_raises_no_alarm(i, dtype):
    rng = np.random.default_rng(0)
    leaves = []

    def variable(shape):
        leaves.append(Value(rng.normal(size=shape).astype(dtype), label=f"w{len(leaves)}"))
        return leaves[-1]

    assert list(lint(HEALTHY[i](variable, rng), leaves)) == []


# -- roots and logarithms at zero, losses -----------------------------------------------------------------------------------


def test_a_root_at_zero_is_told_with_the_number_of_entries():
    (finding,) = found(lambda x: np.sqrt(x), np.array([4.0, 0.0, 0.0]))
    assert (finding.kind, "in 2 of 3 entries" in finding.message) == ("infinite slope", True)
    assert "safe = np.where(x > 0, x, 1.0)" in finding.cure
    assert found(lambda x: np.sqrt(x), np.array([4.0, 1.0])) == []


def test_probabilities_where_logits_belong():
    x = Value(ROWS, label="x")
    for loss, kind, cure in [
        (F.cross_entropy(softmax(x), T), "softmax twice", "pass the logits: x"),
        (log_softmax(softmax(x)).sum(), "softmax twice", "pass the logits: x"),
        (F.binary_cross_entropy_with_logits(sigmoid(x), (ROWS > 0) * 1.0), "sigmoid twice", "pass the logits: x"),
        (F.nll_loss(softmax(x), T), "wrong input of a loss", "log_softmax(x)"),
        (F.binary_cross_entropy(sigmoid(x), (ROWS > 0) * 1.0), "unstable form", "binary_cross_entropy_with_logits(x, t)"),
    ]:
        (finding,) = lint(loss)
        assert finding.kind == kind
        assert cure in finding.cure


def test_a_softmax_over_one_class():
    x = Value(ROWS[:, :1], label="x")
    for y in (softmax(x), log_softmax(x), F.cross_entropy(x, np.zeros(2, int))):
        (finding,) = lint(y.sum() if y.ndim else y * 1.0)
        assert finding.kind == "one class"
        assert "binary_cross_entropy_with_logits" in finding.cure
        assert why_zero(y.sum(), x)[0].kind == "one class"
    for y in (softmax(x, axis=0), softmax(x, axis=None), F.cross_entropy(x.T, np.zeros(1, int))):
        assert list(lint(y.sum() if y.ndim else y * 1.0)) == []


@pytest.mark.parametrize(("dtype", "most", "one"), [(np.float16, 11, 8), (np.float32, 88, 17), (np.float64, 709, 37)])
def test_the_ends_of_exp_are_those_of_the_dtype(dtype, most, one):
    x = Value(ROWS.astype(dtype), label="x")
    assert lint(np.log(1 + np.exp(x)).sum() * 1)[0].message.endswith(
        f"exp overflows for x above {most}, and 1 + exp(x) is 1 below -{one}"
    )
    with np.errstate(over="ignore"):
        assert np.isfinite(np.exp(dtype(most)))
        assert np.isinf(np.exp(dtype(most + 1)))
        assert 1 + np.exp(dtype(-one)) == 1


# -- numbers -----------------------------------------------------------------------------------------------------------------


def test_dead_units_are_counted():
    x = Value(np.linspace(0.1, 1, 16).reshape(16, 1), label="x")
    w = Value(np.array([[1.0, -1.0, -2.0]]), label="w")
    (finding,) = lint(relu(x @ w).sum())
    assert (finding.kind, finding.message[:42]) == ("dead units", "2 of 3 units are zero for all 16 examples:")
    assert list(lint(relu(x[:4] @ w).sum())) == []  # four examples prove nothing
    assert lint(relu(x[:4] @ -np.abs(w)).sum())[0].message.startswith("3 of 3 units")
    images = Value(np.stack([np.full((4, 5, 5), 1.0), np.full((4, 5, 5), -1.0)], 1), label="images")
    assert lint(relu(images).sum())[0].message.startswith("1 of 2 units are zero for all 100 examples")
    assert lint(relu(Value(-np.ones(5), label="z")).sum())[0].message.startswith("all 5 entries are zero")
    assert list(lint(relu(Value(-1.0)) * 2)) == []
    z = x @ w
    for h in (np.maximum(z, 0), np.maximum(0.0, z), np.where(z > 0, z, 0)):
        assert lint(h.sum())[0].message.startswith("2 of 3 units are zero for all 16 examples")
    for h in (np.maximum(z[:, 1], 0), np.where(np.arange(16)[:, None] < 0, z, 0), np.maximum(z, -9.0)):
        assert list(lint(h.sum())) == []  # a hinge loss without loss, a mask, a bound


def test_saturated_units_are_counted():
    x = Value(np.array([9.0, -9.0, 0.5]), label="x")
    (finding,) = lint(np.tanh(x).sum())
    assert (finding.kind, finding.message) == ("saturated units", "2 of 3 entries have less than 1 % of the steepest slope")
    assert list(lint(np.tanh(x * 0.1).sum())) == []


def test_lost_digits_are_measured():
    x = Value(np.array([3e7, 1.0, -3e7], np.float32), label="x")
    (finding,) = lint(np.sum(x) * np.float32(2))
    assert finding.kind == "lost digits"
    assert "this sum of 3 numbers is 0; exactly it is 1" in finding.message
    assert list(lint(np.sum(Value(np.full(1000, 0.1, np.float32))) * 1)) == []
    assert list(lint(np.sum(Value(x.data.astype(float))) * 1)) == []
    rows = Value(np.random.default_rng(0).normal(size=(64, 100)).astype(np.float32), label="rows")
    centred = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    assert list(lint(np.sum(centred.mean(axis=0) ** 2))) == []  # 0 but for the rounding of the terms


def test_accidental_broadcasting_in_a_loss():
    x, w = np.ones((5, 3)), Value(np.ones((3, 1)), label="w")
    t = np.arange(5.0)
    (finding,) = lint(((x @ w - t) ** 2).mean())
    assert finding.kind == "accidental broadcast"
    assert "shapes (5, 1) and (5,) give (5, 5): 25 differences instead of 5" in finding.message
    assert lint(np.abs(t - x @ w).sum())[0].kind == "accidental broadcast"
    assert list(lint(((x @ w - t[:, None]) ** 2).mean())) == []
    v = Value(t, label="v")
    assert list(lint(((v[:, None] - v) ** 2).mean())) == []  # all pairs, on purpose
    assert list(lint(((x @ w - t) ** 2).sum(axis=1).max())) == []
    assert list(lint(((x[:1] @ w - t) ** 2).mean())) == []


# -- parameters ----------------------------------------------------------------------------------------------------------------


class Forgetful(tg.nn.Module):
    def __init__(self):
        self.used, self.unused, self.detached = Value(np.ones(3)), Value(1.0), Value(np.ones(3))
        self.other_branch = Value(2.0)

    def forward(self, x):
        y = np.sum(x * self.used) + np.sum(x * self.detached.data)
        return np.where(True, y, y * self.other_branch)


def test_parameters_that_no_gradient_reaches():
    model = Forgetful()
    with tg.record_source():
        loss = model(np.arange(3.0)) ** 2
    findings = {f.value: f for f in lint(loss, model)}
    assert set(findings) == {"unused", "detached", "other_branch"}
    assert findings["detached"].source.text == "y = np.sum(x * self.used) + np.sum(x * self.detached.data)"
    assert {f.kind for f in findings.values()} == {"unreachable parameter"}
    assert list(lint(model.used.sum() * 1.0, {"a": model.used})) == []
    (finding,) = lint(model.used.sum() * 1.0, [model.used, Value(1.0)])
    assert finding.value == "parameter 1"


def test_parameters_with_a_gradient_of_zero_or_next_to_it():
    x, rng = ROWS, np.random.default_rng(0)
    w1, w2, b = Value(rng.normal(size=(3, 4)), label="w1"), Value(np.zeros((4, 1)), label="w2"), Value(0.5, label="b")
    loss = np.mean((np.tanh(x @ w1) @ w2 + b) ** 2)
    (finding,) = lint(loss, [w1, w2, b])
    assert (finding.kind, finding.value) == ("zero gradient", "w1")
    assert why_zero(loss, w1)[0].op == "matmul"
    assert list(lint(np.mean((np.tanh(x @ w1) @ w2) ** 2), [w1, w2])) == []  # at the minimum: all are zero
    layers = [Value(rng.normal(size=(4, 4)), label=f"layer{i}") for i in range(50)]
    h = rng.normal(size=(2, 4))
    for w in layers:
        h = sigmoid(h @ w)
    (finding,) = lint(np.mean((h - 1.0) ** 2), layers)
    assert (finding.kind, finding.value) == ("vanishing gradient", "layer0")
    assert finding.message.endswith("times that of layer49")
    assert list(lint(w1.sum() * np.nan, [w1])) == []  # where_nan's business


def test_gradients_left_from_the_step_before():
    w, b = Value(1.0, label="w"), Value(2.0, label="b")
    loss = w * 3 + b
    assert list(lint(loss)) == []
    loss.backward()
    assert list(lint(loss)) == []  # these are its own
    second = w * 3 + b
    (finding,) = lint(second)
    assert (finding.kind, finding.message) == (
        "gradients left over",
        "w, b: there is a gradient already, to which backward will add",
    )
    w.zero_grad()
    b.zero_grad()
    assert list(lint(second)) == []


# -- the rest ------------------------------------------------------------------------------------------------------------------


def test_findings_have_their_line():
    with tg.record_source():
        x = Value(ROWS, label="x")
        p = softmax(x)
        loss = -np.log(p).mean()
    (finding,) = lint(loss)
    assert finding.source.text == "loss = -np.log(p).mean()"
    assert finding.inputs[0][0] == "p"
    assert json.loads(lint(loss).to_json())["findings"][0]["op"] == "log"


def test_large_and_deep_graphs():
    assert list(lint(chain(20_000))) == []
    assert {f.kind for f in lint(network((20, 8, 4)))} <= {"saturated units"}


def test_graphs_that_backward_used_up_and_lean_ones():
    x = Value(ROWS, label="x")
    loss = np.log(softmax(x)).sum()
    loss.backward()
    assert lint(loss)[0].kind == "unstable form"
    with tg.lean():
        loss = np.log(softmax(Value(np.ones((100, 100))))).sum()
        assert lint(loss)[0].kind == "unstable form"


def test_mistakes_are_explained():
    with pytest.raises(DTypeError, match="got a float"):
        lint(3.0)
    with pytest.raises(DTypeError, match="got a str"):
        lint(Value(1.0) * 2, ["w"])
