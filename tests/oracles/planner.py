"""A slow, obvious planner: reads G-code text and follows it move by move, as a firmware does."""

import math
import re
from dataclasses import dataclass
from itertools import pairwise

WORD = re.compile(r"([XYZEFPS])(-?[0-9.]+)")


@dataclass
class Move:
    dx: float
    dy: float
    dz: float
    de: float
    length: float
    speed: float
    acceleration: float
    enter: float = 0.0  # highest speed at its start


def moves_of(gcode: str, acceleration: float) -> list[Move]:
    """Return all moves; a travel and a line may have accelerations of their own (M204 P, T)."""
    at, feed, relative = dict.fromkeys("XYZE", 0.0), 10.0, False
    limits = {"P": acceleration, "T": acceleration}
    found = []
    for line in gcode.splitlines():
        code, _, rest = line.partition(";")[0].strip().partition(" ")
        words = {letter: float(number) for letter, number in WORD.findall(rest)}
        if code in ("M82", "M83"):
            relative = code == "M83"
        elif code == "M204":
            limits = {kind: words.get(kind, words.get("S", old)) for kind, old in limits.items()}
        elif code == "G92":
            at["E"] = words.get("E", at["E"])
        elif code == "G28":
            at.update(X=0.0, Y=0.0, Z=0.0)
        elif code in ("G0", "G1"):
            feed = words.get("F", feed * 60) / 60
            target = {axis: words.get(axis, at[axis]) for axis in "XYZ"}
            pushed = words.get("E", 0.0 if relative else at["E"]) - (0.0 if relative else at["E"])
            step = [target[axis] - at[axis] for axis in "XYZ"]
            at.update(target, E=at["E"] + pushed)
            length = math.hypot(*step) or abs(pushed)
            if length > 0.0:
                limit = limits["P"] if pushed else limits["T"]
                found.append(Move(*step, pushed, length, feed, limit))
    return found


def duration_s(
    moves: list[Move], *, jerk: float, jerk_z: float = 0.4, jerk_e: float = 2.5
) -> float:
    """Return how long the moves take: corner speeds, one look back, one look ahead, ramps."""
    for before, move in pairwise(moves):
        speed = min(before.speed, move.speed)
        for name, most in (("dx", jerk), ("dy", jerk), ("dz", jerk_z), ("de", jerk_e)):
            jump = abs(getattr(before, name) / before.length - getattr(move, name) / move.length)
            if jump * speed > most:
                speed = most / jump
        move.enter = speed
    leave = 0.0
    for move in reversed(moves):
        move.enter = min(move.enter, math.sqrt(leave**2 + 2 * move.acceleration * move.length))
        leave = move.enter
    total = 0.0
    for number, move in enumerate(moves):
        last = number + 1 == len(moves)
        leave = 0.0 if last else moves[number + 1].enter
        reach = math.sqrt(move.enter**2 + 2 * move.acceleration * move.length)
        if leave > reach:
            leave = reach
            moves[number + 1].enter = reach
        total += _ramp_s(move, leave)
    return total


def _ramp_s(move: Move, leave: float) -> float:
    """Step through one move: faster while there is room to slow down again."""
    a, v0, v1 = move.acceleration, move.enter, leave
    up = (move.speed**2 - v0**2) / (2 * a)
    down = (move.speed**2 - v1**2) / (2 * a)
    if up + down <= move.length:
        cruise = (move.length - up - down) / move.speed
        return (move.speed - v0) / a + cruise + (move.speed - v1) / a
    peak = math.sqrt(a * move.length + (v0**2 + v1**2) / 2)
    return (peak - v0) / a + (peak - v1) / a
