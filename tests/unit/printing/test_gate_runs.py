"""The gate's fast lane says what its slow lane says, on good files and on bad ones."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from manifold3d import Manifold

from fieldlab.core.messages import GateReport
from printing.gcode import gate
from printing.gcode.runs import runs
from printing.slicers.embedded import EmbeddedSlicer
from tests.unit.printing import shapes

Lines = tuple[str, ...]


@cache
def good() -> Lines:
    stl = shapes.stl_of(Manifold.extrude(shapes.bushing().slice(1.0), 0.6))
    gcode = EmbeddedSlicer().slice(stl, printer="virtual", material="PLA").gcode
    return tuple(gcode.decode().splitlines())


def relative(lines: Lines) -> Lines:
    return lines


def absolute(lines: Lines) -> Lines:
    out, level = [], 0.0
    for line in lines:
        head, mark, e = line.partition("E")
        if line.startswith("G1") and mark:
            number, _, rest = e.partition(" ")
            level += float(number)
            out.append(f"{head}E{level:.5f} {rest}".strip())
        else:
            out.append("M82" if line == "M83" else line)
    return tuple(out)


def judged(lines: Lines) -> GateReport:
    return gate.check("\n".join(lines).encode(), printer="virtual", material="PLA")


def assert_same(lines: Lines) -> None:
    slow = judged(tuple(f"{line} ; one by one" for line in lines))
    fast = judged(lines)

    assert fast.refusals == slow.refusals
    assert fast.layers == slow.layers
    assert fast.volume_mm3 == pytest.approx(slow.volume_mm3, abs=2e-3)
    assert fast.duration_s == pytest.approx(slow.duration_s, rel=1e-6)


@pytest.mark.parametrize("spelling", [relative, absolute])
def test_a_good_file_is_the_same_in_both_lanes(spelling: Callable[[Lines], Lines]) -> None:
    lines = spelling(good())

    assert sum(1 for _ in runs("\n".join(lines))) > 5
    assert judged(lines).ok
    assert_same(lines)


BREAKS = ("G1 X999 Y50 E0.01", "G1 X60 Y60 E9", "G1 X60 Y60 E-9", "G1 X60 Y211 E0.01",
          "G1 X60.000 Y60.000 E0", "M104 S0", "G0 Z0.05", "G28 Z", "G1 Z0.3", "M83", "M82",
          "G92 E50", "G1 E-0.3 F900", "M84", "G1 F11999")  # fmt: skip


@pytest.mark.parametrize("line", BREAKS)
@pytest.mark.parametrize("spelling", [relative, absolute])
def test_a_broken_file_is_refused_alike_in_both_lanes(
    line: str, spelling: Callable[[Lines], Lines]
) -> None:
    lines = list(spelling(good()))
    drawn = [number for number, text in enumerate(lines) if text.startswith("G1 X")]
    lines.insert(int(np.random.default_rng(len(line)).choice(drawn)), line)

    assert_same(tuple(lines))


def test_the_fast_lane_counts_the_lines() -> None:
    lines = [*good(), "M999"]

    report = judged(tuple(lines))

    assert [refusal.line for refusal in report.refusals] == [len(lines)]
