"""The simulated machine reads like a real one, repeats itself, and fails the way physics says."""

import statistics
from typing import Any

import numpy as np
import pytest

from fieldlab.core.errors import InputError
from fieldlab.core.machine import Machine, load_machine
from fieldlab.core.messages import Value, Wave
from simulators.machine import SimulatedMachine
from tests.unit.simulators.lab import (
    amplitudes,
    cookie_line,
    envelope,
    level,
    same,
    value,
    warm,
    wave,
)


@pytest.fixture(scope="module")
def machine() -> Machine:
    return cookie_line()


def test_one_window_of_every_sensor_is_read_at_one_time(machine: Machine) -> None:
    made = SimulatedMachine(machine, seed=1, start_s=1000.0)

    readings = made.read(5.0)

    assert made.now_s == 1005.0
    assert [found.sensor for found in readings] == list(machine.sensors)
    assert {found.t_s for found in readings} == {1004.0}
    for found in readings:
        if isinstance(found, Wave):
            assert found.samples.dtype == np.float32
            assert len(found.samples) == 12_800
            assert found.last


def test_equal_seeds_read_alike_and_others_do_not(machine: Machine) -> None:
    one, two, other = (SimulatedMachine(machine, seed=seed) for seed in (5, 5, 6))

    first = [one.read(30.0) for _ in range(3)]

    assert all(same(left, two.read(30.0)) for left in first)
    assert not same(first[0], other.read(30.0))


def test_a_resumed_machine_reads_on_exactly(machine: Machine) -> None:
    made = warm(machine)
    made.break_("drive-end-bearing", "outer-race", 0.5)
    made.start_wear("pinion", "wear", life_s=3600.0)
    made.fit("coupling", material="TPU", sizes={"thickness_mm": 14})
    made.break_sensor("bearing-temp", "stuck")
    made.break_sensor("acc-motor", "moved")
    made.notes["script"] = {"step": 2}

    again = SimulatedMachine.resume(machine, made.state())

    assert again.notes == made.notes
    for interval_s in (1.0, 60.0, 0.5):
        assert same(made.read(interval_s), again.read(interval_s))
    assert again.state() == made.state()


@pytest.mark.parametrize("state", [b"", b"{}", b"[1]", b"\xff"])
def test_a_broken_state_is_refused_with_a_reason(machine: Machine, state: bytes) -> None:
    with pytest.raises(InputError, match="saved state"):
        SimulatedMachine.resume(machine, state)


def test_a_state_of_another_machine_file_is_refused(machine: Machine) -> None:
    other = load_machine(
        {"fieldlab": 1, "id": "a", "sensors": {"t": {"quantity": "temperature", "unit": "K"}}}
    )

    with pytest.raises(InputError, match="another machine file"):
        SimulatedMachine.resume(machine, SimulatedMachine(other, seed=1).state())


def test_healthy_windows_differ_but_stay_in_one_family(machine: Machine) -> None:
    made = warm(machine)

    rms = [float(np.std(wave(made.read(60.0), "acc-gearbox"))) for _ in range(40)]

    assert 0.02 < np.std(rms) / np.mean(rms) < 0.3
    assert max(rms) < 3 * min(rms)  # a pause is quiet


def test_the_load_drives_the_current_and_the_warm_up_the_temperature(machine: Machine) -> None:
    made = SimulatedMachine(machine, seed=2)
    cold = value(made.read(10.0), "bearing-temp")

    readings = [made.read(60.0) for _ in range(120)]

    loads = [value(found, "product-load") for found in readings[60:]]
    currents = [value(found, "motor-current") for found in readings[60:]]
    assert np.corrcoef(loads, currents)[0, 1] > 0.9
    assert value(readings[-1], "bearing-temp") > cold + 10
    speeds = [value(found, "motor-speed") for found in readings]
    assert 1300 < min(speeds) < max(speeds) < 1520


# ------------------------------------------------------------------- faults have own signatures

