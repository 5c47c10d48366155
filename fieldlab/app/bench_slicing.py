"""`fieldlab bench slicing`: our slicer and the gate over all families, beside PrusaSlicer.

Every family in three sizes and three materials: accepted by the gate, filament against the mesh's
volume, the same bytes twice, and every layer redrawn with 0.4 mm lines against the part's section.
The demo's gear is sliced by ours and by PrusaSlicer in turns in the same run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from fieldlab.core.clock import Clock, SystemClock
from fieldlab.core.messages import PartOrder, Sliced
from fieldlab.core.ports import Slicer
from partgen.compose import compose
from partgen.families import FAMILIES
from printing.gcode.gate import check
from printing.gcode.machine import Machine
from printing.gcode.part import corners_of, onto
from printing.gcode.raster import Raster
from printing.gcode.reader import read
from printing.profiles import profile
from printing.slicers.embedded import EmbeddedSlicer
from printing.slicers.prusaslicer import PrusaSlicer, is_installed

PRINTER, LINE_MM = "virtual", 0.4
MATERIALS = ("PLA", "PETG", "PA12")
FACTORS = (0.8, 1.0, 1.3)
GEAR = {"module_mm": 1.5, "teeth": 20, "width_mm": 12, "bore_mm": 8}
TURNS = 3


@dataclass(slots=True)
class Seen:
    """What was seen of all parts."""

    files: int = 0
    accepted: int = 0
    same: int = 0
    volume_off: float = 0.0
    least_iou: float = 1.0
    least_iou_of: str = ""


def bench_slicing() -> dict[str, Any]:
    """Return acceptance, volume, likeness and time of our files, and of PrusaSlicer's."""
    seen = Seen()
    for name, stl in parts():
        for material in MATERIALS:
            _look(name, stl, material, seen)
    gear = compose(PartOrder(family="spur_gear", material="PA12", sizes=GEAR)).stl
    clock = SystemClock()
    own_s = _time_s(EmbeddedSlicer(), gear, clock)
    figures = {
        "files": seen.files,
        "accepted": seen.accepted,
        "same_bytes_twice": seen.same,
        "worst_volume_ratio": round(seen.volume_off, 5),
        "least_iou": round(seen.least_iou, 4),
        "least_iou_of": seen.least_iou_of,
        "gear_slice_s": round(own_s, 3),
        "gear_gate_s": round(_gate_s(gear, clock), 3),
    }
    return figures | (_peer(gear, own_s, clock) if is_installed() else {})


def parts() -> Iterator[tuple[str, bytes]]:
    """Yield name and STL of every family in every size."""
    for family, kind in FAMILIES.items():
        for factor in FACTORS:
            sizes: dict[str, float | int | str] = {
                size.name: min(size.high, max(size.low, size.default * factor))
                for size in kind.sizes()
                if size.unit == "mm" and size.default and size.name != "pitch_mm"
            }
            if family == "gt2_pulley":  # its pitch is fixed: it grows by its teeth
                sizes["teeth"] = round(20 * max(1.0, 1.1 * factor))
            stl = compose(PartOrder(family=family, material="PLA", sizes=sizes)).stl
            yield f"{family} x {factor:g}", stl


def _look(name: str, stl: bytes, material: str, seen: Seen) -> None:
    """Slice, gate and redraw one part of one material."""
    sliced = EmbeddedSlicer().slice(stl, printer=PRINTER, material=material)
    report = check(sliced.gcode, printer=PRINTER, material=material, stl=stl)
    _, filament = profile(PRINTER, material)
    corners = corners_of(stl)
    volume_mm3 = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum()
    ratio = sliced.filament_mm * filament.filament_mm2 / (volume_mm3 / 6)
    seen.files += 1
    seen.accepted += report.ok
    seen.volume_off = max(seen.volume_off, abs(float(ratio) - 1))
    if material == MATERIALS[0]:  # the lines are the same in every material
        again = EmbeddedSlicer().slice(stl, printer=PRINTER, material=material)
        seen.same += again.gcode == sliced.gcode
        iou, layer = least_iou(sliced, stl, material)
        if iou < seen.least_iou:
            seen.least_iou, seen.least_iou_of = iou, f"{name}, layer {layer}"


def least_iou(sliced: Sliced, stl: bytes, material: str) -> tuple[float, int]:
    """Return the worst overlap of a layer, drawn with lines of 0.4 mm, with the part's section."""
    limits, filament = profile(PRINTER, material)
    machine = Machine(printer=limits, material=filament)
    read(sliced.gcode, machine)
    lines = machine.lines()
    corners = onto(corners_of(stl), lines, limits)
    raster = Raster(corners.reshape(-1, 3)[:, :2], pixel_mm=0.05)
    heights = np.unique(np.round(lines[:, 4], 4))
    worst, number = 1.0, 0
    done: set[bytes] = set()
    for layer, (below, z_mm) in enumerate(pairwise([0.0, *heights.tolist()]), 1):
        here = lines[np.round(lines[:, 4], 4) == z_mm, :4]
        key = np.sort(here, axis=0).tobytes()
        if key in done:  # the layers of a straight part are drawn alike
            continue
        done.add(key)
        drawn = raster.drawn(here, np.full(len(here), LINE_MM))
        section = raster.section(corners, (z_mm + below) / 2)
        iou = float((drawn & section).sum() / (drawn | section).sum())
        worst, number = min((worst, number), (iou, layer))
    return worst, number


def _time_s(slicer: Slicer, stl: bytes, clock: Clock) -> float:
    """Return the shortest time of a few."""
    times = []
    for _ in range(TURNS):
        start_s = clock.monotonic_s()
        slicer.slice(stl, printer=PRINTER, material="PA12")
        times.append(clock.monotonic_s() - start_s)
    return min(times)


def _gate_s(stl: bytes, clock: Clock) -> float:
    gcode = EmbeddedSlicer().slice(stl, printer=PRINTER, material="PA12").gcode
    times = []
    for _ in range(TURNS):
        start_s = clock.monotonic_s()
        check(gcode, printer=PRINTER, material="PA12", stl=stl)
        times.append(clock.monotonic_s() - start_s)
    return min(times)


def _peer(gear: bytes, own_s: float, clock: Clock) -> dict[str, Any]:
    """Return PrusaSlicer's time for the gear, and how many of its files the gate accepts."""
    prusa = PrusaSlicer()
    prusa_s = _time_s(prusa, gear, clock)
    files = accepted = 0
    for name, stl in parts():
        if not name.endswith("x 1"):
            continue
        gcode = prusa.slice(stl, printer=PRINTER, material="PLA").gcode
        files += 1
        accepted += check(gcode, printer=PRINTER, material="PLA", stl=stl).ok
    return {
        "prusaslicer_gear_s": round(prusa_s, 3),
        "times_faster": round(prusa_s / own_s, 1),
        "prusaslicer_files": files,
        "prusaslicer_accepted": accepted,
    }
