"""The gate with the part beside it: is this file that part?"""

import math
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from manifold3d import Manifold

from fieldlab.core.messages import Refusal
from printing.gcode.gate import check
from printing.profiles import quality
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
    "2 percent larger": shapes.gear(width=1.0).scale((1.02, 1.02, 1)),
    "1 percent larger": shapes.gear(width=1.0).scale((1.01, 1.01, 1)),
    "1 percent smaller": shapes.gear(width=1.0).scale((0.99, 0.99, 1)),
    "half a percent narrower along X": shapes.gear(width=1.0).scale((0.995, 1, 1)),
    "2 degrees turned": shapes.gear(width=1.0).rotate((0, 0, 2)),
    "a layer higher": shapes.gear(width=1.2),
    "a bore beside its place": shapes.gear(width=1.0, bore=0.1)
    - Manifold.cylinder(5, 4, 4, 96).translate((0.5, 0, -1)),
    "a pocket": shapes.gear(width=1.0) - Manifold.cylinder(1, 2, 2, 32).translate((8, 0, 0.5)),
    "another kind": shapes.washer(),
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


@pytest.mark.parametrize("ratio", [0.9, 1.12])
def test_one_layer_with_too_little_or_too_much_filament_is_refused(ratio: float) -> None:
    lines = good()[1].decode().splitlines()
    for number in range(*layer(lines, 2)):
        head, mark, e = lines[number].partition(" E")
        if lines[number].startswith("G1 X") and mark:
            lines[number] = f"{head} E{float(e) * ratio:.5f}"

    assert refusals(lines, shapes.gear(width=1.0))


def test_a_gear_turned_by_a_tooth_is_the_same_part() -> None:
    assert judged(good()[1], shapes.gear(width=1.0).rotate((0, 0, 18)))


def moved(lines: list[str], place: slice, dx: float, turn: float = 1.0) -> list[str]:
    """Return lines of which some are drawn elsewhere, or mirrored at the bed's middle."""
    out = list(lines)
    for number in range(*place.indices(len(lines))):
        words = lines[number].split()
        if lines[number][:4] in ("G0 X", "G1 X"):
            words[1] = f"X{125 + turn * (float(words[1][1:]) - 125) + dx:.3f}"
            out[number] = " ".join(words)
    return out


def layer(lines: list[str], number: int) -> tuple[int, int]:
    starts = [index for index, line in enumerate(lines) if line == ";LAYER_CHANGE"]
    return starts[number], starts[number + 1]


def refusals(lines: list[str], solid: Manifold) -> tuple[Refusal, ...]:
    gcode = "\n".join(lines).encode()
    return check(gcode, printer="virtual", material="PA12", stl=shapes.stl_of(solid)).refusals


@pytest.mark.parametrize("dx", [0.3, -0.4])
def test_a_shifted_layer_is_refused_where_it_starts(dx: float) -> None:
    lines = good()[1].decode().splitlines()
    start, end = layer(lines, 2)

    found = refusals(moved(lines, slice(start, end), dx), shapes.gear(width=1.0))

    assert start < found[0].line <= end


@pytest.mark.parametrize("dx", [0.3, -0.6, 1.0, 3.0])
def test_all_layers_from_one_on_shifted_are_refused(dx: float) -> None:
    lines = good()[1].decode().splitlines()
    start, _ = layer(lines, 2)

    assert refusals(moved(lines, slice(start, len(lines)), dx), shapes.gear(width=1.0))


def test_a_file_that_stands_elsewhere_is_accepted_whole() -> None:
    lines = good()[1].decode().splitlines()

    assert refusals(moved(lines, slice(0, len(lines)), 20.0), shapes.gear(width=1.0)) == ()


def test_a_missing_layer_is_refused() -> None:
    lines = good()[1].decode().splitlines()
    start, end = layer(lines, 2)
    sunk = [
        f"G0 Z{float(line[4:].split()[0]) - 0.2:.3f} F600" if line.startswith("G0 Z0.") else line
        for line in lines[end:]
    ]

    assert refusals([*lines[:start], *lines[end:]], shapes.gear(width=1.0))
    assert refusals([*lines[:start], *sunk], shapes.gear(width=1.0))


def test_a_layer_drawn_twice_is_refused() -> None:
    lines = good()[1].decode().splitlines()
    start, end = layer(lines, 2)

    assert refusals([*lines[:end], *lines[start:end], *lines[end:]], shapes.gear(width=1.0))


@pytest.mark.parametrize("share", [0.4, 0.7])
def test_a_layer_with_a_gap_is_refused(share: float) -> None:
    lines = good()[1].decode().splitlines()
    start, end = layer(lines, 2)
    drawn = [number for number in range(start, end) if lines[number].startswith("G1 X")]
    gone = set(drawn[: round(share * len(drawn))])
    left = [line for number, line in enumerate(lines) if number not in gone]

    assert refusals(left, shapes.gear(width=1.0))


def lengths(lines: list[str], start: int, end: int) -> dict[int, float]:
    """Return how long each drawn line between two places of a file is."""
    found, at = {}, (0.0, 0.0)
    for number in range(start, end):
        words = lines[number].split()
        if lines[number][:4] in ("G0 X", "G1 X"):
            there = float(words[1][1:]), float(words[2][1:])
            if "E" in lines[number]:
                found[number] = math.dist(at, there)
            at = there
    return found


