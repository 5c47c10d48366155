"""Whether the outside of what is drawn is larger than the part's, to a tenth of a millimetre."""

import numpy as np

from printing.gcode.raster import Numbers, crossings

_LARGER_MM = 0.1
_MOST_LAYERS = 40


def larger(
    corners: Numbers, layers: list[Numbers], heights: Numbers, filament_mm2: float
) -> list[str]:
    """Return along which axis the layers (n, 7) are larger than the part's sections.

    What is smaller shows at its edge; a line outside it may still be within what a pixel allows.
    """
    below = np.r_[0.0, heights[:-1]]
    used = np.unique(np.linspace(min(1, len(layers) - 1), len(layers) - 1, _MOST_LAYERS, dtype=int))
    grown = np.array([
        _outside(layers[at], filament_mm2 / float(heights[at] - below[at]))
        - _extent(corners, float(heights[at] + below[at]) / 2)
        for at in used.tolist()
    ])  # fmt: skip
    return [
        f"it is {more:.2f} mm larger than the part along {axis}"
        for axis, more in zip("XY", np.median(grown, axis=0).tolist(), strict=True)
        if more > _LARGER_MM
    ]


def _outside(lines: Numbers, width_of_mm2: float) -> Numbers:
    """Return how far the lines reach along X and Y, with their own widths."""
    length = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])
    half = np.tile(lines[:, 5] * width_of_mm2 / length / 2, 2)[:, None]
    ends = np.vstack([lines[:, 0:2], lines[:, 2:4]])
    reach: Numbers = (ends + half).max(axis=0) - (ends - half).min(axis=0)
    return reach


def _extent(corners: Numbers, z_mm: float) -> Numbers:
    """Return how far the part reaches along X and Y at a height; above it, everywhere."""
    ends = np.vstack(crossings(corners, z_mm))
    reach: Numbers = np.ptp(ends, axis=0) if len(ends) else np.full(2, np.inf)
    return reach
