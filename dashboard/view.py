"""What the pages ask: read-only questions, and the three words that a person may say."""

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from fieldlab.core.plan import Plan

Record = dict[str, Any]
Why = Literal["maintenance", "repair", "new-product"]


class View(Protocol):
    """All that a page shows. Questions are asked on the event loop; they are sync and fast.

    The actions (`approve`, `fitted`, `dismiss`) are called in a worker thread: they may write.
    """

    def machines(self) -> list[Record]:
        """Return every machine: id, name, file, health, nodes and the age of its data."""
        ...

    def machine(self, machine_id: str) -> Record | None:
        """Return one machine, None if there is no such machine."""
        ...

    def cases(self, limit: int, before: str | None) -> list[Record]:
        """Return at most `limit` cases, newest first, from the one after case `before` on."""
        ...

    def case_counts(self) -> dict[str, int]:
        """Return how many cases there are in each state."""
        ...

    def case(self, case_id: str) -> Record | None:
        """Return one case, None if there is no such case."""
        ...

    def thread(self, case_id: str) -> list[Record] | None:
        """Return the entries of a case's hash-chained thread, oldest first."""
        ...

    def stl(self, case_id: str) -> bytes | None:
        """Return the mesh of the part that ships, None before it is designed."""
        ...

    def tag(self, case_id: str) -> bytes | None:
        """Return the tag to hang on a part that has no room for its id, None if it has."""
        ...

    def preview(self, case_id: str) -> Record | None:
        """Return the printed layers as polylines in mm, None before they are sliced."""
        ...

    def live(self, machine_id: str) -> Record | None:
        """Return the newest waveform, spectrum and values of a machine."""
        ...

    def health_history(
        self, machine_id: str, limit: int, before_s: float | None = None
    ) -> list[Record]:
        """Return the last `limit` judgements before an event time, oldest first."""
        ...

    def history(
        self, machine_id: str, from_s: float | None, until_s: float | None, series: str, points: int
    ) -> Record | None:
        """Return a series of a stretch in at most `points` points; raises InputError."""
        ...

    def availability(self, from_s: float | None, until_s: float | None) -> list[Record]:
        """Return the figures of every machine over a stretch."""
        ...

    def sensors(self, machine_id: str) -> list[Record] | None:
        """Return age, rate, range, noise and grade of each sensor, None without the machine."""
        ...

    def sensor(self, machine_id: str, sensor: str, top_hz: float | None) -> Record | None:
        """Return one sensor live, None without it."""
        ...

    def arriving(self) -> list[Record]:
        """Return what arrives on the bus, newest first."""
        ...

    def broker(self) -> Record:
        """Return where devices reach the bus: host, port, site, near, accounts."""
        ...

    def introduce(self, text: str, by: str) -> str:
        """Take up a new machine, return its id; raises MachineFileError and RefusedError."""
        ...

    def record(self, machine_id: str, seconds: float) -> bytes | None:
        """Return a zip of the next seconds; raises InputError and RefusedError. Slow."""
        ...

    def look_at_table(self, data: bytes) -> Record:
        """Return what the columns of a table look like; raises RecordingError. Slow."""
        ...

    def begin_backtest(self, kind: Literal["csv", "zip"], data: bytes, plan: Plan) -> Record:
        """Queue a backtest, return where it stands; raises InputError and RefusedError."""
        ...

    def backtest(self, run_id: str) -> Record | None:
        """Return where a backtest stands and what it found, None if it is not known."""
        ...

    def check_machine(self, text: str) -> Record:
        """Return `problems` of a machine file, a line each, and what it would have `changed`."""
        ...

    def machine_file(self, machine_id: str) -> Record | None:
        """Return the file as people wrote it, its versions, and what a node offers."""
        ...

    def machine_file_version(self, machine_id: str, version: int) -> str | None:
        """Return one version of a machine file as it was written, None if there is none."""
        ...

    def save_machine(self, machine_id: str, text: str, by: str) -> Record:
        """Keep a machine file and take it up; raises MachineFileError and RefusedError."""
        ...

    def savings(self, machine_id: str) -> Record:
        """Return standstill and money of a machine (`ours`) and of its twin without the loop.

        Called in a worker thread: the twin of a simulated machine is simulated.
        """
        ...

    def thread_problems(self, case_id: str) -> list[str] | None:
        """Return what does not hold in a case's thread; empty when every hash does."""
        ...

    def families(self) -> list[Record]:
        """Return the part families with their sizes, units, defaults and bounds."""
        ...

    def draw(self, family: str, sizes: Mapping[str, float | int | str]) -> bytes:
        """Return the mesh (STL) of a part; raises PartError. Slow: called in a worker thread."""
        ...

    def duel(self) -> Record:
        """Return the blind duel: what can be broken, the newest rounds and the score."""
        ...

    def challenge(self, component: str, mode: str, severity: float, visitor: str) -> Record:
        """Queue a round of the duel; raises RefusedError."""
        ...

    def approve(self, case_id: str, gcode_sha256: str, by: str) -> None:
        """Approve exactly this G-code; raises RefusedError."""
        ...

    def fitted(self, case_id: str, by: str) -> None:
        """Say that the part is on the machine; raises RefusedError."""
        ...

    def dismiss(self, case_id: str, reason: str, by: str) -> Record:
        """Say that a case is false; whether that closes it, and what was learnt."""
        ...

    def measured(self, case_id: str, mass_g: float, sizes: Mapping[str, float], by: str) -> None:
        """Say what a scale and a calliper found on the printed part; raises RefusedError."""
        ...

    def cancel(self, case_id: str, reason: str, by: str) -> None:
        """Cancel the print of a case, wherever it stands; raises RefusedError."""
        ...

    def print_room(self) -> Record:
        """Return the printers, and the jobs with when each should start and finish."""
        ...

    def jobs(self, limit: int, before: str | None) -> list[Record]:
        """Return at most `limit` jobs, newest first, from the one after job `before` on."""
        ...

    def test_printer(self, name: str) -> Record:
        """Return what a printer answers: `ok`, and in one line what is wrong and what to do."""
        ...

    def clear_bed(self, name: str) -> None:
        """Say that the bed of a printer is clear; raises InputError for an unknown printer."""
        ...

    def load_spool(self, name: str, material: str, left_g: float) -> None:
        """Say which spool is on a printer, and how many grams it has left; raises InputError."""
        ...

    def hold_job(self, job_id: str, held: bool) -> None:
        """Keep a job back, or let it go; raises RefusedError."""
        ...

    def urge_job(self, job_id: str, word: int) -> None:
        """Let a job go first (1), as it comes (0) or later (-1); raises RefusedError."""
        ...

    def correct(
        self, case_id: str, component: str | None, mode: str | None, reason: str, by: str
    ) -> Record:
        """Say what a case really was, None if nothing was wrong; what was learnt from it."""
        ...

    def relearn(self, machine_id: str, why: Why, by: str) -> None:
        """Let a machine learn its normal anew from its next window on."""
        ...

    def notifications(self) -> Record:
        """Return how a person is called, and whether it is quiet now."""
        ...

    def call_test(self, channel: str | None = None) -> dict[str, str]:
        """Call a person with a test message; what each channel said. Raises InputError."""
        ...
