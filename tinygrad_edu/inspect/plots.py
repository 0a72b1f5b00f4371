"""Plots of training, weights, gradients and losses. Each takes `ax=`, draws into it and returns it.

    history              loss and accuracy over the epochs
    weight_images        the rows of a weight matrix as pictures
    activations          what the units of each layer give, example by example
    histograms           weights, gradients or updates, layer by layer
    update_ratios        how large each step is beside the weights
    gradient_field       a function of two numbers: contours, arrows downhill, and a path of descent
    landscape_1d, _2d    the loss around the weights, in random directions of the weights' own size
    derivative           a function and its slope
    confusion            which class is taken for which
    reliability          how sure, and how often right

They need matplotlib (`pip install 'tinygrad-edu[plot]'`), which is imported when the first is called. Arrays may be Values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..core import Op, Value, no_grad
from ..errors import MissingExtra, OptionError, ShapeError
from .landscape import directions, losses

__all__ = ["activations", "confusion", "derivative", "gradient_field", "histograms", "history", "landscape_1d", "landscape_2d",
           "reliability", "update_ratios", "weight_images"]  # fmt: skip

BLUE, ORANGE, GREY = "#3b7dd8", "#d9662b", "#8a8a8a"  # to be read on white and on black
DIVERGING, SEQUENTIAL = "RdBu_r", "viridis"


def _axes(ax: Any) -> Any:
    """The axes to draw into: those given, or new ones.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise MissingExtra("plots need matplotlib: pip install 'tinygrad-edu[plot]'") from error
    return plt.subplots()[1] if ax is None else ax


def _numbers(x: Any) -> Any:
    return np.asarray(x.data if type(x) is Value else x)


# -- training ----------------------------------------------------------------------------------------------------------


def history(lines: Sequence[Mapping[str, float]], *, ax: Any = None) -> Any:
    """Loss, and accuracy on an axis of its own to the right, over the epochs.

    Args:
        lines: a mapping an epoch, as `Trainer.history` holds them: "epoch", "loss", and what else ends in "accuracy".
        ax: where to draw.

    Raises:
        OptionError: there are no epochs.
    """
    if not lines:
        raise OptionError("history: there are no epochs yet; train first")
    ax = _axes(ax)
    epochs = [line.get("epoch", i) for i, line in enumerate(lines, 1)]
    ax.plot(epochs, [line["loss"] for line in lines], color=BLUE, marker="." if len(lines) < 50 else "", label="loss")
    ax.set(xlabel="epoch", ylabel="loss")
    ax.xaxis.get_major_locator().set_params(integer=True)
    shares = [name for name in lines[0] if name.endswith("accuracy")]
    if shares:
        right = ax.twinx()
        for name, style in zip(shares, ("--", ":", "-."), strict=False):
            right.plot(epochs, [line.get(name, math.nan) for line in lines], style, color=ORANGE, label=name.replace("_", " "))
        right.set(ylabel="accuracy", ylim=(None, 1.0))
        handles = [*ax.get_lines(), *right.get_lines()]
        ax.legend(handles, [h.get_label() for h in handles], frameon=False, loc="center right")
    return ax


def update_ratios(ratios: Mapping[str, Sequence[float]], *, ax: Any = None) -> Any:
    """How large the steps were beside the weights, on a scale of powers of ten, with a line at 1/1000, a usual size.

    Args:
        ratios: for each parameter by name, one number a step: `std(new - old) / std(old)`.
        ax: where to draw.
    """
    ax = _axes(ax)
    for name, values in ratios.items():
        ax.plot(np.log10(np.maximum(np.asarray(values, float), 1e-30)), label=name)
    ax.axhline(-3, color=GREY, linestyle="--", linewidth=1)
    ax.set(xlabel="step", ylabel="log10(update / weight)")
    ax.legend(frameon=False, fontsize="small")
    return ax


# -- what is in a network ----------------------------------------------------------------------------------------------


