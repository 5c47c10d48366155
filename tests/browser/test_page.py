"""The page in a real browser, against a hub in miniature."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from dashboard.api.live import Broadcast
from dashboard.app import create_app
from fieldlab.app.people import PeopleStore
from fieldlab.core.clock import SystemClock
from fieldlab.core.settings import Access
from tests.browser.chromium import Page, find_chromium, follow_to_proven
from tests.fakes_dashboard import STATES, FakeView

STATIONS = (
    "diagnose", "design", "verify", "slice", "approve", "print", "inspect", "fit", "proven",
)  # fmt: skip
STATIC = Path(__file__).parents[2] / "dashboard" / "static"
REQUIRED = "chromium" in os.environ.get("FIELDLAB_REQUIRE", "")  # noqa: TID251 - asked of tests
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_chromium() is None and not REQUIRED, reason="needs chromium"),
    pytest.mark.skipif(not (STATIC / "index.html").is_file(), reason="the page is not built"),
]


class Hub:
    """A fake view behind a real server."""

    def __init__(self, home: Path) -> None:
        self.view = FakeView(now_s=SystemClock().now_s())
        self.stream = Broadcast()
        self._socket = socket.create_server(("127.0.0.1", 0))
        people = PeopleStore(home, SystemClock(), Access())
        app = create_app(self.view, self.stream, static=STATIC, people=people)
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread.start()

    def enter(self, state: str) -> None:
        self.view.now_s = SystemClock().now_s()
        self.view.enter(state)
        self.stream.publish("case", {"id": "case-1"})

    def close(self) -> None:
        self.stream.close()
        self._server.should_exit = True
        self._thread.join(10)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    hub = Hub(tmp_path)
    yield hub
    hub.close()


def test_the_wall_follows_a_case_to_proven(hub: Hub) -> None:
    def tell() -> None:
        for state in STATES:
            hub.enter(state)
            told.wait(1.0)

    told = threading.Event()
    with Page() as page:
        teller = threading.Timer(3, tell)
        teller.start()
        lit = follow_to_proven(page, hub.url, timeout_s=60)
        teller.join()

        assert "healthy again" in page.text()
        # A software renderer may miss a station that took a second; the order must hold.
        assert [station for station in STATIONS if station in lit] == lit
        assert len(lit) >= 4
        assert page.errors == []


def test_an_operator_approves_and_fits_with_two_buttons(hub: Hub) -> None:
    hub.enter("open")
    hub.enter("awaiting-approval")
    with Page(width=390, height=844) as page:
        page.open(f"{hub.url}/work?lang=en")
        page.until("!!document.querySelector('input[type=checkbox]')")
        page.ask("document.querySelector('input[type=checkbox]').click()")
        page.click("Approve this print")
        page.until("document.body.innerText.includes('queued')")
        hub.enter("awaiting-fit")
        page.click("The part is fitted")
        page.until("document.body.innerText.includes('proving')")

    assert [word[0] for word in hub.view.said] == ["approve", "fitted"]


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
        page.click("NL")
        page.until("document.body.innerText.includes('draait zoals het hoort')")

        assert page.ask("document.documentElement.lang") == "nl"
