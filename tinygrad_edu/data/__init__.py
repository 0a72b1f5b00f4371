"""Data to learn from: the MNIST digits, files in their format, pictures of one's own, and minibatches.

Plain NumPy arrays throughout; nothing here knows of gradients.
"""

from tinygrad_edu.data.atomic import write_atomic
from tinygrad_edu.data.digits import Digits, load_digits, load_idx
from tinygrad_edu.data.idx import read_idx, write_idx
from tinygrad_edu.data.images import as_digit, load_image
from tinygrad_edu.data.loader import as_features, minibatches, one_hot
from tinygrad_edu.data.mnist import fetch_mnist

__all__ = [
    "Digits",
    "as_digit",
    "as_features",
    "fetch_mnist",
    "load_digits",
    "load_idx",
    "load_image",
    "minibatches",
    "one_hot",
    "read_idx",
    "write_atomic",
    "write_idx",
]
