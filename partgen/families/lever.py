"""Lever or cam follower: a tapered arm between two eyes, with an optional slot in the arm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fieldlab.core.errors import PartError
from partgen.families.family import (
    Family,
    Measured,
    Points,
    Role,
    at_least,
    at_most,
    height,
    measured,
    size,
)
from partgen.families.plate import bar, slot
from partgen.families.probe import hole_mm, reach_mm
from partgen.marking.cut import DEPTH_MM
from partgen.marking.room import Panel, Room
from partgen.solid import Layer, circle, prism, regions

WALL_MM = 1.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever(Family):
    """A lever; `length_mm` is between the eyes' middles, the first of which is the origin.

    Without `end_bore_mm` its end is a solid nose of radius `end_mm` / 2 that follows a cam.
    """

    interfaces: ClassVar[tuple[str, ...]] = (
        "length_mm", "pivot_bore_mm", "end_bore_mm", "slot_mm", "slot_length_mm",
    )  # fmt: skip
    critical: ClassVar[tuple[str, ...]] = ("pivot_bore_mm", "end_bore_mm")
    fits: ClassVar[Mapping[str, Role]] = {
        "length_mm": "span",
        "pivot_bore_mm": "hole",
        "end_bore_mm": "hole",
        "pivot_mm": "outer",
        "end_mm": "outer",
        "slot_mm": "hole",
        "slot_length_mm": "hole",
    }

    length_mm: float = size(60.0, 10.0, 200.0)
    pivot_bore_mm: float = size(8.0, 1.5, 60.0)
    end_bore_mm: float = size(5.0, 0.0, 60.0, source="own choice; 0 is a cam follower's nose")
    pivot_mm: float = size(18.0, 5.0, 100.0)
    end_mm: float = size(12.0, 5.0, 100.0)
    thickness_mm: float = size(8.0, 1.5, 60.0)
    slot_mm: float = size(0.0, 0.0, 40.0)
    slot_length_mm: float = size(0.0, 0.0, 150.0)

    def rules(self) -> None:
        """Refuse thin eyes, eyes that swallow each other, and a slot without room."""
        for eye in ("pivot", "end"):
            bore, outer = getattr(self, f"{eye}_bore_mm"), getattr(self, f"{eye}_mm")
            wall = (outer - bore) / 2
            at_least(f"{eye}_mm", outer, bore + 2 * WALL_MM, f"the {eye}'s wall is {wall:.2f} mm")
        if self.end_bore_mm:
            at_least("end_bore_mm", self.end_bore_mm, 1.5, "a bore this narrow closes in print")
        apart = (self.pivot_mm + self.end_mm) / 2 + 1.0
        at_least("length_mm", self.length_mm, apart, "the eyes overlap")
        if bool(self.slot_mm) != bool(self.slot_length_mm):
            raise PartError(
                "a slot has a width and a length; give slot_mm and slot_length_mm, such as 4 and 12"
            )
        if self.slot_mm:
            at_least("slot_mm", self.slot_mm, 1.5, "a slot this narrow closes in print")
            at_least("slot_length_mm", self.slot_length_mm, self.slot_mm, "a slot is long")
            thin = min(self.pivot_mm, self.end_mm) - 2 * WALL_MM
            at_most("slot_mm", self.slot_mm, thin, "the slot leaves no wall beside it")
            room = self.length_mm - (self.pivot_bore_mm + self.end_bore_mm) / 2 - 2 * WALL_MM
            at_most("slot_length_mm", self.slot_length_mm, room, "the slot meets an eye")

    @property
    def mark_room(self) -> Room | None:
        """The arm between its eyes, where its moment is less by more than the mark takes of it."""
        if self.slot_mm or self.thickness_mm < 3 * DEPTH_MM:
            return None
        half = min(self.pivot_mm, self.end_mm) / 2
        return Panel(
            z_mm=self.thickness_mm, low_mm=-half, high_mm=half,
            left_mm=max(self.pivot_mm / 2, self.length_mm * DEPTH_MM / self.thickness_mm),
            right_mm=self.length_mm - self.end_mm / 2,
        )  # fmt: skip

    @property
    def genus(self) -> int:
        """The eyes, and the slot."""
        return 1 + bool(self.end_bore_mm) + bool(self.slot_mm)

    @property
    def _slot_at_mm(self) -> float:
        return (self.length_mm + (self.pivot_bore_mm - self.end_bore_mm) / 2) / 2

    def layers(self) -> Sequence[Layer]:
        """Return the one slab."""
        outline = regions(bar((0.0, 0.0), (self.length_mm, 0.0), (self.pivot_mm, self.end_mm)))
        holes = [circle(self.pivot_bore_mm, hole=True)]
        if self.end_bore_mm:
            holes.append(circle(self.end_bore_mm, hole=True, at_mm=(self.length_mm, 0.0)))
        if self.slot_mm:
            middle = (self._slot_at_mm, 0.0)
            holes.append(slot(middle, width_mm=self.slot_mm, length_mm=self.slot_length_mm))
        return (prism(0.0, self.thickness_mm, *outline, *holes),)

    def measure(self, points_mm: Points) -> tuple[Measured, ...]:
        """Return eyes, length, thickness and slot as found."""
        end = (self.length_mm, 0.0)
        whole = self.length_mm + (self.pivot_mm + self.end_mm) / 2
        found = [
            measured("pivot_bore_mm", hole_mm(points_mm, (0.0, 0.0)), self.pivot_bore_mm),
            measured("whole_length_mm", reach_mm(points_mm, 0), whole),
            height("thickness_mm", points_mm, self.thickness_mm),
        ]
        if self.end_bore_mm:
            found.append(measured("end_bore_mm", hole_mm(points_mm, end), self.end_bore_mm))
        else:
            found.append(measured("nose_mm", self._nose_mm(points_mm), self.end_mm))
        if self.slot_mm:
            across = hole_mm(points_mm, (self._slot_at_mm, 0.0), half_mm=self.slot_length_mm / 2)
            found.append(measured("slot_mm", across, self.slot_mm))
        return tuple(found)

    def _nose_mm(self, points_mm: Points) -> float:
        """Return the diameter of the nose: its corners beyond the end's middle are all as far."""
        off = points_mm[:, :2] - (self.length_mm, 0.0)
        reach = np.hypot(off[:, 0], off[:, 1])[off[:, 0] > 1e-3]
        return 2 * float(reach.max()) if len(reach) else 0.0
