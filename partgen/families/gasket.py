"""Gasket: a flat ring or a rounded rectangle with an opening and bolt holes around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import ClassVar

from partgen.families.family import (
    Family,
    Measured,
    Points,
    Role,
    at_least,
    diameter,
    height,
    measured,
    size,
)
from partgen.families.probe import hole_mm
from partgen.solid import Layer, circle, prism

WALL_MM = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Gasket(Family):
    """A round gasket; `bolts` holes lie on a circle of `bolt_circle_mm`, 0 bolts is none."""

    interfaces: ClassVar[tuple[str, ...]] = (
        "outer_mm", "bore_mm", "bolts", "bolt_mm", "bolt_circle_mm",
    )  # fmt: skip
    critical: ClassVar[tuple[str, ...]] = ("thickness_mm",)
    fits: ClassVar[Mapping[str, Role]] = {
        "outer_mm": "outer",
        "bore_mm": "hole",
        "bolt_mm": "hole",
        "bolt_circle_mm": "span",
    }

    outer_mm: float = size(80.0, 8.0, 205.0)
    bore_mm: float = size(40.0, 2.0, 190.0)
    thickness_mm: float = size(2.0, 0.6, 12.0)
    bolts: int = size(4, 0, 24)
    bolt_mm: float = size(6.5, 2.0, 30.0)
    bolt_circle_mm: float = size(62.0, 4.0, 200.0)

    def rules(self) -> None:
        """Refuse a thin ring, and holes that break out or crowd."""
        wall = (self.outer_mm - self.bore_mm) / 2
        at_least("outer_mm", self.outer_mm, self.bore_mm + 2 * WALL_MM, f"ring is {wall:.2f} mm")
        if not self.bolts:
            return
        inner = self.bore_mm + self.bolt_mm + 2 * WALL_MM
        at_least("bolt_circle_mm", self.bolt_circle_mm, inner, "a bolt meets the opening")
        outer = self.bolt_circle_mm + self.bolt_mm + 2 * WALL_MM
        at_least("outer_mm", self.outer_mm, outer, "a bolt breaks out at the rim")
        if self.bolts > 1:
            apart = (self.bolt_mm + WALL_MM) / sin(pi / self.bolts)
            at_least("bolt_circle_mm", self.bolt_circle_mm, apart, f"{self.bolts} bolts crowd")

    @property
    def genus(self) -> int:
        """The opening and the bolts."""
        return 1 + self.bolts

    def _spots(self) -> tuple[tuple[float, float], ...]:
        reach = self.bolt_circle_mm / 2
        turns = [2 * pi * number / self.bolts for number in range(self.bolts)]
        return tuple((reach * cos(turn), reach * sin(turn)) for turn in turns)

    def layers(self) -> Sequence[Layer]:
        """Return the one slab."""
        holes = [circle(self.bolt_mm, hole=True, at_mm=spot) for spot in self._spots()]
        ring = (circle(self.outer_mm), circle(self.bore_mm, hole=True))
        return (prism(0.0, self.thickness_mm, *ring, *holes),)

    def measure(self, points_mm: Points) -> tuple[Measured, ...]:
        """Return the diameters, the thickness and each bolt's hole as found."""
        return (
            measured("outer_mm", diameter(points_mm), self.outer_mm),
            measured("bore_mm", diameter(points_mm, inner=True), self.bore_mm),
            height("thickness_mm", points_mm, self.thickness_mm),
            *(
                measured(f"bolt_{number}_mm", hole_mm(points_mm, spot), self.bolt_mm)
                for number, spot in enumerate(self._spots(), start=1)
            ),
        )
