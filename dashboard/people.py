"""Who looks and acts: visitors without a log-in, operators and admins with one."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from fieldlab.core.errors import RefusedError

Role = Literal["visitor", "operator", "admin"]
RANK: dict[Role, int] = {"visitor": 0, "operator": 1, "admin": 2}
Record = dict[str, Any]


class TooManyTriesError(RefusedError):
    """Somebody guesses at a password; wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who asks. `csrf` must come with every write of a session; '' where there is no session."""

    name: str
    role: Role
    csrf: str = ""


VISITOR = Person(name="", role="visitor")


class People(Protocol):
    """The accounts of a hub; every call may read or write the disk."""

    def needed(self) -> bool:
        """Return whether there is an account, so that acting needs a log-in."""
        ...

    def of_session(self, session: str) -> Person | None:
        """Return whose session this is, None if it is unknown or over."""
        ...

    def of_token(self, token: str) -> Person | None:
        """Return whose API token this is, None if it is unknown or over."""
        ...

    def log_in(self, name: str, password: str, address: str) -> str:
        """Return a new session; raises RefusedError, and TooManyTriesError after some."""
        ...

    def log_out(self, session: str) -> None:
        """End a session."""
        ...

    def change_password(self, name: str, old: str, new: str) -> None:
        """Change a password and end all sessions of that person; raises RefusedError."""
        ...

    def everyone(self) -> list[Record]:
        """Return all accounts: name and role."""
        ...

    def add(self, name: str, role: Role, password: str) -> None:
        """Make an account; raises RefusedError for a name that is taken or no first admin."""
        ...

    def give_role(self, name: str, role: Role) -> None:
        """Give an account another role and end its sessions; raises RefusedError."""
        ...

    def give_password(self, name: str, password: str) -> None:
        """Give an account another password and end its sessions; raises RefusedError."""
        ...

    def remove(self, name: str) -> None:
        """Remove an account, its sessions and tokens; raises RefusedError for the last admin."""
        ...

    def tokens(self, name: str) -> list[Record]:
        """Return the API tokens of a person, without the tokens themselves."""
        ...

    def add_token(self, person: Person, role: Role, days: float) -> Record:
        """Return a new API token, told only now; raises RefusedError above the person's role."""
        ...

    def remove_token(self, name: str, token_id: str) -> None:
        """Revoke an API token; raises RefusedError if it is not theirs."""
        ...
