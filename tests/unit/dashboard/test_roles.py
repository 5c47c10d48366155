"""Every route has a least role, and nobody below it gets an answer."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.routing import APIRoute

from dashboard.api.live import Broadcast
from dashboard.api.roles import LEAST
from dashboard.app import create_app
from dashboard.people import RANK, Role
from fieldlab.app.people import PeopleStore
from fieldlab.core.clock import ManualClock
from fieldlab.core.settings import Access
from tests.fakes_dashboard import HASH, FakeView

HOME = "http://fieldlab.local:8000"
ROLES: tuple[Role, ...] = ("visitor", "operator", "admin")
WORDS: dict[str, Any] = {"gcode_sha256": HASH}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def people(tmp_path: Path, clock: ManualClock) -> PeopleStore:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    people = PeopleStore(tmp_path, clock, Access(), hasher=quick)
    people.put("anna", "admin", "a long password")
    people.put("otto", "operator", "another password")
    return people


@pytest.fixture
def view() -> FakeView:
    view = FakeView()
    view.enter("open")
    view.enter("awaiting-approval")
    return view


@pytest.fixture
def app(people: PeopleStore, view: FakeView, tmp_path: Path) -> FastAPI:
    (tmp_path / "index.html").write_text("<!doctype html>")
    return create_app(view, Broadcast(), static=tmp_path, people=people)


def ask(
    app: FastAPI, method: str, path: str, cookies: dict[str, str] | None = None, **options: Any
) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=HOME, cookies=cookies) as client:
            return await client.request(method, path, **options)

    return asyncio.run(asked())


def log_in(app: FastAPI, name: str, password: str) -> dict[str, Any]:
    """Return the cookies and headers of a person who has logged in."""
    answer = ask(app, "POST", "/api/session", json={"name": name, "password": password})
    assert answer.status_code == 200, answer.text
    return {
        "cookies": {"fieldlab_session": answer.cookies["fieldlab_session"]},
        "headers": {"origin": HOME, "x-csrf-token": answer.json()["csrf"]},
    }


def all_routes(app: FastAPI) -> list[tuple[str, str]]:
    """Return method and path of every route, those of included routers too."""
    routers = [getattr(route, "original_router", None) for route in app.routes]
    routes = [*app.routes, *(route for router in routers if router for route in router.routes)]
    found = [(method, route.path) for route in routes if isinstance(route, APIRoute)
             for method in route.methods]  # fmt: skip
    assert len(found) > 20
    return found


def test_every_route_is_in_the_table_and_the_table_has_no_other(app: FastAPI) -> None:
    assert {f"{method} {path}" for method, path in all_routes(app)} == set(LEAST)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_below_the_least_role_gets_an_answer(app: FastAPI, role: Role) -> None:
    me: dict[str, Any] = {}
    if role != "visitor":
        person = {"operator": ("otto", "another password"), "admin": ("anna", "a long password")}
        me = log_in(app, *person[role])
    for method, path in all_routes(app):
        if path in ("/api/stream", "/api/session", "/api/session/password"):
            continue  # the stream does not end; the others change who asks
        address = re.sub(r"\{[^}]+\}", "nothing", path)

        answer = ask(app, method, address, **me, **({"json": {}} if method == "POST" else {}))

        allowed = RANK[role] >= RANK[LEAST[f"{method} {path}"]]
        assert (answer.status_code in (401, 403)) != allowed, (method, path, answer.text)


def test_the_operators_name_signs_and_not_what_the_page_says(app: FastAPI, view: FakeView) -> None:
    me = log_in(app, "otto", "another password")

    answer = ask(app, "POST", "/api/cases/case-1/approve", json={**WORDS, "by": "the boss"}, **me)

    assert (answer.status_code, view.said) == (200, [("approve", "case-1", "otto")])


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-csrf-token": "guessed"}, {"origin": "http://evil.example"}, {"host": "evil.example"}],
)
def test_a_session_alone_approves_nothing(
    app: FastAPI, view: FakeView, headers: dict[str, str]
) -> None:
    me = log_in(app, "otto", "another password")
    sent = {"origin": HOME, **headers}
    if "origin" in headers:
        sent["x-csrf-token"] = me["headers"]["x-csrf-token"]

    answer = ask(
        app, "POST", "/api/cases/case-1/approve", json=WORDS, headers=sent, cookies=me["cookies"]
    )

    assert (answer.status_code, view.said) == (403, [])


def test_the_session_is_a_cookie_that_no_script_reads(app: FastAPI) -> None:
    words = {"name": "otto", "password": "another password"}

    cookie = ask(app, "POST", "/api/session", json=words).headers["set-cookie"].lower()
    tls = ask(app, "POST", HOME.replace("http", "https") + "/api/session", json=words)

    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" in tls.headers["set-cookie"].lower()


def test_after_the_log_out_and_after_two_idle_hours_the_session_is_over(
    app: FastAPI, clock: ManualClock
) -> None:
    gone, idle = (log_in(app, "otto", "another password") for _ in range(2))

    ask(app, "DELETE", "/api/session", **gone)
    clock.advance(2 * 3600 + 1)

    for session in (gone, idle):
        role = ask(app, "GET", "/api/session", cookies=session["cookies"]).json()["role"]
        assert role == "visitor"


def test_a_session_ends_after_a_day_however_busy_it_is(app: FastAPI, clock: ManualClock) -> None:
    me = log_in(app, "otto", "another password")

    roles = []
    for _ in range(25):
        clock.advance(3600)
        roles.append(ask(app, "GET", "/api/session", cookies=me["cookies"]).json()["role"])

    assert roles == ["operator"] * 24 + ["visitor"]


def test_a_changed_password_ends_every_session(app: FastAPI) -> None:
    me, elsewhere = (log_in(app, "otto", "another password") for _ in range(2))
    change = {"old": "another password", "new": "a third password"}

    assert ask(app, "POST", "/api/session/password", json=change, **me).status_code == 200

    seen = ask(app, "GET", "/api/session", cookies=elsewhere["cookies"]).json()["role"]
    assert seen == "visitor"
    assert log_in(app, "otto", "a third password")


def test_who_guesses_has_to_wait(app: FastAPI, clock: ManualClock) -> None:
    guess = {"name": "anna", "password": "guess"}
    codes = [ask(app, "POST", "/api/session", json=guess).status_code for _ in range(4)]

    assert codes == [401, 401, 401, 429]
    right = {"name": "anna", "password": "a long password"}
    assert ask(app, "POST", "/api/session", json=right).status_code == 429
    clock.advance(61)
    assert ask(app, "POST", "/api/session", json=right).status_code == 200


def test_an_api_token_does_what_it_was_made_for_until_it_ends(
    app: FastAPI, view: FakeView, clock: ManualClock
) -> None:
    me = log_in(app, "otto", "another password")
    wish = ask(app, "POST", "/api/tokens", json={"role": "operator", "days": 1}, **me)
    bearer = {"authorization": f"Bearer {wish.json()['token']}"}

    assert ask(
        app, "POST", "/api/cases/case-1/approve", json=WORDS, headers=bearer
    ).status_code == 200  # fmt: skip
    assert ask(app, "GET", "/api/people", headers=bearer).status_code == 403
    clock.advance(86_401)
    assert ask(app, "GET", "/api/cases", headers=bearer).status_code == 401
    assert view.said == [("approve", "case-1", "otto")]


def test_nobody_gives_a_token_more_than_they_have(app: FastAPI) -> None:
    me = log_in(app, "otto", "another password")

    answer = ask(app, "POST", "/api/tokens", json={"role": "admin", "days": 1}, **me)

    assert answer.status_code == 409


def test_the_last_admin_stays(app: FastAPI) -> None:
    me = log_in(app, "anna", "a long password")

    assert ask(app, "DELETE", "/api/people/anna", **me).status_code == 409
    assert ask(app, "DELETE", "/api/people/otto", **me).status_code == 200


def test_no_password_session_or_token_is_on_the_disk(app: FastAPI, tmp_path: Path) -> None:
    me = log_in(app, "anna", "a long password")
    token = ask(app, "POST", "/api/tokens", json={"role": "admin", "days": 1}, **me).json()["token"]

    file = tmp_path / "secrets" / "people.sqlite"
    kept = file.read_bytes()

    assert file.stat().st_mode & 0o777 == 0o600
    for secret in ("a long password", me["cookies"]["fieldlab_session"], token):
        assert secret.encode() not in kept


@pytest.mark.parametrize(
    ("host", "status"), [("localhost:8000", 200), ("127.0.0.1:8000", 200), ("hall.local:8000", 401)]
)
def test_without_an_account_only_this_computers_own_page_acts(
    view: FakeView, tmp_path: Path, host: str, status: int
) -> None:
    nobody = PeopleStore(tmp_path / "new", ManualClock(), Access())
    app = create_app(view, Broadcast(), static=tmp_path, people=nobody)

    answer = ask(
        app, "POST", f"http://{host}/api/cases/case-1/approve", json=WORDS,
        headers={"origin": f"http://{host}"},
    )  # fmt: skip

    assert answer.status_code == status
