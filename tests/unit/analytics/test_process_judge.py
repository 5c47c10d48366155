"""Machines with numbers only: quiet while healthy, a fault is found, named, and over."""

from collections.abc import Callable

import numpy as np
import pytest

from analytics.monitor import Judgement, Monitor
from fieldlab.core.messages import Window
from fieldlab.core.phrases import en, nl
from tests.unit.analytics.process_machines import Loop, Press, loop_machine, press_machine

LEARN_S = 400


def learnt_loop(seed: int = 1) -> tuple[Loop, Monitor]:
    loop = Loop(seed)
    monitor = Monitor(loop_machine(), healthy_until_s=1000.5 + LEARN_S)
    watch(monitor, loop.window, LEARN_S)
    return loop, monitor


def learnt_press(seed: int = 3) -> tuple[Press, Monitor]:
    press = Press(seed)
    monitor = Monitor(press_machine(), healthy_until_s=60.0 * 16 + 1)
    for warm in np.repeat([45.0, 46.5], 8):
        press.warm = warm + press.cycle % 3 * 0.1
        monitor.observe(press.window())
    return press, monitor


def watch(monitor: Monitor, window: Callable[[], Window], count: int) -> list[Judgement]:
    return [monitor.observe(window()) for _ in range(count)]


def states(judgements: list[Judgement]) -> list[str]:
    return [judgement.health.state for judgement in judgements]


def verdicts(judgements: list[Judgement]) -> list[str]:
    opened = [diagnosis for judgement in judgements for diagnosis in judgement.opened]
    return [diagnosis.verdict.component for diagnosis in opened if diagnosis.verdict]


def test_healthy_loops_are_nearly_always_quiet() -> None:
    said: list[str] = []
    for seed in (1, 2, 3):
        loop, monitor = learnt_loop(seed)
        said += states(watch(monitor, loop.window, 600))

    alarms = [at for at in range(1, len(said)) if said[at] == "alarm" != said[at - 1]]
    assert len(alarms) <= 1
    assert said.count("alarm") < 30
    assert said.count("normal") > 0.9 * len(said)


def test_slow_healthy_drift_is_no_alarm_but_the_same_fall_at_once_is() -> None:
    loop, monitor = learnt_loop()
    loop.drift_per_s = 0.0002

    slow = states(watch(monitor, loop.window, 1200))
    loop.flow_off = loop.pressure_off = -1.5
    sudden = states(watch(monitor, loop.window, 60))

    assert slow.count("alarm") == 0
    assert "alarm" in sudden


def test_a_leak_is_watched_then_named_with_reasons_and_over_when_it_is_repaired() -> None:
    loop, monitor = learnt_loop()
    watch(monitor, loop.window, 100)

    loop.flow_off, loop.pressure_off = -2.0, -0.4
    ill = watch(monitor, loop.window, 40)
    loop.flow_off = loop.pressure_off = 0.0
    well = watch(monitor, loop.window, 60)

    said = states(ill)
    assert verdicts(ill) == ["pump"]
    assert "watch" in said[: said.index("alarm") + 1] or said.index("alarm") <= 2
    reasons = next(j for j in ill if j.opened).opened[0].suspects[0].reasons
    assert {reason.numbers["sensor"] for reason in reasons} == {"flow", "pressure"}
    assert all(
        words.PHRASES[reason.key].format(**reason.numbers)
        for words in (en, nl) for reason in reasons
    )  # fmt: skip
    assert any(judgement.closed == ("pump",) for judgement in well)
    assert states(well)[-1] != "alarm"


def test_a_change_that_the_speed_explains_is_no_fault() -> None:
    loop, monitor = learnt_loop()

    said = []
    for _ in range(300):
        window = loop.window()
        scalars = dict(window.scalars)
        scalars["speed"] = scalars["speed"] + 40.0
        scalars["flow"] = scalars["flow"] + 0.8
        said.append(monitor.observe(Window(
            machine_id="loop", t_s=window.t_s, end_s=window.end_s, scalars=scalars,
        )).health.state)  # fmt: skip

    assert "alarm" not in said


@pytest.mark.parametrize("sensor", ["flow", "shake"])
def test_a_sensor_that_drops_to_one_value_is_a_sensor_fault_and_never_a_component(
    sensor: str,
) -> None:
    loop, monitor = learnt_loop()
    watch(monitor, loop.window, 50)

    loop.dead = {sensor}
    said = watch(monitor, loop.window, 120)

    assert verdicts(said) == []
    assert states(said)[-1] == "sensor-fault"
    assert said[-1].health.sensor == sensor


def test_a_fall_of_one_symptom_of_two_is_told_without_a_name() -> None:
    loop, monitor = learnt_loop()
    watch(monitor, loop.window, 50)

    loop.flow_off = -3.0
    said = watch(monitor, loop.window, 60)

    assert "alarm" in states(said)
    assert verdicts(said) == []


