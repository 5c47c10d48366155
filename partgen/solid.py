"""Closed solids from stacked layers of loops: no unions, so nothing can come apart in float32.

A loop is an (n, 2) float32 array in millimetres: counter-clockwise around material,
clockwise around a hole. Where two layers meet, loops that occur in both go on as a wall;
the others bound a horizontal face. Loops of one height may not touch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import acos, ceil, pi

import manifold3d
import numpy as np
import numpy.typing as npt

Loop = npt.NDArray[np.float32]
Points = npt.NDArray[np.float64]
Faces = npt.NDArray[np.int64]
CHORD_MM = 0.002  # how far a drawn arc may lie inside the true one


def loop_of(points_mm: npt.ArrayLike) -> Loop:
    """Return points as a loop in the precision that an STL keeps, without repeated points."""
    loop = np.asarray(points_mm, dtype=np.float32) + np.float32(0.0)
    kept = np.any(loop != np.roll(loop, 1, axis=0), axis=1)
    return loop[kept]


def steps(radius_mm: float, angle_rad: float = 2 * pi, chord_mm: float = CHORD_MM) -> int:
    """Return how many chords draw an arc to within `chord_mm`.

    >>> steps(4.0)
    100
    """
    share = min(max(chord_mm / max(radius_mm, 1e-9), 1e-9), 0.5)
    return max(1, ceil(angle_rad / (2 * acos(1 - share))))


def circle(
    diameter_mm: float,
    *,
    hole: bool = False,
    at_mm: tuple[float, float] = (0.0, 0.0),
    count: int | None = None,
) -> Loop:
    """Return a circle as a loop; a multiple of four points, so that it is as wide as it is high."""
    radius_mm = diameter_mm / 2
    wanted = count or min(max(24, steps(radius_mm)), 720)
    angles = np.arange(4 * ceil(wanted / 4)) * (2 * pi / (4 * ceil(wanted / 4)))
    points = radius_mm * np.column_stack([np.cos(angles), np.sin(angles)]) + np.asarray(at_mm)
    return loop_of(points[::-1] if hole else points)


def area_mm2(loop: npt.NDArray[np.floating]) -> float:
    """Return the signed area of a loop; negative for a hole."""
    x, y = loop[:, 0].astype(float), loop[:, 1].astype(float)
    inner = np.dot(x[:-1], y[1:]) - np.dot(y[:-1], x[1:])
    return float(inner + x[-1] * y[0] - y[-1] * x[0]) / 2


def regions(section: manifold3d.CrossSection, *, least_mm: float = 1e-3) -> tuple[Loop, ...]:
    """Return the loops of a 2D shape, without points closer together than `least_mm`."""
    polygons = section.simplify(least_mm).to_polygons()
    return tuple(loop_of(polygon) for polygon in polygons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesh:
    """Triangles: vertices (v, 3) in mm, and faces (n, 3), counter-clockwise from outside."""

    vertices: Points
    faces: Faces

    @property
    def corners(self) -> Points:
        """The corners of each triangle, (n, 3, 3)."""
        return self.vertices[self.faces]

    @property
    def extents(self) -> Points:
        """How long it is along x, y and z."""
        sides: Points = np.ptp(self.vertices, axis=0)
        return sides

    @property
    def volume_mm3(self) -> float:
        """The volume that it encloses: its height over each triangle's shadow."""
        first, second, third = self.faces.T
        x, y, z = np.ascontiguousarray(self.vertices.T)
        shadow = (x[second] - x[first]) * (y[third] - y[first])
        shadow -= (y[second] - y[first]) * (x[third] - x[first])
        return float(np.dot(shadow, z[first] + z[second] + z[third])) / 6

    def solid(self) -> manifold3d.Manifold:
        """Return it as the kernel's solid; its status says whether it is one."""
        return manifold3d.Manifold(
            manifold3d.Mesh(
                vert_properties=self.vertices.astype(np.float32),
                tri_verts=self.faces.astype(np.uint32),
            )
        )


