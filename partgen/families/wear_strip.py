"""Guide or wear strip: a rail with countersunk holes, its sliding face up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from partgen.families.family import (
    Family,
    Measured,
    Points,
    Role,
    at_least,
    height,
    measured,
    size,
)
from partgen.families.plate import rounded
from partgen.families.probe import hole_mm, reach_mm
from partgen.solid import Layer, Loop, circle, loop_of, prism


@dataclass(frozen=True, slots=True, kw_only=True)
class WearStrip(Family):
    """A strip along x; its holes are `hole_mm` wide and sink 90-degree heads of `head_mm`."""

    interfaces: ClassVar[tuple[str, ...]] = ("length_mm", "width_mm", "holes", "hole_mm", "head_mm")
    critical: ClassVar[tuple[str, ...]] = ("thickness_mm", "width_mm")
    fits: ClassVar[Mapping[str, Role]] = {
        "length_mm": "outer",
        "width_mm": "outer",
        "hole_mm": "hole",
        "head_mm": "hole",
    }

    length_mm: float = size(120.0, 15.0, 240.0)
    width_mm: float = size(20.0, 6.0, 150.0)
    thickness_mm: float = size(5.0, 1.6, 40.0)
    holes: int = size(3, 1, 12)
    hole_mm: float = size(4.5, 2.0, 20.0)
    head_mm: float = size(9.0, 2.0, 40.0, source="ISO 10642: 8.96 for M4")
    corner_mm: float = size(2.0, 0.0, 10.0)

    def rules(self) -> None:
        """Refuse holes that crowd, break out, or heads deeper than the strip."""
        at_least("head_mm", self.head_mm, self.hole_mm + 0.4, "a head is wider than its hole")
        at_least("width_mm", self.width_mm, self.head_mm + 3.2, "a head breaks out at the side")
        pitch = self.head_mm + 3.2
        least = pitch * self.holes
        at_least("length_mm", self.length_mm, least, f"{self.holes} heads crowd")
        sunk = (self.head_mm - self.hole_mm) / 2 + 0.8
        at_least("thickness_mm", self.thickness_mm, sunk, "a head goes through")
        side = min(self.width_mm, self.length_mm)
        at_least("width_mm", side, 2 * self.corner_mm + 1.0, "the corners meet")

    @property
    def genus(self) -> int:
        """One for each hole."""
        return self.holes

    def _spots(self) -> tuple[tuple[float, float], ...]:
        pitch = self.length_mm / self.holes
        return tuple(
            ((number + 0.5) * pitch - self.length_mm / 2, 0.0) for number in range(self.holes)
        )

    def layers(self) -> Sequence[Layer]:
        """Return the plain lower part and the countersunk upper part."""
        outline = rounded(self.length_mm, self.width_mm, self.corner_mm)
        heads = [circle(self.head_mm, hole=True, at_mm=spot) for spot in self._spots()]
        holes = [self._hole(head, spot) for head, spot in zip(heads, self._spots(), strict=True)]
        sink = self.thickness_mm - (self.head_mm - self.hole_mm) / 2
        return (
            prism(0.0, sink, outline, *holes),
            Layer(
                bottom_mm=sink,
                top_mm=self.thickness_mm,
                below=(outline, *holes),
                above=(outline, *heads),
            ),
        )

    def _hole(self, head: Loop, spot: tuple[float, float]) -> Loop:
        middle = (spot[0], spot[1])
        return loop_of((head.astype(float) - middle) * (self.hole_mm / self.head_mm) + middle)

    def measure(self, points_mm: Points) -> tuple[Measured, ...]:
        """Return the outer sizes, and each hole and head as found."""
        top = points_mm[points_mm[:, 2] > self.thickness_mm - 1e-3]
        found = [
            measured("length_mm", reach_mm(points_mm, 0), self.length_mm),
            measured("width_mm", reach_mm(points_mm, 1), self.width_mm),
            height("thickness_mm", points_mm, self.thickness_mm),
        ]
        for number, spot in enumerate(self._spots(), start=1):
            found.append(measured(f"hole_{number}_mm", hole_mm(points_mm, spot), self.hole_mm))
            found.append(measured(f"head_{number}_mm", hole_mm(top, spot), self.head_mm))
        return tuple(found)
