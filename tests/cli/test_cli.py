"""The command line, run as a user runs it: what it prints, what it writes, how it refuses."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from tinygrad_edu.cli import main
from tinygrad_edu.data import load_digits
from tinygrad_edu.train import load

FAST = ["--arch", "784-8-10", "--batch", "50"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    out = tmp_path_factory.mktemp("trained")
    assert main(["train", *FAST, "--epochs", "1", "--out", str(out)]) == 0
    return out


def test_training_writes_weights_graph_picture_and_history(trained):
    arrays, facts = load(trained / "weights.safetensors")
    assert arrays["layers.0.weight"].shape == (8, 784)
    assert facts["test_accuracy"] > 0.5
    assert (trained / "digits.png").read_bytes().startswith(b"\x89PNG")
    assert "</svg>" in (trained / "graph.svg").read_text(encoding="utf-8")
    history = json.loads((trained / "history.json").read_text())
    assert [line["epoch"] for line in history] == [1]
    assert history[0]["test_accuracy"] == facts["test_accuracy"]


def test_the_same_seed_gives_the_same_bytes(trained, tmp_path):
    assert main(["train", *FAST, "--epochs", "1", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "weights.safetensors").read_bytes() == (trained / "weights.safetensors").read_bytes()


def test_resuming_after_an_epoch_gives_the_bytes_of_an_uninterrupted_run(trained, tmp_path):
    straight = tmp_path / "straight"
    assert main(["train", *FAST, "--epochs", "2", "--out", str(straight)]) == 0
    assert main(["train", "--resume", "--epochs", "2", "--out", str(trained)]) == 0
    assert (trained / "weights.safetensors").read_bytes() == (straight / "weights.safetensors").read_bytes()


def test_ctrl_c_leaves_a_checkpoint_that_resume_continues_to_the_same_result(tmp_path):
    options = ["--arch", "784-16-10", "--optimizer", "adam", "--epochs", "2"]
    straight, stopped = tmp_path / "straight", tmp_path / "stopped"
    assert main(["train", *options, "--out", str(straight)]) == 0
    run = subprocess.Popen(
        [sys.executable, "-c", "from tinygrad_edu.cli import main; main()", "train", *options, "--out", str(stopped)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    lines = [run.stdout.readline() for _ in range(4)]
    assert "parameters" in lines[-1]
    time.sleep(0.2)
    run.send_signal(signal.SIGINT)
    rest = run.communicate(timeout=60)[0]
    assert run.returncode == 130, rest
    assert "--resume" in rest
    assert main(["train", "--resume", "--out", str(stopped)]) == 0
    assert (stopped / "weights.safetensors").read_bytes() == (straight / "weights.safetensors").read_bytes()


def test_predict_tells_the_digit_with_ten_activations(trained, tmp_path, capsys):
    digits = load_digits()
    file = tmp_path / "seven.npy"
    np.save(file, digits.test_images[0])
    assert main(["predict", str(file), "--weights", str(trained / "weights.safetensors")]) == 0
    shown = capsys.readouterr().out
    assert "seven.npy: 7" in shown
    assert len(shown.splitlines()) == 11
    assert main(["predict", str(file), "--json", "--weights", str(trained / "weights.safetensors")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["digit"] == 7
    assert len(told["activations"]) == 10


def test_every_loss_optimizer_and_activation_trains(tmp_path, capsys):
    logits = ["--loss", "cross_entropy", "--optimizer", "adamw", "--activation", "relu"]
    squares = ["--momentum", "0.9", "--lr", "0.01", "--activation", "tanh", "--dtype", "float64"]
    for i, options in enumerate((logits, squares)):
        assert main(["train", *FAST, "--epochs", "1", *options, "--out", str(tmp_path / str(i))]) == 0
        history = json.loads((tmp_path / str(i) / "history.json").read_text())
        assert history[0]["test_accuracy"] > 0.5
    capsys.readouterr()


BAD = {
    "unknown option": (["train", "--frob"], "--frob"),
    "unknown command": (["foo"], "foo"),
    "no epochs": (["train", "--epochs", "0"], "--epochs"),
    "text for a number": (["train", "--batch", "x"], "--batch"),
    "unknown loss": (["train", "--loss", "foo"], "quadratic, cross_entropy"),
    "unknown activation": (["train", "--activation", "foo"], "sigmoid"),
    "unknown optimizer": (["train", "--optimizer", "foo"], "adamw"),
    "unknown init": (["train", "--init", "foo"], "xavier"),
    "negative rate": (["train", "--lr", "-1"], "-1.0"),
    "negative seed": (["train", "--seed", "-1"], "--seed"),
    "momentum of adam": (["train", "--optimizer", "adam", "--momentum", "0.9"], "sgd"),
    "arch of words": (["train", "--arch", "big"], "784-16-16-10"),
    "arch of the wrong ends": (["train", "--arch", "3-4"], "784"),
    "no data folder": (["train", "--data", "nowhere"], "tinygrad-edu data mnist --out nowhere"),
    "nothing to resume": (["train", "--resume", "--out", "nowhere"], "nothing to resume"),
    "no image": (["predict", "nothing.png", "--weights", "{weights}"], "nothing.png"),
    "text for an image": (["predict", "{text}", "--weights", "{weights}"], "picture"),
    "no weights": (["predict", "x.png", "--weights", "nowhere/w"], "tinygrad-edu train --out nowhere"),
    "text for weights": (["predict", "x.png", "--weights", "{text}"], "not a safetensors file"),
    "another option on resume": (["train", "--resume", "--lr", "3", "--out", "{folder}"], "--lr"),
    "no source": (["data", "mnist", "--source", "nowhere", "--out", "x"], "nowhere"),
}


@pytest.mark.parametrize(("arguments", "says"), BAD.values(), ids=BAD.keys())
def test_a_mistake_is_one_line_and_exit_code_two(arguments, says, trained, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.png").write_text("no picture")
    places = {"text": tmp_path / "text.png", "weights": trained / "weights.safetensors", "folder": trained}
    assert main([a.format(**places) for a in arguments]) == 2
    out = capsys.readouterr()
    assert out.err.startswith("tinygrad-edu: error:")
    assert len(out.err.splitlines()) == 1
    assert says in out.err
    assert "0x" not in out.err


@pytest.mark.parametrize("command", [[], ["train"], ["predict"], ["data"], ["data", "mnist"]])
def test_help_shows_examples(command, capsys):
    assert main([*command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "tinygrad-edu" in shown
    if command and command != ["data"]:
        assert "Examples" in shown


def test_version_is_the_packages(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == "0.1.0"


def test_without_the_extra_the_message_names_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "typer", None)
    assert main(["train"]) == 2
    assert "tinygrad-edu[train]" in capsys.readouterr().err


def test_an_output_folder_that_cannot_be_made_is_named(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["train", "--out", os.fspath(tmp_path / "file" / "inside")]) == 2
    assert "--out" in capsys.readouterr().err
