"""Readings become whole windows, however they come in."""

import json
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.framing import PATIENCE, Framer
from fieldlab.core.machine import Machine, load_machine
from fieldlab.core.messages import Reading, Value, Wave, Window

SENSORS = ("acc", "acc-two", "temp", "speed")
WINDOWS = 12


@pytest.fixture(scope="module")
def machine() -> Machine:
    wave = {"quantity": "acceleration", "unit": "g", "rate_hz": 100}
    return load_machine(
        {
            "fieldlab": 1,
            "id": "press",
            "name": {"en": "Press"},
            "sensors": {
                "acc": wave,
                "acc-two": wave,
                "temp": {"quantity": "temperature", "unit": "degC"},
                "speed": {"quantity": "rotational-speed", "unit": "rpm", "role": "condition"},
            },
            "components": {},
        }
    )


def reading(sensor: str, number: int, *, interval_s: float = 1.0, shift_s: float = 0.0) -> Reading:
    t_s = 1000.0 + number * interval_s + shift_s
    if sensor.startswith("acc"):
        samples = np.full(100, float(number), np.float32)
        return Wave(sensor=sensor, t_s=t_s, rate_hz=100.0, samples=samples)
    return Value(sensor=sensor, t_s=t_s, value=float(number))


def framed(framer: Framer, readings: Iterable[Reading], *, patient: bool = False) -> list[Window]:
    windows = [w for one in readings for w in framer.add(one, patient=patient)]
    return [*windows, *framer.flush()]


def told(windows: Iterable[Window]) -> list[tuple[float, dict[str, float]]]:
    return [
        (
            window.t_s,
            {name: float(wave.samples[0]) for name, wave in sorted(window.waves.items())}
            | {name: float(values[0]) for name, values in sorted(window.scalars.items())},
        )
        for window in windows
    ]


CLEAN = [reading(sensor, number) for number in range(WINDOWS) for sensor in SENSORS]


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_order_across_sensors_gives_the_windows_of_the_clean_order(
    machine: Machine, data: st.DataObject
) -> None:
    turns = data.draw(st.permutations([name for name in SENSORS for _ in range(WINDOWS)]))
    told_so_far = dict.fromkeys(SENSORS, 0)
    mixed = []
    for sensor in turns:
        mixed.append(reading(sensor, told_so_far[sensor]))
        told_so_far[sensor] += 1

    windows = framed(Framer(machine), mixed, patient=True)

    assert told(windows) == told(framed(Framer(machine), CLEAN))


def test_a_stream_that_begins_with_one_sensor_alone_is_whole_soon(machine: Machine) -> None:
    framer = Framer(machine)
    early = [reading("acc", number) for number in range(8)]
    rest = [reading(sensor, number) for number in range(2, 40) for sensor in SENSORS]

    windows = framed(framer, early + [one for one in rest if one.t_s > 1007 or one.sensor != "acc"])

    assert all(len(window.waves) + len(window.scalars) == 4 for window in windows[20:])


def test_a_sensor_that_falls_silent_holds_the_others_up_only_once(machine: Machine) -> None:
    framer = Framer(machine)
    for number in range(5):
        for sensor in SENSORS:
            framer.add(reading(sensor, number))

    delays = []
    for number in range(5, 25):
        done = [w for s in SENSORS if s != "temp" for w in framer.add(reading(s, number))]
        delays.append(1000.0 + number - done[-1].t_s if done else np.inf)

    assert np.isfinite(delays[PATIENCE:]).all()
    assert max(delays[PATIENCE + 1 :]) <= 1.0


def test_a_slow_sensor_does_not_hold_up_what_is_not_its_turn(machine: Machine) -> None:
    framer = Framer(machine)
    windows = []
    for number in range(60):
        sensors = SENSORS if number % 10 == 0 else tuple(s for s in SENSORS if s != "temp")
        for sensor in sensors:
            windows += framer.add(reading(sensor, number))

    late = [window for window in windows if "temp" in window.scalars]

    assert len(late) == 6
    assert len(windows) >= 56


