"""Pillow block: a bearing seat on a foot, printed on its side; bolts go through the foot's ears.

Lying down, the seat is round and needs no support. The bolts run across the layers, so their
holes are drawn as teardrops, whose 45-degree roofs print without support.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import manifold3d
import numpy as np

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
from partgen.families.plate import disc
from partgen.families.probe import hole_mm, reach_mm
from partgen.families.screw import teardrop
from partgen.marking.room import Panel, Room
from partgen.solid import Layer, Mesh, circle, mesh_of, prism, regions


@dataclass(frozen=True, slots=True, kw_only=True)
class PillowBlock(Family):
    """A block; the seat's middle is the origin, the foot's sole lies at y = -height_mm."""

    interfaces: ClassVar[tuple[str, ...]] = (
        "seat_mm", "height_mm", "bolt_mm", "bolt_spacing_mm", "foot_mm",
    )  # fmt: skip
    critical: ClassVar[tuple[str, ...]] = ("seat_mm", "height_mm")
    fits: ClassVar[Mapping[str, Role]] = {
        "seat_mm": "hole",
        "height_mm": "span",
        "bolt_spacing_mm": "span",
    }

    seat_mm: float = size(22.0, 4.0, 120.0, source="608 bearing: 22", memory=True)
    height_mm: float = size(25.0, 6.0, 150.0)
    width_mm: float = size(14.0, 6.0, 80.0)
    wall_mm: float = size(5.0, 2.0, 40.0)
    foot_mm: float = size(8.0, 3.0, 60.0)
    bolt_mm: float = size(5.5, 2.0, 20.0)
    bolt_spacing_mm: float = size(52.0, 12.0, 220.0)

    def rules(self) -> None:
        """Refuse a seat that breaks out of the block, and bolts without room."""
        low = self.seat_mm / 2 + self.wall_mm
        at_least("height_mm", self.height_mm, low, "the seat breaks out at the sole")
        at_least("height_mm", self.height_mm, self.foot_mm, "the foot is higher than the shaft")
        apart = self.seat_mm + 2 * self.wall_mm + self.bolt_mm + 2.0
        at_least("bolt_spacing_mm", self.bolt_spacing_mm, apart, "a bolt meets the block")
        at_least("width_mm", self.width_mm, 1.5 * self.bolt_mm + 3.2, "a bolt breaks out")

    @property
    def genus(self) -> int:
        """Seat and two bolts."""
        return 3

    @property
    def _length_mm(self) -> float:
        return self.bolt_spacing_mm + 2 * self.bolt_mm + 4.0

    @property
    def mark_room(self) -> Room | None:
        """The side of the column, between the seat and the sole."""
        half = self.seat_mm / 2 + self.wall_mm
        return Panel(
            z_mm=self.width_mm, left_mm=-half, right_mm=half,
            low_mm=-self.height_mm, high_mm=-self.seat_mm / 2,
        )  # fmt: skip

    def layers(self) -> Sequence[Layer]:
        """Return the slab without its bolt holes."""
        half, sole = self._length_mm / 2, -self.height_mm
        body = self.seat_mm / 2 + self.wall_mm
        foot = _box(-half, sole, half, sole + self.foot_mm)
        column = _box(-body, sole, body, 0.0)
        outline = regions(foot + column + disc(2 * body))
        seat = circle(self.seat_mm, hole=True)
        return (prism(0.0, self.width_mm, *outline, seat),)

    def _bolts(self) -> tuple[manifold3d.Manifold, ...]:
        """Return the two teardrops, longer than the foot is high."""
        drop = manifold3d.CrossSection([teardrop(self.bolt_mm)])
        long = manifold3d.Manifold.extrude(drop, self.foot_mm + 2.0)
        # the drop's tip looks along z, its length along y
        standing = long.rotate((90.0, 0.0, 0.0)).translate(
            (0.0, -self.height_mm + self.foot_mm + 1.0, self.width_mm / 2 - 0.1 * self.bolt_mm)
        )
        away = self.bolt_spacing_mm / 2
        return standing.translate((-away, 0.0, 0.0)), standing.translate((away, 0.0, 0.0))

    @property
    def volume_mm3(self) -> float:
        """The slab less the two holes."""
        slab = sum(layer.volume_mm3 for layer in self.layers())
        drop = manifold3d.CrossSection([teardrop(self.bolt_mm)]).area()
        return slab - 2 * float(drop) * self.foot_mm

    def mesh(self, mark: str = "") -> Mesh:
        """Return the slab with its bolt holes cut."""
        body = mesh_of(self.slabs(mark)).solid()
        for bolt in self._bolts():
            body = body - bolt
        found = body.to_mesh()
        vertices = np.array(found.vert_properties[:, :3], dtype=np.float64)
        return Mesh(vertices=vertices, faces=np.array(found.tri_verts, dtype=np.int64))

    def measure(self, points_mm: Points) -> tuple[Measured, ...]:
        """Return seat, shaft height, length, width and the bolts' distance as found."""
        foot = points_mm[np.abs(points_mm[:, 1] + self.height_mm) < 1e-3]
        inner = np.abs(foot[:, 0])
        inner = inner[inner < self._length_mm / 2 - 1e-3]
        near, far = (float(inner.min()), float(inner.max())) if len(inner) else (0.0, 0.0)
        return (
            measured("seat_mm", hole_mm(points_mm, (0.0, 0.0)), self.seat_mm),
            measured("height_mm", -float(points_mm[:, 1].min()), self.height_mm),
            measured("length_mm", reach_mm(points_mm, 0), self._length_mm),
            measured("bolt_spacing_mm", near + far, self.bolt_spacing_mm, 0.01),
            measured("bolt_mm", far - near, self.bolt_mm, 0.01),
            height("width_mm", points_mm, self.width_mm),
        )


def _box(left: float, low: float, right: float, high: float) -> manifold3d.CrossSection:
    return manifold3d.CrossSection(
        [np.array([[left, low], [right, low], [right, high], [left, high]])]
    )
