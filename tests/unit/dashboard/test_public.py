"""A visitor's answer names no address of this house."""

import asyncio
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from dashboard.api.live import Broadcast
from dashboard.api.public import public
from dashboard.app import create_app
from dashboard.people import VISITOR
from fieldlab.app.people import PeopleStore
from fieldlab.core.clock import ManualClock
from fieldlab.core.errors import StoreError
from fieldlab.core.settings import Access
from printing.printers.octoprint import OctoPrint
from printing.printers.once import OncePrinter
from tests.fakes_dashboard import FakeView, Record

HOME = "http://hall.example:8000"


class Refusing(http.server.BaseHTTPRequestHandler):
    """A printer's server that refuses every key, and says where its files are."""

    def do_GET(self) -> None:
        body = json.dumps({"error": f"see /home/pi/.octoprint/logs on {self.server.server_name}"})
        self.send_response(500)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Shop(FakeView):
    """A workshop whose printer refuses, and whose disk is full when it is asked of a machine."""

    reason = ""

    def cases(self, limit: int = 100, before: str | None = None) -> list[Record]:
        found = super().cases(limit, before)
        for case in found:
            case["jobs"] = [{**job, "waits_for": self.reason} for job in case["jobs"]]
        return found

    def live(self, machine_id: str) -> Record | None:
        raise StoreError("/srv/fieldlab/hub.sqlite: database or disk is full")


@pytest.fixture
def refused() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    octoprint = OctoPrint("left", f"http://127.0.0.1:{server.server_port}", "key")
    printer = OncePrinter(octoprint, ManualClock())
    try:
        yield printer.status("job").reason
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def told(view: FakeView, home: Path, path: str, *, by: str | None = None) -> httpx.Response:
    """Return what a visitor, or an operator with a token, is told."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    people = PeopleStore(home, ManualClock(), Access(), hasher=quick)
    headers = {}
    if by is not None:
        people.put("anna", "admin", "a long password")
        person = people.of_session(people.log_in("anna", "a long password", "here")) or VISITOR
        token = people.add_token(person, "operator", 1)["token"]
        headers = {"authorization": f"Bearer {token}"}
    app = create_app(view, Broadcast(), static=home, people=people)

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=HOME) as client:
            return await client.get(path, headers=headers)

    return asyncio.run(asked())


def test_a_printer_that_refuses_is_told_to_the_operator_and_not_to_a_visitor(
    refused: str, tmp_path: Path
) -> None:
    shop = Shop()
    shop.reason = refused
    shop.enter("open")
    shop.enter("printing")
    assert "http://127.0.0.1:" in refused
    assert "/home/pi" in refused

    visitor = told(shop, tmp_path, "/api/cases").json()
    operator = told(shop, tmp_path, "/api/cases/case-1", by="operator").json()

    said = visitor["cases"][0]["jobs"][0]["waits_for"]
    assert said.startswith("printer 'left': …")
    assert not any(word in said for word in ("127.0.0.1", "http", "/home", "octoprint/logs"))
    assert operator["jobs"][0]["waits_for"] == refused
    assert visitor["cases"][0]["reasons"] == operator["reasons"]


def test_an_error_names_no_path_to_a_visitor(tmp_path: Path) -> None:
    answer = told(Shop(), tmp_path, "/api/machines/cookie-line-3/live")

    assert answer.status_code == 503
    assert answer.json()["detail"] == "…: database or disk is full"


def test_the_stream_that_anybody_hears_names_no_address() -> None:
    stream = Broadcast()
    stream.publish("live", {"reason": "nothing listens at octopi.local:5000", "t_s": 1.5})

    (frame,) = stream.latest.values()

    assert b'{"reason":"nothing listens at \xe2\x80\xa6","t_s":1.5}' in frame


@pytest.mark.parametrize(
    "text",
    [
        "see C:\\fieldlab\\keys\\left.key", "at [fe80::1]:5000", "at 192.168.1.20",
        "localhost:8000",
        "ftp://pi:secret@printer/x", "~/octo/key", "moonraker.lan says no", "octopi:7125 is off",
    ],
)  # fmt: skip
def test_whatever_names_a_place_is_hidden_and_json_stays_json(text: str) -> None:
    found = json.loads(public(json.dumps({"a": text, "b": [1.25, None]})))

    assert "…" in found["a"]
    assert found["b"] == [1.25, None]
    secrets = ("fieldlab", "fe80", "192", "8000", "secret", "octo/", "moonraker", "7125")
    assert not any(word in found["a"] for word in secrets)


@pytest.mark.parametrize(
    "text",
    [
        "2.4 of the limit at 493.3 Hz; 0.5 kg/h", "and/or 3/4, 1:2.5, 12:30", "m/s2",
        "tele/plug/SENSOR",
        "PA12-CF, 14.0 mm; version 1.2.3", "cookie-line-3-pinion-20260921-141320", "20 × motor",
        "2026-09-21T14:13:20+00:00", "ab" * 32,
    ],
)  # fmt: skip
def test_what_names_no_place_is_left_as_it_is(text: str) -> None:
    assert public(text) == text
