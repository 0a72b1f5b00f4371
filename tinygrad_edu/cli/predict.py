"""`tinygrad-edu predict`: tell the digit in a picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ..data import load_image
from ..errors import DataError
from ..train import load
from .pictures import activations
from .recipe import Recipe

__all__ = ["predict"]

WIDTH = 30


def predict(
    images: Annotated[list[Path], typer.Argument(help="Pictures of one digit each: PNG, JPEG, PGM, NPY.", metavar="IMAGE...")],
    weights: Annotated[Path, typer.Option(help="What training wrote.")] = Path("digits/weights.safetensors"),
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line an image.")] = False,
) -> None:
    """Tell the digit in each picture, with the network's ten activations.

    A picture may be of any size, dark on light or light on dark; it is cropped, scaled and centred as MNIST's are.

    [bold]Examples[/bold]

    tinygrad-edu predict seven.png

    tinygrad-edu predict *.png --json
    """
    model, recipe = _trained(weights)
    for file in images:
        pixels = load_image(file, dtype=recipe.dtype).reshape(1, -1)
        out = [float(a) for a in activations(model, recipe, pixels)[0]]
        digit = max(range(len(out)), key=out.__getitem__)
        if as_json:
            print(json.dumps({"image": str(file), "digit": digit, "activations": out}))
        else:
            print(f"{file}: {digit}")
            print(*[_bar(d, a, d == digit) for d, a in enumerate(out)], sep="\n")


def _trained(weights: Path) -> tuple[Any, Recipe]:
    if not weights.exists():
        raise DataError(f"there are no weights at {weights}; make them with: tinygrad-edu train --out {weights.parent}")
    arrays, facts = load(weights)
    try:
        recipe = Recipe(**facts["recipe"])
    except (KeyError, TypeError) as error:
        raise DataError(f"{weights} does not say what network it belongs to ({error}); train again") from None
    model = recipe.model()
    model.load_state_dict(arrays)
    return model, recipe


def _bar(digit: int, activation: float, chosen: bool) -> str:
    length = round(max(0.0, min(1.0, activation)) * WIDTH)
    return f"  {digit} {activation:7.4f} {'█' * length}{'  <' if chosen else ''}".rstrip()
