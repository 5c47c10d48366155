"""What turns how fast: shafts from the conditions, and the fault orders of bearings."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fieldlab.core.machine import Machine, RollingBearing
from fieldlab.core.units import to_base


@dataclass(frozen=True, slots=True, kw_only=True)
class BearingOrders:
    """Fault orders of a rolling bearing: events per turn of its shaft."""

    outer_race: float
    inner_race: float
    rolling_element: float  # both faces of the element: twice its spin
    cage: float


def bearing_orders(bearing: RollingBearing) -> BearingOrders | None:
    """Return the fault orders from the geometry (Randall and Antoni 2011, MSSP 25, 485)."""
    if not (bearing.rolling_elements and bearing.element_diameter_mm and bearing.pitch_diameter_mm):
        return None
    tilt = math.cos(math.radians(bearing.contact_angle_deg))
    slim = bearing.element_diameter_mm / bearing.pitch_diameter_mm * tilt
    count = bearing.rolling_elements
    return BearingOrders(
        outer_race=count / 2 * (1 - slim),
        inner_race=count / 2 * (1 + slim),
        rolling_element=(bearing.pitch_diameter_mm / bearing.element_diameter_mm) * (1 - slim**2),
        cage=(1 - slim) / 2,
    )


def shaft_rates_hz(machine: Machine, conditions: Mapping[str, float]) -> dict[str, float]:
    """Return turns per second of every shaft whose speed is measured, driven or nominal."""
    rates: dict[str, float] = {}
    for name in machine.shafts:
        rate_hz = _rate_hz(machine, name, conditions)
        if rate_hz is not None and rate_hz > 0:
            rates[name] = rate_hz
    return rates


def speed_is_measured(machine: Machine, shaft: str) -> bool:
    """Whether a speed sensor tells how fast this shaft turns."""
    name: str | None = shaft
    while name is not None:
        if machine.shafts[name].speed is not None:
            return True
        name = machine.shafts[name].driven_by
    return False


def _rate_hz(machine: Machine, name: str, conditions: Mapping[str, float]) -> float | None:
    shaft = machine.shafts[name]
    if shaft.speed is not None and conditions.get(shaft.speed, 0.0) > 0:
        spec = machine.sensors[shaft.speed]
        return conditions[shaft.speed] * to_base(spec.quantity, spec.unit)
    if shaft.driven_by is not None:
        driver_hz = _rate_hz(machine, shaft.driven_by, conditions)
        return None if driver_hz is None else driver_hz * (shaft.ratio or 1.0)
    return None if shaft.nominal_rpm is None else shaft.nominal_rpm / 60
