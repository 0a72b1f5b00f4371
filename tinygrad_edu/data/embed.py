"""Makes the embedded file of `load_digits` again, from the real MNIST.

    python -m tinygrad_edu.data.embed MNIST_FOLDER OUT.npz

where MNIST_FOLDER is what `fetch_mnist` wrote. The bytes depend on the arrays and on zlib's version alone.
"""

import io
import os
import sys

import numpy as np

from tinygrad_edu.data.atomic import write_atomic
from tinygrad_edu.data.digits import Digits
from tinygrad_edu.data.mnist import fetch_mnist

__all__ = ["embedded_bytes", "main"]


def embedded_bytes(digits: Digits, *, train: int = 10_000) -> bytes:
    """The `.npz` file that holds the first `train` training examples and every test example of a set."""
    parts = vars(digits.first(train=train))
    packed = io.BytesIO()
    np.savez_compressed(packed, **parts)
    return packed.getvalue()


def main(source: str | os.PathLike[str], out: str | os.PathLike[str]) -> None:
    """Write the embedded file to `out`, from the MNIST in the folder `source`."""
    write_atomic(out, embedded_bytes(fetch_mnist(source)))


if __name__ == "__main__":
    main(*sys.argv[1:3])
