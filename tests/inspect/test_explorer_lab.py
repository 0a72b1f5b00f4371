"""The widget in a real JupyterLab: it is drawn, Python hears what is chosen, and the page shows what Python chooses."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.inspect.browser import browser

pytestmark = pytest.mark.lab

CELL = """\
import numpy as np, tinygrad_edu as tg
x = tg.Value(3.0, label="x")
y = np.tanh(x * 0.5); y.label = "y"
y.backward()
widget = y.graph().widget(height=420)
def chosen(change):
    with open("chosen.txt", "w") as file:
        file.write(repr(widget.value))
    if change.new == 0:
        widget.selected = 2
widget.observe(chosen, "selected")
widget
"""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def notebook() -> dict[str, Any]:
    cell = {"cell_type": "code", "id": "one", "metadata": {}, "execution_count": None, "outputs": [], "source": CELL}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": [cell]}


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A JupyterLab on loopback without a password, with one notebook."""
    pytest.importorskip("jupyterlab", reason="jupyterlab is not installed: pip install 'tinygrad-edu[lab]'")
    work = tmp_path / "work"
    work.mkdir()
    (work / "g.ipynb").write_text(json.dumps(notebook()))
    config = tmp_path / "config" / "labconfig"
    config.mkdir(parents=True)
    quiet = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (config / "page_config.json").write_text(json.dumps(quiet))
    folders = {f"JUPYTER_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    env = {**os.environ, **folders, "IPYTHONDIR": str(tmp_path / "ipython"), "PYTHONPATH": str(Path(__file__).parents[2])}
    port = free_port()
    settings = {"port": port, "ip": "127.0.0.1", "password": "", "root_dir": work, "port_retries": 0}
    options = [f"--ServerApp.{name}={value}" for name, value in settings.items()]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--IdentityProvider.token=", *options]
    with (tmp_path / "lab.log").open("w") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/api", server, tmp_path / "lab.log")
            yield f"http://127.0.0.1:{port}", work
        finally:
            server.terminate()
            server.wait(30)


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert server.poll() is None, log.read_text()
            time.sleep(0.2)
    raise AssertionError(log.read_text())


def heard(file: Path, word: str) -> str:
    for _ in range(300):
        if file.exists() and word in (text := file.read_text()):
            return text
        time.sleep(0.1)
    raise AssertionError(f"Python did not hear of {word}: {file.read_text() if file.exists() else 'nothing at all'}")


def run(page: Any) -> None:
    """Run the first cell. JupyterLab lets keys go by while it still puts the page together: until its prompt moves, again."""
    prompt = page.locator(".jp-CodeCell .jp-InputArea-prompt").first
    for _ in range(24):
        page.locator(".jp-CodeCell .cm-content").first.click()
        page.keyboard.press("Shift+Enter")
        for _ in range(25):
            if prompt.inner_text().strip() not in ("", "[ ]:", "[]:"):
                return
            page.wait_for_timeout(200)
    raise AssertionError(f"the cell did not start: its prompt is {prompt.inner_text()!r}")


def test_the_widget_is_drawn_and_talks_to_python(lab: tuple[str, Path]) -> None:
    url, work = lab
    outside: list[str] = []
    with browser() as chrome:
        page = chrome.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(120_000)
        page.on("request", lambda r: None if r.url.startswith((url, "data:", "blob:", "ws:")) else outside.append(r.url))
        page.goto(f"{url}/lab/tree/g.ipynb")
        run(page)
        boxes = page.locator("[data-box]")
        boxes.first.wait_for()
        assert boxes.count() == 3
        page.get_by_role("button", name="multiply of x, 0.5, data 1.5").first.click()
        assert "op=multiply" in heard(work / "chosen.txt", "multiply")
        page.get_by_role("button", name="leaf, x").first.click()
        assert "op=tanh" in heard(work / "chosen.txt", "tanh")  # Python chose the third node in answer
        page.get_by_label("about the node").get_by_role("heading", name="tanh y").wait_for()
    assert outside == []
