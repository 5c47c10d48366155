"""The ghost twin: the same seed and the same wear, and nobody who hears it."""

from pathlib import Path

import pytest

from fieldlab.app import ghost
from fieldlab.app.prices import default_prices
from fieldlab.app.twin import STEP_S, Twin
from fieldlab.core.machine import Machine, parse_machine
from simulators.machine import SimulatedMachine
from simulators.scenario import Scenario

FILE = Path(__file__).parents[3] / "machines" / "cookie-line.yaml"
SCRIPT = {"seed": 7, "healthy_s": 900.0, "life_s": 5400.0}
START_S = 1_790_000_000.0
DAY_S = 86_400.0


@pytest.fixture(scope="module")
def machine() -> Machine:
    return parse_machine(FILE.read_text())


@pytest.fixture
def twin(machine: Machine) -> Twin:
    return Twin(machine, SCRIPT, default_prices())


def first_broken(machine: Machine) -> tuple[str, float]:
    """Return what breaks first on the machine itself when nobody does anything, and when."""
    alone = SimulatedMachine(machine, seed=7)
    scenario = Scenario(alone, seed=7, healthy_s=900.0, life_s=5400.0)
    while not any(severity >= 1 for _, severity in alone.severities().values()):
        scenario.step()
        alone.wear_on(STEP_S)
    return next(iter(alone.severities())), alone.now_s


def test_the_twin_breaks_where_and_when_the_machine_alone_would(
    machine: Machine, twin: Twin
) -> None:
    twin.live_until(START_S + 0.5 * DAY_S)

    (one,) = twin.breakdowns
    assert (one.component, one.from_s) == first_broken(machine)


def test_it_stands_still_until_a_bought_part_has_come_and_is_fitted(
    machine: Machine, twin: Twin
) -> None:
    twin.live_until(START_S + 20 * DAY_S)

    first, second = twin.breakdowns[:2]
    buy = machine.components[first.component].replace.buy
    days = buy.lead_time_days if buy else default_prices().lead_time_days
    assert first.until_s - first.from_s == pytest.approx(days * DAY_S + 1800)
    assert second.from_s > first.until_s + SCRIPT["healthy_s"] / 3
    assert second.component != first.component


def test_the_way_there_does_not_matter(machine: Machine, twin: Twin) -> None:
    other = Twin(machine, SCRIPT, default_prices())

    for hour in range(0, 24 * 8, 7):
        twin.live_until(START_S + hour * 3600)
    twin.live_until(START_S)
    other.live_until(START_S + 24 * 7 * 3600)
    twin.live_until(START_S + 24 * 7 * 3600)

    assert twin.breakdowns == other.breakdowns


def test_its_standstill_grows_with_the_hours_of_production_and_costs_what_they_cost(
    machine: Machine, twin: Twin
) -> None:
    prices = default_prices()
    assert ghost.simulated(twin, START_S + 600, prices) == {
        "cases": 0.0, "standstill_h": 0.0, "eur": 0.0,
    }  # fmt: skip
    twin.live_until(START_S + 0.5 * DAY_S)
    (one,) = twin.breakdowns

    found = ghost.simulated(twin, one.from_s + DAY_S, prices)

    assert found["cases"] == 1
    assert found["standstill_h"] == pytest.approx(prices.hours_per_day)
    assert found["eur"] == pytest.approx(one.part_eur + 16 * prices.standstill_eur_per_h)


def test_ours_costs_a_swap_and_a_part_for_each_proven_case(machine: Machine) -> None:
    prices = default_prices()
    components = machine.model_dump(mode="json")["components"]
    printed = {
        "state": "proven", "component": "pinion", "order": {"material": "PA12"}, "action": "print",
        "sliced": {"mass_g": 10.0, "duration_s": 3600.0},
    }  # fmt: skip
    bought = {"state": "proven", "component": "drive-end-bearing", "action": "buy"}

    found = ghost.ours([printed, bought, {**printed, "state": "dismissed"}], components, prices)

    bearing_eur = components["drive-end-bearing"]["replace"]["buy"]["price_eur"]
    parts_eur = prices.print_eur("PA12", 10.0, 3600.0) or 0.0
    assert found["cases"] == 2
    assert found["standstill_h"] == 1.0
    assert found["eur"] == pytest.approx(
        parts_eur + bearing_eur + prices.standstill_eur_per_h, abs=0.02
    )
