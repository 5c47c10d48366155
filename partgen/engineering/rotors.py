"""Turning discs and blades: stress by their own weight at speed."""

from math import pi, sqrt

_PLASTIC_POISSON = 0.4


def disc_stresses_mpa(
    density_kgpm3: float,
    speed_rpm: float,
    *,
    inner_mm: float,
    outer_mm: float,
    poisson: float = _PLASTIC_POISSON,
) -> tuple[float, float]:
    """Return the largest tangential stress (at the bore) and radial stress of a thin disc.

    Diameters in mm. Shigley, 10th ed., eq. 3-55, at r = r_i and at r = sqrt(r_i r_o).

    >>> [round(each, 3) for each in disc_stresses_mpa(1270, 1480, inner_mm=8, outer_mm=70)]
    [0.032, 0.012]
    """
    inner, outer = inner_mm / 2000, outer_mm / 2000
    tip = density_kgpm3 * (speed_rpm * 2 * pi / 60) ** 2 * (3 + poisson) / 8
    share = (1 + 3 * poisson) / (3 + poisson)
    around = tip * (inner**2 + 2 * outer**2 - share * inner**2)
    middle = sqrt(inner * outer)
    outward = tip * (inner**2 + outer**2 - (inner * outer / middle) ** 2 - middle**2)
    return around * 1e-6, outward * 1e-6


def blade_stress_mpa(
    density_kgpm3: float,
    speed_rpm: float,
    *,
    radius_mm: float,
    height_mm: float,
    thick_mm: float,
) -> float:
    """Return the bending stress at the foot of a blade that stands on a disc, by its own weight.

    A strip of density rho, thickness t and height h is pushed outward by rho t omega^2 r per area:
    sigma = M c / I = 3 rho omega^2 r h^2 / t. The blade is taken as a plate across the radius,
    which a curved blade is only in part: an upper bound.

    >>> round(blade_stress_mpa(1270, 1480, radius_mm=30, height_mm=14, thick_mm=1.6), 3)
    0.336
    """
    speed = speed_rpm * 2 * pi / 60
    return 3e-9 * density_kgpm3 * speed**2 * radius_mm * height_mm**2 / (thick_mm * 1e3)
