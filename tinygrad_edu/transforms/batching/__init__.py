"""How each op is done for many examples at once: a rule an op, by what the op does to the axes."""

from . import axes as axes
from . import entrywise as entrywise
from . import images as images
from . import indices as indices
from . import loop as loop
from . import losses as losses
from . import matrices as matrices
from . import plain as plain
from . import products as products
from . import shapes as shapes
