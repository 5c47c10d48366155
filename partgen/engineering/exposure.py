"""What each family's shape makes of a load: the pressure that wears or the stress that breaks it.

Only ratios between two shapes of one family are used, at one newton or newton metre each.
"""

from collections.abc import Callable

from partgen.engineering import beams, bushings, elastic, gears, rotors
from partgen.engineering.life import Rule
from partgen.families.family import Family
from partgen.families.flanged_bushing import FlangedBushing
from partgen.families.gt2_pulley import Gt2Pulley
from partgen.families.herringbone_gear import HerringboneGear
from partgen.families.impeller import Impeller
from partgen.families.jaw_spider import JawSpider
from partgen.families.lever import Lever
from partgen.families.pillow_block import PillowBlock
from partgen.families.roller import Roller
from partgen.families.spur_gear import SpurGear
from partgen.families.tensioner_arm import TensionerArm
from partgen.families.wear_strip import WearStrip

_SPEED_RPM = 1000.0  # any; it cancels
_DENSITY_KGPM3 = 1000.0


def exposure(part: Family, rule: Rule) -> float | None:
    """Return the wear pressure or the stress of a part per unit of load; None if no law is known.

    A density would change a blade's own weight, but less than its strength is known: left out.
    """
    laws = WEAR if rule == "wear" else STRENGTH
    law = laws.get(type(part))
    return None if law is None else law(part)


def _flank(part: SpurGear | HerringboneGear) -> float:
    return gears.flank_wear_mm(
        1.0, torque_nm=1.0, wear_mm3pnm=1.0, loss=1.0, width_mm=part.width_mm, teeth=part.teeth,
        module_mm=part.module_mm,
    )  # fmt: skip


def _root(part: SpurGear | HerringboneGear) -> float:
    return gears.lewis_stress_mpa(
        1.0, width_mm=part.width_mm, module_mm=part.module_mm, teeth=part.teeth
    )


def _bore(part: FlangedBushing) -> float:
    return bushings.pressure_mpa(1.0, bore_mm=part.bore_mm, length_mm=part.length_mm)


def _lobe(part: JawSpider) -> float:
    return elastic.lobe_pressure_mpa(
        1.0, lobes=part.lobes, outer_mm=part.outer_mm, inner_mm=part.ring_mm,
        thickness_mm=part.thickness_mm,
    )  # fmt: skip


def _blade(part: Impeller) -> float:
    return rotors.blade_stress_mpa(
        _DENSITY_KGPM3, _SPEED_RPM, radius_mm=(part.outer_mm + part.hub_mm) / 4,
        height_mm=part.height_mm - part.plate_mm, thick_mm=part.blade_mm,
    )  # fmt: skip


def _lever(part: Lever) -> float:
    return beams.arm_stress_mpa(
        1.0, part.length_mm, wide_mm=part.thickness_mm, high_mm=min(part.pivot_mm, part.end_mm)
    )


def _arm(part: TensionerArm) -> float:
    return beams.arm_stress_mpa(1.0, part.length_mm, wide_mm=part.thickness_mm, high_mm=part.arm_mm)


def _seat(part: PillowBlock) -> float:
    """Return the bending stress of the ring's wall: it goes as 1 / (b t^2) (thin ring)."""
    return beams.arm_stress_mpa(1.0, part.seat_mm / 2, wide_mm=part.width_mm, high_mm=part.wall_mm)


def _grip(part: PillowBlock) -> float:
    return bushings.pressure_mpa(1.0, bore_mm=part.seat_mm, length_mm=part.width_mm)


def _strip(part: WearStrip) -> float:
    """Return what a strip may lose: a quarter of its thickness, so life goes as its thickness."""
    return 1 / (part.length_mm * part.width_mm * part.thickness_mm)


def _drum(part: Roller) -> float:
    return bushings.pressure_mpa(1.0, bore_mm=part.outer_mm, length_mm=part.length_mm)


def _teeth(part: Gt2Pulley) -> float:
    return 1 / (part.teeth * part.belt_width_mm)


WEAR: dict[type[Family], Callable[..., float]] = {
    SpurGear: _flank, HerringboneGear: _flank, FlangedBushing: _bore, JawSpider: _lobe,
    Roller: _drum, Gt2Pulley: _teeth, WearStrip: _strip, PillowBlock: _grip,
}  # fmt: skip
STRENGTH: dict[type[Family], Callable[..., float]] = {
    SpurGear: _root, HerringboneGear: _root, Impeller: _blade, Lever: _lever,
    TensionerArm: _arm, PillowBlock: _seat,
}  # fmt: skip
