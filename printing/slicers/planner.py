"""How long moves take on a printer that must speed up and slow down.

Trapezoids with look-ahead, as printers do it (Marlin, "planner.cpp"): at a corner the speed of no
axis may jump by more than the jerk; between corners v² changes by at most 2·a·d. With one
acceleration both passes of the look-ahead are running minima, so whole layers are planned at once.
"""

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


def durations_s(
    points_mm: Numbers, speed_mmps: Numbers, *, acceleration_mmps2: float, jerk_mmps: float
) -> Numbers:
    """Return the time of each move along a polyline that starts and ends at rest.

    Parameters
    ----------
    points_mm : (n + 1, 2) float
        Where the moves start and end; no two neighbours are the same point.
    speed_mmps : (n,) float
        The speed that is wished for on each move, more than 0.
    """
    steps = np.diff(points_mm, axis=0)
    length = np.hypot(steps[:, 0], steps[:, 1])
    energy = np.cumsum(np.r_[0.0, 2 * acceleration_mmps2 * length])  # v² that can be gained so far
    limit = _corners_mmps(steps / length[:, None], speed_mmps, jerk_mmps) ** 2
    limit = np.minimum.accumulate(limit - energy) + energy
    limit = (np.minimum.accumulate((limit + energy)[::-1])[::-1]) - energy
    corner: Numbers = np.sqrt(np.maximum(0.0, limit))
    return _trapezoids_s(length, corner[:-1], corner[1:], speed_mmps, acceleration_mmps2)


def _corners_mmps(unit: Numbers, speed: Numbers, jerk: float) -> Numbers:
    """Return the highest speed at each corner; first and last start from, and end at, rest."""
    turn = np.abs(np.diff(unit, axis=0)).max(axis=1)
    both = np.minimum(speed[:-1], speed[1:])
    limit: Numbers = np.r_[0.0, np.minimum(both, jerk / np.maximum(turn, 1e-9)), 0.0]
    return limit


def _trapezoids_s(
    length: Numbers, enter: Numbers, leave: Numbers, speed: Numbers, a: float
) -> Numbers:
    """Return the time of moves that speed up to their wish, or as far as there is room."""
    peak = np.sqrt((2 * a * length + enter**2 + leave**2) / 2)
    top = np.maximum(np.minimum(speed, peak), np.maximum(enter, leave))
    ramps = (2 * top**2 - enter**2 - leave**2) / (2 * a)
    total: Numbers = (2 * top - enter - leave) / a + np.maximum(0.0, length - ramps) / top
    return total
