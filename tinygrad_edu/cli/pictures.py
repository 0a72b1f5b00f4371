"""What training leaves to look at: the graph of one example, and test digits with the network's ten activations."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from ..core import Value, no_grad
from ..data import Digits, as_features, write_atomic
from ..errors import MissingExtra
from ..inspect import draw
from ..nn import Module
from ..ops import softmax
from ..train import Trainer
from .recipe import CLASSES, Recipe

__all__ = ["activations", "digits", "graph"]

ROWS, COLUMNS = 3, 8
RIGHT, WRONG, BAR = "#1b7f4d", "#b3261e", "#5b7db8"


def activations(model: Module, recipe: Recipe, x: Any) -> Any:
    """The ten outputs `(n, 10)` for images `(n, 784)`; for a network of logits their softmax."""
    with no_grad():
        out = model(x).data
    return softmax(out) if recipe.loss == "cross_entropy" else out


def graph(trainer: Trainer, file: Path) -> None:
    """Draw the forward and backward pass of the first example."""
    inputs, targets, _ = trainer.arrays
    for name, v in trainer.model.named_parameters():
        v.label = name
    loss = trainer.loss(trainer.model(Value(inputs[:1].copy(), label="pixels")), targets[:1])
    loss.label = "cost"
    loss.backward()
    draw(loss).render(file)
    trainer.optimiser.zero_grad()


def digits(model: Module, recipe: Recipe, data: Digits, file: Path) -> None:
    """Draw test digits, as many wrong ones as right ones where there are, each with its ten activations as bars."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("pictures need matplotlib: pip install 'tinygrad-edu[train]'") from error
    out = activations(model, recipe, as_features(data.test_images, dtype=recipe.dtype))
    chosen = _chosen(out.argmax(axis=1) == data.test_labels)
    figure = Figure(figsize=(2 * COLUMNS, 2.6 * ROWS), layout="constrained", facecolor="white")
    axes = figure.subplots(2 * ROWS, COLUMNS, height_ratios=[3, 1.4] * ROWS, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for place, i in enumerate(chosen):
        row, column = divmod(place, COLUMNS)
        _digit(axes[2 * row, column], axes[2 * row + 1, column], data.test_images[i], int(data.test_labels[i]), out[i])
    memory = io.BytesIO()
    figure.savefig(memory, format="png", dpi=80)
    write_atomic(file, memory.getvalue())


def _chosen(right: Any) -> Any:
    """Places of the first test images, half of them wrong if there are so many."""
    n = ROWS * COLUMNS
    wrong = np.flatnonzero(~right)[: n // 2]
    return np.concatenate([np.flatnonzero(right)[: n - len(wrong)], wrong])


def _digit(picture: Any, bars: Any, image: Any, label: int, out: Any) -> None:
    said = int(out.argmax())
    right = said == label
    picture.imshow(image, cmap="gray_r")
    title = f"{said} ✓" if right else f"{said} ✗  is {label}"
    picture.set_title(title, fontsize=12, color=RIGHT if right else WRONG, fontweight="bold")
    bars.set_axis_on()
    colours = [RIGHT if d == label else WRONG if d == said else BAR for d in range(CLASSES)]
    bars.bar(
        range(CLASSES),
        out,
        color=colours,
        hatch=["//" if d == said else "" for d in range(CLASSES)],
        edgecolor="white",
        linewidth=0,
    )
    bars.set_xticks(range(CLASSES), map(str, range(CLASSES)), fontsize=7)
    bars.set_ylim(0, max(1.0, float(np.nanmax(out))))
    bars.set_yticks([])
    for side in ("top", "left", "right"):
        bars.spines[side].set_visible(False)
