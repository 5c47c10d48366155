"""Bending of arms and rollers (Euler and Bernoulli); units N, mm, MPa."""

from math import pi


def rectangle_mm4(wide_mm: float, high_mm: float) -> float:
    """Return the second moment of area of a rectangle about its middle.

    >>> rectangle_mm4(9, 35)
    32156.25
    """
    return wide_mm * high_mm**3 / 12


def tube_mm4(outer_mm: float, inner_mm: float = 0.0) -> float:
    """Return the second moment of area of a tube.

    >>> round(tube_mm4(40, 8))
    125463
    """
    return pi / 64 * (outer_mm**4 - inner_mm**4)


def cantilever_end(force: float, length: float, stiffness: float) -> float:
    """Return how far the end of a clamped arm moves under a force there (Shigley, table A-9-1).

    `stiffness` is E I.
    """
    return force * length**3 / (3 * stiffness)


def cantilever_line(load: float, length: float, stiffness: float) -> float:
    """Return how far the end moves under an even load per length (Shigley, table A-9-3)."""
    return load * length**4 / (8 * stiffness)


def supported_line(load: float, length: float, stiffness: float) -> float:
    """Return how far the middle of a beam on two supports sags under an even load per length.

    Half the beam, clamped in the middle, is lifted by its support and pressed down by the load
    (Gere, Mechanics of Materials, 7th ed., problem 9.6-7): 5 q L^4 / 384 E I.

    >>> round(supported_line(384.0, 1.0, 1.0), 9)
    5.0
    """
    half = length / 2
    lifted = cantilever_end(load * half, half, stiffness)
    return lifted - cantilever_line(load, half, stiffness)


def roller_sag_mm(
    force_n: float, *, length_mm: float, outer_mm: float, bore_mm: float, modulus_mpa: float
) -> float:
    """Return how far the middle of a roller sags under a force that is spread over its length.

    >>> round(roller_sag_mm(100, length_mm=200, outer_mm=40, bore_mm=8, modulus_mpa=1650), 3)
    0.05
    """
    stiffness = modulus_mpa * tube_mm4(outer_mm, bore_mm)
    return supported_line(force_n / length_mm, length_mm, stiffness)


def arm_stress_mpa(force_n: float, arm_mm: float, *, wide_mm: float, high_mm: float) -> float:
    """Return the bending stress of an arm of rectangular section: M c / I."""
    return force_n * arm_mm * (high_mm / 2) / rectangle_mm4(wide_mm, high_mm)
