"""A broken sensor sends what broken sensors send, and is good again when it is mended."""

import numpy as np
import pytest

from fieldlab.core.errors import InputError
from fieldlab.core.machine import Machine
from fieldlab.core.messages import SensorFault
from simulators.machine import SimulatedMachine
from tests.unit.simulators.lab import cookie_line, value, warm, wave


@pytest.fixture(scope="module")
def machine() -> Machine:
    return cookie_line()


def broken(machine: Machine, sensor: str, fault: SensorFault) -> SimulatedMachine:
    made = warm(machine)
    made.break_sensor(sensor, fault)
    return made


def test_a_stuck_sensor_repeats_its_last_value(machine: Machine) -> None:
    made = warm(machine)
    last = made.read(10.0)
    made.break_sensor("bearing-temp", "stuck")
    made.break_sensor("acc-motor", "stuck")

    now = made.read(60.0)

    assert value(now, "bearing-temp") == value(last, "bearing-temp")
    assert set(wave(now, "acc-motor")) == {wave(last, "acc-motor")[-1]}


def test_a_saturated_sensor_sits_at_its_limit(machine: Machine) -> None:
    samples = wave(broken(machine, "acc-motor", "saturated").read(10.0), "acc-motor")

    at_limit = np.isclose(abs(samples), abs(samples).max())
    assert np.mean(at_limit) > 0.5


def test_an_unplugged_sensor_hums_far_below_the_machine(machine: Machine) -> None:
    healthy = np.std(wave(warm(machine).read(10.0), "acc-motor"))
    made = broken(machine, "acc-motor", "unplugged")
    made.break_sensor("motor-current", "unplugged")

    now = made.read(10.0)

    assert 0 < np.std(wave(now, "acc-motor")) < 0.05 * healthy
    assert value(now, "motor-current") == 0.0


def test_spikes_stand_far_out(machine: Machine) -> None:
    samples = wave(broken(machine, "acc-motor", "spikes").read(10.0), "acc-motor")

    assert abs(samples).max() > 40 * np.median(abs(samples))


def test_a_dropped_out_sensor_says_nothing(machine: Machine) -> None:
    readings = broken(machine, "acc-motor", "dropped-out").read(10.0)

    assert "acc-motor" not in {found.sensor for found in readings}


def test_a_clock_jump_moves_that_sensors_time_alone(machine: Machine) -> None:
    times = {
        found.sensor: found.t_s
        for found in broken(machine, "bearing-temp", "clock-jump").read(10.0)
    }

    assert abs(times["bearing-temp"] - times["motor-current"]) > 60


def test_swapped_sensors_read_each_other(machine: Machine) -> None:
    straight, swapped = warm(machine), warm(machine)
    swapped.break_sensor("acc-motor", "swapped")

    one, two = straight.read(10.0), swapped.read(10.0)

    assert np.array_equal(wave(one, "acc-motor"), wave(two, "acc-gearbox"))
    assert np.array_equal(wave(one, "acc-gearbox"), wave(two, "acc-motor"))


def test_a_moved_sensor_hears_all_components_differently(machine: Machine) -> None:
    straight, moved = warm(machine), warm(machine)
    moved.break_sensor("acc-motor", "moved")

    one, two = straight.read(10.0), moved.read(10.0)

    assert np.array_equal(wave(one, "acc-gearbox"), wave(two, "acc-gearbox"))
    change = abs(np.fft.rfft(wave(two, "acc-motor"))) / abs(np.fft.rfft(wave(one, "acc-motor")))
    assert np.median(abs(np.log(change))) > 0.1


@pytest.mark.parametrize(
    "fault", ["stuck", "saturated", "dropped-out", "unplugged", "spikes", "clock-jump", "moved"]
)
def test_a_mended_sensor_is_as_before(machine: Machine, fault: SensorFault) -> None:
    healthy = np.std(wave(warm(machine).read(10.0), "acc-motor"))
    made = broken(machine, "acc-motor", fault)

    made.mend_sensor("acc-motor")

    assert np.std(wave(made.read(10.0), "acc-motor")) == pytest.approx(healthy, rel=0.1)


def test_a_fault_that_cannot_be_is_refused(machine: Machine) -> None:
    made = SimulatedMachine(machine, seed=1)

    with pytest.raises(InputError, match="there is no sensor 'acc'"):
        made.break_sensor("acc", "stuck")
    with pytest.raises(InputError, match="no other like it"):
        made.break_sensor("motor-current", "swapped")
    with pytest.raises(InputError, match="it can be stuck"):
        made.break_sensor("acc-motor", "melted")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="there is no sensor"):
        made.mend_sensor("acc")


def test_a_number_sensor_can_spike_and_saturate(machine: Machine) -> None:
    made = broken(machine, "bearing-temp", "spikes")
    made.break_sensor("motor-current", "saturated")

    readings = [made.read(10.0) for _ in range(30)]

    temperatures = np.array([value(found, "bearing-temp") for found in readings])
    far = abs(temperatures - np.median(temperatures)) > 50
    assert 0 < np.sum(far) < 15
    assert len({value(found, "motor-current") for found in readings}) == 1
    assert value(readings[0], "motor-current") > 4
