"""Where the lines of a sparse infill break off: ends that lie loose in the open."""

import numpy as np

from printing.gcode.raster import Grid, Numbers, Raster

_AHEAD_MM = (0.4, 0.5, 0.6)
_AHEAD_RAD = np.radians([-90.0, -60.0, -30.0, 0.0, 30.0, 60.0, 90.0])


def loose_ends(lines: Numbers, drawn: Grid, section: Grid, raster: Raster) -> tuple[int, int]:
    """Return how many ends the lines (n, 4) of a layer have, and how many of them are loose.

    Whatever its pattern, a slicer leads every line of an infill to a wall or to another line. An
    end before which nothing is drawn is where a line breaks off.
    """
    broken = np.hypot(*(lines[1:, 0:2] - lines[:-1, 2:4]).T) > raster.pixel_mm
    first, last = np.r_[True, broken], np.r_[broken, True]
    tips = np.vstack([lines[first, 0:2], lines[last, 2:4]])
    ways = np.vstack([lines[first, 0:2] - lines[first, 2:4], lines[last, 2:4] - lines[last, 0:2]])
    heading = np.arctan2(ways[:, 1], ways[:, 0])[:, None] + _AHEAD_RAD
    touches = np.zeros(len(tips), dtype=bool)
    for away_mm in _AHEAD_MM:
        around = tips[:, None] + away_mm * np.stack([np.cos(heading), np.sin(heading)], axis=2)
        rows, columns = raster.pixel_of(around.reshape(-1, 2))
        met = drawn[rows, columns] | ~section[rows, columns]
        touches |= met.reshape(len(tips), -1).any(axis=1)
    return len(tips), int((~touches).sum())
