"""What people said of earlier verdicts changes the next ranking, for that machine and kind."""

import pytest

from analytics.feedback import MOST_WORDS, Feedback, Word
from fieldlab.core.machine import Machine, load_machine
from fieldlab.core.messages import Diagnosis, Suspect

BEARING = {
    "kind": "rolling-bearing", "shaft": "motor", "near": ["acc"], "rolling_elements": 9,
    "element_diameter_mm": 7.94, "pitch_diameter_mm": 39.04, "contact_angle_deg": 0, "replace": {},
}  # fmt: skip


@pytest.fixture
def machine() -> Machine:
    rotor = {"kind": "rotor", "shaft": "motor", "near": ["acc"], "replace": {}}
    return load_machine(
        {
            "fieldlab": 1, "id": "m", "shafts": {"motor": {"nominal_rpm": 1500}},
            "sensors": {"acc": {"quantity": "acceleration", "unit": "g", "rate_hz": 12800}},
            "components": {"near": BEARING, "far": BEARING, "fan": rotor},
        }
    )  # fmt: skip


def diagnosis(near: float, far: float, *, sure: bool = True) -> Diagnosis:
    suspects = (
        Suspect(component="near", failure_mode="outer-race", confidence=near),
        Suspect(component="far", failure_mode="outer-race", confidence=far),
    )
    return Diagnosis(
        machine_id="m", t_s=0.0, suspects=suspects, verdict=suspects[0] if sure else None
    )


def word(number: int, component: str, *, right: bool, mode: str | None = "outer-race") -> Word:
    return Word(case_id=f"c{number}", component=component, failure_mode=mode, is_right=right)


def test_without_a_word_nothing_changes(machine: Machine) -> None:
    found = diagnosis(0.7, 0.2)

    assert Feedback().reranked(found, machine) is found


def test_it_was_the_other_bearing(machine: Machine) -> None:
    said = Feedback().told(
        Word(case_id="c", component="far", failure_mode="outer-race", is_right=True),
        Word(case_id="c", component="near", failure_mode="outer-race", is_right=False),
    )

    found = said.reranked(diagnosis(0.5, 0.4), machine)

    assert [suspect.component for suspect in found.suspects] == ["far", "near"]
    assert found.verdict is not None
    assert found.verdict.component == "far"


def test_a_verdict_that_was_false_again_and_again_is_withdrawn(machine: Machine) -> None:
    said = Feedback()
    for number in range(2):
        said = said.told(word(number, "near", right=False))

    found = said.reranked(diagnosis(0.8, 0.1), machine)

    assert found.verdict is None
    assert found.suspects[0].component == "near"
    assert found.suspects[0].confidence < 0.4


def test_a_proven_verdict_stays(machine: Machine) -> None:
    said = Feedback().told(word(1, "near", right=True))

    found = said.reranked(diagnosis(0.6, 0.3), machine)

    assert found.verdict is not None
    assert found.verdict.component == "near"
    assert sum(suspect.confidence for suspect in found.suspects) <= 0.9001


def test_a_word_counts_less_for_another_of_its_kind_and_not_for_other_kinds(
    machine: Machine,
) -> None:
    said = Feedback().told(word(1, "near", right=False))
    near, far = diagnosis(0.5, 0.5).suspects
    fan = Suspect(component="fan", failure_mode="outer-race", confidence=0.5)

    times = [said.times(suspect, machine) for suspect in (near, far, fan)]

    assert times == [0.5, pytest.approx(0.8), 1.0]


def test_another_failure_mode_is_another_matter(machine: Machine) -> None:
    said = Feedback().told(word(1, "near", right=False, mode="inner-race"))

    assert said.times(diagnosis(0.5, 0.4).suspects[0], machine) == 1.0


def test_a_word_without_a_mode_is_about_all_modes(machine: Machine) -> None:
    said = Feedback().told(word(1, "near", right=False, mode=None))

    assert said.times(diagnosis(0.5, 0.4).suspects[0], machine) == 0.5


def test_a_later_word_about_the_same_case_replaces_the_earlier(machine: Machine) -> None:
    said = Feedback().told(word(1, "near", right=False)).told(word(1, "near", right=True))

    assert said.words == (word(1, "near", right=True),)


def test_words_do_not_grow_without_end_and_survive_being_saved() -> None:
    said = Feedback()
    for number in range(MOST_WORDS + 5):
        said = said.told(word(number, "near", right=True))

    assert len(said.words) == MOST_WORDS
    assert Feedback.of_plain(said.plain()) == said


def test_an_unsure_diagnosis_gets_no_verdict_from_a_weak_suspect(machine: Machine) -> None:
    said = Feedback().told(word(1, "far", right=True))

    found = said.reranked(diagnosis(0.15, 0.14, sure=False), machine)

    assert found.suspects[0].component == "far"
    assert found.verdict is None