MESH, TOOTH_PASS = 20.0, 20 / 3
THIRD, SIXTH = 1 / 3, 1 / 6
BELT = 20 / 150 / 3
LINES = {
    ("impeller", "imbalance"): ("acc-motor", (1.0,)),
    ("impeller", "blade-damage"): ("acc-motor", (6.0, 8.0)),
    ("coupling", "misalignment"): ("acc-gearbox", (2.0,)),
    ("coupling", "wear"): ("acc-motor", (3.0, 6.0)),
    ("pinion", "tooth-damage"): ("acc-gearbox", (MESH - 2, MESH - 1, MESH + 1, MESH + 2)),
    ("pinion", "wear"): ("acc-gearbox", (3 * MESH, 3 * MESH - 1, 3 * MESH + 1)),
    ("wheel", "tooth-damage"): ("acc-gearbox", (MESH - THIRD, MESH + THIRD)),
    ("wheel", "wear"): ("acc-gearbox", (MESH - THIRD, MESH + THIRD)),
    ("drive-pulley", "wear"): ("acc-gearbox", (TOOTH_PASS - THIRD, TOOTH_PASS - 2 * THIRD)),
    ("roller-pulley", "wear"): ("acc-gearbox", (TOOTH_PASS - SIXTH, TOOTH_PASS + SIXTH)),
    ("drive-pulley", "slip"): ("acc-gearbox", (THIRD, 2 * THIRD)),
    ("roller-pulley", "slip"): ("acc-gearbox", (SIXTH, 5 * SIXTH)),
    ("belt", "wear"): ("acc-gearbox", (2 * BELT, 5 * BELT)),
    ("belt", "slip"): ("acc-gearbox", (2 * BELT, 5 * BELT)),
    ("roller", "wear"): ("acc-gearbox", (SIXTH,)),
    ("bushing-left", "wear"): ("acc-gearbox", (0.5 * SIXTH, 2.5 * SIXTH, 3.5 * SIXTH)),
    ("bushing-right", "wear"): ("acc-gearbox", (0.5 * SIXTH, 2.5 * SIXTH, 3.5 * SIXTH)),
    ("mount", "looseness"): ("acc-gearbox", (0.5, 4.0, 5.0, 8.0)),
}


@pytest.mark.parametrize(("component", "mode"), LINES)
def test_a_fault_raises_its_own_lines(machine: Machine, component: str, mode: str) -> None:
    sensor, orders = LINES[component, mode]
    healthy = level(warm(machine), sensor, orders)
    begun, done = warm(machine), warm(machine)

    begun.break_(component, mode, 0.3)
    done.break_(component, mode, 1.0)

    assert level(begun, sensor, orders) > 1.4 * healthy
    assert level(done, sensor, orders) > 2.2 * healthy


CAGE = (1 - 7.94 / 39.04) / 2
BEARING = {
    "outer-race": (9 * CAGE,),
    "inner-race": (9 * (1 - CAGE), 9 * (1 - CAGE) - 1),
    "rolling-element": (39.04 / 7.94 * (1 - (7.94 / 39.04) ** 2),),
}


@pytest.mark.parametrize("mode", BEARING)
def test_a_bearing_fault_raises_its_own_line_of_the_envelope(machine: Machine, mode: str) -> None:
    healthy = level(warm(machine), "acc-motor", BEARING[mode], envelope)
    broken = warm(machine)

    broken.break_("drive-end-bearing", mode, 0.3)

    own = level(broken, "acc-motor", BEARING[mode], envelope)
    others = [level(broken, "acc-motor", orders[:1], envelope)
              for name, orders in BEARING.items() if name != mode]  # fmt: skip
    assert own > 5 * healthy
    assert own > 2 * max(others)


def test_a_damaged_tooth_knocks_once_per_turn_and_worn_flanks_do_not(machine: Machine) -> None:
    damaged, worn = warm(machine), warm(machine)

    damaged.break_("wheel", "tooth-damage", 0.6)
    worn.break_("wheel", "wear", 0.6)

    def peakedness(made: SimulatedMachine) -> float:
        samples = wave(made.read(10.0), "acc-gearbox")
        return float(np.mean(samples**4) / np.mean(samples**2) ** 2)

    assert peakedness(damaged) > 6
    assert peakedness(worn) < 3.5


