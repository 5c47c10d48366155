"""How each component fails, and how its design and material change that.

A wear law gives the severity (0 new, 1 end of life) for the share of the life that is used. The
share grows with turns and with load to the law's power:

- Archard (1953, J. Appl. Phys. 24, 981): depth = k F s / H; flanks, bushings, belts, rollers.
- Paris and Erdogan (1963, J. Basic Eng. 85, 528): da/dN = C dK^m; tooth roots, blades.
- Lundberg and Palmgren (1947; ISO 281): life ~ (C/P)^3; a spall then grows exponentially
  (Kotzalas and Harris 2001, J. Tribology 123, 236).
- Junker (1969, SAE 690055): a bolt's preload is lost fast at first, then ever slower.
- Findley (1944): creep ~ t^n; supports that settle out of line.

No two prints are alike: the life of each is drawn around its law's (log-normal; Weibull 1951,
J. Appl. Mech. 18, 293, for fatigue), and a workshop's material is not quite the data sheet's.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from fieldlab.core.errors import InputError
from fieldlab.core.machine import AnyComponent

_CRACK_START = 0.15  # of the critical length, for Paris' law
_SPALL_GROWTH = 3.5
_PRELOAD_LOSS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A published wear law: its load exponent and its course over the life."""

    name: str
    load_exponent: float
    severity: Callable[[float], float]
    scatter: float = 0.2  # standard deviation of the logarithm of a print's life
    batch: float = 0.25  # the same of a material as this workshop prints it: printing changes wear


def _archard(used: float) -> float:
    return used


def _paris(used: float) -> float:
    """Return the crack's growth for m = 4, where 1/a falls linearly with the cycles."""
    length = _CRACK_START / (1 - min(used, 1.0) * (1 - _CRACK_START))
    return (length - _CRACK_START) / (1 - _CRACK_START)


def _spall(used: float) -> float:
    return math.expm1(_SPALL_GROWTH * used) / math.expm1(_SPALL_GROWTH)


def _junker(used: float) -> float:
    return math.expm1(-_PRELOAD_LOSS * used) / math.expm1(-_PRELOAD_LOSS)


def _findley(used: float) -> float:
    return math.sqrt(used)


ARCHARD = Law(name="archard", load_exponent=1.0, severity=_archard)
PARIS = Law(name="paris", load_exponent=4.0, severity=_paris, scatter=0.35, batch=0.2)
SPALL = Law(name="lundberg-palmgren", load_exponent=3.0, severity=_spall)
JUNKER = Law(name="junker", load_exponent=1.0, severity=_junker)
FINDLEY = Law(name="findley", load_exponent=1.0, severity=_findley)

LAWS: dict[str, Law] = {
    "tooth-damage": PARIS, "blade-damage": PARIS,
    "outer-race": SPALL, "inner-race": SPALL, "rolling-element": SPALL,
    "looseness": JUNKER, "misalignment": FINDLEY,
}  # fmt: skip

