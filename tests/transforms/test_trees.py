"""Trees: flat and back, structures that fit and structures that do not."""

from collections import namedtuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_edu.errors import OptionError
from tinygrad_edu.transforms.trees import broadcast_prefix, flatten, map_leaves, matched, unflatten

Point = namedtuple("Point", "x y")
TREES = st.recursive(
    st.floats(allow_nan=False) | st.none(),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.lists(inside, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2), inside, max_size=3)
        | st.builds(Point, inside, inside)
    ),
    max_leaves=8,
)


@given(TREES)
def test_unflatten_undoes_flatten(tree):
    leaves, structure = flatten(tree)
    again = unflatten(structure, leaves)
    assert again == tree
    assert type(again) is type(tree)
    assert structure.size == len(leaves)


@given(TREES)
def test_the_structure_is_printed_as_python(tree):
    leaves, structure = flatten(tree)
    text = str(structure).replace("*", "0.0")
    assert eval(text, {"Point": Point}) == unflatten(structure, [0.0] * len(leaves))


def test_leaves_come_from_left_to_right_and_none_is_empty():
    assert flatten([1, (2, None), {"b": 3, "a": Point(4, 5)}])[0] == [1, 2, 3, 4, 5]


def test_dicts_match_by_their_keys_and_not_by_their_order():
    _, structure = flatten({"w": 1, "b": (2, {"p": 3, "q": 4})})
    assert matched({"b": (20, {"q": 40, "p": 30}), "w": 10}, structure, "tree") == [10, 20, 30, 40]


def test_map_leaves_takes_leaves_at_the_same_place():
    assert map_leaves(lambda a, b: a + b, {"w": 1, "b": 2}, {"b": 20, "w": 10}) == {"w": 11, "b": 22}


@pytest.mark.parametrize("other", [(1, 2, 3), [1, 2], {"a": 1}, 1, None, (1, (2,)), Point(1, 2)])
def test_another_structure_is_refused_by_name(other):
    with pytest.raises(OptionError, match=r"the tangents has the structure .*, but \(\*, \*\) was expected"):
        matched(other, flatten((1, 2))[1], "the tangents")


def test_a_prefix_holds_for_everything_below_it():
    tree = ({"w": 1, "b": [2, 3]}, 4)
    assert broadcast_prefix(0, tree) == [0, 0, 0, 0]
    assert broadcast_prefix((0, None), tree) == [0, 0, 0, None]
    assert broadcast_prefix(({"b": 1, "w": None}, 2), tree) == [None, 1, 1, 2]


@pytest.mark.parametrize("prefix", [(0,), (0, (1,)), [0, 1, 2], {"a": 0}, ({"w": 0}, 1)])
def test_a_prefix_that_does_not_fit_is_refused(prefix):
    with pytest.raises(OptionError, match=r"in_axes=.* does not fit"):
        broadcast_prefix(prefix, ({"w": 1, "b": 2}, 3), "in_axes")
