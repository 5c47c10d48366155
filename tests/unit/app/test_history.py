"""What a machine showed of a part: running hours, load and speed, as far as they were measured."""

from pathlib import Path
from typing import Any

import pytest

from fieldlab.app.design import fitted_of
from fieldlab.app.history import duty_of, seen_of
from fieldlab.app.store import Store
from fieldlab.core.machine import Machine, parse_machine
from fieldlab.core.messages import Forecast

MACHINE = parse_machine((Path(__file__).parents[3] / "machines" / "cookie-line.yaml").read_text())
HOUR_S = 3600.0


def row(hour: float, *, current_a: float = 1.2, rpm: float = 1480.0) -> dict[str, Any]:
    return {
        "t_s": hour * HOUR_S,
        "conditions": {"motor-speed": rpm, "product-load": 10.0, "ambient-temp": 21.0},
        "loads": {"motor-current": current_a},
    }


def seen(rows: list[dict[str, Any]], *, born_h: float, opened_h: float, **options: Any):
    return seen_of(
        MACHINE, "pinion", options.get("mode", "wear"), rows=rows, born_s=born_h * HOUR_S,
        opened_s=opened_h * HOUR_S, forecast=options.get("forecast"),
    )  # fmt: skip


def test_a_motors_plate_and_its_current_tell_the_torque_of_every_shaft() -> None:
    rows = [row(hour) for hour in range(10)]

    pinion, wheel = duty_of(MACHINE, "pinion", rows), duty_of(MACHINE, "wheel", rows)

    assert pinion.torque_nm == pytest.approx(0.5 * 750 / (2 * 3.14159265 * 1480 / 60), rel=1e-5)
    assert wheel.torque_nm == pytest.approx(3 * (pinion.torque_nm or 0.0), rel=1e-6)
    assert pinion.speed_rpm == pytest.approx(1480.0)
    assert wheel.speed_rpm == pytest.approx(1480 / 3, rel=1e-6)
    assert (pinion.ambient_degc, pinion.mate_teeth) == (21.0, 60)


def test_without_a_plate_the_torque_stays_unknown() -> None:
    shafts = {**MACHINE.shafts, "motor": MACHINE.shafts["motor"].model_copy(
        update={"rated_current_a": None})}  # fmt: skip
    machine: Machine = MACHINE.model_copy(update={"shafts": shafts})

    assert duty_of(machine, "pinion", [row(1.0)]).torque_nm is None


def test_hours_are_hours_of_running() -> None:
    rows = [row(hour, rpm=1480.0 if hour % 2 else 0.0) for hour in range(1, 11)]

    assert seen(rows, born_h=0.0, opened_h=10.0).age_h == pytest.approx(5.0)


def test_the_load_to_come_is_the_usual_load_against_what_the_part_saw() -> None:
    easy, hard = (
        [row(h, current_a=1.0) for h in range(10)],
        [row(h, current_a=2.0) for h in range(10, 20)],
    )

    wear = seen(easy + hard, born_h=10.0, opened_h=20.0)
    crack = seen(easy + hard, born_h=10.0, opened_h=20.0, mode="tooth-damage")

    assert wear.load_ratio == pytest.approx(1.5 / 2.0)
    assert crack.load_ratio == pytest.approx(((1 + 16) / 2) ** 0.25 / 2.0)
    assert seen(easy, born_h=0.0, opened_h=9.0).load_ratio == 1.0


@pytest.mark.parametrize(("high_h", "sure"), [(12.0, True), (60.0, False)])
def test_a_whole_life_is_known_only_where_the_forecast_is_sure(high_h: float, sure: bool) -> None:
    forecast = Forecast(
        machine_id="m", component="pinion", t_s=0.0, remaining_s=8 * HOUR_S, low_s=5 * HOUR_S,
        high_s=high_h * HOUR_S,
    )  # fmt: skip

    found = seen([row(h) for h in range(10)], born_h=0.0, opened_h=10.0, forecast=forecast)

    assert (found.life is not None) is sure
    if found.life is not None:
        assert found.life.value_h == pytest.approx(18.0)


def test_measured_loads_are_thinned_and_end_where_the_case_began(tmp_path: Path) -> None:
    store = Store(tmp_path)
    judged = {"machine_id": "m", "state": "normal", "score_ratio": 0.1, "component": None}
    rows = [
        {**judged, "t_s": float(t_s), "record": {"conditions": {"n": t_s}, "loads": {}}}
        for t_s in range(100)
    ]
    with store.transaction() as connection:
        store.add_health(connection, rows[:60])
    before = store.loads("m", until_s=49.0, most=10)
    with store.transaction() as connection:
        store.add_health(connection, rows[60:])

    after = store.loads("m", until_s=49.0, most=10)

    assert before == after
    assert 5 <= len(after) <= 10
    assert after[-1]["t_s"] <= 49.0
    assert after[0]["conditions"] == {"n": int(after[0]["t_s"])}
    store.close()


def test_the_part_that_fails_is_the_one_that_was_fitted_last() -> None:
    spec = MACHINE.components["bushing-left"].replace.print
    assert spec is not None
    order = {"sizes": {"length_mm": 18.0}, "material": "PA12-CF", "generation": 2}
    earlier = {"machine_id": "m", "component": "bushing-right", "opened_s": 5.0, "fitted_s": 9.0,
               "group": ["bushing-left", "bushing-right"], "order": order}  # fmt: skip
    case = {"machine_id": "m", "component": "bushing-left", "opened_s": 50.0, "group": []}

    assert fitted_of(spec, case, [earlier, case]).generation == 2
    assert fitted_of(spec, {**case, "opened_s": 8.0}, [earlier]).generation == 1
    assert fitted_of(spec, {**case, "machine_id": "n"}, [earlier]).material == "PA12"
