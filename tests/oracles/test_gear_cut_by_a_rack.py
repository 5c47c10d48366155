"""The drawn gear agrees with one that a rack cuts, step by step: slow, obvious, independent."""

from math import cos, pi, radians, sin, tan

import manifold3d
import numpy as np
import pytest

from partgen.families.involute import Tooth

STEPS = 401


def rack_tooth(module_mm: float, angle_deg: float, backlash_mm: float) -> np.ndarray:
    """Return one cutting tooth of ISO 53 profile A: its tip down, its reference line at y = 0."""
    alpha, edge = radians(angle_deg), 0.38 * module_mm
    half = pi * module_mm / 4 + backlash_mm / 4
    deep = 1.25 * module_mm - edge
    middle = half - deep * tan(alpha) - edge / cos(alpha)
    lean = np.linspace(0.0, pi / 2 - alpha, 40)
    tip = np.column_stack([middle + edge * np.sin(lean), -deep - edge * np.cos(lean)])
    top = [half + 2.5 * module_mm * tan(alpha), 2.5 * module_mm]
    right = np.vstack([tip, [top]])
    return np.vstack([right, right[::-1] * (-1.0, 1.0)])


def cut_space(tooth: Tooth) -> manifold3d.CrossSection:
    """Return all that one rack tooth removes while the gear rolls past it."""
    rack = rack_tooth(tooth.module_mm, tooth.pressure_angle_deg, tooth.backlash_mm)
    rack = rack + np.array([0.0, tooth.pitch_mm + tooth.profile_shift * tooth.module_mm])
    swept = []
    for turn in np.linspace(-0.9, 0.9, STEPS):
        moved = rack - (tooth.pitch_mm * turn, 0.0)
        c, s = cos(-turn), sin(-turn)
        swept.append(manifold3d.CrossSection([moved @ np.array([[c, s], [-s, c]])]))
    return manifold3d.CrossSection.batch_boolean(swept, manifold3d.OpType.Add)


@pytest.mark.parametrize(
    ("teeth", "shift", "angle_deg"),
    [(24, 0.0, 20.0), (20, 0.3, 20.0), (40, -0.3, 20.0), (12, 0.3, 20.0), (14, 0.0, 20.0),
     (60, 0.5, 20.0), (30, 0.0, 17.5)],
)  # fmt: skip
def test_a_drawn_gear_is_the_gear_that_a_rack_cuts(
    teeth: int, shift: float, angle_deg: float
) -> None:
    tooth = Tooth(
        module_mm=1.5, teeth=teeth, profile_shift=shift, pressure_angle_deg=angle_deg,
        backlash_mm=0.1,
    )  # fmt: skip
    drawn = manifold3d.CrossSection([tooth.outline()])
    space = cut_space(tooth).rotate(-90.0 + 180.0 / teeth)
    disc = manifold3d.CrossSection.circle(tooth.tip_mm, 4000)
    sector = manifold3d.CrossSection(
        [[[0.0, 0.0], [60.0, 0.0], [60.0, 60.0 * tan(2 * pi / teeth)]]]
    )

    cut = (disc - space) ^ sector
    drawn = drawn ^ sector

    # what is in one only, and wider than 5 um, is an error of form
    for extra in (cut - drawn, drawn - cut):
        assert extra.offset(-0.0025).area() < 1e-3
