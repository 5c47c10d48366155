"""Damper mount: a waisted elastic post with a through bolt, printed standing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from partgen.families.family import (
    Family,
    Measured,
    Points,
    Role,
    at_least,
    at_most,
    diameter,
    height,
    measured,
    size,
)
from partgen.solid import Layer, circle

SLICES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class DamperMount(Family):
    """A mount; `waist_mm` is its diameter half-way up, as wide as `outer_mm` for a plain post."""

    interfaces: ClassVar[tuple[str, ...]] = ("outer_mm", "bore_mm", "thickness_mm")
    critical: ClassVar[tuple[str, ...]] = ("thickness_mm", "bore_mm")
    fits: ClassVar[Mapping[str, Role]] = {
        "outer_mm": "outer",
        "waist_mm": "outer",
        "bore_mm": "hole",
    }

    outer_mm: float = size(30.0, 8.0, 150.0)
    bore_mm: float = size(8.0, 1.5, 100.0)
    thickness_mm: float = size(20.0, 3.0, 100.0)
    waist_mm: float = size(25.0, 5.0, 150.0)

    def rules(self) -> None:
        """Refuse a thin wall, a belly instead of a waist, and a waist that hangs over."""
        wall = (self.waist_mm - self.bore_mm) / 2
        at_least("waist_mm", self.waist_mm, self.bore_mm + 4.0, f"the wall is {wall:.2f} mm")
        at_most("waist_mm", self.waist_mm, self.outer_mm, "a waist is no belly")
        # A parabola's slope at its ends is 2 (D - d) / t; 45 degrees is 1.
        least = self.outer_mm - 0.48 * self.thickness_mm
        at_least("waist_mm", self.waist_mm, least, "the upper end hangs over by 45 degrees")

    def layers(self) -> Sequence[Layer]:
        """Return slabs along the waist."""
        bore = circle(self.bore_mm, hole=True)
        count = len(circle(self.outer_mm))
        at = np.linspace(0.0, self.thickness_mm, SLICES + 1)
        off = 2 * at / self.thickness_mm - 1
        wide = self.waist_mm + (self.outer_mm - self.waist_mm) * off**2
        rings = [circle(float(each), count=count) for each in wide]
        return tuple(
            Layer(
                bottom_mm=float(at[index]), top_mm=float(at[index + 1]),
                below=(rings[index], bore), above=(rings[index + 1], bore),
            )
            for index in range(SLICES)
        )  # fmt: skip

    def measure(self, points_mm: Points) -> tuple[Measured, ...]:
        """Return the diameters and the thickness as found."""
        middle = self.thickness_mm / 2
        return (
            measured("outer_mm", diameter(points_mm, high=0.0), self.outer_mm),
            measured("waist_mm", diameter(points_mm, low=middle, high=middle), self.waist_mm),
            measured("bore_mm", diameter(points_mm, inner=True), self.bore_mm),
            height("thickness_mm", points_mm, self.thickness_mm),
        )
