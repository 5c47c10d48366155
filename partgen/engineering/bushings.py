"""Plain bearings: pressure, speed, and wear."""

from math import pi


def pressure_mpa(force_n: float, *, bore_mm: float, length_mm: float) -> float:
    """Return the pressure on the projected area d L (Shigley, 10th ed., section 12-15).

    >>> pressure_mpa(200.0, bore_mm=10, length_mm=10)
    2.0
    """
    return force_n / (bore_mm * length_mm)


def peak_pressure_mpa(force_n: float, *, bore_mm: float, length_mm: float) -> float:
    """Return the peak of a cosine over the half bore, 4 / pi times the mean (Shigley, eq. 12-31).

    >>> round(peak_pressure_mpa(200.0, bore_mm=10, length_mm=10), 3)
    2.546
    """
    return 4 / pi * pressure_mpa(force_n, bore_mm=bore_mm, length_mm=length_mm)


def sliding_mps(bore_mm: float, speed_rpm: float) -> float:
    """Return the sliding speed in the bore.

    >>> round(sliding_mps(10, 247), 3)
    0.129
    """
    return pi * bore_mm * 1e-3 * speed_rpm / 60


def wear_mm(pressure: float, sliding_m: float, wear_mm3pnm: float) -> float:
    """Return the depth that is worn, k p s (Archard 1953; Shigley, eq. 12-32 with f1 = f2 = 1).

    `pressure` is in MPa, so in N/mm2: (mm3 / N m) (N / mm2) m = mm.

    >>> round(wear_mm(1.0, 100_000.0, 1.5e-6), 3)
    0.15
    """
    return wear_mm3pnm * pressure * sliding_m
