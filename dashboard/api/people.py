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


class NewRole(Strict):
    """The role that an account gets."""

    role: Kind


class NewPassword(Strict):
    """The password that an account gets."""

    password: Password


class TokenWish(Strict):
    """What an API token may do, and for how long."""

    role: Literal["visitor", "operator", "admin"]
    days: Annotated[float, Field(gt=0, le=366, strict=False)]


def people_routes(people: People) -> APIRouter:
    """Return what an admin does with accounts."""
    routes = APIRouter(prefix="/api", tags=["people"])

    @routes.get("/people")
    def list_people() -> Answer:
        """Return all accounts: name and role."""
        return Answer({"people": people.everyone()})

    @routes.post("/people")
    def add_account(account: Account) -> Answer:
        """Make an account; the first one must be an admin's."""
        people.add(account.name, account.role, account.password)
        return Answer({"ok": True})

    @routes.post("/people/{name}/role")
    def give_role(name: str, word: NewRole) -> Answer:
        """Give an account another role; its sessions end."""
        people.give_role(name, word.role)
        return Answer({"ok": True})

    @routes.post("/people/{name}/password")
    def give_password(name: str, word: NewPassword) -> Answer:
        """Give an account another password; its sessions end."""
        people.give_password(name, word.password)
        return Answer({"ok": True})

    @routes.delete("/people/{name}")
    def remove_account(name: str) -> Answer:
        """Remove an account, its sessions and its tokens."""
        people.remove(name)
        return Answer({"ok": True})

    return routes


def token_routes(people: People) -> APIRouter:
    """Return what everyone does with their own API tokens."""
    routes = APIRouter(prefix="/api", tags=["people"])

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
