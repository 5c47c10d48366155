"""Measuring the corners of a mesh as a calliper would."""

import numpy as np

from partgen.families.family import Points


def hole_mm(points_mm: Points, at_mm: tuple[float, float], *, half_mm: float = 0.0) -> float:
    """Return the diameter of a hole about a point; of a slot across, if it is `half_mm` long.

    The nearest corners to the hole's middle are its wall. Of a slot along x only corners within
    its straight part's height are seen.
    """
    off = points_mm[:, :2] - np.asarray(at_mm)
    if half_mm > 0:
        inside = np.abs(off[:, 0]) <= half_mm + 1e-3
        up = np.abs(off[inside, 1])
        near = up[up > 1e-4]
        if len(near) == 0:
            return 0.0
        # the slot's wall is the highest corner of the group that lies nearest to its axis
        order = np.sort(near)
        jump = np.flatnonzero(np.diff(order) > 0.4)
        return 2 * float(order[jump[0]] if len(jump) else order[-1])
    return 2 * float(np.hypot(off[:, 0], off[:, 1]).min())


def reach_mm(points_mm: Points, axis: int) -> float:
    """Return how long a mesh is along x (0), y (1) or z (2)."""
    return float(np.ptp(points_mm[:, axis]))
