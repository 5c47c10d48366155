"""A verdict is told with names and where its frequencies are now."""

from typing import Any

from fieldlab.app.marked import marks_of, said

VERDICT: dict[str, list[dict[str, Any]]] = {
    "marks": [
        {"name": "3 × motor", "frequency_hz": 70.0},
        {"name": "6 × motor", "frequency_hz": 140.0},
    ],
    "reasons": [
        {"key": "diagnosis-jaw",
         "numbers": {"component": "coupling", "frequency_hz": 70.0, "ratio": 1.4}}
    ],
}  # fmt: skip


def test_the_frequency_that_gave_it_away_has_a_name_in_both_languages() -> None:
    first, second = marks_of(VERDICT, {})

    assert first["name"] == {"en": "jaws strike", "nl": "klauwen slaan"}
    assert second["name"] is None


def test_marks_follow_the_speed_of_their_shaft() -> None:
    first, second = marks_of(VERDICT, {"motor": 24.0})

    assert (first["frequency_hz"], second["frequency_hz"]) == (72.0, 144.0)
    assert first["name"] is not None


def test_a_reason_calls_the_component_by_its_name() -> None:
    told = said(VERDICT["reasons"][0], {"coupling": {"en": "spider", "nl": "koppelingster"}})

    assert "spider" in told["en"]
    assert "koppelingster" in told["nl"]
