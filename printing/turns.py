"""Whose turn it is: which job goes to which printer next, when, and what is in its way. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fieldlab.core.messages import PrinterStatus, PrintJob

UNDER_WAY = ("sent", "printing")
WAITING = ("queued", "approved")
SPARE_FILAMENT_RATIO = 1.05  # purge, brim and what the spool's own label errs
WORD_WEIGHT = 1000.0  # an operator's word beats every risk
_SHORTEST_S = 600.0
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spool:
    """The filament on a printer."""

    material: str
    left_g: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A printer as the queue sees it.

    `spool` is None where nobody counts the filament. `machine_id` is the machine that the printer
    is itself; `lasts_s` how long that will go on at least, None while nothing wears.
    """

    status: PrinterStatus
    materials: tuple[str, ...]
    bed_is_clear: bool = True
    spool: Spool | None = None
    machine_id: str = ""
    is_sick: bool = False
    lasts_s: float | None = None


def priority(*, remaining_s: float | None, score_ratio: float, word: int = 0) -> float:
    """Return how urgent a part is: the operator's word, then how soon the machine stops.

    Parameters
    ----------
    remaining_s
        What the forecast says at least; without one, a part at its limit gets a day.
    score_ratio
        How far the machine is past its learnt limit.
    word
        -1, 0 or 1: later, as it comes, first.

    >>> priority(remaining_s=3600.0, score_ratio=1.0) > priority(remaining_s=None, score_ratio=2.0)
    True
    """
    left_s = _DAY_S / max(score_ratio, 0.1) if remaining_s is None else remaining_s
    risk = _DAY_S / max(left_s, _SHORTEST_S)
    return WORD_WEIGHT * word + round(min(risk, WORD_WEIGHT / 4), 3)


def obstacle(job: PrintJob, stand: Stand) -> str:
    """Return why a job cannot go to its printer now; empty if it can."""
    if job.held:
        return "held by the operator"
    return _not_free(stand) or _lacks_filament(job, stand) or _wears_out(job, stand)


def _not_free(stand: Stand) -> str:
    status = stand.status
    if status.state == "offline":
        return f"the printer is away: {status.reason}" if status.reason else "the printer is away"
    if status.state == "printing":
        return f"the printer is busy with {status.job_key or 'a job of its own'}"
    return "" if stand.bed_is_clear else "nobody has said that the bed is clear"


def _lacks_filament(job: PrintJob, stand: Stand) -> str:
    spool, needed_g = stand.spool, job.mass_g * SPARE_FILAMENT_RATIO
    if spool is None:
        return ""
    if spool.material != job.material:
        return f"the spool is {spool.material}, the part needs {job.material}"
    if spool.left_g < needed_g:
        return f"the spool has {spool.left_g:.0f} g left, the part needs {needed_g:.0f} g"
    return ""


def _wears_out(job: PrintJob, stand: Stand) -> str:
    if stand.is_sick and job.machine_id != stand.machine_id:
        return "the printer itself is sick: its own spare goes first"
    if stand.lasts_s is not None and stand.lasts_s < job.duration_s:
        return "the printer will not last as long as this print takes"
    return ""


def choose(jobs: Iterable[PrintJob], stands: Mapping[str, Stand]) -> PrintJob | None:
    """Return the approved job to send next: the most urgent first, then by id.

    A printer that was sent a job gets no other one until that job is over.
    """
    known = tuple(jobs)
    taken = {job.printer for job in known if job.state in UNDER_WAY}
    ready = [
        job for job in known
        if job.state == "approved" and job.printer in stands and job.printer not in taken
        and not obstacle(job, stands[job.printer])
    ]  # fmt: skip
    return min(ready, key=_order, default=None)


def match(material: str, stands: Mapping[str, Stand], jobs: Iterable[PrintJob]) -> str | None:
    """Return the printer for a material: its spool is on, it is well, and its queue is shortest.

    None if no printer may print it.
    """
    waiting_s = dict.fromkeys(stands, 0.0)
    for job in jobs:
        if job.state in (*UNDER_WAY, *WAITING) and job.printer in waiting_s:
            waiting_s[job.printer] += job.duration_s

    def cost(name: str) -> tuple[bool, bool, bool, float, str]:
        stand = stands[name]
        other = stand.spool is not None and stand.spool.material != material
        away = stand.status.state == "offline"
        return other, away, stand.is_sick, waiting_s[name], name

    able = [name for name, stand in stands.items() if material in stand.materials]
    return min(able, key=cost, default=None)


def estimate(
    jobs: Iterable[PrintJob], stands: Mapping[str, Stand], now_s: float
) -> dict[str, tuple[float, float]]:
    """Return for each job that is not over when it should start and finish.

    What is under way is as far as its printer says; the others follow in their order, as if every
    approval and every clear bed came in time.
    """
    free_s = dict.fromkeys(stands, now_s)
    found: dict[str, tuple[float, float]] = {}
    known = [job for job in jobs if job.printer in stands]
    for job in known:
        if job.state in UNDER_WAY:
            done = stands[job.printer].status.progress_ratio
            start_s = now_s - done * job.duration_s
            found[job.id] = (start_s, start_s + job.duration_s)
            free_s[job.printer] = max(free_s[job.printer], found[job.id][1])
    for job in sorted((job for job in known if job.state in WAITING and not job.held), key=_order):
        start_s = free_s[job.printer]
        found[job.id] = (start_s, start_s + job.duration_s)
        free_s[job.printer] = found[job.id][1]
    return found


def _order(job: PrintJob) -> tuple[float, str]:
    return -job.priority, job.id