@pytest.mark.parametrize("shift_s", [-3600.0, -365 * 86400.0])
def test_a_clock_that_is_put_back_loses_no_window(machine: Machine, shift_s: float) -> None:
    readings = [
        reading(sensor, number, shift_s=shift_s if number >= 6 else 0.0)
        for number in range(WINDOWS)
        for sensor in SENSORS
    ]

    windows = framed(Framer(machine), readings)

    assert told(windows) == told(framed(Framer(machine), CLEAN))
    assert [sorted(window.put_back) for window in windows if window.put_back] == [sorted(SENSORS)]


@pytest.mark.parametrize("leap_s", [3600.0, 365 * 86400.0])
@pytest.mark.parametrize("back_at", [12, 30])
def test_one_clock_that_leaps_ahead_does_not_take_the_others_along(
    machine: Machine, leap_s: float, back_at: int
) -> None:
    readings = [
        reading(sensor, number, shift_s=leap_s if sensor == "acc" and 6 <= number < back_at else 0)
        for number in range(40)
        for sensor in SENSORS
    ]

    windows = framed(Framer(machine), readings)

    assert [window.t_s for window in windows] == [1000.0 + number for number in range(40)]
    assert all(len(window.scalars) == 2 and "acc-two" in window.waves for window in windows)
    assert all("acc" in window.waves for window in windows[:6] + windows[back_at + 1 :])


@pytest.mark.parametrize("pause_s", [3600.0, 365 * 86400.0])
def test_all_go_on_after_a_long_pause_in_whole_windows(machine: Machine, pause_s: float) -> None:
    readings = [
        reading(sensor, number, shift_s=pause_s if number >= 6 else 0.0)
        for number in range(WINDOWS)
        for sensor in SENSORS
    ]

    windows = framed(Framer(machine), readings)

    assert [len(window.waves) + len(window.scalars) for window in windows] == [4] * WINDOWS


def test_a_saved_framer_goes_on_as_if_nothing_had_happened(machine: Machine) -> None:
    for cut in range(1, len(CLEAN), 7):
        framer = Framer(machine)
        before = [window for one in CLEAN[:cut] for window in framer.add(one)]
        resumed = Framer.resume(machine, json.loads(json.dumps(framer.state())))

        after = framed(resumed, CLEAN[cut:])

        assert told(before + after) == told(framed(Framer(machine), CLEAN))


def test_blocks_are_joined_to_windows_and_a_gap_spoils_only_its_own(machine: Machine) -> None:
    blocks = [
        Wave(sensor="acc", t_s=1000 + 0.25 * n, rate_hz=100.0, samples=np.full(25, n), last=False)
        for n in range(16)
    ]

    whole = framed(Framer(machine), blocks)
    torn = framed(Framer(machine), blocks[:5] + blocks[6:])

    assert [len(window.waves["acc"].samples) for window in whole] == [100, 100, 100, 100]
    assert len(torn) >= 3


@pytest.mark.parametrize("interval_s", [1.9, 3.3, 10.0 / 0.55, 30.0])
def test_snapshots_far_apart_keep_what_was_read_with_them(
    machine: Machine, interval_s: float
) -> None:
    readings = [reading(s, n, interval_s=interval_s) for n in range(40) for s in SENSORS]

    windows = framed(Framer(machine), readings)

    assert len(windows) == 40
    assert all(len(told([window])[0][1]) == len(SENSORS) for window in windows)


def test_snapshots_at_uneven_times_keep_what_was_read_with_them(machine: Machine) -> None:
    steps_s = [40.0, 30.0, 40.0, 40.0, 30.0, 50.0, 40.0, 30.0, 70.0, 40.0] * 4
    begins_s = np.cumsum(steps_s)

    windows = framed(
        Framer(machine), (reading(s, 0, shift_s=t_s) for t_s in begins_s for s in SENSORS)
    )

    sizes = [len(told([window])[0][1]) for window in windows]
    assert len(sizes) == len(steps_s)
    assert all(size == len(SENSORS) for size in sizes[3:])  # from when a short step was seen
