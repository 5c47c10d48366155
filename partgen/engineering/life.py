"""How much longer a changed part lasts than the one that was seen to fail.

All rules are ratios against the part that failed on this machine: its own life calibrates the
unknown load, friction and temperature. (m) marks what is quoted from memory of a guideline.
"""

from typing import Literal

from partgen.engineering.materials import strength_gain, wear_gain

Rule = Literal["wear", "strength"]
# Slope of the stress-life line, N ~ stress**-slope. (m) Plastic gears in VDI 2736-2 tests lie
# between 4 and 10; the low end promises least.
SLOPE = 4.0
WEAR_MODES = ("wear", "slip", "looseness", "misalignment")


def rule_of(failure_mode: str | None) -> Rule:
    """Return what limits the life of a part that failed in this way."""
    return "wear" if failure_mode in WEAR_MODES else "strength"


def life_gain(
    rule: Rule, *, size_gain: float, material: str, instead_of: str, load_ratio: float = 1.0
) -> float | None:
    """Return the new life over the old one; None if a material's value is not known.

    `size_gain` is how many times more the part carries at the same stress or pressure.
    Wear: depth = k p s (Archard, J. Appl. Phys. 24 (1953) 981; VDI 2736-2 wear of teeth (m)), so
    life goes as width and as load**-1. Strength: root stress goes as load / width (Lewis,
    Proc. Engineers' Club of Philadelphia 10 (1893); VDI 2736-2 (m)), life as stress**-SLOPE.

    >>> round(life_gain("wear", size_gain=1.25, material="PA12", instead_of="PA12"), 3)
    1.25
    """
    if rule == "wear":
        gain = wear_gain(material, instead_of)
        return None if gain is None else gain * size_gain / load_ratio
    gain = 1.0 if material == instead_of else strength_gain(material, instead_of)
    return None if gain is None else float((gain * size_gain / load_ratio) ** SLOPE)
