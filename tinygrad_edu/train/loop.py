"""The training loop: forward, backward, step, in an order that a seed decides."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..core import Value, lean, no_grad
from ..data import minibatches
from ..errors import DataError, TrainingError
from ..nn import Module
from ..optim import Optimiser
from .metrics import accuracy

__all__ = ["Progress", "Trainer"]


class Progress(NamedTuple):
    """Where training stands after a step.

    Attributes:
        epoch: the epoch that is running, from 1.
        step: steps done in it; `steps` is how many it has.
        loss: the mean over the examples seen in this epoch.
        accuracy: the share of them that were right at the time.
        rate: examples per second in this epoch.
    """

    epoch: int
    step: int
    steps: int
    loss: float
    accuracy: float
    rate: float


class Trainer:
    """Trains a model by minibatches; can stop after any step and go on later to the same result.

    Args:
        model: takes inputs `(batch, ...)` and gives outputs `(batch, classes)`.
        loss: takes outputs and targets and gives a number, the mean over the batch.
        optimiser: over the model's parameters.
        inputs: all examples, `(n, ...)`.
        targets: what the loss compares with, `(n, ...)`.
        labels: the classes, `(n,)`, to count what is right.
        batch: examples a step.
        seed: decides the order, together with the number of the epoch.

    >>> from tinygrad_edu.nn import MLP
    >>> from tinygrad_edu.ops import quadratic_cost
    >>> from tinygrad_edu.optim import SGD
    >>> x, label = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0, 1])
    >>> model = MLP([2, 2], rng=0)
    >>> trainer = Trainer(model, quadratic_cost, SGD(model.parameters(), 5.0), x, np.eye(2)[label], label, batch=2)
    >>> trainer.run(50)
    True
    >>> trainer.history[-1]["accuracy"]
    1.0
    """

    def __init__(self, model: Module, loss: Callable[[Any, Any], Value], optimiser: Optimiser, inputs: Any, targets: Any,
                 labels: Any, *, batch: int, seed: int = 0) -> None:  # fmt: skip
        self.model, self.loss, self.optimiser = model, loss, optimiser
        self.arrays = (inputs, targets, np.asarray(labels))
        self.batch, self.seed = batch, seed
        self.epoch = self.step = 0  # epochs done; steps done in the running one
        self.sums: Any = np.zeros(3)  # loss, right ones and examples of the running epoch
        self.history: list[dict[str, float]] = []

    @property
    def steps(self) -> int:
        """Steps in an epoch."""
        return math.ceil(len(self.arrays[0]) / self.batch)

    def run(self, epochs: int, *, on_step: Callable[[Progress], None] | None = None,
            on_epoch: Callable[[dict[str, float]], None] | None = None,
            stop: Callable[[], bool] = lambda: False) -> bool:  # fmt: skip
        """Train until `epochs` epochs are done in all; True if they are, False if `stop()` said so before.

        Args:
            epochs: counted from the beginning, not from where a checkpoint was taken.
            on_step: called after each step.
            on_epoch: called with each finished epoch's line of `history`; what it adds to that line stays there.
            stop: asked after each step.

        Raises:
            TrainingError: the loss is NaN or infinite; the parameters are those before that step.
        """
        while self.epoch < epochs:
            start, seen = time.perf_counter(), self.sums[2]
            for i, (x, target, label) in enumerate(
                minibatches(*self.arrays, batch=self.batch, seed=self.seed, epoch=self.epoch)
            ):
                if i < self.step:  # done before the checkpoint
                    continue
                self._learn(x, target, label)
                if on_step is not None:
                    on_step(self._progress(time.perf_counter() - start, seen))
                if stop():
                    return False
            self._finish(time.perf_counter() - start, seen, on_epoch)
        return True

    def _learn(self, x: Any, target: Any, label: Any) -> None:
        if any(v.grad is not None for v in self.optimiser.parameters):
            warnings.warn("gradients were left from before this step; they are forgotten now", stacklevel=3)
        self.optimiser.zero_grad()
        with lean():
            output = self.model(x)
            loss = self.loss(output, target)
            if not math.isfinite(loss.item()):
                raise TrainingError(f"the loss is {loss.item()} at epoch {self.epoch + 1}, step {self.step + 1}; "
                                    "try a smaller learning rate, or look for infinities in the data")  # fmt: skip
            loss.backward()
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.step += 1
        self.sums += (loss.item() * len(x), np.count_nonzero(output.argmax(axis=1) == label), len(x))

    def _progress(self, seconds: float, seen: float) -> Progress:
        loss, right, n = self.sums
        return Progress(self.epoch + 1, self.step, self.steps, loss / n, right / n, (n - seen) / max(seconds, 1e-9))

    def _finish(self, seconds: float, seen: float, on_epoch: Callable[[dict[str, float]], None] | None) -> None:
        loss, right, n = self.sums
        line = {"epoch": self.epoch + 1, "loss": float(loss / n), "accuracy": float(right / n)}
        rate = (n - seen) / max(seconds, 1e-9)
        self.history.append(line)
        self.epoch, self.step, self.sums = self.epoch + 1, 0, np.zeros(3)
        if on_epoch is not None:
            on_epoch(line)
        line["examples_per_second"] = rate

    def evaluate(self, inputs: Any, labels: Any, *, batch: int = 2000) -> float:
        """The accuracy on other examples, from 0 to 1."""
        with no_grad():
            outputs = [self.model(inputs[i : i + batch]).data for i in range(0, len(inputs), batch)]
        return accuracy(np.concatenate(outputs), labels)

    def state_dict(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Everything that going on needs: arrays by name, and facts for JSON."""
        arrays = {f"model.{k}": a for k, a in self.model.state_dict().items()}
        arrays |= {f"optimiser.{k}": a for k, a in self.optimiser.state_dict().items()}
        facts = {"epoch": self.epoch, "step": self.step, "batch": self.batch, "seed": self.seed, "history": self.history}
        return {**arrays, "trainer.sums": self.sums.copy()}, facts

    def load_state_dict(self, arrays: dict[str, Any], facts: dict[str, Any]) -> None:
        """Stand where `state_dict` was called.

        Raises:
            DataError: it is not this trainer's: another model, batch or seed.
        """
        if (facts.get("batch"), facts.get("seed")) != (self.batch, self.seed):
            raise DataError(f"the checkpoint was made with batch {facts.get('batch')} and seed {facts.get('seed')}, "
                            f"not {self.batch} and {self.seed}")  # fmt: skip
        parts: dict[str, dict[str, Any]] = {"model": {}, "optimiser": {}, "trainer": {}}
        for name, a in arrays.items():
            part, _, rest = name.partition(".")
            parts.setdefault(part, {})[rest] = a
        self.model.load_state_dict(parts["model"])
        self.optimiser.load_state_dict(parts["optimiser"])
        self.sums = np.array(parts["trainer"]["sums"])
        self.epoch, self.step, self.history = facts["epoch"], facts["step"], list(facts["history"])
