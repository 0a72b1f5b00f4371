"""Networks: neurons, layers, the functions they are made of, and what they are judged by."""

from . import functional, init
from .module import Module
from .neuron import ACTIVATIONS, MLP, Layer, Neuron
from .summary import summary

__all__ = ["ACTIVATIONS", "MLP", "Layer", "Module", "Neuron", "functional", "init", "summary"]
