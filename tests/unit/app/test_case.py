"""The story of a case, told without a machine: what is done, in which order, and how it ends."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fieldlab.app.case import CANCELLED, run_case
from fieldlab.core.messages import CaseState


class DirectRun:
    """Runs steps at once and answers every question with the next prepared word."""

    def __init__(self, *words: Mapping[str, Any]) -> None:
        self.words = list(words)
        self.names: list[str] = []

    def do(self, name: str, step: Callable[..., Any], *args: Any) -> Any:
        self.names.append(name)
        return step(*args)

    def receive(self, topic: str) -> Mapping[str, Any]:
        self.names.append(f"wait for {topic}")
        return self.words.pop(0)

    def pause(self, duration_s: float) -> None:
        assert duration_s > 0


class FakeSteps:
    """A world in which all goes well, unless told otherwise."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.ended: tuple[str, str] | None = None

    def __getattr__(self, name: str) -> Callable[..., Any]:
        usual = {"diagnose": "print", "verify": True, "gate": True, "is_approved": True,
                 "start_print": "started", "print_state": "done", "inspect": "accept", "fit": True,
                 "prove": "healed"}  # fmt: skip

        def step(*_: Any) -> Any:
            answer = self.answers.get(name, usual.get(name))
            return answer.pop(0) if isinstance(answer, list) else answer

        return step

    def finish(self, _: str, state: CaseState, reason: str) -> CaseState:
        self.ended = (state, reason)
        return state


WORD = {"by": "a person"}


def test_a_worn_part_is_printed_fitted_and_proven() -> None:
    run = DirectRun(WORD, WORD)

    state = run_case("c", FakeSteps(), run)

    assert state == "proven"
    assert run.names == [
        "diagnose", "design", "verify", "slice", "gate", "queue", "wait for approval", "approve",
        "send", "print", "inspect", "await-fit", "wait for fitted", "fit", "prove", "finish",
    ]  # fmt: skip


def test_a_part_that_fails_its_verification_is_never_sliced() -> None:
    run = DirectRun()

    state = run_case("c", FakeSteps(verify=False), run)

    assert state == "dismissed"
    assert "slice" not in run.names


def test_what_the_gate_refuses_is_never_queued() -> None:
    run = DirectRun()

    assert run_case("c", FakeSteps(gate=False), run) == "dismissed"
    assert "queue" not in run.names


def test_an_approval_for_another_file_is_not_enough() -> None:
    run = DirectRun(WORD, WORD, WORD)

    run_case("c", FakeSteps(is_approved=[False, True]), run)

    assert run.names.count("wait for approval") == 2


def test_a_reject_is_printed_once_more() -> None:
    run = DirectRun(WORD, WORD)

    state = run_case("c", FakeSteps(inspect=["reject", "accept"]), run)

    assert state == "proven"
    assert run.names.count("send") == 2


def test_after_two_rejects_a_person_is_asked() -> None:
    run = DirectRun(WORD, WORD, WORD)

    state = run_case("c", FakeSteps(inspect=["reject", "reject", "accept"]), run)

    assert state == "proven"
    assert run.names.count("wait for approval") == 2


def test_after_three_bad_prints_the_case_ends() -> None:
    steps = FakeSteps(inspect=["reject", "reject", "reject"])

    assert run_case("c", steps, DirectRun(WORD, WORD)) == "dismissed"
    assert steps.ended is not None
    assert "a person must look" in steps.ended[1]


def test_a_failed_print_is_not_inspected_and_not_repeated_without_a_person() -> None:
    run = DirectRun(WORD, WORD, WORD)

    run_case("c", FakeSteps(print_state=["failed", "printing", "done"]), run)

    assert run.names.count("inspect") == 1
    assert run.names.count("wait for approval") == 2
    assert run.names.index("requeue") < len(run.names) - 1


def test_a_print_that_its_own_sensors_reject_is_printed_once_more() -> None:
    run = DirectRun(WORD, WORD)

    assert run_case("c", FakeSteps(print_state=["reject", "done"]), run) == "proven"
    assert run.names.count("wait for approval") == 1


def test_what_no_machine_measures_a_person_measures() -> None:
    run = DirectRun(WORD, WORD, WORD)

    run.words.append(WORD)
    assert run_case("c", FakeSteps(inspect=["measure", "rework", "accept"]), run) == "proven"
    assert run.names.count("wait for measured") == 2


@pytest.mark.parametrize(
    "answers",
    [
        {"is_approved": False},
        {"start_print": "cancelled"},
        {"print_state": "cancelled"},
        {"inspect": "cancelled"},
    ],
)
def test_a_cancelled_print_ends_the_case_wherever_it_stands(answers: dict[str, Any]) -> None:
    steps = FakeSteps(**answers)

    assert run_case("c", steps, DirectRun({"cancel": True})) == "dismissed"
    assert steps.ended == ("dismissed", CANCELLED)


def test_a_busy_printer_is_waited_for() -> None:
    run = DirectRun(WORD, WORD)

    run_case("c", FakeSteps(start_print=["waiting", "waiting", "started"]), run)

    assert run.names.count("send") == 3


def test_what_can_only_be_bought_is_fitted_without_a_print() -> None:
    run = DirectRun(WORD)

    assert run_case("c", FakeSteps(diagnose="buy"), run) == "proven"
    assert "design" not in run.names


def test_i_do_not_know_prints_nothing() -> None:
    run = DirectRun(WORD)

    assert run_case("c", FakeSteps(diagnose="ask"), run) == "dismissed"
    assert run.names == ["diagnose", "wait for looked-at", "finish"]


def test_a_machine_that_does_not_heal_ends_as_not_healed() -> None:
    run = DirectRun(WORD, WORD, WORD)

    state = run_case("c", FakeSteps(fit=[False, True], prove=["waiting", "not-healed"]), run)

    assert state == "not-healed"
