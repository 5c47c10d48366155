"""Gear teeth: load, root stress, temperature and flank wear of plastic gears.

VDI 2736-2's factors are checked against an open implementation of the guideline (GEARpie,
C. Fernandes, University of Porto); its wear law and its limits are quoted from memory.
"""

from itertools import pairwise
from math import acos, cos, pi, radians, tan

# VDI 2736-2: k of flank and root, against steel and against plastic, in K (m/s mm)^0.75 mm / W.
_HEAT = {("flank", True): 6300.0, ("flank", False): 9000.0,
         ("root", True): 895.0, ("root", False): 2148.0}  # fmt: skip
OPEN_HOUSING = 0.0  # K m2 / W; VDI 2736-2: 0 open, 0.015 to 0.045 partly open, 0.06 closed
HOUSING_M2 = 0.03
# The flank may lose 0.1 to 0.2 modules (from memory of VDI 2736-2).
WEAR_LIMIT_MODULES = (0.1, 0.15, 0.2)


def tangential_n(torque_nm: float, pitch_mm: float) -> float:
    """Return the force along the pitch circle of diameter `pitch_mm`.

    >>> tangential_n(4.5, 30.0)
    300.0
    """
    return 2000 * torque_nm / pitch_mm


def pitch_speed_mps(pitch_mm: float, speed_rpm: float) -> float:
    """Return the speed along the pitch circle (Shigley, 10th ed., eq. 13-34)."""
    return pi * pitch_mm * 1e-3 * speed_rpm / 60


def velocity_factor(speed_mps: float) -> float:
    """Return Barth's factor for cut or milled teeth (Shigley, 10th ed., eq. 14-6b).

    >>> round(velocity_factor(2.121), 3)
    1.348
    """
    return (6.1 + speed_mps) / 6.1


# Lewis' form factor of full-depth teeth of 20 degrees (Shigley, 10th ed., table 14-2).
_LEWIS = (
    (12, 0.245), (13, 0.261), (14, 0.277), (15, 0.290), (16, 0.296), (17, 0.303), (18, 0.309),
    (19, 0.314), (20, 0.322), (21, 0.328), (22, 0.331), (24, 0.337), (26, 0.346), (28, 0.353),
    (30, 0.359), (34, 0.371), (38, 0.384), (43, 0.397), (50, 0.409), (60, 0.422), (75, 0.435),
    (100, 0.447), (150, 0.460), (300, 0.472),
)  # fmt: skip


def lewis_factor(teeth: int) -> float:
    """Return Lewis' form factor Y, linear between the table's teeth and flat beyond them.

    >>> lewis_factor(16), lewis_factor(24)
    (0.296, 0.337)
    """
    if teeth <= _LEWIS[0][0]:
        return _LEWIS[0][1]
    for (few, low), (many, high) in pairwise(_LEWIS):
        if teeth <= many:
            return low + (high - low) * (teeth - few) / (many - few)
    return _LEWIS[-1][1]


def lewis_stress_mpa(
    force_n: float, *, width_mm: float, module_mm: float, teeth: int, speed_mps: float = 0.0
) -> float:
    """Return the bending stress at the root, load at one tooth's tip (Shigley, eq. 14-8).

    >>> round(lewis_stress_mpa(235.8, width_mm=12, module_mm=1.25, teeth=18, speed_mps=2.121), 1)
    68.6
    """
    load_n = velocity_factor(speed_mps) * force_n
    return load_n / (width_mm * module_mm * lewis_factor(teeth))


def contact_lengths(teeth: int, mate: int, pressure_angle_deg: float = 20.0) -> tuple[float, float]:
    """Return the contact ratios of approach and recess of a pair of ISO 53 teeth without shift.

    >>> [round(each, 2) for each in contact_lengths(20, 60)]
    [0.78, 0.89]
    """
    alpha = radians(pressure_angle_deg)

    def tip(own: int) -> float:
        return own / (2 * pi) * (tan(acos(own * cos(alpha) / (own + 2))) - tan(alpha))

    return tip(teeth), tip(mate)


def degree_of_loss(teeth: int, mate: int, pressure_angle_deg: float = 20.0) -> float:
    """Return the sliding losses of a mesh, H_v (Ohlendorf 1958; VDI 2736-2, from memory).

    >>> round(degree_of_loss(20, 60), 3)
    0.153
    """
    own, other = contact_lengths(teeth, mate, pressure_angle_deg)
    slip = 1 - own - other + own**2 + other**2
    return pi * (1 / teeth + 1 / mate) * slip


def tooth_temperature_degc(  # noqa: PLR0913
    ambient_degc: float,
    *,
    power_w: float,
    friction_ratio: float,
    loss: float,
    width_mm: float,
    teeth: int,
    speed_mps: float,
    module_mm: float,
    place: str = "flank",
    on_steel: bool = False,
    housing: float = OPEN_HOUSING,
) -> float:
    """Return how warm a tooth is in continuous duty (VDI 2736-2; Hachmann and Strickle 1966).

    >>> round(tooth_temperature_degc(20, power_w=100, friction_ratio=0.2, loss=0.153, width_mm=12,
    ...     teeth=20, speed_mps=2.3, module_mm=1.5, place="root"), 1)
    30.8
    """
    heat = _HEAT[place, on_steel] / (width_mm * teeth * (speed_mps * module_mm) ** 0.75)
    return ambient_degc + power_w * friction_ratio * loss * float(heat + housing / HOUSING_M2)


def flank_line_mm(module_mm: float, teeth: int, pressure_angle_deg: float = 20.0) -> float:
    """Return how long a tooth's flank is in profile, from one module under the pitch circle up.

    The arc of an involute between two radii is their difference of squares over twice the base
    radius; it begins at the base circle where that is higher.

    >>> round(flank_line_mm(1.5, 20), 2)
    2.61
    """
    base = module_mm * teeth * cos(radians(pressure_angle_deg)) / 2
    tip, low = module_mm * (teeth + 2) / 2, max(module_mm * (teeth - 2) / 2, base)
    return (tip**2 - low**2) / (2 * base)


def flank_wear_mm(  # noqa: PLR0913
    turns: float,
    *,
    torque_nm: float,
    wear_mm3pnm: float,
    loss: float,
    width_mm: float,
    teeth: int,
    module_mm: float,
) -> float:
    """Return the mean depth that a flank has lost (VDI 2736-2, from memory).

    W = 2 pi T N H_v k_w / (b z l_Fl): the work of friction of all turns, over all flanks.
    """
    work_nm = 2 * pi * torque_nm * turns * loss
    return work_nm * wear_mm3pnm / (width_mm * teeth * flank_line_mm(module_mm, teeth))
