"""A solid to the cross-sections of its layers, and whether each layer stands on the one below."""

import numpy as np
import numpy.typing as npt
from manifold3d import CrossSection, JoinType, Manifold

from fieldlab.core.errors import NeedsSupportError, SliceError

Numbers = npt.NDArray[np.float64]

_SIMPLIFY_MM = 0.006
_STEEP = -0.71  # z of the normal of a face that hangs over by more than 45 degrees
_WIDEST_BRIDGE_MM = 12.0
_LEAST_MM2 = 1e-4
_LEVEL_MM = 1e-5


def sections_of(solid: Manifold, count: int, step_mm: float) -> list[CrossSection]:
    """Return the section in the middle of each layer; layers that are alike share one object.

    Raises
    ------
    SliceError
        If a layer is empty, starts in the air, or bridges too wide a gap.
    """
    corners = _corners(solid)
    heights: Numbers = (np.arange(count, dtype=np.float64) + 0.5) * step_mm
    changed = _changed(corners, heights)
    hanging = _hanging(corners, heights, step_mm)
    sections: list[CrossSection] = []
    for number, z_mm in enumerate(heights.tolist()):
        if not changed[number]:
            sections.append(sections[-1])
            continue
        section = solid.slice(z_mm).simplify(_SIMPLIFY_MM)
        if section.area() < _LEAST_MM2:
            raise SliceError(f"layer {number + 1} of {count} is empty; the part is in two pieces")
        if number and hanging[number]:
            _stands(section, sections[-1], step_mm, z_mm)
        sections.append(section)
    return sections


def _corners(solid: Manifold) -> Numbers:
    mesh = solid.to_mesh()
    vertices = np.array(mesh.vert_properties, dtype=np.float64)[:, :3]
    corners: Numbers = vertices[np.array(mesh.tri_verts)]
    return corners


def _normal_z(corners: Numbers) -> Numbers:
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    upward: Numbers = normal[:, 2] / np.maximum(1e-12, np.linalg.norm(normal, axis=1))
    return upward


def _changed(corners: Numbers, heights: Numbers) -> npt.NDArray[np.bool_]:
    """Return which sections differ from the one below: where faces are not upright, or end."""
    upright = np.abs(_normal_z(corners)) < 1e-6
    low, high = corners[:, :, 2].min(axis=1), corners[:, :, 2].max(axis=1)
    ends = np.unique(np.round(np.r_[low[upright], high[upright]], 5))
    low, high = np.r_[low[~upright], ends] - _LEVEL_MM, np.r_[high[~upright], ends] + _LEVEL_MM
    # A face touches the gap below height i if low <= heights[i] and high >= heights[i - 1].
    first = np.searchsorted(heights, low)
    last = np.searchsorted(heights, high) + 1
    count = np.zeros(len(heights) + 2, dtype=np.int64)
    np.add.at(count, np.minimum(first, len(heights)), 1)
    np.add.at(count, np.minimum(last, len(heights) + 1), -1)
    changed = np.cumsum(count)[: len(heights)] > 0
    changed[0] = True
    return changed


def _hanging(corners: Numbers, heights: Numbers, step_mm: float) -> npt.NDArray[np.bool_]:
    """Return at which layers a face hangs over steeply."""
    steep = (_normal_z(corners) < _STEEP) & (corners[:, :, 2].max(axis=1) > step_mm)
    found = np.zeros(len(heights), dtype=np.bool_)
    for low, high in zip(
        corners[steep][:, :, 2].min(axis=1), corners[steep][:, :, 2].max(axis=1), strict=True
    ):
        found |= (heights > low - step_mm) & (heights < high + step_mm)
    return found


def _stands(section: CrossSection, below: CrossSection, step_mm: float, z_mm: float) -> None:
    """Raise NeedsSupportError if a layer needs supports."""
    free = section - below.offset(1.2 * step_mm, JoinType.Miter, 2.0)
    if free.area() < 1.0:
        return
    for piece in section.decompose():
        if piece.area() > 0.2 and (piece ^ below).is_empty():
            raise NeedsSupportError(
                f"a piece starts in the air at {z_mm:.1f} mm; it needs supports"
            )
    if not free.offset(-_WIDEST_BRIDGE_MM / 2, JoinType.Miter, 2.0).is_empty():
        raise NeedsSupportError(
            f"more than {_WIDEST_BRIDGE_MM:g} mm hang free at {z_mm:.1f} mm; it needs supports"
        )
