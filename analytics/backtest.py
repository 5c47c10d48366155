"""A recording judged as if it were live: learn before a moment, judge causally after it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from analytics.advice import advise
from analytics.features.velocity import VELOCITY
from analytics.framing import Framer
from analytics.judgement import Judgement
from analytics.monitor import Monitor
from fieldlab.core.machine import Machine
from fieldlab.core.messages import (
    Action,
    Diagnosis,
    Forecast,
    Mark,
    Reading,
    Reason,
    Samples,
    State,
    Window,
)

MAX_SHOTS = 20


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
class Shot:
    """The waveform that a verdict was opened on, and where its lines lie."""

    component: str
    failure_mode: str | None
    sensor: str
    unit: str
    rate_hz: float
    samples: Samples
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """All that was said of a recording."""

    health: tuple[HealthRow, ...]
    cases: tuple[CaseRow, ...]
    shots: tuple[Shot, ...] = ()
    false_cases_per_year: float | None = None  # the budget that the learning supports
    velocity_mmps: Mapping[str, float] = field(default_factory=dict)  # median RMS, by sensor


def backtest(machine: Machine, readings: Iterable[Reading], healthy_until_s: float) -> Backtest:
    """Return health rows and cases of a recording that was healthy before `healthy_until_s`."""
    monitor = Monitor(machine, healthy_until_s=healthy_until_s)
    health: list[HealthRow] = []
    cases: list[CaseRow] = []
    shots: list[Shot] = []
    budget: float | None = None
    velocities: dict[str, list[float]] = {}
    for window in windows_of(machine, readings):
        judgement = monitor.observe(window)
        health.append(_row(window, judgement))
        _close(cases, judgement, window.end_s)
        cases += [
            _case(machine, opened, judgement.forecast, window.end_s) for opened in judgement.opened
        ]
        shots += _shots(machine, judgement, window) if len(shots) < MAX_SHOTS else ()
        budget = judgement.health.false_cases_per_year or budget
        for name, value in judgement.features.values.items():
            sensor, _, what = name.rpartition(".")
            if what == VELOCITY:
                velocities.setdefault(sensor, []).append(value)
    return Backtest(
        health=tuple(health), cases=tuple(cases), shots=tuple(shots), false_cases_per_year=budget,
        velocity_mmps={name: float(np.median(found)) for name, found in velocities.items()},
    )  # fmt: skip


def windows_of(machine: Machine, readings: Iterable[Reading]) -> Iterator[Window]:
    """Return the windows of a recording's readings, the last one included."""
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


def _shots(machine: Machine, judgement: Judgement, window: Window) -> list[Shot]:
    """Return the waveforms of the verdicts that were opened in a window."""
    return [
        Shot(
            component=verdict.component, failure_mode=verdict.failure_mode, sensor=verdict.sensor,
            unit=machine.sensors[verdict.sensor].unit, rate_hz=wave.rate_hz, samples=wave.samples,
            marks=verdict.marks,
        )
        for opened in judgement.opened
        if (verdict := opened.verdict) is not None and verdict.sensor is not None
        if (wave := window.waves.get(verdict.sensor)) is not None
    ]  # fmt: skip


def _case(
    machine: Machine, diagnosis: Diagnosis, forecast: Forecast | None, opened_s: float
) -> CaseRow:
    verdict = diagnosis.verdict
    advice = advise(diagnosis, machine, forecast)
    return CaseRow(
        component=verdict.component if verdict else None,
        failure_mode=verdict.failure_mode if verdict else None,
        opened_s=opened_s,
        closed_s=None,
        confidence=verdict.confidence if verdict else 0.0,
        action=advice.action,
        evidence=advice.reasons,
    )


def _close(cases: list[CaseRow], judgement: Judgement, end_s: float) -> None:
    for at, case in enumerate(cases):
        if case.closed_s is None and (case.component or "") in judgement.closed:
            cases[at] = replace(case, closed_s=end_s)
