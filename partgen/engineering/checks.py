"""Safety factors of a part under the load that was measured; what is not known is named."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from partgen.engineering import beams, bushings, elastic, gears, rotors
from partgen.engineering.materials import Known, known
from partgen.families.damper_mount import DamperMount
from partgen.families.family import Family
from partgen.families.flanged_bushing import FlangedBushing
from partgen.families.herringbone_gear import HerringboneGear
from partgen.families.impeller import Impeller
from partgen.families.jaw_spider import JawSpider
from partgen.families.lever import Lever
from partgen.families.roller import Roller
from partgen.families.spur_gear import SpurGear
from partgen.families.tensioner_arm import TensionerArm

ROLLER_SAG_RATIO = 1 / 1000  # of the length; customary for light conveyors (from memory)
# Dry, greased and oiled meshes (order of VDI 2736-2, from memory); None is not known.
FRICTION: dict[str, float] = {"grease": 0.09, "oil": 0.07}


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What loads a part, as far as it was measured; None is not known."""

    torque_nm: float | None = None
    force_n: float | None = None
    speed_rpm: float | None = None
    ambient_degc: float | None = None
    mate_teeth: int | None = None
    lubrication: str | None = None  # dry, grease or oil


@dataclass(frozen=True, slots=True, kw_only=True)
class Safety:
    """One check: what was found, what is allowed, and how often the first fits in the second.

    `missing` names what is not known; then nothing is judged. `source` says where the allowed
    value is from, `remembered` that it is quoted from memory.
    """

    name: str
    unit: str
    found: float | None = None
    allowed: float | None = None
    factor: float | None = None
    missing: tuple[str, ...] = ()
    source: str = ""
    remembered: bool = False

    @property
    def holds(self) -> bool:
        """Whether it is not known to fail."""
        return self.factor is None or self.factor >= 1.0


def safeties(part: Family, material: str, duty: Duty) -> tuple[Safety, ...]:
    """Return the checks of a part's family; none if its family has none."""
    checks = CHECKS.get(type(part))
    return () if checks is None else tuple(checks(part, material, duty))


def _judge(  # noqa: PLR0913, PLR0917
    name: str,
    unit: str,
    allowed: Known | None,
    limit: str,
    needs: dict[str, float | None],
    law: Callable[..., float],
    *,
    share: float = 1.0,
    guessed: bool = False,
) -> Safety:
    """Return a check of `law` of all that it needs against a share of an allowed value.

    Shares are customary, from memory; `guessed` says that something else of it is.
    """
    missing = tuple(key for key, value in needs.items() if value is None)
    if allowed is None:
        missing = (*missing, limit)
    if missing or allowed is None:
        return Safety(name=name, unit=unit, missing=missing)
    found, most = law(**needs), share * allowed.value
    return Safety(
        name=name, unit=unit, found=found, allowed=most,
        factor=most / found if found > 0 else None,
        source=f"{share:g} of {allowed.source}" if share != 1 else allowed.source,
        remembered=allowed.remembered or share != 1 or guessed,
    )  # fmt: skip


def _gear(part: SpurGear | HerringboneGear, material: str, duty: Duty) -> Iterator[Safety]:
    pitch = part.tooth.module_mm * part.teeth
    yield _judge(
        "root-stress", "MPa", known(material, "strength_mpa"), "strength_mpa",
        {"torque_nm": duty.torque_nm},
        lambda torque_nm: gears.lewis_stress_mpa(
            gears.tangential_n(torque_nm, pitch), width_mm=part.width_mm,
            module_mm=part.module_mm, teeth=part.teeth,
        ),
    )  # fmt: skip
    yield _judge(
        "tooth-temperature", "degC", known(material, "service_degc"), "service_degc",
        {
            "torque_nm": duty.torque_nm, "speed_rpm": duty.speed_rpm,
            "ambient_degc": duty.ambient_degc, "mate_teeth": duty.mate_teeth,
            "friction_ratio": _friction(material, duty.lubrication),
        },
        lambda **found: _tooth_degc(part, pitch, **found),
        guessed=True,  # the friction
    )  # fmt: skip


def _friction(material: str, lubrication: str | None) -> float | None:
    if lubrication != "dry":
        return FRICTION.get(lubrication or "")
    dry = known(material, "friction_ratio")
    return None if dry is None else dry.value


def _tooth_degc(  # noqa: PLR0913
    part: SpurGear | HerringboneGear,
    pitch_mm: float,
    *,
    torque_nm: float,
    speed_rpm: float,
    ambient_degc: float,
    mate_teeth: int,
    friction_ratio: float,
) -> float:
    speed = gears.pitch_speed_mps(pitch_mm, speed_rpm)
    return gears.tooth_temperature_degc(
        ambient_degc, power_w=gears.tangential_n(torque_nm, pitch_mm) * speed,
        friction_ratio=friction_ratio, loss=gears.degree_of_loss(part.teeth, mate_teeth),
        width_mm=part.width_mm, teeth=part.teeth, speed_mps=speed, module_mm=part.module_mm,
    )  # fmt: skip


