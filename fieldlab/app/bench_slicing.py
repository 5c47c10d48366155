"""`fieldlab bench slicing`: our slicer and the gate over all families, beside PrusaSlicer.

Every family in three sizes and three materials: accepted by the gate, filament against the mesh's
volume, the same bytes in two processes, and every layer redrawn with 0.4 mm lines against the
part's section. The demo's gear is sliced by ours and by PrusaSlicer in the same run.
"""

import multiprocessing
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from fieldlab.app.work import end_with_parent
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen of one part: a value for each material."""

    name: str
    accepted: tuple[bool, ...]
    volume_off: tuple[float, ...]
    hashes: tuple[str, ...]
    least_iou: float
    least_layer: int


def bench_slicing() -> dict[str, Any]:
    """Return acceptance, volume, likeness and time of our files, and of PrusaSlicer's."""
    seen, again = _everything()
    gear = compose(PartOrder(family="spur_gear", material="PA12", sizes=GEAR)).stl
    clock = SystemClock()
    own_s = _time_s(EmbeddedSlicer(), gear, clock)
    worst = min(seen, key=lambda each: each.least_iou)
    figures = {
        "files": sum(len(each.hashes) for each in seen),
        "accepted": sum(sum(each.accepted) for each in seen),
        "same_bytes_in_two_processes": sum(
            here == there
            for each, hashes in zip(seen, again, strict=True)
            for here, there in zip(each.hashes, hashes, strict=True)
        ),
        "worst_volume_ratio": round(max(max(each.volume_off) for each in seen), 5),
        "least_iou": round(worst.least_iou, 4),
        "least_iou_of": f"{worst.name}, layer {worst.least_layer}",
        "gear_slice_s": round(own_s, 3),
        "gear_gate_s": round(_gate_s(gear, clock), 3),
    }
    return figures | (_peer(gear, own_s, clock) if is_installed() else {})


def _everything() -> tuple[list[Seen], list[tuple[str, ...]]]:
    """Return what was seen of all parts, and the hashes that a second process gets of them."""
    todo = list(parts())
    spawn = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(1, mp_context=spawn, initializer=end_with_parent) as first,
        ProcessPoolExecutor(1, mp_context=spawn, initializer=end_with_parent) as second,
    ):
        again = second.map(hashes_of, [stl for _, stl in todo])
        seen = []
        for each in first.map(look, *zip(*todo, strict=True)):
            seen.append(each)
            sys.stderr.write(f"slicing: {len(seen)} of {len(todo)} parts, {each.name}\n")
        return seen, list(again)


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


def look(name: str, stl: bytes) -> Seen:
    """Slice and gate a part in every material, and redraw it in one: the lines are the same."""
    sliced = _sliced(stl)
    corners = corners_of(stl)
    volume_mm3 = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum()
    iou, layer = least_iou(sliced[0], stl, MATERIALS[0])
    return Seen(
        name=name,
        accepted=tuple(
            check(each.gcode, printer=PRINTER, material=material, stl=stl, infill=1.0).ok
            for material, each in zip(MATERIALS, sliced, strict=True)
        ),
        volume_off=tuple(
            abs(each.filament_mm * profile(PRINTER, material)[1].filament_mm2 * 6 / volume_mm3 - 1)
            for material, each in zip(MATERIALS, sliced, strict=True)
        ),
        hashes=tuple(each.sha256 for each in sliced),
        least_iou=iou,
        least_layer=layer,
    )


def hashes_of(stl: bytes) -> tuple[str, ...]:
    """Return the hash of a part's file in every material."""
    return tuple(each.sha256 for each in _sliced(stl))


def _sliced(stl: bytes) -> list[Sliced]:
    slicer = EmbeddedSlicer()
    return [slicer.slice(stl, printer=PRINTER, material=material) for material in MATERIALS]


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
    refused, files = [], 0
    for name, stl in parts():
        if not name.endswith("x 1"):
            continue
        gcode = prusa.slice(stl, printer=PRINTER, material="PLA").gcode
        files += 1
        if not check(gcode, printer=PRINTER, material="PLA", stl=stl, infill=1.0).ok:
            refused.append(name)
    return {
        "prusaslicer_gear_s": round(prusa_s, 3),
        "times_faster": round(prusa_s / own_s, 1),
        "prusaslicer_files": files,
        "prusaslicer_accepted": files - len(refused),
        "prusaslicer_refused": ", ".join(refused),
    }
