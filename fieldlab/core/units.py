"""Which unit fits which quantity, and the factor to the quantity's base unit.

Spelling is UCUM-like (ucum.org). Temperatures are kept in degC or K as they come; only
differences matter to the analytics, so no offset is applied here.
"""

from typing import Literal, get_args

Quantity = Literal[
    "acceleration", "velocity", "displacement", "temperature", "pressure", "flow", "current",
    "voltage", "power", "torque", "force", "rotational-speed", "position", "load", "efficiency",
    "concentration", "level", "count", "sound", "other",
]  # fmt: skip

QUANTITIES: tuple[str, ...] = get_args(Quantity)

_LENGTH = {"m": 1.0, "cm": 1e-2, "mm": 1e-3, "um": 1e-6, "nm": 1e-9}
_SHARE = {"%": 0.01, "1": 1.0}
STANDARD_GRAVITY_MPS2 = 9.80665  # ISO 80000-3

UNITS: dict[str, dict[str, float]] = {
    "acceleration": {"g": STANDARD_GRAVITY_MPS2, "mg": 9.80665e-3, "m/s2": 1.0, "mm/s2": 1e-3},
    "velocity": {"mm/s": 1e-3, "m/s": 1.0, "cm/s": 1e-2, "m/min": 1 / 60, "km/h": 1 / 3.6},
    "displacement": _LENGTH,
    "temperature": {"degC": 1.0, "K": 1.0},
    "pressure": {"bar": 1e5, "mbar": 1e2, "Pa": 1.0, "kPa": 1e3, "MPa": 1e6, "hPa": 1e2},
    "flow": {
        "l/min": 1 / 60_000, "l/h": 1 / 3_600_000, "l/s": 1e-3, "ml/min": 1e-6 / 60,
        "m3/h": 1 / 3600, "m3/s": 1.0, "kg/h": 1 / 3600, "kg/s": 1.0, "kg/min": 1 / 60,
    },
    "current": {"A": 1.0, "mA": 1e-3},
    "voltage": {"V": 1.0, "mV": 1e-3, "kV": 1e3},
    "power": {"W": 1.0, "kW": 1e3, "MW": 1e6, "mW": 1e-3},
    "torque": {"N.m": 1.0, "N.cm": 1e-2, "N.mm": 1e-3, "kN.m": 1e3},
    "force": {"N": 1.0, "kN": 1e3, "mN": 1e-3},
    "rotational-speed": {"rpm": 1 / 60, "Hz": 1.0, "1/s": 1.0},
    "position": _LENGTH | _SHARE | {"deg": 1.0},
    "load": _SHARE | {"kg": 1.0, "g": 1e-3, "t": 1e3, "N": 1.0, "kN": 1e3, "N.m": 1.0, "A": 1.0,
                      "kg/h": 1 / 3600, "kg/min": 1 / 60, "W": 1.0, "kW": 1e3},
    "efficiency": _SHARE,
    "concentration": _SHARE | {"mg/l": 1e-3, "g/l": 1.0, "mol/l": 1e3, "ppm": 1e-6, "mol/mol": 1.0,
                               "mol%": 0.01},
    "level": _LENGTH | _SHARE | {"l": 1e-3, "m3": 1.0},
    "count": {"1": 1.0},
    "sound": {"Pa": 1.0, "mPa": 1e-3, "dB": 1.0, "dB(A)": 1.0},
}  # fmt: skip


def unit_fits(quantity: str, unit: str) -> bool:
    """Return whether `unit` can express `quantity`; the quantity `other` takes any unit.

    >>> unit_fits("acceleration", "g"), unit_fits("acceleration", "degC")
    (True, False)
    """
    return quantity == "other" or unit in UNITS.get(quantity, {})


def to_base(quantity: str, unit: str) -> float:
    """Return the factor from `unit` to the quantity's base unit (1.0 for `other`).

    >>> round(to_base("acceleration", "g"), 5)
    9.80665
    """
    return UNITS.get(quantity, {}).get(unit, 1.0)
