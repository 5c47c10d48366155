"""Accounts and API tokens."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import Field, StringConstraints

from dashboard.api.answers import Answer
from dashboard.people import People
from fieldlab.core.strict import Strict

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
Password = Annotated[str, StringConstraints(min_length=10, max_length=200)]
Kind = Literal["operator", "admin"]


class Account(Strict):
    """Whose account, with which role and password."""

    name: Name
    role: Kind
    password: Password


class TokenWish(Strict):
    """What an API token may do, and for how long."""

    role: Literal["visitor", "operator", "admin"]
    days: Annotated[float, Field(gt=0, le=366, strict=False)]


def people_routes(people: People) -> APIRouter:
    """Return what an admin does with accounts, and everyone with their own tokens."""
    routes = APIRouter(prefix="/api", tags=["people"])

    @routes.get("/people")
    def list_people() -> Answer:
        """Return all accounts: name and role."""
        return Answer({"people": people.everyone()})

    @routes.post("/people")
    def put_account(account: Account) -> Answer:
        """Make an account, or give it another role and password."""
        people.put(account.name, account.role, account.password)
        return Answer({"ok": True})

    @routes.delete("/people/{name}")
    def remove_account(name: str) -> Answer:
        """Remove an account, its sessions and its tokens."""
        people.remove(name)
        return Answer({"ok": True})

    @routes.get("/tokens")
    def list_tokens(request: Request) -> Answer:
        """Return one's own API tokens, without the tokens themselves."""
        return Answer({"tokens": people.tokens(request.state.person.name)})

    @routes.post("/tokens")
    def add_token(request: Request, wish: TokenWish) -> Answer:
        """Return a new API token; it is told only this once."""
        return Answer(people.add_token(request.state.person, wish.role, wish.days))

    @routes.delete("/tokens/{token_id}")
    def remove_token(request: Request, token_id: str) -> Answer:
        """Revoke an API token."""
        people.remove_token(request.state.person.name, token_id)
        return Answer({"ok": True})

    return routes
