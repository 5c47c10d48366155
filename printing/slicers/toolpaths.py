"""A cross-section to the lines that fill it: walls, solid or sparse infill, and gap fill.

A line is taken as a rectangle of its width and the layer's height, so lines laid side by side hold
exactly the volume of the part. What rounding and corners leave over is balanced in the infill.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from manifold3d import CrossSection, JoinType

Points = npt.NDArray[np.float64]
Kind = Literal["outer", "inner", "infill", "gap", "skirt"]

_CHORD_MM = 0.006
_LEAST_GAP_MM2 = 0.02
_EVEN_RATIO = 0.85
_WIDEST_STRIP_MM = 1.0
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
    """How a cross-section is filled."""

    line_mm: float
    walls: int = 2
    infill_ratio: float = 1.0
    angle_deg: float = 45.0


def island_paths(section: CrossSection, fill: Fill, solid: CrossSection) -> list[Toolpath]:
    """Return the lines of one island, walls first; `solid` is where it may not be sparse."""
    width = fill.line_mm
    body = _opened(section, width)
    thin = _worth_filling(section - body)
    body = section if thin.is_empty() else section - thin
    loops, inside, gaps = _walls(body, fill)
    filled: list[Toolpath] = []
    dense = inside if fill.infill_ratio >= 1 else inside ^ solid
    for piece in dense.decompose():
        filled += _strip(piece) or _hatch(piece, width, fill.angle_deg, "infill", width)
    if fill.infill_ratio < 1:
        sparse = inside - solid
        filled += _hatch(sparse, width / fill.infill_ratio, fill.angle_deg, "infill", width)
    for piece in (thin + gaps).decompose():
        filled += _strip(piece) or _hatch(piece, width, fill.angle_deg, "gap", width)
    wanted = section.area() if fill.infill_ratio >= 1 else None
    return _balanced(loops, filled, wanted)


def _walls(body: CrossSection, fill: Fill) -> tuple[list[Toolpath], CrossSection, CrossSection]:
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
        covered = centre.offset(width / 2, JoinType.Miter, 2.0)
        core = centre.offset(-width / 2, JoinType.Miter, 2.0)
        if number:
            gaps += _worth_filling(rest - covered)
        inner = _opened(core, width) if number + 1 < fill.walls else core
        gaps += _worth_filling(core - inner)
        rest = inner
        if rest.is_empty():
            break
    return [loop for ring in reversed(rings) for loop in ring], rest, gaps


def _strip(piece: CrossSection) -> list[Toolpath]:
    """Return one narrow loop that fills a strip of even width; nothing if it is no such strip."""
    rings = [closed(ring) for ring in piece.to_polygons()]
    if piece.area() < _LEAST_GAP_MM2 or not rings:
        return []
    strip_mm = 2 * piece.area() / sum(length_mm(ring) for ring in rings)
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


def _opened(section: CrossSection, width: float) -> CrossSection:
    """Return where a loop of two lines fits; narrower places are filled another way."""
    shrunk = section.offset(-0.98 * width, JoinType.Miter, 2.0)
    return shrunk.offset(0.99 * width, JoinType.Miter, 2.0) ^ section


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


def closed(ring: Points) -> Points:
    """Return a ring that ends where it begins."""
    return np.vstack([ring, ring[:1]])


def length_mm(points: Points) -> float:
    """Return the length of a polyline."""
    steps = np.diff(points, axis=0)
    return float(np.hypot(steps[:, 0], steps[:, 1]).sum())


# --------------------------------------------------------------------------------------- hatching


def _hatch(
    region: CrossSection, pitch_mm: float, angle_deg: float, kind: Kind, width_mm: float
) -> list[Toolpath]:
    """Return zigzags over a region: parallel lines, joined at their ends where they are near."""
    if region.is_empty():
        return []
    turn = np.deg2rad(angle_deg)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    rings = [ring @ rotation.T for ring in region.to_polygons()]
    rows, left, right = _scan(rings, pitch_mm)
    if not len(rows):
        return []
    span = right - left
    inset = np.minimum(width_mm / 2, np.maximum(0.0, (span - 0.1) / 2))
    chains = _chains(rows, left + inset, right - inset, reach_mm=2.5 * pitch_mm)
    y_mm = (np.arange(rows.max() + 1) + 0.5) * pitch_mm + _base(rings, pitch_mm)
    return [
        Toolpath(kind=kind, points=_zigzag(chain, y_mm) @ rotation, width_mm=width_mm)
        for chain in chains
    ]


def _base(rings: list[Points], pitch_mm: float) -> float:
    """Return a first row on a grid that is the same for every layer of a part."""
    low = min(float(ring[:, 1].min()) for ring in rings)
    return float(np.floor(low / pitch_mm) * pitch_mm)


def _scan(rings: list[Points], pitch_mm: float) -> tuple[npt.NDArray[np.int64], Points, Points]:
    """Return row, left and right of every run of parallel lines inside the rings."""
    start = np.vstack(rings)
    end = np.vstack([np.roll(ring, -1, axis=0) for ring in rings])
    base = _base(rings, pitch_mm)
    low = np.ceil((np.minimum(start[:, 1], end[:, 1]) - base) / pitch_mm - 0.5).astype(np.int64)
    high = np.ceil((np.maximum(start[:, 1], end[:, 1]) - base) / pitch_mm - 0.5).astype(np.int64)
    count = high - low
    edge = np.repeat(np.arange(len(count)), count)
    row = np.repeat(low, count) + np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    share = ((row + 0.5) * pitch_mm + base - start[edge, 1]) / (end[edge, 1] - start[edge, 1])
    x_mm = start[edge, 0] + share * (end[edge, 0] - start[edge, 0])
    order = np.lexsort((x_mm, row))
    row, x_mm = row[order], x_mm[order]
    pairs = len(row) // 2 * 2
    left, right = x_mm[0:pairs:2], x_mm[1:pairs:2]
    long_enough = right - left > 0.05
    return row[0:pairs:2][long_enough], left[long_enough], right[long_enough]


Run = tuple[int, float, float]  # row, from x, to x


def _chains(
    rows: npt.NDArray[np.int64], left: Points, right: Points, *, reach_mm: float
) -> list[list[Run]]:
    """Join each run to one of the next row whose near end is within reach."""
    by_row: dict[int, list[tuple[float, float]]] = {}
    for row, low, high in zip(rows.tolist(), left.tolist(), right.tolist(), strict=True):
        by_row.setdefault(row, []).append((low, high))
    chains = []
    for row in sorted(by_row):
        for run in list(by_row[row]):
            by_row[row].remove(run)
            chains.append(_chain(by_row, (row, *run), reach_mm))
    return chains


def _chain(by_row: dict[int, list[tuple[float, float]]], first: Run, reach_mm: float) -> list[Run]:
    chain, forward = [first], True
    while True:
        row, _, x_mm = chain[-1]
        forward = not forward
        near = by_row.get(row + 1, [])
        start = 0 if forward else 1
        best = min(near, key=lambda run: abs(run[start] - x_mm), default=None)
        if best is None or abs(best[start] - x_mm) > reach_mm:
            return chain
        near.remove(best)
        chain.append((row + 1, best[start], best[1 - start]))


def _zigzag(chain: list[Run], y_mm: Points) -> Points:
    flat = [(x_mm, y_mm[row]) for row, *ends in chain for x_mm in ends]
    return np.array(flat)
