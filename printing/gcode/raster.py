"""Pixels: the inside of triangles at a height, and the ground that lines cover. Plain numpy.

A pixel counts when its middle is inside, so areas are exact on average, also of thin lines.
"""

import numpy as np
import numpy.typing as npt

Grid = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]

_PIXEL_MM = 0.1
_MOST_PIXELS = 1200
_MARGIN_MM = 2.0


class Raster:
    """The pixels that cover all of these points, (n, 2) in mm; larger ones on a large part."""

    def __init__(self, points: Numbers, *, pixel_mm: float = _PIXEL_MM) -> None:
        self.low = points.min(axis=0) - _MARGIN_MM
        span = points.max(axis=0) + _MARGIN_MM - self.low
        self.pixel_mm = max(pixel_mm, float(span.max()) / _MOST_PIXELS)
        self.shape = (int(span[1] / self.pixel_mm) + 2, int(span[0] / self.pixel_mm) + 2)

    @property
    def pixel_mm2(self) -> float:
        """Return the area of a pixel."""
        return self.pixel_mm**2

    def section(self, corners: Numbers, z_mm: float) -> Grid:
        """Return the pixels inside triangles (n, 3, 3) at a height."""
        start, end = crossings(corners, z_mm)
        inside: Grid = self._crossed(start, end, np.ones(len(start))) % 2 == 1
        return inside

    def drawn(self, lines: Numbers, width_mm: Numbers) -> Grid:
        """Return the pixels under lines (n, 4) of these widths; each end is half round.

        A round end covers about as much as a square one of a quarter of the width.
        """
        covered: Grid = self._covered(lines, width_mm, 0.25) > 0
        return covered

    def crossed_mm2(self, lines: Numbers, width_mm: Numbers, where: Grid) -> float:
        """Return the area that lines (n, 4) cover more than once there."""
        more = np.maximum(self._covered(lines, width_mm, 0.0) - 1, 0)
        return float(more[where].sum()) * self.pixel_mm2

    def _covered(
        self, lines: Numbers, width_mm: Numbers, cap_ratio: float
    ) -> npt.NDArray[np.int64]:
        """Return how many lines cover each pixel; a cap makes a line longer at both ends."""
        along = lines[:, 2:4] - lines[:, 0:2]
        unit = along / np.hypot(along[:, 0], along[:, 1])[:, None]
        cap = unit * width_mm[:, None] * cap_ratio
        side = np.column_stack([-unit[:, 1], unit[:, 0]]) * width_mm[:, None] / 2
        first, last = lines[:, 0:2] - cap, lines[:, 2:4] + cap
        ring = np.stack([first - side, last - side, last + side, first + side])
        start = ring.reshape(-1, 2)
        end = np.roll(ring, -1, axis=0).reshape(-1, 2)
        weight = np.where(start[:, 1] > end[:, 1], 1.0, -1.0)  # anticlockwise: left sides go down
        return self._crossed(start, end, weight)

    def pixel_of(self, points: Numbers) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return row and column of points (n, 2)."""
        place = ((points - self.low) / self.pixel_mm).astype(np.int64)
        return place[:, 1], place[:, 0]

    def _crossed(self, start: Numbers, end: Numbers, weight: Numbers) -> npt.NDArray[np.int64]:
        """Return for each pixel the sum of the weights of all edges to its left."""
        rows0 = (start[:, 1] - self.low[1]) / self.pixel_mm - 0.5
        rows1 = (end[:, 1] - self.low[1]) / self.pixel_mm - 0.5
        first = np.ceil(np.minimum(rows0, rows1)).astype(np.int64)
        count = np.ceil(np.maximum(rows0, rows1)).astype(np.int64) - first
        edge = np.repeat(np.arange(len(count)), count)
        row = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count - first, count)
        slope = (end[:, 0] - start[:, 0]) / np.where(count > 0, rows1 - rows0, 1.0)
        x_mm = start[edge, 0] + (row - rows0[edge]) * slope[edge]
        column = np.ceil((x_mm - self.low[0]) / self.pixel_mm - 0.5).astype(np.int64)
        place = row * self.shape[1] + np.clip(column, 0, self.shape[1] - 1)
        summed = np.bincount(place, weight[edge], self.shape[0] * self.shape[1])
        total = np.cumsum(np.rint(summed).astype(np.int32).reshape(self.shape), axis=1)
        return total.astype(np.int64)


def grown(grid: Grid, reach_px: float) -> Grid:
    """Return a grid grown by a square of this reach, by doubling shifts."""
    steps = max(1, round(reach_px))
    for axis in (0, 1):
        grid = _smeared(grid, steps, axis)
    return grid


def _smeared(grid: Grid, steps: int, axis: int) -> Grid:
    whole, width = 2 * steps + 1, 1
    out = np.pad(grid, [(steps, steps) if side == axis else (0, 0) for side in (0, 1)])
    while width < whole:
        shift = min(width, whole - width)
        keep = out.shape[axis] - shift
        out = out[:keep] | out[shift:] if axis == 0 else out[:, :keep] | out[:, shift:]
        width += shift
    return out


def box_of(grid: Grid) -> Numbers:
    """Return first and last used row and column, as (row0, row1, column0, column1)."""
    rows, columns = np.flatnonzero(grid.any(axis=1)), np.flatnonzero(grid.any(axis=0))
    return np.array([rows[0], rows[-1], columns[0], columns[-1]], dtype=np.float64)


def crossings(corners: Numbers, z_mm: float) -> tuple[Numbers, Numbers]:
    """Return the start and end of every line where a triangle crosses a height."""
    above = corners[:, :, 2] > z_mm
    mixed = above.any(axis=1) & ~above.all(axis=1)
    triangles, up = corners[mixed], above[mixed]
    lone = np.where(up.sum(axis=1) == 1, up.argmax(axis=1), (~up).argmax(axis=1))
    index = np.arange(len(lone))
    tip = triangles[index, lone]
    ends = []
    for other in (1, 2):
        foot = triangles[index, (lone + other) % 3]
        share = (z_mm - tip[:, 2]) / (foot[:, 2] - tip[:, 2])
        ends.append(tip[:, :2] + share[:, None] * (foot[:, :2] - tip[:, :2]))
    return ends[0], ends[1]
