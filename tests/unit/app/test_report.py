"""What a backtest says to people: a picture that can be drawn, a page that does not boast."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from analytics.backtest import Backtest, CaseRow, HealthRow, Shot
from fieldlab.app.report import drawn, summary
from fieldlab.app.svg import Chart, picture, ticks
from fieldlab.core.machine import Machine, load_machine
from fieldlab.core.messages import Mark, Reason

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def machine() -> Machine:
    return load_machine(
        {
            "fieldlab": 1, "id": "press", "name": {"en": "Press <1>", "nl": "Pers <1>"},
            "shafts": {"motor": {"nominal_rpm": 1500}},
            "sensors": {"acc": {"quantity": "acceleration", "unit": "g", "rate_hz": 1000}},
            "components": {"rotor": {"kind": "rotor", "shaft": "motor", "near": ["acc"],
                                     "replace": {}}},
        }
    )  # fmt: skip


def rows(state: str, count: int, score: float = 0.2, start: int = 0) -> tuple[HealthRow, ...]:
    return tuple(
        HealthRow(time_s=30.0 * (start + number), state=state, score=score, component="")
        for number in range(count)
    )


@pytest.fixture
def sick() -> Backtest:
    times_s = np.arange(1000) / 1000
    case = CaseRow(
        component="rotor", failure_mode="imbalance", opened_s=2100.0, closed_s=None,
        confidence=0.8, action="ask", evidence=(Reason(key="forecast-none"),),
    )  # fmt: skip
    shot = Shot(
        component="rotor", failure_mode="imbalance", sensor="acc", unit="g", rate_hz=1000.0,
        samples=np.sin(2 * np.pi * 25 * times_s), marks=(Mark(name="1 × motor", frequency_hz=25),),
    )  # fmt: skip
    return Backtest(
        health=rows("learning", 20) + rows("normal", 50, start=20) + rows("alarm", 30, 3.0, 70),
        cases=(case,), shots=(shot,), false_cases_per_year=1.0,
    )  # fmt: skip


def texts(svg: str) -> list[str]:
    return [found.text or "" for found in ElementTree.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314


def test_the_picture_shows_health_with_its_limit_and_the_verdicts_spectrum(machine, sick) -> None:
    svg = drawn(machine, sick)

    said = texts(svg)
    assert "limit" in said
    assert "rotor" in said
    assert "1 × motor" in said
    assert "rotor: imbalance, at sensor acc" in said
    assert len(list(ElementTree.fromstring(svg).iter(f"{SVG}polyline"))) == 2  # noqa: S314


def test_a_picture_without_a_verdict_shows_health_alone(machine, sick) -> None:
    svg = drawn(machine, replace(sick, shots=(), cases=()))

    assert len(list(ElementTree.fromstring(svg).iter(f"{SVG}polyline"))) == 1  # noqa: S314


def test_nothing_recorded_is_an_empty_picture(machine) -> None:
    assert texts(drawn(machine, Backtest(health=(), cases=()))) == []


def test_a_long_history_keeps_its_peaks() -> None:
    chart = Chart(title="", x_name="", y_name="", x_range=(0, 1), y_range=(0, 10))
    values = np.zeros(100_000)
    values[54_321] = 10.0

    chart.line(np.linspace(0, 1, len(values)), values, "#000")
    svg = picture([chart])

    assert len(svg) < 60_000
    assert f",{40:.1f}" in svg  # the top of the chart


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-3.0, 12.0), (0.0, 0.013), (5e5, 9e5)])
def test_axes_have_a_few_round_numbers_within_their_range(low: float, high: float) -> None:
    found = list(ticks(low, high))

    assert 2 <= len(found) <= 10
    assert low - 1e-9 <= found[0] <= found[-1] <= high * (1 + 1e-9)


def test_the_summary_says_what_was_learnt_found_and_how_sure_it_is(machine, sick) -> None:
    page = summary(machine, sick)

    assert "20 windows of 1 s over 9.5 min" in page
    assert "| alarm | 30 | 30.0% |" in page
    assert "**rotor: imbalance**, 80% sure; do: ask" in page
    assert "The learning stretch supports that." in page
    assert "Not enough data to confirm the budget" in page


def test_a_budget_that_the_learning_cannot_support_is_said(machine, sick) -> None:
    page = summary(machine, replace(sick, false_cases_per_year=240.0))

    assert "it supports 240 a year" in page
    assert "supports that" not in page


def test_too_little_learning_is_not_enough_data(machine) -> None:
    page = summary(machine, Backtest(health=rows("learning", 3) + rows("unknown", 9), cases=()))

    assert "**Not enough data.**" in page
    assert "Not at all: not enough data." in page


def test_a_long_quiet_run_bounds_the_rate_of_false_cases(machine) -> None:
    quiet = Backtest(health=rows("learning", 100) + rows("normal", 120_000, start=100), cases=())

    page = summary(machine, quiet)

    assert "1000.00 hours, with 0 cases" in page
    assert "below 3 per 1,000 hours" in page


def test_the_velocity_is_told_with_its_zone_or_with_what_it_lacks(machine, sick) -> None:
    told = replace(sick, velocity_mmps={"acc": 2.4})
    plated = machine.model_copy(
        update={"shafts": {"motor": machine.shafts["motor"].model_copy(
            update={"rated_power_kw": 0.75})}}
    )  # fmt: skip

    assert "2.40 mm/s RMS" in summary(machine, told)
    assert "give `rated_power_kw`" in summary(machine, told)
    assert "zone C of ISO 20816" in summary(plated, told)
    assert "mm/s" not in summary(machine, sick)
