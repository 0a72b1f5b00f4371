"""The pytest plugin, as users meet it: each test writes a small test file and looks at what pytest says about it."""

import sys

import pytest

import tinygrad_edu.testing.laws as laws

pytest_plugins = ["pytester"]

HEAD = """
import numpy as np
import pytest
import tinygrad_edu as tg
from hypothesis import HealthCheck, example, settings, strategies as st
from tinygrad_edu.testing import differentiable
"""
BROKEN = """
@tg.elementwise(dx=lambda x: 2.5 * x, name="{name}")
def squared(x):
    return x * x

@differentiable(x=(2,), laws="differences")
def test_squared(x):
    return squared(x)
"""


@pytest.fixture
def run(pytester, request):
    """Run pytest on a test file with these lines."""
    name = f"broken_{abs(hash(request.node.nodeid))}"  # the registry of ops is shared with the tests around

    def run(lines, *options, new_process=False):
        path = pytester.makepyfile(HEAD + lines.replace("{name}", name))
        options = (path, "-p", "no:cacheprovider", "-W", "error", "--strict-markers", *options)
        return (pytester.runpytest_subprocess if new_process else pytester.runpytest_inprocess)(*options)

    return run


LAYER = """
@differentiable(x=(3,), w=(3, 2))
def test_layer(x, w):
    return np.tanh(x @ w)
"""


def test_one_item_a_law(run):
    result = run(LAYER, "--collect-only", "-q")
    result.stdout.fnmatch_lines([f"*::test_layer[[]{law}]" for law in laws.LAWS])


def test_a_right_function_keeps_every_law_and_the_summary_says_so(run):
    result = run(LAYER, "--gradient-examples=4")
    result.assert_outcomes(passed=len(laws.LAWS))
    result.stdout.fnmatch_lines([f"gradient laws: {len(laws.LAWS)} laws, 1 function, all held"])


def test_a_broken_rule_is_reported_without_a_traceback(run):
    result = run(BROKEN)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([
        "*test_squared[[]differences]*",
        "test_squared (*.py:*) does not keep the law of differences: *",
        "smallest input found:",
        "    x = [[]1., 1.]*",
        "the slope of x in the direction *:",
        "    derivative   *",
        "    differences  *",
        "    error bar    ± *",
        "look at: *check_gradients*",
        "gradient laws: 1 law, 1 function, 1 broken",
    ])  # fmt: skip
    assert not {"Traceback", "laws.py", "points.py", "decorator.py", "core.py"} & set(result.stdout.str().split())
    assert "site-packages" not in result.stdout.str()


