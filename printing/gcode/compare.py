"""Whether the lines that a file draws are the part: rebuilt layers against the part's sections.

Both are drawn as pixels by plain numpy: the sections from the triangles that cross a height, the
layers from the lines with the width that their own filament gives them.
"""

import numpy as np
import numpy.typing as npt

from fieldlab.core.errors import InputError
from printing.gcode.machine import Machine

Grid = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]

LEAST_IOU = 0.90
VOLUME_RATIO = 0.04
_SPARSE_RATIO = 0.06  # how well the pixels know the length of sparse lines
_PIXEL_MM = 0.1
_MOST_PIXELS = 1200
_NEAR_MM = 0.30
_SKIRT_MM = 1.0
_STRAY_MM2 = 0.5
_LAYER_RATIO = 0.25
_SOLID_RATIO = 0.93
_FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


class _Need:
    """The volume that a layer needs; that of sparse infill is known less well."""

    def __init__(self, volume_mm3: float, *, sparse: bool) -> None:
        self.volume_mm3 = volume_mm3
        self.sparse_mm3 = volume_mm3 if sparse else 0.0


def filled_mm3(machine: Machine) -> float:
    """Return the volume of all lines that were drawn."""
    return float(sum(segment[5] for segment in machine.segments)) * machine.material.filament_mm2


def compare(machine: Machine, stl: bytes) -> list[str]:
    """Return in what way the drawn layers are not this part; empty if they are.

    Raises
    ------
    InputError
        If the STL cannot be read.
    """
    corners = _corners(stl)
    lines = np.array(machine.segments, dtype=np.float64)
    heights = np.unique(np.round(lines[:, 4], 4))
    part_mm = float(np.ptp(corners[:, :, 2]))
    if abs(heights[-1] - part_mm) > 0.6 * machine.printer.layer_mm:
        return [f"printed height is {heights[-1]:.2f} mm, the part's is {part_mm:.2f}"]
    corners = _onto(corners, lines, machine)
    frame = _Frame(corners, lines, 1.05 * machine.printer.nozzle_mm)
    found: list[str] = []
    needs: list[_Need] = []
    judged: dict[tuple[bool, float, bytes, bytes], tuple[list[str], _Need, float]] = {}
    drawn_mm3 = below = 0.0
    for number, z_mm in enumerate(heights):
        here = lines[np.abs(lines[:, 4] - z_mm) < 1e-3]
        section = frame.section(corners, (below + z_mm) / 2)
        step_mm = round(float(z_mm - below), 6)
        flat = np.ascontiguousarray(here[:, [0, 1, 2, 3, 5]])
        key = (number == 0, step_mm, flat.tobytes(), np.packbits(section).tobytes())
        if key not in judged:  # most layers of a straight part are the same as the one below
            layer = _Layer(here, step_mm, machine.material.filament_mm2, frame)
            judged[key] = _judge(layer, section, frame, first=number == 0)
        reasons, need, drawn = judged[key]
        found += [f"layer {number + 1} at {z_mm:.2f} mm: {reason}" for reason in reasons]
        needs.append(need)
        drawn_mm3, below = drawn_mm3 + drawn, z_mm
        if len(found) >= 10:
            return found
    return found or _volume(needs, drawn_mm3)


def _volume(needs: list[_Need], drawn_mm3: float) -> list[str]:
    """Return whether all layers together hold the volume that they need."""
    wanted_mm3 = sum(need.volume_mm3 for need in needs)
    if wanted_mm3 <= 0.0:
        return ["the part has no volume where the file draws"]
    sparse = sum(need.sparse_mm3 for need in needs) / wanted_mm3
    if abs(drawn_mm3 / wanted_mm3 - 1) > VOLUME_RATIO + _SPARSE_RATIO * sparse:
        return [f"{drawn_mm3:.0f} mm3 is extruded where the part needs {wanted_mm3:.0f}"]
    return []


