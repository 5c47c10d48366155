"""Keep what was read until the hub has it: SQLite on disk, with a cap in bytes.

A PUBACK of a broker is not durable; only the hub's own `ack` removes a row. The source's checkpoint
and the rows it stands for are one transaction, so a kill neither loses nor repeats a reading.
"""

import contextlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fieldlab.core.clock import Clock
from fieldlab.core.errors import StoreError

MIN_BYTES = 1_000_000
_ROW_BYTES = 64  # what SQLite keeps beside topic and payload, about
_DROP_SHARE = 0.05  # how far below its cap a full outbox is brought, so that it is not every time

_TABLES = """
CREATE TABLE IF NOT EXISTS row (
  id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, payload BLOB NOT NULL,
  sensor TEXT NOT NULL, boot INTEGER NOT NULL, seq INTEGER NOT NULL, wave INTEGER NOT NULL,
  bytes INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS row_stream ON row (sensor, boot, seq);
CREATE TABLE IF NOT EXISTS checkpoint (key TEXT PRIMARY KEY, value BLOB NOT NULL);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRow:
    """A message to keep."""

    topic: str
    payload: bytes
    sensor: str
    boot: int
    seq: int
    is_wave: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(NewRow):
    """A message that the hub has not acknowledged."""

    rowid: int


class Outbox:
    """A queue on disk for one node.

    Parameters
    ----------
    max_bytes : int
        The cap. When it is reached the oldest waveforms go first, scalars last; `dropped` counts.

    Raises
    ------
    StoreError
        If the file cannot be opened; a broken one is set aside as `*.broken-SECONDS` first.
    """

    def __init__(self, path: Path | str, *, max_bytes: int, clock: Clock) -> None:
        self._path = Path(path)
        self._max_bytes = max(MIN_BYTES, max_bytes)
        self._database = self._open(clock)
        self._boot = self._number("boot") + 1
        self._dropped = self._number("dropped")
        with self._writing():
            self._keep("boot", str(self._boot).encode())
        self._bytes: int
        self._rows: int
        self._bytes, self._rows = self._database.execute(
            "SELECT COALESCE(SUM(bytes), 0), COUNT(*) FROM row"
        ).fetchone()
        self._waves = self._database.execute("SELECT COUNT(*) FROM row WHERE wave").fetchone()[0]

    def boot(self) -> int:
        """Return which start of this outbox this is, from 1."""
        return self._boot

    @property
    def dropped(self) -> int:
        """How many messages the cap has cost, over all starts."""
        return self._dropped

    @property
    def size(self) -> int:
        """How many messages wait for the hub."""
        return self._rows

    @property
    def size_bytes(self) -> int:
        """How many bytes they take, about."""
        return self._bytes

    def put(
        self, topic: str, payload: bytes, *, sensor: str, boot: int, seq: int, is_wave: bool
    ) -> None:
        """Keep one message; raises StoreError if the disk does not take it."""
        self.put_all(
            [
                NewRow(
                    topic=topic,
                    payload=payload,
                    sensor=sensor,
                    boot=boot,
                    seq=seq,
                    is_wave=is_wave,
                )
            ]
        )

    def put_all(self, rows: Sequence[NewRow], checkpoint: bytes | None = None) -> int:
        """Keep messages and the source's checkpoint in one transaction.

        Returns
        -------
        int
            The row id of the last message, 0 without any.

        Raises
        ------
        StoreError
            If the disk does not take them; nothing is kept then.
        """
        sizes = [_ROW_BYTES + len(row.topic) + len(row.payload) for row in rows]
        with self._writing():
            last = 0
            for row, size in zip(rows, sizes, strict=True):
                last = self._insert(row, size)
            if checkpoint is not None:
                self._keep("source", checkpoint)
        self._bytes += sum(sizes)
        self._rows += len(rows)
        self._waves += sum(row.is_wave for row in rows)
        if self._bytes > self._max_bytes:
            self._drop()
        return last

    def checkpoint(self) -> bytes | None:
        """Return the checkpoint that was kept with the last messages."""
        found = self._database.execute(
            "SELECT value FROM checkpoint WHERE key = 'source'"
        ).fetchone()
        return bytes(found[0]) if found else None

    def pending(self, limit: int, after_rowid: int = 0) -> list[Row]:
        """Return at most `limit` messages after a row id, oldest first."""
        rows = self._database.execute(
            "SELECT id, topic, payload, sensor, boot, seq, wave FROM row"
            " WHERE id > ? ORDER BY id LIMIT ?",
            (after_rowid, limit),
        )
        return [
            Row(
                rowid=rowid,
                topic=topic,
                payload=payload,
                sensor=sensor,
                boot=boot,
                seq=seq,
                is_wave=bool(wave),
            )
            for rowid, topic, payload, sensor, boot, seq, wave in rows
        ]

    def last_rowid(self) -> int:
        """Return the row id of the newest message, 0 if there is none."""
        found = self._database.execute("SELECT MAX(id) FROM row").fetchone()[0]
        return found or 0

    def ack(self, boot: int, stream: Mapping[str, int]) -> int:
        """Forget what the hub has, older boots included; return how many messages that were."""
        removed = 0
        with self._writing():
            for sensor, seq in stream.items():
                removed += self._remove(
                    "sensor = ? AND boot <= ? AND (boot < ? OR seq <= ?)",
                    (sensor, boot, boot, seq),
                )
        return removed

    def close(self) -> None:
        """Close the file; harmless if it is closed."""
        self._database.close()

    def _drop(self) -> None:
        """Bring the outbox below its cap: the oldest waveforms first, scalars last."""
        goal = int(self._max_bytes * (1 - _DROP_SHARE))
        before = self._rows
        with self._writing():
            for wanted in ("wave", "NOT wave"):
                if self._bytes > goal:
                    self._remove(f"id <= ? AND {wanted}", (self._last_to_drop(wanted, goal),))
            self._dropped += before - self._rows
            self._keep("dropped", str(self._dropped).encode())

    def _last_to_drop(self, wanted: str, goal: int) -> int:
        excess, last = self._bytes - goal, 0
        for rowid, size in self._database.execute(
            f"SELECT id, bytes FROM row WHERE {wanted} ORDER BY id"  # noqa: S608 - our own words
        ):
            last = rowid
            excess -= size
            if excess <= 0:
                break
        return last

    def _remove(self, where: str, values: tuple[str | int, ...]) -> int:
        gone = self._database.execute(
            f"DELETE FROM row WHERE {where} RETURNING bytes, wave",  # noqa: S608 - our own words
            values,
        ).fetchall()
        self._bytes -= sum(size for size, _ in gone)
        self._rows -= len(gone)
        self._waves -= sum(wave for _, wave in gone)
        return len(gone)

    def _insert(self, row: NewRow, size: int) -> int:
        cursor = self._database.execute(
            "INSERT INTO row (topic, payload, sensor, boot, seq, wave, bytes)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (row.topic, row.payload, row.sensor, row.boot, row.seq, row.is_wave, size),
        )
        return cursor.lastrowid or 0

    def _keep(self, key: str, value: bytes) -> None:
        self._database.execute(
            "INSERT INTO checkpoint VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, value),
        )

    def _number(self, key: str) -> int:
        found = self._database.execute(
            "SELECT value FROM checkpoint WHERE key = ?", (key,)
        ).fetchone()
        return int(found[0]) if found else 0

    def _writing(self) -> "_Transaction":
        return _Transaction(self._database, self._path)

    def _open(self, clock: Clock) -> sqlite3.Connection:
        try:
            return _connect(self._path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise StoreError(f"{self._path}: cannot open the outbox: {error}") from error
            for end in ("", "-wal", "-shm"):
                file = self._path.with_name(self._path.name + end)
                if file.exists():
                    file.rename(file.with_name(f"{file.name}.broken-{clock.now_s():.0f}"))
            return _connect(self._path)


class _Transaction:
    """All or nothing, and a StoreError that says which file."""

    def __init__(self, database: sqlite3.Connection, path: Path) -> None:
        self._database, self._path = database, path

    def __enter__(self) -> None:
        self._do("BEGIN IMMEDIATE")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        if kind is None:
            self._do("COMMIT")
            return
        self._undo()
        if isinstance(error, sqlite3.Error):
            raise StoreError(f"{self._path}: the outbox cannot be written: {error}") from error

    def _do(self, statement: str) -> None:
        try:
            self._database.execute(statement)
        except sqlite3.Error as error:
            self._undo()
            raise StoreError(f"{self._path}: the outbox cannot be written: {error}") from error

    def _undo(self) -> None:
        with contextlib.suppress(sqlite3.Error):  # SQLite itself may have undone it, or be closed
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, timeout=5.0, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.executescript(_TABLES)
    except sqlite3.Error:
        database.close()
        raise
    return database
