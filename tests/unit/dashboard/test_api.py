"""The hub's web application answers, refuses and protects."""

import asyncio
from pathlib import Path

import httpx
import pytest

from dashboard.api.answers import to_json
from dashboard.api.live import Broadcast
from dashboard.app import create_app
from fieldlab.app.people import PeopleStore
from fieldlab.core.clock import ManualClock
from fieldlab.core.settings import Access
from tests.fakes_dashboard import HASH, FakeView

OWN = {"origin": "http://localhost:8000"}


class Browser:
    """Asks the application without a network."""

    def __init__(self, view: FakeView, static: Path) -> None:
        people = PeopleStore(static / "home", ManualClock(), Access())
        app = create_app(view, Broadcast(), static=static, people=people)
        self._transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self._base = "http://localhost:8000"

    async def _ask(self, method: str, path: str, **options: object) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport, base_url=self._base) as client:
            return await client.request(method, path, **options)  # type: ignore[arg-type]

    def get(self, path: str, **options: object) -> httpx.Response:
        return asyncio.run(self._ask("GET", path, **options))

    def post(self, path: str, **options: object) -> httpx.Response:
        return asyncio.run(self._ask("POST", path, **options))


@pytest.fixture
def view() -> FakeView:
    view = FakeView()
    view.enter("open")
    view.enter("awaiting-approval")
    return view


@pytest.fixture
def browser(view: FakeView, tmp_path: Path) -> Browser:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>fieldlab</title>")
    (tmp_path / "assets" / "index-1.js").write_text("1")
    (tmp_path / "build.txt").write_text("stamp")
    return Browser(view, tmp_path)


@pytest.mark.parametrize(
    "path",
    [
        "/api/healthz", "/api/session", "/api/machines", "/api/machines/cookie-line-3",
        "/api/machines/cookie-line-3/live", "/api/machines/cookie-line-3/health?limit=5",
        "/api/cases", "/api/cases/case-1", "/api/cases/case-1/thread",
        "/api/cases/case-1/preview", "/api/cases/case-1/part.stl",
        "/api/cases/case-1/tag.stl", "/", "/work", "/cases/case-1",
    ],
)  # fmt: skip
def test_every_question_is_answered_with_safe_headers(browser: Browser, path: str) -> None:
    answer = browser.get(path)

    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    "path",
    ["/api/machines/x", "/api/machines/x/live", "/api/machines/x/health", "/api/cases/x",
     "/api/cases/x/thread", "/api/cases/x/preview", "/api/cases/x/part.stl", "/api/cases/x/tag.stl",
      "/assets/../build.txt",
     "/build.txt"],
)  # fmt: skip
def test_what_is_not_there_is_named_in_a_problem(browser: Browser, path: str) -> None:
    answer = browser.get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_an_approval_of_exactly_this_file_is_taken(browser: Browser, view: FakeView) -> None:
    answer = browser.post("/api/cases/case-1/approve", json={"gcode_sha256": HASH}, headers=OWN)

    assert answer.status_code == 200
    assert view.said == [("approve", "case-1", "operator")]


def test_an_approval_of_another_file_is_refused(browser: Browser, view: FakeView) -> None:
    answer = browser.post("/api/cases/case-1/approve", json={"gcode_sha256": "cd" * 32})

    assert (answer.status_code, view.said) == (409, [])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"host": "evil.example", "origin": "http://evil.example"}, 401),
        ({"content-type": "text/plain"}, 415),
    ],
)
def test_another_site_cannot_approve(
    browser: Browser, view: FakeView, headers: dict[str, str], status: int
) -> None:
    body = to_json({"gcode_sha256": HASH})

    answer = browser.post(
        "/api/cases/case-1/approve",
        content=body,
        headers={"content-type": "application/json", **headers},
    )

    assert (answer.status_code, view.said) == (status, [])


def test_a_page_that_is_not_built_says_what_to_do(view: FakeView, tmp_path: Path) -> None:
    answer = Browser(view, tmp_path / "nothing").get("/")

    assert answer.status_code == 503
    assert "pip install" in answer.json()["detail"]


def test_hashed_files_are_kept_for_ever_and_the_page_is_asked_again(browser: Browser) -> None:
    assert "immutable" in browser.get("/assets/index-1.js").headers["cache-control"]
    assert browser.get("/").headers["cache-control"] == "no-cache"


def test_what_a_person_teaches_is_passed_on(browser: Browser, view: FakeView) -> None:
    other = {"component": "wheel", "failure_mode": "wear", "by": "Ann"}

    corrected = browser.post("/api/cases/case-1/correct", json=other, headers=OWN)
    nothing = browser.post("/api/cases/case-1/correct", json={}, headers=OWN)
    relearnt = browser.post(
        "/api/machines/cookie-line-3/relearn", json={"why": "maintenance"}, headers=OWN
    )

    assert [answer.status_code for answer in (corrected, nothing, relearnt)] == [200, 200, 200]
    assert ("correct", "case-1", "wheel", "wear", "Ann") in view.said
    assert ("correct", "case-1", None, None, "operator") in view.said
    assert ("relearn", "cookie-line-3", "maintenance", "operator") in view.said


@pytest.mark.parametrize(
    ("path", "word"),
    [("/api/cases/none/correct", {}), ("/api/machines/none/relearn", {"why": "repair"})],
)
def test_what_is_not_there_cannot_be_taught(browser: Browser, path: str, word: dict) -> None:
    assert browser.post(path, json=word, headers=OWN).status_code == 404