def weight_images(weights: Any, shape: tuple[int, int] | None = None, *, columns: int | None = None, ax: Any = None) -> Any:
    """The weights of each unit as a picture, blue below zero and red above, all on one scale.

    Args:
        weights: `(units, inputs)`: a row is one picture.
        shape: of a picture, `(height, width)`; a square if not said.
        columns: pictures side by side.
        ax: where to draw.

    Raises:
        ShapeError: the weights are no matrix, or its rows do not fill the shape.
    """
    w = _numbers(weights)
    side = math.isqrt(w.shape[-1]) if w.ndim == 2 else 0
    height, width = shape or (side, side)
    if w.ndim != 2 or height * width != w.shape[1]:
        raise ShapeError(f"weight_images takes a matrix (units, inputs) whose rows are height * width inputs; got shape "
                         f"{w.shape} and a picture of {height} x {width}. A layer's weight may want .T")  # fmt: skip
    units = len(w)
    columns = columns or math.ceil(math.sqrt(units))
    rows = math.ceil(units / columns)
    sheet = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1), np.nan)
    for k, row in enumerate(w):
        i, j = divmod(k, columns)
        sheet[i * (height + 1) : i * (height + 1) + height, j * (width + 1) : j * (width + 1) + width] = row.reshape(
            height, width
        )
    ax = _axes(ax)
    most = np.max(np.abs(w), initial=0) or 1.0
    image = ax.imshow(sheet, cmap=DIVERGING, vmin=-most, vmax=most, interpolation="nearest")
    ax.figure.colorbar(image, ax=ax, shrink=0.8)
    ax.set_axis_off()
    return ax


def activations(layers: Mapping[str, Any] | Sequence[Any], *, ax: Any = None) -> Any:
    """What the units give, as boxes: one box a layer, with the share of exact zeros written above.

    Args:
        layers: arrays or Values, `(examples, units)`, by name or in order.
        ax: where to draw.
    """
    ax = _axes(ax)
    named = layers if isinstance(layers, Mapping) else {str(i): a for i, a in enumerate(layers, 1)}
    arrays = [_numbers(a).ravel() for a in named.values()]
    ax.boxplot(arrays, showfliers=False, medianprops={"color": ORANGE}, boxprops={"color": BLUE})
    ax.set_xticks(range(1, len(arrays) + 1), list(named))
    ax.set(xlabel="layer", ylabel="activation")
    for i, a in enumerate(arrays, 1):
        ax.annotate(
            f"{np.mean(a == 0):.0%} zero",
            (i, 1),
            xycoords=("data", "axes fraction"),
            ha="center",
            va="bottom",
            fontsize="small",
        )
    return ax


def histograms(arrays: Any, *, of: str = "data", bins: int = 60, ax: Any = None) -> Any:
    """The distribution of each parameter, one line above the other.

    Args:
        arrays: a module, or arrays or Values by name.
        of: "data", or "grad" for the gradients that backward left.
        bins: of each histogram, at most; small arrays have fewer.
        ax: where to draw.

    Raises:
        OptionError: `of` is something else, or there are no gradients.
    """
    if of not in ("data", "grad"):
        raise OptionError(f"histograms: of is 'data' or 'grad', got {of!r}")
    named = dict(arrays.named_parameters()) if hasattr(arrays, "named_parameters") else dict(arrays)
    chosen = {n: _numbers(getattr(v, of) if type(v) is Value else v) for n, v in named.items() if getattr(v, of, v) is not None}
    if not chosen:
        raise OptionError("histograms: no parameter has a gradient; call backward first")
    ax = _axes(ax)
    for k, a in enumerate(reversed(chosen.values())):
        counts, edges = np.histogram(a[np.isfinite(a)], min(bins, 5 + math.isqrt(4 * a.size)))
        height = counts / max(counts.max(), 1) * 0.9
        middle = (edges[1:] + edges[:-1]) / 2
        ax.fill_between(middle, k, k + height, color=BLUE, alpha=0.5, linewidth=0)
        ax.plot(middle, k + height, color=BLUE, linewidth=1)
        ax.annotate(f"std {np.std(a):.2g}", (1, k + 0.1), xycoords=("axes fraction", "data"), ha="right", fontsize="small")
    ax.set_yticks(np.arange(len(chosen)), list(reversed(chosen)))
    ax.set(xlabel="weight" if of == "data" else "gradient")
    return ax


