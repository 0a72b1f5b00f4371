"""Every differentiable function, each declared once. One search finds the derivative of any of them."""

from . import ufuncs as ufuncs
from .activations import *
from .adaptive_pooling import *
from .arithmetic import *
from .attention import *
from .bounds import *
from .convolution import *
from .costs import *
from .decompositions import *
from .diagonals import *
from .differences import *
from .einsum import *
from .error_function import *
from .exponential import *
from .gamma_function import *
from .indexing import *
from .joining import *
from .linalg import *
from .matrix_functions import *
from .nondifferentiable import *
from .normalisation import *
from .norms import *
from .padding import *
from .pointwise_losses import *
from .polynomials import *
from .pooling import *
from .products import *
from .products import linear_layer as linear  # noqa: F401  exported under NumPy's plain name
from .randomness import *
from .rectifiers import *
from .reductions import *
from .resampling import *
from .rounding import *
from .scans import *
from .shaping import *
from .softmax import *
from .sorting import *
from .trigonometry import *
from .windows import *
