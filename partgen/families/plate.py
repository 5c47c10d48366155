"""manifold3d.CrossSections that plates are made of: round-ended bars, slots, rounded rectangles."""

from math import pi

import manifold3d
import numpy as np

from partgen.solid import Loop, circle, loop_of


def disc(diameter_mm: float, at_mm: tuple[float, float] = (0.0, 0.0)) -> manifold3d.CrossSection:
    """Return a disc."""
    return manifold3d.CrossSection([circle(diameter_mm, at_mm=at_mm).astype(float)])


def bar(
    start_mm: tuple[float, float], end_mm: tuple[float, float], widths_mm: tuple[float, float]
) -> manifold3d.CrossSection:
    """Return the hull of two discs: a bar with round ends, tapered if their widths differ."""
    return manifold3d.CrossSection.batch_hull(
        [disc(widths_mm[0], start_mm), disc(widths_mm[1], end_mm)]
    )


def slot(
    middle_mm: tuple[float, float], *, width_mm: float, length_mm: float, turn_rad: float = 0.0
) -> Loop:
    """Return a slot with round ends as a hole; `length_mm` is from end to end.

    A slot that is as long as it is wide is a round hole.
    """
    round_end = circle(width_mm, at_mm=(0.0, 0.0))
    half = max(length_mm - width_mm, 0.0) / 2
    if half < 1e-3:
        return circle(width_mm, hole=True, at_mm=middle_mm)
    count = len(round_end) // 2
    turn = np.linspace(-pi / 2, pi / 2, count + 1)
    right = np.column_stack([half + width_mm / 2 * np.cos(turn), width_mm / 2 * np.sin(turn)])
    ring = np.vstack([right, -right])
    spin = np.array([[np.cos(turn_rad), np.sin(turn_rad)], [-np.sin(turn_rad), np.cos(turn_rad)]])
    return loop_of((ring @ spin + np.asarray(middle_mm))[::-1])


def rounded(width_mm: float, height_mm: float, corner_mm: float) -> Loop:
    """Return a rectangle with round corners about the origin."""
    across, up = width_mm / 2 - corner_mm, height_mm / 2 - corner_mm
    ring = circle(2 * corner_mm) if corner_mm > 0 else np.zeros((4, 2), dtype=np.float32)
    quarter = len(ring) // 4
    turn = np.linspace(0.0, pi / 2, quarter + 1) if corner_mm > 0 else np.zeros(1)
    arc = corner_mm * np.column_stack([np.cos(turn), np.sin(turn)])
    corners = []
    for number, middle in enumerate(((across, up), (-across, up), (-across, -up), (across, -up))):
        angle = number * pi / 2
        spin = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        corners.append(arc @ spin + np.asarray(middle))
    return loop_of(np.vstack(corners))