# -- functions and landscapes ------------------------------------------------------------------------------------------


def gradient_field(function: Callable[..., Any], xlim: tuple[float, float] = (-2, 2), ylim: tuple[float, float] = (-2, 2), *,
                   path: Any = None, arrows: int = 15, levels: int = 20, ax: Any = None) -> Any:  # fmt: skip
    """A function of two numbers: its contours, arrows in the direction of steepest descent, and a path.

    Args:
        function: of x and y, written in NumPy: it is called with arrays, and differentiated.
        xlim: the range of x.
        ylim: the range of y.
        path: points `(n, 2)` of a descent, to be drawn over it.
        arrows: along each axis.
        levels: of the contours.
        ax: where to draw.
    """
    ax = _axes(ax)
    x, y = np.meshgrid(np.linspace(*xlim, 200), np.linspace(*ylim, 200))
    with no_grad():
        z = _numbers(function(x, y))
    ax.contourf(x, y, np.broadcast_to(z, x.shape), levels, cmap=SEQUENTIAL, alpha=0.7)
    a, b = (Value(one) for one in np.meshgrid(np.linspace(*xlim, arrows), np.linspace(*ylim, arrows)))
    np.sum(function(a, b)).backward()
    u, v = (-(np.zeros(p.shape) if p.grad is None else p.grad) for p in (a, b))
    size = np.hypot(u, v)
    ax.quiver(a.data, b.data, u / np.maximum(size, 1e-12), v / np.maximum(size, 1e-12), size, cmap="Greys", pivot="mid")
    if path is not None:
        points = _numbers(path)
        ax.plot(points[:, 0], points[:, 1], "o-", color=ORANGE, markersize=3, linewidth=1.5)
    ax.set(xlabel="x", ylabel="y", xlim=xlim, ylim=ylim)
    return ax


def landscape_1d(model: Any, loss: Callable[[Any], Any], *, span: float = 1.0, steps: int = 51, directions_: int = 3,
                 rng: Any = 0, ax: Any = None) -> Any:  # fmt: skip
    """The loss along random directions through the weights, each filter as large as the weights' own.

    Args:
        model: whose parameters are moved, and put back.
        loss: of the model, a number.
        span: how far, 1 being the size of the weights.
        steps: points on each line.
        directions_: how many lines.
        rng: a NumPy generator or a seed.
        ax: where to draw.

    Source: Li and others, Visualizing the Loss Landscape of Neural Nets, https://arxiv.org/abs/1712.09913
    """
    ax = _axes(ax)
    at = np.linspace(-span, span, steps)
    rng = np.random.default_rng(rng)
    for _ in range(directions_):
        along = directions(model, rng)
        ax.plot(at, losses(model, loss, [(along, t) for t in at]), linewidth=1.5)
    ax.axvline(0, color=GREY, linestyle="--", linewidth=1)
    ax.set(xlabel="distance from the weights, in their own size", ylabel="loss")
    return ax


def landscape_2d(model: Any, loss: Callable[[Any], Any], *, span: float = 1.0, steps: int = 25, levels: int = 25, rng: Any = 0,
                 ax: Any = None) -> Any:  # fmt: skip
    """The loss on a plane through the weights, spanned by two random directions; the arguments are those of `landscape_1d`."""
    ax = _axes(ax)
    at, rng = np.linspace(-span, span, steps), np.random.default_rng(rng)
    one, other = directions(model, rng), directions(model, rng)
    z = losses(model, loss, [(one, s, other, t) for t in at for s in at]).reshape(steps, steps)
    lines = ax.contour(at, at, z, levels, cmap=SEQUENTIAL)
    ax.clabel(lines, fontsize="x-small")
    ax.plot(0, 0, "*", color=ORANGE, markersize=12)
    ax.set(xlabel="one direction", ylabel="another")
    return ax


