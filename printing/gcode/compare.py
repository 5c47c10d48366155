"""Whether the lines that a file draws are the part: rebuilt layers against the part's sections.

Both are drawn as pixels by plain numpy: the sections from the triangles that cross a height, the
layers from the lines with the width that their own filament gives them.
"""

import numpy as np

from printing.gcode.judge import LONE_SHARE, Ask, Found, Target, judge_layer
from printing.gcode.machine import Machine
from printing.gcode.part import corners_of, onto
from printing.gcode.raster import Numbers, Raster

VOLUME_RATIO = 0.04
_WIDTH_RATIO = 0.20
_FRAME_MM = 25.0  # a brim or a skirt is nearer than this
_SHORTEST_MM = 1e-3
_FACE_MM = 0.02  # a section this near to a flat face may be on either side of it
_MOST_REASONS = 10
_FREE_RATIO = 0.05
_FULL_RATIO = 0.99

Reason = tuple[int, str]  # line of the file, what is wrong


def compare(machine: Machine, stl: bytes) -> list[Reason]:
    """Return in what way the drawn layers are not this part; empty if they are.

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
    return reasons or _Comparison(machine, corners, lines, heights).reasons()


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
        self, machine: Machine, corners: Numbers, lines: Numbers, heights: Numbers
    ) -> None:
        flat = np.vstack([corners.reshape(-1, 3)[:, :2], lines[:, 0:2], lines[:, 2:4]])
        self._raster = Raster(flat)
        self._machine = machine
        self._corners = corners
        self._lines = lines[np.argsort(lines[:, 4], kind="stable")]
        self._heights = heights
        self._levels = np.unique(corners[:, :, 2])
        self._targets: dict[bytes, Target] = {}
        self._judged: dict[bytes, tuple[Numbers, Found]] = {}
        self._below: tuple[Target, Found] | None = None

    def reasons(self) -> list[Reason]:
        """Return what is wrong, layer by layer, then with the whole."""
        reasons: list[Reason] = []
        layers: list[Found] = []
        bounds = np.searchsorted(np.round(self._lines[:, 4], 4), self._heights)
        below = 0.0
        for number, here in enumerate(np.split(self._lines, bounds[1:])):
            z_mm = float(self._heights[number])
            found = self._layer(here, below, z_mm)
            line = int(here[0, 6])
            reasons += [
                (line, f"layer {number + 1} at {z_mm:.2f} mm: {reason}") for reason in found.reasons
            ]
            layers.append(found)
            below = z_mm
            if len(reasons) >= _MOST_REASONS:
                return reasons
        return reasons or self._whole(layers, bounds)

    def _layer(self, lines: Numbers, below: float, z_mm: float) -> Found:
        middle = (below + z_mm) / 2
        heights = [middle]
        if np.abs(self._levels - middle).min() < _FACE_MM:
            heights = [middle - _FACE_MM, middle + _FACE_MM]
        step_mm = round(z_mm - below, 6)
        tries = [
            (self._judge(lines, step_mm, target, bridges=self._bridges(target)), target)
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
        return found.covered < _FULL_RATIO or free > _FREE_RATIO * target.area_mm2

    def _target(self, z_mm: float) -> Target:
        section = self._raster.section(self._corners, z_mm)
        key = np.packbits(section).tobytes()
        if key not in self._targets:
            self._targets[key] = Target(section, self._raster)
        return self._targets[key]

    def _judge(self, lines: Numbers, step_mm: float, target: Target, *, bridges: bool) -> Found:
        """Judge a layer; one that has the same lines as a layer before is judged once."""
        ends = np.sort(lines[:, [0, 2]] + 1j * lines[:, [1, 3]], axis=1)
        first = self._below is None
        order = np.lexsort((ends[:, 1], ends[:, 0]))
        key = b"".join(
            [ends[order].tobytes(), b"%d %.6f %d %d" % (first, step_mm, id(target), bridges)]
        )
        pushed = lines[order, 5]
        known = self._judged.get(key)
        if known is not None and np.allclose(known[0], pushed, rtol=1e-3, atol=3e-5):
            return known[1]
        volume = lines[:, 5] * self._machine.material.filament_mm2
        found = judge_layer(
            Ask(lines[:, :4], volume, step_mm, first, bridges, self._machine.printer.nozzle_mm),
            target,
        )
        self._judged[key] = (pushed, found)
        return found

    def _whole(self, layers: list[Found], bounds: np.ndarray) -> list[Reason]:
        """Return whether all layers together hold the volume that they need."""
        wanted = sum(found.wanted_mm3 for found in layers)
        drawn = sum(found.drawn_mm3 for found in layers)
        drawn += self._machine.blobs_mm * self._machine.material.filament_mm2
        if wanted <= 0.0:
            return [(0, "the part has no volume where the file draws")]
        if abs(drawn / wanted - 1) > VOLUME_RATIO:
            return [(0, f"{drawn:.0f} mm3 is extruded where the part needs {wanted:.0f}")]
        return self._alone(layers, bounds) + self._even(layers, bounds)

    def _alone(self, layers: list[Found], bounds: np.ndarray) -> list[Reason]:
        """Return the layers that are open inside, though almost full, between filled ones."""
        odd = [
            number
            for number, found in enumerate(layers)
            if found.sparse
            and found.share > LONE_SHARE
            and not any(near.sparse for near in _beside(layers, number))
        ]
        return [
            (
                int(self._lines[bounds[number], 6]),
                f"layer {number + 1}: only {layers[number].share:.0%} of its inside is drawn, "
                "between filled layers (lines are missing)",
            )
            for number in odd
        ]

    def _even(self, layers: list[Found], bounds: np.ndarray) -> list[Reason]:
        """Return the layers whose lines are much thinner or thicker than those of the others."""
        widths = np.array([found.width_mm for found in layers])
        typical = float(np.median(widths))
        odd = np.flatnonzero(np.abs(widths / typical - 1) > _WIDTH_RATIO)
        return [
            (
                int(self._lines[bounds[number], 6]),
                f"layer {number + 1}: lines of {widths[number]:.2f} mm; elsewhere {typical:.2f}",
            )
            for number in odd[odd > 0].tolist()
        ]


def _beside(layers: list[Found], number: int) -> list[Found]:
    """Return the layers below and above one."""
    return [*layers[max(0, number - 1) : number], *layers[number + 1 : number + 2]]