def test_faults_speak_through_current_heat_and_speed_too(machine: Machine) -> None:
    def after(component: str, mode: str) -> tuple[float, float]:
        made = warm(machine)
        if component:
            made.break_(component, mode, 1.0)
        made.read(4000.0)
        found = made.read(10.0)
        return value(found, "motor-current"), value(found, "bearing-temp")

    current_a, temp_degc = after("", "")

    assert after("bushing-left", "wear")[0] > 1.05 * current_a
    assert after("impeller", "blade-damage")[1] > temp_degc + 5
    assert after("drive-end-bearing", "outer-race")[1] > temp_degc + 5


def test_a_slipping_belt_slows_the_roller_and_not_the_motor(machine: Machine) -> None:
    made = warm(machine)
    made.break_("belt", "slip", 1.0)
    made.break_("roller", "wear", 1.0)
    levels = np.mean([amplitudes(wave(made.read(1.0), "acc-gearbox")) for _ in range(3)], axis=0)

    rates = made._now.rates_hz(made._cycles, made._shift.at(made.now_s))

    assert rates["roller"] == pytest.approx(rates["output"] * 0.5 * 0.97)
    assert rates["output"] == pytest.approx(rates["motor"] / 3)
    assert levels[4] > 0.02


# ------------------------------------------------------------------------- wear and fitting


def test_wear_grows_to_the_end_of_life_and_stays_there(machine: Machine) -> None:
    made = warm(machine)
    made.start_wear("pinion", "tooth-damage", life_s=3600.0)
    assert made.severities() == {"pinion": ("tooth-damage", 0.0)}

    seen = []
    for _ in range(100):
        made.read(100.0)
        seen.append(made.severities()["pinion"][1])

    assert seen == sorted(seen)
    assert 0 < seen[10] < 0.5
    assert seen[-1] == 1.0


@pytest.mark.parametrize(
    ("material", "sizes"), [("PA12", {"width_mm": 16.0}), ("PA12-CF", {}), ("", {"width_mm": 14.0})]
)
@pytest.mark.parametrize("mode", ["wear", "tooth-damage"])
def test_a_wider_or_stronger_part_wears_slower(
    machine: Machine, mode: str, material: str, sizes: dict[str, float]
) -> None:
    old = statistics.median(worn(machine, mode, seed) for seed in range(9))
    new = statistics.median(
        worn(machine, mode, seed, material=material, sizes=sizes) for seed in range(9)
    )

    assert 0 < new < 0.92 * old


def worn(machine: Machine, mode: str, seed: int, **design: Any) -> float:
    """Return how worn a pinion is after three fifths of its rated life; it is new at the start."""
    made = SimulatedMachine(machine, seed=seed)
    made.fit("pinion", **{"material": "", "sizes": {}, **design})
    made.start_wear("pinion", mode, life_s=5000.0)
    made.wear_on(3000.0)
    return made.severities()["pinion"][1]


def test_two_prints_of_one_drawing_do_not_live_equally_long(machine: Machine) -> None:
    lives = {round(worn(machine, "wear", seed), 6) for seed in range(9)}

    assert len(lives) == 9
    assert worn(machine, "wear", 3) == worn(machine, "wear", 3)


def test_fitting_a_part_makes_that_component_new_and_no_other(machine: Machine) -> None:
    made = warm(machine)
    made.break_("bushing-left", "wear", 0.7)
    made.break_("bushing-right", "wear", 0.4)
    made.start_wear("bushing-left", "looseness", life_s=100.0)

    made.fit("bushing-left", material="PA12-CF", sizes={"length_mm": 14})
    made.read(100.0)

    assert made.severities() == {"bushing-right": ("wear", 0.4)}


def test_a_fitted_part_brings_the_healthy_lines_back(machine: Machine) -> None:
    healthy, healed = warm(machine), warm(machine)
    healed.break_("impeller", "imbalance", 1.0)

    healed.fit("impeller", material="PETG", sizes={})

    assert level(healed, "acc-motor", (1.0,)) == level(healthy, "acc-motor", (1.0,))


