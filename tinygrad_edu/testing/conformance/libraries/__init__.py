"""An adapter for each library: a row's expression in its names, and the engine's behaviour in its calls."""

from __future__ import annotations

from .autograd import Autograd
from .jax import JAX
from .library import Answer, Lacks, Library
from .micrograd import Micrograd
from .mygrad import MyGrad
from .ours import Ours
from .pytorch import PyTorch
from .tinygrad import Tinygrad

__all__ = ["LIBRARIES", "Answer", "Lacks", "Library"]

LIBRARIES: dict[str, type[Library]] = {
    library.package.removeprefix("tinygrad-edu") or "ours": library
    for library in (Ours, PyTorch, JAX, Autograd, MyGrad, Tinygrad, Micrograd)
}
