"""A mark is still read on what the printer draws: with a 0.4 mm nozzle, from the G-code alone."""

import numpy as np
import pytest

from fieldlab.core.messages import PartOrder
from partgen.compose import compose, make
from partgen.marking.cut import DEPTH_MM
from partgen.marking.letters import STROKES, letter
from partgen.marking.room import placed
from printing.gcode.gate import check
from printing.gcode.machine import Machine
from printing.gcode.raster import Raster
from printing.gcode.reader import read
from printing.profiles import profile
from printing.slicers.embedded import EmbeddedSlicer

LAYER_MM = 0.2
OPEN_MM = 0.2  # a groove is open when it is this far from its middle to the next line
AROUND = OPEN_MM * np.array([(x, y) for x in (-1.0, -0.5, 0, 0.5, 1.0) for y in (-1.0, 0.0, 1.0)])


@pytest.mark.parametrize("family", ["spur_gear", "lever"])
def test_a_printed_mark_is_read_in_at_least_two_layers(family: str) -> None:
    text = "K7M4QR"
    design = make(family, {})
    part = compose(PartOrder(family=family, material="PLA", sizes={}, mark=text))

    gcode = EmbeddedSlicer().slice(part.stl, printer="virtual", material="PLA").gcode

    assert check(gcode, printer="virtual", material="PLA", stl=part.stl).ok
    assert design.mark_room is not None
    face_mm = design.mark_room.z_mm
    told = [told_at(gcode, family, text, face_mm - up * LAYER_MM) for up in range(3)]
    assert DEPTH_MM >= 2 * LAYER_MM
    assert told.count(text) >= 2, told


def told_at(gcode: bytes, family: str, text: str, z_mm: float) -> str:
    """Return what a layer spells: a node is dark where no line is nearer than OPEN_MM."""
    limits, filament = profile("virtual", "PLA")
    machine = Machine(printer=limits, material=filament)
    assert not read(gcode, machine)
    lines = machine.lines()
    at = lines[np.abs(lines[:, 4] - z_mm) < 1e-3]
    long_mm = np.hypot(at[:, 2] - at[:, 0], at[:, 3] - at[:, 1])
    at, long_mm = at[long_mm > 1e-3], long_mm[long_mm > 1e-3]
    raster = Raster(np.vstack([at[:, 0:2], at[:, 2:4]]), pixel_mm=0.05)
    covered = raster.drawn(at, at[:, 5] * filament.filament_mm2 / long_mm / LAYER_MM)
    design = make(family, {})
    low, high = (f(design.mesh().vertices[:, :2], axis=0) for f in (np.min, np.max))
    shift = np.array([limits.bed_x_mm, limits.bed_y_mm]) / 2 - (low + high) / 2
    assert design.mark_room is not None
    said = ""
    for spot in placed(design.mark_room, text):
        nodes = spot.on_part(spot.letter.nodes) + shift
        dark = np.array([not covered[raster.pixel_of(node + AROUND)].any() for node in nodes])
        alike = [name for name in STROKES if np.array_equal(letter(name).dark, dark)]
        said += alike[0] if alike else "?"
    return said
