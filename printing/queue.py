"""The states of a print job and the moves between them: pure functions (turns.py: who is next)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from fieldlab.core.errors import RefusedError
from fieldlab.core.messages import JobState, PrintJob

EventKind = Literal[
    "approve", "send", "recall", "start", "finish", "accept", "reject", "fail", "retry", "cancel"
]
MAX_ATTEMPTS = 3

_MOVES: Mapping[EventKind, tuple[tuple[JobState, ...], JobState]] = {
    "approve": (("queued",), "approved"),
    "send": (("approved",), "sent"),
    "recall": (("sent",), "approved"),  # the printer never got it: it may be sent again
    "start": (("sent",), "printing"),
    "finish": (("sent", "printing"), "printed"),
    "accept": (("printed",), "accepted"),
    "reject": (("printing", "printed"), "rejected"),
    "fail": (("queued", "approved", "sent", "printing"), "failed"),
    "cancel": (
        ("queued", "approved", "sent", "printing", "printed", "failed", "rejected"),
        "cancelled",
    ),
    "retry": (("failed", "rejected"), "queued"),
}
_NEEDS_HASH = ("approve", "send")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvent:
    """Something that happened to a job; approving and sending name the exact G-code."""

    kind: EventKind
    reason: str = ""
    gcode_sha256: str = ""


def job_id(case_id: str, generation: int) -> str:
    """Return the one id of the job for a case and a part generation.

    >>> job_id("case-7", 1)
    'case-7-g1'
    """
    return f"{case_id}-g{generation}"


def enqueue(jobs: Iterable[PrintJob], job: PrintJob) -> tuple[PrintJob, ...]:
    """Return the jobs with this one, once: the same id again changes nothing.

    Raises
    ------
    RefusedError
        If the id is not that of its case and generation, or the job is not a new one.
    """
    if job.id != job_id(job.case_id, job.generation):
        wanted = job_id(job.case_id, job.generation)
        raise RefusedError(f"job '{job.id}' must be called '{wanted}': one job per generation")
    if job.state != "queued":
        raise RefusedError(f"job '{job.id}' is {job.state}; only a queued job can be added")
    known = tuple(jobs)
    return known if any(other.id == job.id for other in known) else (*known, job)


def advance(job: PrintJob, event: JobEvent) -> PrintJob:
    """Return the job after an event.

    A retry goes back to `queued` as the next attempt, so a person approves again.

    Raises
    ------
    RefusedError
        If the move is not legal in this state, the fingerprint is another, or attempts are used up.
    """
    allowed, state = _MOVES[event.kind]
    if job.state not in allowed:
        raise RefusedError(
            f"job '{job.id}' is {job.state}; '{event.kind}' needs {' or '.join(allowed)}"
        )
    if event.kind in _NEEDS_HASH and event.gcode_sha256 != job.gcode_sha256:
        raise RefusedError(f"'{event.kind}' is for another G-code than that of job '{job.id}'")
    if event.kind == "retry":
        if job.attempt >= MAX_ATTEMPTS:
            raise RefusedError(f"job '{job.id}' was tried {job.attempt} times; ask a person")
        return replace(job, state=state, attempt=job.attempt + 1, reason=event.reason)
    return replace(job, state=state, reason=event.reason)
