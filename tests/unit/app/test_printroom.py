"""The print room: one printer gets one job, however many want it at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from fieldlab.app.printroom import PrintRoom
from fieldlab.app.store import Store
from fieldlab.core.clock import ManualClock
from fieldlab.core.errors import InputError, PrinterError, RefusedError
from fieldlab.core.messages import PrintJob
from fieldlab.core.settings import PrinterOptions
from printing.queue import job_id
from simulators.printer import VirtualPrinter

HASH = "a" * 64


@pytest.fixture
def room(tmp_path: Path) -> PrintRoom:
    clock = ManualClock()
    printer = VirtualPrinter(tmp_path / "one", clock)
    options = {"one": PrinterOptions(kind="octoprint", materials=("PLA", "PETG"))}
    return PrintRoom(Store(tmp_path), {"one": printer}, options, clock)


def queue(room: PrintRoom, case: str, **changes: Any) -> tuple[str, str]:
    """Queue and approve a job; return its id and what was in its way."""
    facts = {"mass_g": 100.0, "duration_s": 600.0, "machine_id": "press", **changes}
    job = PrintJob(
        id=job_id(case, 1), case_id=case, generation=1, printer="one", material="PLA",
        gcode_sha256=HASH, **facts,
    )  # fmt: skip
    reason = room.enqueue(job, remaining_s=None, score_ratio=1.0)
    room.advance(job.id, "approve", gcode_sha256=HASH)
    return job.id, reason


def ready(room: PrintRoom, left_g: float = 900.0) -> None:
    room.clear_bed("one")
    room.load_spool("one", "PLA", left_g)


def test_of_many_jobs_at_the_same_moment_one_is_sent(room: PrintRoom) -> None:
    ready(room)
    jobs = [queue(room, f"case-{number}")[0] for number in range(8)]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda job: room.claim(job, HASH), jobs))

    assert found.count("") == 1
    assert sum(job["state"] == "sent" for job in room.overview()["jobs"]) == 1


def test_a_job_is_queued_once(room: PrintRoom) -> None:
    for _ in range(3):
        queue(room, "case-1")

    assert len(room.overview()["jobs"]) == 1


@pytest.mark.parametrize(
    ("left_g", "why"), [(104.0, "needs 105 g"), (0.0, "0 g left"), (105.5, "")]
)
def test_a_spool_that_is_too_short_is_told_when_the_job_is_queued(
    room: PrintRoom, left_g: float, why: str
) -> None:
    ready(room, left_g)

    _, reason = queue(room, "case-1")

    assert (why in reason) if why else reason == ""


def test_the_operator_lets_a_job_go_first(room: PrintRoom) -> None:
    ready(room)
    first, second = queue(room, "case-1")[0], queue(room, "case-2")[0]

    room.urge(second, 1)

    assert room.claim(first, HASH) == "another job goes first"
    assert room.claim(second, HASH) == ""
    with pytest.raises(RefusedError, match="does not wait"):
        room.urge(second, 0)


def test_a_bed_is_clear_for_one_print(room: PrintRoom) -> None:
    ready(room)
    first, second = queue(room, "case-1")[0], queue(room, "case-2")[0]
    assert room.claim(first, HASH) == ""

    room.advance(first, "fail", reason="the printer failed")

    assert "bed is clear" in room.claim(second, HASH)


def test_what_does_not_exist_is_named(room: PrintRoom) -> None:
    with pytest.raises(InputError, match="there is: one"):
        room.clear_bed("two")
    with pytest.raises(InputError, match="prints PLA, PETG"):
        room.load_spool("one", "PA12", 100.0)
    with pytest.raises(PrinterError, match="TPU"):
        room.printer_for("TPU")
    with pytest.raises(RefusedError, match="no job"):
        room.hold("nothing", held=True)
