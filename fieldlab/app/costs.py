"""Print or buy: what each costs, standing still included, by how long the part still lasts. Pure.

The hours that are left are not known but have a distribution (the forecast's 5, 50 and 95 %). If a
part needs L hours to come, the machine stands still for max(0, L - R) of them; its mean is the
integral of P(R < t) from 0 to L.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import erf, log, sqrt
from typing import Any

import numpy as np

from fieldlab.app.plain import forecast_of, plain
from fieldlab.app.prices import Prices
from fieldlab.core.machine import AnyComponent
from fieldlab.core.messages import Advice, Forecast, Reason
from partgen.compose import make
from partgen.engineering.materials import known

Z90 = 1.6449
CLEARLY = 0.9  # of the price of printing; a tie is printed
FLOW_MM3PS = 5.0  # of a desktop printer over a whole print, before the slicer knows (from memory)
POINTS = 200
SOON_S = 12 * 3600.0  # a time further away than this is said with its day


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to get the part: what it costs, when it is there, and the standstill until then."""

    way: str  # print or buy
    part_eur: float
    person_eur: float
    ready_h: float
    standstill_h: float
    standstill_eur: float

    @property
    def total_eur(self) -> float:
        """All of it."""
        return self.part_eur + self.person_eur + self.standstill_eur


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """How many hours a part may still run: 5, 50 and 95 %; all 0 where nobody knows."""

    low_h: float = 0.0
    middle_h: float = 0.0
    high_h: float = 0.0

    @classmethod
    def of(cls, forecast: Forecast | None) -> "Left":
        """Return what a forecast says; without one the part may stop at any moment."""
        if forecast is None or not forecast.remaining_s:
            return cls()
        low_s, high_s = forecast.low_s, forecast.high_s
        return cls(
            low_h=(forecast.remaining_s if low_s is None else low_s) / 3600,
            middle_h=forecast.remaining_s / 3600,
            high_h=(forecast.remaining_s if high_s is None else high_s) / 3600,
        )

    def gone_by(self, hours: float) -> float:
        """Return how likely the part has stopped by then: log-normal on each side of the middle.

        >>> round(Left(low_h=1.0, middle_h=4.0, high_h=8.0).gone_by(1.0), 3)
        0.05
        """
        if self.middle_h <= 0 or self.low_h <= 0:
            return 1.0
        side = self.middle_h / self.low_h if hours < self.middle_h else self.high_h / self.middle_h
        if hours <= 0 or side <= 1:
            return float(hours >= self.middle_h)
        away = log(hours / self.middle_h) / (log(side) / Z90)
        return 0.5 * (1 + erf(away / sqrt(2)))

    def standstill_h(self, ready_h: float) -> float:
        """Return the mean standstill until a part comes in `ready_h` hours.

        >>> Left().standstill_h(8.0)
        8.0
        """
        if ready_h <= 0:
            return 0.0
        times = (np.arange(POINTS) + 0.5) * ready_h / POINTS
        return float(np.mean([self.gone_by(time) for time in times])) * ready_h


def choices(
    component: AnyComponent, prices: Prices, forecast: Forecast | None, made: Mapping[str, float]
) -> dict[str, Choice]:
    """Return what may be done and what it costs; what must never be printed is not there.

    `made` holds the `mass_g` and `duration_s` of the print, and its `per_kg` price.
    """
    left, found = Left.of(forecast), {}
    if component.replace.print is not None and component.safety != "never-print" and made:
        ready_h = made["duration_s"] / 3600
        found["print"] = _choice(
            "print", prices.print_eur_of(made["per_kg"], made["mass_g"], made["duration_s"]),
            prices.print_person_min, ready_h, prices=prices, left=left,
        )  # fmt: skip
    buy = component.replace.buy
    if buy is not None:
        ready_h = buy.lead_time_days * prices.hours_per_day
        found["buy"] = _choice(
            "buy", buy.price_eur, prices.order_person_min, ready_h, prices=prices, left=left
        )
    return found


def _choice(
    way: str, part_eur: float, person_min: float, ready_h: float, *, prices: Prices, left: Left
) -> Choice:
    standstill_h = left.standstill_h(ready_h) + prices.swap_h
    return Choice(
        way=way,
        part_eur=part_eur,
        person_eur=person_min / 60 * prices.person_eur_per_h,
        ready_h=ready_h,
        standstill_h=standstill_h,
        standstill_eur=standstill_h * prices.standstill_eur_per_h,
    )