@pytest.mark.parametrize("share", [0.1, 0.2, 0.3])
@pytest.mark.parametrize("chosen", ["one place", "at random", "the longest"])
@pytest.mark.parametrize("become", ["nothing", "ways without filament"])
def test_a_tenth_of_one_layers_lines_is_missed(share: float, chosen: str, become: str) -> None:
    lines = good()[1].decode().splitlines()
    drawn = lengths(lines, *layer(lines, 2))
    order = {
        "one place": list(drawn)[len(drawn) // 3 :] + list(drawn)[: len(drawn) // 3],
        "at random": np.random.default_rng(7).permutation(list(drawn)).tolist(),
        "the longest": sorted(drawn, key=lambda number: -drawn[number]),
    }[chosen]
    reach = np.cumsum([drawn[number] for number in order]) <= share * sum(drawn.values())
    for number in np.array(order)[reach].tolist():
        lines[number] = lines[number].split(" E")[0] if become != "nothing" else ""

    assert refusals(lines, shapes.gear(width=1.0))


@pytest.mark.parametrize("kind", ["draft", "fine"])
def test_what_is_sparse_by_intent_is_accepted(kind: str) -> None:
    solid = shapes.bushing()
    stl = shapes.stl_of(solid)
    gcode = EmbeddedSlicer(quality(kind)).slice(stl, printer="virtual", material="PA12").gcode

    assert refusals(gcode.decode().splitlines(), solid) == ()


def test_a_mirrored_part_is_refused() -> None:
    hook = shapes.gear(width=1.0) + Manifold.cube((20, 5, 1.0)).translate((5, 2, 0))
    stl = shapes.stl_of(hook)
    gcode = EmbeddedSlicer().slice(stl, printer="virtual", material="PA12").gcode
    lines = gcode.decode().splitlines()

    assert refusals(lines, hook) == ()
    assert refusals(moved(lines, slice(0, len(lines)), 0.0, turn=-1.0), hook)


def test_blobs_between_the_lines_count_as_filament() -> None:
    lines = good()[1].decode().splitlines()
    blobs = []
    for line in lines:
        blobs += ["G1 E0.4 F300", line] if line.startswith("G1 F") else [line]

    assert refusals(blobs, shapes.gear(width=1.0))


@pytest.mark.parametrize("stl", [b"", b"no mesh", bytes(84), b"solid x\nvertex 1 2\n"])
def test_a_part_that_cannot_be_read_is_refused(stl: bytes) -> None:
    assert not check(good()[1], printer="virtual", material="PA12", stl=stl).ok


def lifted(lines: list[str], by_mm: float) -> list[str]:
    return [
        f"G0 Z{float(line[4:].split()[0]) + by_mm:.3f} F600" if line.startswith("G0 Z") else line
        for line in lines
    ]


def without_walls(lines: list[str], kind: str) -> list[str]:
    """Return a layer whose walls of a kind are ways without filament."""
    out, now = [], ""
    for line in lines:
        now = line[6:] if line.startswith(";TYPE:") else now
        out.append(line.partition(" E")[0] if now == kind and line.startswith("G1 X") else line)
    return out


def damaged(lines: list[str], what: str) -> list[str]:
    """Return a good file of five layers with something done to it."""
    starts = [number for number, line in enumerate(lines) if line == ";LAYER_CHANGE"]
    end = max(number for number, line in enumerate(lines) if line.startswith("G1 X")) + 1
    edges = [*starts, end]
    head, tail = lines[: starts[0]], lines[end:]
    first, second, third, fourth, last = (lines[a:b] for a, b in pairwise(edges))
    body = lines[starts[0] : end]
    beside = [*body, "G1 E-0.8 F2100", "G0 Z20 F600", *moved(body, slice(0, len(body)), 60.0)]
    made = {
        "nothing": body,
        "cut off in the middle of a layer": [*first, *second, *third[: len(third) // 2]],
        "the first layer missing": [*second, *third, *fourth, *last],
        "the last layer missing": [*first, *second, *third, *fourth],
        "half of the last layer missing": [*first, *second, *third, *fourth, *last[:600]],
        "two layers swapped": [*first, *third, *second, *fourth, *last],
        "begun 0.12 mm too high": lifted(body, 0.12),
        "begun 0.12 mm too low": lifted(body, -0.12),
        "printed twice in one place": [*body, *body],
        "printed twice side by side": beside,
        "a layer without outer walls": [
            *first, *second, *without_walls(third, "External perimeter"), *fourth, *last,
        ],
        "a layer without inner walls": [
            *first, *second, *without_walls(third, "Perimeter"), *fourth, *last,
        ],
    }  # fmt: skip
    return [*head, *made[what], *tail]


DAMAGES = (
    "cut off in the middle of a layer", "the first layer missing", "the last layer missing",
    "half of the last layer missing", "two layers swapped", "begun 0.12 mm too high",
    "begun 0.12 mm too low", "printed twice in one place", "printed twice side by side",
    "a layer without outer walls", "a layer without inner walls",
)  # fmt: skip


@pytest.mark.parametrize("what", DAMAGES)
def test_a_damaged_file_is_refused(what: str) -> None:
    lines = good()[1].decode().splitlines()

    assert damaged(lines, "nothing") == lines
    assert refusals(damaged(lines, what), shapes.gear(width=1.0))
