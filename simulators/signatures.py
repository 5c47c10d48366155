"""What each kind of component puts into the structure, healthy and failing.

Amplitudes are in g at the component itself, at nominal speed and rated load. Which lines a fault
raises follows the field's handbooks (Randall, Vibration-based Condition Monitoring, 2011; ISO
13373-3; Taylor, The Vibration Analysis Handbook): nothing here is tuned to a detector.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

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
from simulators.kinematics import bearing_orders

Severities = Mapping[str, float]
_RESIDUE_G = 0.0008


@dataclass(slots=True, kw_only=True)
class Hits:
    """Impacts of rolling elements: not quite periodic, so no line of a shaft's table."""

    order: float  # impacts per turn of the shaft
    peak_g: float
    slip_ratio: float = 0.012  # each interval differs this much (Randall: 1 to 2 %)
    zone_order: float = 0.0  # the load zone is passed this often per turn
    zone_depth: float = 0.0


@dataclass(slots=True, kw_only=True)
class Excitation:
    """What one component does: lines by order of its cycle, impacts, hiss."""

    lines: dict[float, float] = field(default_factory=dict)  # order (halves too) to g
    knock_g: float = 0.0  # one impact per turn, the same tooth each time
    hits: list[Hits] = field(default_factory=list)
    hiss_g: float = 0.0  # broadband, rms
    speed_exponent: float = 1.0
    load_share: float = 0.0  # how much of it follows the load

    def add(self, order: float, level_g: float) -> None:
        """Add a line; orders that do not exist are left out."""
        if order > 0 and level_g > 0:
            self.lines[order] = self.lines.get(order, 0.0) + level_g


def excitation(machine: Machine, name: str, failing: Severities) -> Excitation:
    """Return what a component puts into the structure, given how far its faults have gone."""
    component = machine.components[name]
    sent = Excitation()
    for half in range(1, 17):  # nothing turns perfectly
        sent.add(half / 2, (_RESIDUE_G if half % 2 == 0 else _RESIDUE_G / 4) / (half / 2) ** 0.5)
    by_kind = _BY_KIND.get(component.kind)
    if by_kind is not None:
        by_kind(sent, _Place(machine=machine, name=name, component=component), failing)
    _loosen(sent, failing.get("looseness", 0.0))
    return sent


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    machine: Machine
    name: str
    component: AnyComponent

    def speaks_for_pair(self, partner: str | None) -> bool:
        """Whether this one makes the sound that two make together."""
        names = list(self.machine.components)
        return partner not in names or names.index(self.name) < names.index(partner)


def _loosen(sent: Excitation, severity: float) -> None:
    """Add what a lifting foot does to a sine: a comb of whole and half orders."""
    if severity <= 0:
        return
    for half in range(1, 21):
        order = half / 2
        share = 1.0 if half % 2 == 0 else 0.4
        sent.add(order, 0.09 * severity * share / order**0.45)
    sent.hiss_g += 0.01 * severity


def _bladed(sent: Excitation, place: _Place, failing: Severities) -> None:
    sent.speed_exponent = 2.0  # centrifugal force
    wheel = place.component
    blades = (wheel.blades if isinstance(wheel, Impeller | Rotor) else None) or 0
    unbalance, damage = failing.get("imbalance", 0.0), failing.get("blade-damage", 0.0)
    sent.add(1, 0.012 + 0.16 * unbalance + 0.035 * damage)
    sent.add(2, 0.003 + 0.006 * unbalance)
    sent.hiss_g += 0.006 + 0.012 * damage
    if blades:
        sent.add(blades, 0.012 + 0.01 * damage)
        sent.add(2 * blades, 0.005)
        for side, level_g in ((1, 0.05), (2, 0.025)):
            for centre, share in ((blades, 1.0), (2 * blades, 0.5)):
                sent.add(centre - side, level_g * share * damage)
                sent.add(centre + side, level_g * share * damage)


def _bearing(sent: Excitation, place: _Place, failing: Severities) -> None:
    bearing = place.component
    if not isinstance(bearing, RollingBearing):
        return
    orders = bearing_orders(bearing)
    sent.load_share = 0.5
    sent.hiss_g += 0.006 + 0.02 * sum(failing.get(mode, 0.0) ** 2 for mode in _RACES)
    sent.hits.append(Hits(order=orders.outer_race, peak_g=0.008))  # variable compliance
    sent.hits.append(Hits(order=orders.outer_race, peak_g=0.8 * failing.get("outer-race", 0.0)))
    inner = 1.1 * failing.get("inner-race", 0.0)
    sent.hits.append(Hits(order=orders.inner_race, peak_g=inner, zone_order=1.0, zone_depth=0.8))
    ball = 1.2 * failing.get("rolling-element", 0.0)
    sent.hits.append(
        Hits(order=orders.rolling_element, peak_g=ball, zone_order=orders.cage, zone_depth=0.8)
    )
    sent.hits = [hits for hits in sent.hits if hits.peak_g > 0]


_RACES = ("outer-race", "inner-race", "rolling-element")


