"""The page in a real browser, against a hub in miniature."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldlab.app.chromium import Page, follow_to_proven
from tests.browser.hub import MARKS, Hub
from tests.fakes_dashboard import STATES

STATIONS = (
    "diagnose", "design", "verify", "slice", "approve", "print", "inspect", "fit", "proven",
)  # fmt: skip
pytestmark = MARKS


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    hub = Hub(tmp_path)
    yield hub
    hub.close()


def test_the_wall_follows_a_case_to_proven(hub: Hub) -> None:
    def tell() -> None:
        for state in STATES:
            hub.enter(state)
            told.wait(1.6)

    told = threading.Event()
    with Page() as page:
        teller = threading.Timer(3, tell)
        teller.start()
        lit = follow_to_proven(page, hub.url, timeout_s=90)
        teller.join()

        assert "healthy again" in page.text()
        # A software renderer may miss a station that took a second; the order must hold.
        assert [station for station in STATIONS if station in lit] == lit
        assert len(lit) >= 4
        assert page.errors == []


def test_the_wall_fits_without_scrolling_and_says_when_data_is_stale(hub: Hub) -> None:
    hub.view.heard_s = hub.view.now_s - 60
    with Page() as page:
        page.open(f"{hub.url}/?lang=en")
        page.until("document.body.innerText.includes('No fresh data')")

        assert page.ask("document.documentElement.scrollHeight <= innerHeight")
        assert page.errors == []


def test_the_language_switches_in_place(hub: Hub) -> None:
    with Page() as page:
        page.open(f"{hub.url}/?lang=en")
        page.until("document.body.innerText.includes('runs as it should')")
        page.click("NL: Nederlands")
        page.until("document.body.innerText.includes('draait zoals het hoort')")

        assert page.ask("document.documentElement.lang") == "nl"
