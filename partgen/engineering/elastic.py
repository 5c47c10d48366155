"""Elastic parts: how stiff mounts and coupling spiders are."""

from math import pi


def shape_factor(loaded_mm2: float, free_mm2: float) -> float:
    """Return the loaded area over the area that is free to bulge.

    >>> shape_factor(12 * 12, 12 * 4 * 1)
    3.0
    """
    return loaded_mm2 / free_mm2


def apparent_modulus_mpa(modulus_mpa: float, shape: float) -> float:
    """Return the modulus of a bonded block in compression, E (1 + 2 S^2).

    Gent and Lindley (1959), Proc. Inst. Mech. Eng. 173, 111; for square to circular blocks.

    >>> apparent_modulus_mpa(1.0, 0.5)
    1.5
    """
    return modulus_mpa * (1 + 2 * shape**2)


def mount_stiffness_npmm(
    modulus_mpa: float, *, outer_mm: float, bore_mm: float, thickness_mm: float
) -> float:
    """Return the compression stiffness of a bonded ring: E_a A / t.

    >>> round(mount_stiffness_npmm(35, outer_mm=30, bore_mm=8, thickness_mm=20))
    1323
    """
    area = pi / 4 * (outer_mm**2 - bore_mm**2)
    free = pi * (outer_mm + bore_mm) * thickness_mm
    return apparent_modulus_mpa(modulus_mpa, shape_factor(area, free)) * area / thickness_mm


def lobe_pressure_mpa(
    torque_nm: float, *, lobes: int, outer_mm: float, inner_mm: float, thickness_mm: float
) -> float:
    """Return the pressure on a spider's lobes; half of them carry in one direction.

    >>> round(lobe_pressure_mpa(4.8, lobes=6, outer_mm=40, inner_mm=24, thickness_mm=12), 2)
    1.04
    """
    radius, face = (outer_mm + inner_mm) / 4, (outer_mm - inner_mm) / 2 * thickness_mm
    return torque_nm * 1000 / (radius * lobes / 2 * face)


def spider_stiffness_nmprad(
    modulus_mpa: float,
    *,
    lobes: int,
    outer_mm: float,
    inner_mm: float,
    thickness_mm: float,
    lobe_mm: float,
) -> float:
    """Return the stiffness in torsion: half the lobes as blocks between jaws, k r^2 each.

    >>> round(spider_stiffness_nmprad(35, lobes=6, outer_mm=40, inner_mm=24, thickness_mm=12,
    ...     lobe_mm=8))
    381
    """
    radius, high = (outer_mm + inner_mm) / 4, (outer_mm - inner_mm) / 2
    face = high * thickness_mm
    shape = shape_factor(face, 2 * (high + thickness_mm) * lobe_mm)
    block = apparent_modulus_mpa(modulus_mpa, shape) * face / lobe_mm
    return block * lobes / 2 * radius**2 / 1000
