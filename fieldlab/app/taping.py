"""Recordings of what passes now, made by the same recorder as `fieldlab record`, as zip files."""

import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import SpooledTemporaryFile, TemporaryDirectory
from typing import Any

from edge.recorder import Recorder
from fieldlab.core.errors import InputError, RefusedError, StoreError
from fieldlab.core.messages import Reading, Wave

LONGEST_S = 120.0
MOST_BYTES = 64_000_000
AT_ONCE = 2
_SPOOL_BYTES = 8_000_000


class Tape:
    """Takes the readings of one machine until it is full or stopped; `hear` is called elsewhere."""

    def __init__(self, folder: Path, plain: Mapping[str, Any], most_bytes: int) -> None:
        self.is_full = False
        self.failed = ""
        self.over = threading.Event()
        self._recorder = Recorder(folder, plain)
        self._left = most_bytes
        self._lock = threading.Lock()
        self._is_closed = False

    def hear(self, reading: Reading) -> None:
        """Write a reading down."""
        with self._lock:
            if self._is_closed or self.is_full or self.failed:
                return
            self._left -= 4 * len(reading.samples) if isinstance(reading, Wave) else 40
            if self._left < 0:
                self.is_full = True
                self.over.set()
                return
            try:
                self._recorder.add(reading)
            except StoreError as error:  # a full disk ends this recording, and nothing else
                self.failed = str(error)
                self.over.set()

    def close(self) -> int:
        """End the recording; return how many rows it holds."""
        with self._lock:
            self._is_closed = True
            self._recorder.close()
            return self._recorder.rows


class Tapes:
    """The recordings that are being made."""

    def __init__(self, *, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._running: tuple[tuple[str, Tape], ...] = ()
        self._lock = threading.Lock()
        self._is_closed = False

    def hear(self, machine_id: str, reading: Reading) -> None:
        """Hand a reading to the recordings of its machine."""
        for mine, tape in self._running:
            if mine == machine_id:
                tape.hear(reading)

    def record(self, machine_id: str, plain: Mapping[str, Any], seconds: float) -> bytes:
        """Return a zip of what passes in the next seconds of the wall clock.

        Raises
        ------
        InputError
            If the length is out of bounds, or so much passes that it would be too large.
        RefusedError
            If two are being made already, nothing passed, the disk is full, or the hub stops.
        """
        if not 0 < seconds <= LONGEST_S:
            raise InputError(f"seconds: found {seconds:g}; from 1 to {LONGEST_S:g}")
        with TemporaryDirectory(prefix="fieldlab-") as folder:
            place = Path(folder) / machine_id
            tape = self._begin(machine_id, Tape(place, plain, self._most_bytes))
            try:
                tape.over.wait(seconds)
            finally:
                self._end(tape)
                rows = tape.close()
            if tape.is_full:
                raise InputError(
                    f"more than {self._most_bytes / 1e6:g} MB passed in {seconds:g} s; ask for"
                    " fewer seconds, or use 'fieldlab record'"
                )
            if self._is_closed or tape.failed:
                raise RefusedError(tape.failed or "the hub is stopping")
            if not rows:
                raise RefusedError(
                    f"nothing came from '{machine_id}' in {seconds:g} s; is its edge running?"
                )
            return zipped(place)

    def close(self) -> None:
        """End all, so that nobody waits for a hub that stops."""
        self._is_closed = True
        for _, tape in self._running:
            tape.over.set()

    def _begin(self, machine_id: str, tape: Tape) -> Tape:
        with self._lock:
            if len(self._running) >= AT_ONCE:
                raise RefusedError(f"{AT_ONCE} recordings are being made; try again when one ends")
            self._running = (*self._running, (machine_id, tape))
        return tape

    def _end(self, tape: Tape) -> None:
        with self._lock:
            self._running = tuple(one for one in self._running if one[1] is not tape)


def zipped(folder: Path) -> bytes:
    """Return a folder as a zip; its name is the first step of every path in it."""
    with SpooledTemporaryFile(_SPOOL_BYTES) as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    archive.write(path, Path(folder.name) / path.relative_to(folder))
        out.seek(0)
        return out.read()
