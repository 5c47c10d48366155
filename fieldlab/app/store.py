"""What must last: streams, what was learnt, health, cases and jobs, in one SQLite file."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from fieldlab.core.clock import SystemClock
from fieldlab.core.errors import StoreError

FILE = "hub.sqlite"
_TRIES, _TRY_AGAIN_S = 100, 0.05  # at the first moment of a new home
_TABLES = sa.MetaData()
_keep = sa.Table(
    "keep",
    _TABLES,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)
_machines = sa.Table(
    "machines",
    _TABLES,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("site", sa.String, nullable=False),
    sa.Column("record", sa.JSON, nullable=False),
)
_health = sa.Table(
    "health",
    _TABLES,
    sa.Column("machine_id", sa.String, primary_key=True),
    sa.Column("t_s", sa.Float, primary_key=True),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("score_ratio", sa.Float, nullable=False),
    sa.Column("component", sa.String),
    sa.Column("record", sa.JSON, nullable=False),
)
_cases = sa.Table(
    "cases",
    _TABLES,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("machine_id", sa.String, nullable=False),
    sa.Column("component", sa.String),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("opened_s", sa.Float, nullable=False),
    sa.Column("record", sa.JSON, nullable=False),
)
_jobs = sa.Table(
    "jobs",
    _TABLES,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("case_id", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("record", sa.JSON, nullable=False),
)
HEALTH_ROWS_KEPT = 200_000  # per machine; about ten weeks at one window per 30 s

Record = dict[str, Any]


class Store:
    """The hub's own file under a home; every call is one transaction, durable when it returns."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._file = home / FILE
        self._engine = sa.create_engine(
            f"sqlite:///{self._file}", connect_args={"timeout": 30, "check_same_thread": False}
        )
        sa.event.listen(self._engine, "connect", _durable)
        try:
            with self._engine.begin() as connection:  # two processes may begin at once
                for table in _TABLES.sorted_tables:
                    connection.execute(sa.schema.CreateTable(table, if_not_exists=True))
        except DatabaseError as error:
            raise StoreError(
                f"{self._file}: cannot be read as a store ({error.orig}); move it aside to begin"
                " anew, it is not overwritten"
            ) from error

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Do several things at once or none of them; raises StoreError (a full disk)."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StoreError(f"{self._file}: {getattr(error, 'orig', error)}") from error

    # ------------------------------------------------------------------ state of the stages

    def keep(self, connection: sa.Connection, key: str, value: bytes) -> None:
        """Remember a stage's state under a key."""
        statement = insert(_keep).values(key=key, value=value)
        connection.execute(
            statement.on_conflict_do_update(index_elements=["key"], set_={"value": value})
        )

    def kept(self, key: str) -> bytes | None:
        """Return a stage's state, or None."""
        with self.transaction() as connection:
            return connection.execute(sa.select(_keep.c.value).where(_keep.c.key == key)).scalar()

    # ---------------------------------------------------------------------------- machines

    def put_machine(self, machine_id: str, site: str, record: Record) -> None:
        """Remember a machine: its file and what is known of it."""
        with self.transaction() as connection:
            self.put_machine_in(connection, machine_id, site, record)

    def put_machine_in(
        self, connection: sa.Connection, machine_id: str, site: str, record: Record
    ) -> None:
        """Remember a machine, within a transaction."""
        statement = insert(_machines).values(id=machine_id, site=site, record=record)
        connection.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_={"record": record})
        )

    def machines(self) -> dict[str, Record]:
        """Return all machines' records by id, each with its `site`."""
        with self.transaction() as connection:
            rows = connection.execute(sa.select(_machines)).all()
        return {row.id: {**row.record, "site": row.site} for row in rows}

    def fits(self, machine_id: str) -> dict[str, float]:
        """Return when each component was last fitted, in event time."""
        return cast("dict[str, float]", json.loads(self.kept(f"fits/{machine_id}") or b"{}"))

    def add_fits(self, machine_id: str, fitted_s: Mapping[str, float]) -> None:
        """Remember that components were fitted."""
        fits = {**self.fits(machine_id), **fitted_s}
        with self.transaction() as connection:
            self.keep(connection, f"fits/{machine_id}", json.dumps(fits).encode())

    # ------------------------------------------------------------------------------ health

    def add_health(self, connection: sa.Connection, rows: Iterable[Record]) -> None:
        """Append judgements; the same machine and time once."""
        values = list(rows)
        if values:
            connection.execute(insert(_health).on_conflict_do_nothing(), values)

    def health_since(self, machine_id: str, since_s: float, *, limit: int = 5000) -> list[Record]:
        """Return a machine's judgements after an event time, oldest first."""
        query = (
            sa.select(_health)
            .where(_health.c.machine_id == machine_id, _health.c.t_s > since_s)
            .order_by(_health.c.t_s)
            .limit(limit)
        )
        with self.transaction() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def health_latest(
        self, machine_id: str, limit: int, *, before_s: float | None = None
    ) -> list[Record]:
        """Return a machine's newest judgements (before an event time), oldest first."""
        mine = [_health.c.machine_id == machine_id]
        query = (
            sa.select(_health)
            .where(*mine, *([] if before_s is None else [_health.c.t_s < before_s]))
            .order_by(_health.c.t_s.desc())
            .limit(limit)
        )
        with self.transaction() as connection:
            return [dict(row) for row in connection.execute(query).mappings()][::-1]

    def health_between(
        self, machine_id: str, from_s: float, until_s: float, *, place: tuple[str, ...] = ()
    ) -> list[tuple[float, str, float | None]]:
        """Return event time, state and score of a stretch, oldest first.

        With a `place` in the record (`("component_ratios", "pinion")`) its number stands instead of
        the score, None where there was none.
        """
        value: sa.ColumnElement[Any] = _health.c.score_ratio
        if place:
            value = _health.c.record[place].as_float()
        query = (
            sa.select(_health.c.t_s, _health.c.state, value)
            .where(_health.c.machine_id == machine_id)
            .where(_health.c.t_s.between(from_s, until_s))
            .order_by(_health.c.t_s)
        )
        with self.transaction() as connection:
            return [(row[0], row[1], row[2]) for row in connection.execute(query)]

    def health_span(self, machine_id: str) -> tuple[float, float] | None:
        """Return the event times of the first and the last judgement, None without one."""
        query = sa.select(sa.func.min(_health.c.t_s), sa.func.max(_health.c.t_s)).where(
            _health.c.machine_id == machine_id
        )
        with self.transaction() as connection:
            first_s, last_s = connection.execute(query).one()
        return None if first_s is None else (float(first_s), float(last_s))

    def next_in_state(self, machine_id: str, after_s: float, state: str) -> float | None:
        """Return when a machine was next judged to be in a state, None if it was not."""
        query = (
            sa.select(_health.c.t_s)
            .where(_health.c.machine_id == machine_id, _health.c.t_s > after_s)
            .where(_health.c.state == state)
            .order_by(_health.c.t_s)
            .limit(1)
        )
        with self.transaction() as connection:
            return cast("float | None", connection.execute(query).scalar())

    def loads(self, machine_id: str, *, until_s: float, most: int = 4000) -> list[Record]:
        """Return what was measured beside the judgements until an event time, oldest first.

        Evenly thinned; what comes in later changes nothing, so a step that runs again finds the
        same.
        """
        mine = sa.and_(_health.c.machine_id == machine_id, _health.c.t_s <= until_s)
        number = sa.func.row_number().over(order_by=_health.c.t_s).label("number")
        with self.transaction() as connection:
            count = connection.execute(sa.select(sa.func.count()).where(mine)).scalar() or 0
            all_rows = sa.select(_health.c.t_s, _health.c.record, number).where(mine).subquery()
            query = (
                sa.select(all_rows)
                .where(all_rows.c.number % (1 + count // most) == 0)
                .order_by(all_rows.c.t_s)
            )
            return [
                {
                    "t_s": row["t_s"],
                    "conditions": row["record"].get("conditions", {}),
                    "loads": row["record"].get("loads", {}),
                }
                for row in connection.execute(query).mappings()
            ]

    def drop_old_health(self) -> None:
        """Keep only the newest judgements of each machine."""
        for machine_id in self.machines():
            newest = (
                sa.select(_health.c.t_s)
                .where(_health.c.machine_id == machine_id)
                .order_by(_health.c.t_s.desc())
                .offset(HEALTH_ROWS_KEPT)
                .limit(1)
            )
            with self.transaction() as connection:
                oldest_kept = connection.execute(newest).scalar()
                if oldest_kept is not None:
                    connection.execute(
                        sa.delete(_health).where(
                            _health.c.machine_id == machine_id, _health.c.t_s <= oldest_kept
                        )
                    )

    # ------------------------------------------------------------------------------- cases

    def add_case(self, connection: sa.Connection, record: Record) -> None:
        """Open a case; harmless if it is there already."""
        connection.execute(
            insert(_cases)
            .values(
                id=record["id"],
                machine_id=record["machine_id"],
                component=record["component"],
                state=record["state"],
                opened_s=record["opened_s"],
                record=record,
            )
            .on_conflict_do_nothing()
        )

    def change_case(self, case_id: str, **changes: Any) -> Record:
        """Change a case's record and return it; raises StoreError if there is no such case."""
        with self.transaction() as connection:
            query = sa.select(_cases.c.record).where(_cases.c.id == case_id)
            found = connection.execute(query).scalar()
            if found is None:
                raise StoreError(f"there is no case '{case_id}'")
            record = cast("Record", {**found, **changes})
            connection.execute(
                sa.update(_cases)
                .where(_cases.c.id == case_id)
                .values(record=record, state=record["state"], component=record["component"])
            )
        return record

    def case(self, case_id: str) -> Record | None:
        """Return a case's record, or None."""
        query = sa.select(_cases.c.record).where(_cases.c.id == case_id)
        with self.transaction() as connection:
            return cast("Record | None", connection.execute(query).scalar())

    def cases(self, connection: sa.Connection | None = None) -> list[Record]:
        """Return all cases' records, oldest first."""
        query = sa.select(_cases.c.record).order_by(_cases.c.opened_s, _cases.c.id)
        if connection is not None:
            return list(connection.execute(query).scalars())
        with self.transaction() as own:
            return list(own.execute(query).scalars())

    def newest_cases(self, limit: int, before: str | None = None) -> list[Record]:
        """Return cases' records, newest first, from the one after case `before` on."""
        query = sa.select(_cases.c.record).where(_older(before))
        with self.transaction() as connection:
            newest = query.order_by(_cases.c.opened_s.desc(), _cases.c.id.desc()).limit(limit)
            return list(connection.execute(newest).scalars())

    def case_counts(self) -> dict[str, int]:
        """Return how many cases there are in each state."""
        query = sa.select(_cases.c.state, sa.func.count()).group_by(_cases.c.state)
        with self.transaction() as connection:
            return {state: int(count) for state, count in connection.execute(query)}

    # -------------------------------------------------------------------------------- jobs

    def newest_jobs(self, limit: int, before: str | None = None) -> list[Record]:
        """Return jobs' records, those of the newest case first, from the one after `before` on."""
        query = sa.select(_jobs.c.record).join(_cases, _cases.c.id == _jobs.c.case_id)
        if before is not None:
            case_id = sa.select(_jobs.c.case_id).where(_jobs.c.id == before).scalar_subquery()
            same = sa.and_(_jobs.c.case_id == case_id, _jobs.c.id < before)
            query = query.where(sa.or_(same, _older(case_id)))
        newest = query.order_by(_cases.c.opened_s.desc(), _cases.c.id.desc(), _jobs.c.id.desc())
        with self.transaction() as connection:
            return list(connection.execute(newest.limit(limit)).scalars())

    def put_job(self, job: Mapping[str, Any]) -> None:
        """Write a job's record over its last one."""
        values = {"id": job["id"], "case_id": job["case_id"], "state": job["state"]}
        with self.transaction() as connection:
            statement = insert(_jobs).values(**values, record=dict(job))
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["id"], set_={"state": job["state"], "record": dict(job)}
                )
            )

    def jobs(self, case_id: str | None = None) -> list[Record]:
        """Return jobs' records, of one case or all."""
        query = sa.select(_jobs.c.record).order_by(_jobs.c.id)
        if case_id is not None:
            query = query.where(_jobs.c.case_id == case_id)
        with self.transaction() as connection:
            return list(connection.execute(query).scalars())

    def job(self, job_id: str) -> Record | None:
        """Return a job's record, or None."""
        query = sa.select(_jobs.c.record).where(_jobs.c.id == job_id)
        with self.transaction() as connection:
            return cast("Record | None", connection.execute(query).scalar())

    def counters(self) -> dict[str, int]:
        """Return what was counted on the bus: quarantined, duplicates, missing, late."""
        return cast("dict[str, int]", json.loads(self.kept("counters") or b"{}"))


def _older(before: str | sa.ScalarSelect[Any] | None) -> sa.ColumnElement[bool]:
    """Return the condition of a case that is older than this one; all are without one."""
    if before is None:
        return sa.true()
    opened_s = sa.select(_cases.c.opened_s).where(_cases.c.id == before).scalar_subquery()
    same = sa.and_(_cases.c.opened_s == opened_s, _cases.c.id < before)
    return sa.or_(_cases.c.opened_s < opened_s, same)


def _durable(connection: Any, _: Any) -> None:
    """WAL with synchronous FULL: what was committed survives a kill and a power cut."""
    cursor = connection.cursor()
    for _ in range(_TRIES):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")  # does not wait when another one does this
            break
        except sqlite3.OperationalError:
            SystemClock().wait(_TRY_AGAIN_S)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def open_existing(home: Path) -> Store:
    """Open the store of a home that must be there already; raises StoreError."""
    if not (home / FILE).is_file():
        raise StoreError(f"{home}: no fieldlab home here (no {FILE}); give --home DIR")
    return Store(home)
