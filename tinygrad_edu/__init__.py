"""An autodiff engine to study: values remember how they were made, and gradients flow back by the chain rule."""

from . import core as core
from . import errors as errors
from . import ops as ops
from .core import *  # noqa: F403
