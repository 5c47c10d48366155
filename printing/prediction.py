"""What a scale and a calliper should find, from the lines of the G-code that the gate judged."""

import numpy as np
import numpy.typing as npt

from fieldlab.core.errors import InputError
from fieldlab.core.messages import Measurement
from printing.gcode.machine import Machine
from printing.gcode.reader import read
from printing.profiles import profile

Numbers = npt.NDArray[np.float64]

_SIDES = 36  # directions in which a hole's wall must be seen


def predict(gcode: bytes, *, printer: str, material: str) -> Measurement:
    """Return mass, height, outer sizes and bore (if there is one in the middle) of a print.

    Parameters
    ----------
    gcode
        A file that the gate has passed.

    Raises
    ------
    InputError
        If it is not such a file.
    """
    limits, filament = profile(printer, material)
    machine = Machine(printer=limits, material=filament)
    refusals = read(gcode, machine)
    if refusals:
        raise InputError(f"not a file that the gate has passed: {refusals[0].reason}")
    if not machine.printed:
        raise InputError("not a file that the gate has passed: nothing is printed")
    lines = machine.lines()
    volume_mm3 = float(lines[:, 5].sum()) * filament.filament_mm2
    mass_g = volume_mm3 * filament.density_gpcm3 / 1000
    return Measurement(mass_g=round(mass_g, 3), sizes=_sizes(lines, filament.filament_mm2))


def _sizes(lines: Numbers, filament_mm2: float) -> dict[str, float]:
    heights = np.unique(np.round(lines[:, 4], 3))
    centre = (lines[:, [0, 1]].min(axis=0) + lines[:, [0, 1]].max(axis=0)) / 2
    outer: list[float] = []
    bores: list[float] = []
    below = 0.0
    for height in heights:
        here = lines[np.abs(lines[:, 4] - height) < 1e-3]
        length = float(np.hypot(here[:, 2] - here[:, 0], here[:, 3] - here[:, 1]).sum())
        width = float(here[:, 5].sum()) * filament_mm2 / max(1e-9, length * (height - below))
        below = float(height)
        ends = np.vstack([here[:, :2], here[:, 2:4]])
        outer.append(float(np.ptp(ends, axis=0).max()) + width)
        hole = _hole_mm(here[:, :2] - centre, here[:, 2:4] - centre)
        if hole is not None:
            bores.append(hole - width)
    sizes = {
        "height_mm": round(float(heights[-1]), 3),
        "outer_mm": round(float(np.median(outer)), 3),
        "outer_max_mm": round(max(outer), 3),
    }
    if 2 * len(bores) > len(heights) and float(np.median(bores)) > 0.5:
        sizes["bore_mm"] = round(float(np.median(bores)), 3)
    return sizes


def _hole_mm(start: Numbers, end: Numbers) -> float | None:
    """Return the diameter of the largest circle round the centre that no line enters.

    None if the lines near it do not go round.
    """
    step = end - start
    share = -(start * step).sum(axis=1) / np.maximum(1e-12, (step**2).sum(axis=1))
    near = start + np.clip(share, 0.0, 1.0)[:, None] * step
    away = np.hypot(near[:, 0], near[:, 1])
    ring = near[away < 1.5 * away.min() + 0.5]
    sectors = np.floor(np.arctan2(ring[:, 1], ring[:, 0]) / (2 * np.pi) * _SIDES).astype(int)
    return 2.0 * float(away.min()) if len(np.unique(sectors)) >= _SIDES // 2 else None