def test_an_error_in_the_function_is_shown_with_the_users_line(run):
    result = run("""
@differentiable(x=(2,), laws="shape")
def test_f(x):
    return x @ np.ones((3, 3))
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*return x @ np.ones((3, 3))", "E *ShapeError: matmul: *"])
    assert "points.py" not in result.stdout.str()


def test_a_function_that_returns_nothing_is_told_so(run):
    result = run("@differentiable(x=(2,), laws='shape')\ndef test_f(x):\n    np.sin(x)\n")
    result.stdout.fnmatch_lines(["E *OptionError: test_f returned NoneType, in which there is no float array*"])


def test_laws_are_left_out_for_a_reason(run):
    result = run(LAYER.replace("(3, 2))", "(3, 2), without={'batch': 'too slow here'}, order=1, modes=['reverse'])"), "-rs",
                 "--gradient-examples=3")  # fmt: skip
    result.assert_outcomes(passed=len(laws.LAWS) - 5, skipped=5)
    result.stdout.fnmatch_lines(["*gradient laws: * all held, 5 left out"])
    for why in ("the law of batch is left out: too slow here", "second is left out: order=1", "forward is left out: modes=*"):
        result.stdout.fnmatch_lines([f"SKIPPED * {why}"])


@pytest.mark.parametrize(("option", "message"), [
    ("laws='shapes'", "no law is called 'shapes'; there are shape, dtype, *"), ("laws=[]", "*name at least one law*"),
    ("without={'batch': ''}", "*a reason*"), ("without=['batch']", "*a reason*"), ("without={'bach': 'slow'}", "no law is *"),
    ("modes=('forward',)", "modes are *"), ("modes=('reverse', 'backward')", "modes are *"),
    ("order=3", "order is 1 or 2, got 3"), ("y=(2,)", "test_f has no parameter 'y'; it has x"),
])  # fmt: skip
def test_options_are_checked_where_they_are_written(run, option, message):
    result = run(f"@differentiable({option})\ndef test_f(x):\n    return x\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"E *OptionError: {message}"])


def test_marker_and_keyword_select(run):
    lines = LAYER + "\ndef test_other():\n    pass\n"
    run(lines, "-m", "differentiable", "--gradient-examples=1").assert_outcomes(passed=len(laws.LAWS), deselected=1)
    run(lines, "-k", "layer and transpose", "--gradient-examples=1").assert_outcomes(passed=1, deselected=len(laws.LAWS))


# -- Hypothesis --------------------------------------------------------------------------------------------------------

COUNTED = """
calls = 0

{settings}
@differentiable(x=st.floats(-1, 1, width=32).map(np.float64), laws="shape")
def test_f(x):
    global calls
    calls += 1
    return np.sin(x)

def test_count():
    assert calls == 2 * {count}  # once with plain arrays, once with Values
"""


@pytest.mark.parametrize(("settings", "options", "count"), [
    ("", ["--gradient-examples=5"], 5), ("@settings(max_examples=3)", [], 3),
    ("@settings(max_examples=3)", ["--gradient-examples=5"], 3),
])  # fmt: skip
def test_settings_say_how_many_inputs_are_tried(run, settings, options, count):
    run(COUNTED.format(settings=settings, count=count), *options).assert_outcomes(passed=2)


def test_the_profile_in_force_says_how_many_inputs_are_tried(run, pytester):
    pytester.makeconftest("from hypothesis import settings\nsettings.register_profile('four', max_examples=4)")
    run(COUNTED.format(settings="", count=4), "--hypothesis-profile=four", new_process=True).assert_outcomes(passed=2)


def test_statistics_examples_and_reproduction_are_hypothesis_own(run):
    result = run("""
@settings(print_blob=True, derandomize=True)
@example(x=np.array([5.0]))
@differentiable(x=(1,), laws="shape")
def test_f(x):
    assert x[0] != 5.0
    return x
""", "--hypothesis-show-statistics")  # fmt: skip
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_f[[]shape]*", "*x=array([[]5.])*"])


def test_a_broken_law_can_be_reproduced(run):
    result = run(BROKEN.replace("@differentiable", "@settings(print_blob=True)\n@differentiable"))
    result.stdout.fnmatch_lines(["*@reproduce_failure(*"])


def test_an_undecided_law_is_no_pass(run):
    result = run("@differentiable(x=np.array([1e-5]), laws='differences')\ndef test_f(x):\n    return np.abs(x)\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["The law of differences could not be decided at any input: *without={'differences': '...'}*"])


def test_a_function_that_fails_only_sometimes_is_called_undeterministic(run):
    result = run("""
calls = 0

@differentiable(x=(1,), laws="dtype")
def test_f(x):
    global calls
    calls += 1
    return x * (np.ones(1) if calls == 9 else 1.0)
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["The law of dtype was broken at one input, and kept when *not deterministic*"])


# -- where inputs come from --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lines", [
    "@differentiable(x=tg.ops.domain.positive)\ndef test_f(x):\n    return np.log(x)",
    "@differentiable()\ndef test_f(x, w):\n    assert x.shape == w.shape\n    return x * w",
    "@differentiable(x=np.array([1.0, 2.0], np.float32))\ndef test_f(x):\n    return np.exp(x)",
    "test_f = differentiable(np.tanh, x=(2,))",
    "test_f = differentiable(lambda x, n: x**n, x=(2,), n=3)",
    "@differentiable(p=st.fixed_dictionaries({'w': st.just(np.ones(2)), 'b': st.just([1.0, (2.0, None)])}))\n"
    "def test_f(p):\n    return {'y': p['w'] * p['b'][0], 'z': (p['b'][1][0], 3)}",
    "@pytest.fixture(scope='module')\ndef model():\n    return lambda x: np.tanh(2 * x)\n"
    "@differentiable(x=(2,))\ndef test_f(x, model):\n    return model(x)",
    "class TestF:\n    @differentiable(x=(2,))\n    def test_f(self, x):\n        return np.sin(x)",
    "@pytest.mark.parametrize('k', [1, 2])\n@differentiable(x=(2,))\ndef test_f(x, k):\n    return k * x",
    "@differentiable(x=(2,))\n@pytest.mark.parametrize('k', [1, 2])\ndef test_f(x, k):\n    return k * x",
    "class TestF:\n    @staticmethod\n    @differentiable(x=(2,))\n    def test_f(x):\n        return np.sin(x)",
    "class TestF:\n    @classmethod\n    @differentiable()\n    def test_f(cls, x):\n        return np.sin(x)",
    "@differentiable(inputs={'order': (2,)}, order=1)\ndef test_f(order):\n    return np.sin(order)",
    "@differentiable(x=(2,))\ndef test_f(x, scale=2.0):\n    return scale * x",
])  # fmt: skip
def test_inputs(run, lines):
    result = run(lines, "--gradient-examples=2", "-k", "differences or dtype or batch")
    outcomes = result.parseoutcomes()
    assert outcomes.keys() == {"passed", "deselected"}, result.stdout.str()
    assert outcomes["passed"] in (3, 6)
    result.stdout.fnmatch_lines(["gradient laws: 3 laws, 1 function, all held"])


