"""A student's own file judged by the same backtest as `fieldlab backtest`; plain data out."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from analytics.backtest import Backtest, backtest
from edge.recording import open_recording
from fieldlab.app.counting import most_per_1000_h, usual_s
from fieldlab.app.own_table import Sheet, numbers, sheet_of, text_of, times_s
from fieldlab.app.report import ENOUGH_H, judged_windows
from fieldlab.app.thinning import GRAVE, kept
from fieldlab.app.unpacking import unpack
from fieldlab.core.errors import InputError, RecordingError
from fieldlab.core.machine import Machine, SensorSpec, load_machine
from fieldlab.core.messages import Reading, Value, Wave
from fieldlab.core.phrases.say import LANGUAGES, say
from fieldlab.core.plan import Plan
from fieldlab.core.recording import Column

POINTS = 1500
MOST_CASES = 200
WAVE_HZ = 20.0  # a table with so many rows a second holds waveforms
GAP = 1.5  # steps: longer than that, and a waveform is broken
Record = dict[str, Any]


def judge_upload(file: Path, kind: str, plan: Plan, known: Mapping[str, Any] | None) -> Record:
    """Return what the judge says of an uploaded table (`csv`) or recording (`zip`).

    Parameters
    ----------
    known : mapping, optional
        The machine file of `plan.machine`, as plain data.

    Raises
    ------
    RecordingError, MachineFileError, InputError
        In one line, what is wrong with the file or the plan.
    """
    with TemporaryDirectory(prefix="fieldlab-") as folder:
        if kind == "zip":
            recording = open_recording(unpack(file, Path(folder)))
            machine, start_s = recording.machine, recording.start_s
            readings: Iterator[Reading] = recording.readings()
        else:
            sheet = sheet_of(text_of(file.read_bytes()))
            times = _times_s(sheet, plan)
            machine, sensors = _machine_of(sheet, plan, times, known)
            start_s = float(times[0])
            readings = _readings(sheet, machine, sensors, times)
        result = backtest(machine, readings, start_s + plan.healthy_until_s)
    return told(machine, result, start_s)


def _times_s(sheet: Sheet, plan: Plan) -> Column:
    if plan.time is not None:
        if plan.time not in sheet.names:
            raise InputError(f"time: there is no column '{plan.time:.60}'")
        return times_s(sheet, plan.time)
    if plan.rate_hz is None:
        raise InputError("time: name the column that holds it, or give rate_hz")
    return np.arange(len(sheet.rows)) / plan.rate_hz


def _machine_of(
    sheet: Sheet, plan: Plan, times: Column, known: Mapping[str, Any] | None
) -> tuple[Machine, dict[str, str]]:
    """Return the machine, and the column of each of its sensors."""
    for name in plan.columns:
        if name not in sheet.names:
            raise InputError(f"columns: there is no column '{name:.60}'")
    columns = [name for name in sheet.names if name != plan.time]
    if known is not None:
        machine = load_machine(known)
        found = {name: name for name in columns if name in machine.sensors}
        if not found:
            wanted = ", ".join(machine.sensors)
            raise InputError(f"no column is a sensor of '{machine.id}': {wanted}")
        return machine, found
    step_s = usual_s(times)
    is_wave = step_s > 0 and 1 / step_s >= WAVE_HZ
    specs: dict[str, SensorSpec] = {}
    found = {}
    for column in columns:
        asked = plan.columns.get(column)
        if asked is None or asked.role == "leave-out":
            continue
        sensor = _id_of(column, specs)
        rate_hz = 1 / step_s if is_wave and asked.role == "signal" else None
        specs[sensor] = SensorSpec(
            quantity="other", unit=asked.unit, rate_hz=rate_hz,
            role="condition" if asked.role == "condition" else None,
        )  # fmt: skip
        found[sensor] = column
    if not any(spec.role is None for spec in specs.values()):
        raise InputError("columns: name at least one column that tells of health")
    window_s = 1.0 if is_wave else max(1.0, step_s)
    return Machine(fieldlab=1, id="own-data", window_s=window_s, sensors=specs), found


def _id_of(column: str, taken: Mapping[str, Any]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", column.lower()).strip("-")[:40].strip("-") or "column"
    return plain if plain not in taken else f"{plain}-{len(taken) + 1}"


def _readings(
    sheet: Sheet, machine: Machine, sensors: Mapping[str, str], times: Column
) -> Iterator[Reading]:
    """Yield the readings of a table in order of time."""
    columns = {sensor: numbers(sheet, column) for sensor, column in sensors.items()}
    waves = [name for name in columns if machine.sensors[name].is_wave]
    if not waves:
        for at, t_s in enumerate(times):
            yield from _values(columns, at, float(t_s))
        return
    rate_hz = 1 / usual_s(times)
    for name in waves:
        if np.isnan(columns[name]).any():
            row = int(np.flatnonzero(np.isnan(columns[name]))[0]) + sheet.line
            raise RecordingError(
                f"row {row}, column '{sensors[name]:.60}': a waveform has no empty cells"
            )
    slow = {name: column for name, column in columns.items() if name not in waves}
    for begin, end in _snapshots(times, rate_hz, machine.window_s):
        t_s = float(times[begin])
        yield from _values(slow, begin, t_s)
        for name in waves:
            yield Wave(sensor=name, t_s=t_s, rate_hz=rate_hz, samples=columns[name][begin:end])


def _values(columns: Mapping[str, Column], at: int, t_s: float) -> Iterator[Value]:
    for name, column in columns.items():
        if np.isfinite(column[at]):
            yield Value(sensor=name, t_s=t_s, value=float(column[at]))


def _snapshots(times: Column, rate_hz: float, window_s: float) -> Iterator[tuple[int, int]]:
    """Yield the rows of each whole window; none reaches over a gap."""
    length = max(1, round(rate_hz * window_s))
    breaks = np.flatnonzero(np.diff(times) > GAP / rate_hz) + 1
    for begin, end in zip([0, *breaks], [*breaks, len(times)], strict=True):
        for at in range(int(begin), int(end) - length + 1, length):
            yield at, at + length


# ------------------------------------------------------------------------------------ telling


def told(machine: Machine, result: Backtest, start_s: float) -> Record:
    """Return a backtest as plain data for a page: few points, cases, and how sure it can be."""
    times = np.array([row.time_s for row in result.health])
    scores = np.array([row.score for row in result.health])
    states = np.array([GRAVE[row.state] for row in result.health], np.int64)
    blind = np.isin(states, [GRAVE[one] for one in ("learning", "unknown", "sensor-fault")])
    scores = np.where(blind, np.nan, scores)
    shown = kept(times, scores, states, POINTS).tolist() if len(times) else []
    return {
        "machine": machine.id, "start_s": start_s, "windows": len(times),
        "every_s": usual_s(times) * max(1, len(times) // max(1, len(shown))),
        "points": [
            {"t_s": float(times[at] - start_s), "state": result.health[at].state,
             "value": None if np.isnan(scores[at]) else float(scores[at])}
            for at in shown
        ],
        "cases": [_case(case, start_s) for case in result.cases[:MOST_CASES]],
        "certainty": _certainty(machine, result),
    }  # fmt: skip


def _case(case: Any, start_s: float) -> Record:
    return {
        "component": case.component, "failure_mode": case.failure_mode,
        "opened_s": case.opened_s - start_s,
        "closed_s": None if case.closed_s is None else case.closed_s - start_s,
        "confidence": case.confidence, "action": case.action,
        "reasons": [{tongue: say(reason, tongue) for tongue in LANGUAGES}
                    for reason in case.evidence],
    }  # fmt: skip


def _certainty(machine: Machine, result: Backtest) -> Record:
    """Return how much was learnt and judged, and whether that is enough to say anything."""
    learning = [row for row in result.health if row.state == "learning"]
    judged, every_s = judged_windows(result), usual_s([row.time_s for row in result.health])
    hours = judged * every_s / 3600
    enough = "ok" if hours >= ENOUGH_H else "short"
    if not judged:
        enough = "learnt-little" if learning else "nothing-learnt"
    asked = machine.policy.false_cases_per_year
    return {
        "enough": enough, "learnt_windows": len(learning),
        "learnt_s": len(learning) * every_s, "judged_h": hours, "asked_per_year": asked,
        "supported_per_year": result.false_cases_per_year,
        "most_per_1000_h": most_per_1000_h(len(result.cases), hours),
    }  # fmt: skip
