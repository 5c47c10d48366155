"""`fieldlab bench detection-speed`: what one second of a 25.6 kHz channel costs, beside three FFTs.

Processor time, all of it: features, judgement, and the verdict of a window in alarm. The bare limit
is three real FFTs of the same samples, in the same run. A second machine with short windows runs on
for long, to see that neither its cost per window nor its state grows.
"""

from collections.abc import Callable
from resource import RUSAGE_SELF, getrusage
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.monitor import Monitor
from fieldlab.core.machine import Machine, load_machine
from fieldlab.core.messages import Wave, Window

RATE_HZ = 25_600.0
LEARN_WINDOWS = 60
WINDOWS = 120
LONG_RATE_HZ = 128.0
LONG_WINDOWS = 20_000
BLOCK = 1000

Floats = npt.NDArray[np.float64]


def bench_speed(long_windows: int = LONG_WINDOWS) -> dict[str, Any]:
    """Return the cost of a channel's second, its ratio to three FFTs, and how it grows."""
    machine = _machine(RATE_HZ)
    rng = np.random.default_rng(3)
    samples = [_samples(RATE_HZ, rng) for _ in range(20)]
    monitor = Monitor(machine, healthy_until_s=float(LEARN_WINDOWS))
    _run(monitor, machine, samples, range(LEARN_WINDOWS + 5))
    healthy_s = _run(monitor, machine, samples, _next(LEARN_WINDOWS + 5)) / WINDOWS
    sick = [_spalled(values, rng) for values in samples]
    alarm_s = _run(monitor, machine, sick, _next(LEARN_WINDOWS + 5 + WINDOWS)) / WINDOWS
    fft_s = _cpu_s(lambda: [np.fft.rfft(values) for values in samples]) / len(samples)
    return {
        "ms_per_channel_second": round(1e3 * max(healthy_s, alarm_s), 3),
        "ms_healthy": round(1e3 * healthy_s, 3),
        "ms_in_alarm": round(1e3 * alarm_s, 3),
        "ratio_to_three_ffts": round(max(healthy_s, alarm_s) / (3 * fft_s), 2),
        "state_kb": round(len(monitor.state()) / 1e3, 1),
        **_long(long_windows),
    }


def _long(windows: int) -> dict[str, Any]:
    """Return the cost per window and the state's size, early and late in a long run."""
    machine = _machine(LONG_RATE_HZ)
    rng = np.random.default_rng(4)
    samples = [_samples(LONG_RATE_HZ, rng) for _ in range(50)]
    monitor = Monitor(machine, healthy_until_s=300.0)
    costs: list[float] = []
    sizes: list[int] = []
    for first in range(0, windows, BLOCK):
        costs.append(_run(monitor, machine, samples, range(first, first + BLOCK)) / BLOCK)
        sizes.append(len(monitor.state()))
    fifth = max(1, len(costs) // 5)
    early, late = np.median(costs[1 : 1 + fifth]), np.median(costs[-fifth:])
    return {
        "long_windows": windows,
        "long_ms_early": round(1e3 * float(early), 3),
        "long_ms_late": round(1e3 * float(late), 3),
        "long_late_to_early_ratio": round(float(late / early), 3),
        "long_state_kb_first": round(sizes[0] / 1e3, 1),
        "long_state_kb_last": round(sizes[-1] / 1e3, 1),
    }


def _next(first: int) -> range:
    return range(first, first + WINDOWS)


def _run(monitor: Monitor, machine: Machine, samples: list[Floats], numbers: range) -> float:
    """Let a monitor observe windows of one second; return the processor's seconds."""
    rate_hz = machine.sensors["acc"].rate_hz or 1.0
    windows = [
        Window(
            machine_id=machine.id, t_s=float(number), end_s=number + 1.0,
            waves={"acc": Wave(sensor="acc", t_s=float(number), rate_hz=rate_hz,
                               samples=samples[number % len(samples)])},
            scalars={"speed": np.array([1480.0 + number % 7])},
        )
        for number in numbers
    ]  # fmt: skip

    def observe() -> None:
        for window in windows:
            monitor.observe(window)

    return _cpu_s(observe)


def _cpu_s(work: Callable[[], object]) -> float:
    before = getrusage(RUSAGE_SELF)
    work()
    after = getrusage(RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _samples(rate_hz: float, rng: np.random.Generator) -> Floats:
    """Return one second of a turning machine: lines of the shaft, and noise."""
    times_s = np.arange(round(rate_hz)) / rate_hz
    lines = sum(0.05 / order * np.sin(2 * np.pi * 24.7 * order * times_s + order)
                for order in range(1, 5))  # fmt: skip
    return np.asarray(lines + rng.normal(0, 0.02, len(times_s)), np.float64)


def _spalled(samples: Floats, rng: np.random.Generator) -> Floats:
    """Return the samples with the knocks of a spall: short rings, as often as an outer race's.

    Its elements slip, as those of every bearing do (Randall and Antoni 2011, MSSP 25, 485).
    """
    ring = np.exp(-np.arange(200) / 25.0) * np.sin(np.arange(200) * 0.9)
    force = np.zeros(len(samples))
    steps = RATE_HZ / (24.7 * 3.585) * (1 + 0.01 * rng.normal(size=len(samples) // 200))
    at = np.cumsum(steps).astype(np.int64)
    force[at[at < len(samples)]] = 0.6
    return np.asarray(samples + np.convolve(force, ring)[: len(samples)], np.float64)


def _machine(rate_hz: float) -> Machine:
    bearing = {
        "kind": "rolling-bearing", "shaft": "motor", "near": ["acc"], "rolling_elements": 9,
        "element_diameter_mm": 7.94, "pitch_diameter_mm": 39.04, "contact_angle_deg": 0,
        "replace": {"buy": {"article": "6205", "price_eur": 12, "lead_time_days": 2}},
    }  # fmt: skip
    return load_machine(
        {
            "fieldlab": 1, "id": "bench", "window_s": 1.0,
            "shafts": {"motor": {"nominal_rpm": 1480, "speed": "speed"}},
            "sensors": {
                "acc": {"quantity": "acceleration", "unit": "g", "rate_hz": rate_hz},
                "speed": {"quantity": "rotational-speed", "unit": "rpm", "role": "condition"},
            },
            "components": {"bearing": bearing, "rotor": {"kind": "rotor", "shaft": "motor",
                           "near": ["acc"], "replace": {}}},
        }
    )  # fmt: skip
