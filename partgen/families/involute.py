"""The true form of a gear that a rack of ISO 53 profile A cuts: involute, trochoid root."""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, cos, pi, radians, sin, sqrt, tan

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
ADDENDUM = 1.0  # ISO 53:1998 table 1, profile A: addendum, in modules
DEDENDUM = 1.25
ROOT_RADIUS = 0.38
CHORD_MODULES = 0.002  # how far a chord may lie from the true curve; 3 um from module 1.5 on
MOST_CHORD_MM = 0.003
ROOT_POINTS = 300
CLOSE_MM = 1e-3


def inv(angle_rad: Points | float) -> Points:
    """Return the involute function tan a - a."""
    return np.asarray(np.tan(angle_rad) - np.asarray(angle_rad), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tooth:
    """One tooth space in the transverse plane; angles are from the middle of the space."""

    module_mm: float
    teeth: int
    profile_shift: float
    pressure_angle_deg: float
    backlash_mm: float  # of the pair, along the pitch circle; this gear gives half of it

    @property
    def alpha_rad(self) -> float:
        """The pressure angle."""
        return radians(self.pressure_angle_deg)

    @property
    def pitch_mm(self) -> float:
        """The radius of the pitch circle."""
        return self.module_mm * self.teeth / 2

    @property
    def base_mm(self) -> float:
        """The radius of the base circle."""
        return self.pitch_mm * cos(self.alpha_rad)

    @property
    def tip_mm(self) -> float:
        """The radius of the tip circle."""
        return self.pitch_mm + (ADDENDUM + self.profile_shift) * self.module_mm

    @property
    def root_mm(self) -> float:
        """The radius of the root circle."""
        return self.pitch_mm - (DEDENDUM - self.profile_shift) * self.module_mm

    @property
    def _chord_mm(self) -> float:
        return min(CHORD_MODULES * self.module_mm, MOST_CHORD_MM)

    @property
    def _edge_mm(self) -> float:
        """The rounding of the rack's edge; less than 0.38 m where a full round tip is smaller."""
        alpha = self.alpha_rad
        room = (pi / 4 - DEDENDUM * tan(alpha)) * cos(alpha) / (1 - sin(alpha))
        return min(ROOT_RADIUS, room) * self.module_mm

    @property
    def _edge_at_mm(self) -> tuple[float, float]:
        """The middle of that rounding: from the middle of the rack's tooth, and the pitch line."""
        alpha, edge = self.alpha_rad, self._edge_mm
        deep = DEDENDUM * self.module_mm - edge
        half = pi * self.module_mm / 4 + self.backlash_mm / 4
        across = half - deep * tan(alpha) - edge / cos(alpha)
        return across, self.profile_shift * self.module_mm - deep

    def space_rad(self, radius_mm: Points | float) -> Points:
        """Return half the angle of the space between two involutes at a radius."""
        alpha = self.alpha_rad
        half = pi * self.module_mm / 4 + self.backlash_mm / 4
        at_pitch = (half - self.profile_shift * self.module_mm * tan(alpha)) / self.pitch_mm
        pressure = np.arccos(np.minimum(self.base_mm / np.asarray(radius_mm), 1.0))
        return np.asarray(at_pitch - inv(alpha) + inv(pressure))

    def tip_width_mm(self) -> float:
        """Return how wide the tooth is at its tip; negative when it is pointed."""
        return float((pi / self.teeth - self.space_rad(self.tip_mm)) * 2 * self.tip_mm)

    def trochoid(self, count: int) -> tuple[Points, Points]:
        """Return radius and angle of points on the root's trochoid, from the root circle up.

        The rack's rounded edge touches the gear where its normal meets the pitch point.
        """
        across, up = self._edge_at_mm
        lean = np.linspace(0.0, pi / 2 - self.alpha_rad, count)
        turn = (across + up * np.tan(lean)) / self.pitch_mm
        x = -up * np.tan(lean) + self._edge_mm * np.sin(lean)
        y = self.pitch_mm + up - self._edge_mm * np.cos(lean)
        return np.hypot(x, y), np.arctan2(x, y) + turn

    @property
    def undercut(self) -> bool:
        """Whether the rack's edge cuts into the involute near the base circle."""
        reach = DEDENDUM * self.module_mm - self._edge_mm * (1 - sin(self.alpha_rad))
        return reach - self.profile_shift * self.module_mm > self._foot_mm + 1e-9

    @property
    def _foot_mm(self) -> float:
        return self.pitch_mm * sin(self.alpha_rad) ** 2

    def shift_without_undercut(self) -> float:
        """Return the smallest profile shift that leaves the involute whole."""
        reach = DEDENDUM - self._edge_mm / self.module_mm * (1 - sin(self.alpha_rad))
        return reach - self._foot_mm / self.module_mm

    @lru_cache(maxsize=4)  # noqa: B019
    def root_curve(self) -> tuple[Points, Points]:
        """Return radius and angle of the root's points; the last one begins the involute."""
        radius, angle = self.trochoid(ROOT_POINTS)
        if self.undercut:
            radius, angle = self._cut_off(radius, angle)
        else:
            radius[-1] = max(radius[-1], self.base_mm)
            angle[-1] = float(self.space_rad(radius[-1]))
        kept = _evenly_bent(radius, angle, self._chord_mm)
        return radius[kept], angle[kept]

    def _cut_off(self, radius: Points, angle: Points) -> tuple[Points, Points]:
        """Return the trochoid up to where it crosses the involute."""
        inside = (radius >= self.base_mm) & (angle <= self.space_rad(radius))
        stop = int(np.argmax(inside)) if inside.any() else len(radius) - 1
        start = _crossing(self, radius[stop - 1 : stop + 1], angle[stop - 1 : stop + 1])
        kept = np.arange(stop)
        kept = kept[radius[kept] < start - 1e-6]
        return (
            np.append(radius[kept], start),
            np.append(angle[kept], float(self.space_rad(start))),
        )

    def form_mm(self) -> float:
        """Return the radius where the involute begins."""
        return float(self.root_curve()[0][-1])

    @lru_cache(maxsize=4)  # noqa: B019 - a frozen value, and only the last few are kept
    def half_space(self) -> tuple[Points, Points]:
        """Return radius and angle of one side of a space, from the root to the tip."""
        radius, angle = self.root_curve()
        roll_low, roll_high = (
            sqrt(max((reach / self.base_mm) ** 2 - 1, 0.0)) for reach in (radius[-1], self.tip_mm)
        )
        # an involute's radius is base_mm * roll, so that steps of roll ** 1.5 bend alike
        low, high = roll_low**1.5, roll_high**1.5
        count = max(4, ceil((high - low) / 1.5 * sqrt(self.base_mm / (8 * self._chord_mm))))
        rolls = np.linspace(low, high, count + 1) ** (2 / 3)
        flank = self.base_mm * np.sqrt(1 + rolls[1:] ** 2)
        flank[-1] = self.tip_mm
        return np.append(radius, flank), np.append(angle, self.space_rad(flank))

    def outline(self) -> Points:
        """Return the whole gear's outline, counter-clockwise; a tooth stands at angle zero.

        It is made of like teeth, each from root to root.
        """
        radius, angle = self.half_space()
        tips = max(1, ceil(self.tip_width_mm() / (2 * sqrt(2 * self.tip_mm * self._chord_mm))))
        first, last = angle[-1], 2 * pi / self.teeth - angle[-1]
        over = np.linspace(first, last, tips + 1)[1:-1]
        pitch = 2 * pi / self.teeth
        angles = np.concatenate([angle, over, pitch - angle[::-1]])
        reach = np.concatenate([radius, np.full(len(over), self.tip_mm), radius[::-1]])
        if angle[0] * radius[0] < CLOSE_MM:  # a space with a round floor begins where it ends
            angles, reach = angles[:-1], reach[:-1]
        turns = (np.arange(self.teeth) - 0.5) * pitch
        all_angles = (turns[:, None] + angles[None, :]).ravel()
        all_reach = np.tile(reach, self.teeth)
        return np.column_stack([all_reach * np.cos(all_angles), all_reach * np.sin(all_angles)])


def _evenly_bent(radius: Points, angle: Points, chord_mm: float) -> npt.NDArray[np.int64]:
    """Return which points of a curve to keep so that each chord lies as near to it as allowed."""
    x, y = np.diff(radius * np.cos(angle)), np.diff(radius * np.sin(angle))
    turn = np.abs(np.diff(np.unwrap(np.arctan2(y, x))))
    length = np.hypot(x, y)
    bent = np.concatenate([[0.0], np.cumsum(np.sqrt(turn * (length[1:] + length[:-1]) / 2))])
    count = max(3, ceil(bent[-1] / sqrt(8 * chord_mm)))
    inner = np.searchsorted(bent, np.linspace(0.0, bent[-1], count + 1)[1:-1]) + 1
    return np.unique(np.concatenate([[0], inner, [len(radius) - 1]]))


def _crossing(tooth: Tooth, radius: Points, angle: Points) -> float:
    """Return the radius where the trochoid meets the involute, between two of its points."""
    if len(radius) < 2 or radius[1] <= tooth.base_mm:
        return max(float(radius[-1]), tooth.base_mm)
    grid = np.linspace(max(radius[0], tooth.base_mm), radius[1], 200)
    gap = np.interp(grid, radius, angle) - tooth.space_rad(grid)
    return float(grid[int(np.argmin(np.abs(gap)))])
