"""How a model is changed by its gradients."""

from .optimisers import SGD, Adam, AdamW, Optimiser
from .rules import Rule, adam, sgd

__all__ = ["SGD", "Adam", "AdamW", "Optimiser", "Rule", "adam", "sgd"]
