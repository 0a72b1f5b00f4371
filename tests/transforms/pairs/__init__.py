"""The list of functions and transforms on which this engine agrees with JAX and PyTorch."""

from .functions import ARRAYS, NUMBERS
from .kinks import KINKS
from .models import MODELS
from .nested import NESTED
from .options import OPTIONS
from .pair import Pair
from .rules import RULES
from .transforms import TRANSFORMS, place

__all__ = ["PAIRS"]


def _pair(row, transform):
    def run(ad):
        return TRANSFORMS[transform](ad, lambda *args: row.function(ad.np, ad.F, *args), place(ad, row.args))

    return Pair(row.name, transform, run)


TABLE = [_pair(row, transform) for row in (*NUMBERS, *ARRAYS) for transform in row.transforms]
PAIRS = [*TABLE, *NESTED, *OPTIONS, *RULES, *MODELS, *KINKS]
