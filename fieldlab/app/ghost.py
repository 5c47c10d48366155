"""The ghost twin: the same machine with the same faults, without the loop.

Nobody hears its worn part, so it runs until that part breaks; then it stands still until a bought
one has come and is fitted. Ours stops only to fit the printed part. Pure; money by `Prices`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from fieldlab.app.prices import Prices, cost_of

Sum = dict[str, float]


def compare(
    cases: Iterable[Mapping[str, Any]], components: Mapping[str, Mapping[str, Any]], prices: Prices
) -> dict[str, Sum]:
    """Return hours of standstill and euros of ours and of the ghost, over all proven prints.

    `components` are those of the machine file, as plain data.

    >>> prices = Prices(fieldlab_prices=1, standstill_eur_per_h=100, hours_per_day=16, swap_h=0.5,
    ...     lead_time_days=5, part_eur=20, printer_eur_per_h=1, material_eur_per_kg={"PLA": 20})
    >>> case = {"state": "proven", "component": "cap", "order": {"material": "PLA"},
    ...     "sliced": {"mass_g": 100, "duration_s": 3600}}
    >>> compare([case], {"cap": {"replace": {}}}, prices)["ghost"]
    {'cases': 1.0, 'standstill_h': 80.5, 'eur': 8070.0}
    """
    ours: Sum = {"cases": 0.0, "standstill_h": 0.0, "eur": 0.0}
    ghost = dict(ours)
    for case in cases:
        if case["state"] != "proven" or not case.get("sliced"):
            continue
        replace = (components.get(case["component"]) or {}).get("replace") or {}
        buy = replace.get("buy") or {}
        printed_eur = cost_of(case, replace, prices)["print_eur"] or 0.0
        wait_days = buy.get("lead_time_days", prices.lead_time_days)
        _add(ours, prices.swap_h, printed_eur, prices)
        _add(ghost, wait_days * prices.hours_per_day + prices.swap_h,
             buy.get("price_eur", prices.part_eur), prices)  # fmt: skip
    return {"ours": ours, "ghost": ghost}


def _add(total: Sum, standstill_h: float, part_eur: float, prices: Prices) -> None:
    total["cases"] += 1
    total["standstill_h"] += standstill_h
    total["eur"] += round(part_eur + standstill_h * prices.standstill_eur_per_h, 2)
