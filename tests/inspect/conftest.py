"""The browser, and the explorer in it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.inspect.browser import Open, Page, browser
from tinygrad_edu.core import Graph


@pytest.fixture(scope="module")
def chrome() -> Iterator[Any]:
    with browser() as launched:
        yield launched


@pytest.fixture
def show(chrome: Any, tmp_path: Path) -> Iterator[Open]:
    """Open the explorer of a value; afterwards there was no error and no request."""
    pages: list[Page] = []

    def shown(value: Any, *, context: dict[str, Any] | None = None, **options: Any) -> Page:
        graph = value if isinstance(value, Graph) else Graph(value)
        pages.append(Page(chrome, graph.to_html(tmp_path / f"g{len(pages)}.html", **options), **(context or {})))
        return pages[-1]

    yield shown
    for page in pages:
        page.close()
