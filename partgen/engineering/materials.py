"""What is known of materials: each value with its band and its source.

A value that is quoted from memory says so (`remembered`) and is shown so. What is not known stays
None, and a rule that needs it does not judge that material. Strengths are along the layers.
"""

from dataclasses import dataclass

from partgen.engineering.band import Band


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A value, the range that is published, and where."""

    value: float
    low: float
    high: float
    source: str
    remembered: bool = False

    @property
    def band(self) -> Band:
        """The value with its range as a 90 % band."""
        return Band.of(self.value, self.low, self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A material that a printer can be loaded with; None is not known."""

    name: str
    density_gpcm3: Known | None = None
    strength_mpa: Known | None = None  # ultimate, tension
    modulus_mpa: Known | None = None  # Young's, in tension
    glass_degc: Known | None = None
    service_degc: Known | None = None  # a tooth or a bearing may be as warm as this for long
    friction_ratio: Known | None = None  # dry on steel
    wear_mm3pnm: Known | None = None  # specific wear rate, dry on steel
    pv_mpa_mps: Known | None = None  # pressure x speed of a dry bushing


def _typical(low: float, high: float, source: str) -> Known:
    return Known(value=(low + high) / 2, low=low, high=high, source=source)


def _memory(value: float, low: float, high: float, what: str) -> Known:
    return Known(value=value, low=low, high=high, source=f"from memory of {what}", remembered=True)


_PA12 = "additive.tools/materials/pa12 (laser-sintered)"
_PA12_CF = "additive.tools/materials/pa12-cf (laser-sintered, flat)"
_PETG = "additive.tools/materials/petg (filament, flat)"
_PLA = "additive.tools/materials/pla (filament, flat)"
_SHEETS = "makers' filament data sheets"
# Rates of different laboratories differ by more than the materials do; only their ratio is used,
# so each range is that of the ratio. That fibres help is not certain: they can cost abrasive wear
# resistance (Gadelmoula and Aldahash, Polymers 2023, 15, 3916).
_WEAR = "handbook tables of dry sliding on steel (order of VDI 2736-2's k_w)"
_PV = "bearing makers' tables of dry, unfilled plastics"
_MU = "handbook tables of dry sliding on steel"
_HEAT = "makers' long-term service temperatures"

MATERIALS: dict[str, Material] = {
    "PLA": Material(
        name="PLA",
        density_gpcm3=_typical(1.22, 1.26, _PLA),
        strength_mpa=_typical(50.0, 65.0, _PLA),
        modulus_mpa=_typical(3000.0, 4000.0, _PLA),
        glass_degc=_typical(55.0, 65.0, _PLA),
        service_degc=_memory(50.0, 45.0, 55.0, _HEAT),
        friction_ratio=_memory(0.45, 0.3, 0.65, _MU),
        wear_mm3pnm=_memory(6.0e-6, 4.0e-6, 9.0e-6, _WEAR),
    ),
    "PETG": Material(
        name="PETG",
        density_gpcm3=Known(value=1.27, low=1.25, high=1.29, source=_PETG),
        strength_mpa=_typical(44.0, 56.0, _PETG),
        modulus_mpa=_memory(2000.0, 1700.0, 2300.0, _SHEETS),
        glass_degc=_typical(75.0, 85.0, _PETG),
        service_degc=_memory(65.0, 60.0, 70.0, _HEAT),
        friction_ratio=_memory(0.4, 0.25, 0.55, _MU),
        wear_mm3pnm=_memory(4.0e-6, 2.7e-6, 6.0e-6, _WEAR),
    ),
    "ASA": Material(
        name="ASA",
        density_gpcm3=_memory(1.07, 1.05, 1.09, _SHEETS),
        strength_mpa=_memory(42.0, 36.0, 48.0, _SHEETS),
        modulus_mpa=_memory(1900.0, 1600.0, 2200.0, _SHEETS),
        glass_degc=_memory(100.0, 95.0, 105.0, _SHEETS),
    ),
    "PA12": Material(
        name="PA12",
        density_gpcm3=Known(value=0.93, low=0.9, high=0.98, source=_PA12),
        strength_mpa=_typical(44.0, 52.0, _PA12),
        modulus_mpa=_memory(1650.0, 1400.0, 1900.0, _SHEETS),
        glass_degc=_typical(45.0, 55.0, _PA12),
        service_degc=_memory(80.0, 70.0, 90.0, _HEAT),
        friction_ratio=_memory(0.35, 0.25, 0.5, _MU),
        wear_mm3pnm=_memory(1.5e-6, 1.1e-6, 2.1e-6, _WEAR),
        pv_mpa_mps=_memory(0.1, 0.07, 0.14, _PV),
    ),
    "PA12-CF": Material(
        name="PA12-CF",
        density_gpcm3=Known(value=1.10, low=1.05, high=1.15, source=_PA12_CF),
        strength_mpa=_typical(58.0, 72.0, _PA12_CF),
        modulus_mpa=_memory(5000.0, 4000.0, 7000.0, _SHEETS),
        service_degc=_memory(90.0, 80.0, 100.0, _HEAT),
        friction_ratio=_memory(0.3, 0.2, 0.45, _MU),
        wear_mm3pnm=_memory(0.9e-6, 0.6e-6, 1.35e-6, _WEAR),
        pv_mpa_mps=_memory(0.15, 0.1, 0.22, _PV),
    ),
    "POM": Material(
        name="POM",
        density_gpcm3=_memory(1.41, 1.39, 1.43, _SHEETS),
        strength_mpa=_memory(63.0, 58.0, 68.0, _SHEETS),
        modulus_mpa=_memory(2700.0, 2500.0, 3000.0, _SHEETS),
        service_degc=_memory(90.0, 80.0, 100.0, _HEAT),
        friction_ratio=_memory(0.25, 0.18, 0.35, _MU),
        wear_mm3pnm=_memory(1.0e-6, 0.7e-6, 1.45e-6, _WEAR),
        pv_mpa_mps=_memory(0.1, 0.07, 0.14, _PV),
    ),
    "TPU": Material(
        name="TPU",
        density_gpcm3=_memory(1.21, 1.18, 1.24, _SHEETS),
        strength_mpa=_memory(35.0, 25.0, 45.0, _SHEETS),
        modulus_mpa=_memory(35.0, 26.0, 50.0, "Shore 95 A against modulus tables"),
    ),
}


def known(material: str, value: str) -> Known | None:
    """Return a value of a material, None if the material or the value is not known.

    >>> known("PA12", "strength_mpa").value, known("TPU", "wear_mm3pnm"), known("oak", "glass_degc")
    (48.0, None, None)
    """
    found = getattr(MATERIALS.get(material), value, None)
    return found if isinstance(found, Known) else None


def ratio(over: str, under: str, value: str) -> Band | None:
    """Return a value of one material over that of another; None if either is not known.

    The same material is exactly itself, whatever its value.

    >>> ratio("TPU", "TPU", "wear_mm3pnm").value, ratio("TPU", "PA12", "wear_mm3pnm")
    (1.0, None)
    """
    if over == under:
        return Band(value=1.0)
    first, second = known(over, value), known(under, value)
    return None if first is None or second is None else first.band.over(second.band)


def remembered(material: str, value: str) -> bool:
    """Return whether a value that is known is quoted from memory."""
    found = known(material, value)
    return found is not None and found.remembered
