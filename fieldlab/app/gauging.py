"""How good a sensor is, from what it sent lately: rate, range, noise and clock. Pure."""

import statistics
from collections import deque
from typing import Any

import numpy as np

from fieldlab.core.machine import SensorSpec
from fieldlab.core.messages import Reading, Samples, Wave

SILENT_S = 10.0
RATE_TOLERANCE = 0.05
KEPT = 256  # single values, and times of arrival
BEHIND_S, AHEAD_S = 10.0, 1.0  # between a reading's own time and when it came
CLIPPED_SHARE, CLIPPED_LEAST = 0.01, 8  # of the samples at one of the ends
COARSE_STEPS, COARSE_OF = 12, 256  # so few different values in so many samples
FEW = 8  # samples of a waveform that may be alike without it being stuck
GRADES = ("never", "silent", "rate", "stuck", "clipped", "coarse", "clock", "good")
Record = dict[str, Any]


class Gauge:
    """What one sensor sent lately."""

    def __init__(self) -> None:
        self.count = 0
        self.arrived_s: float | None = None
        self._arrivals: deque[tuple[float, float]] = deque(maxlen=KEPT)  # when, how late
        self._values: deque[float] = deque(maxlen=KEPT)
        self._times_s: deque[float] = deque(maxlen=KEPT)
        self._wave: Wave | None = None

    def add(self, reading: Reading, arrived_s: float) -> None:
        """Take a reading that came in at `arrived_s`."""
        self.count += 1
        self.arrived_s = arrived_s
        end_s = reading.t_s
        if isinstance(reading, Wave):
            self._wave = reading
            end_s += len(reading.samples) / reading.rate_hz
        else:
            self._values.append(reading.value)
        self._times_s.append(end_s)
        self._arrivals.append((arrived_s, arrived_s - end_s))

    def record(self, spec: SensorSpec | None, now_s: float, *, own_time: bool = False) -> Record:
        """Return what arrived and a grade for each of rate, range, noise and clock.

        Parameters
        ----------
        spec : SensorSpec, optional
            What the machine file says of it, None if no file knows it.
        own_time : bool
            It runs in a time of its own (a simulation, a replay): its clock is not graded.
        """
        samples = self._samples()
        rate_hz = None if self._wave is None else self._wave.rate_hz
        late_s = statistics.median(late for _, late in list(self._arrivals)) if self.count else None
        wanted_hz = None if spec is None else spec.rate_hz
        checks = {
            "rate": _rate(rate_hz, wanted_hz),
            "range": _range(samples, is_wave=rate_hz is not None),
            "noise": _noise(samples, is_wave=rate_hz is not None),
            "clock": "own" if own_time else _clock(late_s),
        }
        age_s = None if self.arrived_s is None else max(0.0, now_s - self.arrived_s)
        return {
            "age_s": age_s, "count": self.count, "rate_hz": rate_hz, "wanted_hz": wanted_hz,
            "per_s": self._per_s(), "late_s": late_s, "last": _last(samples), **_figures(samples),
            "checks": checks, "grade": _grade(age_s, checks),
        }  # fmt: skip

    def _samples(self) -> Samples:
        if self._wave is not None:
            return np.asarray(self._wave.samples, np.float64)
        return np.array(list(self._values), np.float64)

    def _per_s(self) -> float | None:
        """Return the messages in a second of the sensor's own time."""
        times_s = list(self._times_s)
        span_s = times_s[-1] - times_s[0] if len(times_s) > 1 else 0.0
        return (len(times_s) - 1) / span_s if span_s > 0 else None


def _figures(samples: Samples) -> Record:
    if not samples.size:
        return {"low": None, "high": None, "noise": None}
    noise = float(np.std(np.diff(samples)) / np.sqrt(2)) if samples.size > 1 else None
    return {"low": float(samples.min()), "high": float(samples.max()), "noise": noise}


def _last(samples: Samples) -> float | None:
    return float(samples[-1]) if samples.size else None


def _rate(rate_hz: float | None, wanted_hz: float | None) -> str:
    if (rate_hz is None) != (wanted_hz is None):
        return "good" if rate_hz is None or wanted_hz is None else "rate"
    if rate_hz and wanted_hz and abs(rate_hz / wanted_hz - 1) > RATE_TOLERANCE:
        return "rate"
    return "good"


def _range(samples: Samples, *, is_wave: bool) -> str:
    if not is_wave or samples.size <= FEW:
        return "good"
    if np.ptp(samples) == 0:
        return "stuck"
    ends = max(np.sum(samples == samples.max()), np.sum(samples == samples.min()))
    clipped = ends >= max(CLIPPED_LEAST, CLIPPED_SHARE * samples.size)
    return "clipped" if clipped and _steps(samples) > COARSE_STEPS else "good"


def _noise(samples: Samples, *, is_wave: bool) -> str:
    if is_wave and samples.size >= COARSE_OF and 1 < _steps(samples) <= COARSE_STEPS:
        return "coarse"
    return "good"


def _steps(samples: Samples) -> int:
    return len(np.unique(samples))


def _clock(late_s: float | None) -> str:
    return "good" if late_s is None or -AHEAD_S <= late_s <= BEHIND_S else "clock"


def _grade(age_s: float | None, checks: dict[str, str]) -> str:
    if age_s is None:
        return "never"
    if age_s > SILENT_S:
        return "silent"
    found = set(checks.values())
    return next((grade for grade in GRADES if grade in found), "good")
