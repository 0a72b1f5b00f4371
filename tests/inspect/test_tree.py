"""The tree for terminals: every value once, arguments below results, in text and with colours."""

import io
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.inspect.graphs import chain, dags, network, neuron
from tinygrad_edu.core import Value
from tinygrad_edu.inspect import draw
from tinygrad_edu.inspect.pictures.picture import SHOW
from tinygrad_edu.inspect.pictures.tree import DEEPEST


def _lines(v: Value, **options: object) -> list[str]:
    return str(draw(v, **{"names": {}, "show": SHOW, **options}).tree()).splitlines()  # type: ignore[arg-type]


def test_a_neuron_as_a_tree():
    out = neuron()
    out.backward()
    assert _lines(out, show=("label", "data", "grad"), precision=3) == [
        "out = tanh(%8)   data 0.462  grad 1",
        "└── %8 = add(%7, b)   data 0.5  grad 0.786",
        "    ├── %7 = add(%5, %6)   data -6  grad 0.786",
        "    │   ├── %5 = multiply(x1, w1)   data -6  grad 0.786",
        "    │   │   ├── x1   data 2  grad -2.36",
        "    │   │   └── w1   data -3  grad 1.57",
        "    │   └── %6 = multiply(x2, w2)   data 0  grad 0.786",
        "    │       ├── x2   data 0  grad 0.786",
        "    │       └── w2   data 1  grad 0",
        "    └── b   data 6.5  grad 0.786",
    ]


def test_what_was_shown_is_only_named_again():
    x = Value(3.0, "x")
    y = x * x
    lines = _lines(y + y, show=("label", "data"))
    assert lines[:5] == ["%2 = add(%1, %1)   data 18", "├── %1 = multiply(x, x)   data 9", "│   ├── x   data 3", "│   └── x ↑",
                         "└── %1 ↑"]  # fmt: skip


def test_sixty_diamonds_take_two_lines_each():
    v = Value(1.0)
    for _ in range(60):
        v = v + v
    assert len(_lines(v, limit=100)) < 60 * 2 + 60 // DEEPEST + 4


@given(dags(), st.integers(8, 60))
def test_every_box_has_one_line_of_its_own_and_every_arrow_a_line_below_it(v: Value, limit: int):
    drawing = draw(v, limit=limit)
    text = re.sub(r"^[│├└─ ]*", "", str(drawing.tree()), flags=re.M)
    lines = text.splitlines()[: -len(drawing._picture.lines) or None]
    shown = [n for n in drawing._picture.nodes if n.kind not in ("op", "constant")]
    full = [line for line in lines if not re.search(r" [↑↓](   slope .*)?$", line)]
    assert len(full) == len(shown)
    arrows = [e for e in drawing._picture.edges if not e.tail.startswith(("op", "c"))]
    postponed = sum(" ↓" in line for line in lines)
    roots = len(shown) - len({e.tail for e in arrows})
    shortened = sum("… " in line and line.endswith(" ↑") for line in lines)
    assert len(lines) == len(arrows) + roots + postponed or shortened


def test_many_that_are_named_again_are_three_lines():
    xs = [Value(float(i), f"x{i}") for i in range(9)]
    lines = _lines(np.stack(xs).sum() + np.stack(xs).prod(), show=("label",))
    assert [line.strip("│├└─ ") for line in lines[-4:]] == ["%11 = stack(x0, x1, x2, x3, x4, x5, x6, x7, x8)", "x0 ↑", "x1 ↑",
                                                             "… x8 ↑"]  # fmt: skip


def test_a_deep_branch_goes_on_below_under_its_name():
    lines = _lines(chain(40), limit=100)
    assert max(len(line) - len(line.lstrip("│├└─ ")) for line in lines) == 4 * (DEEPEST + 1)
    assert [line.split()[-2:] for line in lines if line.endswith("↓")] == [["%27", "↓"], ["%14", "↓"], ["%1", "↓"]]
    assert [line.split()[0] for line in lines if not line.startswith(" ") and line[0] == "%"] == ["%40", "%27", "%14", "%1"]
    assert len([line for line in lines if "data" in line]) == 41


def test_a_huge_graph_is_collapsed_as_in_the_picture():
    v = network((30, 16, 8))
    v.backward()
    text = str(draw(v).tree())
    assert len(text.splitlines()) < 250
    assert "layer 0/neuron 3(" in text or "layer 0(" in text
    assert "values in" in text.splitlines()[-2]


def test_several_results_of_a_call_and_several_outputs():
    q, r = np.linalg.qr(Value(np.array([[2.0, 1.0], [0.0, 3.0]]), "m"))
    text = str(draw(q @ r).tree())
    assert "qr(m)[0]" in text
    assert "qr(m)[1]" in text
    x = Value(2.0, "x")
    lines = str(draw(x * 3.0, x + 1.0, show=("label",), names={}).tree()).splitlines()
    assert [line for line in lines if not line.startswith(("└", " "))][:2] == ["%1 = multiply(x, 3)", "%2 = add(x, 1)"]


def test_a_constant_is_named_by_its_number_also_if_it_is_not_finite():
    assert (
        _lines(Value(1.0, "x") * np.nan, show=("label", "data"))[0] == "%1 = multiply(x, nan)   data nan  data NOT FINITE: nan"
    )


def test_names_of_any_kind_stay_on_their_line():
    with tg.scope("a\nb"):
        v = Value(1.0, 'x"<\n😀') * 2.0
    text = str(draw(v, names={}).tree())
    assert 'x"<\\n😀' in text
    assert len(text.splitlines()) == 3  # the last is a note


def test_rich_prints_the_same_lines_in_colours():
    console = pytest.importorskip("rich.console")
    v = neuron()
    v.backward()
    tree = draw(v * np.nan).tree()
    file = io.StringIO()
    console.Console(file=file, width=200, force_terminal=True, color_system="standard").print(tree)
    plain = re.sub(r"\x1b\[[\d;]*m", "", file.getvalue())
    assert plain.rstrip().splitlines() == str(tree).splitlines()
    assert "\x1b[1;35m" in file.getvalue()  # the NaN
