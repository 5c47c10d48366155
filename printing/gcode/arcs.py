"""An arc as short straight lines; plane geometry only."""

import math
from collections.abc import Mapping

from printing.gcode.refused import RefusedCommandError

Point = tuple[float, float]

_STEP_RAD = math.radians(5.0)
_LARGEST_MM = 1000.0
_ALMOST_MM = 0.005  # firmwares that round differently draw no arc or a whole circle


def arc_points(
    start: Point, end: Point, numbers: Mapping[str, float], *, clockwise: bool
) -> list[Point]:
    """Return points along an arc, 5 degrees apart at most, with the quarter points, end last.

    Raises RefusedCommandError if the words give no arc, or more than one.
    """
    centre = _centre(start, end, numbers, clockwise=clockwise)
    radius = math.dist(start, centre)
    if not 0.0 < radius <= _LARGEST_MM:
        raise RefusedCommandError(f"an arc of radius {radius:g} mm")
    if abs(math.dist(end, centre) - radius) > max(0.05, 0.002 * radius):
        raise RefusedCommandError("an arc whose end is not on its circle")
    first = math.atan2(start[1] - centre[1], start[0] - centre[0])
    last = math.atan2(end[1] - centre[1], end[0] - centre[0])
    turn = ((first - last) if clockwise else (last - first)) % (2 * math.pi)
    if start == end:
        turn = 2 * math.pi
    elif math.dist(start, end) < _ALMOST_MM:
        raise RefusedCommandError("an arc that ends almost where it starts")
    sign = -1.0 if clockwise else 1.0
    steps = math.ceil(turn / _STEP_RAD)
    turns = [turn * number / steps for number in range(1, steps)]
    quarters = [(sign * (math.pi / 2 * number - first)) % (2 * math.pi) for number in range(4)]
    turns += [quarter for quarter in quarters if 0 < quarter < turn]
    angles = [first + sign * angle for angle in sorted(turns)]
    points = [(centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in angles]
    return [*points, end]


def _centre(start: Point, end: Point, numbers: Mapping[str, float], *, clockwise: bool) -> Point:
    if "R" not in numbers:
        if "I" not in numbers and "J" not in numbers:
            raise RefusedCommandError("an arc without I, J or R")
        return start[0] + numbers.get("I", 0.0), start[1] + numbers.get("J", 0.0)
    if "I" in numbers or "J" in numbers:
        raise RefusedCommandError("an arc with both a centre and a radius")
    radius, chord = numbers["R"], math.dist(start, end)
    if chord == 0.0 or abs(radius) < chord / 2:
        raise RefusedCommandError("an arc whose radius does not reach its end")
    height = math.sqrt(radius * radius - chord * chord / 4)
    side = 1.0 if clockwise == (radius > 0) else -1.0
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    unit = ((end[0] - start[0]) / chord, (end[1] - start[1]) / chord)
    return middle[0] + side * height * unit[1], middle[1] - side * height * unit[0]
