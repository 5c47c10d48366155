"""Print or buy: the cheaper way with standing still counted, and until when to begin."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from fieldlab.app.costs import Left, choices, estimate, latest_start_s, print_or_buy, reasons
from fieldlab.app.prices import Prices, default_prices, prices_of
from fieldlab.core.errors import SettingsError
from fieldlab.core.machine import AnyComponent, parse_machine
from fieldlab.core.messages import Advice, Forecast
from fieldlab.core.phrases.say import LANGUAGES, say

DEMO = Path(__file__).parents[3] / "machines" / "cookie-line.yaml"
PINION = parse_machine(DEMO.read_text()).components["pinion"]
PRICES = default_prices()
PRINTED = {"mass_g": 20.0, "duration_s": 7200.0, "per_kg": 65.0}


def lasting(low_h: float, middle_h: float, high_h: float) -> Forecast:
    return Forecast(
        machine_id="m", component="pinion", t_s=1_790_000_000.0, remaining_s=3600 * middle_h,
        low_s=3600 * low_h, high_s=3600 * high_h,
    )  # fmt: skip


def advised(component: AnyComponent, forecast: Forecast | None, prices: Prices = PRICES) -> Advice:
    asked = Advice(machine_id="m", action="print", t_s=0.0, component="pinion")
    return print_or_buy(asked, component, forecast, prices)


def test_a_print_costs_material_hours_electricity_and_a_persons_minutes() -> None:
    found = choices(PINION, PRICES, None, PRINTED)["print"]

    assert found.part_eur == pytest.approx(0.02 * 65 + 2 * (0.55 + 0.15 * 0.30))
    assert found.person_eur == pytest.approx(0.25 * 42)
    assert found.ready_h == 2.0


def test_without_a_forecast_the_machine_may_stand_still_at_once() -> None:
    found = choices(PINION, PRICES, None, PRINTED)

    assert found["print"].standstill_h == pytest.approx(2.0 + PRICES.swap_h)
    assert found["buy"].standstill_h == pytest.approx(9 * 16 + PRICES.swap_h)


def test_standing_still_is_what_the_part_does_not_last() -> None:
    exactly = Left(low_h=4.0, middle_h=4.0, high_h=4.0)
    roughly = Left(low_h=2.0, middle_h=4.0, high_h=8.0)

    assert exactly.standstill_h(8.0) == pytest.approx(4.0, abs=0.05)
    assert exactly.standstill_h(3.0) == 0.0
    assert 0.05 < roughly.standstill_h(4.0) < 1.0
    assert [round(roughly.gone_by(hour), 2) for hour in (2.0, 4.0, 8.0)] == [0.05, 0.5, 0.95]


def test_a_part_that_lasts_until_the_bought_one_comes_is_bought_if_that_is_cheaper() -> None:
    cheap = PINION.replace.buy
    assert cheap is not None
    replace = PINION.replace.model_copy(
        update={"buy": cheap.model_copy(update={"price_eur": 1.0, "lead_time_days": 1.0})}
    )
    part = PINION.model_copy(update={"replace": replace})
    prices = PRICES.model_copy(update={"order_person_min": 5.0, "swap_h": 0.0})

    soon, late = (
        advised(part, lasting(1.0, 3.0, 9.0), prices),
        advised(part, lasting(500.0, 900.0, 2000.0), prices),
    )

    assert soon.action == "print"
    assert late.action == "buy"
    assert "Buying is cheaper than printing" in say(late.reasons[-1])


def test_what_must_never_be_printed_is_bought_whatever_it_costs() -> None:
    part = PINION.model_copy(update={"safety": "never-print"})

    assert set(choices(part, PRICES, None, PRINTED)) == {"buy"}
    said = reasons(choices(part, PRICES, None, PRINTED), PRICES, None)
    assert [reason.key for reason in said] == ["cost-buy", "cost-order-now"]
    assert all(say(reason, language) for reason in said for language in LANGUAGES)


def test_an_advice_says_until_when_to_begin_with_the_clock_and_the_price_of_an_hour() -> None:
    soon = advised(PINION, lasting(6.0, 12.0, 20.0), PRICES)
    days = advised(PINION, lasting(60.0, 90.0, 200.0), PRICES)

    ready_h = estimate(PINION, PRICES)["duration_s"] / 3600
    start_s = latest_start_s(lasting(6.0, 12.0, 20.0), ready_h, PRICES.swap_h)
    assert start_s is not None
    start = datetime.fromtimestamp(start_s).astimezone()
    said = say(soon.reasons[-1])
    assert soon.action == "print"
    assert said == (f"Start before {start:%H:%M}: after that it may stand still, at € 85 an hour.")
    assert re.match(r"Start before \d\d-\d\d \d\d:\d\d: ", say(days.reasons[-1]))


def test_until_when_to_begin_is_said_with_what_waiting_costs() -> None:
    forecast = lasting(6.0, 12.0, 20.0)
    found = choices(PINION, PRICES, forecast, PRINTED)

    start_s = latest_start_s(forecast, 2.0, PRICES.swap_h)
    said = reasons(found, PRICES, forecast)

    assert start_s == forecast.t_s + 3600 * (6.0 - 2.0 - 0.5)
    assert [reason.key for reason in said] == ["cost-print", "cost-buy", "cost-start-before"]
    assert "at € 85 an hour" in say(said[-1])
    assert all(say(reason, language) for reason in said for language in LANGUAGES)
    assert reasons(found, PRICES, lasting(1.0, 2.0, 3.0))[-1].key == "cost-start-now"


def test_a_print_is_priced_before_it_is_sliced() -> None:
    made = estimate(PINION, PRICES)

    assert 5.0 < made["mass_g"] < 15.0
    assert 1000.0 < made["duration_s"] < 4000.0


def test_a_home_has_its_own_prices_and_a_wrong_key_is_told(tmp_path: Path) -> None:
    assert prices_of(tmp_path) == default_prices()

    own = (DEMO.parent / "prices.yaml").read_text().replace("85 ", "200 ", 1)
    (tmp_path / "prices.yaml").write_text(own)
    assert prices_of(tmp_path).standstill_eur_per_h == 200

    (tmp_path / "prices.yaml").write_text(own.replace("swap_h", "swop_h"))
    with pytest.raises(SettingsError, match="swop_h"):
        prices_of(tmp_path)