def crosses(corners_mm: Points) -> Points:
    """Return for each triangle of (n, 3, 3) the normal whose length is twice its area."""
    x, y, z = (corners_mm[:, 1:] - corners_mm[:, :1]).transpose(2, 1, 0)
    return np.stack(
        [y[0] * z[1] - z[0] * y[1], z[0] * x[1] - x[0] * z[1], x[0] * y[1] - y[0] * x[1]], axis=1
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A slab between two heights; each loop below goes over into the loop of the same index."""

    bottom_mm: float
    top_mm: float
    below: tuple[Loop, ...]
    above: tuple[Loop, ...]

    @property
    def volume_mm3(self) -> float:
        """The volume between the loops, exact for ruled walls (prismatoid formula)."""
        if self.below is self.above:
            return sum(map(area_mm2, self.below)) * (self.top_mm - self.bottom_mm)
        total = 0.0
        for low, high in zip(self.below, self.above, strict=True):
            middle = (low.astype(float) + high.astype(float)) / 2
            total += area_mm2(low) + 4 * area_mm2(middle) + area_mm2(high)
        return total * (self.top_mm - self.bottom_mm) / 6


def prism(bottom_mm: float, top_mm: float, *loops: Loop) -> Layer:
    """Return a layer with vertical walls."""
    return Layer(bottom_mm=bottom_mm, top_mm=top_mm, below=loops, above=loops)


def _key(loop: Loop, height: np.float32) -> tuple[bytes, bytes]:
    return loop.tobytes(), height.tobytes()


class _Builder:
    def __init__(self, repeats: int) -> None:
        self._repeats = repeats
        self._start: dict[tuple[bytes, bytes], int] = {}
        self._points: list[Points] = []
        self._count = 0
        self._filled: dict[bytes, Faces] = {}
        self.faces: list[Faces] = []

    def ring(self, loop: Loop, height: np.float32) -> int:
        """Return the index of the first point of a loop at a height; it is added once."""
        key = _key(loop, height)
        if key not in self._start:
            self._start[key] = self._count
            ring = np.column_stack([loop, np.full(len(loop), height)]).astype(np.float64)
            self._points.append(ring)
            self._count += len(loop)
        return self._start[key]

    def wall(self, low: int, high: int, count: int) -> None:
        here = np.arange(count)
        ahead = (here + 1) % count
        self.faces.append(np.column_stack([low + here, low + ahead, high + ahead]))
        self.faces.append(np.column_stack([low + here, high + ahead, high + here]))

    def cap(self, rings: Sequence[tuple[Loop, bool]], height: np.float32, *, up: bool) -> None:
        """Fill the face between loops; a loop with False is walked against its own direction."""
        if not rings:
            return
        index = np.concatenate([self._span(loop, height, forward) for loop, forward in rings])
        filled = index[self._triangles([loop if on else loop[::-1] for loop, on in rings])]
        self.faces.append(filled if up else filled[:, ::-1])

    def _span(self, loop: Loop, height: np.float32, forward: bool) -> Faces:
        span = self.ring(loop, height) + np.arange(len(loop))
        return span if forward else span[::-1]

    def _triangles(self, loops: Sequence[Loop]) -> Faces:
        """Return triangles over the points of loops; top and bottom of a prism share them."""
        key = b"|".join(loop.tobytes() for loop in loops)
        if key not in self._filled:
            self._filled[key] = _filling(loops, self._repeats)
        return self._filled[key]

    def mesh(self) -> Mesh:
        return Mesh(vertices=np.vstack(self._points), faces=np.vstack(self.faces))


def _triangulate(loops: Sequence[Loop]) -> Faces:
    found = manifold3d.triangulate([loop.astype(np.float64) for loop in loops], -1.0, False)
    return np.asarray(found, dtype=np.int64)


def _filling(loops: Sequence[Loop], repeats: int) -> Faces:
    """Return triangles over the points of loops, in their order.

    The teeth of a gear are alike: one is filled, and the polygon of their roots takes their place.
    """
    if len(loops) == 2 and _alike(loops[0], loops[1]):
        return _ring(len(loops[0]))
    starts = np.cumsum([0, *map(len, loops)])
    keys = [np.arange(starts[at], starts[at + 1]) for at in range(len(loops))]
    faces = []
    for at, loop in enumerate(loops):
        if not _has_teeth(loop, loops, repeats):
            continue
        period = len(loop) // repeats
        first = loop[:period]
        turns = starts[at] + period * np.arange(repeats)
        faces.append((_triangulate([first])[None] + turns[:, None, None]).reshape(-1, 3))
        keys[at] = (turns[:, None] + np.array([0, period - 1])).ravel()
    points = np.vstack(loops)
    faces.append(np.concatenate(keys)[_triangulate([points[key] for key in keys])])
    return np.vstack(faces)


def _alike(outer: Loop, inner: Loop) -> bool:
    """Return whether a loop and the hole in it are the same about the origin but for their size."""
    if len(outer) != len(inner) or area_mm2(outer) < 0:
        return False
    far, near = np.hypot(*outer[0].astype(float)), np.hypot(*inner[-1].astype(float))
    return bool(near > 0 and np.allclose(outer * near, inner[::-1] * far, atol=1e-6 * far * near))


def _ring(count: int) -> Faces:
    """Return triangles between a loop and a hole of as many points, walked the other way."""
    here = np.arange(count)
    ahead = (here + 1) % count
    near, next_near = 2 * count - 1 - here, 2 * count - 1 - ahead
    return np.vstack([
        np.column_stack([here, ahead, next_near]), np.column_stack([here, next_near, near])
    ])  # fmt: skip


def _has_teeth(loop: Loop, loops: Sequence[Loop], repeats: int) -> bool:
    """Return whether a loop is of like teeth whose roots' polygon clears all other loops."""
    if repeats < 2 or len(loop) % repeats or len(loop) < 8 * repeats or area_mm2(loop) < 0:
        return False
    period = len(loop) // repeats
    roots = loop.reshape(repeats, period, 2)[:, (0, -1)].reshape(-1, 2).astype(float)
    middles = (roots + np.roll(roots, -1, axis=0)) / 2
    clear = float(np.hypot(*middles.T).min())
    inner = max((float(np.hypot(*each.T).max()) for each in loops if each is not loop), default=0.0)
    lowest = float(np.hypot(*loop.T).min())
    at_root = float(np.hypot(*roots.T).max()) < lowest + 1e-3
    return at_root and inner < clear - 1e-3


def mesh_of(layers: Sequence[Layer], *, repeats: int = 1) -> Mesh:
    """Return the closed mesh of layers that stand on each other, lowest first.

    At each joint the wider layer must enclose the other one wholly, face by face: a loop of one
    layer is either a loop of the other one too, or lies inside its material or outside of it.
    Loops of `repeats` like teeth, each of which begins and ends at its root, are filled faster.
    """
    builder = _Builder(repeats)
    below: dict[bytes, Loop] = {}
    for layer in layers:
        low, high = np.float32(layer.bottom_mm), np.float32(layer.top_mm)
        _joint(builder, below, {loop.tobytes(): loop for loop in layer.below}, low)
        for under, over in zip(layer.below, layer.above, strict=True):
            builder.wall(builder.ring(under, low), builder.ring(over, high), len(under))
        below = {loop.tobytes(): loop for loop in layer.above}
    _joint(builder, below, {}, np.float32(layers[-1].top_mm))
    return builder.mesh()


def _joint(
    builder: _Builder, under: dict[bytes, Loop], over: dict[bytes, Loop], height: np.float32
) -> None:
    """Close what is open between two layers: up where material ends, down where it begins."""
    ends = [loop for key, loop in under.items() if key not in over]
    begins = [loop for key, loop in over.items() if key not in under]
    up = sum(map(area_mm2, ends)) > sum(map(area_mm2, begins))
    rings = [(loop, up) for loop in ends] + [(loop, not up) for loop in begins]
    builder.cap(rings, height, up=up)
