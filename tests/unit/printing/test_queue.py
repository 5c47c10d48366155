import itertools

import pytest

from fieldlab.core.errors import RefusedError
from fieldlab.core.messages import PrintJob
from printing.queue import JobEvent, advance, enqueue, job_id

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
    kinds = ("approve", "send", "recall", "start", "finish", "accept", "reject", "fail", "retry",
             "cancel")  # fmt: skip
    legal = 0
    for state, kind in itertools.product(states, kinds):
        try:
            go(job(state=state), kind)
            legal += 1
        except RefusedError:
            continue

    assert legal == 22


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
