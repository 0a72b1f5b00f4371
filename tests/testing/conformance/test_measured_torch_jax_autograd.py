"""The adapters ask right: each library answers as it did when the table was first measured, by hand and apart from them."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tinygrad_edu.testing.conformance.libraries import LIBRARIES
from tinygrad_edu.testing.conformance.running import ask

pytestmark = pytest.mark.peers
LETTERS = {"T": "torch", "J": "jax", "A": "autograd", "M": "mygrad", "G": "tinygrad"}
VERSIONS = {"jax": "0.10.2", "autograd": "1.9.1", "mygrad": "2.5.0", "tinygrad": "0.14.0"}
OTHERWISE = {
    ("torch", "max of [1, nan]"): "2.14 gives [nan, nan], 2.13 [0, 1]",
    ("torch", "clip at its bounds"): "2.14 gives 0 at the bounds, 2.13 gives 1",
    ("tinygrad", "var far from zero"): "measured in float32, here in float64",
    ("jax", "an integer leaf"): "measured without asking for a gradient",
    ("autograd", "an integer leaf"): "measured without asking for a gradient",
}
SUMMED = {"sort of [1, 1]", "x/norm(x) at 0"}  # the value was written down as a sum


def measured():
    """(library, row, cell) for every measured cell."""
    text = (Path(__file__).parent / "measured.txt").read_text()
    for line in text.splitlines():
        if not line.startswith("#"):
            row, cells = line.split(" ## ")
            for letters, cell in re.findall(r"((?:[TJAMG] ?)+): `([^`]*)`", cells):
                for letter in letters.split():
                    yield LETTERS[letter], row, cell


CELLS = [m for m in measured() if m[:2] not in OTHERWISE]


@cache
def answers(library):
    return ask(library, [row for name, row, _ in CELLS if name == library], timeout=120.0)


def number(text):
    return np.array(eval(text, {"nan": np.nan, "inf": np.inf}), complex)


def again(numbers):
    """What JSON carries, as an array."""
    if isinstance(numbers, list):
        return [again(e) for e in numbers]
    return complex(numbers.strip("()")) if isinstance(numbers, str) else numbers


def alike(got, wanted):
    if np.size(got) == 0 and np.size(wanted) == 0:
        return True  # no numbers, of whatever shape
    return np.shape(got) == np.shape(wanted) and np.allclose(got, wanted, rtol=1e-4, atol=6e-5, equal_nan=True)


@pytest.mark.parametrize(("library", "row", "cell"), CELLS, ids=[f"{name}: {row}" for name, row, _ in CELLS])
def test_a_cell_is_as_it_was_measured(library, row, cell):
    found = answers(library)[row]
    if cell.startswith("raises"):
        assert found["text"] == cell
        return
    value, _, grads = cell.partition(" -> ")
    assert alike(np.sum(again(found["value"])) if row in SUMMED else again(found["value"]), number(value))
    if "..." in grads:
        assert found["grads"] == ["70000 numbers"]
        return
    wanted = [] if "no float" in grads else grads.split(" ; ")
    assert len(found["grads"]) == len(wanted)
    assert all(alike(again(g), number(w)) for g, w in zip(found["grads"], wanted, strict=True))


def test_nearly_all_measured_cells_are_held():
    assert len(CELLS) > 650


@pytest.mark.parametrize("library", VERSIONS)
def test_the_versions_are_those_that_were_measured(library):
    assert LIBRARIES[library].version() == VERSIONS[library]


# How engines behave, as the table has it: (library, behaviour) to outcome.
BEHAVIOUR = {
    "second y.backward()": {"micrograd": "12.0", "torch": "raises RuntimeError", "mygrad": "6.0", "tinygrad": "12.0"},
    "second backward, two levels": {"micrograd": "36.0", "mygrad": "12.0", "tinygrad": "24.0"},
    "two fresh graphs, no zeroing": {"micrograd": "12.0", "torch": "12.0", "mygrad": "6.0", "tinygrad": "12.0"},
    "gradient of an inner node": {"micrograd": "2.0", "torch": "None", "mygrad": "2.0", "tinygrad": "2.0"},
    "x += 1 on a leaf, then x*x": {"torch": "raises RuntimeError", "mygrad": "[4. 6.]", "tinygrad": "[4. 6.]"},
    "y *= 10 after z = y*y": {"torch": "raises RuntimeError", "mygrad": "[2. 4.]", "tinygrad": "[2. 4.]"},
    "source array changed after forward": {"torch": "[200. 4.]", "mygrad": "raises ValueError"},
    "x.data[...] = 50 after forward": {"torch": "[100. 100.]", "mygrad": "raises ValueError"},
    "ndarray * v": {"micrograd": "ndarray", "torch": "raises TypeError", "mygrad": "its own", "tinygrad": "ndarray"},
    "np.sin(v)": {"micrograd": "raises TypeError", "torch": "raises RuntimeError", "mygrad": "its own", "tinygrad": "ndarray"},
    "np.sum(v)": {"micrograd": "its own", "torch": "raises TypeError", "mygrad": "its own", "tinygrad": "raises TypeError"},
    "bool(v) for zero": {"micrograd": "True", "torch": "False", "tinygrad": "raises TypeError"},
    "backward from a vector, no seed": {"torch": "raises RuntimeError", "mygrad": "[2. 2.]"},
    "float16 * 3.0": {"torch": "float16", "mygrad": "float64", "tinygrad": "float16"},
    "gradient dtype equals value dtype": {"torch": "True", "mygrad": "True", "tinygrad": "True"},
    "graph freed with the collector off": {"micrograd": "False", "torch": "True", "mygrad": "True", "tinygrad": "True"},
    "pickle of a leaf": {"micrograd": "raises AttributeError", "torch": "True", "mygrad": "True", "tinygrad": "True"},
    "pickle of an inner node": {"torch": "True", "mygrad": "raises TypeError", "tinygrad": "True"},
    "0.0**-1": {"micrograd": "raises ZeroDivisionError", "torch": "[inf -inf]", "mygrad": "[inf -inf]"},
    "Value('a')": {"micrograd": "accepted: a", "torch": "raises TypeError"},
    "Value(Value(1))": {"micrograd": "a Value inside", "torch": "1.0", "mygrad": "1.0"},
}
CASES = [(name, row, wanted) for row, cells in BEHAVIOUR.items() for name, wanted in cells.items()]


@cache
def behaviours(library):
    return ask(library, [row for row, cells in BEHAVIOUR.items() if library in cells])


@pytest.mark.parametrize(("library", "row", "wanted"), CASES, ids=[f"{name}: {row}" for name, row, _ in CASES])
def test_an_engine_behaves_as_it_was_seen_to(library, row, wanted):
    assert behaviours(library)[row]["text"] == wanted
