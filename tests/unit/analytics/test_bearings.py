"""A bearing is heard at once, then now and then, and named with the frequency of now."""

import numpy as np
import pytest

from analytics.bearings import BearingEar
from analytics.kinematics import bearing_orders, shaft_rates_hz
from analytics.signatures import signatures
from fieldlab.core.machine import Machine, RollingBearing, load_machine
from fieldlab.core.messages import Suspect, Wave, Window

RATE_HZ = 6400.0
WINDOWS = 24


@pytest.fixture(scope="module")
def machine() -> Machine:
    return load_machine(
        {
            "fieldlab": 1,
            "id": "fan",
            "window_s": 1.0,
            "shafts": {"motor": {"nominal_rpm": 1480, "speed": "speed"}},
            "sensors": {
                "acc": {"quantity": "acceleration", "unit": "g", "rate_hz": RATE_HZ},
                "speed": {"quantity": "rotational-speed", "unit": "rpm", "role": "condition"},
            },
            "components": {
                "bearing": {
                    "kind": "rolling-bearing", "shaft": "motor", "near": ["acc"],
                    "rolling_elements": 9, "element_diameter_mm": 7.94,
                    "pitch_diameter_mm": 39.04, "contact_angle_deg": 0,
                }
            },
        }
    )  # fmt: skip


def knocking(machine: Machine, number: int) -> Window:
    """Return a second in which a spall of the outer race is struck, at a speed of its own."""
    rng = np.random.default_rng(number)
    rpm = 1450.0 + 5.0 * (number % 11)
    bearing = machine.components["bearing"]
    assert isinstance(bearing, RollingBearing)
    orders = bearing_orders(bearing)
    assert orders is not None
    period = RATE_HZ / (rpm / 60 * orders.outer_race)
    at = np.cumsum(period * (1 + 0.01 * rng.normal(size=200)))
    force = np.zeros(round(RATE_HZ))
    force[at[at < len(force)].astype(int)] = 1.0
    ring = np.exp(-np.arange(100) / 12.0) * np.sin(np.arange(100) * 1.3)
    samples = np.convolve(force, ring)[: len(force)] + rng.normal(0, 0.05, len(force))
    return Window(
        machine_id=machine.id, t_s=float(number), end_s=number + 1.0,
        waves={"acc": Wave(sensor="acc", t_s=float(number), rate_hz=RATE_HZ, samples=samples)},
        scalars={"speed": np.array([rpm])},
    )  # fmt: skip


def said(ear: BearingEar, machine: Machine, numbers: range) -> list[Suspect | None]:
    raised = np.full(len(signatures(machine)), 2.0)
    windows = [knocking(machine, number) for number in numbers]
    return [
        ear.hear(one, raised, shaft_rates_hz(machine, {"speed": float(one.scalars["speed"][0])}))
        for one in windows
    ]


def test_a_spall_is_named_at_once_and_in_every_window_at_the_speed_of_now(
    machine: Machine,
) -> None:
    found = said(BearingEar(machine, signatures(machine)), machine, range(WINDOWS))

    for number, suspect in enumerate(found):
        assert suspect is not None
        assert (suspect.component, suspect.failure_mode) == ("bearing", "outer-race")
        turns_hz = (1450.0 + 5.0 * (number % 11)) / 60
        assert suspect.marks[0].frequency_hz == pytest.approx(3.585 * turns_hz, rel=0.002)


def test_after_eight_windows_every_fourth_is_listened_to(machine: Machine) -> None:
    found = said(BearingEar(machine, signatures(machine)), machine, range(WINDOWS))

    confidences = [suspect.confidence for suspect in found if suspect is not None]
    changes = np.flatnonzero(np.diff(confidences)) + 1
    assert set(changes[changes >= 8]) == {8, 12, 16, 20}


def test_saved_between_two_windows_that_are_listened_to_it_goes_on_alike(machine: Machine) -> None:
    whole, first = (BearingEar(machine, signatures(machine)) for _ in range(2))
    expected = said(whole, machine, range(WINDOWS))[11:]

    said(first, machine, range(11))
    resumed = BearingEar(machine, signatures(machine))
    resumed.restore(first.plain())

    assert said(resumed, machine, range(11, WINDOWS)) == expected


def test_what_is_well_again_is_listened_to_anew(machine: Machine) -> None:
    ear = BearingEar(machine, signatures(machine))
    expected = said(ear, machine, range(3))

    said(ear, machine, range(3, 14))
    ear.forget()

    assert said(ear, machine, range(3)) == expected
