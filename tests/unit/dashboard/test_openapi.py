"""The API tells what it does, and all its errors are problems."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from dashboard.api.examples import EXAMPLES
from dashboard.api.live import Broadcast
from dashboard.api.roles import LEAST
from dashboard.app import create_app
from fieldlab.app.people import PeopleStore
from fieldlab.core.clock import ManualClock
from fieldlab.core.settings import Access
from tests.fakes_dashboard import FakeView

HOME = "http://localhost:8000"
DOCS = Path(__file__).parents[3] / "docs"
IDS = {"machine_id": "cookie-line-3", "case_id": "case-1", "family": "spur_gear", "name": "virtual",
       "sensor": "acc-gearbox"}  # fmt: skip


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    view = FakeView()
    view.enter("open")
    view.enter("awaiting-approval")
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    people = PeopleStore(tmp_path, ManualClock(), Access(), hasher=quick)
    return create_app(view, Broadcast(), static=tmp_path, people=people)


def ask(app: FastAPI, method: str, path: str, **options: Any) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=HOME) as client:
            return await client.request(method, path, **options)

    return asyncio.run(asked())


def operations(app: FastAPI) -> dict[str, dict[str, Any]]:
    """Return what the API tells of each route, by method and address."""
    schema = ask(app, "GET", "/api/openapi.json").json()
    return {
        f"{method.upper()} {path}": operation
        for path, each in schema["paths"].items()
        for method, operation in each.items()
    }


def test_every_route_says_what_it_does_who_may_and_what_can_go_wrong(app: FastAPI) -> None:
    told = operations(app)

    assert set(told) == {route for route in LEAST if " /api/" in route}
    for route, operation in told.items():
        assert len(operation["summary"].split()) >= 3, route
        assert operation["x-least-role"] == LEAST[route]
        assert operation["tags"], route
        problems = [answer for status, answer in operation["responses"].items() if status >= "400"]
        assert all("application/problem+json" in answer["content"] for answer in problems), route
    names = [operation["operationId"] for operation in told.values()]
    assert len(set(names)) == len(names)


def test_the_examples_have_the_keys_of_real_answers(app: FastAPI) -> None:
    asked = 0
    for route, example in EXAMPLES.items():
        method, _, path = route.partition(" ")
        makes_an_account = "tokens" in path or route == "POST /api/people"
        if "answer" not in example or makes_an_account:
            continue
        address = re.sub(r"\{(\w+)\}", lambda name: IDS[name.group(1)], path)
        word = {"json": example["request"]} if "request" in example else {}
        if path.endswith("/file") and method == "POST":
            word = {"json": {"text": ask(app, "GET", address).json()["text"]}}
        answer = ask(app, method, address, **word)

        assert answer.status_code in (200, 409), (route, answer.text)
        if answer.status_code == 200:
            asked += 1
            assert missing(example["answer"], answer.json()) == [], route
    assert asked > 15


def missing(example: Any, answer: Any, at: str = "") -> list[str]:
    """Return the keys of an example that the answer does not have."""
    if isinstance(example, dict) and isinstance(answer, dict):
        gone = [f"{at}.{key}" for key in example if key not in answer]
        return gone + [
            line for key in example if key in answer
            for line in missing(example[key], answer[key], f"{at}.{key}")
        ]  # fmt: skip
    if isinstance(example, list) and isinstance(answer, list) and example and answer:
        return missing(example[0], answer[0], f"{at}[0]")
    return []


@pytest.mark.parametrize(
    ("method", "path", "status", "options"),
    [
        ("GET", "/api/nothing", 404, {}),
        ("GET", "/api/cases/x", 404, {}),
        ("PUT", "/api/cases", 405, {}),
        ("POST", "/api/cases", 405, {"json": {}}),
        ("DELETE", "/api/nothing", 405, {}),
        ("GET", "/api/cases?limit=0", 422, {}),
        ("GET", "/api/machines/cookie-line-3/health?before=soon", 422, {}),
        ("POST", "/api/cases/case-1/approve", 422, {"json": {"gcode_sha256": "short"}}),
        ("POST", "/api/cases/case-1/approve", 422, {"json": {}}),
        ("POST", "/api/machines/cookie-line-3/file", 422, {"json": {"text": "fieldlab: 2"}}),
        ("POST", "/api/cases/case-1/approve", 415, {"content": "x"}),
        ("GET", "/api/cases", 401, {"headers": {"authorization": "Bearer guessed"}}),
        ("POST", "/api/cases/case-1/fitted", 409, {"json": {}}),
        ("POST", "/api/families/spur_gear/draw", 422, {"json": {"sizes": {"width_mm": 900}}}),
    ],
)
def test_every_error_is_a_problem(
    app: FastAPI, method: str, path: str, status: int, options: dict[str, Any]
) -> None:
    answer = ask(app, method, path, **options)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert len(problem["detail"]) > 5


def test_a_wrong_method_is_told_which_would_work(app: FastAPI) -> None:
    assert ask(app, "PUT", "/api/cases").headers["allow"] == "GET"


def test_every_address_of_the_api_is_in_the_docs() -> None:
    text = (DOCS / "api.md").read_text()

    gone = [route for route in LEAST if " /api/" in route and route.split()[1] not in text]

    assert gone == []
