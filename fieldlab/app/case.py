"""A case from alarm to proof, as one story. Read this first.

`run_case` is a plain function over two small protocols: `Steps` does things (each step may run
again after a crash and must then be harmless), `Run` makes them durable. DBOS runs it in
production, a direct runner on a manual clock in tests. What a step returns is remembered, so after
kill -9 the story goes on where it was.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

from fieldlab.core.messages import CaseState

T = TypeVar("T")
CANCELLED = "the print was cancelled"
FIRST_PAUSE_S, LAST_PAUSE_S = 0.25, 15.0
MAX_ATTEMPTS = 3  # a reject is reprinted once by itself, then a person is asked


class Run(Protocol):
    """How a story is run: each step once, waiting that survives a restart."""

    def do(self, name: str, step: Callable[..., T], *args: Any) -> T:
        """Do a step and remember what it returned."""

    def receive(self, topic: str) -> Mapping[str, Any]:
        """Wait for a person's word (or the demo's) on a topic."""

    def pause(self, duration_s: float) -> None:
        """Wait."""


class Steps(Protocol):
    """What a case does, step by step; every step is harmless when it runs again."""

    def diagnose(self, case_id: str) -> str:
        """Write down the evidence and the verdict; return the action that is advised."""

    def design(self, case_id: str) -> None:
        """Choose sizes and material of a better part and compose its mesh."""

    def verify(self, case_id: str) -> bool:
        """Check the bytes that ship; False if they are not the part that was ordered."""

    def slice(self, case_id: str) -> None:
        """Turn the verified mesh into G-code."""

    def gate(self, case_id: str) -> bool:
        """Let the independent gate judge the G-code; False if it is refused."""

    def enqueue(self, case_id: str) -> str:
        """Put the print job in the queue, waiting for approval; return the G-code's hash."""

    def is_approved(self, case_id: str, approval: Mapping[str, Any]) -> bool:
        """Write down an approval; False unless it is for exactly this G-code."""

    def start_print(self, case_id: str, attempt: int) -> str:
        """Send the approved job when it is its turn: waiting, started or cancelled."""

    def print_state(self, case_id: str, attempt: int) -> str:
        """Return where the print stands: printing, done, failed, reject or cancelled."""

    def inspect(self, case_id: str, attempt: int, word: Mapping[str, Any]) -> str:
        """Judge the printed part: accept, rework, reject, or measure (a person must)."""

    def requeue(self, case_id: str, attempt: int) -> None:
        """Put a failed job back in the queue with its reason, waiting for a person's word."""

    def await_fit(self, case_id: str) -> None:
        """Ask a person (or the simulated machine) to fit the part."""

    def fit(self, case_id: str, word: Mapping[str, Any]) -> bool:
        """Write down that it was fitted, and when; False if it was not."""

    def prove(self, case_id: str) -> str:
        """Compare with the learnt normal since the fit: waiting, healed or not-healed."""

    def finish(self, case_id: str, state: CaseState, reason: str) -> CaseState:
        """Close the case; a case that did not heal opens the next suspect's case."""


def run_case(case_id: str, steps: Steps, run: Run) -> CaseState:
    """Run one case to its end and return how it ended."""
    action = run.do("diagnose", steps.diagnose, case_id)
    if action == "print":
        problem = _make_part(case_id, steps, run)
        if problem:
            return run.do("finish", steps.finish, case_id, "dismissed", problem)
    elif action not in ("buy", "adjust"):
        run.receive("looked-at")
        return run.do("finish", steps.finish, case_id, "dismissed", "a person has looked at it")
    return _fit_and_prove(case_id, steps, run)


def _make_part(case_id: str, steps: Steps, run: Run) -> str:
    """Design, verify, slice, gate, approve, print and inspect; return what went wrong, or ''."""
    run.do("design", steps.design, case_id)
    if not run.do("verify", steps.verify, case_id):
        return "the part did not pass its verification"
    run.do("slice", steps.slice, case_id)
    if not run.do("gate", steps.gate, case_id):
        return "the gate refused the G-code"
    run.do("queue", steps.enqueue, case_id)
    return _print_until_good(case_id, steps, run)


def _print_until_good(case_id: str, steps: Steps, run: Run) -> str:
    """Print until a part is accepted; return why there is none, or ''."""
    outcome = "new"
    for attempt in range(1, MAX_ATTEMPTS + 1):
        if attempt > 1:
            run.do("requeue", steps.requeue, case_id, attempt)
        by_itself = outcome == "reject" and attempt == 2
        if not by_itself and not _is_allowed(case_id, steps, run):
            return CANCELLED
        outcome = _print_once(case_id, attempt, steps, run)
        if outcome == "accept":
            return ""
        if outcome == "cancelled":
            return CANCELLED
    return f"{MAX_ATTEMPTS} prints were not good: a person must look at the printer"


def _is_allowed(case_id: str, steps: Steps, run: Run) -> bool:
    """Wait for a person's word; False if the print is cancelled."""
    while True:
        word = run.receive("approval")
        if run.do("approve", steps.is_approved, case_id, word):
            return True
        if word.get("cancel"):
            return False


def _print_once(case_id: str, attempt: int, steps: Steps, run: Run) -> str:
    pauses = _growing_pauses()
    while (state := run.do("send", steps.start_print, case_id, attempt)) == "waiting":
        run.pause(next(pauses))
    if state == "cancelled":
        return state
    pauses = _growing_pauses()
    while (state := run.do("print", steps.print_state, case_id, attempt)) == "printing":
        run.pause(next(pauses))
    if state != "done":
        return state
    verdict = run.do("inspect", steps.inspect, case_id, attempt, {})
    while verdict in ("measure", "rework"):
        word = run.receive("measured")
        verdict = run.do("inspect", steps.inspect, case_id, attempt, word)
    return verdict


def _fit_and_prove(case_id: str, steps: Steps, run: Run) -> CaseState:
    run.do("await-fit", steps.await_fit, case_id)
    while not run.do("fit", steps.fit, case_id, run.receive("fitted")):
        pass
    pauses = _growing_pauses()
    while (outcome := run.do("prove", steps.prove, case_id)) == "waiting":
        run.pause(next(pauses))
    state: CaseState = "proven" if outcome == "healed" else "not-healed"
    return run.do("finish", steps.finish, case_id, state, outcome)


def _growing_pauses() -> Iterator[float]:
    """Ask often at first (a demo's print takes seconds), seldom later (a real one takes hours)."""
    pause_s = FIRST_PAUSE_S
    while True:
        yield pause_s
        pause_s = min(pause_s * 1.05, LAST_PAUSE_S)
