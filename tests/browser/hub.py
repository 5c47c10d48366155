"""A hub in miniature behind a real server, for the page."""

import os
import threading
from pathlib import Path

import pytest
import uvicorn
from argon2 import PasswordHasher

from dashboard.api.live import Broadcast
from dashboard.app import create_app
from fieldlab.app.chromium import find_chromium
from fieldlab.app.page import listen
from fieldlab.app.people import PeopleStore
from fieldlab.core.clock import SystemClock
from fieldlab.core.settings import Access
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
        quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.people = PeopleStore(home, SystemClock(), Access(), hasher=quick)
        self._port = 0
        self.start()

    def start(self, static: Path = STATIC) -> None:
        """Serve; after a stop under the same address."""
        self.view.now_s = SystemClock().now_s()
        self.stream = Broadcast(epoch=f"{self.view.now_s:.3f}")
        listener = listen("127.0.0.1", self._port)
        self._port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        app = create_app(self.view, self.stream, static=static, people=self.people)
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        self._thread = threading.Thread(target=self._server.run, args=([listener],))
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
        """Stop serving for good."""
        self.stop()

    def stop(self) -> None:
        """Stop serving; the pages lose their hub."""
        self.stream.close()
        self._server.should_exit = True
        self._thread.join(10)
