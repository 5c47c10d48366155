"""Spur gear: true involute flanks and trochoid roots of ISO 53 profile A, with an optional hub."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fieldlab.core.errors import PartError
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
    radii,
    size,
    teeth_found,
)
from partgen.families.involute import Tooth
from partgen.families.screw import check_screw, drilled, screw_found, screw_volume_mm3
from partgen.marking.room import Ring, Room
from partgen.solid import Layer, Mesh, circle, loop_of, mesh_of, prism

# A little undercut is customary: 14 teeth instead of 17 (DIN 3960, practical limit).
UNDERCUT_SHIFT = 0.18
RIM_MODULES = 0.8  # material left between bore or hub and root circle
TIP_MODULES = 0.2  # a narrower tip is pointed; customary least for plastic is 0.2 to 0.4 m


@dataclass(frozen=True, slots=True, kw_only=True)
class SpurGear(Family):
    """A straight-toothed gear; `hub_mm` is the hub's diameter and 0 is none."""

    interfaces: ClassVar[tuple[str, ...]] = (
        "module_mm", "teeth", "bore_mm", "profile_shift", "pressure_angle_deg", "backlash_mm",
        "flat_mm", "keyway_mm", "set_screw_mm",
    )  # fmt: skip
    critical: ClassVar[tuple[str, ...]] = ("bore_mm", "width_mm")
    fits: ClassVar[Mapping[str, Role]] = {
        "module_mm": "span",
        "bore_mm": "hole",
        "backlash_mm": "gap",
        "hub_mm": "outer",
        "flat_mm": "hole",
        "keyway_mm": "hole",
        "set_screw_mm": "hole",
    }

    module_mm: float = size(1.5, 0.5, 10.0, source="ISO 54 series lie within", memory=True)
    teeth: int = size(24, 8, 200)
    width_mm: float = size(12.0, 2.0, 100.0)
    bore_mm: float = size(8.0, 1.5, 200.0)
    profile_shift: float = size(0.0, -0.5, 0.8)
    pressure_angle_deg: float = size(20.0, 14.5, 25.0, source="ISO 53: 20", memory=True)
    backlash_mm: float = size(0.1, 0.0, 1.0)
    hub_mm: float = size(0.0, 0.0, 300.0)
    hub_length_mm: float = size(0.0, 0.0, 100.0)
    flat_mm: float = size(
        0.0, 0.0, 190.0, source="4.5 on 5 mm, 5.5 on 6 mm; 0 is none", memory=True
    )
    keyway_mm: float = size(0.0, 0.0, 20.0, source="DIN 6885-1 (Ganter's table); 0 is none")
    set_screw_mm: float = size(0.0, 0.0, 12.0, source="thread less pitch, 2.5 for M3; 0 is none")

    @property
    def bore(self) -> Bore:
        """The form of its bore."""
        return Bore(bore_mm=self.bore_mm, flat_mm=self.flat_mm, keyway_mm=self.keyway_mm)

    @property
    def genus(self) -> int:
        """The bore, and the set screw's hole into it."""
        return 2 if self.set_screw_mm else 1

    @property
    def tooth(self) -> Tooth:
        """The form of its teeth."""
        return Tooth(
            module_mm=self.module_mm,
            teeth=self.teeth,
            profile_shift=self.profile_shift,
            pressure_angle_deg=self.pressure_angle_deg,
            backlash_mm=self.backlash_mm,
        )

    @property
    def mark_room(self) -> Room | None:
        """The face around bore or hub, a module away from the roots."""
        return face_ring(self.tooth, self.width_mm, self.hub_mm or 2 * self.bore.reach_mm)

    @property
    def repeats(self) -> int:
        """One for each tooth."""
        return self.teeth

    def rules(self) -> None:
        """Refuse undercut or pointed teeth, a thin rim, and a hub that does not fit."""
        check_teeth(self.tooth)
        root = 2 * self.tooth.root_mm
        self.bore.check()
        key = 2 * self.bore.reach_mm - self.bore_mm
        most = root - 2 * RIM_MODULES * self.module_mm - key
        why = f"the root circle is {root:.2f} mm and the rim needs {RIM_MODULES:g} modules"
        at_most("bore_mm", self.bore_mm, most, why)
        check_hub(self.hub_mm, self.hub_length_mm, 2 * self.bore.reach_mm, root - 0.2)
        if self.set_screw_mm:
            check_screw(self.set_screw_mm, self.bore, self.hub_mm, self.hub_length_mm)

    def layers(self) -> Sequence[Layer]:
        """Return the toothed slab and the hub on it."""
        hub = circle(self.hub_mm) if self.hub_mm else None
        bore = self.bore.loop(len(hub) if hub is not None else None)
        slabs = [prism(0.0, self.width_mm, loop_of(self.tooth.outline()), bore)]
        if hub is not None:
            slabs.append(prism(self.width_mm, self.width_mm + self.hub_length_mm, hub, bore))
        return slabs

    @property
    def volume_mm3(self) -> float:
        """The slabs, less the set screw's hole."""
        slabs = sum(layer.volume_mm3 for layer in self.layers())
        if not self.set_screw_mm:
            return slabs
        return slabs - screw_volume_mm3(self.set_screw_mm, self.bore, self.hub_mm)

    def mesh(self, mark: str = "") -> Mesh:
        """Return the gear; a set screw's hole is cut across the hub, half-way up."""
        plain = mesh_of(self.slabs(mark), repeats=self.repeats)
        if not self.set_screw_mm:
            return plain
        middle = self.width_mm + self.hub_length_mm / 2
        return drilled(plain, self.set_screw_mm, middle, self.hub_mm)

    def measure(self, points_mm: Points) -> tuple[Measured, ...]:
        """Return teeth, tip, root, bore, heights and the flanks as found."""
        found = [*toothing(self.tooth, points_mm, self.bore)]
        found.append(height("height_mm", points_mm, self.width_mm + self.hub_length_mm))
        if self.hub_mm:
            found.append(
                measured("hub_mm", diameter(points_mm, low=self.width_mm + 0.001), self.hub_mm)
            )
        if self.set_screw_mm:
            found.append(
                screw_found(points_mm, self.set_screw_mm, self.hub_mm, above_mm=self.width_mm)
            )
        return tuple(found)


