"""The picture as PDF or PNG where no Graphviz makes it: this package's own SVG, painted by matplotlib.

Only what `svg` writes is understood: rectangles, ellipses, paths of M, L, C and Z, and lines of text. A PDF is of vectors, with
its font inside, so it looks the same everywhere.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any
from xml.etree import ElementTree

from ...errors import MissingExtra
from ..graphs.text import plain

__all__ = ["printed"]

SVG = "{http://www.w3.org/2000/svg}"
FONT, NARROWER = "DejaVu Sans", 0.96  # comes with matplotlib
MOST_PIXELS = 12_000  # a side of a PNG
CODES = {"M": (1, 1), "L": (2, 1), "C": (4, 3), "Z": (79, 0)}  # matplotlib's code, and how many points


def printed(svg: str, form: str) -> bytes:
    """An SVG of this package as "pdf" or "png", the latter with two pixels to a unit, or fewer if it is huge.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.backends.backend_pdf import FigureCanvasPdf
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("drawing PDF or PNG without Graphviz needs matplotlib: pip install 'tinygrad-edu[train]'") from error
    root = ElementTree.fromstring(svg)
    wide, high = (float(root.get(side, "0").removesuffix("px")) for side in ("width", "height"))
    figure = Figure(figsize=(wide / 72, high / 72))
    canvas = {"pdf": FigureCanvasPdf, "png": FigureCanvasAgg}[form](figure)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, wide), ylim=(high, 0))
    axes.set_axis_off()
    for artist in _artists(root, float(root.get("font-size", "11"))):
        axes.add_artist(artist)
    dpi = min(144.0, 72 * MOST_PIXELS / max(wide, high))
    file, facts = (
        io.BytesIO(),
        {"CreationDate": None, "Producer": "tinygrad_edu"} if form == "pdf" else {"Software": "tinygrad_edu"},
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # another than those replaced: combining marks
        canvas.print_figure(file, format=form, dpi=dpi, metadata=facts)
    return file.getvalue()


def _artists(root: Any, size: float) -> Iterator[Any]:
    for order, e in enumerate(root.iter()):
        make = _MAKERS.get(e.tag.removeprefix(SVG))
        if make:
            artist = make(e, size)
            artist.set_zorder(order)
            artist.set_clip_on(False)
            yield artist


def _look(e: Any) -> dict[str, Any]:
    stroke, dashes = e.get("stroke", "none"), e.get("stroke-dasharray")
    style = (0, tuple(float(n) for n in dashes.split())) if dashes else "-"
    return {"facecolor": e.get("fill", "none"), "edgecolor": stroke, "linestyle": style,
            "linewidth": float(e.get("stroke-width", "1")) if stroke != "none" else 0.0}  # fmt: skip


def _numbers(e: Any, *names: str) -> list[float]:
    return [float(e.get(name, "0")) for name in names]


def _rectangle(e: Any, size: float) -> Any:
    from matplotlib.patches import FancyBboxPatch, Rectangle

    x, y, w, h, r = _numbers(e, "x", "y", "width", "height", "rx")
    if r:
        return FancyBboxPatch((x, y), w, h, boxstyle=f"round,pad=0,rounding_size={r}", **_look(e))
    return Rectangle((x, y), w, h, **_look(e))


def _ellipse(e: Any, size: float) -> Any:
    from matplotlib.patches import Ellipse

    x, y, rx, ry = _numbers(e, "cx", "cy", "rx", "ry")
    return Ellipse((x, y), 2 * rx, 2 * ry, **_look(e))


def _path(e: Any, size: float) -> Any:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    points, codes = [], []
    for letter, rest in re.findall(r"([MLCZ])([^MLCZ]*)", e.get("d", "")):
        code, n = CODES[letter]
        numbers = [float(x) for x in re.findall(r"-?[\d.]+", rest)]
        points += list(zip(numbers[::2], numbers[1::2], strict=True)) or [(0.0, 0.0)]
        codes += [code] * (n or 1)
    return PathPatch(Path(points, codes), **_look(e))


def _text(e: Any, size: float) -> Any:
    from matplotlib.text import Text

    x, y = _numbers(e, "x", "y")
    across = {"start": "left", "middle": "center", "end": "right"}[e.get("text-anchor", "start")]
    text = Text(x, y, _printable(e.text or ""), color=e.get("fill"), ha=across, va="baseline", parse_math=False, family=FONT,
                size=float(e.get("font-size", size)) * NARROWER, weight=e.get("font-weight", "normal"))  # fmt: skip
    if e.get("stroke"):
        from matplotlib.patheffects import withStroke

        text.set_path_effects([withStroke(linewidth=float(e.get("stroke-width", "1")), foreground=e.get("stroke"))])
    return text


def _printable(text: str) -> str:
    """Characters that the font lacks, as most emoji, stand as Python would write them."""
    known = _known()
    return "".join(c if ord(c) in known else c.encode("unicode_escape").decode() for c in plain(text))


@cache
def _known() -> frozenset[int]:
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(findfont(FONT)).get_charmap())


_MAKERS = {"rect": _rectangle, "ellipse": _ellipse, "path": _path, "text": _text}
