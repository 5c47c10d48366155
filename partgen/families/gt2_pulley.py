"""Timing pulley for GT2, HTD 3M and HTD 5M belts: their grooves, flanges without overhang."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, pi
from typing import ClassVar

import numpy as np

from fieldlab.core.errors import PartError
from partgen.families.belts import BELTS, Belt, groove
from partgen.families.bore import Bore
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
    teeth_found,
)
from partgen.families.screw import check_screw, drilled, screw_found, screw_volume_mm3
from partgen.families.spur_gear import check_hub
from partgen.marking.room import Ring, Room
from partgen.solid import Layer, Loop, Mesh, circle, loop_of, mesh_of, prism

PLAY_MM = 0.5  # room for the belt between the flanges
RIM_MM = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Gt2Pulley(Family):
    """A pulley; `flange_mm` is how far each flange stands out over the teeth, 0 is none.

    `pitch_mm` names the belt: 2 is GT2, 3 is HTD 3M, 5 is HTD 5M.
    """

    interfaces: ClassVar[tuple[str, ...]] = (
        "pitch_mm", "teeth", "belt_width_mm", "bore_mm", "flat_mm", "keyway_mm", "set_screw_mm",
    )  # fmt: skip
    critical: ClassVar[tuple[str, ...]] = ("bore_mm",)
    fits: ClassVar[Mapping[str, Role]] = {
        "bore_mm": "hole",
        "hub_mm": "outer",
        "flat_mm": "hole",
        "keyway_mm": "hole",
        "set_screw_mm": "hole",
    }

    teeth: int = size(20, 15, 120)
    belt_width_mm: float = size(9.0, 3.0, 30.0, source="usual: 6, 9, 10, 15", memory=True)
    bore_mm: float = size(5.0, 1.5, 60.0)
    flange_mm: float = size(1.0, 0.0, 5.0)
    flange_thickness_mm: float = size(1.2, 0.6, 5.0)
    hub_mm: float = size(0.0, 0.0, 80.0)
    hub_length_mm: float = size(0.0, 0.0, 40.0)
    pitch_mm: float = size(2.0, 2.0, 5.0, source="2 GT2; 3 and 5 HTD (SDP/SI, D265)")
    flat_mm: float = size(0.0, 0.0, 60.0, source="4.5 on 5 mm, 5.5 on 6 mm; 0 is none", memory=True)
    keyway_mm: float = size(0.0, 0.0, 20.0, source="DIN 6885-1 (Ganter's table); 0 is none")
    set_screw_mm: float = size(0.0, 0.0, 12.0, source="thread less pitch, 2.5 for M3; 0 is none")

    @property
    def belt(self) -> Belt:
        """The belt that it is for."""
        return BELTS[self.pitch_mm]

    @property
    def bore(self) -> Bore:
        """The form of its bore."""
        return Bore(bore_mm=self.bore_mm, flat_mm=self.flat_mm, keyway_mm=self.keyway_mm)

    @property
    def genus(self) -> int:
        """The bore, and the set screw's hole into it."""
        return 2 if self.set_screw_mm else 1

    @property
    def tip_mm(self) -> float:
        """The diameter over the teeth."""
        return self.teeth * self.pitch_mm / pi - 2 * self.belt.pitch_line_mm

    @property
    def root_mm(self) -> float:
        """The diameter under the teeth."""
        return self.tip_mm - 2 * self.belt.depth_mm

    @property
    def mark_room(self) -> Room | None:
        """The upper face around bore or hub: the flange's, else the one under the teeth."""
        rim, top = self.tip_mm + 2 * self.flange_mm, self.belt_width_mm + PLAY_MM
        outer = rim if self.flange_mm else self.root_mm
        if self.flange_mm:
            top += self.flange_thickness_mm + (rim - self.root_mm) / 2 + RIM_MM
        return Ring(z_mm=top, inner_mm=self.hub_mm or 2 * self.bore.reach_mm, outer_mm=outer)

    def rules(self) -> None:
        """Refuse a bore that leaves no wall, flanges that are slivers, and a hub that is wide."""
        if self.pitch_mm not in BELTS:
            known = ", ".join(f"{pitch:g} ({belt.name})" for pitch, belt in BELTS.items())
            raise PartError(f"no belt has a pitch of {self.pitch_mm:g} mm; pitch_mm is {known}")
        self.bore.check()
        why = f"{self.teeth} teeth leave {self.root_mm:.2f} mm under them"
        key = 2 * self.bore.reach_mm - self.bore_mm
        at_most("bore_mm", self.bore_mm, self.root_mm - 1.6 - key, why)
        if self.flange_mm:
            at_least("flange_mm", self.flange_mm, 0.4, "a flange is thinner than a line")
        most = self.tip_mm + 2 * self.flange_mm if self.flange_mm else self.root_mm
        check_hub(self.hub_mm, self.hub_length_mm, 2 * self.bore.reach_mm, most - 0.2)
        if self.set_screw_mm:
            check_screw(self.set_screw_mm, self.bore, self.hub_mm, self.hub_length_mm)

    def layers(self) -> Sequence[Layer]:
        """Return flange, teeth, the cone that carries the upper flange, its rim, and the hub."""
        teeth, bore = loop_of(self._outline()), self.bore.loop()
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
        side = groove(self.belt, self.tip_mm / 2)
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

    @property
    def volume_mm3(self) -> float:
        """The slabs, less the set screw's hole."""
        slabs = sum(layer.volume_mm3 for layer in self.layers())
        if not self.set_screw_mm:
            return slabs
        return slabs - screw_volume_mm3(self.set_screw_mm, self.bore, self.hub_mm)

    def mesh(self, mark: str = "") -> Mesh:
        """Return the pulley; a set screw's hole is cut across the hub, half-way up."""
        layers = self.slabs(mark)
        plain = mesh_of(layers)
        if not self.set_screw_mm:
            return plain
        middle = layers[-1].top_mm - self.hub_length_mm / 2
        return drilled(plain, self.set_screw_mm, middle, self.hub_mm)

    def measure(self, points_mm: Points) -> tuple[Measured, ...]:
        """Return teeth, diameters and height as found."""
        low = self.flange_thickness_mm if self.flange_mm else 0.0
        ring = points_mm[np.abs(points_mm[:, 2] - low) < 1e-4] * (1.0, 1.0, 0.0)
        ring = ring[np.hypot(ring[:, 0], ring[:, 1]) < self.tip_mm / 2 + 1e-3]
        inner = self.root_mm / 4 + self.bore.reach_mm / 2
        teeth = ring[np.hypot(ring[:, 0], ring[:, 1]) > inner]
        floor = points_mm[np.abs(points_mm[:, 2]) < 1e-4]
        floor = floor[np.hypot(floor[:, 0], floor[:, 1]) < inner]
        middle = (self.tip_mm + self.root_mm) / 4
        wanted = self.layers()[-1].top_mm
        found = [
            measured("teeth", teeth_found(teeth, middle, inner), self.teeth, 0.0),
            measured("tip_diameter_mm", diameter(teeth), self.tip_mm),
            measured("root_diameter_mm", diameter(teeth, inner=True), self.root_mm),
            *self.bore.measure(floor),
            height("height_mm", points_mm, wanted),
        ]
        if self.flange_mm:
            over = diameter(points_mm)
            found.append(measured("flange_mm", (over - self.tip_mm) / 2, self.flange_mm))
        if self.set_screw_mm:
            foot = wanted - self.hub_length_mm
            found.append(screw_found(points_mm, self.set_screw_mm, self.hub_mm, above_mm=foot))
        return tuple(found)
