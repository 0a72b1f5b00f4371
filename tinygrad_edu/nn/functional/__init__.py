"""The functions networks are made of, under PyTorch's names and in its order of arguments.

    from tinygrad_edu.nn import functional as F
    loss = F.cross_entropy(F.linear(F.relu(x), w, b), target)

Every function takes Values and plain arrays. They are thin: the function and its derivative, formula by formula, stand with
the op of the same name in `tinygrad_edu.ops`. Two habits differ from PyTorch's: losses never broadcast, and whatever draws
random numbers is given a generator, `rng=np.random.default_rng(seed)`, so that it can be repeated.
"""

# ruff: noqa: F403  what each file exports is in its __all__
from . import activations, layers, losses, normalisation, sequences
from .activations import *
from .layers import *
from .losses import *
from .normalisation import *
from .sequences import *

__all__ = sorted(activations.__all__ + layers.__all__ + losses.__all__ + normalisation.__all__ + sequences.__all__)
