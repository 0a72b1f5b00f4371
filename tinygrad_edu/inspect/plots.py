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
BAD = "#e000e0"  # what is not finite
DIVERGING, SEQUENTIAL = "RdBu_r", "viridis"
FEW = 50  # points that are marked one by one


def _axes(ax: Any) -> Any:
    """The axes to draw into: those given, or new ones.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise MissingExtra("plots need matplotlib: pip install 'tinygrad-edu[plot]'") from error
    return plt.subplots(layout="constrained")[1] if ax is None else ax


def _numbers(x: Any) -> Any:
    return np.asarray(x.data if type(x) is Value else x)


def _finite(a: Any) -> tuple[Any, str]:
    """The finite entries, and how many others there are, for a label."""
    good = a[np.isfinite(a)]
    return good, f"{a.size - good.size} not finite" if good.size < a.size else ""


def _tilted(ax: Any, labels: Sequence[str]) -> dict[str, Any]:
    """Options of labels along the horizontal axis: slanted where they would run into each other."""
    longest = max((len(line) for label in labels for line in label.splitlines()), default=0)
    room = ax.get_window_extent().width * 72 / ax.figure.dpi / 6  # in characters
    return {"rotation": 30, "ha": "right", "rotation_mode": "anchor"} if (longest + 1) * len(labels) > room else {}


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
    dots = {"marker": "."} if len(lines) < FEW else {}
    ax.plot(epochs, [line["loss"] for line in lines], color=BLUE, label="loss", **dots)
    ax.set(xlabel="epoch", ylabel="loss")
    ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    shares = [name for name in lines[0] if name.endswith("accuracy")]
    if shares:
        right = ax.twinx()
        for name, style in zip(shares, ("--", ":", "-."), strict=False):
            share = [line.get(name, math.nan) for line in lines]
            right.plot(epochs, share, style, color=ORANGE, label=name.replace("_", " "), **dots)
        right.set(ylabel="accuracy", ylim=(None, 1.0))
        handles = [*ax.get_lines(), *right.get_lines()]
        right.legend(handles, [h.get_label() for h in handles], frameon=False, loc="center right", fontsize="small")
    return ax


def update_ratios(ratios: Mapping[str, Sequence[float]], *, ax: Any = None) -> Any:
    """How large the steps were beside the weights, on a scale of powers of ten, with a line at 1/1000, a usual size.

    Where there was no step there is a gap.

    Args:
        ratios: for each parameter by name, one number a step: `std(new - old) / std(old)`.
        ax: where to draw.
    """
    ax = _axes(ax)
    for name, values in ratios.items():
        sizes = np.asarray(values, float)
        ax.plot(np.log10(np.where(sizes > 0, sizes, np.nan), where=sizes > 0, out=np.full(sizes.shape, np.nan)), label=name,
                marker="." if sizes.size < FEW else "")  # fmt: skip
    ax.axhline(-3, color=GREY, linestyle="--", linewidth=1)
    ax.set(xlabel="step", ylabel="log10(update / weight)")
    ax.legend(fontsize="small")
    return ax


# -- what is in a network ----------------------------------------------------------------------------------------------


def weight_images(weights: Any, shape: tuple[int, int] | None = None, *, columns: int | None = None, ax: Any = None) -> Any:
    """The weights of each unit as a picture, blue below zero and red above, all on one scale; magenta where not finite.

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
    most = np.max(np.abs(_finite(w)[0]), initial=0) or 1.0
    for k, row in enumerate(np.where(np.isfinite(w), w, 2 * most)):
        i, j = divmod(k, columns)
        sheet[i * (height + 1) : i * (height + 1) + height, j * (width + 1) : j * (width + 1) + width] = row.reshape(
            height, width
        )
    ax = _axes(ax)
    import matplotlib as mpl

    colors = mpl.colormaps[DIVERGING].with_extremes(over=BAD)
    image = ax.imshow(sheet, cmap=colors, vmin=-most, vmax=most, interpolation="nearest")
    ax.figure.colorbar(image, ax=ax, shrink=0.8)
    ax.set_axis_off()
    return ax


