"""Functions of functions: derivatives in every mode, batches, and rules of one's own."""

from .checkpoint import checkpoint
from .custom import custom_jvp, custom_vjp, stop_gradient
from .forward import jvp, linearize
from .implicit import fixed_point, root
from .jacobians import hessian, hvp, jacobian
from .mapping import vmap
from .reverse import grad, value_and_grad, vjp

__all__ = [
    "checkpoint",
    "custom_jvp",
    "custom_vjp",
    "fixed_point",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "linearize",
    "root",
    "stop_gradient",
    "value_and_grad",
    "vjp",
    "vmap",
]