def estimate(component: AnyComponent, prices: Prices) -> dict[str, float]:
    """Return mass, time and price per kg of a print that is not sliced yet; empty if not known."""
    printed = component.replace.print
    if printed is None:
        return {}
    density, per_kg = known(printed.material, "density_gpcm3"), prices.per_kg(printed.material)
    if density is None or per_kg is None:
        return {}
    volume_mm3 = make(printed.family, printed.sizes).volume_mm3
    return {
        "mass_g": volume_mm3 / 1000 * density.value,
        "duration_s": volume_mm3 / FLOW_MM3PS,
        "per_kg": per_kg,
    }


def sliced(case: Mapping[str, Any], prices: Prices) -> dict[str, float]:
    """Return mass, time and price per kg of a case's print; empty before it is sliced."""
    order, found = case.get("order"), case.get("sliced")
    per_kg = prices.per_kg(order["material"]) if order else None
    if not found or per_kg is None:
        return {}
    return {"mass_g": found["mass_g"], "duration_s": found["duration_s"], "per_kg": per_kg}


def cheaper_to_buy(found: Mapping[str, Choice]) -> bool:
    """Return whether buying is clearly cheaper, all counted."""
    if set(found) != {"print", "buy"}:
        return False
    return found["buy"].total_eur < CLEARLY * found["print"].total_eur


def print_or_buy(
    advice: Advice, component: AnyComponent, forecast: Forecast | None, prices: Prices
) -> Advice:
    """Return the advice with what each way costs and until when to begin.

    Where buying is clearly cheaper, all counted, the advice to print becomes one to buy.
    """
    found = choices(component, prices, forecast, estimate(component, prices))
    advice = replace(advice, reasons=(*advice.reasons, *reasons(found, prices, forecast)))
    if not cheaper_to_buy(found):
        return advice
    numbers: dict[str, float | str] = {f"{way}_eur": each.total_eur for way, each in found.items()}
    why = Reason(key="cost-buy-cheaper", numbers=numbers)
    return replace(advice, action="buy", reasons=(*advice.reasons, why))


def told(case: Mapping[str, Any], component: AnyComponent | None, prices: Prices) -> dict[str, Any]:
    """Return the comparison for who watches a case: choices, the cheapest, until when to begin."""
    if component is None:
        return {"choices": [], "cheapest": None, "start_before_s": None, "reasons": []}
    forecast = forecast_of(case.get("forecast"))
    made = sliced(case, prices) or estimate(component, prices)
    found = choices(component, prices, forecast, made)
    print_h = found["print"].ready_h if "print" in found else 0.0
    return {
        "choices": [{**plain(each), "total_eur": each.total_eur} for each in found.values()],
        "cheapest": min(found, key=lambda way: found[way].total_eur, default=None),
        "start_before_s": latest_start_s(forecast, print_h, prices.swap_h),
        "reasons": [plain(reason) for reason in reasons(found, prices, forecast)],
    }


def latest_start_s(forecast: Forecast | None, ready_h: float, swap_h: float) -> float | None:
    """Return the event time by which to begin, so that the part is fitted before it may stop."""
    if forecast is None or forecast.low_s is None:
        return None
    return forecast.t_s + forecast.low_s - 3600 * (ready_h + swap_h)


def reasons(found: Mapping[str, Choice], prices: Prices, forecast: Forecast | None) -> list[Reason]:
    """Return the comparison as reasons: each way, and until when to begin or to order."""
    said = [
        Reason(
            key=f"cost-{way}",
            numbers={
                "eur": choice.part_eur + choice.person_eur,
                "ready_h": choice.ready_h,
                "days": choice.ready_h / prices.hours_per_day,
                "standstill_h": choice.standstill_h,
                "total_eur": choice.total_eur,
            },
        )
        for way, choice in found.items()
    ]
    if not found:
        return said
    way, begin = ("print", "start") if "print" in found else ("buy", "order")
    numbers: dict[str, float | str] = {"eur_per_h": prices.standstill_eur_per_h}
    start_s = latest_start_s(forecast, found[way].ready_h, prices.swap_h)
    if start_s is None or forecast is None or start_s <= forecast.t_s:
        said.append(Reason(key=f"cost-{begin}-now", numbers=numbers))
    else:
        numbers["clock"] = _clock(start_s, far=start_s - forecast.t_s > SOON_S)
        said.append(Reason(key=f"cost-{begin}-before", numbers=numbers))
    return said


def _clock(time_s: float, *, far: bool) -> str:
    """Return a time on the wall's clock, with its day if it is not soon."""
    return datetime.fromtimestamp(time_s).astimezone().strftime("%d-%m %H:%M" if far else "%H:%M")
