"""The laws reach every op: each has a domain or a registered case, a first sentence, and formulas that can be run."""

import pytest

from tests.laws.calls import CASES, OPS, examples_of, required_options
from tinygrad_edu.ops.documentation import documented


@pytest.mark.parametrize("name", OPS)
def test_every_op_has_calls_to_be_tested_on(name):
    cure = f"options {required_options(OPS[name])} need values" if OPS[name].kind == "elementwise" else "there is no domain"
    assert examples_of(OPS[name]) is not None, f"{name}: {cure}; register a case in tests/laws/cases"


def test_every_case_has_an_op():
    assert set(CASES) <= set(OPS)


@pytest.mark.parametrize("name", OPS)
def test_every_op_says_what_it_is_in_its_first_line(name):
    first = (OPS[name].__doc__ or "").strip().splitlines()[:1]
    assert first
    assert first[0].endswith("."), f"{name}: the first line is a sentence, got {first}"


@pytest.mark.parametrize("name", OPS)
def test_every_op_documents_its_function_and_its_derivatives(name):
    op = OPS[name]
    formulas = [left for left, _ in documented(op)]
    prefix = {"elementwise": "dy/d", "composite": None}.get(op.kind, "g")
    wanted = ["y", *(prefix + i for i in op.inputs)] if prefix else ["y"]
    assert sorted(formulas) == sorted(wanted), f"{name}: formulas for {formulas}, wanted {wanted}"


def test_there_are_150_differentiable_functions():
    assert len(OPS) >= 150
