"""Whether the lines that a file draws are the part: rebuilt layers against the part's sections.

Both are drawn as pixels by plain numpy: the sections from the triangles that cross a height, the
layers from the lines with the width that their own filament gives them.
"""

import numpy as np

from printing.gcode.judge import Ask, Found, Target, judge_layer
from printing.gcode.layers import odd_layers
from printing.gcode.machine import Machine
from printing.gcode.part import corners_of, onto
from printing.gcode.raster import Grid, Numbers, Raster
from printing.gcode.size import larger

VOLUME_RATIO = 0.04
_FRAME_MM = 25.0  # a brim or a skirt is nearer than this
_SHORTEST_MM = 1e-3
_FACE_MM = 0.02  # a section this near to a flat face may be on either side of it
_MOST_REASONS = 10
_FREE_RATIO = 0.05
_SOLID = 0.99

Reason = tuple[int, str]  # line of the file, what is wrong


def compare(machine: Machine, stl: bytes, infill: float | None = None) -> list[Reason]:
    """Return in what way the drawn layers are not this part; empty if they are.

    Parameters
    ----------
    infill
        How full its inside must be (0 to 1); None if nobody said so.

    Raises
    ------
    InputError
        If the STL cannot be read.
    """
    corners = corners_of(stl)
    lines = machine.lines()
    lines = lines[np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]) > _SHORTEST_MM]
    corners = onto(corners, lines, machine.printer)
    near = _near(corners, lines)
    if not near.any():
        return [(0, "nothing is drawn where the part is")]
    far, lines = lines[~near], lines[near]
    heights = np.unique(np.round(lines[:, 4], 4))
    reasons = _strays(far, heights[0]) + _steps(heights, corners, machine)
    return reasons or _Comparison(machine, corners, lines, infill).reasons()


def _near(corners: Numbers, lines: Numbers) -> np.ndarray:
    """Return which lines are drawn around the part, not a purge line or something else."""
    low = corners.min(axis=(0, 1))[:2] - _FRAME_MM
    high = corners.max(axis=(0, 1))[:2] + _FRAME_MM
    ends = np.stack([lines[:, 0:2], lines[:, 2:4]])
    inside: np.ndarray = ((ends >= low) & (ends <= high)).all(axis=(0, 2))
    return inside


def _strays(far: Numbers, first_mm: float) -> list[Reason]:
    """Return what is drawn far from the part, higher than a purge line."""
    high = far[far[:, 4] > max(first_mm, 0.36) + 1e-3]
    if not len(high):
        return []
    return [(int(high[0, 6]), f"a line is drawn far from the part, at Z{high[0, 4]:.2f}")]


def _steps(heights: Numbers, corners: Numbers, machine: Machine) -> list[Reason]:
    """Return whether the layers reach from the bed to the part's top without a gap."""
    steps = np.diff(heights, prepend=0.0)
    part_mm = float(corners[:, :, 2].max())
    if steps.max() > 0.9 * machine.printer.nozzle_mm + 1e-3:
        return [(0, f"a layer of {steps.max():.2f} mm is missing below Z{heights[-1]:.2f}")]
    if abs(heights[-1] - part_mm) > 0.51 * steps[-1] + _FACE_MM:
        return [(0, f"printed height is {heights[-1]:.2f} mm, the part's is {part_mm:.2f}")]
    return []


