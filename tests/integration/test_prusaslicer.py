"""The real PrusaSlicer: what it makes passes the same gate; when it fails, one line says why."""

import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from manifold3d import Manifold

from fieldlab.core.errors import NeedsSupportError, SliceError
from fieldlab.core.messages import PartOrder
from partgen.compose import compose
from partgen.families import FAMILIES
from printing.gcode.gate import check
from printing.profiles import quality
from printing.slicers.choice import slicer_of
from printing.slicers.prusaslicer import PrusaSlicer
from tests.unit.printing import shapes

PROFILE = """
bed_shape = 0x0,250x0,250x210,0x210
nozzle_diameter = 0.4
temperature = 215
first_layer_temperature = 215
bed_temperature = 60
first_layer_bed_temperature = 60
start_gcode = G28\\nG1 Z5 F3000
end_gcode = M104 S0\\nM140 S0\\nM107\\nG28 X0 Y0\\nM84
"""
QUICK = ("flanged_bushing", "gt2_pulley")
OPTIONS = {
    "defaults": [],
    "a brim and absolute filament": ["--brim-width", "4", "--layer-height", "0.2"],
    "gyroid and hops": ["--fill-pattern", "gyroid", "--retract-lift", "0.4"],
    "lines that cross, bridged by thick threads": [
        "--fill-pattern", "cubic", "--fill-density", "40%", "--layer-height", "0.2",
    ],
    "solid, relative filament": ["--fill-density", "100%", "--fill-pattern", "rectilinear",
                                 "--use-relative-e-distances", "--before-layer-gcode", "G92 E0"],
}  # fmt: skip


@pytest.fixture
def prusa() -> str:
    found = shutil.which("prusa-slicer")
    if found is None:
        pytest.skip("prusa-slicer is not installed")
    return found


@pytest.mark.slicer
@pytest.mark.parametrize("name", OPTIONS)
def test_a_profile_that_is_not_ours_passes_the_gate(name: str, prusa: str, tmp_path: Path) -> None:
    stl = shapes.stl_of(shapes.bushing())
    (tmp_path / "part.stl").write_bytes(stl)
    (tmp_path / "profile.ini").write_text(PROFILE)
    command = [prusa, "-g", "--load", "profile.ini", *OPTIONS[name], "-o", "part.gcode", "part.stl"]

    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    gcode = (tmp_path / "part.gcode").read_bytes()
    assert check(gcode, printer="virtual", material="PLA", stl=stl).refusals == ()
    smaller = shapes.stl_of(shapes.bushing().scale((0.95, 0.95, 1.0)))
    assert not check(gcode, printer="virtual", material="PLA", stl=smaller).ok


@pytest.mark.slicer
@pytest.mark.parametrize("kind", ["normal", "draft"])
def test_our_profile_in_its_words_passes_the_gate(kind: str, prusa: str) -> None:
    stl = shapes.stl_of(shapes.gear(width=2.0))

    sliced = PrusaSlicer(quality(kind)).slice(stl, printer="virtual", material="PETG")

    assert check(sliced.gcode, printer="virtual", material="PETG", stl=stl).refusals == ()
    assert sliced.duration_s > 60.0
    assert sliced.mass_g > 0.5


@pytest.mark.slicer
@pytest.mark.parametrize(
    "family",
    [
        pytest.param(family, marks=() if family in QUICK else pytest.mark.soak)
        for family in FAMILIES
    ],
)
def test_every_family_by_prusaslicer_passes_the_same_gate(family: str, prusa: str) -> None:
    stl = compose(PartOrder(family=family, material="PLA", sizes={})).stl

    sliced = PrusaSlicer().slice(stl, printer="virtual", material="PLA")

    assert check(sliced.gcode, printer="virtual", material="PLA", stl=stl).refusals == ()


@pytest.mark.slicer
def test_too_little_memory_is_a_failure_not_a_crash(prusa: str) -> None:
    stl = shapes.stl_of(shapes.washer())

    with pytest.raises(SliceError, match="PrusaSlicer"):
        PrusaSlicer(memory_mb=16).slice(stl, printer="virtual", material="PLA")


def program(folder: Path, body: str) -> str:
    path = folder / "slicer"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("sleep 60 & wait", "more than 0.5 s"),
        ("echo no license >&2; exit 3", "no license"),
        ("exit 0", "nothing that can be printed"),
        ("echo hello > part.gcode", "nothing that can be printed"),
        ("head -c 300000 /dev/urandom > part.gcode", "nothing that can be printed"),
        ("kill -9 $$", "failed"),
    ],
)
def test_a_bad_slicer_is_one_line(body: str, says: str, tmp_path: Path) -> None:
    slicer = PrusaSlicer(program=program(tmp_path, body), timeout_s=0.5)

    with pytest.raises(SliceError, match=says) as caught:
        slicer.slice(shapes.stl_of(shapes.washer()), printer="virtual", material="PLA")

    assert "\n" not in str(caught.value)


def test_a_slicer_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SliceError, match="does not start"):
        PrusaSlicer(program=str(tmp_path / "none")).slice(b"", printer="virtual", material="PLA")


def test_auto_is_ours_and_never_prints_in_the_air() -> None:
    auto = slicer_of("auto", "normal")
    mushroom = Manifold.cylinder(10, 3, 3, 48) + Manifold.cylinder(3, 20, 20, 48).translate(
        (0, 0, 9)
    )

    fine = auto.slice(shapes.stl_of(shapes.washer()), printer="virtual", material="PLA")

    assert fine.slicer == "embedded"
    with pytest.raises(NeedsSupportError):
        auto.slice(shapes.stl_of(mushroom), printer="virtual", material="PLA")
