"""GT2 timing pulley of 2 mm pitch: grooves of the belt's own arcs, flanges without overhang."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, ceil, cos, hypot, pi, sin, sqrt
from typing import ClassVar

import numpy as np

from partgen.families.family import (
    Family,
    Measured,
    Points,
    at_least,
    at_most,
    diameter,
    height,
    measured,
    size,
    teeth_found,
)
from partgen.families.spur_gear import check_hub
from partgen.solid import Layer, Loop, circle, loop_of, prism

PITCH_MM = 2.0
# The belt's tooth as its maker draws it: pitch line 0.254 above the land, tooth 0.75 high,
# tip arc 0.555, flank arcs 1.0 about points 0.4 off the middle on the land, root arcs 0.15.
PITCH_LINE_MM = 0.254
TOOTH_MM = 0.75
TIP_ARC_MM = 0.555
FLANK_ARC_MM = 1.0
FLANK_OFF_MM = 0.4
EDGE_ARC_MM = 0.15
PLAY_MM = 0.5  # room for the belt between the flanges
RIM_MM = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Gt2Pulley(Family):
    """A pulley; `flange_mm` is how far each flange stands out over the teeth, 0 is none."""

    interfaces: ClassVar[tuple[str, ...]] = ("teeth", "belt_width_mm", "bore_mm")
    critical: ClassVar[tuple[str, ...]] = ("bore_mm",)

    teeth: int = size(20, 15, 120)
    belt_width_mm: float = size(9.0, 3.0, 30.0, source="usual belts: 6, 9, 10, 15 mm")
    bore_mm: float = size(5.0, 1.5, 60.0)
    flange_mm: float = size(1.0, 0.0, 5.0)
    flange_thickness_mm: float = size(1.2, 0.6, 5.0)
    hub_mm: float = size(0.0, 0.0, 80.0)
    hub_length_mm: float = size(0.0, 0.0, 40.0)

    @property
    def tip_mm(self) -> float:
        """The diameter over the teeth."""
        return self.teeth * PITCH_MM / pi - 2 * PITCH_LINE_MM

    @property
    def root_mm(self) -> float:
        """The diameter under the teeth."""
        return self.tip_mm - 2 * TOOTH_MM

    def rules(self) -> None:
        """Refuse a bore that leaves no wall, flanges that are slivers, and a hub that is wide."""
        why = f"{self.teeth} teeth leave {self.root_mm:.2f} mm under them"
        at_most("bore_mm", self.bore_mm, self.root_mm - 1.6, why)
        if self.flange_mm:
            at_least("flange_mm", self.flange_mm, 0.4, "a flange is thinner than a line")
        most = self.tip_mm + 2 * self.flange_mm if self.flange_mm else self.root_mm
        check_hub(self.hub_mm, self.hub_length_mm, self.bore_mm, most - 0.2)

    def layers(self) -> Sequence[Layer]:
        """Return flange, teeth, the cone that carries the upper flange, its rim, and the hub."""
        teeth, bore = loop_of(self._outline()), circle(self.bore_mm, hole=True)
        rim = self.tip_mm + 2 * self.flange_mm
        low = self.flange_thickness_mm if self.flange_mm else 0.0
        top = low + self.belt_width_mm + PLAY_MM
        slabs = [prism(0.0, low, circle(rim), bore)] if self.flange_mm else []
        slabs.append(prism(low, top, teeth, bore))
        if self.flange_mm:
            slabs.extend(self._upper(teeth, bore, top, rim))
            top = slabs[-1].top_mm
        if self.hub_mm:
            slabs.append(prism(top, top + self.hub_length_mm, circle(self.hub_mm), bore))
        return slabs

    def _upper(self, teeth: Loop, bore: Loop, bottom: float, rim: float) -> tuple[Layer, ...]:
        """Return the upper flange; its cone opens by 45 degrees at most."""
        reach = np.hypot(teeth[:, 0], teeth[:, 1])[:, None]
        wide = loop_of(teeth.astype(float) * (rim / 2 / reach))
        top = bottom + (rim - self.root_mm) / 2
        cone = Layer(bottom_mm=bottom, top_mm=top, below=(teeth, bore), above=(wide, bore))
        return cone, prism(top, top + RIM_MM, wide, bore)

    def _outline(self) -> Points:
        side = groove(self.tip_mm / 2)
        both = np.vstack([side[1:] * (-1.0, 1.0), side])
        angles, reach = np.arctan2(-both[:, 0], both[:, 1]), np.hypot(both[:, 0], both[:, 1])
        order = np.argsort(angles)
        half = pi / self.teeth
        land = ceil((half - angles.max()) * self.tip_mm / 2 / 0.15)
        over = np.linspace(angles.max(), 2 * half - angles.max(), land + 1)[1:-1]
        angles = np.append(angles[order], over)
        reach = np.append(reach[order], np.full(len(over), self.tip_mm / 2))
        turns = np.arange(self.teeth) * 2 * half
        turned = (turns[:, None] + angles[None, :]).ravel()
        far = np.tile(reach, self.teeth)
        return np.column_stack([far * np.cos(turned), far * np.sin(turned)])

    def measure(self, points_mm: Points) -> tuple[Measured, ...]:
        """Return teeth, diameters and height as found."""
        low = self.flange_thickness_mm if self.flange_mm else 0.0
        ring = points_mm[np.abs(points_mm[:, 2] - low) < 1e-4] * (1.0, 1.0, 0.0)
        ring = ring[np.hypot(ring[:, 0], ring[:, 1]) < self.tip_mm / 2 + 1e-3]
        inner = (self.root_mm + self.bore_mm) / 4
        teeth = ring[np.hypot(ring[:, 0], ring[:, 1]) > inner]
        middle = (self.tip_mm + self.root_mm) / 4
        wanted = self.layers()[-1].top_mm
        found = [
            measured("teeth", teeth_found(teeth, middle, inner), self.teeth, 0.0),
            measured("tip_diameter_mm", diameter(teeth), self.tip_mm),
            measured("root_diameter_mm", diameter(teeth, inner=True), self.root_mm),
            measured("bore_mm", diameter(points_mm, inner=True), self.bore_mm),
            height("height_mm", points_mm, wanted),
        ]
        if self.flange_mm:
            over = diameter(points_mm)
            found.append(measured("flange_mm", (over - self.tip_mm) / 2, self.flange_mm))
        return tuple(found)


def groove(tip_mm: float) -> Points:
    """Return one half of a groove, from its deepest point to the land of radius `tip_mm`.

    x is across, y is from the pulley's middle.
    """
    deep = (0.0, tip_mm - (TOOTH_MM - TIP_ARC_MM))
    flank = (-FLANK_OFF_MM, tip_mm)
    edge = _edge(tip_mm, flank)
    lean = atan2(deep[1] - flank[1], deep[0] - flank[0])  # where tip arc and flank arc meet
    meet = atan2(edge[1] - flank[1], edge[0] - flank[0])
    out = atan2(edge[1], edge[0])
    return np.vstack([
        _arc(deep, TIP_ARC_MM, (-pi / 2, lean), 9),
        _arc(flank, FLANK_ARC_MM, (lean, meet), 7)[1:],
        _arc(edge, EDGE_ARC_MM, (meet + pi, out), 7)[1:],
    ])  # fmt: skip


def _edge(tip_mm: float, flank: tuple[float, float]) -> tuple[float, float]:
    """Return the middle of the rounding that touches the land from inside and the flank arc."""
    one, two = tip_mm - EDGE_ARC_MM, FLANK_ARC_MM + EDGE_ARC_MM
    apart = hypot(*flank)
    along = (one**2 - two**2 + apart**2) / (2 * apart)
    off = sqrt(one**2 - along**2)
    toward = atan2(flank[1], flank[0])
    return (
        along * cos(toward) + off * sin(toward),
        along * sin(toward) - off * cos(toward),
    )


def _arc(
    middle: tuple[float, float], radius: float, between: tuple[float, float], count: int
) -> Points:
    angles = np.linspace(between[0], between[1], count)
    return np.column_stack(
        [middle[0] + radius * np.cos(angles), middle[1] + radius * np.sin(angles)]
    )
