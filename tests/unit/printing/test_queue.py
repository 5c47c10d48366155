import itertools

import pytest

from fieldlab.core.errors import RefusedError
from fieldlab.core.messages import PrinterStatus, PrintJob
from printing.queue import JobEvent, advance, choose, enqueue, job_id, next_state

HASH = "a" * 64


def job(**changes: object) -> PrintJob:
    facts: dict[str, object] = {
        "id": "case-1-g1", "case_id": "case-1", "generation": 1, "printer": "virtual",
        "material": "PLA", "gcode_sha256": HASH,
    }  # fmt: skip
    return PrintJob(**{**facts, **changes})  # type: ignore[arg-type]


def go(start: PrintJob, *kinds: str) -> PrintJob:
    for kind in kinds:
        start = advance(start, JobEvent(kind=kind, gcode_sha256=HASH))  # type: ignore[arg-type]
    return start


def test_a_job_goes_from_the_queue_to_accepted() -> None:
    assert go(job(), "approve", "send", "start", "finish", "accept").state == "accepted"


def test_every_move_that_is_not_listed_is_refused() -> None:
    states = ("queued", "approved", "sent", "printing", "printed", "accepted", "rejected",
              "failed", "cancelled")  # fmt: skip
    kinds = ("approve", "send", "start", "finish", "accept", "reject", "fail", "retry", "cancel")
    legal = 0
    for state, kind in itertools.product(states, kinds):
        try:
            go(job(state=state), kind)
            legal += 1
        except RefusedError:
            continue

    assert legal == 19


@pytest.mark.parametrize(("state", "kind"), [("queued", "approve"), ("approved", "send")])
def test_an_approval_of_another_file_is_refused(state: str, kind: str) -> None:
    with pytest.raises(RefusedError, match="another G-code"):
        advance(job(state=state), JobEvent(kind=kind, gcode_sha256="b" * 64))  # type: ignore[arg-type]


def test_a_retry_needs_a_new_approval_and_ends_after_three_attempts() -> None:
    again = go(job(), "approve", "send", "fail", "retry")

    assert (again.state, again.attempt) == ("queued", 2)
    with pytest.raises(RefusedError, match="3 times"):
        go(job(state="failed", attempt=3), "retry")


def test_a_job_is_in_the_queue_once() -> None:
    once = enqueue((), job())

    assert enqueue(once, job(priority=9.0)) == once
    assert once[0].id == job_id("case-1", 1)


def test_a_job_under_a_wrong_name_is_refused() -> None:
    with pytest.raises(RefusedError, match="case-1-g1"):
        enqueue((), job(id="other"))


def test_the_most_urgent_approved_job_for_a_free_printer_is_next() -> None:
    jobs = [
        job(id="a", state="approved", priority=1.0),
        job(id="b", state="approved", priority=5.0),
        job(id="c", state="queued", priority=9.0),
        job(id="d", state="approved", priority=9.0, printer="other"),
    ]

    chosen = choose(jobs, {"virtual": PrinterStatus(state="idle")})

    assert chosen is not None
    assert chosen.id == "b"


@pytest.mark.parametrize("state", ["printing", "offline", "failed"])
def test_a_printer_that_is_not_free_gets_nothing(state: str) -> None:
    assert choose([job(state="approved")], {"virtual": PrinterStatus(state=state)}) is None  # type: ignore[arg-type]


def test_a_printer_that_was_sent_a_job_gets_no_second_one() -> None:
    jobs = [job(state="sent"), job(id="b", state="approved")]

    assert choose(jobs, {"virtual": PrinterStatus(state="idle")}) is None


@pytest.mark.parametrize(
    ("said", "state"),
    [("printing", "printing"), ("done", "printed"), ("failed", "failed"), ("offline", "sent")],
)
def test_a_job_follows_what_its_printer_says(said: str, state: str) -> None:
    status = PrinterStatus(state=said, job_key="case-1-g1")  # type: ignore[arg-type]

    assert next_state(job(state="sent"), status).state == state


def test_what_a_printer_says_of_another_job_changes_nothing() -> None:
    status = PrinterStatus(state="done", job_key="another")

    assert next_state(job(state="sent"), status).state == "sent"
