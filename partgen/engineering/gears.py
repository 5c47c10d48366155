"""Load of gear teeth."""

from math import pi


def tangential_n(power_w: float, speed_rpm: float, pitch_mm: float) -> float:
    """Return the force along the pitch circle of diameter `pitch_mm`.

    >>> round(tangential_n(100.0, 1480.0, 30.0), 1)
    43.0
    """
    return power_w / (speed_rpm * 2 * pi / 60) / (pitch_mm / 2000)


def lewis_factor(teeth: int) -> float:
    """Return Lewis' form factor for 20 degree full-depth teeth.

    Y = pi (0.154 - 0.912 / z) (Khurmi and Gupta, A Textbook of Machine Design, 28.8).

    >>> round(lewis_factor(24), 3)
    0.364
    """
    return pi * (0.154 - 0.912 / teeth)


def lewis_stress_mpa(force_n: float, *, width_mm: float, module_mm: float, teeth: int) -> float:
    """Return the bending stress at the root, load at one tooth's tip (Lewis 1893).

    >>> round(lewis_stress_mpa(43.0, width_mm=12.0, module_mm=1.5, teeth=20), 2)
    7.01
    """
    return force_n / (width_mm * module_mm * lewis_factor(teeth))
