"""Parallel lines over a region, joined to zigzags."""

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]


def zigzags(
    polygons: list[Points], pitch_mm: float, angle_deg: float, width_mm: float
) -> list[Points]:
    """Return lines that fill polygons: parallel, joined at their ends where they are near.

    Lines of this width end half a width before the edge.
    """
    if not polygons:
        return []
    turn = np.deg2rad(angle_deg)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    rings = [ring @ rotation.T for ring in polygons]
    rows, left, right = _scan(rings, pitch_mm)
    if not len(rows):
        return []
    span = right - left
    inset = np.minimum(width_mm / 2, np.maximum(0.0, (span - 0.1) / 2))
    chains = _chains(rows, left + inset, right - inset, reach_mm=2.5 * width_mm)
    y_mm = (np.arange(rows.max() + 1) + 0.5) * pitch_mm + _base(rings, pitch_mm)
    return [_zigzag(chain, y_mm) @ rotation for chain in chains]


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
