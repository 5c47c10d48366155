"""What turns how fast: shafts, belts and the mains as cycles, each a ratio of a root cycle."""

import math
import zlib
from dataclasses import dataclass

from fieldlab.core.machine import (
    AnyComponent,
    Belt,
    Machine,
    Pulley,
    RollingBearing,
    turns_per_turn,
)

MAINS = "mains hum"  # a space, so no shaft can be called this
MAINS_HZ = 50.0
_DEFAULT_RPM = 1_500.0
_DEFAULT_BELT_RATIO = 0.21  # belt turns per pulley turn, where the file does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """Something that repeats: its rate at nominal speed, and whose slip slows it."""

    name: str
    nominal_hz: float
    follows_speed: bool = True
    behind_belts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BearingOrders:
    """Impacts per turn of the shaft for each place of damage, and turns of the cage."""

    outer_race: float
    inner_race: float
    rolling_element: float
    cage: float


def cycles_of(machine: Machine) -> dict[str, Cycle]:
    """Return all that turns: a cycle for each shaft, each belt and each lone wheel."""
    cycles = {name: _shaft_cycle(machine, name) for name in machine.shafts}
    for name, component in machine.components.items():
        if isinstance(component, Belt):
            cycles[f"belt {name}"] = _belt_cycle(machine, name, component, cycles)
        elif component.shaft is None and component.kind not in ("valve", "other"):
            rate_hz = 12.0 + zlib.crc32(name.encode()) % 1000 / 60  # nobody knows; 12 to 29 Hz
            cycles[f"alone {name}"] = Cycle(name=f"alone {name}", nominal_hz=rate_hz)
    cycles[MAINS] = Cycle(name=MAINS, nominal_hz=MAINS_HZ, follows_speed=False)
    return cycles


def cycle_name(name: str, component: AnyComponent) -> str | None:
    """Return the cycle that a component turns with; None if it does not turn."""
    if isinstance(component, Belt):
        return f"belt {name}"
    if component.shaft is not None:
        return component.shaft
    return None if component.kind in ("valve", "other") else f"alone {name}"


def _shaft_cycle(machine: Machine, shaft: str) -> Cycle:
    root, ratio = turns_per_turn(machine.shafts, shaft)
    rpm = machine.shafts[root].nominal_rpm
    if rpm is None:
        own_rpm = machine.shafts[shaft].nominal_rpm
        rpm = own_rpm / ratio if own_rpm else _DEFAULT_RPM
    return Cycle(name=shaft, nominal_hz=rpm / 60 * ratio, behind_belts=_belts_to(machine, shaft))


def _belts_to(machine: Machine, shaft: str) -> tuple[str, ...]:
    """Return the belts between a shaft and its root, and their pulleys: their slip slows it."""
    belts: list[str] = []
    driver = machine.shafts[shaft].driven_by
    while driver is not None:
        own, its = _belts_on(machine, shaft), _belts_on(machine, driver)
        for belt in (belt for belt in own if belt in its):
            belts += [belt, *_pulleys_of(machine, belt)]
        shaft, driver = driver, machine.shafts[driver].driven_by
    return tuple(belts)


def _pulleys_of(machine: Machine, belt: str) -> list[str]:
    return [
        name
        for name, component in machine.components.items()
        if isinstance(component, Pulley) and component.belt == belt
    ]


def _belts_on(machine: Machine, shaft: str) -> list[str]:
    return [
        component.belt
        for component in machine.components.values()
        if isinstance(component, Pulley) and component.shaft == shaft and component.belt
    ]


def _belt_cycle(machine: Machine, name: str, belt: Belt, cycles: dict[str, Cycle]) -> Cycle:
    pulley_name, pulley = belt.drives, None
    if pulley_name is not None:
        pulley = machine.components[pulley_name]
    shaft = (pulley.shaft if pulley else None) or belt.shaft
    rate_hz = cycles[shaft].nominal_hz if shaft in cycles else _DEFAULT_RPM / 60
    teeth = pulley.teeth if isinstance(pulley, Pulley) else None
    ratio = teeth / belt.teeth if teeth and belt.teeth else _DEFAULT_BELT_RATIO
    return Cycle(name=f"belt {name}", nominal_hz=rate_hz * ratio)


def bearing_orders(bearing: RollingBearing) -> BearingOrders:
    """Return the kinematic fault orders of a bearing (ISO 15243 geometry, no slip).

    A bearing without geometry gets that of a 6205.
    """
    count = bearing.rolling_elements or 9
    slim = (bearing.element_diameter_mm or 7.94) / (bearing.pitch_diameter_mm or 39.04)
    tilt = slim * math.cos(math.radians(bearing.contact_angle_deg))
    return BearingOrders(
        outer_race=count / 2 * (1 - tilt),
        inner_race=count / 2 * (1 + tilt),
        rolling_element=(1 - tilt**2) / slim,
        cage=(1 - tilt) / 2,
    )
