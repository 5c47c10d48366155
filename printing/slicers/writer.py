"""Lines to G-code: order, seams, feeds, retraction, heat, and the bytes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from printing.profiles import MaterialProfile, PrinterProfile
from printing.slicers.toolpaths import Kind, Points, Toolpath, length_mm

_LABEL: dict[Kind, str] = {
    "outer": "External perimeter",
    "inner": "Perimeter",
    "infill": "Solid infill",
    "gap": "Gap fill",
    "skirt": "Skirt",
}
_HOP_FREE_MM = 2.0
_SLOWEST_MMPS = 8.0
_PRIME_MM = 2.0
_PARK_MM = 5.0


@dataclass(slots=True, kw_only=True)
class Writer:
    """Collects the lines of one print and what they cost."""

    printer: PrinterProfile
    material: MaterialProfile
    lines: list[str] = field(default_factory=list)
    filament_mm: float = 0.0
    duration_s: float = 0.0
    _at: tuple[float, float] = (0.0, 0.0)
    _retracted: bool = False
    _kind: str = ""

    def open(self, notes: Sequence[str]) -> None:
        """Heat, home and prime."""
        material = self.material
        self.lines += [f"; {note}" for note in notes]
        self.lines += [*self.printer.start]
        self.lines += [f"M140 S{material.bed_degc:g}", f"M104 S{material.nozzle_degc:g}", "G28"]
        self.lines += [f"M204 S{self.printer.acceleration_mmps2:g}", "M107"]
        self.lines += [f"G0 X{_PARK_MM:g} Y{_PARK_MM:g} Z{_PARK_MM:g} F3000"]
        self.lines += [f"M190 S{material.bed_degc:g}", f"M109 S{material.nozzle_degc:g}"]
        self.lines += ["G92 E0", f"G1 E{_PRIME_MM:g} F300"]
        self._at = (_PARK_MM, _PARK_MM)
        self._retract()

    def layer(
        self, number: int, z_mm: float, height_mm: float, islands: Sequence[Sequence[Toolpath]]
    ) -> None:
        """Write one layer, island by island, nearest first."""
        self.lines += [";LAYER_CHANGE", f";Z:{z_mm:.3f}", f";HEIGHT:{height_mm:.3f}"]
        self._retract()
        self.lines.append(f"G0 Z{z_mm:.3f} F600")
        if number == 1 and self.material.fan_ratio > 0:
            self.lines.append(f"M106 S{round(255 * self.material.fan_ratio)}")
        slow = self._slowdown(islands, height_mm, first=number == 0)
        left = [list(island) for island in islands if island]
        while left:
            nearest = min(range(len(left)), key=lambda index: self._away_mm(left[index][0]))
            self._island(left.pop(nearest), height_mm, slow, first=number == 0)

    def close(self, z_mm: float) -> None:
        """Lift, park, cool down and switch the motors off."""
        self._retract(_PRIME_MM)
        top = min(self.printer.height_mm, z_mm + 10.0)
        self.lines += [
            f"G0 Z{top:.3f} F600",
            f"G0 X{_PARK_MM:g} Y{self.printer.bed_y_mm - _PARK_MM:g} F6000",
        ]
        self.lines += [*self.printer.end]

    def bytes(self) -> bytes:
        """Return the file."""
        return ("\n".join(self.lines) + "\n").encode("ascii")

    # ------------------------------------------------------------------------------- one island

    def _island(self, paths: list[Toolpath], height_mm: float, slow: float, *, first: bool) -> None:
        loops = [path for path in paths if path.closed]
        chains = [path for path in paths if not path.closed]
        for path in loops:
            self._draw(path, _from_seam(path.points), height_mm, self._speed(path, first) * slow)
        while chains:
            best = min(range(len(chains)), key=lambda index: self._away_mm(chains[index]))
            path = chains.pop(best)
            points = path.points
            if self._distance(points[-1]) < self._distance(points[0]):
                points = points[::-1]
            self._draw(path, points, height_mm, self._speed(path, first) * slow)

    def _draw(self, path: Toolpath, points: Points, height_mm: float, speed_mmps: float) -> None:
        area_mm2 = path.width_mm * path.flow_ratio * height_mm
        speed_mmps = min(speed_mmps, 0.98 * self._flow_cap() / area_mm2)
        rounded = np.round(points, 3)
        self._travel(float(rounded[0, 0]), float(rounded[0, 1]))
        if path.kind != self._kind:
            self._kind = path.kind
            self.lines.append(f";TYPE:{_LABEL[path.kind]}")
        steps = np.hypot(*np.diff(rounded, axis=0).T)
        feeds = np.diff(
            np.round(np.cumsum(np.r_[0.0, steps]) * area_mm2 / self.material.filament_mm2, 5)
        )
        self.lines.append(f"G1 F{speed_mmps * 60:.0f}")
        ends = zip(rounded[1:].tolist(), feeds.tolist(), strict=True)
        self.lines += [f"G1 X{x:.3f} Y{y:.3f} E{e:.5f}" for (x, y), e in ends if e > 0]
        self._at = (float(rounded[-1, 0]), float(rounded[-1, 1]))
        self.filament_mm += float(feeds.sum())
        self.duration_s += float(steps.sum()) / speed_mmps + self._corners_s(points, speed_mmps)

    def _corners_s(self, points: Points, speed_mmps: float) -> float:
        """Return what the sharp corners of a line cost in slowing down and speeding up."""
        headings = np.unwrap(np.arctan2(*np.diff(points, axis=0).T[::-1]))
        sharp = int((np.abs(np.diff(headings)) > 0.5).sum()) + 1
        return sharp * speed_mmps / self.printer.acceleration_mmps2

    def _travel(self, x_mm: float, y_mm: float) -> None:
        away = math.hypot(x_mm - self._at[0], y_mm - self._at[1])
        if away > _HOP_FREE_MM:
            self._retract()
        if away > 0.0:
            self.lines.append(f"G0 X{x_mm:.3f} Y{y_mm:.3f} F{self.printer.travel_mmps * 60:.0f}")
            self.duration_s += away / self.printer.travel_mmps + 0.02
        if self._retracted:
            self.lines.append(
                f"G1 E{self.material.retract_mm:g} F{self.material.retract_mmps * 60:g}"
            )
            self._retracted = False
            self.duration_s += self.material.retract_mm / self.material.retract_mmps

    def _retract(self, extra_mm: float = 0.0) -> None:
        length = (0.0 if self._retracted else self.material.retract_mm) + extra_mm
        if length:
            self.lines.append(f"G1 E-{length:g} F{self.material.retract_mmps * 60:g}")
            self.duration_s += length / self.material.retract_mmps
        self._retracted = True

    # ------------------------------------------------------------------------------------ speeds

    def _flow_cap(self) -> float:
        return min(self.printer.max_flow_mm3ps, self.material.max_flow_mm3ps)

    def _speed(self, path: Toolpath, first: bool) -> float:
        if first:
            return self.material.first_layer_speed_mmps
        if path.kind in ("outer", "gap"):
            return self.material.outer_speed_mmps
        return self.material.speed_mmps

    def _slowdown(
        self, islands: Sequence[Sequence[Toolpath]], height_mm: float, *, first: bool
    ) -> float:
        """Return how much slower a small layer must be drawn to have time to cool."""
        seconds, slowest = 0.0, math.inf
        for path in (path for island in islands for path in island):
            cap = self._flow_cap() / (path.width_mm * path.flow_ratio * height_mm)
            speed = min(self._speed(path, first), cap)
            seconds += length_mm(path.points) / speed
            slowest = min(slowest, speed)
        if not seconds:
            return 1.0
        return max(min(1.0, seconds / self.material.min_layer_s), min(1.0, _SLOWEST_MMPS / slowest))

    # ---------------------------------------------------------------------------------- distance

    def _distance(self, point: Points) -> float:
        return math.hypot(float(point[0]) - self._at[0], float(point[1]) - self._at[1])

    def _away_mm(self, path: Toolpath) -> float:
        return min(self._distance(path.points[0]), self._distance(path.points[-1]))


def _from_seam(points: Points) -> Points:
    """Return a loop that starts at its sharpest inward corner, else at its back.

    An inward corner hides the seam; on a smooth loop all seams stand in one line at the back.
    """
    ring = points[:-1]
    before, after = ring - np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0) - ring
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    turn = np.arctan2(cross, (before * after).sum(axis=1))
    back = ring[:, 1] - ring[:, 1].max()
    inward = np.where(turn < -np.pi / 6, turn, 0.0)
    score = inward + 1e-3 * -back if inward.any() else -back
    start = int(np.lexsort((ring[:, 0], np.round(score, 4)))[0])
    rolled = np.roll(ring, -start, axis=0)
    return np.vstack([rolled, rolled[:1]])