class _Frame:
    """The pixels that cover the part and all that is drawn."""

    def __init__(self, corners: Numbers, lines: Numbers, line_mm: float) -> None:
        self.line_mm = line_mm
        flat = np.vstack([corners.reshape(-1, 3)[:, :2], lines[:, 0:2], lines[:, 2:4]])
        self.low = flat.min(axis=0) - 2.0
        span = flat.max(axis=0) + 2.0 - self.low
        self.pixel_mm = max(_PIXEL_MM, float(span.max()) / _MOST_PIXELS)
        self.shape = (int(span[1] / self.pixel_mm) + 2, int(span[0] / self.pixel_mm) + 2)

    def section(self, corners: Numbers, z_mm: float) -> Grid:
        """Return the pixels inside the part at a height."""
        start, end = _crossings(corners, z_mm)
        grid = np.zeros(self.shape, dtype=np.int32)
        rows0 = (start[:, 1] - self.low[1]) / self.pixel_mm - 0.5
        rows1 = (end[:, 1] - self.low[1]) / self.pixel_mm - 0.5
        first = np.ceil(np.minimum(rows0, rows1)).astype(np.int64)
        count = np.ceil(np.maximum(rows0, rows1)).astype(np.int64) - first
        edge = np.repeat(np.arange(len(count)), count)
        steps = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
        row = first[edge] + steps
        share = (row - rows0[edge]) / (rows1 - rows0)[edge]
        x_mm = start[edge, 0] + share * (end[edge, 0] - start[edge, 0])
        column = np.ceil((x_mm - self.low[0]) / self.pixel_mm - 0.5).astype(np.int64)
        np.add.at(grid, (row, np.clip(column, 0, self.shape[1] - 1)), 1)
        inside: Grid = np.cumsum(grid, axis=1) % 2 == 1
        return inside

    def drawn(self, lines: Numbers, width_mm: Numbers) -> Grid:
        """Return the pixels under lines of these widths."""
        grid = np.zeros(self.shape, dtype=np.bool_)
        length = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])
        along = np.maximum(2, np.ceil(length / (0.7 * self.pixel_mm)).astype(np.int64) + 1)
        edge = np.repeat(np.arange(len(along)), along)
        steps = np.arange(len(edge)) - np.repeat(np.cumsum(along) - along, along)
        share = (steps / (along[edge] - 1))[:, None]
        centre = lines[edge, 0:2] + share * (lines[edge, 2:4] - lines[edge, 0:2])
        unit = (lines[:, 2:4] - lines[:, 0:2]) / length[:, None]
        across = np.column_stack([-unit[:, 1], unit[:, 0]])[edge] * width_mm[edge, None]
        count = int(np.ceil(float(width_mm.max()) / (0.7 * self.pixel_mm))) + 1
        for part in np.linspace(-0.5, 0.5, max(2, count)):
            place = ((centre + part * across - self.low) / self.pixel_mm).astype(np.int64)
            grid[place[:, 1], place[:, 0]] = True
        return grid


class _Layer:
    """The lines of one layer with the width that their filament gives."""

    def __init__(
        self, lines: Numbers, height_mm: float, filament_mm2: float, frame: _Frame
    ) -> None:
        length = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])
        keep = length > 1e-6
        self.lines, self.length = lines[keep], length[keep]
        self.volume = self.lines[:, 5] * filament_mm2
        self.height_mm = height_mm
        self.width = np.clip(self.volume / (self.length * height_mm), 0.02, 1.2)
        self.frame = frame

    def near(self, near_part: Grid) -> npt.NDArray[np.bool_]:
        """Return which lines are drawn near the part (the others are a skirt)."""
        middle = (self.lines[:, 0:2] + self.lines[:, 2:4]) / 2
        place = ((middle - self.frame.low) / self.frame.pixel_mm).astype(np.int64)
        chosen: npt.NDArray[np.bool_] = near_part[place[:, 1], place[:, 0]]
        return chosen


def _judge(
    layer: _Layer, section: Grid, frame: _Frame, *, first: bool
) -> tuple[list[str], _Need, float]:
    """Return what is wrong with one layer, the volume it needs and the volume it got."""
    pixel2 = frame.pixel_mm**2
    area = float(section.sum()) * pixel2
    if area == 0.0:
        return (
            ["lines are drawn where the part has nothing"],
            _Need(0.0, sparse=False),
            float(layer.volume.sum()),
        )
    own = layer.near(_grown(section, _SKIRT_MM / frame.pixel_mm))
    stray_mm3 = float(layer.volume[~own].sum())
    reasons = []
    if stray_mm3 and not first:
        reasons.append(f"{stray_mm3:.2f} mm3 is drawn away from the part")
    lines, volume = layer.lines[own], float(layer.volume[own].sum())
    if not len(lines):
        need = _Need(area * layer.height_mm, sparse=False)
        return [*reasons, "nothing is drawn where the part is"], need, 0.0
    drawn = frame.drawn(lines, layer.width[own])
    nominal = frame.drawn(lines, np.full(len(lines), frame.line_mm))
    covered = _share(nominal, section)
    reasons += _outline(drawn, nominal, section, frame)
    if covered < _SOLID_RATIO:
        return reasons, _Need(covered * area * layer.height_mm, sparse=True), volume
    wanted = area * layer.height_mm
    reasons += _filled(drawn, section, volume / wanted)
    return reasons, _Need(wanted, sparse=False), volume


def _share(drawn: Grid, section: Grid) -> float:
    return float((drawn & section).sum()) / max(1.0, float(section.sum()))


def _void_mm2(nominal: Grid, section: Grid, frame: _Frame) -> float:
    """Return how much is left open that is wider than the infill's own cells."""
    core = section & ~_grown(~section, 3 * frame.line_mm / frame.pixel_mm)
    if not core.any():
        return 0.0
    pitch_mm = frame.line_mm / max(0.05, _share(nominal, core))
    reach = (1.2 * pitch_mm + _NEAR_MM) / frame.pixel_mm
    return float((section & ~_grown(nominal, reach)).sum()) * frame.pixel_mm**2


