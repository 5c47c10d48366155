"""What is known of materials: each value with its source; what is not known stays None.

Strengths are the low end of the published range, along the layers. A rule that needs a value
that is None does not judge that material.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A value and where it was published."""

    value: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A material that a printer can be loaded with."""

    name: str
    density_gpcm3: Known | None = None
    strength_mpa: Known | None = None  # ultimate tensile strength
    elongation_ratio: Known | None = None  # at break
    glass_degc: Known | None = None
    wear_mm3pnm: Known | None = None  # specific wear rate against a mate of its own kind


_PA12 = "additive.tools/materials/pa12, 44-52 MPa, 8-25 %, Tg 45-55 degC (laser-sintered)"
_PA12_CF = "additive.tools/materials/pa12-cf, 58-72 MPa, 2-5 % (laser-sintered, flat)"
_PETG = "additive.tools/materials/petg, 44-56 MPa, 20-50 %, Tg 75-85 degC (filament, flat)"
_PLA = "additive.tools/materials/pla, 50-65 MPa, 3-10 %, Tg 55-65 degC (filament, flat)"

MATERIALS: dict[str, Material] = {
    "PLA": Material(
        name="PLA",
        density_gpcm3=Known(value=1.24, source=_PLA),
        strength_mpa=Known(value=50.0, source=_PLA),
        elongation_ratio=Known(value=0.03, source=_PLA),
        glass_degc=Known(value=55.0, source=_PLA),
    ),
    "PETG": Material(
        name="PETG",
        density_gpcm3=Known(value=1.27, source=_PETG),
        strength_mpa=Known(value=44.0, source=_PETG),
        elongation_ratio=Known(value=0.20, source=_PETG),
        glass_degc=Known(value=75.0, source=_PETG),
    ),
    # No wear rate: carbon fibre can cost abrasive wear resistance (Gadelmoula and Aldahash,
    # Polymers 2023, 15(19), 3916), and no pair of rates on one bench was found for PA12-CF.
    "PA12": Material(
        name="PA12",
        density_gpcm3=Known(value=0.93, source=_PA12),
        strength_mpa=Known(value=44.0, source=_PA12),
        elongation_ratio=Known(value=0.08, source=_PA12),
        glass_degc=Known(value=45.0, source=_PA12),
    ),
    "PA12-CF": Material(
        name="PA12-CF",
        density_gpcm3=Known(value=1.10, source=_PA12_CF),
        strength_mpa=Known(value=58.0, source=_PA12_CF),
        elongation_ratio=Known(value=0.02, source=_PA12_CF),
    ),
    "TPU": Material(name="TPU"),
    "ASA": Material(name="ASA"),
    "POM": Material(name="POM"),
}


def strength_gain(material: str, instead_of: str) -> float | None:
    """Return how many times stronger a material is; None if either strength is unknown.

    >>> round(strength_gain("PA12-CF", "PA12"), 2), strength_gain("TPU", "PA12")
    (1.32, None)
    """
    return _ratio(_value(material, "strength_mpa"), _value(instead_of, "strength_mpa"))


def wear_gain(material: str, instead_of: str) -> float | None:
    """Return how many times slower a material wears; None if either rate is unknown.

    >>> wear_gain("PA12", "PA12"), wear_gain("PA12-CF", "PA12")
    (1.0, None)
    """
    if material == instead_of:
        return 1.0
    return _ratio(_value(instead_of, "wear_mm3pnm"), _value(material, "wear_mm3pnm"))


def _value(material: str, name: str) -> float | None:
    known = getattr(MATERIALS.get(material), name, None)
    return known.value if isinstance(known, Known) else None


def _ratio(over: float | None, under: float | None) -> float | None:
    return over / under if over is not None and under is not None else None