def activations(layers: Mapping[str, Any] | Sequence[Any], *, ax: Any = None) -> Any:
    """What the units give, as boxes: one box a layer, with the share of exact zeros below its name.

    Args:
        layers: arrays or Values, `(examples, units)`, by name or in order.
        ax: where to draw.
    """
    ax = _axes(ax)
    named = layers if isinstance(layers, Mapping) else {str(i): a for i, a in enumerate(layers, 1)}
    arrays = [_numbers(a).ravel() for a in named.values()]
    blue = {"color": BLUE}
    ax.boxplot([_finite(a)[0] for a in arrays], showfliers=False, medianprops={"color": ORANGE}, boxprops=blue,
               whiskerprops=blue, capprops=blue)  # fmt: skip
    shares = [f"{np.mean(a == 0) if a.size else 0:.0%}" for a in arrays]
    labels = ["\n".join([*said, _finite(a)[1]]).rstrip() for *said, a in zip(named, shares, arrays, strict=True)]
    tilted = _tilted(ax, labels)
    ax.set_xticks(range(1, len(arrays) + 1), [t.replace("\n", ", ") for t in labels] if tilted else labels, **tilted)
    ax.set(xlabel="layer, and the share of zeros", ylabel="activation")
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
        good, others = _finite(a)
        counts, edges = np.histogram(good, min(bins, 5 + math.isqrt(4 * a.size)))
        height = counts / max(counts.max(), 1) * 0.9
        if good.size:
            ax.stairs(k + height, edges, baseline=k, fill=True, color=BLUE, alpha=0.5)
            ax.stairs(k + height, edges, baseline=k, color=BLUE)
        said = ", ".join(filter(None, [f"std {np.std(good):.2g}" if good.size else "", others]))
        ax.annotate(said, (1.02, k + 0.1), xycoords=("axes fraction", "data"), fontsize="small", annotation_clip=False)
    ax.set_yticks(np.arange(len(chosen)), list(reversed(chosen)))
    ax.set(xlabel="weight" if of == "data" else "gradient")
    return ax


# -- functions and landscapes ------------------------------------------------------------------------------------------


