"""Going lower than what is printed: only after a purge line at the edge, and never across it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Point = tuple[float, float]

_EDGE_MM = 20.0
_HIGHEST_MM = 0.45
_DIP_MM = 0.3
_MOST_LINES = 60
_MARGIN_MM = 1.0


@dataclass(frozen=True, slots=True)
class KeepOut:
    """A box in which something is printed up to a height."""

    low: Point
    high: Point
    top_mm: float

    def hit(self, start: Point, end: Point, z_mm: float) -> bool:
        """Return whether a move at this height runs into the box; to leave it is no hit."""
        if z_mm > self.top_mm - 0.01:
            return False
        if all(low <= at <= high for low, at, high in zip(self.low, start, self.high, strict=True)):
            return z_mm < self.top_mm - _DIP_MM
        return self._crossed(start, end)

    def _crossed(self, start: Point, end: Point) -> bool:
        """Clip the move to the box, axis by axis (Liang and Barsky, 1984)."""
        enter, leave = 0.0, 1.0
        for axis in (0, 1):
            step = end[axis] - start[axis]
            near, far = self.low[axis] - start[axis], self.high[axis] - start[axis]
            if step == 0.0:
                if near > 0.0 or far < 0.0:
                    return False
                continue
            first, last = sorted((near / step, far / step))
            enter, leave = max(enter, first), min(leave, last)
        return enter <= leave


def purge_strip(segments: Sequence[tuple[float, ...]], bed_mm: Point) -> KeepOut | None:
    """Return the box of a purge line, None if the lines are not one.

    A purge line is low, and all of it lies along one edge of the bed.
    """
    if not 0 < len(segments) <= _MOST_LINES:
        return None
    lines = np.array(segments)
    ends = np.vstack([lines[:, 0:2], lines[:, 2:4]])
    low, high, top_mm = ends.min(axis=0), ends.max(axis=0), float(lines[:, 4].max())
    at_an_edge = bool((high < _EDGE_MM).any() or (low > np.array(bed_mm) - _EDGE_MM).any())
    if not at_an_edge or top_mm > _HIGHEST_MM:
        return None
    (x0, y0), (x1, y1) = (low - _MARGIN_MM).tolist(), (high + _MARGIN_MM).tolist()
    return KeepOut((x0, y0), (x1, y1), top_mm)
