"""Slow drift is followed; what only another load changes is no drift."""

import numpy as np
import pytest

from analytics.drift import Drift
from analytics.monitor import Monitor
from fieldlab.core.machine import Machine, load_machine
from fieldlab.core.messages import Wave, Window

RATE_HZ = 1000.0
LEARNT_LOADS = (0.0, 10.0, 20.0)


@pytest.fixture
def machine() -> Machine:
    return load_machine(
        {
            "fieldlab": 1,
            "id": "saw",
            "window_s": 1.0,
            "shafts": {"motor": {"nominal_rpm": 1480}},
            "sensors": {
                "acc": {"quantity": "acceleration", "unit": "g", "rate_hz": RATE_HZ},
                "load": {"quantity": "load", "unit": "%", "role": "condition"},
            },
            "components": {"rotor": {"kind": "rotor", "shaft": "motor", "near": ["acc"]}},
        }
    )


def running(machine: Machine, load: float, number: int) -> Window:
    """Return a second of a machine that grows louder with its load, and less so above 20 %."""
    loud = np.exp(0.05 * min(load, 20.0) + 0.03 * max(load - 20.0, 0.0))
    samples = np.random.default_rng(number).normal(0.0, loud, round(RATE_HZ))
    t_s = 10.0 * number
    return Window(
        machine_id=machine.id, t_s=t_s, end_s=t_s + 1.0,
        waves={"acc": Wave(sensor="acc", t_s=t_s, rate_hz=RATE_HZ, samples=samples)},
        scalars={"load": np.array([load])},
    )  # fmt: skip


def test_back_at_a_load_that_it_knows_a_machine_sounds_as_it_always_did(machine: Machine) -> None:
    learn = [load for load in LEARNT_LOADS for _ in range(10)]
    monitor = Monitor(machine, healthy_until_s=10.0 * len(learn))
    loads = [*learn, *[5.0] * 10, *[40.0] * 25, *LEARNT_LOADS, *LEARNT_LOADS, *LEARNT_LOADS]

    said = [
        monitor.observe(running(machine, load, number)).health for number, load in enumerate(loads)
    ]

    assert {health.state for health in said[len(learn) :]} == {"normal"}


def test_a_drift_is_followed_and_the_less_so_the_less_is_known_of_its_conditions() -> None:
    one = np.ones(1)
    sure, unsure = Drift(1), Drift(1)
    for _ in range(20):
        sure.follow(one, one)
        unsure.follow(one, one, known=0.05)

    assert sure.level[0] == pytest.approx(1 - 0.9**20)
    assert unsure.level[0] == pytest.approx(1 - 0.995**20)
    assert unsure.fast(one, one)[0] > 5 * sure.fast(one, one)[0]