def gradient_field(function: Callable[..., Any], xlim: tuple[float, float] = (-2, 2), ylim: tuple[float, float] = (-2, 2), *,
                   path: Any = None, arrows: int = 15, levels: int = 20, ax: Any = None) -> Any:  # fmt: skip
    """A function of two numbers: its contours, arrows in the direction of steepest descent, and a path to a star.

    All arrows are as long; dark ones are where it is steep.

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
    with no_grad(), np.errstate(all="ignore"):
        z = np.ma.masked_invalid(np.broadcast_to(_numbers(function(x, y)), x.shape))
    if z.count():
        ax.contourf(x, y, z, levels, cmap=SEQUENTIAL, alpha=0.7)
    a, b = (Value(one) for one in np.meshgrid(np.linspace(*xlim, arrows), np.linspace(*ylim, arrows)))
    with np.errstate(all="ignore"):
        total = np.sum(height := function(a, b))
        total.backward()
    u, v = (-(np.zeros(p.shape) if p.grad is None else p.grad) for p in (a, b))
    size = np.hypot(u, v)
    steep = np.isfinite(size) & (size > 0) & np.isfinite(height.data)
    if steep.any():
        u, v, size = u[steep], v[steep], size[steep]
        ax.quiver(a.data[steep], b.data[steep], u / size, v / size, size, cmap="Greys", pivot="mid")
    if path is not None:
        points = _numbers(path)
        ax.plot(points[:, 0], points[:, 1], "o-", color=ORANGE, markersize=3, linewidth=1.5)
        ax.plot(points[-1:, 0], points[-1:, 1], "*", color=ORANGE, markersize=10)
    ax.set(xlabel="x", ylabel="y", xlim=xlim, ylim=ylim)
    return ax


def landscape_1d(model: Any, loss: Callable[[Any], Any], *, span: float = 1.0, steps: int = 51, lines: int = 3,
                 rng: Any = 0, ax: Any = None) -> Any:  # fmt: skip
    """The loss along random directions through the weights, each filter as large as the weights' own.

    Args:
        model: whose parameters are moved, and put back.
        loss: of the model, a number.
        span: how far, 1 being the size of the weights.
        steps: points on each line.
        lines: how many directions.
        rng: a NumPy generator or a seed.
        ax: where to draw.

    Source: Li and others, Visualizing the Loss Landscape of Neural Nets, https://arxiv.org/abs/1712.09913
    """
    ax = _axes(ax)
    at = np.linspace(-span, span, steps)
    rng = np.random.default_rng(rng)
    for _ in range(lines):
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
    filled = ax.contourf(at, at, np.ma.masked_invalid(z), levels, cmap=SEQUENTIAL)
    ax.figure.colorbar(filled, ax=ax, label="loss")
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
    ax.legend(frameon=False, fontsize="small")
    return ax


# -- classifiers -------------------------------------------------------------------------------------------------------


def confusion(counts: Any, *, names: Iterable[str] | None = None, ax: Any = None) -> Any:
    """Which class (rows) is taken for which (columns): shares of the row as colours, counts as text where there is room.

    Args:
        counts: whole numbers, `(classes, classes)`, from `train.confusion_matrix`.
        names: of the classes; their numbers if not said.
        ax: where to draw.

    Raises:
        ShapeError: the counts are no square matrix, or there is another number of names.
    """
    counts = np.asarray(counts)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ShapeError(f"confusion takes a square matrix (classes, classes), got shape {counts.shape}")
    labels = list(names) if names is not None else [str(i) for i in range(len(counts))]
    if len(labels) != len(counts):
        raise ShapeError(f"confusion: {len(labels)} names for {len(counts)} classes")
    ax = _axes(ax)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    size = _letters(ax, len(counts), len(str(counts.max(initial=0))))
    for (i, j), n in np.ndenumerate(counts):
        if n and size >= 4:
            ax.text(j, i, f"{n}", ha="center", va="center", color="white" if shares[i, j] > 0.5 else "black", fontsize=size)
    places = range(0, len(counts), max(1, math.ceil(len(counts) / 20)))
    shown = [labels[i] for i in places]
    ax.set_xticks(places, shown, **_tilted(ax, shown))
    ax.set_yticks(places, shown)
    ax.set(xlabel="taken for", ylabel="is")
    return ax


def _letters(ax: Any, cells: int, digits: int) -> float:
    """The size in points of numbers that fit into the cells of a square table."""
    box = ax.get_window_extent()
    room = min(box.width, box.height) * 72 / ax.figure.dpi / max(cells, 1)
    return min(9.0, float(room) / (0.6 * digits + 0.4))


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
        OptionError: no examples, or numbers that are no probabilities.
    """
    p, labels = _numbers(probabilities), np.asarray(labels)
    if p.ndim != 2 or labels.shape != p.shape[:1]:
        raise ShapeError(f"reliability takes probabilities (n, classes) and labels (n,), got {p.shape} and {labels.shape}")
    if not len(p) or not np.all((p >= 0) & (p <= 1 + 1e-6)):
        raise OptionError("reliability takes probabilities, from 0 to 1, of one example or more; of logits take tg.ops.softmax")
    sure, right = p.max(axis=1), p.argmax(axis=1) == labels
    where = np.digitize(sure, np.arange(1, bins) / bins, right=True)  # a bin has its upper bound, as in the paper
    count = np.bincount(where, minlength=bins)
    share = np.bincount(where, right, bins) / np.maximum(count, 1)
    said = np.bincount(where, sure, bins) / np.maximum(count, 1)
    error = float(np.sum(count * np.abs(share - said)) / len(labels))
    ax = _axes(ax)
    edges = np.arange(bins) / bins
    ax.bar(edges, share, 1 / bins, align="edge", color=BLUE, edgecolor="white", label="right")
    ax.plot([0, 1], [0, 1], "--", color=GREY, linewidth=1)
    ax.plot(said[count > 0], share[count > 0], "o", color=ORANGE, label="mean confidence", clip_on=False)
    ax.set(xlabel="confidence", ylabel="share that is right", xlim=(0, 1), ylim=(0, 1), title=f"calibration error {error:.3f}")
    ax.legend(frameon=False, loc="upper left", fontsize="small")
    return ax
