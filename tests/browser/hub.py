"""A hub in miniature behind a real server, for the page."""

import os
import socket
import threading
from pathlib import Path

import pytest
import uvicorn

from dashboard.api.live import Broadcast
from dashboard.app import create_app
from fieldlab.app.people import PeopleStore
from fieldlab.core.clock import SystemClock
from fieldlab.core.settings import Access
from tests.browser.chromium import find_chromium
from tests.fakes_dashboard import FakeView

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "dashboard" / "static"
REQUIRED = "chromium" in os.environ.get("FIELDLAB_REQUIRE", "")  # noqa: TID251 - asked of tests
MARKS = [
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
        """Move the case on, and tell the pages."""
        self.view.now_s = SystemClock().now_s()
        self.view.enter(state)
        self.stream.publish("case", {"id": "case-1"})

    def send(self) -> None:
        """Let the edge send one window now."""
        self.view.now_s = SystemClock().now_s()
        self.view.heard_s = None
        live = self.view.live("cookie-line-3")
        if live is not None:
            self.stream.publish("live", live)

    def close(self) -> None:
        """Stop serving."""
        self.stream.close()
        self._server.should_exit = True
        self._thread.join(10)
