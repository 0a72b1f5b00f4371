"""Debian's Chromium, driven by Playwright: pages open without any network, and their errors and requests are kept."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip


def chromium() -> str:
    """Where the browser is; the test is skipped, with the reason, where there is none, but not in `.ci/run`."""
    path = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
    )
    if not path:
        lack = pytest.fail if os.environ.get("CI") else pytest.skip
        lack("no Chromium is installed (apt-get install chromium), and CHROMIUM names none")
    return path


@contextmanager
def browser() -> Iterator[Any]:
    path = chromium()
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install 'tinygrad-edu[browser]'")
    with sync.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        launched.close()


class Page:
    """An explorer in a page, and all that went wrong there."""

    def __init__(self, browser: Any, path: Path, **options: Any) -> None:
        self.context = browser.new_context(**{"offline": True, "viewport": {"width": 1280, "height": 800}, **options})
        self.context.set_default_timeout(20_000)
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type in ("error", "warning") else None)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())
        self.until("() => window.explorer?.scene.boxes.length")

    def ask(self, expression: str, argument: Any = None) -> Any:
        return self.page.evaluate(expression, argument)

    def until(self, expression: str) -> None:
        """Ask until it is so; Playwright's own waiting needs `eval`, which the page forbids."""
        for _ in range(200):
            if self.ask(expression):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"it never came true: {expression}")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def card(self) -> Any:
        return self.page.get_by_label("about the node")

    def box(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    def close(self) -> None:
        self.context.close()
        assert self.errors == []
        assert [url for url in self.requests if not url.startswith(("file:", "blob:"))] == []


Open = Callable[..., Page]
