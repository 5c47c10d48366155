"""Shared by these tests: the cookie line, and a plain look at a spectrum."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fieldlab.core.machine import Machine, parse_machine
from fieldlab.core.messages import Reading, Value, Wave
from simulators.machine import SimulatedMachine

Floats = npt.NDArray[np.float64]
MACHINES = Path(__file__).parents[3] / "machines"
RATE_HZ = 12_800


@cache
def cookie_line() -> Machine:
    return parse_machine((MACHINES / "cookie-line.yaml").read_text(encoding="utf-8"))


def warm(machine: Machine) -> SimulatedMachine:
    """Return a machine that has run for an hour and more."""
    return SimulatedMachine.resume(machine, _warm_state())


@cache
def _warm_state() -> bytes:
    made = SimulatedMachine(cookie_line(), seed=3)
    made.read(5000.0)
    return made.state()


def same(left: tuple[Reading, ...], right: tuple[Reading, ...]) -> bool:
    return len(left) == len(right) and all(
        np.array_equal(a.samples, b.samples) and a.t_s == b.t_s
        if isinstance(a, Wave) and isinstance(b, Wave)
        else a == b
        for a, b in zip(left, right, strict=True)
    )


def wave(readings: tuple[Reading, ...], sensor: str) -> Floats:
    return next(
        np.asarray(found.samples, float)
        for found in readings
        if isinstance(found, Wave) and found.sensor == sensor
    )


def value(readings: tuple[Reading, ...], sensor: str) -> float:
    return next(
        found.value for found in readings if isinstance(found, Value) and found.sensor == sensor
    )


def amplitudes(samples: Floats) -> Floats:
    return abs(np.fft.rfft(samples * np.hanning(len(samples)))) * 4 / len(samples)


def envelope(samples: Floats) -> Floats:
    """Return the spectrum of the squared signal between 2 and 5 kHz."""
    spectrum = np.fft.rfft(samples)
    freq_hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    spectrum[(freq_hz < 2000) | (freq_hz > 5000)] = 0
    band = np.fft.irfft(spectrum, len(samples))
    return amplitudes(band**2 - np.mean(band**2))


def level(
    made: SimulatedMachine,
    sensor: str,
    orders: tuple[float, ...],
    look: Callable[[Floats], Floats] = amplitudes,
) -> float:
    """Return the mean level at these orders of the motor, over some windows."""
    found = []
    for _ in range(4):
        readings = made.read(20.0)
        spectrum = look(wave(readings, sensor))
        motor_hz = value(readings, "motor-speed") / 60
        for order in orders:
            at = round(order * motor_hz)
            found.append(float(np.max(spectrum[max(at - 1, 0) : at + 2])))
    return float(np.mean(found))
