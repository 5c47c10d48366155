"""What each failure mode raises: lines of the spectrum and of the envelope, from physics.

Which lines a fault raises: Randall, Vibration-based Condition Monitoring (2011); ISO 13373-3;
Taylor, The Vibration Analysis Handbook.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from analytics.kinematics import bearing_orders
from fieldlab.core.machine import (
    AnyComponent,
    Belt,
    Coupling,
    Gear,
    Impeller,
    Machine,
    Pulley,
    RollingBearing,
    Rotor,
)

SPECTRUM, ENVELOPE = "line", "envelope"
RATTLE_RATIO = 1.0  # a journal that bounces in its play comes down every other turn
LIFT_RATIO = 0.4  # a foot that lifts clips each turn, not all alike (Taylor)
_OWN_LINES = ("rolling-bearing", "gear", "rotor", "impeller")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A place in a spectrum: so many times the rate of a shaft."""

    domain: str
    shaft: str
    order: float


@dataclass(slots=True, kw_only=True)
class Signature:
    """What one failure mode of one component raises, and how much each line says."""

    component: str
    mode: str
    near: tuple[str, ...]
    shaft: str
    lines: dict[Line, float] = field(default_factory=dict)
    place: str = ""  # how the frequency is called in a reason
    hiss: float = 0.0  # how much of it is broadband
    group: tuple[str, ...] = ()  # the components that would raise the same
    half_ratio: float | None = None  # amplitude of half orders to the whole ones beside them

    def add(self, order: float, weight: float, domain: str = SPECTRUM) -> None:
        """Add a line, or raise its weight."""
        if order > 0:
            line = Line(domain=domain, shaft=self.shaft, order=round(order, 6))
            self.lines[line] = max(weight, self.lines.get(line, 0.0))


