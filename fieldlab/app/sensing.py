"""How good each sensor of a machine is right now: age, rate, range, noise and a grade. Pure."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from fieldlab.core.machine import Machine
from fieldlab.core.messages import Samples, Window

SILENT_S = 10.0
RATE_TOLERANCE = 0.05
FEW = 8  # samples of a waveform that may be alike without it being stuck


def grades(
    machine: Machine, window: Window | None, heard_s: Mapping[str, float], now_s: float
) -> list[dict[str, Any]]:
    """Return one record for each sensor; `grade` is good, stuck, rate, silent or never.

    `heard_s` is when each sensor was last heard, on the same clock as `now_s`.
    """
    found = []
    for name, spec in machine.sensors.items():
        age_s = now_s - heard_s[name] if name in heard_s else None
        samples, rate_hz = _samples(window, name)
        found.append(
            {
                "id": name, "unit": spec.unit, "quantity": spec.quantity, "age_s": age_s,
                "rate_hz": rate_hz, "wanted_hz": spec.rate_hz, **_range(samples),
                "grade": _grade(samples, rate_hz, spec.rate_hz, age_s),
            }
        )  # fmt: skip
    return found


def _samples(window: Window | None, name: str) -> tuple[Samples, float | None]:
    if window is not None and name in window.waves:
        wave = window.waves[name]
        return np.asarray(wave.samples, float), wave.rate_hz
    values = window.scalars.get(name) if window is not None else None
    known = np.array([]) if values is None else np.asarray(values, float)
    return known[np.isfinite(known)], None


def _range(samples: Samples) -> dict[str, float | None]:
    if not samples.size:
        return {"low": None, "high": None, "noise": None}
    return {
        "low": float(samples.min()), "high": float(samples.max()),
        "noise": float(np.std(np.diff(samples)) / np.sqrt(2)) if samples.size > 1 else None,
    }  # fmt: skip


def _grade(
    samples: Samples, rate_hz: float | None, wanted_hz: float | None, age_s: float | None
) -> str:
    if age_s is None:
        return "never"
    if age_s > SILENT_S:
        return "silent"
    if rate_hz and wanted_hz and abs(rate_hz / wanted_hz - 1) > RATE_TOLERANCE:
        return "rate"
    if rate_hz and samples.size > FEW and np.ptp(samples) == 0:
        return "stuck"
    return "good"
