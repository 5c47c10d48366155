"""The monitor: quiet when healthy, a name when sure, a sensor is no component, resumed exactly."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from analytics.framing import Framer
from analytics.judgement import Judgement
from analytics.monitor import Monitor
from fieldlab.core.messages import SensorFault, Wave, Window
from simulators.machine import SimulatedMachine
from tests.unit.simulators.lab import cookie_line

MACHINE = cookie_line()
LEARNING_WINDOWS = 185
MAX_STATE_BYTES = 1_000_000


@dataclass(frozen=True)
class Learnt:
    simulated: bytes
    framer: dict[str, Any]
    monitor: bytes


class Line:
    """A simulated machine under watch, from where it has learnt."""

    def __init__(self, learnt: Learnt) -> None:
        self.simulated = SimulatedMachine.resume(MACHINE, learnt.simulated)
        self.framer = Framer.resume(MACHINE, learnt.framer)
        self.monitor = Monitor.resume(MACHINE, learnt.monitor)

    def windows(self, count: int) -> list[Window]:
        return [
            window
            for _ in range(count)
            for reading in self.simulated.read(30.0)
            for window in self.framer.add(reading)
        ]

    def watch(self, count: int) -> list[Judgement]:
        return [self.monitor.observe(window) for window in self.windows(count)]


@pytest.fixture(scope="module")
def learnt() -> Learnt:
    simulated, framer = SimulatedMachine(MACHINE, seed=3), Framer(MACHINE)
    monitor = Monitor(MACHINE)
    for _ in range(LEARNING_WINDOWS):
        for reading in simulated.read(30.0):
            for window in framer.add(reading):
                monitor.observe(window)
    return Learnt(simulated.state(), framer.state(), monitor.state())


@pytest.fixture
def line(learnt: Learnt) -> Line:
    return Line(learnt)


def named(judgements: list[Judgement]) -> list[tuple[str, str | None]]:
    return [
        (opened.verdict.component, opened.verdict.failure_mode)
        for judgement in judgements
        for opened in judgement.opened
        if opened.verdict is not None
    ]


def test_learning_is_visible_before_anything_is_judged() -> None:
    simulated, framer = SimulatedMachine(MACHINE, seed=1), Framer(MACHINE)
    monitor = Monitor(MACHINE)

    seen = [
        monitor.observe(window).health
        for _ in range(4)
        for reading in simulated.read(30.0)
        for window in framer.add(reading)
    ]

    assert {health.state for health in seen} == {"learning"}
    assert seen[0].learnt_ratio < seen[-1].learnt_ratio < 1.0


def test_a_healthy_machine_under_other_loads_opens_no_case(line: Line) -> None:
    judgements = line.watch(60)

    assert not any(judgement.opened for judgement in judgements)
    assert all(judgement.health.state in ("normal", "watch") for judgement in judgements)


def test_a_speed_that_was_never_learnt_leaks_otherwise_and_opens_no_case() -> None:
    simulated, framer = SimulatedMachine(MACHINE, seed=1004), Framer(MACHINE)
    monitor = Monitor(MACHINE)

    judgements = [
        monitor.observe(window)
        for _ in range(LEARNING_WINDOWS + 100)  # the speed comes after about eighty windows
        for reading in simulated.read(30.0)
        for window in framer.add(reading)
    ]

    assert not any(judgement.opened for judgement in judgements)
    assert all(judgement.health.state != "alarm" for judgement in judgements)


def test_the_budget_that_the_learning_supports_is_told(line: Line) -> None:
    assert line.watch(1)[0].health.false_cases_per_year == MACHINE.policy.false_cases_per_year


@pytest.mark.parametrize(
    ("component", "mode"),
    [("pinion", "wear"), ("coupling", "misalignment"), ("drive-end-bearing", "outer-race")],
)
def test_a_failing_component_is_named(line: Line, component: str, mode: str) -> None:
    line.simulated.break_(component, mode, 0.6)

    assert named(line.watch(12))[:1] == [(component, mode)]


def test_an_alarm_clears_when_the_part_is_as_new(line: Line) -> None:
    line.simulated.break_("impeller", "imbalance", 0.7)
    broken = line.watch(8)
    line.simulated.break_("impeller", "imbalance", 0.0)

    mended = line.watch(12)

    assert broken[-1].health.state == "alarm"
    assert any("impeller" in judgement.closed for judgement in mended)
    assert mended[-1].health.state == "normal"


def test_two_faults_at_once_raise_an_alarm_and_blame_no_third(line: Line) -> None:
    line.simulated.break_("impeller", "imbalance", 0.6)
    line.simulated.break_("pinion", "wear", 0.6)

    judgements = line.watch(12)

    assert judgements[-1].health.state == "alarm"
    assert {component for component, _ in named(judgements)} <= {"impeller", "pinion"}


@pytest.mark.parametrize("sensor", ["acc-motor", "acc-gearbox", "bearing-temp"])
@pytest.mark.parametrize(
    "fault", ["stuck", "saturated", "dropped-out", "unplugged", "spikes", "clock-jump"]
)
def test_a_broken_sensor_blames_no_component(line: Line, sensor: str, fault: SensorFault) -> None:
    line.simulated.break_sensor(sensor, fault)

    assert named(line.watch(10)) == []


@pytest.mark.parametrize("fault", ["swapped", "moved"])
def test_a_sensor_in_another_place_blames_no_component(line: Line, fault: SensorFault) -> None:
    line.simulated.break_sensor("acc-gearbox", fault)

    assert named(line.watch(15)) == []


def test_two_exchanged_sensors_are_told(line: Line) -> None:
    line.simulated.break_sensor("acc-gearbox", "swapped")

    said = [judgement.health for judgement in line.watch(8)]

    assert {(health.state, health.sensor_fault) for health in said[1:]} == {
        ("sensor-fault", "swapped")
    }


def test_a_moved_sensor_is_told_and_stays_told(line: Line) -> None:
    line.simulated.break_sensor("acc-gearbox", "moved")

    said = [judgement.health for judgement in line.watch(20)]

    assert {(health.state, health.sensor, health.sensor_fault) for health in said[2:]} == {
        ("sensor-fault", "acc-gearbox", "moved")
    }


def test_a_clock_that_is_put_back_is_told_once_and_blames_nothing(line: Line) -> None:
    line.simulated.break_sensor("acc-gearbox", "clock-jump")

    said = [judgement.health for judgement in line.watch(10)]

    assert [health.sensor_fault for health in said].count("clock-jump") == 1
    assert said[-1].state == "normal"


@pytest.mark.parametrize(
    ("component", "shaft"),
    [("pinion", "motor"), ("roller", "roller"), ("bushing-right", "roller"), ("wheel", "output")],
)
def test_what_is_loose_is_told_with_all_that_sits_on_its_shaft(
    line: Line, component: str, shaft: str
) -> None:
    line.simulated.break_(component, "looseness", 0.6)

    opened = [found for judgement in line.watch(12) for found in judgement.opened]

    assert opened[0].verdict is not None
    assert opened[0].verdict.failure_mode == "looseness"
    assert set(opened[0].verdict.group) == {
        name for name, made in MACHINE.components.items() if made.shaft == shaft
    }


def test_a_worn_bushing_is_not_taken_for_something_loose(line: Line) -> None:
    line.simulated.break_("bushing-right", "wear", 0.6)

    opened = [found for judgement in line.watch(12) for found in judgement.opened]

    assert opened[0].verdict is not None
    assert opened[0].verdict.failure_mode == "wear"
    assert set(opened[0].verdict.group) == {"bushing-left", "bushing-right"}


def test_saved_and_resumed_in_the_middle_says_the_same_to_the_last_digit(line: Line) -> None:
    line.simulated.break_("pinion", "wear", 0.4)
    windows = line.windows(14)
    for window in windows[:5]:
        line.monitor.observe(window)
    resumed = Monitor.resume(MACHINE, line.monitor.state())

    on = [line.monitor.observe(window) for window in windows[5:]]
    again = [resumed.observe(window) for window in windows[5:]]

    assert repr(on) == repr(again)


def test_a_forecast_is_worked_out_again_after_four_windows_and_resumed_between(line: Line) -> None:
    line.simulated.start_wear("pinion", "wear", life_s=7200.0)
    line.watch(50)
    windows = line.windows(30)
    said = [line.monitor.observe(window).forecast for window in windows[:10]]
    resumed = Monitor.resume(MACHINE, line.monitor.state())
    on = [line.monitor.observe(window).forecast for window in windows[10:]]

    again = [resumed.observe(window).forecast for window in windows[10:]]

    assert on == again
    times_s = [forecast.t_s for forecast in said + on if forecast is not None]
    assert len(times_s) == len(windows)
    assert {round((now.t_s - t_s) / 30.0) for now, t_s in zip(windows, times_s, strict=True)} == {
        0, 1, 2, 3,
    }  # fmt: skip


def test_saved_while_learning_learns_the_same() -> None:
    simulated, framer = SimulatedMachine(MACHINE, seed=5), Framer(MACHINE)
    windows = [w for _ in range(30) for r in simulated.read(30.0) for w in framer.add(r)]
    until_s = windows[20].t_s
    one, two = (Monitor(MACHINE, healthy_until_s=until_s) for _ in range(2))
    for window in windows[:10]:
        one.observe(window)
        two.observe(window)

    two = Monitor.resume(MACHINE, two.state())

    on = [repr(one.observe(window)) for window in windows[10:]]
    assert on == [repr(two.observe(window)) for window in windows[10:]]


def test_the_state_stays_small_however_long_it_watches(line: Line) -> None:
    window = line.windows(1)[0]
    sizes = []
    for number in range(220):
        line.monitor.observe(replace(window, t_s=window.t_s + 30 * number))
        if number in (110, 219):
            sizes.append(len(line.monitor.state()))

    assert max(sizes) < MAX_STATE_BYTES
    assert sizes[1] <= sizes[0] * 1.05


def test_a_sensor_that_was_turned_against_gravity_is_a_moved_sensor(
    tilted: Callable[[float], Judgement],
) -> None:
    assert tilted(0.0).health.state == "normal"
    assert tilted(0.1).health.sensor_fault == "moved"


@pytest.fixture
def tilted() -> Callable[[float], Judgement]:
    """Return what is said of a window whose sensor feels that much more of gravity."""
    monitor = Monitor(MACHINE, healthy_until_s=30 * 30.0)
    rng = np.random.default_rng(1)

    def window(number: int, gravity_g: float) -> Window:
        waves = {
            name: Wave(sensor=name, t_s=30.0 * number, rate_hz=12_800.0,
                       samples=(rng.standard_normal(2048) * 0.05 + gravity_g).astype(np.float32))
            for name in ("acc-motor", "acc-gearbox")
        }  # fmt: skip
        scalars = {"motor-speed": 1480.0, "product-load": 20.0, "ambient-temp": 21.0}
        return Window(
            machine_id=MACHINE.id, t_s=30.0 * number, end_s=30.0 * number + 1, waves=waves,
            scalars={name: np.array([value]) for name, value in scalars.items()},
        )  # fmt: skip

    for number in range(32):
        monitor.observe(window(number, 0.9))
    return lambda more_g: monitor.observe(window(40, 0.9 + more_g))
