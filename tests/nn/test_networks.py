"""Neurons, layers and networks: the numbers of the notes, and scalar against array."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.errors import DataError, OptionError, ShapeError
from tinygrad_edu.nn import MLP, Layer, Module, Neuron, init, summary


def test_one_neuron_gives_the_numbers_of_the_notes():
    a = Neuron([1.2], -0.4)([0.6])
    assert a.item() == pytest.approx(0.579324252149, abs=1e-12)


def test_a_two_three_two_network_gives_the_outputs_of_the_notes():
    model = MLP([2, 3, 2], rng=0)
    model.load_state_dict(
        {
            "layers.0.weight": [[0.1, -0.2], [0.4, 0.3], [-0.5, 0.6]],
            "layers.0.bias": [0.05, -0.1, 0.2],
            "layers.1.weight": [[0.7, -0.8, 0.9], [-0.3, 0.2, 0.1]],
            "layers.1.bias": [-0.15, 0.25],
        }
    )
    out = model(Value([[0.5, -1.0], [1.5, 2.0]]))
    expected = [[0.549999219818, 0.550328832287], [0.538975153469, 0.581930482589]]
    np.testing.assert_allclose(out.data, expected, atol=1e-12)


@given(st.lists(st.integers(1, 4), min_size=2, max_size=4), st.integers(0, 100), st.sampled_from(["sigmoid", "tanh", "relu"]))
def test_the_same_seed_gives_the_same_network_on_scalars_and_on_arrays(sizes, seed, activation):
    arrays, scalars = (MLP(sizes, activation, rng=seed, scalar=s) for s in (False, True))
    x = np.random.default_rng(seed).normal(size=(3, sizes[0]))
    np.testing.assert_allclose(scalars(x).data, arrays(x).data, atol=1e-12)
    one = scalars(list(x[0]))
    assert isinstance(one, list)
    np.testing.assert_allclose([v.item() for v in one], arrays(x).data[0], atol=1e-12)


def test_gradients_on_scalars_equal_those_on_arrays():
    arrays, scalars = (MLP([3, 4, 2], rng=5, scalar=s) for s in (False, True))
    x = np.random.default_rng(0).normal(size=(6, 3))
    for model in (arrays, scalars):
        (model(x) ** 2).sum().backward()
    weight = arrays.layers[0].weight.grad
    for j, neuron in enumerate(scalars.layers[0].neurons):
        np.testing.assert_allclose([w.grad for w in neuron.weights], weight[j], atol=1e-12)
        assert neuron.bias.grad == pytest.approx(arrays.layers[0].bias.grad[j], abs=1e-12)


def test_parameters_of_the_digit_network_are_counted_as_in_the_notes(capsys):
    assert summary(MLP([784, 16, 16, 10], rng=0)) == 13002
    assert "12544 + 16 + 256 + 16 + 160 + 10 = 13002 parameters" in capsys.readouterr().out
    assert summary(MLP([784, 16, 16, 10], rng=0, scalar=True)) == 13002
    assert "12544 + 16 + 256 + 16 + 160 + 10 = 13002 parameters" in capsys.readouterr().out


def test_module_calls_are_scopes_named_by_their_place():
    out = MLP([2, 3, 1], rng=0)(Value([1.0, 2.0]))
    assert out.scope == ("MLP", "layers.1")


def test_parameters_in_lists_and_dicts_are_found_once_and_named():
    class Tied(Module):
        def __init__(self):
            self.shared = Value(1.0)
            self.parts = {"a": [Layer(1, 1, rng=0)], "b": self.shared}

        def forward(self, x):
            return x

    names = [name for name, _ in Tied().named_parameters()]
    assert names == ["shared", "parts.a.0.weight", "parts.a.0.bias"]


def test_a_wrong_state_changes_nothing():
    model = MLP([2, 2], rng=0)
    before = model.state_dict()
    for wrong, error in (
        ({}, DataError),
        ({**before, "extra": np.zeros(1)}, DataError),
        ({**before, "layers.0.bias": np.zeros(3)}, ShapeError),
    ):
        with pytest.raises(error):
            model.load_state_dict(wrong)
    for name, array in model.state_dict().items():
        assert (array == before[name]).all()


def test_a_model_survives_deepcopy_and_pickle():
    model = MLP([2, 3, 1], rng=0)
    x = np.ones((1, 2))
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert twin(x).item() == model(x).item()
        assert twin.layers[0].weight is not model.layers[0].weight


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: MLP([3]), "at least two sizes"),
        (lambda: MLP(2, [4, 4, 1]), r"in one list, inputs and outputs, as MLP\(\[2, 4, 1\]\); got 2"),
        (lambda: MLP([3, 0]), "positive whole number"),
        (lambda: MLP([3, 2.5]), "positive whole number"),
        (lambda: MLP([3, 2], "sigmoidal"), "choose from sigmoid"),
        (lambda: MLP([3, 2], init="glorot"), "choose from normal"),
    ],
)
def test_wrong_options_are_named_with_the_choices(build, says):
    with pytest.raises(OptionError, match=says):
        build()


def test_inputs_of_the_wrong_width_are_refused_with_both_numbers():
    for scalar in (False, True):
        with pytest.raises(ShapeError, match=r"3|4"):
            MLP([3, 2], rng=0, scalar=scalar)(np.zeros((1, 4)))
    with pytest.raises(ShapeError, match="2 weights"):
        Neuron([1.0, 2.0])([1.0])


def test_train_and_eval_reach_every_module():
    model = MLP([2, 2, 2], rng=0)
    model.eval()
    assert not any(m.training for m in model.modules())
    model.train()
    assert all(m.training for m in model.modules())


@pytest.mark.parametrize("name", ["xavier", "xavier_normal", "he", "he_normal"])
def test_initial_weights_have_the_published_variance(name):
    inputs, outputs = 300, 200
    w = init.INITIALISERS[name]((outputs, inputs), rng=0)
    variance = 2 / (inputs + outputs) if "xavier" in name else 2 / inputs
    assert w.var() == pytest.approx(variance, rel=0.03)
    assert abs(w.mean()) < 4 * np.sqrt(variance / w.size)


def test_the_same_seed_draws_the_same_weights_in_any_dtype():
    a, b = (init.he_uniform((3, 4), rng=7, dtype=d) for d in (np.float64, np.float32))
    assert b.dtype == np.float32
    np.testing.assert_array_equal(a.astype(np.float32), b)


def test_fans_need_a_matrix():
    with pytest.raises(ShapeError, match="fan-in"):
        init.xavier_uniform((3,), rng=0)


def test_no_grad_inside_a_module_records_nothing():
    with tg.no_grad():
        assert MLP([2, 1], rng=0)(np.ones((1, 2))).op is None
