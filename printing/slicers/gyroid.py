"""Gyroid infill: a curved sheet that is about as stiff in all directions, cut at a height.

The surface is sin x cos y + sin y cos z + sin z cos x = 0 (Schoen, NASA TN D-5541, 1970). At a
fixed z it is A cos y + B sin y = C with A = sin x, B = cos z, C = -sin z cos x, so
y = atan2(B, A) ± acos(C / |A, B|) wherever that exists: for all x if |cos z| >= |sin z|. Otherwise
x and y change places.
"""

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]

_LENGTH_PER_AREA = 0.386  # mm of line per mm2 where one unit of the formula is a millimetre
_STEPS = 40  # per period
_BISECTIONS = 7


def gyroid(polygons: list[Points], *, pitch_mm: float, z_mm: float) -> list[Points]:
    """Return the curves inside polygons whose mean distance is `pitch_mm`."""
    if not polygons:
        return []
    scale = 1.0 / (pitch_mm * _LENGTH_PER_AREA)
    swap = abs(np.cos(z_mm * scale)) < abs(np.sin(z_mm * scale))
    rings = [ring[:, ::-1] for ring in polygons] if swap else polygons
    low, high = (pick([pick(ring, axis=0) for ring in rings], axis=0) for pick in (np.min, np.max))
    x = np.arange(low[0], high[0] + 1e-9, 2 * np.pi / (_STEPS * scale))
    lines: list[Points] = []
    for curve in _curves(x * scale, z_mm * scale, swap=swap):
        first = np.floor((low[1] * scale - curve.max()) / (2 * np.pi))
        last = np.ceil((high[1] * scale - curve.min()) / (2 * np.pi))
        heights = curve + 2 * np.pi * np.arange(first, last + 1)[:, None]
        lines += [np.column_stack([x, height / scale]) for height in heights]
    inside = _columns_inside(np.stack(lines), rings)
    found = [piece for line, seen in zip(lines, inside, strict=True)
             for piece in _cut(line, seen, rings)]  # fmt: skip
    return [line[:, ::-1] if swap else line for line in found]


def _curves(x: Points, z: float, *, swap: bool) -> list[Points]:
    """Return the two branches y(x), unwrapped."""
    if swap:  # x and y changed places: sin z cos y + cos x sin y = -sin x cos z
        a, b, c = np.full_like(x, np.sin(z)), np.cos(x), -np.sin(x) * np.cos(z)
    else:
        a, b, c = np.sin(x), np.full_like(x, np.cos(z)), -np.sin(z) * np.cos(x)
    turn = np.unwrap(np.arctan2(b, a))
    spread = np.arccos(np.clip(c / np.maximum(1e-12, np.hypot(a, b)), -1.0, 1.0))
    return [turn - spread, turn + spread]


def _columns_inside(lines: Points, rings: list[Points]) -> npt.NDArray[np.bool_]:
    """Return which points of lines (k, n, 2) with the same n columns x are inside.

    Each column is crossed by edges at some heights; a point is inside if an odd number is below it.
    """
    x = lines[0, :, 0]
    start = np.vstack(rings)
    end = np.vstack([np.roll(ring, -1, axis=0) for ring in rings])
    first = np.searchsorted(x, np.minimum(start[:, 0], end[:, 0]))
    count = np.searchsorted(x, np.maximum(start[:, 0], end[:, 0])) - first
    edge = np.repeat(np.arange(len(count)), count)
    column = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count - first, count)
    run = end[edge, 0] - start[edge, 0]
    y = start[edge, 1] + (x[column] - start[edge, 0]) / run * (end[edge, 1] - start[edge, 1])
    low = min(float(start[:, 1].min()), float(lines[..., 1].min())) - 1.0
    span = max(float(start[:, 1].max()), float(lines[..., 1].max())) + 1.0 - low
    crossed = np.sort(column * span + y - low)
    columns = np.arange(len(x)) * span
    below = np.searchsorted(crossed, columns + lines[..., 1] - low)
    inside: npt.NDArray[np.bool_] = (below - np.searchsorted(crossed, columns)) % 2 == 1
    return inside


def _cut(line: Points, inside: npt.NDArray[np.bool_], rings: list[Points]) -> list[Points]:
    """Return the pieces of a line inside the rings, cut at the edge."""
    edges = np.flatnonzero(np.diff(inside.astype(np.int8)))
    inner, outer = (
        np.where(inside[edges, None] == wanted, line[edges], line[edges + 1])
        for wanted in (True, False)
    )
    for _ in range(_BISECTIONS):
        middle = (inner + outer) / 2
        kept = _is_inside(middle, rings)[:, None]
        inner, outer = np.where(kept, middle, inner), np.where(kept, outer, middle)
    pieces, start = [], 0
    bounds = [*edges.tolist(), len(line) - 1]
    for number, edge in enumerate(bounds):
        if inside[edge]:
            before = [inner[number - 1]] if number else []
            after = [inner[number]] if number < len(edges) else []
            pieces.append(np.vstack([*before, line[start : edge + 1], *after]))
        start = edge + 1
    return [piece for piece in pieces if len(piece) > 1]


def _is_inside(points: Points, rings: list[Points]) -> npt.NDArray[np.bool_]:
    """Return which points are inside, by the number of edges to their right."""
    start = np.vstack(rings)
    end = np.vstack([np.roll(ring, -1, axis=0) for ring in rings])
    rise = np.where(end[:, 1] == start[:, 1], 1.0, end[:, 1] - start[:, 1])
    y = points[:, 1:2]
    crosses = (start[:, 1] > y) != (end[:, 1] > y)
    x_there = start[:, 0] + (y - start[:, 1]) / rise * (end[:, 0] - start[:, 0])
    count = (crosses & (points[:, 0:1] < x_there)).sum(axis=1)
    inside: npt.NDArray[np.bool_] = count % 2 == 1
    return inside
