"""`lint(loss)`: what a graph shows that will hurt, before it does.

    forms that overflow or lose digits                see `unstable`
    dead and saturated units, sums that lost digits   see `units`
    (N, 1) against (N,) in a loss
    parameters that no gradient reaches, or a tiny    if they are given
    gradients left from the step before               where backward has not been run yet

Only what the graph has recorded is looked at; nothing is run, but for the backward pass that tells whether a gradient reaches
the parameters. No finding is no proof: it is about these numbers and these forms.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from ...core import Value
from ...errors import DTypeError
from ...nn import Module
from ..graphs.naming import variables_of
from ..recording.replay import Replay, arrived, entries
from .detective import unconnected
from .findings import Finding, Findings, Scene
from .units import accidental_broadcast, dead, lost_digits, saturated
from .unstable import CHECKS

__all__ = ["lint"]

VANISHED = 1e-8  # a gradient that is smaller beside the largest
_ASK = "tg.inspect.why_zero(loss, parameter) names the call that lets nothing through"
_DEEP = "in deep networks use relu or gelu, residual connections and normalisation; keep sigmoid and tanh off their flat ends"

Parameters = Module | Mapping[str, Value] | Iterable[Value]


def lint(output: Value, parameters: Parameters | None = None, *, names: Mapping[str, Value] | None = None) -> Findings:
    """Unstable forms, dead units and other mistakes that the graph of a loss shows, each with its line and the cure.

    Args:
        output: usually a loss.
        parameters: a module, values by name, or values: those that no gradient reaches, or one that is zero or tiny beside
            the others', are told too.
        names: what to call the values; if not said, their labels, then the names of the caller's variables.

    Returns:
        The findings in the order of the calls, those about parameters last.

    Raises:
        DTypeError: the output is no Value, or among the parameters something else.

    >>> import numpy as np
    >>> from tinygrad_edu.ops import softmax
    >>> x = Value([1.0, 2.0], label="x")
    >>> print(lint(np.log(softmax(x))[0]))
    lint of getitem(log(softmax(x)))
    <BLANKLINE>
    unstable form: log(softmax(x))
        no line was recorded: compute the loss inside `with tg.record_source():`
        log(softmax(x)): a small probability becomes 0, and its logarithm -inf
        softmax(x) = [0.268941, 0.731059], shape (2,)
        cure: as one op:
              tg.ops.log_softmax(x)
    """
    if type(output) is not Value:
        raise DTypeError(f"lint takes the Value of a loss; got a {type(output).__name__}")
    given = dict(_named(parameters))
    scene = Scene(output, names, {v: n for n, v in given.items()} | variables_of(sys._getframe(1)))
    found = [*_calls(scene), *_unreached(scene, given), *_left(scene)]
    return Findings(found, f"lint of {scene.names[scene.output]}", "nothing was found")


def _calls(scene: Scene) -> Iterator[Finding]:
    for v in scene.values:
        if v.op is None or isinstance(v._data, tuple):
            continue
        check = CHECKS.get(v.op.name)
        for finding in (check(scene, v) if check else None, dead(scene, v), saturated(scene, v), lost_digits(scene, v),
                        accidental_broadcast(scene, v)):  # fmt: skip
            if finding is not None:
                yield finding


def _named(parameters: Parameters | None) -> Iterator[tuple[str, Value]]:
    if parameters is None:
        return
    if isinstance(parameters, Module):
        yield from parameters.named_parameters()
        return
    pairs = parameters.items() if isinstance(parameters, Mapping) else ((None, v) for v in parameters)
    for i, (name, v) in enumerate(pairs):
        if type(v) is not Value:
            raise DTypeError(f"parameters are Values, a module or a dict of Values; got a {type(v).__name__}")
        yield name or v.label or f"parameter {i}", v.vertex


def _unreached(scene: Scene, given: dict[str, Value]) -> Iterator[Finding]:
    """The parameters that no gradient reaches, or next to none."""
    outside = {n: v for n, v in given.items() if v not in scene.number}
    for name, v in outside.items():
        first, *_ = unconnected(scene, v, name)
        yield Finding("unreachable parameter", None, name, "", first.message, first.cure, first.source)
    inside = {n: v for n, v in given.items() if v in scene.number}
    if not inside or scene.output.size != 1:
        return
    replay = Replay(scene.values, scene.output)
    sizes: dict[str, float] = {}
    for name, v in inside.items():
        if arrived(g := replay.gradient(v)):
            sizes[name] = _size(entries(g))
        else:
            yield scene.finding(v, "unreachable parameter", f"{name} is used, but no gradient reaches it", _ASK)
    yield from _tiny(scene, inside, sizes)


def _size(g: Any) -> float:
    """The largest entry; of NaNs, infinity."""
    return float(np.nan_to_num(np.max(np.abs(np.asarray(g, float)), initial=0), nan=np.inf))


def _tiny(scene: Scene, given: dict[str, Value], sizes: dict[str, float]) -> Iterator[Finding]:
    """The parameters whose gradient is zero or has vanished, while others have one."""
    most = max(sizes, key=sizes.__getitem__, default="")
    if not most or not 0 < sizes[most] < np.inf:
        return
    for name in (n for n, size in sizes.items() if size == 0):
        yield scene.finding(given[name], "zero gradient", f"the gradient of {name} is zero in all its entries", _ASK)
    matrices = [n for n, size in sizes.items() if size and given[n].ndim > 1]  # a bias may cancel down to the rounding
    least = min(matrices, key=sizes.__getitem__, default=most)
    if sizes[least] < VANISHED * sizes[most]:
        message = f"the gradient of {least} is {sizes[least] / sizes[most]:.0e} times that of {most}"
        yield scene.finding(given[least], "vanishing gradient", message, _DEEP)


def _left(scene: Scene) -> Iterator[Finding]:
    """Gradients that are there before backward."""
    output = scene.output
    if output.op is None or output._saved is None or output._grad is not None:
        return
    left = [v for v in scene.values if v.op is None and v._grad is not None]
    if left:
        some = ", ".join(scene.names[v] for v in left[:3]) + (f" and {len(left) - 3} more" if len(left) > 3 else "")
        message = f"{some}: there is a gradient already, to which backward will add"
        cure = "optimiser.zero_grad() or model.zero_grad() before backward, unless you add up several batches on purpose"
        yield scene.finding(left[0], "gradients left over", message, cure)
