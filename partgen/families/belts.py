"""The forms of timing belts that the pulleys are made for, and the groove each one runs in."""

from dataclasses import dataclass
from math import atan2, cos, hypot, pi, sin, sqrt

import numpy as np

from partgen.families.family import Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Belt:
    """A belt's pitch, how far its pitch line lies above the land, and its groove's depth."""

    name: str
    pitch_mm: float
    pitch_line_mm: float
    depth_mm: float
    least_teeth: int
    bottom_mm: float  # radius of the groove's floor
    edge_mm: float  # radius of the groove's edges


# GT2: the belt's tooth as its maker draws it: pitch line 0.254 above the land, tooth 0.75 high,
# tip arc 0.555, flank arcs 1.0 about points 0.4 off the middle on the land, root arcs 0.15.
# HTD: pitch line from SDP/SI, Handbook of Timing Belts and Pulleys (D265); depth 1.289 and 2.199
# and mouth 2.27 and 3.78 as in droftarts' Parametric Pulley (2012), drawn from SDP/SI's pulleys.
# Its floor and edges are arcs between upright walls that make up that mouth.
BELTS = {
    2.0: Belt(name="GT2", pitch_mm=2.0, pitch_line_mm=0.254, depth_mm=0.75, least_teeth=15,
              bottom_mm=0.555, edge_mm=0.15),
    3.0: Belt(name="HTD 3M", pitch_mm=3.0, pitch_line_mm=0.381, depth_mm=1.289, least_teeth=15,
              bottom_mm=0.875, edge_mm=0.26),
    5.0: Belt(name="HTD 5M", pitch_mm=5.0, pitch_line_mm=0.5715, depth_mm=2.199, least_teeth=15,
              bottom_mm=1.49, edge_mm=0.4),
}  # fmt: skip
_FLANK_ARC_MM = 1.0  # GT2 only
_FLANK_OFF_MM = 0.4


def groove(belt: Belt, tip_mm: float) -> Points:
    """Return one half of a groove, from its deepest point to the land of radius `tip_mm`.

    x is across, y is from the pulley's middle.
    """
    return _gt2(belt, tip_mm) if belt.name == "GT2" else _htd(belt, tip_mm)


def _htd(belt: Belt, tip_mm: float) -> Points:
    """Return a round floor, an upright wall, and a rounded edge that touches the land."""
    floor = (0.0, tip_mm - belt.depth_mm + belt.bottom_mm)
    across = -belt.bottom_mm - belt.edge_mm
    edge = (across, sqrt((tip_mm - belt.edge_mm) ** 2 - across**2))
    out = atan2(edge[1], edge[0])
    return np.vstack([
        _arc(floor, belt.bottom_mm, (-pi / 2, -pi), 13),
        _arc(edge, belt.edge_mm, (0.0, out), 7),
    ])  # fmt: skip


def _gt2(belt: Belt, tip_mm: float) -> Points:
    deep = (0.0, tip_mm - (belt.depth_mm - belt.bottom_mm))
    flank = (-_FLANK_OFF_MM, tip_mm)
    edge = _edge(belt, tip_mm, flank)
    lean = atan2(deep[1] - flank[1], deep[0] - flank[0])  # where tip arc and flank arc meet
    meet = atan2(edge[1] - flank[1], edge[0] - flank[0])
    out = atan2(edge[1], edge[0])
    return np.vstack([
        _arc(deep, belt.bottom_mm, (-pi / 2, lean), 9),
        _arc(flank, _FLANK_ARC_MM, (lean, meet), 7)[1:],
        _arc(edge, belt.edge_mm, (meet + pi, out), 7)[1:],
    ])  # fmt: skip


def _edge(belt: Belt, tip_mm: float, flank: tuple[float, float]) -> tuple[float, float]:
    """Return the middle of the rounding that touches the land from inside and the flank arc."""
    one, two = tip_mm - belt.edge_mm, _FLANK_ARC_MM + belt.edge_mm
    apart = hypot(*flank)
    along = (one**2 - two**2 + apart**2) / (2 * apart)
    off = sqrt(one**2 - along**2)
    toward = atan2(flank[1], flank[0])
    return (
        along * cos(toward) + off * sin(toward),
        along * sin(toward) - off * cos(toward),
    )


def _arc(
    middle: tuple[float, float], radius: float, between: tuple[float, float], count: int
) -> Points:
    angles = np.linspace(between[0], between[1], count)
    return np.column_stack(
        [middle[0] + radius * np.cos(angles), middle[1] + radius * np.sin(angles)]
    )