def _bushing(part: FlangedBushing, material: str, duty: Duty) -> Iterator[Safety]:
    yield _judge(
        "pressure-velocity", "MPa m/s", known(material, "pv_mpa_mps"), "pv_mpa_mps",
        {"force_n": duty.force_n, "speed_rpm": duty.speed_rpm},
        lambda force_n, speed_rpm: (
            bushings.pressure_mpa(force_n, bore_mm=part.bore_mm, length_mm=part.length_mm)
            * bushings.sliding_mps(part.bore_mm, speed_rpm)
        ),
    )  # fmt: skip


def _spider(part: JawSpider, material: str, duty: Duty) -> Iterator[Safety]:
    yield _judge(
        "lobe-pressure", "MPa", known(material, "strength_mpa"), "strength_mpa",
        {"torque_nm": duty.torque_nm},
        lambda torque_nm: elastic.lobe_pressure_mpa(
            torque_nm, lobes=part.lobes, outer_mm=part.outer_mm, inner_mm=part.ring_mm,
            thickness_mm=part.thickness_mm,
        ),
        share=0.25,  # of an elastomer's strength, in repeated compression (from memory)
    )  # fmt: skip


def _impeller(part: Impeller, material: str, duty: Duty) -> Iterator[Safety]:
    density = known(material, "density_gpcm3")
    needs = {
        "speed_rpm": duty.speed_rpm,
        "density_gpcm3": None if density is None else density.value,
    }
    strength = known(material, "strength_mpa")
    yield _judge(
        "disc-stress", "MPa", strength, "strength_mpa", needs,
        lambda speed_rpm, density_gpcm3: rotors.disc_stresses_mpa(
            1000 * density_gpcm3, speed_rpm, inner_mm=part.bore_mm, outer_mm=part.outer_mm
        )[0],
        share=0.5,
    )  # fmt: skip
    yield _judge(
        "blade-stress", "MPa", strength, "strength_mpa", needs,
        lambda speed_rpm, density_gpcm3: rotors.blade_stress_mpa(
            1000 * density_gpcm3, speed_rpm, radius_mm=(part.outer_mm + part.hub_mm) / 4,
            height_mm=part.height_mm - part.plate_mm, thick_mm=part.blade_mm,
        ),
        share=0.5,
    )  # fmt: skip


def _roller(part: Roller, material: str, duty: Duty) -> Iterator[Safety]:
    modulus = known(material, "modulus_mpa")
    most = ROLLER_SAG_RATIO * part.length_mm
    yield _judge(
        "roller-sag", "mm",
        Known(value=most, low=most, high=most, source="1/1000 of the length", remembered=True), "",
        {"force_n": duty.force_n, "modulus_mpa": None if modulus is None else modulus.value},
        lambda force_n, modulus_mpa: beams.roller_sag_mm(
            force_n, length_mm=part.length_mm, outer_mm=part.outer_mm - part.crown_mm,
            bore_mm=part.bore_mm, modulus_mpa=modulus_mpa,
        ),
    )  # fmt: skip


def _arm(part: Lever | TensionerArm, material: str, duty: Duty) -> Iterator[Safety]:
    high = part.arm_mm if isinstance(part, TensionerArm) else min(part.pivot_mm, part.end_mm)
    yield _judge(
        "bending-stress", "MPa", known(material, "strength_mpa"), "strength_mpa",
        {"force_n": duty.force_n},
        lambda force_n: beams.arm_stress_mpa(
            force_n, part.length_mm, wide_mm=part.thickness_mm, high_mm=high
        ),
        share=0.5,
    )  # fmt: skip


def _mount(part: DamperMount, material: str, duty: Duty) -> Iterator[Safety]:
    """Yield the squeeze: 15 % of the height is customary for rubber (from memory)."""
    modulus, most = known(material, "modulus_mpa"), 0.15 * part.thickness_mm
    yield _judge(
        "mount-squeeze", "mm",
        Known(value=most, low=most, high=most, source="15 % of the height", remembered=True), "",
        {"force_n": duty.force_n, "modulus_mpa": None if modulus is None else modulus.value},
        lambda force_n, modulus_mpa: force_n / elastic.mount_stiffness_npmm(
            modulus_mpa, outer_mm=part.waist_mm, bore_mm=part.bore_mm,
            thickness_mm=part.thickness_mm,
        ),
    )  # fmt: skip


CHECKS: dict[type[Family], Callable[..., Iterator[Safety]]] = {
    SpurGear: _gear, HerringboneGear: _gear, FlangedBushing: _bushing, JawSpider: _spider,
    Impeller: _impeller, Roller: _roller, Lever: _arm, TensionerArm: _arm, DamperMount: _mount,
}  # fmt: skip
