"""The part that a file must be: its triangles, moved to where the file prints."""

import numpy as np
import numpy.typing as npt

from fieldlab.core.errors import InputError
from printing.profiles import PrinterProfile

Numbers = npt.NDArray[np.float64]

MAX_TRIANGLES = 2_000_000
MAX_TEXT_TRIANGLES = 200_000
_LARGEST_MM = 1e4
_CENTRED_MM = 0.3
_LOW_MM = 0.46
_FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def corners_of(stl: bytes) -> Numbers:
    """Return the triangles of an STL as (n, 3, 3) in mm; raises InputError."""
    count = int.from_bytes(stl[80:84], "little") if len(stl) >= 84 else -1
    if len(stl) == 84 + 50 * count and 0 < count <= MAX_TRIANGLES:
        facets = np.frombuffer(stl, dtype=_FACET, offset=84, count=count)
        corners = facets["corners"].astype(np.float64)
    else:
        corners = _text_corners(stl)
    if not len(corners):
        raise InputError("the STL cannot be read: it holds no triangle")
    if not np.isfinite(corners).all() or np.abs(corners).max() > _LARGEST_MM:
        raise InputError("the STL holds a coordinate that is not possible")
    return corners


def _text_corners(stl: bytes) -> Numbers:
    if stl.count(b"vertex") > 3 * MAX_TEXT_TRIANGLES:
        raise InputError(f"an STL text of more than {MAX_TEXT_TRIANGLES} triangles; save it binary")
    rows = [line.split()[1:4] for line in stl.splitlines() if line.strip().startswith(b"vertex")]
    try:
        return np.array(rows, dtype=np.float64).reshape(-1, 3, 3)[: len(rows) or None]
    except ValueError as error:
        raise InputError("the STL cannot be read") from error


def onto(corners: Numbers, lines: Numbers, printer: PrinterProfile) -> Numbers:
    """Return the part moved to where it is printed: standing on the bed, at the bed's centre.

    Slicers centre a part by its box. A skirt, a brim or a purge line is low, so the lines above it
    say where the part is, if it is not at the centre.
    """
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    bed = np.array([printer.bed_x_mm / 2, printer.bed_y_mm / 2])
    upper = lines[lines[:, 4] > _LOW_MM]
    used = upper if len(upper) else lines
    flat = np.vstack([used[:, 0:2], used[:, 2:4]])
    found = (flat.min(axis=0) + flat.max(axis=0)) / 2
    centre = bed if np.abs(found - bed).max() < _CENTRED_MM else found
    moved: Numbers = corners + np.array([*(centre - (low + high)[:2] / 2), -low[2]])
    return moved
