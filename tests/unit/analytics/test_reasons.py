"""A verdict comes with three reasons that have numbers in them, in Dutch and in English."""

import numpy as np
import pytest

from analytics.diagnosis import compared
from analytics.framing import Framer
from analytics.monitor import Monitor
from analytics.reasons import lead_reason
from fieldlab.core.machine import Machine, load_machine
from fieldlab.core.messages import Diagnosis, Suspect, Value, Wave
from fieldlab.core.phrases.say import LANGUAGES, say

RATE_HZ = 3200.0


@pytest.fixture(scope="module")
def machine() -> Machine:
    gear = {"kind": "gear", "shaft": "motor", "teeth": 21, "near": ["acc"], "replace": {}}
    rotor = {"kind": "rotor", "shaft": "motor", "near": ["acc"], "replace": {}}
    return load_machine(
        {
            "fieldlab": 1, "id": "m", "learn_s": 60,
            "shafts": {"motor": {"nominal_rpm": 1500, "speed": "rpm"}},
            "sensors": {
                "acc": {"quantity": "acceleration", "unit": "g", "rate_hz": RATE_HZ},
                "rpm": {"quantity": "rotational-speed", "unit": "rpm", "role": "condition"},
            },
            "components": {"pinion": gear, "fan": rotor},
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def verdict(machine: Machine) -> Diagnosis:
    """Return the first verdict on a gear whose teeth wear."""
    rng, framer, monitor = np.random.default_rng(1), Framer(machine), Monitor(machine)
    times_s = np.arange(int(RATE_HZ)) / RATE_HZ
    orders = np.array([1, 20, 21, 22, 41, 42, 43])
    for number in range(140):
        levels = np.array([0.05, 0.002, 0.05, 0.002, 0.001, 0.02, 0.001])
        if number >= 80:
            levels = levels + np.array([0, 0.12, 0.15, 0.12, 0.06, 0.1, 0.06])
        waves = levels @ np.sin(2 * np.pi * 25 * orders[:, None] * times_s[None])
        samples = waves + rng.normal(0, 0.02, len(times_s))
        wave = Wave(sensor="acc", t_s=float(number), rate_hz=RATE_HZ, samples=samples)
        speed = Value(sensor="rpm", t_s=float(number), value=1500.0)
        for reading in (speed, wave):
            for window in framer.add(reading):
                for opened in monitor.observe(window).opened:
                    if opened.verdict is not None:
                        return opened
    pytest.fail("the worn gear got no verdict")


def test_a_verdict_has_three_reasons_with_numbers(verdict: Diagnosis) -> None:
    assert verdict.verdict is not None
    reasons = verdict.verdict.reasons

    assert verdict.verdict.component == "pinion"
    assert len(reasons) == 3
    assert all(any(isinstance(n, float) for n in reason.numbers.values()) for reason in reasons)
    assert reasons[0].numbers["ratio"] > 1.5


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_reason_is_a_sentence_in_both_languages(verdict: Diagnosis, language: str) -> None:
    for suspect in verdict.suspects:
        for reason in suspect.reasons:
            sentence = say(reason, language)

            assert sentence.endswith(".")
            assert any(letter.isdigit() for letter in sentence)


def test_a_lone_suspect_is_told_to_be_alone() -> None:
    assert "no other part" in say(lead_reason("pinion", 0.9, None, 0.0))
    assert "fan 20 %" in say(lead_reason("pinion", 0.7, "fan", 0.2))


def test_a_suspect_is_compared_with_another_component_not_with_itself() -> None:
    worn, cracked, fan = (
        Suspect(component=name, failure_mode=mode, confidence=share)
        for name, mode, share in (
            ("pulley", "wear", 0.7), ("pulley", "tooth-damage", 0.2), ("fan", "imbalance", 0.1),
        )
    )  # fmt: skip

    (lead,) = compared(worn, (worn, cracked, fan)).reasons
    (alone,) = compared(worn, (worn, cracked)).reasons

    assert (lead.key, lead.numbers["other"]) == ("diagnosis-lead", "fan")
    assert alone.key == "diagnosis-alone"
