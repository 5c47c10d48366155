"""What a page shows, computed from records and windows. Pure."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from fieldlab.app.marked import Names, said
from fieldlab.app.patients import Patient
from fieldlab.app.plain import plain
from fieldlab.app.store import Record
from fieldlab.core.messages import Advice, Reading, Samples, Value, Wave, Window

POINTS = 512
HIGHEST_HZ, NARROWEST_HZ = 1600.0, 300.0  # of the spectrum; its range follows what is marked


def life_of(found: Record | None) -> Record | None:
    """Return the old and the expected life in hours, None where no rule gives one."""
    if found is None or found["life"] is None:
        return None
    life, gain = found["life"], float(found["gain_ratio"])
    return {
        "old_h": life["value_h"] / gain, "life_h": life["value_h"], "low_h": life["low_h"],
        "high_h": life["high_h"], "gain_ratio": gain,
    }  # fmt: skip


def redesign_of(found: Record | None, names: Names) -> Record | None:
    """Return a redesign with the reasons of what was rejected in every language."""
    if found is None:
        return None
    rejected = [{**each, "why": said(each["reason"], names)} for each in found["rejected"]]
    return {**found, "rejected": rejected}


def advice_of(advice: Advice | None, names: Names) -> Record | None:
    """Return an advice with its reasons in every language."""
    if advice is None:
        return None
    told = plain(advice)
    return {**told, "reasons": [said(reason, names) for reason in told["reasons"]]}


def steps_of(at_s: Mapping[str, float]) -> list[Record]:
    """Return the steps of a case in order, with the seconds that each took."""
    times = sorted(at_s.items(), key=lambda item: item[1])
    before = times[0][1]
    steps = []
    for step, time_s in times:
        steps.append({"step": step, "at_s": time_s, "elapsed_s": time_s - before})
        before = time_s
    return steps


def seconds_of(at_s: Mapping[str, float]) -> dict[str, float]:
    """Return how long each step took, in seconds.

    >>> seconds_of({"open": 5.0, "diagnosed": 5.5})
    {'open': 0.0, 'diagnosed': 0.5}
    """
    return {step["step"]: round(step["elapsed_s"], 3) for step in steps_of(at_s)}


def last(values: Any) -> float | None:
    """Return the last value that is known, None without one."""
    known = np.asarray(values)[np.isfinite(values)]
    return float(known[-1]) if known.size else None


def newest_value(newest: Reading | None, window: Window, sensor: str) -> float | None:
    """Return what a sensor says now: its newest reading, or its last within the window."""
    if isinstance(newest, Value) and newest.t_s >= window.t_s:
        return newest.value
    return last(window.scalars[sensor])


def newest_wave(newest: Reading | None, window: Window, sensor: str) -> Wave | None:
    """Return what a sensor hears now: its newest snapshot, or what the window holds of it."""
    if isinstance(newest, Wave) and newest.last and newest.t_s >= window.t_s:
        return newest
    return window.waves.get(sensor)


def shafts_hz(patient: Patient, window: Window) -> dict[str, float]:
    """Return how fast each shaft with a speed sensor turns in this window."""
    found = {}
    for name, shaft in patient.machine.shafts.items():
        heard = window.scalars.get(shaft.speed or "")
        rpm = None if heard is None else last(heard)
        if rpm:
            found[name] = rpm / 60
    return found


def range_hz(marks: list[Record]) -> float:
    """Return how far the spectrum is shown: 1.5 times the highest mark, in steps of 100 Hz."""
    if not marks:
        return HIGHEST_HZ
    top_hz = 1.5 * max(mark["frequency_hz"] for mark in marks)
    return float(np.clip(100 * np.ceil(top_hz / 100), NARROWEST_HZ, HIGHEST_HZ))


def spectrum(samples: Samples, rate_hz: float, top_hz: float) -> Record:
    """Return at most POINTS magnitudes up to `top_hz`; each is the largest of its bins."""
    centred = np.asarray(samples, float) - np.mean(samples)
    magnitudes = np.abs(np.fft.rfft(centred * np.hanning(len(centred)))) * 4 / len(centred)
    bin_hz = rate_hz / len(centred)
    return pooled(magnitudes, bin_hz, top_hz)


def pooled(magnitudes: Samples, bin_hz: float, top_hz: float) -> Record:
    """Return a spectrum up to `top_hz` in POINTS points at most, each the largest of its bins."""
    magnitudes = magnitudes[: max(1, int(top_hz / bin_hz))]
    count = -(-len(magnitudes) // POINTS)
    padded = np.pad(magnitudes, (0, -len(magnitudes) % count))
    return {
        "hz_per_bin": bin_hz * count,
        "magnitudes": padded.reshape(-1, count).max(axis=1).round(6).tolist(),
    }
