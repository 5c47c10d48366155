"""Roller: a crowned drum with a bore and an optional bearing seat, printed standing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np

from fieldlab.core.errors import PartError
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
from partgen.marking.room import Ring, Room
from partgen.solid import Layer, circle, prism

SLICES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Roller(Family):
    """A roller; `outer_mm` is its middle, `crown_mm` how much smaller its ends are in diameter.

    `seat_mm` is the diameter of a bearing seat in its upper end, 0 is none.
    """

    interfaces: ClassVar[tuple[str, ...]] = (
        "outer_mm", "bore_mm", "length_mm", "seat_mm", "seat_depth_mm",
    )  # fmt: skip
    critical: ClassVar[tuple[str, ...]] = ("outer_mm", "bore_mm", "seat_mm")
    fits: ClassVar[Mapping[str, Role]] = {
        "outer_mm": "outer",
        "bore_mm": "hole",
        "seat_mm": "hole",
    }

    outer_mm: float = size(40.0, 6.0, 200.0)
    bore_mm: float = size(8.0, 1.5, 150.0)
    length_mm: float = size(60.0, 3.0, 210.0)
    crown_mm: float = size(0.0, 0.0, 4.0, source="belts: 0.3 to 1 % of the width", memory=True)
    seat_mm: float = size(0.0, 0.0, 150.0)
    seat_depth_mm: float = size(0.0, 0.0, 50.0)

    def rules(self) -> None:
        """Refuse a thin wall, a crown that hangs over, and a seat that does not fit."""
        inner = max(self.bore_mm, self.seat_mm) + 2.4
        wall = (self.outer_mm - self.crown_mm - inner + 2.4) / 2
        at_least("outer_mm", self.outer_mm, inner + self.crown_mm, f"wall is {wall:.2f} mm")
        at_most("crown_mm", self.crown_mm, 0.25 * self.length_mm, "a crown this high hangs over")
        if bool(self.seat_mm) != bool(self.seat_depth_mm):
            missing = "seat_depth_mm" if self.seat_mm else "seat_mm"
            least = 1.0 if self.seat_mm else self.bore_mm + 1.0
            raise PartError(
                f"a seat has a width and a depth; {missing} must be {least:.2f} or more"
            )
        if self.seat_mm:
            at_least("seat_mm", self.seat_mm, self.bore_mm + 1.0, "the seat is the bore")
            why = f"a seat {self.seat_depth_mm:g} mm deep leaves no bore"
            at_most("seat_depth_mm", self.seat_depth_mm, self.length_mm - 1.5, why)
            at_least("seat_depth_mm", self.seat_depth_mm, 0.5, "the seat is flatter than a layer")

    @property
    def mark_room(self) -> Room | None:
        """The upper end."""
        inner, outer = max(self.bore_mm, self.seat_mm), self.outer_mm - self.crown_mm
        return Ring(z_mm=self.length_mm, inner_mm=inner, outer_mm=outer)

    def layers(self) -> Sequence[Layer]:
        """Return slabs along the crown; the seat begins between two of them."""
        floor = self.length_mm - self.seat_depth_mm
        cuts = (
            np.linspace(0.0, self.length_mm, SLICES + 1) if self.crown_mm else (0.0, self.length_mm)
        )
        heights = _apart([*map(float, cuts), floor])
        wide = circle(self.outer_mm)
        rings = {at: circle(self._at(at), count=len(wide)) for at in heights}
        bore = circle(self.bore_mm, hole=True)
        seat = circle(self.seat_mm, hole=True) if self.seat_mm else bore
        slabs = []
        for low, high in pairwise(heights):
            inner = seat if low >= floor - 1e-9 else bore
            slabs.append(
                Layer(bottom_mm=low, top_mm=high, below=(rings[low], inner),
                      above=(rings[high], inner))
            )  # fmt: skip
        return slabs if self.crown_mm or self.seat_mm else [prism(0.0, self.length_mm, wide, bore)]

    def _at(self, height_mm: float) -> float:
        """Return the diameter at a height: a parabola through the middle and both ends."""
        off = 2 * height_mm / self.length_mm - 1
        return self.outer_mm - self.crown_mm * off**2

    def measure(self, points_mm: Points) -> tuple[Measured, ...]:
        """Return the diameters and the length as found."""
        ends = diameter(points_mm, high=0.0)
        found = [
            measured("bore_mm", diameter(points_mm, inner=True), self.bore_mm),
            measured("end_diameter_mm", ends, self.outer_mm - self.crown_mm),
            measured("outer_mm", diameter(points_mm), self.outer_mm),
            height("length_mm", points_mm, self.length_mm),
        ]
        if self.seat_mm:
            top = diameter(points_mm, inner=True, low=self.length_mm)
            found.append(measured("seat_mm", top, self.seat_mm))
        return tuple(found)


def _apart(heights_mm: list[float]) -> list[float]:
    """Return heights in order; of two that lie closer than a thousandth the later one is kept."""
    kept: list[float] = []
    for at in sorted(heights_mm):
        if kept and at - kept[-1] < 1e-3 and kept[-1] > 0:
            kept.pop()
        kept.append(at)
    return kept
