"""How much longer a changed part lasts than the one that was seen to fail, with a 90 % band.

All rules are ratios against the part that failed on this machine: its own life calibrates the
friction, the temperature and the load that nobody knows.
"""

from typing import Literal

from partgen.engineering.band import Band
from partgen.engineering.materials import Known, ratio

Rule = Literal["wear", "strength"]
RULES: dict[str, Rule] = {
    "wear": "wear", "slip": "wear", "looseness": "wear", "misalignment": "wear",
    "tooth-damage": "strength", "blade-damage": "strength",
}  # fmt: skip
# Life goes as stress**-slope. Plastic gears in VDI 2736-2 lie between 4 and 10 (from memory); the
# low end promises least.
SLOPE = Known(
    value=4.0, low=3.5, high=4.6, source="from memory of VDI 2736-2's S-N lines", remembered=True
)
# How much the lives of two prints of one drawing differ under one load.
SCATTER: dict[Rule, Known] = {
    "wear": Known(
        value=1.0, low=0.7, high=1.43, remembered=True,
        source="from memory: repeats of one wear test lie within about a factor of 2",
    ),
    "strength": Known(
        value=1.0, low=0.56, high=1.79, remembered=True,
        source="from memory: Weibull slopes of 3 to 4 of plastics in fatigue",
    ),
}  # fmt: skip
NEEDS: dict[Rule, str] = {"wear": "wear_mm3pnm", "strength": "strength_mpa"}


def rule_of(failure_mode: str | None) -> Rule | None:
    """Return what limits the life of a part that failed in this way; None if no law is known.

    >>> rule_of("tooth-damage"), rule_of("fouled")
    ('strength', None)
    """
    return RULES.get(failure_mode or "")


def exponent(rule: Rule) -> float:
    """Return the power of the load by which life falls.

    >>> exponent("wear"), exponent("strength")
    (1.0, 4.0)
    """
    return 1.0 if rule == "wear" else SLOPE.value


def life_gain(
    rule: Rule, *, exposure_ratio: float, material: str, instead_of: str, load_ratio: float = 1.0
) -> Band | None:
    """Return the new life over the old one; None if a material's value is not known.

    `exposure_ratio` is the new part's pressure or stress over the old one's, at the same load.
    Wear: depth = k p s (Archard, J. Appl. Phys. 24 (1953) 981), so life goes as 1 / (k p).
    Strength: life goes as (strength / stress)**slope (Basquin, Proc. ASTM 10 (1910) 625).

    >>> life_gain("wear", exposure_ratio=0.8, material="PA12", instead_of="PA12").value
    1.25
    """
    carried = ratio(material, instead_of, NEEDS[rule])
    if carried is None:
        return None
    if rule == "wear":
        gain = Band(value=1 / (exposure_ratio * load_ratio)).over(carried)
    else:
        gain = carried.times(Band(value=1 / (exposure_ratio * load_ratio))).power(SLOPE.band)
    return gain.times(_two_prints(rule))


def _two_prints(rule: Rule) -> Band:
    """Return the scatter of one print's life against another's."""
    one = SCATTER[rule].band
    return one.times(one)