@pytest.mark.parametrize(
    ("fault", "size", "component"),
    [("all_along", 0.05, "pump"), ("at_switch", 2.0, "valve"), ("at_loads", 0.6, "accumulator")],
)
def test_a_cycle_tells_who_it_is_by_when_it_differs(
    fault: str, size: float, component: str
) -> None:
    press, monitor = learnt_press()
    before = watch(monitor, press.window, 6)

    setattr(press, fault, size)
    ill = watch(monitor, press.window, 6)
    setattr(press, fault, 0.0)
    well = watch(monitor, press.window, 3)

    assert "alarm" not in states(before)
    assert verdicts(ill) == [component]
    assert "alarm" not in states(well)


def test_warmth_between_two_learnt_ones_is_no_fault() -> None:
    press, monitor = learnt_press()

    said = []
    for warm in (45.4, 45.7, 46.0, 46.2):
        press.warm = warm
        said.append(monitor.observe(press.window()).health.state)

    assert "alarm" not in said


@pytest.mark.parametrize("make", [learnt_loop, learnt_press])
@pytest.mark.parametrize("pause", [0, 5, 20])
def test_a_saved_and_resumed_monitor_says_the_same_to_the_last_digit(
    make: Callable[[], tuple[Loop | Press, Monitor]], pause: int
) -> None:
    machine, monitor = make()
    _, again = make()
    parsed = loop_machine() if isinstance(machine, Loop) else press_machine()
    windows = [machine.window() for _ in range(pause)]
    if isinstance(machine, Loop):
        machine.flow_off = -2.0
    else:
        machine.all_along = 0.05
    windows += [machine.window() for _ in range(20)]

    straight = [monitor.observe(window) for window in windows]
    for window in windows[:pause]:
        again.observe(window)
    saved = again.state()
    resumed = Monitor.resume(parsed, saved)

    assert len(saved) < 1_000_000
    assert [resumed.observe(window) for window in windows[pause:]] == straight[pause:]


def test_a_monitor_saved_while_learning_learns_the_same() -> None:
    loop = Loop(5)
    windows = [loop.window() for _ in range(LEARN_S + 50)]
    monitor = Monitor(loop_machine(), healthy_until_s=1000.5 + LEARN_S)

    said = [monitor.observe(window) for window in windows]
    other = Monitor(loop_machine(), healthy_until_s=1000.5 + LEARN_S)
    for window in windows[:200]:
        other.observe(window)
    other = Monitor.resume(loop_machine(), other.state())

    assert [other.observe(window) for window in windows[200:]] == said[200:]


def test_sensors_that_stop_following_each_other_are_novel_without_any_table() -> None:
    plain = loop_machine().model_copy(update={"components": {}})
    rng = np.random.default_rng(2)
    monitor = Monitor(plain, healthy_until_s=400.5)

    def window(at: int, *, healthy: bool) -> Window:
        first, other = rng.normal(size=2)
        second = 0.99 * first + 0.1 * other if healthy else other
        values = {"flow": 30 + first, "pressure": 4 + 0.1 * second, "shake": 0.2, "speed": 1450.0}
        values["shake"] += 0.01 * rng.normal()
        return Window(
            machine_id="loop", t_s=float(at), end_s=at + 1.0,
            scalars={name: np.array([value]) for name, value in values.items()},
        )  # fmt: skip

    well = states([monitor.observe(window(at, healthy=True)) for at in range(700)])
    ill = states([monitor.observe(window(at, healthy=False)) for at in range(700, 740)])

    assert "alarm" not in well
    assert "alarm" in ill


@pytest.mark.parametrize("make", [learnt_loop, learnt_press])
def test_a_budget_that_the_learning_cannot_keep_is_not_repeated_but_the_kept_one_is_told(
    make: Callable[[], tuple[Loop | Press, Monitor]],
) -> None:
    machine, monitor = make()

    said = monitor.observe(machine.window()).health.false_cases_per_year

    assert said is not None
    assert said > 100.0  # one was asked for


def test_a_budget_that_the_learning_can_keep_is_told_as_it_was_asked() -> None:
    policy = loop_machine().policy.model_copy(update={"false_cases_per_year": 10_000.0})
    lax = loop_machine().model_copy(update={"policy": policy, "window_s": 86_400.0})
    loop, monitor = Loop(1), Monitor(lax, healthy_until_s=1000.5 + LEARN_S)
    watch(monitor, loop.window, LEARN_S)

    assert monitor.observe(loop.window()).health.false_cases_per_year == pytest.approx(10_000.0)


def test_a_case_that_is_named_later_goes_on_under_the_name() -> None:
    loop, monitor = learnt_loop()
    watch(monitor, loop.window, 50)

    loop.flow_off = -3.0
    watch(monitor, loop.window, 30)
    loop.pressure_off = -0.6
    said = watch(monitor, loop.window, 40)

    named = next(judgement for judgement in said if judgement.opened)
    assert verdicts([named]) == ["pump"]
    assert named.closed == ("",)
