"""The slicer's time beside an independent planner, and that planner beside PrusaSlicer's own."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fieldlab.core.messages import PartOrder
from partgen.compose import compose
from partgen.families import FAMILIES
from printing.slicers.embedded import EmbeddedSlicer
from tests.oracles.planner import duration_s, moves_of
from tests.unit.printing import shapes

PARTS = {
    "gear": (shapes.gear(width=2.0), "PA12"),
    "bushing": (shapes.bushing(), "PLA"),
    "spider": (shapes.spider(), "TPU"),
    "impeller": (shapes.impeller(), "PETG"),
    "washer": (shapes.washer(), "PLA"),
}


@pytest.mark.parametrize("name", PARTS)
def test_our_time_is_that_of_an_independent_planner(name: str) -> None:
    solid, material = PARTS[name]
    sliced = EmbeddedSlicer().slice(shapes.stl_of(solid), printer="virtual", material=material)

    found_s = duration_s(moves_of(sliced.gcode.decode(), 1000.0), jerk=8.0)

    assert sliced.duration_s == pytest.approx(found_s, rel=0.1)


@pytest.mark.soak
@pytest.mark.parametrize("family", FAMILIES)
def test_the_time_of_every_family_is_that_of_an_independent_planner(family: str) -> None:
    stl = compose(PartOrder(family=family, material="PLA", sizes={})).stl
    sliced = EmbeddedSlicer().slice(stl, printer="virtual", material="PLA")

    found_s = duration_s(moves_of(sliced.gcode.decode(), 1000.0), jerk=8.0)

    assert sliced.duration_s == pytest.approx(found_s, rel=0.1)


@pytest.mark.slicer
def test_the_planner_agrees_with_prusaslicer(tmp_path: Path) -> None:
    program = shutil.which("prusa-slicer")
    if program is None:
        pytest.skip("prusa-slicer is not installed")
    stl, gcode = tmp_path / "part.stl", tmp_path / "part.gcode"
    stl.write_bytes(shapes.stl_of(shapes.bushing()))
    options = {
        "gcode-flavor": "marlin2", "machine-limits-usage": "emit_to_gcode",
        "machine-max-acceleration-extruding": 1000, "machine-max-acceleration-travel": 1000,
        "machine-max-acceleration-x": 1000, "machine-max-acceleration-y": 1000,
        "machine-max-jerk-x": 8, "machine-max-jerk-y": 8, "fill-density": "100%",
        "fill-pattern": "rectilinear", "temperature": 215,
    }  # fmt: skip
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    subprocess.run([program, "-g", *words, "-o", gcode, stl], check=True, capture_output=True)
    text = gcode.read_text()
    said = re.search(r"estimated printing time \(normal mode\) = (.+)", text)
    assert said is not None
    units = {"h": 3600, "m": 60, "s": 1}
    prusa_s = sum(int(n) * units[u] for n, u in re.findall(r"(\d+)([hms])", said[1]))

    assert duration_s(moves_of(text, 1000.0), jerk=8.0) == pytest.approx(prusa_s, rel=0.1)
