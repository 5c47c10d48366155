"""Accounts: who may be made, changed and removed."""

from pathlib import Path

import pytest
from argon2 import PasswordHasher

from fieldlab.app.people import PeopleStore
from fieldlab.core.clock import ManualClock
from fieldlab.core.errors import RefusedError
from fieldlab.core.settings import Access


@pytest.fixture
def people(tmp_path: Path) -> PeopleStore:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return PeopleStore(tmp_path, ManualClock(), Access(), hasher=quick)


def test_the_first_account_is_an_admins(people: PeopleStore) -> None:
    with pytest.raises(RefusedError, match="first account"):
        people.add("otto", "operator", "a long password")

    people.add("anna", "admin", "a long password")
    people.add("otto", "operator", "a long password")

    assert people.everyone() == [
        {"name": "anna", "role": "admin"}, {"name": "otto", "role": "operator"},
    ]  # fmt: skip


def test_an_account_is_not_made_over_another(people: PeopleStore) -> None:
    people.add("anna", "admin", "a long password")

    with pytest.raises(RefusedError, match="already"):
        people.add("anna", "admin", "another password")

    assert people.log_in("anna", "a long password", "here")


def test_another_role_or_password_ends_the_sessions(people: PeopleStore) -> None:
    people.add("anna", "admin", "a long password")
    people.add("otto", "operator", "a long password")
    before = people.log_in("otto", "a long password", "here")

    people.give_role("otto", "admin")
    between = people.log_in("otto", "a long password", "here")
    people.give_password("otto", "another password")

    after = people.of_session(people.log_in("otto", "another password", "here"))
    assert (people.of_session(before), people.of_session(between)) == (None, None)
    assert after is not None
    assert after.role == "admin"


def test_the_last_admin_stays_an_admin(people: PeopleStore) -> None:
    people.add("anna", "admin", "a long password")

    for change in (lambda: people.give_role("anna", "operator"), lambda: people.remove("anna")):
        with pytest.raises(RefusedError, match="last admin"):
            change()


def test_who_is_not_there_cannot_be_changed(people: PeopleStore) -> None:
    people.add("anna", "admin", "a long password")

    for change in (
        lambda: people.give_role("otto", "admin"),
        lambda: people.give_password("otto", "a long password"),
        lambda: people.remove("otto"),
    ):
        with pytest.raises(RefusedError, match="no 'otto'"):
            change()
