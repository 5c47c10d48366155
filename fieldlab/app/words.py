"""What people and proofs say of cases, kept for the next ranking, and when to learn anew."""

import json
from typing import Any, Literal

from analytics.feedback import Feedback, Word
from fieldlab.app.store import Record, Store
from fieldlab.core.errors import InputError
from fieldlab.core.machine import Machine
from fieldlab.core.messages import Suspect

Why = Literal["maintenance", "repair", "new-product", "new-file"]
WHYS: tuple[Why, ...] = ("maintenance", "repair", "new-product")  # that a person may give


def feedback_on(store: Store, machine_id: str) -> Feedback:
    """Return all that was said of a machine's cases."""
    return Feedback.of_plain(json.loads(store.kept(f"feedback/{machine_id}") or b"[]"))


def remember(store: Store, case: Record, *, truth: tuple[str, str | None] | None) -> None:
    """Remember what a case really was: a component and mode, or None if nothing was wrong.

    A later word about the same case replaces the earlier one.
    """
    said = (case["component"], case["failure_mode"])
    words = []
    if truth is not None:
        words.append(_word(case, truth, is_right=True))
    if case["component"] is not None and not _agree(case, truth):
        words.append(_word(case, said, is_right=False))
    if words:
        known = feedback_on(store, case["machine_id"]).told(*words)
        _keep(store, f"feedback/{case['machine_id']}", known.plain())


def learnt(store: Store, machine: Machine, case: Record) -> list[Record]:
    """Return what all words so far say of a case's verdict and of what it really was.

    `times` is by how much the confidence of the same verdict is multiplied the next time.
    """
    feedback = feedback_on(store, machine.id)
    told = case.get("feedback") or {}
    both = [(case["component"], case["failure_mode"]),
            (told.get("component"), told.get("failure_mode"))]  # fmt: skip
    return [
        {"component": component, "failure_mode": mode, **feedback.tally(component, mode),
         "times": round(feedback.times(suspect, machine), 2)}
        for component, mode in dict.fromkeys(both)
        if component in machine.components
        for suspect in [Suspect(component=component, failure_mode=mode, confidence=1.0)]
    ]  # fmt: skip


def _agree(case: Record, truth: tuple[str, str | None] | None) -> bool:
    if truth is None or truth[0] not in (case["component"], *case["group"]):
        return False
    return truth[1] in (None, case["failure_mode"])


def _word(case: Record, what: tuple[str, str | None], *, is_right: bool) -> Word:
    return Word(
        case_id=case["id"], component=what[0], failure_mode=what[1], is_right=is_right
    )  # fmt: skip


def ask_to_relearn(store: Store, machine_id: str, *, why: Why, by: str) -> None:
    """Let a machine learn its normal anew from its next window on; raises InputError.

    The hub that runs in this home sees it with the next window; one that is not running, later.
    """
    known = store.machines()
    if machine_id not in known:
        there = ", ".join(known) or "none yet"
        raise InputError(f"there is no machine '{machine_id}'; there is {there}")
    asked = [*relearnings(store, machine_id), {"why": why, "by": by}]
    _keep(store, f"relearn/{machine_id}", asked)


def relearnings(store: Store, machine_id: str) -> list[dict[str, str]]:
    """Return every time that somebody asked a machine to learn anew, oldest first."""
    found: list[dict[str, str]] = json.loads(store.kept(f"relearn/{machine_id}") or b"[]")
    return found


def _keep(store: Store, key: str, value: Any) -> None:
    with store.transaction() as connection:
        store.keep(connection, key, json.dumps(value).encode())
