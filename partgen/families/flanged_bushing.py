"""Flanged bushing: a plain bearing with a collar, printed standing on the collar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

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

WALL_MM = 0.8  # two lines of a 0.4 mm nozzle


@dataclass(frozen=True, slots=True, kw_only=True)
class FlangedBushing(Family):
    """A bushing; `length_mm` is the whole length, the collar included (as in ISO 2795 type F)."""

    interfaces: ClassVar[tuple[str, ...]] = ("bore_mm", "outer_mm", "flange_thickness_mm")
    critical: ClassVar[tuple[str, ...]] = ("bore_mm", "outer_mm")
    fits: ClassVar[Mapping[str, Role]] = {
        "bore_mm": "hole",
        "outer_mm": "outer",
        "flange_mm": "outer",
    }

    bore_mm: float = size(10.0, 1.5, 150.0, source="own choice; ISO 2795 has 1 to 60")
    outer_mm: float = size(14.0, 3.1, 180.0)
    length_mm: float = size(12.0, 2.0, 200.0)
    flange_mm: float = size(20.0, 4.0, 250.0)
    flange_thickness_mm: float = size(2.0, 0.6, 20.0)

    def rules(self) -> None:
        """Refuse a thin wall, a collar that is none, and a collar longer than the bushing."""
        wall = (self.outer_mm - self.bore_mm) / 2
        at_least("outer_mm", self.outer_mm, self.bore_mm + 2 * WALL_MM, f"wall is {wall:.2f} mm")
        collar = (self.flange_mm - self.outer_mm) / 2
        at_least(
            "flange_mm", self.flange_mm, self.outer_mm + 2 * WALL_MM, f"collar is {collar:.2f} mm"
        )
        at_most(
            "flange_thickness_mm", self.flange_thickness_mm, self.length_mm - 1.0,
            f"the collar takes the whole length of {self.length_mm:g} mm",
        )  # fmt: skip

    @property
    def mark_room(self) -> Room | None:
        """The end that stands out of the housing; the collar's faces carry thrust."""
        return Ring(z_mm=self.length_mm, inner_mm=self.bore_mm, outer_mm=self.outer_mm)

    def layers(self) -> Sequence[Layer]:
        """Return the collar and the body on it."""
        bore = circle(self.bore_mm, hole=True)
        return (
            prism(0.0, self.flange_thickness_mm, circle(self.flange_mm), bore),
            prism(self.flange_thickness_mm, self.length_mm, circle(self.outer_mm), bore),
        )

    def measure(self, points_mm: Points) -> tuple[Measured, ...]:
        """Return the diameters and heights as found."""
        thick, length = self.flange_thickness_mm, self.length_mm
        return (
            measured("bore_mm", diameter(points_mm, inner=True), self.bore_mm),
            measured("outer_mm", diameter(points_mm, low=length), self.outer_mm),
            measured("flange_mm", diameter(points_mm, high=thick), self.flange_mm),
            measured("flange_thickness_mm", _collar_top(points_mm, self.flange_mm), thick),
            height("length_mm", points_mm, length),
        )


def _collar_top(points_mm: Points, flange_mm: float) -> float:
    rim = points_mm[points_mm[:, 0] > flange_mm / 2 - 1e-3]
    return float(rim[:, 2].max()) if len(rim) else 0.0
