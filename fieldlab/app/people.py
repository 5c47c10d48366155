"""The accounts of a hub: passwords with argon2, sessions and tokens hashed at rest."""

import hashlib
import secrets
from collections import defaultdict, deque
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.dialects.sqlite import insert

from dashboard.people import RANK, Person, Role, TooManyTriesError
from fieldlab.core.clock import Clock
from fieldlab.core.errors import RefusedError
from fieldlab.core.settings import Access

FILE = "people.sqlite"
SHORTEST = 10
LIMITS = ((60.0, 3), (3600.0, 10))  # seconds, failed log-ins within them
_DAY_S = 86_400.0
_SEEN_S = 60.0  # how exactly it is known when a session was last used
_TABLES = sa.MetaData()
_people = sa.Table(
    "people",
    _TABLES,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("password", sa.String, nullable=False),
)
_sessions = sa.Table(
    "sessions",
    _TABLES,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("csrf", sa.String, nullable=False),
    sa.Column("made_s", sa.Float, nullable=False),
    sa.Column("seen_s", sa.Float, nullable=False),
)
_tokens = sa.Table(
    "tokens",
    _TABLES,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("key", sa.String, nullable=False, unique=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("until_s", sa.Float, nullable=False),
)


class PeopleStore:
    """The accounts under a home (dashboard.people.People), in a file that only we can read."""

    def __init__(
        self, home: Path, clock: Clock, access: Access, *, hasher: PasswordHasher | None = None
    ) -> None:
        folder = home / "secrets"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = folder / FILE
        file.touch(mode=0o600)
        self._clock, self._access = clock, access
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_urlsafe())  # as slow for an unknown name
        self._failed: dict[str, deque[float]] = defaultdict(deque)
        self._engine = sa.create_engine(
            f"sqlite:///{file}", connect_args={"timeout": 30, "check_same_thread": False}
        )
        with self._engine.begin() as connection:
            for table in _TABLES.sorted_tables:
                connection.execute(sa.schema.CreateTable(table, if_not_exists=True))

    # ----------------------------------------------------------------------------- who asks

    def needed(self) -> bool:
        """Return whether there is an account, so that acting needs a log-in."""
        return self._one(sa.select(_people.c.name).limit(1)) is not None

    def of_session(self, session: str) -> Person | None:
        """Return whose session this is, None if it is unknown or over."""
        row = self._one(sa.select(_sessions).where(_sessions.c.key == _key(session)))
        now_s = self._clock.now_s()
        if row is None:
            return None
        idle, old = now_s - row.seen_s, now_s - row.made_s
        if idle > self._access.idle_h * 3600 or old > self._access.longest_h * 3600:
            self.log_out(session)
            return None
        if idle > _SEEN_S:
            mine = _sessions.c.key == row.key
            self._do(sa.update(_sessions).where(mine).values(seen_s=now_s))
        return self._person(row.name, csrf=row.csrf)

    def of_token(self, token: str) -> Person | None:
        """Return whose API token this is, None if it is unknown or over."""
        row = self._one(sa.select(_tokens).where(_tokens.c.key == _key(token)))
        if row is None or row.until_s < self._clock.now_s():
            return None
        owner = self._person(row.name)
        if owner is None:
            return None
        role = min((row.role, owner.role), key=lambda each: RANK[each])
        return Person(name=row.name, role=role)

    def _person(self, name: str, csrf: str = "") -> Person | None:
        row = self._one(sa.select(_people).where(_people.c.name == name))
        return None if row is None else Person(name=row.name, role=row.role, csrf=csrf)

    # ------------------------------------------------------------------------------- log-in

    def log_in(self, name: str, password: str, address: str) -> str:
        """Return a new session; raises RefusedError, and TooManyTriesError after some."""
        for whom in (f"name {name}", f"address {address}"):
            self._limit(whom)
        if not self._is_right(name, password):
            for whom in (f"name {name}", f"address {address}"):
                self._failed[whom].append(self._clock.monotonic_s())
            raise RefusedError("name or password is wrong")
        session, now_s = secrets.token_urlsafe(32), self._clock.now_s()
        self._do(
            sa.insert(_sessions).values(
                key=_key(session), name=name, csrf=secrets.token_urlsafe(24),
                made_s=now_s, seen_s=now_s,
            )
        )  # fmt: skip
        return session

    def _limit(self, whom: str) -> None:
        tries, now_s = self._failed[whom], self._clock.monotonic_s()
        while tries and now_s - tries[0] > LIMITS[-1][0]:
            tries.popleft()
        for within_s, most in LIMITS:
            recent = [at_s for at_s in tries if now_s - at_s <= within_s]
            if len(recent) >= most:
                wait_s = within_s - (now_s - recent[-most])
                raise TooManyTriesError(f"too many tries; try again in {wait_s:.0f} s")

    def _is_right(self, name: str, password: str) -> bool:
        row = self._one(sa.select(_people.c.password).where(_people.c.name == name))
        try:
            self._hasher.verify(self._nobody if row is None else row.password, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
        return row is not None

    def log_out(self, session: str) -> None:
        """End a session."""
        self._do(sa.delete(_sessions).where(_sessions.c.key == _key(session)))

    def change_password(self, name: str, old: str, new: str) -> None:
        """Change a password and end all sessions of that person; raises RefusedError."""
        person = self._person(name)
        if person is None or not self._is_right(name, old):
            raise RefusedError("the old password is wrong")
        self.put(name, person.role, new)

    # ----------------------------------------------------------------------------- accounts

    def everyone(self) -> list[dict[str, Any]]:
        """Return all accounts: name and role."""
        rows = self._all(sa.select(_people.c.name, _people.c.role).order_by(_people.c.name))
        return [{"name": row.name, "role": row.role} for row in rows]

    def add(self, name: str, role: Role, password: str) -> None:
        """Make an account; raises RefusedError if there is one of this name."""
        if self._person(name) is not None:
            raise RefusedError(f"there is a '{name}' already; give it another role or password")
        self.put(name, role, password)

    def put(self, name: str, role: Role, password: str) -> None:
        """Make an account or give it another role and password; raises RefusedError."""
        if len(password) < SHORTEST:
            raise RefusedError(f"the password has {len(password)} characters; {SHORTEST} or more")
        if role != "admin":
            self._keep_an_admin(name)
        values = {"role": role, "password": self._hasher.hash(password)}
        statement = insert(_people).values(name=name, **values)
        self._do(statement.on_conflict_do_update(index_elements=["name"], set_=values))
        self._end_sessions(name)

    def give_role(self, name: str, role: Role) -> None:
        """Give an account another role, and end its sessions; raises RefusedError."""
        self._known(name)
        if role != "admin":
            self._keep_an_admin(name)
        self._do(sa.update(_people).where(_people.c.name == name).values(role=role))
        self._end_sessions(name)

    def give_password(self, name: str, password: str) -> None:
        """Give an account another password, and end its sessions; raises RefusedError."""
        self.put(name, self._known(name).role, password)

    def _known(self, name: str) -> Person:
        person = self._person(name)
        if person is None:
            raise RefusedError(f"there is no '{name:.40}'")
        return person

    def _end_sessions(self, name: str) -> None:
        self._do(sa.delete(_sessions).where(_sessions.c.name == name))

    def remove(self, name: str) -> None:
        """Remove an account, its sessions and tokens; raises RefusedError for the last admin."""
        self._known(name)
        self._keep_an_admin(name)
        for table in (_sessions, _tokens, _people):
            self._do(sa.delete(table).where(table.c.name == name))

    def _keep_an_admin(self, name: str) -> None:
        others = [one for one in self.everyone() if one["role"] == "admin" and one["name"] != name]
        person = self._person(name)
        if person is None and not others:
            raise RefusedError("the first account must be an admin's")
        if person is not None and person.role == "admin" and not others:
            raise RefusedError(f"'{name}' is the last admin; make another one first")

    # ------------------------------------------------------------------------------- tokens

    def tokens(self, name: str) -> list[dict[str, Any]]:
        """Return the API tokens of a person, without the tokens themselves."""
        rows = self._all(sa.select(_tokens).where(_tokens.c.name == name))
        return [{"id": row.id, "role": row.role, "until_s": row.until_s} for row in rows]

    def add_token(self, person: Person, role: Role, days: float) -> dict[str, Any]:
        """Return a new API token, told only now; raises RefusedError above the person's role."""
        if RANK[role] > RANK[person.role] or not person.name:
            raise RefusedError(f"'{person.name or 'nobody'}' cannot give the role '{role}'")
        token, token_id = secrets.token_urlsafe(32), secrets.token_hex(4)
        until_s = self._clock.now_s() + days * _DAY_S
        self._do(
            sa.insert(_tokens).values(
                id=token_id, key=_key(token), name=person.name, role=role, until_s=until_s
            )
        )
        return {"id": token_id, "token": token, "role": role, "until_s": until_s}

    def remove_token(self, name: str, token_id: str) -> None:
        """Revoke an API token; raises RefusedError if it is not theirs."""
        if token_id not in {token["id"] for token in self.tokens(name)}:
            raise RefusedError(f"'{name}' has no API token '{token_id:.20}'")
        self._do(sa.delete(_tokens).where(_tokens.c.id == token_id))

    # ------------------------------------------------------------------------------ the file

    def _one(self, question: sa.Select[Any]) -> Any:
        with self._engine.connect() as connection:
            return connection.execute(question).first()

    def _all(self, question: sa.Select[Any]) -> Any:
        with self._engine.connect() as connection:
            return connection.execute(question).all()

    def _do(self, statement: Any) -> None:
        with self._engine.begin() as connection:
            connection.execute(statement)


def _key(secret: str) -> str:
    """Return what is kept of a session or token: enough to know it again, not to use it."""
    return hashlib.sha256(secret.encode()).hexdigest()
