"""`tinygrad-edu train`: learn handwritten digits."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from ..data import Digits, as_features, write_atomic
from ..errors import DataError, OptionError
from ..nn import summary
from ..train import Trainer, load, save
from . import pictures, progress
from .recipe import Recipe

__all__ = ["train"]

INTERRUPTED = 130


def train(
    arch: Annotated[str | None, typer.Option(help="Sizes of the layers.", show_default="784-16-16-10")] = None,
    activation: Annotated[str | None, typer.Option(help="Of every layer.", show_default="sigmoid")] = None,
    loss: Annotated[str | None, typer.Option(help="quadratic or cross_entropy.", show_default="quadratic")] = None,
    optimizer: Annotated[str | None, typer.Option(help="sgd, adam or adamw.", show_default="sgd")] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the images.", show_default="20")] = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Images a step.", show_default="10")] = None,
    lr: Annotated[float | None, typer.Option(help="Learning rate.", show_default="1.5 for sgd and quadratic")] = None,
    momentum: Annotated[float | None, typer.Option(help="Of sgd, in [0, 1).", show_default="0")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Pull of the weights to zero.", show_default="0")] = None,
    init: Annotated[str | None, typer.Option(help="Initial weights.", show_default="xavier")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same numbers.", show_default="0")] = None,
    dtype: Annotated[str | None, typer.Option(help="float32 or float64.", show_default="float32")] = None,
    data: Annotated[Path | None, typer.Option(help="A folder with IDX files, instead of the embedded images.")] = None,
    out: Annotated[Path, typer.Option(help="The folder for everything that is written.")] = Path("digits"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint in --out.")] = False,
) -> int:
    """Train a network on handwritten digits and test it on 10,000 others.

    Writes to --out: weights.safetensors, graph.svg, digits.png, history.json, and a checkpoint after each epoch. Ctrl-C
    leaves a checkpoint from which --resume continues to the same result.

    [bold]Examples[/bold]

    tinygrad-edu train

    tinygrad-edu train --arch 784-64-10 --activation relu --loss cross_entropy --optimizer adam --epochs 5

    tinygrad-edu train --data mnist --out full
    """
    given: dict[str, Any] = {k: v for k, v in dict(
        arch=arch, activation=activation, loss=loss, optimizer=optimizer, batch=batch, lr=lr, momentum=momentum,
        weight_decay=weight_decay, init=init, seed=seed, dtype=dtype, data=None if data is None else str(data),
    ).items() if v is not None}  # fmt: skip
    recipe, epochs, state = _resumed(out, given, epochs) if resume else (Recipe(**given), epochs or 20, None)
    digits = recipe.digits()
    trainer = recipe.trainer(digits)
    if state is not None:
        trainer.load_state_dict(*state)
    _make_folder(out)
    summary(trainer.model)
    if not _run(trainer, recipe, digits, epochs, out):
        print(
            f"stopped in epoch {trainer.epoch + 1} after step {trainer.step}; "
            f"go on with: tinygrad-edu train --resume --out {out}"
        )
        return INTERRUPTED
    _finish(trainer, recipe, digits, out)
    return 0


def _resumed(out: Path, given: dict[str, Any], epochs: int | None) -> tuple[Recipe, int, tuple[Any, Any]]:
    """The recipe, epochs and state of the checkpoint in `out`; what was given again has to agree."""
    file = out / "checkpoint.safetensors"
    if not file.exists():
        raise DataError(f"there is nothing to resume in {out}: no {file.name}; start with tinygrad-edu train --out {out}")
    arrays, facts = load(file)
    try:
        recipe, planned, state = Recipe(**facts["recipe"]), facts["epochs"], facts["trainer"]
    except (KeyError, TypeError) as error:
        raise DataError(f"{file} is not a checkpoint of this command ({error})") from None
    for name, value in given.items():
        if getattr(recipe, name) != value:
            raise OptionError(f"--{name.replace('_', '-')} {value} differs from the checkpoint's {getattr(recipe, name)}; "
                              "leave it out to resume, or train anew without --resume")  # fmt: skip
    return recipe, epochs or planned, (arrays, state)


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OptionError(f"--out is a folder to write to; {out} cannot be one: {error.strerror}") from None


def _run(trainer: Trainer, recipe: Recipe, digits: Digits, epochs: int, out: Path) -> bool:
    """Train to the end, True, or to Ctrl-C, False, with a checkpoint after each epoch and at the stop."""
    tests = as_features(digits.test_images, dtype=recipe.dtype)

    def checkpoint() -> None:
        arrays, state = trainer.state_dict()
        save(out / "checkpoint.safetensors", arrays, {"recipe": recipe.facts(), "epochs": epochs, "trainer": state})

    def after_epoch(line: dict[str, float]) -> None:
        line["test_accuracy"] = trainer.evaluate(tests, digits.test_labels)
        checkpoint()
        show.epoch(line)

    with _interrupt() as pressed, progress.shown(epochs, trainer) as show:
        done = trainer.run(epochs, on_step=show.step, on_epoch=after_epoch, stop=lambda: bool(pressed))
    if not done:
        checkpoint()
    return done


@contextmanager
def _interrupt() -> Iterator[list[int]]:
    """A list that Ctrl-C puts something into, so that the step that is running is finished; twice ends at once."""
    pressed: list[int] = []

    def press(number: int, frame: Any) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)

    try:
        before = signal.signal(signal.SIGINT, press)
    except ValueError:  # not the main thread: nobody can press Ctrl-C here
        yield pressed
        return
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def _finish(trainer: Trainer, recipe: Recipe, digits: Digits, out: Path) -> None:
    tests = as_features(digits.test_images, dtype=recipe.dtype)
    reached = trainer.evaluate(tests, digits.test_labels)
    save(out / "weights.safetensors", trainer.model.state_dict(), {"recipe": recipe.facts(), "test_accuracy": reached})
    write_atomic(out / "history.json", json.dumps(trainer.history, indent=1).encode())
    pictures.graph(trainer, out / "graph.svg")
    pictures.digits(trainer.model, recipe, digits, out / "digits.png")
    right = round(reached * len(tests))
    print(f"{reached:.2%} of the {len(tests):,} test digits ({right:,} right)")
    names = ("weights.safetensors", "graph.svg", "digits.png", "history.json")
    print("wrote", ", ".join(str(out / name) for name in names))
    print(f"next: tinygrad-edu predict IMAGE --weights {out / names[0]}")
