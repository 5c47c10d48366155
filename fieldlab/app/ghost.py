"""What the loop saves: standstill and money of a machine, and of its ghost twin without the loop.

The twin of a simulated machine is simulated (twin.py). That of a real machine cannot be: there it
is estimated, part by part, as waiting for a bought one. Pure but for the twin; money by `Prices`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from fieldlab.app.prices import Prices, cost_of
from fieldlab.app.twin import Twin

Sum = dict[str, float]
Components = Mapping[str, Mapping[str, Any]]


def ours(cases: Iterable[Mapping[str, Any]], components: Components, prices: Prices) -> Sum:
    """Return what the proven cases cost: a swap each, and the part, printed or bought.

    `components` are those of the machine file, as plain data.
    """
    total = _nothing()
    for case in _proven(cases):
        replace = _replace(components, case)
        printed_eur = cost_of(case, replace, prices)["print_eur"]
        is_bought = case.get("action") == "buy"
        bought_eur = (replace.get("buy") or {}).get("price_eur") if is_bought else None
        _add(total, prices.swap_h, printed_eur or bought_eur or 0.0, prices)
    return total


def estimated(cases: Iterable[Mapping[str, Any]], components: Components, prices: Prices) -> Sum:
    """Return what each proven case would have cost had the part broken and been bought.

    >>> prices = Prices(fieldlab_prices=1, standstill_eur_per_h=100, hours_per_day=16, swap_h=0.5,
    ...     lead_time_days=5, part_eur=20, printer_eur_per_h=1, material_eur_per_kg={"PLA": 20})
    >>> estimated([{"state": "proven", "component": "cap"}], {"cap": {"replace": {}}}, prices)
    {'cases': 1.0, 'standstill_h': 80.5, 'eur': 8070.0}
    """
    total = _nothing()
    for case in _proven(cases):
        buy = _replace(components, case).get("buy") or {}
        wait_h = buy.get("lead_time_days", prices.lead_time_days) * prices.hours_per_day
        _add(total, wait_h + prices.swap_h, buy.get("price_eur", prices.part_eur), prices)
    return total


def simulated(twin: Twin, t_s: float, prices: Prices) -> Sum:
    """Return what the twin's breakdowns have cost until an event time."""
    twin.live_until(t_s)
    total = _nothing()
    for one in twin.breakdowns:
        _add(total, 0.0, one.part_eur, prices)
    _stand(total, twin.standstill_h(t_s), prices)
    return total


def _proven(cases: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    return (case for case in cases if case["state"] == "proven")


def _replace(components: Components, case: Mapping[str, Any]) -> Mapping[str, Any]:
    return (components.get(case["component"]) or {}).get("replace") or {}


def _nothing() -> Sum:
    return {"cases": 0.0, "standstill_h": 0.0, "eur": 0.0}


def _add(total: Sum, standstill_h: float, part_eur: float, prices: Prices) -> None:
    total["cases"] += 1
    total["eur"] += round(part_eur, 2)
    _stand(total, standstill_h, prices)


def _stand(total: Sum, standstill_h: float, prices: Prices) -> None:
    total["standstill_h"] += standstill_h
    total["eur"] = round(total["eur"] + standstill_h * prices.standstill_eur_per_h, 2)
