"""RMS velocity and its zone: a sum that can be done by hand, and the limits of the standard."""

import numpy as np
import pytest

from analytics.features.velocity import velocity_of, velocity_rms_mmps, zone_of
from fieldlab.core.machine import Machine, load_machine

RATE_HZ = 12_800.0
TIMES_S = np.arange(12_800) / RATE_HZ


def machine_of(power_kw: float | None) -> Machine:
    motor = {"nominal_rpm": 1500} | ({} if power_kw is None else {"rated_power_kw": power_kw})
    sensors = {
        "acc": {"quantity": "acceleration", "unit": "g", "rate_hz": RATE_HZ},
        "slow": {"quantity": "acceleration", "unit": "g", "rate_hz": 200},
        "microphone": {"quantity": "other", "unit": "Pa", "rate_hz": RATE_HZ},
    }
    return load_machine(
        {
            "fieldlab": 1, "id": "m", "shafts": {"motor": motor}, "sensors": sensors,
            "components": {"rotor": {"kind": "rotor", "shaft": "motor", "replace": {}}},
        }
    )  # fmt: skip


@pytest.mark.parametrize("hz", [25.0, 160.0, 900.0])
def test_a_sine_has_its_acceleration_over_its_angular_frequency(hz: float) -> None:
    wave = 3.0 * np.sin(2 * np.pi * hz * TIMES_S)

    found = velocity_rms_mmps(wave, RATE_HZ)

    assert found == pytest.approx(1e3 * 3.0 / np.sqrt(2) / (2 * np.pi * hz), rel=1e-9)


@pytest.mark.parametrize("hz", [4.0, 2000.0])
def test_what_lies_outside_the_band_does_not_count(hz: float) -> None:
    assert velocity_rms_mmps(np.sin(2 * np.pi * hz * TIMES_S), RATE_HZ) < 1e-9


def test_the_unit_of_the_sensor_is_converted_and_a_slow_or_other_sensor_says_nothing() -> None:
    sensors = machine_of(None).sensors
    wave = np.sin(2 * np.pi * 50 * TIMES_S)

    in_g = velocity_of(sensors["acc"], wave, RATE_HZ)

    assert in_g == pytest.approx(9.80665 * velocity_rms_mmps(wave, RATE_HZ))
    assert velocity_of(sensors["slow"], wave[:200], 200.0) is None
    assert velocity_of(sensors["microphone"], wave, RATE_HZ) is None


@pytest.mark.parametrize(
    ("power_kw", "velocity_mmps", "zone"),
    [(0.75, 0.5, "A"), (0.75, 1.0, "B"), (0.75, 2.0, "C"), (0.75, 5.0, "D"),
     (75.0, 1.0, "A"), (75.0, 2.0, "B"), (400.0, 2.0, "A"), (400.0, 8.0, "D")],
)  # fmt: skip
def test_a_larger_machine_may_shake_more(power_kw: float, velocity_mmps: float, zone: str) -> None:
    assert zone_of(machine_of(power_kw), velocity_mmps) == zone


def test_without_the_size_of_the_machine_there_is_no_zone() -> None:
    assert zone_of(machine_of(None), 2.0) is None
