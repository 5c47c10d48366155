"""A stroke font of our own: letters that a 0.4 mm nozzle draws as grooves two lines wide.

A letter is drawn on nodes, five high and three wide (B and R four; M, N and W five), by strokes of
0.8 mm along rows, columns and diagonals. Nodes are 0.85 mm apart: 0.9 mm stays between strokes.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import manifold3d
import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
PITCH_MM = 0.85
STROKE_MM = 0.8  # two lines of a 0.4 mm nozzle
HIGH_MM = 4 * PITCH_MM + STROKE_MM
_NARROW_MM = 0.42  # half of the least width that is left between two strokes

# Strokes of each letter: nodes as column and row, counted from the lower left.
STROKES = {
    "0": "00 04 24 20 00", "1": "03 14 10, 00 20", "2": "04 24 22 02 00 20",
    "3": "04 24 20 00, 02 22", "4": "04 02 22, 24 20", "5": "24 04 02 22 20 00",
    "6": "24 04 00 20 22 02", "7": "04 24 20", "8": "00 04 24 20 00, 02 22",
    "9": "00 20 24 04 02 22", "A": "00 04 24 20, 02 22", "B": "00 04 24 33 22 31 20 00, 02 22",
    "C": "23 14 03 01 10 21", "D": "00 04 14 23 21 10 00", "E": "24 04 00 20, 02 12",
    "F": "24 04 00, 02 12", "G": "24 14 03 01 10 20 22", "H": "04 00, 24 20, 02 22",
    "I": "04 24, 14 10, 00 20", "J": "24 21 10 01", "K": "04 00, 02 12 23 24, 12 21 20",
    "L": "04 00 20", "M": "00 04 22 44 40", "N": "00 04 40 44", "O": "01 03 14 23 21 10 01",
    "P": "00 04 24 22 02", "Q": "01 03 14 23 21 10 01, 10 20", "R": "00 04 24 33 22 02, 22 31 30",
    "S": "24 14 03 12 21 10 00", "T": "04 24, 14 10", "U": "04 00 20 24", "V": "04 01 10 21 24",
    "W": "04 00 22 40 44", "X": "04 03 21 20, 24 23 01 00", "Y": "04 03 12 23 24, 12 10",
    "Z": "04 24 23 01 00 20", "-": "02 22", "/": "00 01 23 24", ".": "10 10",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter's outlines in mm about the middle of its box, counter-clockwise around its strokes.

    `nodes` (n, 2) are where it is read, and `dark` says which of them lie in a stroke: no two
    letters of one width are alike in that.
    """

    wide_mm: float
    area_mm2: float
    outlines: tuple[Points, ...]
    nodes: Points
    dark: npt.NDArray[np.bool_]


@cache
def letter(character: str) -> Letter:
    """Return a letter of `STROKES`."""
    strokes = [
        [(int(node[0]), int(node[1])) for node in stroke.split()]
        for stroke in STROKES[character].split(",")
    ]
    last = max(2, *(column for stroke in strokes for column, _ in stroke))
    middle = np.array([last / 2, 2.0])
    shape = manifold3d.CrossSection()
    for stroke in strokes:
        spots = [(np.array(node) - middle) * PITCH_MM for node in stroke]
        for start, end in pairwise(spots):
            shape += manifold3d.CrossSection.batch_hull([_pen(start), _pen(end)])
    shape = _wide_enough(shape)
    nodes = np.array([(x, y) for x in range(last + 1) for y in range(5)], np.float64)
    nodes = (nodes - middle) * PITCH_MM
    return Letter(
        wide_mm=last * PITCH_MM + STROKE_MM,
        area_mm2=float(shape.area()),
        outlines=tuple(np.asarray(loop, np.float64) for loop in shape.to_polygons()),
        nodes=nodes,
        dark=np.array([_holds(shape, node) for node in nodes]),
    )


def _pen(at_mm: Points) -> manifold3d.CrossSection:
    """Return an octagon that is 0.8 mm across its flats, so that all strokes are as wide."""
    turn = np.radians(22.5 + 45.0 * np.arange(8))
    reach = STROKE_MM / 2 / np.cos(np.radians(22.5))
    return manifold3d.CrossSection([at_mm + reach * np.column_stack([np.cos(turn), np.sin(turn)])])


def _wide_enough(shape: manifold3d.CrossSection) -> manifold3d.CrossSection:
    """Return a letter whose acute corners are filled: no material between strokes is too thin."""
    miter = manifold3d.JoinType.Miter
    filled = shape.offset(_NARROW_MM, miter, 2.0).offset(-_NARROW_MM, miter, 2.0)
    return (filled + shape).simplify(0.01)


def _holds(shape: manifold3d.CrossSection, spot_mm: Points) -> bool:
    tiny = 1e-4 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    return not (shape ^ manifold3d.CrossSection([spot_mm + tiny])).is_empty()
