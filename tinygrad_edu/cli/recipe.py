"""What a training run is made from, as plain facts that a checkpoint can hold; and the network they describe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .. import ops, optim
from ..data import Digits, as_features, load_digits, load_idx, one_hot
from ..errors import DataError, OptionError
from ..nn import ACTIVATIONS, MLP
from ..nn.init import INITIALISERS
from ..train import Trainer

__all__ = ["LOSSES", "OPTIMIZERS", "Recipe"]

LOSSES = ("quadratic", "cross_entropy")
OPTIMIZERS = {"sgd": optim.SGD, "adam": optim.Adam, "adamw": optim.AdamW}
RATES = {("sgd", "quadratic"): 1.5, ("sgd", "cross_entropy"): 0.1}
PIXELS, CLASSES = 784, 10


@dataclass(frozen=True)
class Recipe:
    """The choices of a run; every one is checked when it is made.

    Raises:
        OptionError: one of them is outside its domain.
    """

    arch: str = "784-16-16-10"
    activation: str = "sigmoid"
    init: str = "xavier"
    loss: str = "quadratic"
    optimizer: str = "sgd"
    lr: float | None = None
    momentum: float = 0.0
    weight_decay: float = 0.0
    batch: int = 10
    seed: int = 0
    dtype: str = "float32"
    data: str | None = None

    def __post_init__(self) -> None:
        _choice("activation", self.activation, ACTIVATIONS)
        _choice("init", self.init, INITIALISERS)
        _choice("loss", self.loss, LOSSES)
        _choice("optimizer", self.optimizer, OPTIMIZERS)
        _choice("dtype", self.dtype, ("float32", "float64"))
        if self.batch < 1:
            raise OptionError(f"--batch is a positive whole number, got {self.batch}")
        if self.seed < 0:
            raise OptionError(f"--seed is not negative, got {self.seed}")
        if self.momentum and self.optimizer != "sgd":
            raise OptionError(f"--momentum belongs to sgd; {self.optimizer} has its own")
        if self.sizes[0] != PIXELS or self.sizes[-1] != CLASSES:
            raise OptionError(f"--arch starts with {PIXELS} pixels and ends with {CLASSES} digits, got {self.arch}")

    @property
    def sizes(self) -> list[int]:
        """The sizes of the layers."""
        try:
            sizes = [int(part) for part in self.arch.split("-")]
        except ValueError:
            sizes = []
        if len(sizes) < 2 or min(sizes) < 1:
            raise OptionError(f"--arch is the sizes of the layers, as 784-16-16-10, got {self.arch!r}")
        return sizes

    def facts(self) -> dict[str, Any]:
        """As plain facts; `Recipe(**facts)` is the same again."""
        return asdict(self)

    def digits(self) -> Digits:
        """The images to learn from: the embedded ones, or those of `data`."""
        if self.data is None:
            return load_digits()
        if not Path(self.data).is_dir():
            raise DataError(f"--data is a folder with the IDX files, and there is none called {self.data}; "
                            f"tinygrad-edu data mnist --out {self.data} makes one")  # fmt: skip
        return load_idx(self.data)

    def model(self) -> MLP:
        """The network as training starts with it."""
        last = None if self.loss == "cross_entropy" else "same"
        return MLP(self.sizes, self.activation, output=last, init=self.init, rng=self.seed, dtype=np.dtype(self.dtype))

    def trainer(self, digits: Digits) -> Trainer:
        """Ready to run."""
        model, labels = self.model(), digits.train_labels.astype(np.int64)
        targets = one_hot(labels, CLASSES, dtype=self.dtype) if self.loss == "quadratic" else labels
        loss = ops.quadratic_cost if self.loss == "quadratic" else ops.cross_entropy
        return Trainer(model, loss, self._optimiser(model), as_features(digits.train_images, dtype=self.dtype), targets,
                       labels, batch=self.batch, seed=self.seed)  # fmt: skip

    def _optimiser(self, model: MLP) -> optim.Optimiser:
        lr = self.lr if self.lr is not None else RATES.get((self.optimizer, self.loss), 3e-3)
        extra = {"momentum": self.momentum} if self.optimizer == "sgd" else {}
        make: Callable[..., optim.Optimiser] = OPTIMIZERS[self.optimizer]
        return make(model.parameters(), lr, weight_decay=self.weight_decay, **extra)


def _choice(option: str, got: str, choices: Any) -> None:
    if got not in choices:
        raise OptionError(f"--{option} is one of {', '.join(choices)}; got {got!r}")