_BEARING_MODES = ("outer-race", "inner-race", "rolling-element")
MODES: dict[str, tuple[str, ...]] = {
    "rolling-bearing": _BEARING_MODES,
    "gear": ("tooth-damage", "wear"),
    "impeller": ("imbalance", "blade-damage"),
    "rotor": ("imbalance", "blade-damage"),
    "coupling": ("misalignment", "wear"),
    "roller": ("wear",),
    "belt": ("slip", "wear"),
    "pulley": ("slip", "wear"),
    "plain-bearing": ("wear",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuff:
    """What a material does to the life of a part."""

    wear_rate: float  # against PA12 = 1, dry on steel
    strength_mpa: float


# Tensile strength: makers' data sheets (EOS PA 2200, Stratasys Nylon 12CF, NatureWorks 3D850,
# Eastman Amphora, BASF Ultrafuse TPU 95A). Wear rates are this simulator's own assumptions, in the
# order that VDI 2736 part 1 and tribology handbooks give; they claim nothing about a real printer.
MATERIALS: dict[str, Stuff] = {
    "PA12": Stuff(wear_rate=1.0, strength_mpa=48.0),
    "PA12-CF": Stuff(wear_rate=0.55, strength_mpa=70.0),
    "PLA": Stuff(wear_rate=3.0, strength_mpa=50.0),
    "PETG": Stuff(wear_rate=2.2, strength_mpa=46.0),
    "ASA": Stuff(wear_rate=2.6, strength_mpa=40.0),
    "POM": Stuff(wear_rate=0.7, strength_mpa=62.0),
    "TPU": Stuff(wear_rate=1.2, strength_mpa=30.0),
}
# Life grows with each of these.
_WIDTHS = ("width_mm", "length_mm", "belt_width_mm", "thickness_mm", "blade_mm")


@dataclass(slots=True, kw_only=True)
class Wear:
    """A mode that grows: how long the original part lasts, and what share of life is used."""

    mode: str
    life_s: float
    used_ratio: float = 0.0


@dataclass(slots=True, kw_only=True)
class FittedPart:
    """The part that is in the machine now: its design, and what is wrong with it."""

    material: str
    sizes: dict[str, float] = field(default_factory=dict)
    faults: dict[str, float] = field(default_factory=dict)
    wears: list[Wear] = field(default_factory=list)
    luck: float = 0.0  # of this print, in standard deviations; 0 is as the law says
    batch: float = 0.0  # of its material in this workshop

    def plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> "FittedPart":
        """Return what `plain` wrote."""
        return cls(
            material=plain["material"],
            sizes=dict(plain["sizes"]),
            faults=dict(plain["faults"]),
            wears=[Wear(**wear) for wear in plain["wears"]],
            luck=plain.get("luck", 0.0),
            batch=plain.get("batch", 0.0),
        )


def original_part(component: AnyComponent) -> FittedPart:
    """Return the part that the machine file describes."""
    printed = component.replace.print
    if printed is None:
        return FittedPart(material="original")
    return FittedPart(material=printed.material, sizes=_numbers(printed.sizes))


def new_part(
    component: AnyComponent,
    material: str,
    sizes: Mapping[str, float],
    *,
    luck: float = 0.0,
    batch: float = 0.0,
) -> FittedPart:
    """Return a new part; sizes that are not given are those of the original.

    `luck` is that of this print, `batch` that of a material that is not the original's, both in
    standard deviations.

    An empty material, or `original`, is that of the original; a part that is not printed is always
    the maker's own.

    Raises
    ------
    InputError
        If the material is unknown or a size is not a positive number.
    """
    original = original_part(component)
    if component.replace.print is None:  # bought or adjusted: the maker's own
        return original
    if material not in MATERIALS and material not in ("", "original", original.material):
        raise InputError(
            f"material '{material}' is not known here; use {', '.join(MATERIALS)} or original"
        )
    wrong = [key for key, size in _numbers(sizes).items() if not size >= 0]
    if wrong:
        raise InputError(f"size '{wrong[0]}' is {sizes[wrong[0]]}; give a number from 0")
    used = material if material in MATERIALS else original.material
    return FittedPart(
        material=used,
        sizes=original.sizes | _numbers(sizes),
        luck=luck,
        batch=batch if used != original.material else 0.0,
    )


def law_of(mode: str) -> Law:
    """Return the law by which a mode grows; Archard's for all that has no own law."""
    return LAWS.get(mode, ARCHARD)


def life_ratio(component: AnyComponent, part: FittedPart, mode: str) -> float:
    """Return the life of `part` against the law's life of the original, at the same load.

    Wear life goes with the face that carries the load and against the material's wear rate (VDI
    2736: W ~ T N Hv kw / (b z lFl)); crack life with (strength x section)^m of Paris' law.
    """
    law = law_of(mode)
    drawn = math.exp(law.scatter * part.luck + law.batch * part.batch)
    return drawn * _designed_ratio(original_part(component), part, law)


def _designed_ratio(original: FittedPart, part: FittedPart, law: Law) -> float:
    width = 1.0
    for key in _WIDTHS:
        if original.sizes.get(key, 0) > 0 and part.sizes.get(key, 0) > 0:
            width *= part.sizes[key] / original.sizes[key]
    old, new = MATERIALS.get(original.material), MATERIALS.get(part.material)
    if law is PARIS:
        strength = new.strength_mpa / old.strength_mpa if old and new else 1.0
        return float((width * strength) ** law.load_exponent)
    if law is ARCHARD:
        return width * (old.wear_rate / new.wear_rate if old and new else 1.0)
    return width


def grow(component: AnyComponent, part: FittedPart, *, work_s: float, load_ratio: float) -> None:
    """Let all that wears on a part wear on: `work_s` seconds at nominal speed under this load."""
    for wear in part.wears:
        law = law_of(wear.mode)
        life_s = wear.life_s * life_ratio(component, part, wear.mode)
        wear.used_ratio += work_s * load_ratio**law.load_exponent / life_s
        severity = law.severity(wear.used_ratio) if wear.used_ratio < 1 else 1.0
        part.faults[wear.mode] = max(severity, part.faults.get(wear.mode, 0.0))


def modes_of(component: AnyComponent) -> tuple[str, ...]:
    """Return the failure modes that physics or the symptom table gives, looseness last."""
    physics = MODES.get(component.kind, ())
    tables = tuple(mode for mode in component.failure_modes if mode not in physics)
    loose = ("looseness",) if component.shaft and "looseness" not in tables else ()
    return (*physics, *tables, *loose)


def _numbers(sizes: Mapping[str, Any]) -> dict[str, float]:
    return {
        key: float(size)
        for key, size in sizes.items()
        if isinstance(size, int | float) and not isinstance(size, bool)
    }
