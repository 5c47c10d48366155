"""Gasket: a flat ring, rectangular flange or oval flange, with an opening and bolt holes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np

from partgen.families.family import Family, Measured, Points, Role, height, measured, size
from partgen.families.outlines import OUTLINES, Ask
from partgen.families.probe import hole_mm, reach_mm
from partgen.solid import Layer, circle, prism


@dataclass(frozen=True, slots=True, kw_only=True)
class Gasket(Family):
    """A gasket; `outline` is 0 for a ring, 1 for a rectangle, 2 for an oval of two bolts.

    `outer_mm` is its diameter or its length along x, `depth_mm` its size along y; `bore_mm` is the
    opening's diameter, or its length along x where `opening_mm` gives it one along y.
    `bolt_circle_mm` and `bolt_depth_mm` are how far bolts are apart along x and y.
    """

    interfaces: ClassVar[tuple[str, ...]] = (
        "outline", "outer_mm", "depth_mm", "bore_mm", "opening_mm", "bolts", "bolt_mm",
        "bolt_circle_mm", "bolt_depth_mm",
    )  # fmt: skip
    critical: ClassVar[tuple[str, ...]] = ("thickness_mm",)
    fits: ClassVar[Mapping[str, Role]] = {
        "outer_mm": "outer",
        "depth_mm": "outer",
        "bore_mm": "hole",
        "opening_mm": "hole",
        "bolt_mm": "hole",
        "bolt_circle_mm": "span",
        "bolt_depth_mm": "span",
    }

    outline: int = size(0, 0, 2)
    outer_mm: float = size(80.0, 8.0, 205.0)
    bore_mm: float = size(40.0, 2.0, 190.0)
    thickness_mm: float = size(2.0, 0.6, 12.0)
    bolts: int = size(4, 0, 24)
    bolt_mm: float = size(6.5, 2.0, 30.0)
    bolt_circle_mm: float = size(62.0, 4.0, 200.0)
    depth_mm: float = size(0.0, 0.0, 205.0, source="own choice; 0 is what suits the outline")
    opening_mm: float = size(0.0, 0.0, 190.0, source="own choice; 0 is a round opening")
    bolt_depth_mm: float = size(0.0, 0.0, 200.0, source="own choice; 0 is as far from each side")
    corner_mm: float = size(0.0, 0.0, 50.0, source="own choice; of a rectangle")

    @property
    def _ask(self) -> Ask:
        return Ask(**{each.name: getattr(self, each.name) for each in fields(Ask)})

    def rules(self) -> None:
        """Refuse what its outline cannot be drawn from."""
        OUTLINES[self.outline].check(self._ask)

    @property
    def genus(self) -> int:
        """The opening and the bolts."""
        return 1 + self.bolts

    def layers(self) -> Sequence[Layer]:
        """Return the one slab."""
        ask, outline = self._ask, OUTLINES[self.outline]
        holes = [circle(self.bolt_mm, hole=True, at_mm=spot) for spot in outline.spots(ask)]
        return (prism(0.0, self.thickness_mm, *outline.rim(ask), outline.opening(ask), *holes),)

    def measure(self, points_mm: Points) -> tuple[Measured, ...]:
        """Return the outside, the opening, the thickness and each bolt's hole as found."""
        ask, outline = self._ask, OUTLINES[self.outline]
        wide, deep = outline.size_mm(ask)
        return (
            measured("outer_mm", reach_mm(points_mm, 0), wide),
            measured("depth_mm", reach_mm(points_mm, 1), deep),
            *self._opening(points_mm),
            height("thickness_mm", points_mm, self.thickness_mm),
            *(
                measured(f"bolt_{number}_mm", hole_mm(points_mm, spot), self.bolt_mm)
                for number, spot in enumerate(outline.spots(ask), start=1)
            ),
        )

    def _opening(self, points_mm: Points) -> tuple[Measured, ...]:
        if not self.opening_mm:
            return (measured("bore_mm", hole_mm(points_mm, (0.0, 0.0)), self.bore_mm),)
        half = np.array([self.bore_mm, self.opening_mm]) / 2 + 0.1
        inner = points_mm[(np.abs(points_mm[:, :2]) < half).all(axis=1)]
        found = [float(np.ptp(inner[:, axis])) if len(inner) else 0.0 for axis in (0, 1)]
        return (
            measured("bore_mm", found[0], self.bore_mm),
            measured("opening_mm", found[1], self.opening_mm),
        )
