"""Impeller: curved blades on a disc, open at the top, with a hub."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, radians, sqrt, tan
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
)
from partgen.marking.room import Ring, Room
from partgen.solid import Layer, circle, prism, regions

EDGE_MM = 0.4  # blades end this far inside the disc's rim, so that no two edges coincide


@dataclass(frozen=True, slots=True, kw_only=True)
class Impeller(Family):
    """A radial impeller; blades are log spirals that lean `blade_angle_deg` from tangential."""

    interfaces: ClassVar[tuple[str, ...]] = ("blades", "outer_mm", "hub_mm", "bore_mm", "height_mm")
    critical: ClassVar[tuple[str, ...]] = ("bore_mm", "outer_mm")
    fits: ClassVar[Mapping[str, Role]] = {
        "outer_mm": "outer",
        "hub_mm": "outer",
        "bore_mm": "hole",
        "blade_mm": "outer",
    }

    blades: int = size(7, 2, 24)
    outer_mm: float = size(70.0, 15.0, 200.0)
    hub_mm: float = size(20.0, 5.0, 120.0)
    bore_mm: float = size(8.0, 1.5, 100.0)
    height_mm: float = size(16.0, 3.0, 100.0)
    plate_mm: float = size(2.0, 0.8, 10.0)
    blade_mm: float = size(1.6, 0.8, 10.0)
    blade_angle_deg: float = size(40.0, 20.0, 90.0)

    def rules(self) -> None:
        """Refuse a thin hub, short or crowded blades, and a disc as high as the whole."""
        wall = (self.hub_mm - self.bore_mm) / 2
        at_least("hub_mm", self.hub_mm, self.bore_mm + 2.4, f"the hub's wall is {wall:.2f} mm")
        at_least(
            "outer_mm", self.outer_mm, self.hub_mm + 8.0,
            f"blades are {max(self.outer_mm - self.hub_mm, 0) / 2:.2f} mm long",
        )  # fmt: skip
        at_most("plate_mm", self.plate_mm, self.height_mm - 1.0, "no height is left for blades")
        room = pi * self.hub_mm / self.blades * _sine(self.blade_angle_deg)
        at_most("blade_mm", self.blade_mm, room - 0.8, f"{self.blades} blades crowd at the hub")

    @property
    def mark_room(self) -> Room | None:
        """The top of the hub."""
        return Ring(z_mm=self.height_mm, inner_mm=self.bore_mm, outer_mm=self.hub_mm)

    def layers(self) -> Sequence[Layer]:
        """Return the disc, and the hub with its blades on it."""
        bore = circle(self.bore_mm, hole=True)
        blade = manifold3d.CrossSection([self._blade()])
        blades = manifold3d.CrossSection.batch_boolean(
            [blade.rotate(360.0 * turn / self.blades) for turn in range(self.blades)],
            manifold3d.OpType.Add,
        )
        hub = manifold3d.CrossSection([circle(self.hub_mm).astype(float)])
        upper = regions(blades + hub)
        return (
            prism(0.0, self.plate_mm, circle(self.outer_mm), bore),
            prism(self.plate_mm, self.height_mm, *upper, bore),
        )

    def _blade(self) -> Points:
        """Return one blade's outline, from inside the hub to just inside the rim."""
        slope, half = radians(self.blade_angle_deg), self.blade_mm / 2
        start, rim = (self.bore_mm + self.hub_mm) / 4, self.outer_mm / 2 - EDGE_MM
        lean = half * cos(slope)
        end = sqrt(rim**2 - half**2 + lean**2) - lean  # its outer corner lies on `rim`
        reach = np.geomspace(start, end, 40)
        turn = np.log(reach / start) / tan(slope)
        line = np.column_stack([reach * np.cos(turn), reach * np.sin(turn)])
        heading = turn + pi / 2 - slope
        side = np.column_stack([np.sin(heading), -np.cos(heading)]) * -half
        return np.vstack([line - side, (line + side)[::-1]])

    def measure(self, points_mm: Points) -> tuple[Measured, ...]:
        """Return blades, diameters and heights as found."""
        top = points_mm[points_mm[:, 2] > self.height_mm - 1e-3]
        return (
            measured("blades", self._blades_found(top), self.blades, 0.0),
            measured("outer_mm", diameter(points_mm), self.outer_mm),
            measured("bore_mm", diameter(points_mm, inner=True), self.bore_mm),
            height("height_mm", points_mm, self.height_mm),
        )

    def _blades_found(self, top_mm: Points) -> int:
        """Return how many groups of points lie at the blades' ends."""
        tips = top_mm[radii(top_mm) > self.outer_mm / 2 - EDGE_MM - 1e-2]
        if len(tips) == 0:
            return 0
        angles = np.sort(np.arctan2(tips[:, 1], tips[:, 0]))
        gaps = np.diff(np.append(angles, angles[0] + 2 * pi))
        return int(np.count_nonzero(gaps > pi / self.blades * 0.6)) or 1


def _sine(angle_deg: float) -> float:
    return float(np.sin(radians(angle_deg)))
