"""What every test of the page starts from: a hub in miniature, and a page that lets go of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldlab.app.chromium import Page
from tests.browser.hub import Hub


@pytest.fixture
def hub(page: Page, tmp_path: Path) -> Iterator[Hub]:
    hub = Hub(tmp_path)
    yield hub
    page.open("about:blank")  # a page that listens would keep the server
    hub.close()
