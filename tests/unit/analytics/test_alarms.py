"""An alarm begins when the machine as a whole changed, or when a case is opened; else: watch."""

import numpy as np
import pytest

from analytics.alarms import Alarms, Scores
from fieldlab.core.machine import Machine, load_machine
from fieldlab.core.messages import Diagnosis, Suspect

MANY_WINDOWS = 40


@pytest.fixture
def machine() -> Machine:
    return load_machine(
        {
            "fieldlab": 1,
            "id": "fan",
            "shafts": {"motor": {"nominal_rpm": 1480}},
            "sensors": {"acc": {"quantity": "acceleration", "unit": "g", "rate_hz": 2000}},
            "components": {"rotor": {"kind": "rotor", "shaft": "motor", "near": ["acc"]}},
        }
    )


def seen(*, novel: float, raised: float) -> Scores:
    """Return the scores of a machine that is so new as a whole, with lines raised so far."""
    row = np.array([raised])
    return Scores(raised=row, raw=row, novel=novel, novel_raw=novel)


def found(t_s: float, *, sure: bool) -> Diagnosis:
    rotor = Suspect(component="rotor", failure_mode="imbalance", confidence=0.9, reasons=())
    verdict = rotor if sure else None
    return Diagnosis(machine_id="fan", t_s=t_s, suspects=(rotor,), verdict=verdict)


def first_alarm(alarms: Alarms, scores: Scores, *, sure: bool) -> tuple[int | None, int | None]:
    """Return the window in which the alarm begins, and the one in which a case is opened."""
    alarm = case = None
    for number in range(MANY_WINDOWS):
        alarms.count(float(number), scores)
        opened = alarms.begin(found(float(number), sure=sure), sure=sure, worst=scores.worst)
        case = number if opened and case is None else case
        alarm = number if alarms.is_alarm and alarm is None else alarm
    return alarm, case


def test_lines_that_nobody_can_be_named_for_are_watched_until_a_person_is_asked(
    machine: Machine,
) -> None:
    alarm, case = first_alarm(Alarms(machine), seen(novel=0.2, raised=1.4), sure=False)

    assert case is not None
    assert case > 10
    assert alarm == case


def test_lines_of_a_component_that_is_named_twice_are_an_alarm(machine: Machine) -> None:
    alarm, case = first_alarm(Alarms(machine), seen(novel=0.2, raised=1.4), sure=True)

    assert alarm == case == 1


def test_a_machine_that_changed_as_a_whole_is_an_alarm_before_anybody_is_named(
    machine: Machine,
) -> None:
    alarm, case = first_alarm(Alarms(machine), seen(novel=1.4, raised=0.8), sure=False)

    assert alarm == 1
    assert case is not None
    assert case > 1


def test_what_passes_before_anybody_is_named_was_never_an_alarm(machine: Machine) -> None:
    alarms = Alarms(machine)
    for number in range(MANY_WINDOWS):
        scores = seen(novel=0.2, raised=1.5 if number % 10 < 5 else 0.3)
        alarms.close(scores, lambda _, ratios: float(ratios.max()))
        alarms.count(float(number), scores)
        opened = alarms.begin(found(float(number), sure=False), sure=False, worst=scores.worst)

        assert not opened
        assert not alarms.is_alarm
