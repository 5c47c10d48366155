"""Who may ask what: one table of every route and the least role it needs; the rest is refused."""

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

from dashboard.api.guard import LOOPBACK, host_of
from dashboard.api.page import PAGES
from dashboard.people import RANK, VISITOR, People, Person, Role

SESSION = "fieldlab_session"
JSON = ("application/json",)
UPLOADS: dict[str, tuple[str, ...]] = {  # none of them can come from a form of another site
    "POST /api/backtest": ("text/csv", "application/zip"),
    "POST /api/backtest/columns": ("text/csv",),
}
LEAST: dict[str, Role] = {
    **{f"GET {address}": "visitor" for address in (*PAGES, "/{name:path}")},
    # reading
    "GET /api/healthz": "visitor",
    "GET /api/session": "visitor",
    "GET /api/stream": "visitor",
    "GET /api/machines": "visitor",
    "GET /api/machines/{machine_id}": "visitor",
    "GET /api/machines/{machine_id}/live": "visitor",
    "GET /api/machines/{machine_id}/health": "visitor",
    "GET /api/machines/{machine_id}/history": "visitor",
    "GET /api/machines/{machine_id}/savings": "visitor",
    "GET /api/machines/{machine_id}/sensors": "visitor",
    "GET /api/machines/{machine_id}/sensors/{sensor}": "visitor",
    "GET /api/arriving": "visitor",
    "GET /api/availability": "visitor",
    "GET /api/cases": "visitor",
    "GET /api/cases/{case_id}": "visitor",
    "GET /api/cases/{case_id}/thread": "visitor",
    "GET /api/cases/{case_id}/thread/check": "visitor",
    "GET /api/cases/{case_id}/preview": "visitor",
    "GET /api/families": "visitor",
    "GET /api/duel": "visitor",
    "POST /api/duel": "visitor",
    "GET /api/cases/{case_id}/part.stl": "operator",
    "GET /api/cases/{case_id}/tag.stl": "operator",
    "GET /api/machines/{machine_id}/recording": "operator",
    "GET /api/broker": "operator",
    "GET /api/print-room": "operator",
    "GET /api/jobs": "operator",
    "GET /api/machines/{machine_id}/file": "operator",
    "GET /api/machines/{machine_id}/file/{version}": "operator",
    # acting
    "POST /api/machines": "operator",
    "POST /api/backtest": "operator",
    "POST /api/backtest/columns": "operator",
    "GET /api/backtest/{run_id}": "operator",
    "POST /api/machines/check": "operator",
    "POST /api/machines/{machine_id}/file": "operator",
    "POST /api/cases/{case_id}/approve": "operator",
    "POST /api/cases/{case_id}/fitted": "operator",
    "POST /api/cases/{case_id}/dismiss": "operator",
    "POST /api/cases/{case_id}/measured": "operator",
    "POST /api/cases/{case_id}/cancel-print": "operator",
    "POST /api/families/{family}/draw": "operator",
    "POST /api/cases/{case_id}/correct": "operator",
    "POST /api/machines/{machine_id}/relearn": "operator",
    "POST /api/printers/{name}/test": "operator",
    "POST /api/printers/{name}/bed-clear": "operator",
    "POST /api/printers/{name}/spool": "operator",
    "POST /api/jobs/{job_id}/hold": "operator",
    "POST /api/jobs/{job_id}/urge": "operator",
    # the account
    "POST /api/session": "visitor",
    "DELETE /api/session": "visitor",
    "POST /api/session/password": "operator",
    "GET /api/tokens": "operator",
    "POST /api/tokens": "operator",
    "DELETE /api/tokens/{token_id}": "operator",
    "GET /api/notify": "admin",
    "POST /api/notify/test": "admin",
    "GET /api/people": "admin",
    "POST /api/people": "admin",
    "POST /api/people/{name}/role": "admin",
    "POST /api/people/{name}/password": "admin",
    "DELETE /api/people/{name}": "admin",
}


def doorman(people: People) -> Callable[[Request], None]:
    """Return the check before every route; it writes who asks into `request.state.person`."""

    def check(request: Request) -> None:
        least = LEAST.get(f"{request.method} {request.scope['route'].path}")
        if least is None:
            raise HTTPException(403, "this address is in no role's table")
        person, by_token = _who(request, people)
        if RANK[person.role] < RANK[least]:
            if person.role == "visitor":
                raise HTTPException(401, _log_in_first(people))
            raise HTTPException(403, f"this is for the role '{least}'; you are '{person.role}'")
        if request.method != "GET" and not by_token:
            _own_page(request, person)
        request.state.person = person

    return check


def signed(request: Request, said: str) -> str:
    """Return who acts: the account's name, or what the page says where there is no account."""
    person: Person = request.state.person
    return person.name or said


def _who(request: Request, people: People) -> tuple[Person, bool]:
    """Return who asks, and whether a token says so."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        person = people.of_token(token.strip())
        if person is None:
            raise HTTPException(401, "this API token is not known or is over; make a new one")
        return person, True
    session = request.cookies.get(SESSION)
    if session:
        return people.of_session(session) or VISITOR, False
    if not people.needed() and host_of(request) in LOOPBACK and _is_near(request):
        return Person(name="", role="admin"), False
    return VISITOR, False


def _is_near(request: Request) -> bool:
    """Whether the request comes from this computer."""
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _own_page(request: Request, person: Person) -> None:
    """Refuse a write that another site's page caused (CSRF, DNS rebinding)."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403, f"origin '{origin:.80}' is not this page")
    if site not in (None, "same-origin", "none"):
        raise HTTPException(403, "the request came from another site")
    if person.csrf and request.headers.get("x-csrf-token") != person.csrf:
        raise HTTPException(403, "the page's token is missing or old; load the page again")
    wanted = UPLOADS.get(f"{request.method} {request.scope['route'].path}", JSON)
    if request.method == "POST" and not request.headers.get("content-type", "").startswith(wanted):
        raise HTTPException(415, f"send {' or '.join(wanted)}")


def _log_in_first(people: People) -> str:
    if people.needed():
        return "log in first"
    return "only this computer's own page may do this; for others run 'fieldlab setup' on the hub"