def signatures(machine: Machine) -> tuple[Signature, ...]:
    """Return a signature for every failure mode that physics gives on this machine."""
    found: list[Signature] = []
    places = [
        _Place(machine=machine, name=name, component=component)
        for name, component in machine.components.items()
    ]
    for place in places:
        maker = _BY_KIND.get(place.component.kind)
        if place.shaft is not None and maker is not None:
            found += maker(place)
    found += _loose(places)
    return tuple(signature for signature in found if signature.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    machine: Machine
    name: str
    component: AnyComponent

    @property
    def shaft(self) -> str | None:
        """The shaft that the component turns with; a belt's is that of its pulley."""
        if self.component.shaft is not None:
            return self.component.shaft
        if isinstance(self.component, Belt) and self.component.drives is not None:
            return self.machine.components[self.component.drives].shaft
        return None

    @property
    def near(self) -> tuple[str, ...]:
        """The wave sensors that hear it best."""
        sensors = self.machine.sensors
        named = [name for name in self.component.near if sensors[name].is_wave]
        named += [s for s, spec in sensors.items() if spec.is_wave and self.name in spec.near]
        return tuple(dict.fromkeys(named)) or tuple(s for s in sensors if sensors[s].is_wave)

    def signature(self, mode: str, place: str) -> Signature:
        """Return an empty signature of this component."""
        return Signature(
            component=self.name, mode=mode, near=self.near, shaft=self.shaft or "", place=place,
            group=self.machine.group_of(self.name),
        )  # fmt: skip


def _gear(place: _Place) -> list[Signature]:
    gear = place.component
    if not isinstance(gear, Gear):
        return []
    damage, wear = place.signature("tooth-damage", "mesh"), place.signature("wear", "mesh")
    for harmonic in (1, 2, 3, 4):
        wear.add(harmonic * gear.teeth, 1.0)
        for side, weight in ((1, 0.8), (2, 0.5)):
            wear.add(harmonic * gear.teeth - side, weight)
            wear.add(harmonic * gear.teeth + side, weight)
    for harmonic in (1, 2, 3):
        for side in range(1, 9):
            damage.add(harmonic * gear.teeth - side, side**-0.3)
            damage.add(harmonic * gear.teeth + side, side**-0.3)
    for harmonic in range(1, 7):
        damage.add(harmonic, 1.0, ENVELOPE)
    damage.hiss, wear.hiss = 0.4, 0.3
    return [damage, wear]


def _bladed(place: _Place) -> list[Signature]:
    wheel = place.component
    blades = (wheel.blades if isinstance(wheel, Impeller | Rotor) else None) or 0
    imbalance = place.signature("imbalance", "turn")
    imbalance.add(1, 1.0)
    imbalance.add(2, 0.2)
    if not blades:
        return [imbalance]
    damage = place.signature("blade-damage", "blade")
    damage.add(1, 0.5)
    damage.hiss = 0.2
    damage.add(blades, 0.4)
    for centre, weight in ((blades, 1.0), (2 * blades, 0.7)):
        for side, share in ((1, 1.0), (2, 0.7)):
            damage.add(centre - side, weight * share)
            damage.add(centre + side, weight * share)
    return [imbalance, damage]


def _coupling(place: _Place) -> list[Signature]:
    jaws = (place.component.jaws if isinstance(place.component, Coupling) else None) or 3
    askew, wear = place.signature("misalignment", "twice"), place.signature("wear", "jaw")
    for order, weight in ((1, 0.3), (2, 1.0), (3, 0.2), (4, 0.6)):
        askew.add(order, weight)
    for order, weight in ((jaws, 1.0), (2 * jaws, 0.8), (3 * jaws, 0.7), (2, 0.3)):
        wear.add(order, weight)
    for half in (0.5, 1.5, 2.5):
        wear.add(half, 0.4)
    return [askew, wear]


def _bearing(place: _Place) -> list[Signature]:
    orders = (
        bearing_orders(place.component) if isinstance(place.component, RollingBearing) else None
    )
    if orders is None:
        return []
    out = []
    for mode, order, around in (
        ("outer-race", orders.outer_race, 0.0),
        ("inner-race", orders.inner_race, 1.0),
        ("rolling-element", orders.rolling_element, orders.cage),
    ):
        signature = place.signature(mode, "bearing")
        for harmonic, weight in ((1, 1.0), (2, 0.8), (3, 0.6)):
            signature.add(harmonic * order, weight, ENVELOPE)
            if around:
                signature.add(harmonic * order - around, 0.4 * weight, ENVELOPE)
                signature.add(harmonic * order + around, 0.4 * weight, ENVELOPE)
        if around:
            signature.add(around, 0.4, ENVELOPE)
        signature.hiss = 0.5
        out.append(signature)
    return out


def _pulley(place: _Place) -> list[Signature]:
    pulley = place.component
    wear = place.signature("wear", "turn")
    for harmonic in range(1, 7):
        wear.add(harmonic, harmonic**-0.3)
    slip = place.signature("slip", "knock")
    for harmonic in range(1, 5):
        slip.add(harmonic, 0.4, ENVELOPE)
    for harmonic in range(1, 17):  # one knock a turn: a flat comb, without half orders
        slip.add(harmonic, harmonic**-0.5)
    slip.hiss = 1.5
    teeth = pulley.teeth if isinstance(pulley, Pulley) else None
    for harmonic in (1, 2, 3) if teeth else ():
        for side, weight in ((1, 1.0), (2, 0.7), (3, 0.5)):
            wear.add(harmonic * (teeth or 0) - side, weight)
            wear.add(harmonic * (teeth or 0) + side, weight)
        wear.add(harmonic * (teeth or 0), 0.5)
    return [wear, slip]


def _belt(place: _Place) -> list[Signature]:
    belt = place.component
    if not isinstance(belt, Belt) or belt.drives is None:
        return []
    pulley = place.machine.components[belt.drives]
    teeth = pulley.teeth if isinstance(pulley, Pulley) else None
    if not (teeth and belt.teeth):
        return []
    ratio = teeth / belt.teeth
    wear, slip = place.signature("wear", "belt"), place.signature("slip", "belt")
    for harmonic in range(1, 10):
        wear.add(harmonic * ratio, harmonic**-0.2)
        slip.add(harmonic * ratio, harmonic**-0.2)
        wear.add(harmonic * ratio, 0.3, ENVELOPE)
    for side in (-3, -2, -1, 1, 2, 3):
        wear.add((belt.teeth + side) * ratio, 0.8)
    wear.hiss, slip.hiss = 0.3, 1.5
    return [wear, slip]


def _plain_bearing(place: _Place) -> list[Signature]:
    wear = place.signature("wear", "turn")
    for half in range(1, 17):
        wear.add(half / 2, (half / 2) ** -0.2)
    wear.hiss, wear.half_ratio = 0.2, RATTLE_RATIO
    return [wear]


def _roller(place: _Place) -> list[Signature]:
    wear = place.signature("wear", "turn")
    wear.add(1, 1.0)
    wear.add(2, 0.3)
    return [wear]


def _loose(places: Sequence[_Place]) -> list[Signature]:
    """Return one looseness for each shaft and set of sensors; whatever sits there raises it.

    Bearings, gears and rotors alone show a loose fit in their own lines first: a shaft with nothing
    else on it gets none. What can be tightened is named first.
    """
    shafts: dict[str, list[_Place]] = {}
    for place in sorted(places, key=lambda place: place.component.replace.adjust is None):
        if place.component.shaft is not None:
            shafts.setdefault(place.component.shaft, []).append(place)
    found: dict[tuple[str, tuple[str, ...]], Signature] = {}
    for shaft, on_it in shafts.items():
        if all(place.component.kind in _OWN_LINES for place in on_it):
            continue
        for place in on_it:
            loose = found.setdefault((shaft, place.near), place.signature("looseness", "turn"))
            loose.group, loose.half_ratio = tuple(each.name for each in on_it), LIFT_RATIO
            for half in range(1, 21):
                loose.add(half / 2, (1.0 if half % 2 == 0 else 0.5) * (half / 2) ** -0.2)
    return list(found.values())


_BY_KIND: dict[str, Callable[[_Place], list[Signature]]] = {
    "gear": _gear, "impeller": _bladed, "rotor": _bladed, "coupling": _coupling,
    "rolling-bearing": _bearing, "pulley": _pulley, "belt": _belt, "roller": _roller,
    "plain-bearing": _plain_bearing,
}  # fmt: skip
