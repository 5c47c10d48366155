"""Diagnosis to advice: each of the six actions has its own reason."""

import pytest

from analytics.advice import advise, advise_sensor
from fieldlab.core.machine import Machine, load_machine
from fieldlab.core.messages import Diagnosis, Forecast, Health, Reason, SensorFault, Suspect
from fieldlab.core.phrases.say import LANGUAGES, say

PRINT = {"family": "roller", "material": "PA12", "sizes": {"length_mm": 20}}
BUY = {"article": "R-1", "price_eur": 3, "lead_time_days": 2}
ADJUST = {"instruction": {"en": "Tighten it", "nl": "Draai vast"}}


def machine_with(replace: dict, **keys) -> Machine:
    roller = {"kind": "roller", "shaft": "motor", "near": ["acc"], "replace": replace, **keys}
    return load_machine(
        {
            "fieldlab": 1,
            "id": "m",
            "name": {"en": "M", "nl": "M"},
            "shafts": {"motor": {"nominal_rpm": 1500}},
            "sensors": {"acc": {"quantity": "acceleration", "unit": "g", "rate_hz": 12800}},
            "components": {"roller": roller},
        }
    )


def diagnosis_of(mode: str | None) -> Diagnosis:
    suspect = Suspect(
        component="roller", failure_mode=mode, confidence=0.9, reasons=(Reason(key="why"),)
    )
    return Diagnosis(machine_id="m", t_s=5.0, suspects=(suspect,), verdict=suspect)


@pytest.mark.parametrize(
    ("replace", "keys", "mode", "action"),
    [
        ({"print": PRINT, "buy": BUY}, {}, "wear", "print"),
        ({"print": PRINT, "buy": BUY}, {"safety": "never-print"}, "wear", "buy"),
        ({"buy": BUY}, {}, "wear", "buy"),
        ({"print": PRINT, "adjust": ADJUST}, {}, "looseness", "adjust"),
        ({"print": PRINT, "buy": BUY}, {}, "looseness", "ask"),
        ({"adjust": ADJUST}, {}, "wear", "adjust"),
        ({}, {}, "wear", "ask"),
    ],
)
def test_a_verdict_is_acted_on_as_the_machine_file_allows(replace, keys, mode, action) -> None:
    advice = advise(diagnosis_of(mode), machine_with(replace, **keys), None)

    assert advice.action == action
    assert advice.component == "roller"
    assert advice.reasons[-1] == Reason(key="why")


def test_without_a_verdict_a_person_is_asked() -> None:
    unsure = Diagnosis(machine_id="m", t_s=5.0)

    advice = advise(unsure, machine_with({"print": PRINT}), None)

    assert advice.action == "ask"
    assert advice.component is None


def test_below_the_alarm_it_only_watches_and_says_how_long_it_lasts() -> None:
    life = Forecast(
        machine_id="m", component="roller", t_s=5.0, remaining_s=7200.0, low_s=3600.0, high_s=9000.0
    )

    advice = advise(diagnosis_of("wear"), machine_with({"print": PRINT}), life, is_alarm=False)

    assert advice.action == "watch"
    assert "2.0 more hours" in say(advice.reasons[-1])
    assert "1.0 and 2.5" in say(advice.reasons[-1])


def test_a_change_below_the_alarm_that_nobody_explains_is_watched() -> None:
    unsure = Diagnosis(machine_id="m", t_s=5.0)

    assert advise(unsure, machine_with({}), None, is_alarm=False).action == "watch"


def test_that_nothing_grows_is_said() -> None:
    nothing = Forecast(machine_id="m", component="roller", t_s=5.0)

    advice = advise(diagnosis_of("wear"), machine_with({"print": PRINT}), nothing)

    assert advice.reasons[-1] == Reason(key="forecast-none")


@pytest.mark.parametrize("fault", SensorFault.__args__)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sick_sensor_is_checked_and_no_component_blamed(fault, language) -> None:
    health = Health(
        machine_id="m", t_s=5.0, state="sensor-fault", score_ratio=0.0, sensor="acc",
        sensor_fault=fault,
    )  # fmt: skip

    advice = advise_sensor(health)

    assert advice.action == "check-sensor"
    assert advice.component is None
    assert "acc" in say(advice.reasons[0], language)
