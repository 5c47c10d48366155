"""Belt-tensioner arm: a bent arm with a pivot, an eye for the idler, and a slot to clamp it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import atan2, cos, hypot, sin
from typing import ClassVar

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
from partgen.families.probe import hole_mm
from partgen.marking.room import Panel, Room
from partgen.solid import Layer, circle, prism, regions

WALL_MM = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TensionerArm(Family):
    """An arm; the pivot is the origin, the slot lies along x, the idler `offset_mm` beside it."""

    interfaces: ClassVar[tuple[str, ...]] = (
        "length_mm", "offset_mm", "bore_mm", "idler_bore_mm", "slot_mm", "slot_length_mm",
    )  # fmt: skip
    critical: ClassVar[tuple[str, ...]] = ("bore_mm", "idler_bore_mm")
    fits: ClassVar[Mapping[str, Role]] = {
        "length_mm": "span",
        "offset_mm": "span",
        "bore_mm": "hole",
        "idler_bore_mm": "hole",
        "slot_mm": "hole",
        "slot_length_mm": "hole",
        "arm_mm": "outer",
    }

    length_mm: float = size(70.0, 25.0, 180.0)
    offset_mm: float = size(20.0, 0.0, 80.0)
    bore_mm: float = size(8.0, 2.0, 40.0)
    idler_bore_mm: float = size(6.0, 2.0, 40.0)
    slot_mm: float = size(5.0, 2.0, 20.0)
    slot_length_mm: float = size(18.0, 2.0, 120.0)
    arm_mm: float = size(18.0, 6.0, 80.0)
    thickness_mm: float = size(8.0, 2.0, 60.0)

    def rules(self) -> None:
        """Refuse an arm that is too narrow for its holes, or a slot without room."""
        widest = max(self.bore_mm, self.idler_bore_mm, self.slot_mm)
        at_least("arm_mm", self.arm_mm, widest + 2 * WALL_MM, "the arm's wall is thin")
        at_least("slot_length_mm", self.slot_length_mm, self.slot_mm, "a slot is long")
        room = self._knee_mm - self.bore_mm / 2 - WALL_MM
        least = self.slot_length_mm + self.length_mm - room
        at_least("length_mm", self.length_mm, least, "the slot meets the pivot or the idler's arm")
        at_most("offset_mm", self.offset_mm, self.length_mm, "the arm bends back")

    @property
    def _knee_mm(self) -> float:
        """Where the arm bends: so far from the idler that its bore does not meet the slot."""
        return self.length_mm - self.idler_bore_mm / 2 - WALL_MM - 1.0

    @property
    def mark_room(self) -> Room | None:
        """The arm between the slot and the knee."""
        return Panel(
            z_mm=self.thickness_mm, low_mm=-self.arm_mm / 2, high_mm=self.arm_mm / 2,
            left_mm=self._slot_at_mm + self.slot_length_mm / 2, right_mm=self._knee_mm,
        )  # fmt: skip

    @property
    def genus(self) -> int:
        """Pivot, idler and slot."""
        return 3

    @property
    def _slot_at_mm(self) -> float:
        return (self._knee_mm + self.bore_mm / 2 + WALL_MM) / 2

    def layers(self) -> Sequence[Layer]:
        """Return the one slab."""
        widths = (self.arm_mm, self.arm_mm)
        knee, idler = (self._knee_mm, 0.0), (self.length_mm, self.offset_mm)
        outline = regions(bar((0.0, 0.0), knee, widths) + bar(knee, idler, widths))
        middle = (self._slot_at_mm, 0.0)
        return (
            prism(
                0.0,
                self.thickness_mm,
                *outline,
                circle(self.bore_mm, hole=True),
                circle(self.idler_bore_mm, hole=True, at_mm=idler),
                slot(middle, width_mm=self.slot_mm, length_mm=self.slot_length_mm),
            ),
        )

    def measure(self, points_mm: Points) -> tuple[Measured, ...]:
        """Return bores, their distance, slot and thickness as found."""
        idler = (self.length_mm, self.offset_mm)
        turn = atan2(self.offset_mm, self.length_mm)
        far = points_mm[:, 0] * cos(turn) + points_mm[:, 1] * sin(turn)
        across = hole_mm(points_mm, (self._slot_at_mm, 0.0), half_mm=self.slot_length_mm / 2)
        return (
            measured("bore_mm", hole_mm(points_mm, (0.0, 0.0)), self.bore_mm),
            measured("idler_bore_mm", hole_mm(points_mm, idler), self.idler_bore_mm),
            measured("reach_mm", float(far.max()), hypot(*idler) + self.arm_mm / 2, 0.01),
            measured("slot_mm", across, self.slot_mm),
            height("thickness_mm", points_mm, self.thickness_mm),
        )
