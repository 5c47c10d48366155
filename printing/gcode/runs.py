"""The fast lane: many plain lines after each other are judged at once, by the same rules.

A run that breaks any rule is left to the slow lane, which says which line broke which.
"""

import re
from collections.abc import Iterator

import numpy as np

from printing.gcode.machine import Machine, Numbers
from printing.gcode.refused import RefusedCommandError

_NUMBER = r"(?:[0-9]{1,4}(?:\.[0-9]{0,6})?|\.[0-9]{1,6})"
_RUN = re.compile(rf"^(?:G1 X{_NUMBER} Y{_NUMBER} E{_NUMBER}\n){{4,4000}}", re.MULTILINE)
_LETTERS = str.maketrans("XYE\n", "    ")


def runs(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of every run of lines `G1 X… Y… E…` in a text."""
    for found in _RUN.finditer(text):
        yield found.span()


def words_of(text: str) -> Numbers:
    """Return X, Y and E of every line of a run, as (n, 3)."""
    return np.fromstring(text.replace("G1", "").translate(_LETTERS), sep=" ").reshape(-1, 3)


def draw(machine: Machine, text: str, line: int) -> bool:
    """Draw a run whose first line has this number; False, and nothing done, if it may not be."""
    words = words_of(text)
    pushed = words[:, 2]
    if machine.extrusion == "M82":
        pushed = np.diff(pushed, prepend=machine.e)
    start = np.vstack([[machine.x, machine.y], words[:-1, :2]])
    flat = np.hypot(*(words[:, :2] - start).T)
    if not (_ready(machine) and _allowed(machine, words, pushed, flat)):
        return False
    block = np.empty((len(words), 7))
    block[:, 0:2], block[:, 2:4], block[:, 4] = start, words[:, :2], machine.z
    block[:, 5], block[:, 6] = pushed, np.arange(line, line + len(words))
    machine.blocks.append(block)
    machine.x, machine.y = words[-1, :2].tolist()
    machine.e = float(words[-1, 2]) if machine.extrusion == "M82" else machine.e + pushed.sum()
    machine.filament_mm += float(pushed.sum())
    machine.duration_s += float(np.maximum(flat, pushed).sum()) / machine.feed_mmps
    machine.motors_on = True
    return True


def _ready(machine: Machine) -> bool:
    """Return whether lines may be drawn at all where the machine stands now."""
    try:
        machine.may_push()
        machine.may_lay(machine.z)
    except RefusedCommandError:
        return False
    low = machine.z < machine.top_mm or machine.keep_out is not None
    known = machine.absolute and machine.extrusion and len(machine.homed) == 3
    return bool(known) and machine.feed_mmps > 0.0 and not low and not machine.mixed


def _allowed(machine: Machine, words: Numbers, pushed: Numbers, flat: Numbers) -> bool:
    printer = machine.printer
    if words[:, 0].max() > printer.bed_x_mm or words[:, 1].max() > printer.bed_y_mm:
        return False
    if flat.min() <= 0.0 or pushed.min() <= 0.0:
        return False
    area = pushed * machine.material.filament_mm2 / flat
    thickest = min(machine.largest_area_mm2(), machine.flow_cap_mm3ps() / machine.feed_mmps)
    return bool(area.max() <= thickest)
