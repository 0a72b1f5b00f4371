"""The pytest plugin: what `differentiable` tests report, and a line at the end of the run.

It is loaded by its entry point in every pytest run of an environment that has this package, before any conftest.py; so it
imports nothing but the package itself, which is NumPy. NumPy reads OPENBLAS_NUM_THREADS when it is imported: set it in the
environment that pytest is started in, or use pytest-xdist, whose workers start with what a conftest.py has set.

With `-p no:tinygrad_edu` the tests are the same, their failures have tracebacks, and the marker has to be registered by hand.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from ..errors import LawBroken

__all__: list[str] = []

LAW, MUTANTS = "gradient law", "gradient mutants"  # names of user properties of a test


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--gradient-examples`."""
    group = parser.getgroup("tinygrad_edu", "gradient laws")
    group.addoption("--gradient-examples", type=int, metavar="N",
                    help="inputs that each law of a `differentiable` test is tried on, in place of the Hypothesis profile's "
                         "max_examples; a test with @settings of its own keeps those")  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """The marker, for `--strict-markers` and `-m differentiable`; the summary, where results come together."""
    config.addinivalue_line("markers", "differentiable: laws of derivatives, by tinygrad_edu.testing.differentiable")
    examples = config.getoption("--gradient-examples")
    if examples is not None and examples < 1:
        raise pytest.UsageError(f"--gradient-examples takes a number of inputs from 1, got {examples}")
    config.pluginmanager.register(Tally(), "tinygrad_edu-tally")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Note the law of each item, and apply `--gradient-examples`."""
    examples = config.getoption("--gradient-examples")
    for item in items:
        if item.get_closest_marker("differentiable") and (callspec := getattr(item, "callspec", None)):
            item.user_properties.append((LAW, callspec.params["law"]))
            if examples:
                _try_on(examples, item.function)  # type: ignore[attr-defined]  # of a Python function's item


def _try_on(examples: int, test: Any) -> None:
    from hypothesis import settings
    from hypothesis.errors import InvalidArgument

    try:
        settings(settings.default, max_examples=examples)(test)
    except InvalidArgument:
        return  # it has settings of its own, or they were applied at another of its laws


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """A broken law is shown as its report, without a traceback."""
    report = yield
    if call.excinfo is not None and item.get_closest_marker("differentiable"):
        report.longrepr = _story(call.excinfo.value, item) or report.longrepr
    return report


def _story(error: BaseException, item: pytest.Item) -> str | None:
    law = dict(item.user_properties).get(LAW)
    if law is None:
        return (f"{item.name} is in a unittest.TestCase, whose methods pytest hands no parameters, so not the law to test "
                "either. Write it as a function of the module, or in a class that is no TestCase.")  # fmt: skip
    kind = type(error).__name__ if type(error).__module__.startswith("hypothesis") else ""
    if isinstance(error, LawBroken):
        return "\n".join([str(error), *(f"\n{n}" for n in getattr(error, "__notes__", ()) if "reproduce_failure" in n)])
    if kind.startswith("Flaky"):
        broken = [e for e in getattr(error, "exceptions", ()) if isinstance(e, LawBroken)]
        return "\n\n".join([f"The law of {law} was broken at one input, and kept when the same input was tried again: the "
                            "function, or its derivative, is not deterministic.", *map(str, broken)])  # fmt: skip
    if kind == "FailedHealthCheck" and "function-scoped fixture" in str(error):
        return (f"{str(error).splitlines()[0]} It is made once, and the law is tried on many inputs, which all get the same. "
                "Write @pytest.fixture(scope='module') on it; or, if nothing changes it, above this test "
                "@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])")  # fmt: skip
    if kind in ("Unsatisfied", "Unsatisfiable") or (kind == "FailedHealthCheck" and "filter" in str(error)):
        return (f"The law of {law} could not be decided at any input: differences of the function do not settle. Either it "
                "jumps, or it has a kink near these inputs but not at them, or it computes with few digits (float32 "
                "constants inside). Draw other inputs, or leave the law out with a reason: "
                f"without={{{law!r}: '...'}}")  # fmt: skip
    return None


class Tally:
    """What the tests of laws and mutants found, gathered from their reports; with pytest-xdist, from all workers."""

    def __init__(self) -> None:
        self.laws: dict[str, set[tuple[str, str]]] = {}  # outcome -> law and item
        self.mutants: dict[str, int] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one report."""
        properties: dict[str, Any] = dict(report.user_properties)
        if LAW in properties and (report.when == "call" or report.outcome != "passed"):
            self.laws.setdefault(report.outcome, set()).add((properties[LAW], report.nodeid))
        if report.when == "call":
            for what, count in properties.get(MUTANTS, {}).items():
                self.mutants[what] = self.mutants.get(what, 0) + count

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """One line for the laws, one for the mutants, where there were any."""
        if self.laws:
            terminalreporter.write_line(f"gradient laws: {self._laws()}")
        if self.mutants:
            counts = ", ".join(f"{count} {what}" for what, count in self.mutants.items())
            terminalreporter.write_line(f"gradient mutants: {counts}")

    def _laws(self) -> str:
        items = set().union(*self.laws.values())
        laws, functions = {law for law, _ in items}, {nodeid.partition("[")[0] for _, nodeid in items}
        broken, skipped = len(self.laws.get("failed", ())), len(self.laws.get("skipped", ()))
        verdict = f"{broken} broken" if broken else "all held"
        left_out = f", {skipped} left out" if skipped else ""
        return f"{_count(len(laws), 'law')}, {_count(len(functions), 'function')}, {verdict}{left_out}"


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"
