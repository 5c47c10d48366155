"""What the gate sees inside a part: an infill that is interrupted, thinned out, missing or bare."""

import math
from collections.abc import Callable
from functools import cache

import pytest

from fieldlab.core.messages import PartOrder
from partgen.compose import compose
from printing.gcode.gate import check
from printing.profiles import Pattern, quality
from printing.slicers.embedded import EmbeddedSlicer
from tests.unit.printing import shapes

Lines = list[str]
SPARSE, SOLID = "Internal infill", "Solid infill"
STL = shapes.stl_of(shapes.gear(width=2.4))


@cache
def sliced(pattern: Pattern = "lines", infill: float = 1.0) -> tuple[str, ...]:
    chosen = quality("normal").model_copy(update={"pattern": pattern, "infill": infill})
    gcode = EmbeddedSlicer(chosen).slice(STL, printer="virtual", material="PLA").gcode
    return tuple(gcode.decode().splitlines())


def refused(lines: Lines, infill: float | None = None) -> str:
    """Return the first reason, empty if there is none."""
    gcode = "\n".join(lines).encode()
    report = check(gcode, printer="virtual", material="PLA", stl=STL, infill=infill)
    return "" if report.ok else report.refusals[0].reason


def silent(lines: Lines) -> Lines:
    return [line for line in lines if not line.startswith("; fill_density")]


def changed(lines: Lines, kind: str, change: Callable[[str, int, int], Lines]) -> Lines:
    """Return a file whose drawn lines of a kind are changed; told are their layer and number."""
    out, now, layer, count = [], "", -1, 0
    for line in lines:
        if line == ";LAYER_CHANGE":
            layer, count = layer + 1, 0
        now = line[6:] if line.startswith(";TYPE:") else now
        drawn = now == kind and line.startswith("G1 X")
        count += drawn
        out += change(line, layer, count) if drawn else [line]
    return out


def undrawn(line: str) -> Lines:
    return [line.partition(" E")[0]]


def interrupted(lines: Lines, each_mm: float = 10.0, hole_mm: float = 1.0) -> Lines:
    """Return a file whose sparse infill has a hole after every few millimetres."""
    out, now, at, gone = [], "", (0.0, 0.0), 0.0
    for line in lines:
        now = line[6:] if line.startswith(";TYPE:") else now
        words = line.split()
        if line[:4] not in ("G0 X", "G1 X"):
            out.append(line)
            continue
        there = float(words[1][1:]), float(words[2][1:])
        if now != SPARSE or line.startswith("G0"):
            out.append(line)
        else:
            filament, length = float(words[3][1:]), math.dist(at, there)
            done = 0.0
            while done < length:
                step = min(0.5, length - done)
                done, gone = done + step, gone + step
                x, y = (a + (b - a) * done / length for a, b in zip(at, there, strict=True))
                fed = f" E{filament * step / length:.5f}" if gone % each_mm > hole_mm else ""
                out.append(f"G1 X{x:.3f} Y{y:.3f}{fed}")
        at = there
    return out


@pytest.mark.parametrize("pattern", ["lines", "gyroid"])
@pytest.mark.parametrize("infill", [0.1, 0.4])
def test_a_sparse_infill_is_accepted(pattern: Pattern, infill: float) -> None:
    lines = list(sliced(pattern, infill))

    assert refused(lines) == ""
    assert refused(silent(lines)) == ""


@pytest.mark.parametrize("pattern", ["lines", "gyroid"])
@pytest.mark.parametrize("infill", [0.1, 0.4])
def test_holes_in_the_lines_of_an_infill_are_seen(pattern: Pattern, infill: float) -> None:
    lines = silent(list(sliced(pattern, infill)))

    assert "loose in the open" in refused(interrupted(lines))


def test_every_second_line_of_an_infill_missing_is_seen_against_what_was_declared() -> None:
    lines = changed(
        list(sliced("lines", 0.2)),
        SPARSE,
        lambda line, _, count: undrawn(line) if count % 4 < 2 else [line],
    )

    assert "20% is needed" in refused(lines)
    assert "20% is needed" in refused(silent(lines), 0.2)


@pytest.mark.parametrize("gone", [{6}, {5, 6}])
def test_the_infill_of_a_layer_missing_is_seen_beside_the_others(gone: set[int]) -> None:
    lines = changed(
        silent(list(sliced("lines", 0.2))),
        SPARSE,
        lambda line, layer, _: undrawn(line) if layer in gone else [line],
    )

    assert refused(lines)


@pytest.mark.parametrize("share", [2, 3, 10_000])
@pytest.mark.parametrize("layers", [{5}, {3, 4, 5}, set(range(1, 12, 2)), set(range(12))])
def test_a_solid_file_with_lines_missing_is_never_taken_for_a_sparse_one(
    share: int, layers: set[int]
) -> None:
    lines = changed(
        list(sliced()),
        SOLID,
        lambda line, layer, count: undrawn(line) if layer in layers and count % share else [line],
    )

    assert refused(lines)
    assert refused(silent(lines), 1.0)


def test_a_hollow_part_is_refused_though_nobody_said_how_full_it_must_be() -> None:
    lines = silent(list(sliced("lines", 0.2)))
    hollow = changed(lines, SPARSE, lambda line, _, __: undrawn(line))

    assert "hollow" in refused(hollow)


@pytest.mark.parametrize("at", [0, 11])
def test_an_open_bottom_or_top_is_refused(at: int) -> None:
    lines = changed(
        silent(list(sliced("lines", 0.2))),
        SOLID,
        lambda line, layer, count: undrawn(line) if layer == at and count % 10 else [line],
    )

    assert refused(lines)


def test_a_sparse_file_is_no_solid_part() -> None:
    lines = list(sliced("gyroid", 0.4))

    assert refused(lines, 1.0)
    assert refused([line.replace("= 40%", "= 100%") for line in lines])
    assert refused(["; sparse_infill_density = 100%", *silent(lines)])


@pytest.mark.parametrize(("family", "mark"), [("lever", "K7M4QR"), ("gt2_pulley", "")])
def test_a_draft_of_a_family_is_accepted(family: str, mark: str) -> None:
    stl = compose(PartOrder(family=family, material="PLA", sizes={}, mark=mark)).stl
    draft = quality("draft")

    gcode = EmbeddedSlicer(draft).slice(stl, printer="virtual", material="PLA").gcode

    for told in (None, draft.infill):
        report = check(gcode, printer="virtual", material="PLA", stl=stl, infill=told)
        assert report.refusals == ()
