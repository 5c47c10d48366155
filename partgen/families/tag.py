"""Tag: a plate with a QR code in relief and a hole for a tie, for parts without room for a mark.

Not a machine part: it is made like one, but it does not stand in the catalogue. A relief of one
colour is not read: change the filament at `base_mm`, or ink what stands out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import manifold3d
import numpy as np

from partgen.families.family import Family, Measured, Points, Role, height, measured, size
from partgen.families.plate import rounded
from partgen.families.probe import hole_mm, reach_mm
from partgen.marking.cut import covered
from partgen.marking.qr import VERSIONS, Grid, qr
from partgen.solid import Layer, Loop, Mesh, circle, mesh_of, prism, regions

QUIET = 4  # modules around the code, as the standard wants
TOP_MM = 9.0  # for the hole
APART_MM = 0.03  # dark squares end so far inside their module, so that no two touch at a corner


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag(Family):
    """A tag; its mark is the text of its code, up to 106 bytes."""

    critical: ClassVar[tuple[str, ...]] = ("base_mm",)
    fits: ClassVar[Mapping[str, Role]] = {"hole_mm": "hole"}

    module_mm: float = size(1.0, 0.9, 3.0, source="own choice; two lines of a 0.4 mm nozzle")
    base_mm: float = size(1.6, 0.8, 5.0)
    relief_mm: float = size(0.6, 0.4, 2.0)
    hole_mm: float = size(4.0, 2.0, 7.0)

    def rules(self) -> None:
        """All sizes go together."""

    def layers(self) -> Sequence[Layer]:
        """Return the plate of the smallest code, without one."""
        return (self._plate(VERSIONS[0].side),)

    def slabs(self, mark: str = "") -> Sequence[Layer]:
        """Return the plate and the code on it; raises PartError for too long a text."""
        grid = qr(mark)
        top = self.base_mm + self.relief_mm
        return self._plate(len(grid)), prism(self.base_mm, top, *self._relief(grid))

    def _side_mm(self, modules: int) -> float:
        return (modules + 2 * QUIET) * self.module_mm

    def _hole_at_mm(self, modules: int) -> tuple[float, float]:
        return 0.0, self._side_mm(modules) / 2

    def _plate(self, modules: int) -> Layer:
        """Return the plate; the code's middle lies below the origin by half the hole's strip."""
        side = self._side_mm(modules)
        hole = circle(self.hole_mm, hole=True, at_mm=self._hole_at_mm(modules))
        return prism(0.0, self.base_mm, rounded(side, side + TOP_MM, 2.0), hole)

    def _middles(self, modules: int) -> Points:
        """Return where the modules are, (n, n, 2), the first at the upper left."""
        off = (np.arange(modules) - (modules - 1) / 2) * self.module_mm
        x, y = np.meshgrid(off, -off - TOP_MM / 2)
        return np.stack([x, y], axis=-1)

    def _relief(self, grid: Grid) -> tuple[Loop, ...]:
        half = self.module_mm / 2
        square = half * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        spots = self._middles(len(grid))[grid]
        whole = manifold3d.CrossSection([spot + square for spot in spots],
                                        manifold3d.FillRule.NonZero)  # fmt: skip
        return regions(whole.offset(-APART_MM, manifold3d.JoinType.Miter, 2.0))

    def marked_volume_mm3(self, mark: str) -> float:
        """Return the volume with the code of a text."""
        return sum(layer.volume_mm3 for layer in self.slabs(mark))

    def mesh(self, mark: str = "") -> Mesh:
        """Return the tag of a text."""
        return mesh_of(self.slabs(mark))

    def told(self, mesh: Mesh, mark: str) -> str:
        """Return the text if every module stands out, or does not, as its code wants."""
        grid = qr(mark)
        corners = mesh.corners
        level = np.abs(corners[:, :, 2] - self.base_mm - self.relief_mm).max(axis=1) < 1e-3
        dark = covered(self._middles(len(grid)).reshape(-1, 2), corners[level][:, :, :2])
        wrong = int(np.count_nonzero(dark != grid.ravel()))
        return f"{wrong} wrong modules" if wrong else mark

    def measure(self, points_mm: Points) -> tuple[Measured, ...]:
        """Return width, hole and height as found; how wide it is tells the code's version."""
        wide, long = reach_mm(points_mm, 0), reach_mm(points_mm, 1)
        modules = round(wide / self.module_mm) - 2 * QUIET
        hole = hole_mm(points_mm, self._hole_at_mm(modules))
        return (
            measured("width_mm", wide, self._side_mm(modules)),
            measured("length_mm", long, self._side_mm(modules) + TOP_MM),
            measured("hole_mm", hole, self.hole_mm),
            height("height_mm", points_mm, self.base_mm + self.relief_mm),
        )