def _gear(sent: Excitation, place: _Place, failing: Severities) -> None:
    gear = place.component
    if not isinstance(gear, Gear):
        return
    sent.load_share = 0.7
    damage, wear = failing.get("tooth-damage", 0.0), failing.get("wear", 0.0)
    mesh = {1: 0.05, 2: 0.02, 3: 0.01, 4: 0.004}
    if place.speaks_for_pair(gear.mates):
        for harmonic, level_g in mesh.items():
            sent.add(harmonic * gear.teeth, level_g)
        sent.hiss_g += 0.008
    for harmonic, level_g in mesh.items():  # eccentricity, and flanks that wear unevenly
        centre = harmonic * gear.teeth
        sent.add(centre, wear * (0.02 + 1.6 * level_g))
        for side, share in ((1, 1.0), (2, 0.5)):
            level = 0.07 * level_g * share + wear * 0.034 * share / harmonic
            sent.add(centre - side, level)
            sent.add(centre + side, level)
    sent.hiss_g += 0.02 * wear
    sent.knock_g += 0.9 * damage
    for side in range(1, 9):  # the stiffness drops once per turn: wide sidebands
        for harmonic in (1, 2, 3):
            level_g = 0.045 * damage / (side**0.6 * harmonic**0.7)
            sent.add(harmonic * gear.teeth - side, level_g)
            sent.add(harmonic * gear.teeth + side, level_g)


def _pulley(sent: Excitation, place: _Place, failing: Severities) -> None:
    pulley = place.component
    if not isinstance(pulley, Pulley):
        return
    wear, slip = failing.get("wear", 0.0), failing.get("slip", 0.0)
    sent.load_share = 0.5
    sent.add(1, 0.0015)
    for harmonic in range(1, 7):
        sent.add(harmonic, (0.03 * wear + 0.012 * slip) / harmonic**0.5)
    sent.hiss_g += 0.004 + 0.02 * slip
    sent.knock_g += 0.25 * slip
    if not pulley.teeth:
        return
    for harmonic, level_g in {1: 0.008, 2: 0.004, 3: 0.002}.items():
        centre = harmonic * pulley.teeth
        if place.speaks_for_pair(_partner_pulley(place.machine, place.name, pulley)):
            sent.add(centre, level_g)
        sent.add(centre, 0.015 * wear / harmonic)
        for side, share in ((1, 1.0), (2, 0.6), (3, 0.3)):
            sent.add(centre - side, (0.0004 + 0.03 * wear / harmonic) * share)
            sent.add(centre + side, (0.0004 + 0.03 * wear / harmonic) * share)


def _partner_pulley(machine: Machine, name: str, pulley: Pulley) -> str | None:
    """Return the first other pulley on the same belt."""
    if pulley.belt is None:
        return None
    for other_name, other in machine.components.items():
        if isinstance(other, Pulley) and other.belt == pulley.belt and other_name != name:
            return other_name
    return None


def _belt(sent: Excitation, place: _Place, failing: Severities) -> None:
    belt = place.component
    if not isinstance(belt, Belt):
        return
    wear, slip = failing.get("wear", 0.0), failing.get("slip", 0.0)
    sent.load_share = 0.4
    sent.add(1, 0.0015)
    sent.add(2, 0.001)
    for harmonic in range(1, 10):
        sent.add(harmonic, (0.03 * wear + 0.015 * slip) / harmonic**0.3)
    sent.knock_g += 0.7 * wear
    sent.hiss_g += 0.003 + 0.02 * slip  # teeth that ride up, or a flat belt that squeals
    if belt.teeth:  # a stretched tooth modulates the tooth pass once per turn of the belt
        for side in (1, 2, 3):
            for way in (-side, side):
                sent.add(belt.teeth + way, 0.02 * wear / side**0.5)


def _coupling(sent: Excitation, place: _Place, failing: Severities) -> None:
    jaws = (place.component.jaws if isinstance(place.component, Coupling) else None) or 3
    askew, wear = failing.get("misalignment", 0.0), failing.get("wear", 0.0)
    sent.load_share = 0.4
    sent.add(1, 0.003 + 0.02 * askew)
    sent.add(2, 0.008 + 0.16 * askew + 0.02 * wear)
    sent.add(3, 0.004 * askew)
    sent.add(4, 0.03 * askew)
    for harmonic, level_g in ((1, 0.11), (2, 0.06), (3, 0.035)):  # jaws strike in turn
        sent.add(harmonic * jaws, (0.003 if harmonic == 1 else 0.0) + level_g * wear)
    for order in (0.5, 1.5, 2.5):  # play in the spider
        sent.add(order, 0.015 * wear)
    sent.hiss_g += 0.002 + 0.006 * wear


def _plain_bearing(sent: Excitation, _: _Place, failing: Severities) -> None:
    wear = failing.get("wear", 0.0)
    sent.load_share = 0.5
    sent.hiss_g += 0.002 + 0.02 * wear
    sent.add(1, 0.001)
    for half in range(1, 17):  # the journal rattles in its play: half orders as strong as whole
        sent.add(half / 2, 0.028 * wear / (half / 2) ** 0.35)


def _roller(sent: Excitation, _: _Place, failing: Severities) -> None:
    wear = failing.get("wear", 0.0)
    sent.load_share = 0.5
    sent.add(1, 0.004 + 0.07 * wear)
    sent.add(2, 0.001 + 0.008 * wear)
    sent.hiss_g += 0.002 + 0.004 * wear


_BY_KIND: dict[str, Callable[[Excitation, _Place, Severities], None]] = {
    "impeller": _bladed, "rotor": _bladed, "rolling-bearing": _bearing, "gear": _gear,
    "pulley": _pulley, "belt": _belt, "coupling": _coupling, "plain-bearing": _plain_bearing,
    "roller": _roller,
}  # fmt: skip
