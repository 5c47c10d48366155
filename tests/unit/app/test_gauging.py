"""How good a sensor is: each way in which one can be bad has its own grade."""

import numpy as np
import pytest

from fieldlab.app.gauging import Gauge
from fieldlab.app.listening import graded
from fieldlab.core.machine import SensorSpec
from fieldlab.core.messages import Value, Wave

NOW_S = 1_790_000_000.0
ACC = SensorSpec(quantity="acceleration", unit="g", rate_hz=1000)
TEMP = SensorSpec(quantity="temperature", unit="degC")
NOISE = np.random.default_rng(3).standard_normal(1000)


def wave(samples: np.ndarray, *, rate_hz: float = 1000.0, late_s: float = 0.0) -> Wave:
    start_s = NOW_S - len(samples) / rate_hz - late_s
    return Wave(sensor="acc", t_s=start_s, rate_hz=rate_hz, samples=samples)


@pytest.mark.parametrize(
    ("sent", "grade"),
    [
        (wave(NOISE), "good"),
        (wave(NOISE, rate_hz=930.0), "rate"),
        (wave(np.full(1000, 1.0)), "stuck"),
        (wave(np.clip(NOISE, -1.0, 1.0)), "clipped"),
        (wave(np.round(NOISE)), "coarse"),
        (wave(NOISE, late_s=3600.0), "clock"),
        (wave(NOISE, late_s=-5.0), "clock"),
    ],
)
def test_each_way_to_be_bad_has_its_grade(sent: Wave, grade: str) -> None:
    gauge = Gauge()
    gauge.add(sent, NOW_S)

    assert gauge.record(ACC, NOW_S)["grade"] == grade
    assert graded(ACC, gauge, NOW_S)["grade"] == grade


def test_a_simulation_in_its_own_time_is_not_blamed_for_its_clock() -> None:
    gauge = Gauge()
    gauge.add(wave(NOISE, late_s=-3600.0), NOW_S)

    found = gauge.record(ACC, NOW_S, own_time=True)

    assert (found["grade"], found["checks"]["clock"]) == ("good", "own")


def test_single_values_tell_their_rate_range_and_noise() -> None:
    gauge = Gauge()
    for number in range(20):
        value = 20.0 + 0.1 * (number % 2)
        gauge.add(Value(sensor="temp", t_s=NOW_S + number / 2, value=value), NOW_S + number / 2)

    found = gauge.record(TEMP, NOW_S + 9.5)

    assert found["per_s"] == pytest.approx(2.0)
    assert (found["low"], found["high"], found["last"]) == (20.0, 20.1, 20.1)
    assert found["noise"] == pytest.approx(0.1 / np.sqrt(2), rel=0.01)
    assert found["grade"] == "good"


def test_who_was_never_heard_and_who_fell_silent_are_told_apart() -> None:
    gauge = Gauge()
    assert gauge.record(TEMP, NOW_S)["grade"] == "never"
    gauge.add(Value(sensor="temp", t_s=NOW_S, value=1.0), NOW_S)

    assert gauge.record(TEMP, NOW_S + 11)["grade"] == "silent"
    assert "nothing arrived" in graded(TEMP, Gauge(), NOW_S)["why"]
