"""Training: the loop, what it measures, and checkpoints that continue to the same result."""

from .checkpoint import load, save
from .loop import Progress, Trainer
from .metrics import accuracy, confusion_matrix

__all__ = ["Progress", "Trainer", "accuracy", "confusion_matrix", "load", "save"]