@pytest.mark.parametrize(("lines", "message"), [
    ("async def test_f(x):\n    return x", "*test_f is an async function *"),
    ("def test_f(x):\n    yield x", "*test_f is an async function or has a yield*"),
    ("async def test_f(x):\n    yield x", "*a plain def that returns arrays*"),
    ("def test_f(x, law):\n    return x", "*test_f has a parameter law*give it another name"),
    ("@staticmethod\ndef test_f(x):\n    return x", "*@staticmethod stands above @differentiable*"),
    ("@classmethod\ndef test_f(cls, x):\n    return x", "*@classmethod stands above @differentiable*"),
    ("class test_f:\n    pass", "*names no parameter*"),
])  # fmt: skip
def test_what_cannot_be_differentiated_is_refused_where_it_is_written(run, lines, message):
    result = run(f"@differentiable()\n{lines}\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"E *OptionError: {message}"])


@pytest.mark.parametrize(("lines", "message"), [
    ("import unittest\nclass T(unittest.TestCase):\n    @differentiable(x=(2,))\n    def test_f(self, x):\n        return x",
     "*test_f is in a unittest.TestCase, *"),
    ("@pytest.fixture\ndef model():\n    return np.tanh\n"
     "@differentiable(x=(2,), laws='shape')\ndef test_f(x, model):\n    return model(x)",
     "*model*Write @pytest.fixture(scope='module')*"),
])  # fmt: skip
def test_what_pytest_cannot_hand_over_is_explained(run, lines, message):
    result = run(lines)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([message])


def test_without_the_plugin_the_laws_are_tested_too(run, pytester):
    pytester.makeini("[pytest]\nmarkers = differentiable")
    result = run(BROKEN, "-p", "no:tinygrad_edu", new_process=True)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*LawBroken: test_squared*"])
    assert "gradient laws:" not in result.stdout.str()


def test_values_that_are_no_float_arrays_are_constants(run):
    result = run("@differentiable(n=3, laws='shape')\ndef test_f(n):\n    return np.ones(n)")
    result.stdout.fnmatch_lines(["E *OptionError: test_f got no float array to differentiate by: n are all constants"])


# -- other plugins, other processes ------------------------------------------------------------------------------------


def test_workers_collect_the_same_and_the_summary_adds_up(run, pytester):
    """And what a conftest.py sets in the environment, once NumPy is there already, holds for the workers: one BLAS thread."""
    pytest.importorskip("xdist")
    pytester.makeconftest("import os\nos.environ['OPENBLAS_NUM_THREADS'] = '1'")
    environment = "\nimport os\n\ndef test_environment():\n    assert os.environ['OPENBLAS_NUM_THREADS'] == '1'\n"
    result = run(LAYER + BROKEN + environment, "-n2", "--gradient-examples=3", new_process=True)
    result.assert_outcomes(passed=len(laws.LAWS) + 1, failed=1)
    result.stdout.fnmatch_lines([
        "test_squared (*.py:*) does not keep the law of differences: *",
        f"gradient laws: {len(laws.LAWS)} laws, 2 functions, 1 broken",
    ])  # fmt: skip


def test_counts_of_mutants_are_summed(run):
    result = run("""
@pytest.mark.parametrize("name", ["tanh", "sin"])
def test_mutants(name, record_property):
    record_property("gradient mutants", {"killed": 3, "equivalent": 1})
""")
    result.stdout.fnmatch_lines(["gradient mutants: 6 killed, 2 equivalent"])


def test_a_run_without_laws_says_nothing_about_them(run):
    assert "gradient" not in run("def test_nothing():\n    pass\n").stdout.str()


def test_a_wrong_number_of_examples_is_a_usage_error(run):
    result = run(LAYER, "--gradient-examples=0")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--gradient-examples takes a number of inputs from 1, got 0"])


def test_the_plugin_loads_nothing_heavy(run, pytester):
    path = pytester.makepyfile("""
import sys

def test_light():
    assert not {"hypothesis", "sympy", "mpmath", "tinygrad_edu.testing.laws", "tinygrad_edu.transforms"} & set(sys.modules)
""")
    result = pytester.run(sys.executable, "-m", "pytest", "-p", "no:hypothesispytest", "-q", path)
    result.assert_outcomes(passed=1)
