"""The past: long stretches in few points, and figures that hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldlab.app.counting import figures, most_per_1000_h, spent_s
from fieldlab.app.thinning import GRAVE, kept
from fieldlab.core.errors import InputError
from tests.unit.app.test_view import Desk

MONTH = 86_400  # rows, one in 30 s
START_S, STEP_S = 1_790_000_000.0, 30.0
ALARM = 51_234


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A month of a healthy machine, with one alarm in the middle that is lower than its noise."""
    desk = Desk(tmp_path_factory.mktemp("month"))
    rows = [
        {
            "machine_id": "press", "t_s": START_S + STEP_S * at, "component": None,
            "state": "alarm" if at == ALARM else "normal",
            "score_ratio": 0.2 if at == ALARM else 0.3 + (at % 7) / 100,
            "record": {"component_ratios": {"fan": at / MONTH}, "features": {"acc.rms": 0.1},
                       "conditions": {"load": 50.0}},
        }
        for at in range(MONTH)
    ]  # fmt: skip
    with desk.store.transaction() as connection:
        desk.store.add_health(connection, rows)
    return desk


def test_one_alarm_in_a_month_survives_in_two_hundred_points(month: Desk) -> None:
    found = month.view.history("press", None, None, "score", 200)

    assert found is not None
    assert found["rows"] == MONTH
    assert len(found["points"]) <= 200
    alarms = [point["t_s"] for point in found["points"] if point["state"] == "alarm"]
    assert alarms == [START_S + STEP_S * ALARM]


def test_a_zoom_shows_every_row_of_the_stretch(month: Desk) -> None:
    alarm_s = START_S + STEP_S * ALARM

    found = month.view.history("press", alarm_s - 300, alarm_s + 300, "score", 200)

    assert found is not None
    assert [point["t_s"] for point in found["points"]] == [
        alarm_s + STEP_S * step for step in range(-10, 11)
    ]
    assert found["figures"]["spent_s"]["alarm"] == STEP_S


def test_components_and_features_have_a_history_too(month: Desk) -> None:
    fan = month.view.history("press", None, None, "component.fan", 100)

    assert fan is not None
    assert fan["points"][-1]["value"] == pytest.approx((MONTH - 1) / MONTH)
    assert {"score", "component.fan", "condition.load"} <= set(fan["names"])
    with pytest.raises(InputError, match=r"no series 'component\.belt'; there is score"):
        month.view.history("press", None, None, "component.belt", 100)


def test_a_case_is_on_the_time_line_until_the_machine_was_well_again(month: Desk) -> None:
    alarm_s = START_S + STEP_S * ALARM
    record = {**month.store.cases()[0], "id": "c9", "state": "proven", "opened_s": alarm_s}
    with month.store.transaction() as connection:
        month.store.add_case(connection, record)

    found = month.view.history("press", alarm_s - 300, alarm_s + 300, "score", 100)

    assert found is not None
    mine = next(case for case in found["cases"] if case["id"] == "c9")
    assert (mine["opened_s"], mine["ended_s"], mine["false"]) == (alarm_s, alarm_s + STEP_S, False)


def test_a_false_case_counts_and_its_bound_is_above_its_rate(month: Desk) -> None:
    alarm_s = START_S + STEP_S * ALARM
    record = {**month.store.cases()[0], "id": "c8", "state": "dismissed", "opened_s": alarm_s + 60,
              "feedback": {"component": None}}  # fmt: skip
    with month.store.transaction() as connection:
        month.store.add_case(connection, record)

    told = month.view.availability(alarm_s - 180_000, alarm_s + 180_000)[0]

    assert told["false"] == 1
    assert told["judged_h"] == pytest.approx(100.0)
    assert told["false_per_1000_h"] == pytest.approx(10.0)
    assert told["false_most_per_1000_h"] == pytest.approx(47.44, abs=0.01)  # table of Garwood


def test_silence_is_neither_well_nor_ill() -> None:
    times_s = np.array([0.0, 10.0, 20.0, 30.0, 1030.0, 1040.0])
    normal = np.full(6, GRAVE["normal"])

    spent = spent_s(times_s, normal)

    assert (spent["normal"], spent["silent"]) == (50.0, 990.0)
    assert figures(spent, false=0, cases=0, proven=0)["availability_ratio"] == 1.0
    assert most_per_1000_h(0, 0.0) is None


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=400), st.integers(5, 80), st.data())
def test_no_extreme_and_no_worst_state_is_ever_lost(
    numbers: list[float], points: int, data: st.DataObject
) -> None:
    values = np.array(numbers)
    worst = data.draw(st.integers(0, len(values) - 1))
    states = np.full(len(values), GRAVE["normal"])
    states[worst] = GRAVE["alarm"]

    shown = kept(np.arange(len(values), dtype=float), values, states, points)

    assert len(shown) <= points
    assert (values[shown].min(), values[shown].max()) == (values.min(), values.max())
    assert worst in shown
