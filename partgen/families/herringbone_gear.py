"""Herringbone gear: two halves of opposite helix, true involutes in the transverse plane."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, cos, pi, radians, tan
from typing import ClassVar

import numpy as np

from partgen.families.bore import Bore
from partgen.families.family import (
    Family,
    Measured,
    Points,
    Role,
    at_most,
    height,
    measured,
    size,
)
from partgen.families.involute import Tooth
from partgen.families.spur_gear import RIM_MODULES, check_teeth, face_ring, toothing
from partgen.marking.room import Room
from partgen.solid import CHORD_MM, Layer, Loop, circle, loop_of


@dataclass(frozen=True, slots=True, kw_only=True)
class HerringboneGear(Family):
    """A double-helical gear; module and pressure angle are those of the transverse plane."""

    interfaces: ClassVar[tuple[str, ...]] = (
        "module_mm", "teeth", "bore_mm", "helix_deg", "profile_shift", "pressure_angle_deg",
        "backlash_mm",
    )  # fmt: skip
    critical: ClassVar[tuple[str, ...]] = ("bore_mm", "width_mm")
    fits: ClassVar[Mapping[str, Role]] = {
        "module_mm": "span",
        "bore_mm": "hole",
        "backlash_mm": "gap",
    }

    module_mm: float = size(1.5, 0.5, 10.0)
    teeth: int = size(24, 8, 120)
    width_mm: float = size(16.0, 4.0, 100.0)
    bore_mm: float = size(8.0, 1.5, 200.0)
    helix_deg: float = size(25.0, 5.0, 35.0, source="flanks lean less than 45 degrees")
    profile_shift: float = size(0.0, -0.5, 0.8)
    pressure_angle_deg: float = size(20.0, 14.5, 25.0)
    backlash_mm: float = size(0.1, 0.0, 1.0)

    @property
    def tooth(self) -> Tooth:
        """The form of its teeth in the transverse plane."""
        return Tooth(
            module_mm=self.module_mm,
            teeth=self.teeth,
            profile_shift=self.profile_shift,
            pressure_angle_deg=self.pressure_angle_deg,
            backlash_mm=self.backlash_mm,
        )

    @property
    def twist_rad(self) -> float:
        """How far one half turns the outline."""
        return self.width_mm / 2 * tan(radians(self.helix_deg)) / self.tooth.pitch_mm

    @property
    def mark_room(self) -> Room | None:
        """The face around the bore, a module away from the roots."""
        return face_ring(self.tooth, self.width_mm, self.bore_mm)

    @property
    def repeats(self) -> int:
        """One for each tooth."""
        return self.teeth

    def rules(self) -> None:
        """Refuse undercut or pointed teeth, a thin rim, and more twist than is one tooth's."""
        check_teeth(self.tooth)
        root = 2 * self.tooth.root_mm
        most = root - 2 * RIM_MODULES * self.module_mm
        why = f"the root circle is {root:.2f} mm and the rim needs {RIM_MODULES:g} modules"
        at_most("bore_mm", self.bore_mm, most, why)
        turns = self.twist_rad * self.teeth / (2 * pi)
        at_most(
            "width_mm", self.width_mm, self.width_mm * 4 / max(turns, 1e-9),
            f"half the width twists by {turns:.1f} teeth",
        )  # fmt: skip

    def layers(self) -> Sequence[Layer]:
        """Return thin slabs, each turned against the next."""
        outline = self.tooth.outline()
        bore = circle(self.bore_mm, hole=True)
        sagitta = 1 - cos(self.twist_rad / 2)
        per_half = max(2, ceil(np.sqrt(self.tooth.tip_mm * sagitta / (CHORD_MM * 4))))
        per_half = min(per_half, 24)
        share = np.linspace(0.0, 1.0, per_half + 1)
        turn = self.twist_rad * np.concatenate([share, share[-2::-1]])
        at = np.linspace(0.0, self.width_mm, 2 * per_half + 1)
        rings = [_turned(outline, float(each)) for each in turn]
        rings[-1] = rings[0]
        return tuple(
            Layer(
                bottom_mm=float(at[index]), top_mm=float(at[index + 1]),
                below=(rings[index], bore), above=(rings[index + 1], bore),
            )
            for index in range(2 * per_half)
        )  # fmt: skip

    def measure(self, points_mm: Points) -> tuple[Measured, ...]:
        """Return teeth, tip, root, bore, flanks at the bottom, width and twist as found."""
        middle = points_mm[np.abs(points_mm[:, 2] - self.width_mm / 2) < 1e-4]
        far = np.hypot(middle[:, 0], middle[:, 1]) > self.tooth.tip_mm - 1e-3
        pitch = 2 * pi / self.teeth
        angle = np.arctan2(middle[far, 1], middle[far, 0]) - self.twist_rad
        centre = (
            np.angle(np.mean(np.exp(1j * angle * self.teeth))) / self.teeth if len(angle) else 9
        )
        off_mm = float(abs(centre)) * self.tooth.pitch_mm
        return (
            *toothing(self.tooth, points_mm, Bore(bore_mm=self.bore_mm)),
            height("width_mm", points_mm, self.width_mm),
            measured("twist_off_mm", min(off_mm, pitch * self.tooth.pitch_mm), 0.0),
        )


def _turned(outline: Points, angle_rad: float) -> Loop:
    rotation = np.array(
        [[np.cos(angle_rad), np.sin(angle_rad)], [-np.sin(angle_rad), np.cos(angle_rad)]]
    )
    return loop_of(outline @ rotation)