def test_what_cannot_be_is_refused_with_what_would_work(machine: Machine) -> None:
    made = SimulatedMachine(machine, seed=1)

    with pytest.raises(InputError, match=r"no component 'pinon'; there is impeller"):
        made.break_("pinon", "wear", 0.5)
    with pytest.raises(InputError, match="it can show tooth-damage, wear"):
        made.start_wear("pinion", "imbalance", life_s=10.0)
    with pytest.raises(InputError, match="from 0 to 1"):
        made.break_("pinion", "wear", 1.5)
    with pytest.raises(InputError, match="above 0"):
        made.start_wear("pinion", "wear", life_s=0.0)
    with pytest.raises(InputError, match="use PA12, PA12-CF"):
        made.fit("pinion", material="unobtainium", sizes={})
    with pytest.raises(InputError, match="width_mm"):
        made.fit("pinion", material="PA12", sizes={"width_mm": -1.0})
    with pytest.raises(InputError, match="above 0"):
        made.read(0.0)


# --------------------------------------------------------------------- any machine file

FAN: dict[str, Any] = {
    "fieldlab": 1,
    "id": "fan",
    "window_s": 4.0,
    "sensors": {
        "acc": {"quantity": "acceleration", "unit": "m/s2", "rate_hz": 200},
        "vel": {"quantity": "velocity", "unit": "mm/s", "rate_hz": 1000},
        "mic": {"quantity": "sound", "unit": "Pa", "rate_hz": 8000},
        "pressure": {"quantity": "pressure", "unit": "bar"},
        "flow": {"quantity": "flow", "unit": "l/min"},
        "oil": {"quantity": "temperature", "unit": "K"},
        "load": {"quantity": "load", "unit": "%", "role": "condition"},
        "power": {"quantity": "power", "unit": "kW", "role": "condition"},
        "torque": {"quantity": "torque", "unit": "N.m"},
        "turns": {"quantity": "rotational-speed", "unit": "Hz"},
        "gas": {"quantity": "other", "unit": "sniff"},
    },
    "shafts": {"a": {"speed": "turns"}, "b": {"driven_by": "a", "ratio": 0.1}},
    "components": {
        "fan": {"kind": "rotor"},
        "ball": {"kind": "rolling-bearing", "shaft": "b"},
        "flat-belt": {"kind": "belt"},
        "wheel": {"kind": "pulley", "shaft": "b", "belt": "flat-belt"},
        "valve": {
            "kind": "valve",
            "failure_modes": {"stuck": {"symptoms": {"flow": "down", "pressure": "up"}}},
        },
    },
}


def test_any_machine_file_can_be_simulated() -> None:
    made = SimulatedMachine(load_machine(FAN), seed=1)

    for component, modes in made.failure_modes().items():
        for mode in modes:
            made.break_(component, mode, 1.0)
            readings = made.read(10.0)
            made.fit(component, material="original", sizes={})
            assert all(
                np.all(np.isfinite(found.value if isinstance(found, Value) else found.samples))
                for found in readings
            )


def test_a_symptom_table_moves_its_sensors() -> None:
    made = SimulatedMachine(load_machine(FAN), seed=1)
    before = made.read(10.0)

    made.break_("valve", "stuck", 1.0)

    after = made.read(10.0)
    assert value(after, "flow") < 0.85 * value(before, "flow")
    assert value(after, "pressure") > 1.15 * value(before, "pressure")


def test_now_and_then_something_bumps_the_hall() -> None:
    sensors = {"acc": FAN["sensors"]["acc"]}
    bare = {"fieldlab": 1, "id": "bare", "window_s": 1.0, "sensors": sensors}
    made = SimulatedMachine(load_machine(bare), seed=1)

    peaks = np.array([abs(wave(made.read(10.0), "acc")).max() for _ in range(1500)])

    assert 1 <= np.sum(peaks > 6 * np.median(peaks)) < 20
