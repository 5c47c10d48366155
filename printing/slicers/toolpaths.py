"""A cross-section to the lines that fill it: walls, solid or sparse infill, and gap fill.

A line is taken as a rectangle of its width and the layer's height, so lines laid side by side hold
exactly the volume of the part. What rounding and corners leave over is balanced in the infill.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from manifold3d import CrossSection, JoinType

from printing.slicers.gyroid import gyroid
from printing.slicers.hatching import zigzags

Points = npt.NDArray[np.float64]
Kind = Literal["outer", "inner", "solid", "sparse", "gap", "skirt"]

_CHORD_MM = 0.006
_LEAST_LINES = 1.6  # how wide a place must be, in lines, for a loop; its two sides may overlap
_LEAST_GAP_MM2 = 0.02
_EVEN_RATIO = 0.85
_WIDEST_STRIP_MM = 0.86  # two lines reach no further
_NARROW_LINES = 8  # up to this width, in lines, a place is filled with loops
_LEAST_SPARSE_LINES = 3  # what is narrower than this is never sparse
_ALMOST_LINES = 0.05
_UNEVEN_RATIO = 0.04
_BALANCE = (0.50, 1.25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolpath:
    """One line without a break; `flow_ratio` scales its width. A closed one ends where it began."""

    kind: Kind
    points: Points
    width_mm: float
    flow_ratio: float = 1.0

    @property
    def closed(self) -> bool:
        """Return whether it is a loop."""
        return self.kind in ("outer", "inner", "skirt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """How a cross-section is filled; the gyroid needs to know at which height."""

    line_mm: float
    walls: int = 2
    infill_ratio: float = 1.0
    angle_deg: float = 45.0
    pattern: Literal["lines", "gyroid"] = "lines"
    z_mm: float = 0.0


def island_paths(section: CrossSection, fill: Fill, solid: CrossSection) -> list[Toolpath]:
    """Return the lines of one island, walls first; `solid` is where it may not be sparse."""
    width = fill.line_mm
    body = _opened(section, _LEAST_LINES * width)
    thin = _worth_filling(section - body)
    body = section if thin.is_empty() else section - thin
    loops, inside, gaps = _walls(body, fill)
    filled: list[Toolpath] = []
    dense = inside if fill.infill_ratio >= 1 else inside ^ solid
    for piece in dense.decompose():
        filled += _filled(piece, fill)
    if fill.infill_ratio < 1:
        for piece in (inside - solid).decompose():
            narrow = _mean_width_mm(piece) < _LEAST_SPARSE_LINES * width
            filled += _filled(piece, fill) if narrow else _sparse(piece, fill)
    filled += _gap_fill(thin + gaps, fill)
    wanted = section.area() if fill.infill_ratio >= 1 else None
    return _balanced(loops, filled, wanted)


def _filled(piece: CrossSection, fill: Fill) -> list[Toolpath]:
    """Return the lines that fill a piece: loops where it is narrow, parallel lines elsewhere.

    Parallel lines leave a triangle open at each end, and a narrow piece has many ends.
    """
    width = fill.line_mm
    if even := _strip(piece) or _even_ring(piece, width):
        return even
    if _mean_width_mm(piece) > _NARROW_LINES * width:
        return hatch(piece, width, fill.angle_deg, "solid", width)
    body = _opened(piece, 2 * width)
    loops, rest, gaps = _walls(body, replace(fill, walls=_NARROW_LINES), 2.0)
    left = rest + gaps + _worth_filling(piece - body)
    return [replace(loop, kind="solid") for loop in loops] + _gap_fill(left, fill)


def _gap_fill(gaps: CrossSection, fill: Fill) -> list[Toolpath]:
    """Return lines that fill what the walls left over."""
    paths: list[Toolpath] = []
    for piece in gaps.decompose():
        paths += _strip(piece) or hatch(piece, fill.line_mm, fill.angle_deg, "gap", fill.line_mm)
    return paths


def _even_ring(piece: CrossSection, width: float) -> list[Toolpath]:
    """Return loops of one width that fill a ring which is equally wide all round; else nothing."""
    rings = piece.to_polygons()
    if len(rings) != 2:
        return []
    ring_mm = _mean_width_mm(piece)
    count = math.ceil(ring_mm / width - _ALMOST_LINES)
    if count > _NARROW_LINES:
        return []
    outside = max((CrossSection([ring]) for ring in rings), key=CrossSection.area)
    inside = outside - piece
    off = outside.offset(-ring_mm, JoinType.Miter, 2.0)
    if ((off - inside) + (inside - off)).area() > _UNEVEN_RATIO * piece.area():
        return []
    line_mm = ring_mm / count
    return [
        Toolpath(kind="solid", points=closed(ring), width_mm=line_mm)
        for number in range(count)
        for ring in outside.offset(-(number + 0.5) * line_mm, JoinType.Miter, 2.0)
        .simplify(_CHORD_MM)
        .to_polygons()
    ]


def _mean_width_mm(piece: CrossSection) -> float:
    """Return how wide a piece is, if it is a strip."""
    around_mm = sum(length_mm(closed(ring)) for ring in piece.to_polygons())
    return 2 * float(piece.area()) / max(1e-9, around_mm)


def _sparse(region: CrossSection, fill: Fill) -> list[Toolpath]:
    pitch_mm = fill.line_mm / fill.infill_ratio
    if fill.pattern == "lines":
        return hatch(region, pitch_mm, fill.angle_deg, "sparse", fill.line_mm)
    rings = region.to_polygons()
    return [
        Toolpath(kind="sparse", points=line, width_mm=fill.line_mm)
        for line in gyroid(rings, pitch_mm=pitch_mm, z_mm=fill.z_mm)
    ]


def _walls(
    body: CrossSection, fill: Fill, least_lines: float = _LEAST_LINES
) -> tuple[list[Toolpath], CrossSection, CrossSection]:
    """Return the loops from the inside out, what is left inside, and the gaps between them."""
    width = fill.line_mm
    rings: list[list[Toolpath]] = []
    gaps = CrossSection()
    rest = body
    for number in range(fill.walls):
        centre = rest.offset(-width / 2, JoinType.Miter, 2.0)
        kind: Kind = "outer" if number == 0 else "inner"
        rings.append(
            [_loop(ring, kind, width) for ring in centre.simplify(_CHORD_MM).to_polygons()]
        )
        core = centre.offset(-width / 2, JoinType.Miter, 2.0)
        if number:
            gaps += _worth_filling(rest - centre.offset(width / 2, JoinType.Miter, 2.0))
        inner = _opened(core, least_lines * width) if number + 1 < fill.walls else core
        gaps += _worth_filling(core - inner)
        rest = inner
        if rest.is_empty():
            break
    return [loop for ring in reversed(rings) for loop in ring], rest, gaps


def _strip(piece: CrossSection) -> list[Toolpath]:
    """Return one narrow loop that fills a strip of even width; nothing if it is no such strip."""
    if piece.area() < _LEAST_GAP_MM2:
        return []
    strip_mm = _mean_width_mm(piece)
    if strip_mm > _WIDEST_STRIP_MM:
        return []
    loops = piece.offset(-strip_mm / 4, JoinType.Miter, 2.0).simplify(_CHORD_MM).to_polygons()
    paths = [
        Toolpath(kind="gap", points=closed(ring), width_mm=strip_mm / 2)
        for ring in loops
        if len(ring) > 2
    ]
    filled = sum(length_mm(path.points) * path.width_mm for path in paths)
    return paths if filled > _EVEN_RATIO * piece.area() else []


def _opened(section: CrossSection, least_mm: float) -> CrossSection:
    """Return where there is this much room; narrower places are filled another way."""
    shrunk = section.offset(-least_mm / 2, JoinType.Miter, 2.0)
    grown = shrunk.offset(least_mm / 2 + _CHORD_MM, JoinType.Miter, 2.0)
    return grown ^ section


def _worth_filling(rest: CrossSection) -> CrossSection:
    if rest.is_empty():
        return rest
    kept = [piece for piece in rest.decompose() if piece.area() > _LEAST_GAP_MM2]
    return CrossSection.compose(kept) if kept else CrossSection()


def _loop(ring: npt.NDArray[np.float64], kind: Kind, width: float) -> Toolpath:
    return Toolpath(kind=kind, points=closed(ring), width_mm=width)


def _balanced(
    loops: list[Toolpath], filled: list[Toolpath], wanted_mm2: float | None
) -> list[Toolpath]:
    """Return all lines with the infill's flow set so that the layer holds the part's own area."""
    if wanted_mm2 is None or not filled:
        return loops + filled
    spent = sum(length_mm(path.points) * path.width_mm for path in loops)
    room = sum(length_mm(path.points) * path.width_mm for path in filled)
    ratio = float(np.clip((wanted_mm2 - spent) / room, *_BALANCE))
    return loops + [
        Toolpath(kind=path.kind, points=path.points, width_mm=path.width_mm, flow_ratio=ratio)
        for path in filled
    ]


def hatch(
    region: CrossSection, pitch_mm: float, angle_deg: float, kind: Kind, width_mm: float
) -> list[Toolpath]:
    """Return zigzags over a region as lines of this kind."""
    return [
        Toolpath(kind=kind, points=points, width_mm=width_mm)
        for points in zigzags(region.to_polygons(), pitch_mm, angle_deg, width_mm)
    ]


def closed(ring: Points) -> Points:
    """Return a ring that ends where it begins."""
    return np.vstack([ring, ring[:1]])


def length_mm(points: Points) -> float:
    """Return the length of a polyline."""
    steps = np.diff(points, axis=0)
    return float(np.hypot(steps[:, 0], steps[:, 1]).sum())
