"""Calibration plate: holes, pins and edges of known size, to learn how a printer and material fit.

Not a machine part: it is made like one, but it does not stand in the catalogue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from partgen.families.family import Family, Measured, Points, diameter, height, measured, size
from partgen.families.plate import rounded
from partgen.families.probe import hole_mm, reach_mm
from partgen.solid import Layer, circle, prism

HOLES_MM = {5.0: (9.0, -11.0), 8.0: (-6.0, 10.0), 12.0: (-6.0, -9.0), 20.0: (-26.0, 0.0)}
PINS_MM = {10.0: (9.0, 9.0), 20.0: (26.0, 0.0)}
LONG_MM, WIDE_MM = 80.0, 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration(Family):
    """A plate of 80 by 40 mm with four holes and two pins; measure all of them with a calliper."""

    critical: ClassVar[tuple[str, ...]] = ("thickness_mm",)

    thickness_mm: float = size(5.0, 3.0, 10.0)
    pin_mm: float = size(6.0, 4.0, 15.0)

    def rules(self) -> None:
        """All sizes go together."""

    @property
    def genus(self) -> int:
        """One for each hole."""
        return len(HOLES_MM)

    def layers(self) -> Sequence[Layer]:
        """Return the plate and the pins on it."""
        holes = [circle(wide, hole=True, at_mm=at) for wide, at in HOLES_MM.items()]
        pins = [circle(wide, at_mm=at) for wide, at in PINS_MM.items()]
        top = self.thickness_mm
        return (
            prism(0.0, top, rounded(LONG_MM, WIDE_MM, 3.0), *holes),
            prism(top, top + self.pin_mm, *pins),
        )

    def measure(self, points_mm: Points) -> tuple[Measured, ...]:
        """Return each hole, pin and edge as found."""
        found = [
            measured("outer_80_mm", reach_mm(points_mm, 0), LONG_MM),
            measured("outer_40_mm", reach_mm(points_mm, 1), WIDE_MM),
            height("height_mm", points_mm, self.thickness_mm + self.pin_mm),
        ]
        for wide, at in HOLES_MM.items():
            found.append(measured(f"hole_{wide:g}_mm", hole_mm(points_mm, at), wide))
        top = points_mm[points_mm[:, 2] > self.thickness_mm + 1e-3]
        for wide, (x, y) in PINS_MM.items():
            pin = top[abs(top[:, 0] - x) < 12] - (x, y, 0.0)
            near = pin[(pin[:, :2] ** 2).sum(axis=1) < (wide / 2 + 1) ** 2]
            found.append(measured(f"outer_{wide:g}_mm", diameter(near), wide))
        return tuple(found)
