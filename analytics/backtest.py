"""A recording judged as if it were live: learn before a moment, judge causally after it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from analytics.advice import advise
from analytics.framing import Framer
from analytics.monitor import Judgement, Monitor
from fieldlab.core.machine import Machine
from fieldlab.core.messages import Action, Diagnosis, Reading, Reason, State, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthRow:
    """One row of health.csv; `time_s` is the end of the window."""

    time_s: float
    state: State
    score: float
    component: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One line of cases.jsonl."""

    component: str | None
    failure_mode: str | None
    opened_s: float
    closed_s: float | None
    confidence: float
    action: Action
    evidence: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """All that was said of a recording."""

    health: tuple[HealthRow, ...]
    cases: tuple[CaseRow, ...]


def backtest(machine: Machine, readings: Iterable[Reading], healthy_until_s: float) -> Backtest:
    """Return health rows and cases of a recording that was healthy before `healthy_until_s`."""
    monitor = Monitor(machine, healthy_until_s=healthy_until_s)
    health: list[HealthRow] = []
    cases: list[CaseRow] = []
    for window in _windows(machine, readings):
        judgement = monitor.observe(window)
        health.append(_row(window, judgement))
        _close(cases, judgement, window.end_s)
        cases += [_case(machine, opened, window.end_s) for opened in judgement.opened]
    return Backtest(health=tuple(health), cases=tuple(cases))


def _windows(machine: Machine, readings: Iterable[Reading]) -> Iterator[Window]:
    framer = Framer(machine)
    for reading in readings:
        yield from framer.add(reading)
    yield from framer.flush()


def _row(window: Window, judgement: Judgement) -> HealthRow:
    health = judgement.health
    return HealthRow(
        time_s=window.end_s,
        state=health.state,
        score=float(health.score_ratio),
        component=health.component or "",
    )


def _case(machine: Machine, diagnosis: Diagnosis, opened_s: float) -> CaseRow:
    verdict = diagnosis.verdict
    advice = advise(diagnosis, machine, None)
    return CaseRow(
        component=verdict.component if verdict else None,
        failure_mode=verdict.failure_mode if verdict else None,
        opened_s=opened_s,
        closed_s=None,
        confidence=verdict.confidence if verdict else 0.0,
        action=advice.action,
        evidence=verdict.reasons if verdict else (),
    )


def _close(cases: list[CaseRow], judgement: Judgement, end_s: float) -> None:
    for at, case in enumerate(cases):
        if case.closed_s is None and (case.component or "") in judgement.closed:
            cases[at] = replace(case, closed_s=end_s)
