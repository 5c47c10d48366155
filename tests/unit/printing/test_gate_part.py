"""The gate with the part beside it: is this file that part?"""

from functools import cache

import pytest
from manifold3d import Manifold

from printing.gcode.gate import check
from printing.slicers.embedded import EmbeddedSlicer
from tests.unit.printing import shapes


@cache
def good() -> tuple[bytes, bytes]:
    stl = shapes.stl_of(shapes.gear(width=1.0))
    return stl, EmbeddedSlicer().slice(stl, printer="virtual", material="PA12").gcode


def judged(gcode: bytes, solid: Manifold) -> bool:
    stl = shapes.stl_of(solid)
    return check(gcode, printer="virtual", material="PA12", stl=stl).ok


def without_a_tooth() -> Manifold:
    cut = Manifold.cube((6, 8, 5)).translate((13.4, -4, -1))
    return shapes.gear(width=1.0) - cut


def with_a_hole() -> Manifold:
    return shapes.gear(width=1.0) - Manifold.cylinder(5, 1, 1, 32).translate((8, 0, -1))


OTHERS = {
    "one tooth less in the file": shapes.gear(width=1.0, teeth=21),
    "a narrower bore": shapes.gear(width=1.0, bore=7.0),
    "no bore": shapes.gear(width=1.0) + Manifold.cylinder(1.0, 5, 5, 48),
    "a small extra hole": with_a_hole(),
    "higher": shapes.gear(width=1.4),
    "lower": shapes.gear(width=0.6),
    "a tooth is missing in the part": without_a_tooth(),
    "half a tooth turned": shapes.gear(width=1.0).rotate((0, 0, 9)),
    "5 percent smaller": shapes.gear(width=1.0).scale((0.95, 0.95, 1)),
}  # fmt: skip


def test_the_file_of_this_part_is_accepted() -> None:
    stl, gcode = good()

    assert check(gcode, printer="virtual", material="PA12", stl=stl).ok


@pytest.mark.parametrize("name", OTHERS)
def test_the_file_of_another_part_is_refused(name: str) -> None:
    assert not judged(good()[1], OTHERS[name])


def test_a_file_whose_tooth_is_missing_is_refused() -> None:
    stl = shapes.stl_of(without_a_tooth())
    gcode = EmbeddedSlicer().slice(stl, printer="virtual", material="PA12").gcode

    assert not judged(gcode, shapes.gear(width=1.0))


@pytest.mark.parametrize("ratio", [0.5, 0.8, 0.9, 0.95, 1.05, 1.1, 1.3])
def test_too_little_or_too_much_filament_is_refused(ratio: float) -> None:
    lines = []
    for line in good()[1].decode().splitlines():
        head, mark, e = line.partition(" E")
        drawn = line.startswith("G1 X") and mark
        lines.append(f"{head} E{float(e) * ratio:.5f}" if drawn else line)

    assert not judged("\n".join(lines).encode(), shapes.gear(width=1.0))


def test_a_shifted_layer_is_refused() -> None:
    lines = good()[1].decode().splitlines()
    middle = next(number for number, line in enumerate(lines) if line == ";Z:0.600")
    for number in range(middle, len(lines)):
        if lines[number][:4] in ("G0 X", "G1 X"):
            words = lines[number].split()
            words[1] = f"X{float(words[1][1:]) + 0.8:.3f}"
            lines[number] = " ".join(words)

    assert not judged("\n".join(lines).encode(), shapes.gear(width=1.0))


@pytest.mark.parametrize("stl", [b"", b"no mesh", bytes(84), b"solid x\nvertex 1 2\n"])
def test_a_part_that_cannot_be_read_is_refused(stl: bytes) -> None:
    assert not check(good()[1], printer="virtual", material="PA12", stl=stl).ok