class _Comparison:
    """All layers of one file beside all sections of one part."""

    def __init__(
        self, machine: Machine, corners: Numbers, lines: Numbers, infill: float | None
    ) -> None:
        flat = np.vstack([corners.reshape(-1, 3)[:, :2], lines[:, 0:2], lines[:, 2:4]])
        self._raster = Raster(flat)
        self._machine = machine
        self._corners = corners
        ordered = lines[np.argsort(lines[:, 4], kind="stable")]
        self._heights, starts = np.unique(np.round(ordered[:, 4], 4), return_index=True)
        self._layers = np.split(ordered, starts[1:])
        self._infill = infill
        self._solid = infill is not None and infill >= _SOLID
        self._levels = np.unique(corners[:, :, 2])
        self._targets: dict[bytes, Target] = {}
        self._at: dict[float, Target] = {}
        self._judged: dict[bytes, tuple[Numbers, Found]] = {}
        self._below: tuple[Target, Found] | None = None

    def reasons(self) -> list[Reason]:
        """Return what is wrong, layer by layer, then with the whole."""
        reasons: list[Reason] = []
        layers: list[Found] = []
        below = 0.0
        for number, here in enumerate(self._layers):
            z_mm = float(self._heights[number])
            found = self._layer(here, below, z_mm, self._above(number))
            line = int(here[0, 6])
            reasons += [
                (line, f"layer {number + 1} at {z_mm:.2f} mm: {reason}") for reason in found.reasons
            ]
            layers.append(found)
            below = z_mm
            if len(reasons) >= _MOST_REASONS:
                return reasons
        return reasons or self._whole(layers)

    def _above(self, number: int) -> Target | None:
        """Return the section of the layer above one; None if there is none, or nobody asks."""
        if self._solid or number + 1 >= len(self._heights):
            return None
        return self._target(float(self._heights[number : number + 2].mean()))

    def _layer(self, lines: Numbers, below: float, z_mm: float, above: Target | None) -> Found:
        middle = (below + z_mm) / 2
        heights = [middle]
        if np.abs(self._levels - middle).min() < _FACE_MM:
            heights = [middle - _FACE_MM, middle + _FACE_MM]
        step_mm = round(z_mm - below, 6)
        tries = [
            (self._judge(lines, step_mm, target, above), target)
            for target in map(self._target, heights)
        ]
        found, target = min(tries, key=lambda each: (len(each[0].reasons), -each[0].iou))
        self._below = target, found
        return found

    def _bridges(self, target: Target) -> bool:
        """Return whether a layer lies on sparse lines, or reaches out over the one below."""
        if self._below is None:
            return False
        below, found = self._below
        free = 0.0 if below is target else target.mm2(target.section & ~below.section)
        return found.sparse or free > _FREE_RATIO * target.area_mm2

    def _skin(self, target: Target, above: Target | None) -> Grid | None:
        """Return where a layer has air above or below it; None where all must be filled anyway."""
        if self._solid:
            return None
        if self._below is None or above is None:
            return target.section
        return target.section & ~(self._below[0].section & above.section)

    def _target(self, z_mm: float) -> Target:
        if z_mm not in self._at:
            self._at[z_mm] = self._known(z_mm)
        return self._at[z_mm]

    def _known(self, z_mm: float) -> Target:
        """Return the same object for all heights at which the part is the same."""
        section = self._raster.section(self._corners, z_mm)
        key = np.packbits(section).tobytes()
        if key not in self._targets:
            self._targets[key] = Target(section, self._raster)
        return self._targets[key]

    def _judge(self, lines: Numbers, step_mm: float, target: Target, above: Target | None) -> Found:
        """Judge a layer; one that has the same lines as a layer before is judged once."""
        ends = np.sort(lines[:, [0, 2]] + 1j * lines[:, [1, 3]], axis=1)
        below = None if self._below is None else self._below[0]
        bridges = self._bridges(target)
        order = np.lexsort((ends[:, 1], ends[:, 0]))
        where = b"%d %d %d %.6f %d" % (id(below), id(target), id(above), step_mm, bridges)
        key = ends[order].tobytes() + where
        pushed = lines[order, 5]
        known = self._judged.get(key)
        if known is not None and np.allclose(known[0], pushed, rtol=1e-3, atol=3e-5):
            return known[1]
        ask = Ask(
            lines=lines[:, :4],
            volume_mm3=lines[:, 5] * self._machine.material.filament_mm2,
            height_mm=step_mm,
            nozzle_mm=self._machine.printer.nozzle_mm,
            first=below is None,
            bridges=bridges,
            solid=self._solid,
            skin=self._skin(target, above),
        )
        found = judge_layer(ask, target)
        self._judged[key] = (pushed, found)
        return found

    def _whole(self, layers: list[Found]) -> list[Reason]:
        """Return whether all layers together hold the volume that they need."""
        wanted = sum(found.wanted_mm3 for found in layers)
        drawn = sum(found.drawn_mm3 for found in layers)
        drawn += self._machine.blobs_mm * self._machine.material.filament_mm2
        if wanted <= 0.0:
            return [(0, "the part has no volume where the file draws")]
        most = sum(found.most_mm3 for found in layers)
        if drawn < (1 - VOLUME_RATIO) * wanted or drawn > (1 + VOLUME_RATIO) * most:
            return [(0, f"{drawn:.0f} mm3 is extruded where the part needs {wanted:.0f}")]
        reasons = [
            (int(self._layers[number][0, 6]), f"layer {number + 1}: {reason}")
            for number, reason in odd_layers(layers, self._infill)
        ]
        filament_mm2 = self._machine.material.filament_mm2
        size = larger(self._corners, self._layers, self._heights, filament_mm2)
        return reasons + [(0, reason) for reason in size]
