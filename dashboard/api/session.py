"""The log-in: who this page is, and how it becomes somebody."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from pydantic import StringConstraints

from dashboard.api.answers import Answer
from dashboard.api.guard import LOOPBACK, host_of
from dashboard.api.roles import SESSION
from dashboard.people import RANK, People, Person, TooManyTriesError
from fieldlab.core.errors import RefusedError
from fieldlab.core.strict import Strict

Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class LogIn(Strict):
    """Name and password."""

    name: Name
    password: Password


class PasswordChange(Strict):
    """The old and the new password."""

    old: Password
    new: Password


def session_routes(people: People, build: str) -> APIRouter:
    """Return the page's own session."""
    routes = APIRouter(prefix="/api/session", tags=["session"])

    def told(request: Request, person: Person) -> Answer:
        return Answer(
            {
                "name": person.name,
                "role": person.role,
                "csrf": person.csrf,
                "can_act": RANK[person.role] >= RANK["operator"],
                "needs_log_in": people.needed(),
                "loopback": host_of(request) in LOOPBACK,
                "build": build,
            }
        )

    @routes.get("")
    def read_session(request: Request) -> Answer:
        """Return who this page is, what it may do, and whether phones can reach it."""
        return told(request, request.state.person)

    @routes.post("")
    def log_in(request: Request, word: LogIn) -> Answer:
        """Log in; the session is a cookie that scripts cannot read."""
        session, person = _new_session(people, word, request.client.host if request.client else "")
        answer = told(request, person)
        secure = request.url.scheme == "https"
        answer.set_cookie(SESSION, session, httponly=True, samesite="strict", secure=secure)
        return answer

    @routes.delete("")
    def log_out(request: Request) -> Answer:
        """End the session."""
        people.log_out(request.cookies.get(SESSION, ""))
        answer = Answer({"ok": True})
        answer.delete_cookie(SESSION, httponly=True, samesite="strict")
        return answer

    @routes.post("/password")
    def change_password(request: Request, word: PasswordChange) -> Answer:
        """Change one's own password; ends all sessions of this account."""
        people.change_password(request.state.person.name, word.old, word.new)
        return Answer({"ok": True})

    return routes


def _new_session(people: People, word: LogIn, address: str) -> tuple[str, Person]:
    try:
        session = people.log_in(word.name, word.password, address)
    except TooManyTriesError as error:
        raise HTTPException(429, str(error)) from error
    except RefusedError as error:
        raise HTTPException(401, str(error)) from error
    person = people.of_session(session)
    if person is None:
        raise HTTPException(401, "the session ended at once; log in again")
    return session, person
