"""Cutting a mark into a part's slabs, and reading it again on the mesh that ships."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from partgen.marking.letters import STROKES, Points, letter
from partgen.marking.room import Placed, Room, placed
from partgen.solid import Layer, Loop, Mesh, crosses, loop_of

Flags = npt.NDArray[np.bool_]
DEPTH_MM = 0.6  # three layers of 0.2 mm, two of 0.3
_NEAR_MM = 2e-3


def engraved(layers: Sequence[Layer], room: Room, text: str) -> tuple[Layer, ...]:
    """Return slabs with a mark cut into the face of its room; raises PartError if it is small."""
    cut = tuple(
        loop_of(spot.on_part(outline)[::-1])
        for spot in placed(room, text)
        for outline in spot.letter.outlines
    )
    return tuple(slab for layer in layers for slab in _cut(layer, room.z_mm, cut))


def _cut(layer: Layer, face_mm: float, cut: tuple[Loop, ...]) -> Iterator[Layer]:
    """Yield a slab below the mark's floor as it is, and what is above it with the mark in it."""
    floor = face_mm - DEPTH_MM
    if layer.top_mm > face_mm + _NEAR_MM or layer.top_mm < floor + _NEAR_MM:
        yield layer
        return
    below, above, bottom = layer.below, layer.above, layer.bottom_mm
    if bottom < floor - _NEAR_MM:
        between = _between(layer, (floor - bottom) / (layer.top_mm - bottom))
        yield Layer(bottom_mm=bottom, top_mm=floor, below=below, above=between)
        below, bottom = between, floor
    yield Layer(bottom_mm=bottom, top_mm=layer.top_mm, below=(*below, *cut), above=(*above, *cut))


def _between(layer: Layer, share: float) -> tuple[Loop, ...]:
    """Return the loops of a ruled slab at a share of its height."""
    if layer.below is layer.above:
        return layer.below
    return tuple(
        low if low is high else loop_of(low + share * (high.astype(float) - low))
        for low, high in zip(layer.below, layer.above, strict=True)
    )


def carved_mm3(room: Room, text: str) -> float:
    """Return what a mark takes away."""
    return DEPTH_MM * sum(spot.letter.area_mm2 * spot.scale**2 for spot in placed(room, text))


def read(mesh: Mesh, room: Room, text: str) -> str:
    """Return what is engraved where `text` should be; a letter that is none is a question mark.

    A node of a letter is dark where there is a face that looks up at the depth of the floor.
    """
    corners = mesh.corners
    level = np.abs(corners[:, :, 2] - (room.z_mm - DEPTH_MM)).max(axis=1) < 2 * _NEAR_MM
    floor = corners[level]
    floor = floor[crosses(floor)[:, 2] > 0][:, :, :2]
    return "".join(_read(spot, floor) for spot in placed(room, text))


def _read(spot: Placed, floor_mm: Points) -> str:
    dark = covered(spot.on_part(spot.letter.nodes), floor_mm)
    for name in STROKES:
        wanted = letter(name).dark
        if wanted.shape == dark.shape and bool((wanted == dark).all()):
            return name
    return "?"


def covered(points_mm: Points, triangles_mm: Points) -> Flags:
    """Return which of (n, 2) points lie in any of (t, 3, 2) counter-clockwise triangles."""
    inside = np.ones((len(points_mm), len(triangles_mm)), bool)
    for side in range(3):
        start, end = triangles_mm[:, side], triangles_mm[:, (side + 1) % 3]
        along, off = end - start, points_mm[:, None] - start[None]
        inside &= along[:, 0] * off[..., 1] - along[:, 1] * off[..., 0] >= 0
    return np.asarray(inside.any(axis=1))
