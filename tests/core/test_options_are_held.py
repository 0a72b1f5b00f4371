"""Index and mask arrays belong to the graph as much as the numbers do."""

from fractions import Fraction

import numpy as np
import pytest

import tinygrad_edu as tg


@pytest.mark.parametrize("recording", [tg.scope("full"), tg.lean()])
def test_an_index_or_mask_cannot_change_between_forward_and_backward(recording):
    v = tg.Value([1.0, 2.0, 3.0])
    index, mask, rows = np.array([0, 0, 1]), np.array([True, False, True]), np.array([2])
    with recording:
        total = v[index].sum() + np.where(mask, v, 0).sum() + np.take(v, rows).sum() + v[(rows,)].sum()
        for a in (index, mask, rows):
            with pytest.raises(ValueError, match="read-only"):
                a[:] = 0
        total.backward()
    np.testing.assert_array_equal(v.grad, [3.0, 1.0, 3.0])
    index[:] = 2  # free again


@pytest.mark.parametrize("recording", [tg.scope("full"), tg.lean()])
def test_lists_among_the_options_are_copied(recording):
    v = tg.Value([1.0, 2.0, 3.0])
    index, nested, pads = [0, 0, 1], ([0, 0, 1],), [[1, 1]]
    with recording:
        total = v[index].sum() + v[nested].sum() + np.pad(v, pads).sum()
        index[:], nested[0][:], pads[0][:] = [2, 2, 2], [2, 2, 2], [0, 0]
        total.backward()
    np.testing.assert_array_equal(v.grad, [5.0, 3.0, 1.0])


def test_the_gradient_of_fractions_is_a_fraction():
    x = tg.Value(np.array([Fraction(1, 3), Fraction(2)], dtype=object))
    (x * x).sum().backward()
    assert all(isinstance(g, Fraction) for g in x.grad)
    assert list(x.grad) == [Fraction(2, 3), Fraction(4)]
