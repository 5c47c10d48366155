"""What people say of cases is kept and used, and a machine learns anew when it is asked to."""

from pathlib import Path

import pytest

from fieldlab.app.cli.main import main
from fieldlab.app.store import Store
from fieldlab.app.words import ask_to_relearn, feedback_on, relearnings, remember
from fieldlab.core.errors import InputError
from tests.integration.test_ingest import hub, message, messages

CASE = {
    "id": "c-1", "machine_id": "press", "component": "fan", "failure_mode": "imbalance",
    "group": [],
}  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_a_case_that_was_another_component_says_two_things(store: Store) -> None:
    remember(store, CASE, truth=("belt", "wear"))

    words = feedback_on(store, "press").words

    assert [(w.component, w.failure_mode, w.is_right) for w in words] == [
        ("belt", "wear", True), ("fan", "imbalance", False)
    ]  # fmt: skip


def test_a_proven_case_confirms_and_a_false_one_refutes(store: Store) -> None:
    remember(store, CASE, truth=("fan", "imbalance"))
    remember(store, {**CASE, "id": "c-2"}, truth=None)

    assert [w.is_right for w in feedback_on(store, "press").words] == [True, False]
    assert feedback_on(store, "another").words == ()


def test_a_case_that_blamed_nobody_and_was_nothing_teaches_nothing(store: Store) -> None:
    remember(store, {**CASE, "component": None, "failure_mode": None}, truth=None)

    assert feedback_on(store, "press").words == ()


def test_a_refuted_verdict_is_not_opened_as_sure_again(tmp_path: Path) -> None:
    ingest = hub(tmp_path)
    for number in range(5):
        case = {**CASE, "id": f"c-{number}", "failure_mode": None}
        remember(Store(tmp_path), case, truth=None)

    for topic, payload in messages(sick_from=90):
        ingest.take(topic, payload)
    ingest.commit()

    cases = Store(tmp_path).cases()
    assert cases
    assert all(case["component"] != "fan" for case in cases)


def test_a_machine_that_is_asked_to_learns_anew_and_remembers_why(tmp_path: Path) -> None:
    ingest = hub(tmp_path)
    for topic, payload in messages():
        ingest.take(topic, payload)
    ingest.commit()
    assert ingest.patients["press"].latest.health.state == "normal"

    assert main(["relearn", "press", "--why", "new-product", "--home", str(tmp_path)]) == 0
    for number in range(150, 154):
        for sensor in ("acc", "temp", "load"):
            ingest.take(*message(sensor, number))
    ingest.commit()

    assert ingest.patients["press"].latest.health.state == "learning"
    learnt = Store(tmp_path).machines()["press"]["learnings"]
    assert [entry["why"] for entry in learnt] == ["new-product"]
    assert learnt[0]["until_s"] > learnt[0]["from_s"] >= 1_790_000_149.0


def test_an_unknown_machine_cannot_learn_anew(store: Store) -> None:
    with pytest.raises(InputError, match="no machine 'prss'"):
        ask_to_relearn(store, "prss", why="repair", by="me")

    assert relearnings(store, "prss") == []
