"""The lines of one layer in the order of printing, as text, and what they cost."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from printing.profiles import MaterialProfile, PrinterProfile
from printing.slicers.planner import durations_s
from printing.slicers.toolpaths import Kind, Points, Toolpath, length_mm
from printing.slicers.travel import Island

LABELS: dict[Kind, str] = {
    "outer": "External perimeter",
    "inner": "Perimeter",
    "solid": "Solid infill",
    "sparse": "Internal infill",
    "gap": "Gap fill",
    "skirt": "Skirt/Brim",
}
_SHORT_MM = 1.5  # such a way needs no retraction
_LONG_MM = 15.0  # on a longer way it would ooze, also inside the part
_SLOWEST_MMPS = 8.0


@dataclass(slots=True, kw_only=True)
class Strokes:
    """Writes lines of one layer from where the nozzle is; begins and ends retracted."""

    printer: PrinterProfile
    material: MaterialProfile
    height_mm: float
    first: bool
    at: tuple[float, float]
    slow_ratio: float = 1.0
    text: list[str] = field(default_factory=list)
    filament_mm: float = 0.0
    duration_s: float = 0.0
    _kind: str = ""
    _retracted: bool = True
    _pending: list[tuple[Points, float]] = field(default_factory=list)

    def draw(self, islands: Sequence[Island]) -> None:
        """Draw all islands, nearest first, each from its walls to its infill."""
        self.slow_ratio = self._slowdown(islands)
        left = [island for island in islands if island.paths]
        while left:
            starts = np.array([island.paths[0].points[0] for island in left])
            island = left.pop(int(np.hypot(*(starts - self.at).T).argmin()))
            self._island(island)
        self._retract()

    # ---------------------------------------------------------------------------------- one island

    def _island(self, island: Island) -> None:
        inside: Island | None = None  # the way to it may cross what it likes
        for path in (path for path in island.paths if path.closed):
            self._stroke(path, from_seam(path.points), inside)
            inside = island
        chains = [path for path in island.paths if not path.closed]
        ends = np.array([(*path.points[0], *path.points[-1]) for path in chains]).reshape(-1, 2, 2)
        while chains:
            away = np.hypot(ends[..., 0] - self.at[0], ends[..., 1] - self.at[1])
            best, side = divmod(int(away.argmin()), 2)
            path, ends = chains.pop(best), np.delete(ends, best, axis=0)
            self._stroke(path, path.points[::-1] if side else path.points, inside)
            inside = island

    def _stroke(self, path: Toolpath, points: Points, inside: Island | None) -> None:
        rounded = _rounded(points)
        if len(rounded) < 2:
            return
        self._go(rounded[0], inside)
        if path.kind != self._kind:
            self._kind = path.kind
            self.text.append(f";TYPE:{LABELS[path.kind]}")
        area_mm2 = path.width_mm * path.flow_ratio * self.height_mm
        speed = min(self.speed_mmps(path) * self.slow_ratio, self._flow_cap() / area_mm2)
        steps = np.hypot(*np.diff(rounded, axis=0).T)
        level = np.round(np.cumsum(steps) * area_mm2 / self.material.filament_mm2, 5)
        feeds = np.diff(level, prepend=0.0)
        kept = feeds > 0
        rows = np.column_stack([rounded[1:][kept], feeds[kept]])
        self.text.append(f"G1 F{speed * 60:.0f}")
        self.text.append(("\n".join(["G1 X%.3f Y%.3f E%.5f"] * len(rows))) % tuple(rows.flat))
        self._move(rounded, speed)
        self.filament_mm += float(rows[:, 2].sum())

    # ------------------------------------------------------------------------------------- travel

    def _go(self, to: Points, inside: Island | None) -> None:
        start = np.array(self.at)
        away = float(np.hypot(*(to - start)))
        if away > 0.0:
            straight = np.vstack([start, to])
            short = inside is not None and away < _SHORT_MM
            way = straight if short or inside is None else inside.way(start, to)
            if inside is None or way is None or length_mm(way) > _LONG_MM:
                self._retract()
            way = _rounded(straight if way is None else way)
            feed = f" F{self.printer.travel_mmps * 60:.0f}"
            for x, y in way[1:].tolist():
                self.text.append(f"G0 X{x:.3f} Y{y:.3f}{feed}")
                feed = ""
            self._move(way, self.printer.travel_mmps)
        if self._retracted:
            self._filament(self.material.retract_mm)
            self._retracted = False

    def _retract(self) -> None:
        if not self._retracted:
            self._filament(-self.material.retract_mm)
        self._retracted = True

    def _filament(self, length_mm: float) -> None:
        if not length_mm:
            return
        self._stop()
        speed = self.material.retract_mmps
        self.text.append(f"G1 E{length_mm:g} F{speed * 60:g}")
        self.duration_s += abs(length_mm) / speed + speed / self.printer.acceleration_mmps2

    def _move(self, points: Points, speed_mmps: float) -> None:
        self._pending.append((points, speed_mmps))
        self.at = (float(points[-1, 0]), float(points[-1, 1]))

    def _stop(self) -> None:
        """Add up the time of the moves since the last stop."""
        if not self._pending:
            return
        points = np.vstack([self._pending[0][0][:1], *(points[1:] for points, _ in self._pending)])
        speed = np.concatenate([np.full(len(points) - 1, speed) for points, speed in self._pending])
        self._pending = []
        self.duration_s += float(
            durations_s(
                points,
                speed,
                acceleration_mmps2=self.printer.acceleration_mmps2,
                jerk_mmps=self.printer.jerk_mmps,
            ).sum()
        )

    # ------------------------------------------------------------------------------------- speeds

    def _flow_cap(self) -> float:
        return 0.98 * min(self.printer.max_flow_mm3ps, self.material.max_flow_mm3ps)

    def speed_mmps(self, path: Toolpath) -> float:
        """Return how fast a line may be drawn, before cooling and flow."""
        if self.first:
            return self.material.first_layer_speed_mmps
        if path.kind in ("outer", "gap"):
            return self.material.outer_speed_mmps
        return self.material.speed_mmps

    def _slowdown(self, islands: Sequence[Island]) -> float:
        """Return how much slower a small layer must be drawn to have time to cool."""
        seconds, slowest = 0.0, math.inf
        for path in (path for island in islands for path in island.paths):
            cap = self._flow_cap() / (path.width_mm * path.flow_ratio * self.height_mm)
            speed = min(self.speed_mmps(path), cap)
            seconds += length_mm(path.points) / speed
            slowest = min(slowest, speed)
        if not seconds:
            return 1.0
        return max(min(1.0, seconds / self.material.min_layer_s), min(1.0, _SLOWEST_MMPS / slowest))


def _rounded(points: Points) -> Points:
    """Return points as they are written, without those that then fall together."""
    rounded: Points = np.round(points, 3)
    moved: npt.NDArray[np.bool_] = (np.diff(rounded, axis=0) != 0.0).any(axis=1)
    return rounded[np.r_[True, moved]]


def from_seam(points: Points) -> Points:
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