def derivative(op: Op | str, *, ax: Any = None) -> Any:
    """An entrywise function and its derivative beside it, over its domain.

    Raises:
        OptionError: the op is not entrywise.
    """
    from ..core import REGISTRY
    from .reference.curves import curves

    chosen = REGISTRY[op] if isinstance(op, str) else op
    x, y, slope, held = curves(chosen)
    ax = _axes(ax)
    ax.plot(x, y, color=BLUE, label=f"{chosen.name}(x){f', {held}' if held else ''}")
    ax.plot(x, slope, "--", color=ORANGE, label="its slope")
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.set(xlabel="x")
    ax.legend(frameon=False)
    return ax


# -- classifiers -------------------------------------------------------------------------------------------------------


def confusion(counts: Any, *, names: Iterable[str] | None = None, ax: Any = None) -> Any:
    """Which class (rows) is taken for which (columns): shares of the row as colours, counts as text.

    Args:
        counts: whole numbers, `(classes, classes)`, from `train.confusion_matrix`.
        names: of the classes; their numbers if not said.
        ax: where to draw.

    Raises:
        ShapeError: the counts are no square matrix.
    """
    counts = np.asarray(counts)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ShapeError(f"confusion takes a square matrix (classes, classes), got shape {counts.shape}")
    ax = _axes(ax)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (i, j), n in np.ndenumerate(counts):
        if n:
            ax.text(j, i, f"{n}", ha="center", va="center", color="white" if shares[i, j] > 0.5 else "black", fontsize="small")
    labels = list(names) if names is not None else [str(i) for i in range(len(counts))]
    ax.set_xticks(range(len(counts)), labels)
    ax.set_yticks(range(len(counts)), labels)
    ax.set(xlabel="taken for", ylabel="is")
    return ax


def reliability(probabilities: Any, labels: Any, *, bins: int = 10, ax: Any = None) -> Any:
    """How often predictions of each confidence are right, beside the diagonal where they are as good as they claim.

    Args:
        probabilities: `(n, classes)`, rows that add up to 1.
        labels: whole numbers, `(n,)`.
        bins: of confidence.
        ax: where to draw. Its title is the expected calibration error, the mean distance from the diagonal.

    Source: Guo and others, On Calibration of Modern Neural Networks, https://arxiv.org/abs/1706.04599

    Raises:
        ShapeError: other shapes.
    """
    p, labels = _numbers(probabilities), np.asarray(labels)
    if p.ndim != 2 or labels.shape != p.shape[:1]:
        raise ShapeError(f"reliability takes probabilities (n, classes) and labels (n,), got {p.shape} and {labels.shape}")
    sure, right = p.max(axis=1), p.argmax(axis=1) == labels
    where = np.minimum((sure * bins).astype(int), bins - 1)
    count = np.bincount(where, minlength=bins)
    share = np.bincount(where, right, bins) / np.maximum(count, 1)
    said = np.bincount(where, sure, bins) / np.maximum(count, 1)
    error = float(np.sum(count * np.abs(share - said)) / max(len(labels), 1))
    ax = _axes(ax)
    edges = np.arange(bins) / bins
    ax.bar(edges, share, 1 / bins, align="edge", color=BLUE, edgecolor="white", label="right")
    ax.plot([0, 1], [0, 1], "--", color=GREY, linewidth=1)
    ax.plot(said[count > 0], share[count > 0], "o", color=ORANGE, label="mean confidence")
    ax.set(xlabel="confidence", ylabel="share that is right", xlim=(0, 1), ylim=(0, 1), title=f"calibration error {error:.3f}")
    ax.legend(frameon=False, loc="upper left")
    return ax
