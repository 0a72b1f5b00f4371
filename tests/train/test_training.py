"""The loop, its measures and its checkpoints."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_edu.errors import DataError, ShapeError, TrainingError
from tinygrad_edu.nn import MLP
from tinygrad_edu.ops import quadratic_cost
from tinygrad_edu.optim import SGD, Adam
from tinygrad_edu.train import Trainer, accuracy, confusion_matrix, load, save


def trainer(seed=0, batch=3, make=SGD, lr=0.5):
    rng = np.random.default_rng(0)
    x, label = rng.normal(size=(10, 4)), rng.integers(0, 3, 10)
    model = MLP([4, 5, 3], rng=seed)
    return Trainer(model, quadratic_cost, make(model.parameters(), lr), x, np.eye(3)[label], label, batch=batch, seed=seed)


def test_one_step_is_the_gradient_by_hand():
    t = trainer(batch=10)
    w, b = t.model.layers[1].weight.data.copy(), t.model.layers[1].bias.data.copy()
    x, target, _ = t.arrays
    hidden = t.model.layers[0](x).data
    out = 1 / (1 + np.exp(-(hidden @ w.T + b)))
    delta = 2 * (out - target) * out * (1 - out)
    t.run(1)
    np.testing.assert_allclose(t.model.layers[1].weight.data, w - 0.5 * delta.T @ hidden / 10, atol=1e-14)
    np.testing.assert_allclose(t.model.layers[1].bias.data, b - 0.5 * delta.mean(0), atol=1e-14)


def test_history_has_the_mean_loss_over_examples_also_with_a_short_last_batch():
    t = trainer(batch=4, lr=1e-12)
    t.run(1)
    x, target, label = t.arrays
    out = t.model(x).data
    assert t.history[0]["loss"] == pytest.approx(((out - target) ** 2).sum(1).mean(), rel=1e-6)
    assert t.history[0]["accuracy"] == pytest.approx(np.mean(out.argmax(1) == label))
    assert t.steps == 3


@given(st.integers(1, 11), st.sampled_from([SGD, Adam]))
def test_stopping_anywhere_and_going_on_gives_the_same_bits(after, make):
    straight, first, second = trainer(make=make), trainer(make=make), trainer(make=make)
    straight.run(3)
    steps = iter(range(after))
    assert not first.run(3, stop=lambda: next(steps, None) == after - 1)
    second.load_state_dict(*first.state_dict())
    assert second.run(3)
    for name, a in straight.model.state_dict().items():
        assert (a == second.model.state_dict()[name]).all()
    assert [h["loss"] for h in straight.history] == [h["loss"] for h in second.history]


def test_progress_counts_steps_and_examples():
    seen = []
    trainer().run(2, on_step=seen.append)
    assert [(p.epoch, p.step) for p in seen] == [(e, s) for e in (1, 2) for s in (1, 2, 3, 4)]
    assert all(p.steps == 4 and p.rate > 0 and 0 <= p.accuracy <= 1 for p in seen)


def test_a_loss_that_is_not_finite_stops_before_it_spoils_the_weights():
    t = trainer()
    t.arrays[0][:] = np.nan
    before = t.model.state_dict()
    with pytest.raises(TrainingError, match="epoch 1, step 1"):
        t.run(1)
    for name, a in t.model.state_dict().items():
        assert (a == before[name]).all()


def test_gradients_left_from_elsewhere_are_spoken_of_and_not_used():
    t, clean = trainer(), trainer()
    (t.model(t.arrays[0]) ** 2).sum().backward()
    with pytest.warns(UserWarning, match="gradients were left"):
        t.run(1)
    clean.run(1)
    assert (t.model.layers[0].weight.data == clean.model.layers[0].weight.data).all()


def test_a_checkpoint_of_another_run_is_refused():
    arrays, facts = trainer().state_dict()
    with pytest.raises(DataError, match="batch 3"):
        trainer(batch=5).load_state_dict(arrays, facts)


def test_accuracy_and_confusion_agree_with_a_count_by_hand():
    out, label = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]]), [0, 1, 1, 0]
    assert accuracy(out, label) == 0.75
    assert confusion_matrix(out, label).tolist() == [[2, 0], [1, 1]]
    with pytest.raises(ShapeError):
        accuracy(out, [0, 1])


def test_arrays_and_facts_survive_a_file(tmp_path):
    arrays = {"a": np.arange(6.0).reshape(2, 3).T, "b": np.float32(3), "empty": np.zeros((0, 2))}
    save(tmp_path / "f", arrays, {"epoch": 3, "text": "ä"})
    again, facts = load(tmp_path / "f")
    assert facts == {"epoch": 3, "text": "ä"}
    for name, a in arrays.items():
        assert again[name].dtype == np.asarray(a).dtype
        np.testing.assert_array_equal(again[name], a)


@pytest.mark.parametrize("content", [b"", b"x", b"\xff" * 100, b"\x02\0\0\0\0\0\0\0{}"])
def test_a_file_that_is_no_checkpoint_is_refused_by_name(content, tmp_path):
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(DataError, match="f is"):
        load(tmp_path / "f")


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    save(tmp_path / "f", {"a": np.zeros(1)}, {"n": 1})
    monkeypatch.setattr("os.replace", lambda *a: (_ for _ in ()).throw(OSError("killed")))
    with pytest.raises(OSError, match="killed"):
        save(tmp_path / "f", {"a": np.ones(1)}, {"n": 2})
    assert load(tmp_path / "f")[1] == {"n": 1}
