"""Whether a printed part is good: what a scale and a calliper found against what was ordered."""

from collections.abc import Mapping

from fieldlab.core.errors import InputError
from fieldlab.core.messages import Check, Inspection, Measurement, Verdict

_REWORK_REACH = 2.0  # a size that misses by up to twice its tolerance can be reamed or turned


def tolerance_mm(size_mm: float) -> float:
    """Return what a size of a good print may be off by: the line's own play, and shrinkage.

    ISO 2768-1 class m allows 0.1 to 0.3 mm at these sizes; a filament printer holds 0.1 mm plus
    the spread of the material's shrinkage, some 0.3 % (Fiberlogy, Nylon PA12).

    >>> round(tolerance_mm(30.0), 2)
    0.19
    """
    return 0.1 + 0.003 * abs(size_mm)


def inspect(
    measured: Measurement,
    *,
    expected_mass_g: float,
    sizes: Mapping[str, float],
    critical_mm: Mapping[str, float],
    mass_tolerance_ratio: float = 0.04,
) -> Inspection:
    """Return whether a part is accepted, to be reworked, or rejected, and why.

    Parameters
    ----------
    sizes
        What was ordered, in mm.
    critical_mm
        The tolerance (plus or minus, mm) of each size that matters. A critical size that nobody
        measured is named in the reason and judged by no one.

    Raises
    ------
    InputError
        If an expected mass or tolerance is not positive, or a critical size was not ordered.
    """
    if not expected_mass_g > 0 or not mass_tolerance_ratio > 0:
        raise InputError("expected mass and its tolerance must be more than 0")
    checks = [_mass(measured.mass_g, expected_mass_g, mass_tolerance_ratio)]
    reach: Verdict = "accept" if checks[0].ok else "reject"
    unseen = []
    for name, tolerance in sorted(critical_mm.items()):
        wanted = _ordered(name, sizes, tolerance)
        found = measured.sizes.get(name)
        if found is None:
            unseen.append(name)
            continue
        checks.append(_size(name, found, wanted, tolerance))
        reach = _worse(reach, _judged(abs(found - wanted), tolerance))
    return Inspection(verdict=reach, reason=_reason(checks, unseen), checks=tuple(checks))


def _ordered(name: str, sizes: Mapping[str, float], tolerance: float) -> float:
    if name not in sizes:
        raise InputError(f"critical size '{name}' was not ordered; sizes: {', '.join(sizes)}")
    if not tolerance > 0:
        raise InputError(f"the tolerance of '{name}' is {tolerance}; it must be more than 0")
    return float(sizes[name])


def _mass(found_g: float, wanted_g: float, tolerance_ratio: float) -> Check:
    return Check(
        name="mass_g",
        ok=abs(found_g / wanted_g - 1) <= tolerance_ratio,
        found=f"{found_g:.2f} g",
        wanted=f"{wanted_g:.2f} g ± {tolerance_ratio:.0%}",
    )


def _size(name: str, found_mm: float, wanted_mm: float, tolerance_mm: float) -> Check:
    return Check(
        name=name,
        ok=abs(found_mm - wanted_mm) <= tolerance_mm,
        found=f"{found_mm:.2f} mm",
        wanted=f"{wanted_mm:.2f} mm ± {tolerance_mm:g}",
    )


def _judged(missed_mm: float, tolerance_mm: float) -> Verdict:
    if missed_mm <= tolerance_mm:
        return "accept"
    return "rework" if missed_mm <= _REWORK_REACH * tolerance_mm else "reject"


def _worse(one: Verdict, other: Verdict) -> Verdict:
    order: tuple[Verdict, ...] = ("accept", "rework", "reject")
    return order[max(order.index(one), order.index(other))]


def _reason(checks: list[Check], unseen: list[str]) -> str:
    wrong = [f"{c.name} is {c.found}, wanted {c.wanted}" for c in checks if not c.ok]
    reason = "; ".join(wrong) or f"{len(checks)} of {len(checks)} measurements are as ordered"
    return f"{reason}; not measured: {', '.join(unseen)}" if unseen else reason
