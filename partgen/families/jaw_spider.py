"""Jaw-coupling spider: elastic lobes on a ring, between the jaws of two hubs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import pi, sin
from typing import ClassVar

import manifold3d
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
    radii,
    size,
    teeth_found,
)
from partgen.solid import Layer, circle, prism, regions

RING_MM = 1.6


@dataclass(frozen=True, slots=True, kw_only=True)
class JawSpider(Family):
    """A spider; `lobe_mm` is how wide a lobe is between two jaws, 0 takes half the pitch."""

    interfaces: ClassVar[tuple[str, ...]] = ("lobes", "outer_mm", "bore_mm", "lobe_mm")
    critical: ClassVar[tuple[str, ...]] = ("outer_mm", "thickness_mm")
    fits: ClassVar[Mapping[str, Role]] = {
        "outer_mm": "outer",
        "bore_mm": "hole",
        "lobe_mm": "outer",
    }

    lobes: int = size(6, 4, 12)
    outer_mm: float = size(40.0, 12.0, 200.0)
    bore_mm: float = size(18.0, 3.0, 120.0)
    thickness_mm: float = size(12.0, 3.0, 60.0)
    lobe_mm: float = size(0.0, 0.0, 60.0)

    @property
    def lobe_width_mm(self) -> float:
        """How wide a lobe is, tangentially."""
        return self.lobe_mm or self._pitch_mm / 2

    @property
    def ring_mm(self) -> float:
        """The outer diameter of the ring that joins the lobes."""
        return self.bore_mm + 2 * max(RING_MM, 0.12 * (self.outer_mm - self.bore_mm))

    @property
    def _pitch_mm(self) -> float:
        """The room for one lobe and one jaw at the ring, where it is narrowest."""
        return self.ring_mm * sin(pi / self.lobes)

    def rules(self) -> None:
        """Refuse lobes that are too short, too thin, or leave no room for the jaws."""
        reach = (self.outer_mm - self.ring_mm) / 2
        room = self.bore_mm + 2 * RING_MM + 6.0
        at_least("outer_mm", self.outer_mm, room, f"lobes stand out {max(reach, 0):.2f} mm")
        why = f"a lobe is {self.lobe_width_mm:.2f} mm wide"
        at_least("lobe_mm", self.lobe_width_mm, 1.2, why)
        at_most("lobe_mm", self.lobe_width_mm, 0.75 * self._pitch_mm, f"{why}; jaws need room")

    def layers(self) -> Sequence[Layer]:
        """Return the one slab."""
        width = self.lobe_width_mm
        inner = (self.bore_mm + self.ring_mm) / 4
        bar = np.array([[inner, -width / 2], [self.outer_mm, -width / 2],
                        [self.outer_mm, width / 2], [inner, width / 2]])  # fmt: skip
        lobe = manifold3d.CrossSection([bar])
        bars = manifold3d.CrossSection.batch_boolean(
            [lobe.rotate(360.0 * turn / self.lobes) for turn in range(self.lobes)],
            manifold3d.OpType.Add,
        )
        rim = manifold3d.CrossSection([circle(self.outer_mm).astype(float)])
        ring = manifold3d.CrossSection([circle(self.ring_mm).astype(float)])
        outline = regions((bars ^ rim) + ring)
        bore = circle(self.bore_mm, hole=True)
        return (prism(0.0, self.thickness_mm, *outline, bore),)

    def measure(self, points_mm: Points) -> tuple[Measured, ...]:
        """Return lobes, diameters, thickness and the lobes' width as found."""
        middle = (self.ring_mm + self.outer_mm) / 4
        tip = points_mm[(radii(points_mm) > middle) & (points_mm[:, 0] > 0)]
        tip = tip[np.abs(np.arctan2(tip[:, 1], tip[:, 0])) < pi / self.lobes]
        return (
            measured("lobes", teeth_found(points_mm, middle, self.bore_mm / 2 + 0.1), self.lobes),
            measured("outer_mm", diameter(points_mm), self.outer_mm),
            measured("bore_mm", diameter(points_mm, inner=True), self.bore_mm),
            measured("lobe_mm", float(np.ptp(tip[:, 1])) if len(tip) else 0.0, self.lobe_width_mm),
            height("thickness_mm", points_mm, self.thickness_mm),
        )