def check_teeth(tooth: Tooth) -> None:
    """Raise PartError for teeth that are undercut or pointed, or have no space between them."""
    least = tooth.shift_without_undercut() - UNDERCUT_SHIFT
    if tooth.profile_shift < least - 1e-9:
        raise PartError(
            f"{tooth.teeth} teeth with profile_shift {tooth.profile_shift:g} are undercut too far;"
            f" profile_shift must be {np.ceil(least * 100 - 1e-6) / 100:.2f} or more"
        )
    if tooth.tip_width_mm() < TIP_MODULES * tooth.module_mm:
        raise PartError(
            f"{tooth.teeth} teeth with profile_shift {tooth.profile_shift:g} are"
            f" {max(tooth.tip_width_mm(), 0):.2f} mm wide at the tip;"
            f" {_blunt(tooth)}"
        )
    at_most(
        "backlash_mm", tooth.backlash_mm, 0.3 * tooth.module_mm,
        f"backlash_mm {tooth.backlash_mm:g} thins teeth of module {tooth.module_mm:g} too much",
    )  # fmt: skip


def face_ring(tooth: Tooth, width_mm: float, inner_mm: float) -> Ring:
    """Return a gear's upper face up to a module under the roots, whose stress it leaves alone."""
    return Ring(z_mm=width_mm, inner_mm=inner_mm, outer_mm=2 * (tooth.root_mm - tooth.module_mm))


def _blunt(tooth: Tooth) -> str:
    """Return what to change so that the tip is wide enough."""
    for hundredths in range(round(tooth.profile_shift * 100), -51, -1):
        shift = hundredths / 100
        other = Tooth(
            module_mm=tooth.module_mm, teeth=tooth.teeth, profile_shift=shift,
            pressure_angle_deg=tooth.pressure_angle_deg, backlash_mm=tooth.backlash_mm,
        )  # fmt: skip
        deep = other.shift_without_undercut() - UNDERCUT_SHIFT > shift
        if other.tip_width_mm() >= TIP_MODULES * tooth.module_mm and not deep:
            return f"profile_shift must be {shift:.2f} or less"
    return f"use more teeth than {tooth.teeth}"


def check_hub(hub_mm: float, hub_length_mm: float, bore_mm: float, most_mm: float) -> None:
    """Raise PartError for a hub without length, with a thin wall, or wider than its gear."""
    if bool(hub_mm) != bool(hub_length_mm):
        missing = "hub_length_mm" if hub_mm else "hub_mm"
        least = 1.0 if hub_mm else bore_mm + 2.4
        raise PartError(f"a hub has a diameter and a length; {missing} must be {least:.2f} or more")
    if not hub_mm:
        return
    wall = f"the hub's wall is {(hub_mm - bore_mm) / 2:.2f} mm"
    at_least("hub_mm", hub_mm, bore_mm + 2.4, wall)
    at_most("hub_mm", hub_mm, most_mm, f"hub_mm {hub_mm:g} is wider than what carries it")
    at_least("hub_length_mm", hub_length_mm, 0.5, "the hub is flatter than a few layers")


def toothing(tooth: Tooth, points_mm: Points, bore: Bore) -> tuple[Measured, ...]:
    """Return what can be measured of involute teeth on the corners of a mesh."""
    flat = points_mm[np.abs(points_mm[:, 2]) < 1e-5]
    apart = (bore.reach_mm + tooth.root_mm) / 2
    outer = flat[radii(flat) > apart]
    middle = (tooth.root_mm + tooth.tip_mm) / 2
    deviation = flank_deviation_mm(tooth, outer)
    return (
        measured("teeth", teeth_found(outer, middle, 0.0), tooth.teeth, 0.0),
        measured("tip_diameter_mm", diameter(outer), 2 * tooth.tip_mm),
        measured("root_diameter_mm", diameter(outer, inner=True), 2 * tooth.root_mm),
        *bore.measure(flat[radii(flat) < apart]),
        measured("flank_deviation_mm", deviation, 0.0),
    )


def flank_deviation_mm(tooth: Tooth, outline_mm: Points) -> float:
    """Return how far an outline's points and chord middles lie from the true involute, at most.

    `outline_mm` holds the points of one gear outline in any order; a tooth stands at angle zero.
    """
    order = np.argsort(np.arctan2(outline_mm[:, 1], outline_mm[:, 0]), kind="stable")
    ring = outline_mm[order, :2]
    ahead = np.roll(ring, -1, axis=0)
    flank = np.abs(radii(ring) - radii(ahead)) > 1e-3  # not along the tip or the root
    middles = ((ring + ahead) / 2)[flank]
    spots = np.vstack([ring, middles])
    reach = radii(spots)
    form = tooth.form_mm()
    kept = (reach > form + 0.02 * tooth.module_mm) & (reach < tooth.tip_mm - 1e-4)
    spots, reach = spots[kept], reach[kept]
    if len(spots) == 0:
        return float("inf")
    pitch = 2 * np.pi / tooth.teeth
    angle = np.mod(np.arctan2(spots[:, 1], spots[:, 0]), pitch) - pitch / 2
    off = np.abs(np.abs(angle) - tooth.space_rad(reach)) * tooth.base_mm
    return float(off.max())
