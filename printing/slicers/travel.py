"""Ways for a nozzle that stay inside an island, so that it crosses no wall and draws no thread."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from manifold3d import CrossSection, JoinType

from printing.slicers.toolpaths import Points, Toolpath, closed, length_mm

_WALK_MM = 0.6  # inside the wall
_LONGEST_RATIO = 3.0
_COARSE_MM = 0.05


@dataclass(frozen=True)
class Island:
    """One connected piece of a layer: its lines, and its outline."""

    paths: list[Toolpath]
    outline: CrossSection

    def way(self, start: Points, end: Points) -> Points | None:
        """Return points from start to end that cross no outline, None if there is no near way."""
        straight = np.vstack([start, end])
        hits = self._hits(straight)
        if not len(hits):
            return straight
        rings = self._walks
        if not rings:
            return None
        away = [np.hypot(*(ring - hits[0]).T).min() for ring in rings]
        ring = rings[int(np.argmin(away))]
        first = int(np.hypot(*(ring - hits[0]).T).argmin())
        last = int(np.hypot(*(ring - hits[-1]).T).argmin())
        walks = (_round(ring, first, last), _round(ring[::-1], len(ring) - 1 - first,
                                                   len(ring) - 1 - last))  # fmt: skip
        way = np.vstack([start, min(walks, key=length_mm), end])
        way = way[np.r_[True, np.abs(np.diff(way, axis=0)).max(axis=1) > 1e-3]]
        too_long = length_mm(way) > _LONGEST_RATIO * length_mm(straight) + 2.0
        # Between its two ends the way runs inside the wall.
        crosses = len(self._hits(way[:2])) or len(self._hits(way[-2:]))
        return None if too_long or crosses else way

    @cached_property
    def _edges(self) -> tuple[Points, Points]:
        rings = self.outline.simplify(_COARSE_MM).to_polygons()
        return np.vstack(rings), np.vstack([np.roll(ring, -1, axis=0) for ring in rings])

    @cached_property
    def _walks(self) -> list[Points]:
        inner = self.outline.offset(-_WALK_MM, JoinType.Miter, 2.0).simplify(_COARSE_MM)
        return [_dense(ring) for ring in inner.to_polygons()]

    def _hits(self, way: Points) -> Points:
        """Return where a polyline crosses the outline, in its own order."""
        found = [way[:0]]
        for a, b in pairwise(way):
            step = b - a
            side0, side1 = (
                step[0] * (ends[:, 1] - a[1]) - step[1] * (ends[:, 0] - a[0])
                for ends in self._edges
            )
            other = np.flatnonzero((side0 > 0) != (side1 > 0))
            start, end = self._edges[0][other], self._edges[1][other]
            share = side0[other] / (side0[other] - side1[other])
            here = (start + share[:, None] * (end - start) - a) @ step / (step @ step)
            here = np.sort(here[(here > 1e-9) & (here < 1.0 - 1e-9)])
            found.append(a + here[:, None] * step)
        return np.vstack(found)


def _dense(ring: Points) -> Points:
    """Return a ring with points at most about 2 mm apart."""
    whole = closed(ring)
    reach = np.r_[0.0, np.cumsum(np.hypot(*np.diff(whole, axis=0).T))]
    more = np.arange(0.0, reach[-1], 2.0)
    at = np.unique(np.r_[reach[:-1], more])
    return np.column_stack([np.interp(at, reach, whole[:, axis]) for axis in (0, 1)])


def _round(ring: Points, first: int, last: int) -> Points:
    """Return the points of a ring from one to another, in its own direction."""
    count = (last - first) % len(ring) + 1
    return ring[(first + np.arange(count)) % len(ring)]
