"""How a case begins: its id and its first record, from an alarm's diagnosis. Pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from fieldlab.app.plain import plain
from fieldlab.core.messages import Diagnosis, Forecast, Suspect

ENDED = ("proven", "not-healed", "dismissed")


def case_id_of(machine_id: str, component: str | None, opened_s: float) -> str:
    """Return the id of a case: the same alarm gives the same id, so a second start is harmless.

    >>> case_id_of("press", "pinion", 1_790_000_000.0)
    'press-pinion-20260921-141320'
    """
    when = datetime.fromtimestamp(opened_s, UTC).strftime("%Y%m%d-%H%M%S")
    return f"{machine_id}-{component or 'unknown'}-{when}"


def open_case(
    diagnosis: Diagnosis,
    *,
    opened_at_s: float,
    follows: str = "",
    forecast: Forecast | None = None,
) -> dict[str, Any]:
    """Return the first record of a case; `opened_at_s` is the hub's time, `opened_s` event time."""
    verdict = diagnosis.verdict
    component = verdict.component if verdict else None
    is_of_this = forecast is not None and forecast.component == component
    return {
        "id": case_id_of(diagnosis.machine_id, component, diagnosis.t_s),
        "machine_id": diagnosis.machine_id,
        "component": component,
        "group": list(verdict.group) if verdict else [],
        "failure_mode": verdict.failure_mode if verdict else None,
        "confidence": verdict.confidence if verdict else 0.0,
        "state": "open",
        "opened_s": diagnosis.t_s,
        "diagnosis": plain(diagnosis),
        "forecast": plain(forecast) if is_of_this else None,
        "follows": follows,
        "at_s": {"open": opened_at_s},
    }


def is_new(diagnosis: Diagnosis, cases: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether an alarm needs a case: a component (or its group) has at most one open."""
    verdict = diagnosis.verdict
    wanted = set(_names(verdict)) if verdict else {None}
    for case in cases:
        if case["state"] in ENDED or case["machine_id"] != diagnosis.machine_id:
            continue
        if wanted & {case["component"], *case["group"]}:
            return False
    return True


def next_suspect(diagnosis: Diagnosis, tried: Iterable[str]) -> Suspect | None:
    """Return the likeliest suspect that was not tried yet, or None."""
    done = set(tried)
    return next((s for s in diagnosis.suspects if not done & set(_names(s))), None)


def _names(suspect: Suspect) -> tuple[str, ...]:
    return (suspect.component, *suspect.group)