def _outline(drawn: Grid, nominal: Grid, section: Grid, frame: _Frame) -> list[str]:
    """Return what is drawn outside the part, and which of its edges is not drawn."""
    reach = _NEAR_MM / frame.pixel_mm
    pixel2 = frame.pixel_mm**2
    outside = float((drawn & ~_grown(section, reach)).sum()) * pixel2
    rim = section & _grown(~section, reach)
    missing = float((rim & ~_grown(nominal, reach)).sum()) * pixel2
    reasons = []
    if outside > _STRAY_MM2:
        reasons.append(f"{outside:.1f} mm2 is drawn outside the part (a closed bore, a shift)")
    void = _void_mm2(nominal, section, frame)
    if void > _STRAY_MM2:
        reasons.append(f"a hole of {void:.1f} mm2 or more where the part is solid")
    if missing > _STRAY_MM2:
        reasons.append(f"{missing:.1f} mm2 along the part's edge is not drawn (a missing tooth)")
    return reasons


def _filled(drawn: Grid, section: Grid, ratio: float) -> list[str]:
    iou = float((drawn & section).sum()) / float((drawn | section).sum())
    if iou < LEAST_IOU:
        return [f"silhouette agrees to {iou:.1%}; {LEAST_IOU:.0%} is needed"]
    if abs(ratio - 1) > _LAYER_RATIO:
        return [f"{ratio:.0%} of the volume that it needs"]
    return []


def _grown(grid: Grid, reach: float) -> Grid:
    """Return a grid grown by a square of this reach in pixels."""
    steps = max(1, round(reach))
    grown = grid.copy()
    for axis in (0, 1):
        border = [(steps + 1, steps) if side == axis else (0, 0) for side in (0, 1)]
        counts = np.cumsum(np.pad(grown, border), axis=axis, dtype=np.int32)
        size = grid.shape[axis]
        high = np.take(counts, np.arange(size) + 2 * steps + 1, axis=axis)
        low = np.take(counts, np.arange(size), axis=axis)
        grown = high > low
    return grown


# ------------------------------------------------------------------------------------ the part


def _corners(stl: bytes) -> Numbers:
    """Return the triangles of an STL as (n, 3, 3)."""
    count = int.from_bytes(stl[80:84], "little") if len(stl) >= 84 else -1
    if len(stl) == 84 + 50 * count and count > 0:
        facets = np.frombuffer(stl, dtype=_FACET, offset=84, count=count)
        corners = facets["corners"].astype(np.float64)
    else:
        corners = _ascii(stl)
    if not len(corners):
        raise InputError("the STL cannot be read: it holds no triangle")
    if not np.isfinite(corners).all() or np.abs(corners).max() > 1e4:
        raise InputError("the STL holds a coordinate that is not possible")
    return corners


def _ascii(stl: bytes) -> Numbers:
    rows = [line.split()[1:4] for line in stl.splitlines() if line.strip().startswith(b"vertex")]
    try:
        return np.array(rows, dtype=np.float64).reshape(-1, 3, 3)[: len(rows) or None]
    except ValueError as error:
        raise InputError("the STL cannot be read") from error


def _onto(corners: Numbers, lines: Numbers, machine: Machine) -> Numbers:
    """Return the part moved to where it is printed: standing on the bed, at the bed's centre.

    Slicers centre a part by its box; so do we, and a print elsewhere is not this part.
    """
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    bed = np.array([machine.printer.bed_x_mm / 2, machine.printer.bed_y_mm / 2])
    upper = lines[lines[:, 4] > lines[:, 4].min() + 1e-3]
    used = upper if len(upper) else lines
    flat = np.vstack([used[:, 0:2], used[:, 2:4]])
    found = (flat.min(axis=0) + flat.max(axis=0)) / 2
    centre = bed if np.abs(found - bed).max() < 0.3 else found
    shift = np.array([*(centre - (low + high)[:2] / 2), -low[2]])
    moved: Numbers = corners + shift
    return moved


def _crossings(corners: Numbers, z_mm: float) -> tuple[Numbers, Numbers]:
    """Return the start and end of every line where a triangle crosses a height."""
    above = corners[:, :, 2] > z_mm
    mixed = above.any(axis=1) & ~above.all(axis=1)
    triangles, up = corners[mixed], above[mixed]
    lone = np.where(up.sum(axis=1) == 1, up.argmax(axis=1), (~up).argmax(axis=1))
    index = np.arange(len(lone))
    tip = triangles[index, lone]
    ends = []
    for other in (1, 2):
        foot = triangles[index, (lone + other) % 3]
        share = (z_mm - tip[:, 2]) / (foot[:, 2] - tip[:, 2])
        ends.append(tip[:, :2] + share[:, None] * (foot[:, :2] - tip[:, :2]))
    return ends[0], ends[1]
