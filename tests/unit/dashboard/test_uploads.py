"""Uploads at the door: bounded, of a known type, and every refusal a problem in one line."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from dashboard.api.backtest import HEAD_BYTES, MOST_BYTES
from tests.fakes_dashboard import FakeView
from tests.unit.dashboard.test_api import OWN, Browser

PLAN = {"plan": '{"healthy_until_s": 5, "rate_hz": 1, "columns": {"c1": {}}}'}
CSV = {**OWN, "content-type": "text/csv"}
TABLE = b"\n".join(b"%d" % (number % 7) for number in range(40))


@pytest.fixture
def view() -> FakeView:
    return FakeView()


@pytest.fixture
def browser(view: FakeView, tmp_path: Path) -> Browser:
    return Browser(view, tmp_path)


def upload(browser: Browser, data: Any, **options: Any) -> httpx.Response:
    words = {"headers": CSV, "params": PLAN, **options}
    return browser.post("/api/backtest", content=data, **words)


def test_a_table_is_taken_and_its_answer_asked_for_by_its_id(browser: Browser) -> None:
    begun = upload(browser, TABLE)

    assert begun.status_code == 200, begun.text
    found = browser.get(f"/api/backtest/{begun.json()['id']}").json()
    assert found["state"] == "done"
    assert found["result"]["certainty"]["enough"] == "learnt-little"
    looked = browser.post("/api/backtest/columns", content=b"t,x\n0,1\n1,2\n", headers=CSV).json()
    assert (looked["time"], looked["step_s"]) == ("t", 1.0)


@pytest.mark.parametrize(
    ("data", "options", "status", "says"),
    [
        (b"", {}, 422, "the file is empty"),
        (b"x" * (MOST_BYTES + 1), {}, 413, "at most 32 MB"),
        (TABLE, {"headers": {**OWN, "content-type": "text/plain"}}, 415, "text/csv or application"),
        (TABLE, {"headers": {**OWN, "content-type": "application/json"}}, 415, "send text/csv"),
        (TABLE, {"params": {"plan": "{}"}}, 422, "plan: healthy_until_s is missing"),
        (TABLE, {"params": {"plan": "nonsense"}}, 422, "plan:"),
        (TABLE, {"params": {"plan": '{"healthy_until_s": 1e999}'}}, 422, "plan:"),
        (TABLE, {"params": {}}, 422, "plan"),
        (b"\0\0", {}, 422, "binary file"),
        (b"PK\x03\x04rest", {"headers": {**OWN, "content-type": "application/zip"}}, 422, "zip"),
    ],
)
def test_what_cannot_be_taken_is_a_problem_in_one_line(
    browser: Browser, data: bytes, options: dict[str, Any], status: int, says: str
) -> None:
    answer = upload(browser, data, **options)

    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.json()["detail"]
    assert "\n" not in answer.json()["detail"]


def test_a_stream_without_a_length_is_cut_off_when_it_is_too_long(browser: Browser) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while sent < 10 * HEAD_BYTES:
            sent += 100_000
            yield b"1" * 100_000

    answer = browser.post("/api/backtest/columns", content=endless(), headers=CSV)

    assert answer.status_code == 413
    assert sent <= HEAD_BYTES + 200_000


def test_another_sites_page_uploads_nothing(browser: Browser, view: FakeView) -> None:
    answer = upload(browser, TABLE, headers={**CSV, "origin": "http://evil.example"})

    assert answer.status_code == 403
    assert view.judged is None
