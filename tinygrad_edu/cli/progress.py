"""How training shows itself: a live line on a terminal, one plain line an epoch elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ..train import Progress, Trainer

__all__ = ["Live", "Plain", "shown"]

REFRESH = 10  # times a second


class Plain:
    """One line an epoch, for logs and pipes."""

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs

    def step(self, now: Progress) -> None:
        """Nothing: a log is read later."""

    def epoch(self, line: dict[str, float]) -> None:
        """Print the epoch that is done."""
        print(epoch_line(line, self.epochs), flush=True)


class Live(Plain):
    """A bar for the running epoch, above it a line for each that is done."""

    def __init__(self, epochs: int, trainer: Trainer) -> None:
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        super().__init__(epochs)
        self.last = 0.0
        self.bar = Bar(
            TextColumn("epoch {task.fields[epoch]:>2}/{task.fields[epochs]}"), BarColumn(bar_width=24),
            TextColumn("loss {task.fields[loss]:.4f}  accuracy {task.fields[accuracy]:6.2%}"),
            TextColumn("{task.fields[rate]:,.0f} examples/s"),
            TimeElapsedColumn(), auto_refresh=False, transient=True,
        )  # fmt: skip
        self.task = self.bar.add_task(
            "", total=trainer.steps, epoch=trainer.epoch + 1, epochs=epochs, loss=0.0, accuracy=0.0, rate=0.0
        )

    def step(self, now: Progress) -> None:
        """Move the bar, a few times a second."""
        clock = self.bar.get_time()
        if clock - self.last >= 1 / REFRESH:
            self.last = clock
            self.bar.update(self.task, completed=now.step, epoch=now.epoch, loss=now.loss, accuracy=now.accuracy,
                            rate=now.rate, refresh=True)  # fmt: skip

    def epoch(self, line: dict[str, float]) -> None:
        """Print the epoch that is done above the bar."""
        self.bar.print(epoch_line(line, self.epochs), highlight=False)


def epoch_line(line: dict[str, float], epochs: int) -> str:
    """One epoch in words."""
    return (f"epoch {line['epoch']:>2}/{epochs}  loss {line['loss']:.4f}  accuracy {line['accuracy']:6.2%}  "
            f"test {line['test_accuracy']:6.2%}")  # fmt: skip


@contextmanager
def shown(epochs: int, trainer: Trainer) -> Iterator[Plain]:
    """What fits the output: `Live` on a terminal, `Plain` elsewhere."""
    if not sys.stdout.isatty():
        yield Plain(epochs)
        return
    live = Live(epochs, trainer)
    with live.bar:
        yield live
