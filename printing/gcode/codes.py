"""The codes that a file may use, with the words each may have: all others are refused.

Two dialects: Marlin (https://marlinfw.org/meta/gcode/) and Klipper
(https://www.klipper3d.org/G-Codes.html). A code that a firmware would misread is not in its list.
"""

from collections.abc import Callable

from fieldlab.core.gcode import Command
from printing.gcode import heat, limits, retraction
from printing.gcode.machine import Machine, Words
from printing.gcode.refused import RefusedCommandError
from printing.profiles import Dialect

Handler = Callable[[Machine, Words], None]


def _nothing(machine: Machine, words: Words) -> None:
    """Do what changes nothing that is judged."""


def _absolute(machine: Machine, words: Words) -> None:  # noqa: ARG001
    machine.absolute = True


def _motors_on(machine: Machine, words: Words) -> None:  # noqa: ARG001
    machine.motors_on = True


_BOTH: dict[str, tuple[str, Handler]] = {
    "G0": ("XYZEF", Machine.move),
    "G1": ("XYZEF", Machine.move),
    "G2": ("XYZEFIJR", lambda machine, words: machine.arc(words, clockwise=True)),
    "G3": ("XYZEFIJR", lambda machine, words: machine.arc(words, clockwise=False)),
    "G4": ("PS", heat.dwell),
    "G10": ("", retraction.pull_back),
    "G11": ("", retraction.push_forth),
    "G17": ("", _nothing),
    "G21": ("", _nothing),
    "G28": ("XYZ", Machine.home),
    "G90": ("", _absolute),
    "G92": ("E", Machine.set_origin),
    "M17": ("", _motors_on),
    "M18": ("", Machine.motors_off),
    "M73": ("PRQS", _nothing),
    "M82": ("", lambda machine, _: machine.set_extrusion("M82")),
    "M83": ("", lambda machine, _: machine.set_extrusion("M83")),
    "M84": ("", Machine.motors_off),
    "M104": ("ST", lambda machine, words: heat.nozzle(machine, words, wait=False)),
    "M105": ("", _nothing),
    "M106": ("SP", heat.fan),
    "M107": ("P", _nothing),
    "M109": ("ST", lambda machine, words: heat.nozzle(machine, words, wait=True)),
    "M110": ("N", _nothing),
    "M115": ("", _nothing),
    "M117": ("", _nothing),
    "M140": ("S", lambda machine, words: heat.bed(machine, words, wait=False)),
    "M190": ("S", lambda machine, words: heat.bed(machine, words, wait=True)),
    "M204": ("PRTS", limits.acceleration),
    "M220": ("S", limits.factor),
    "M221": ("S", limits.factor),
    "M400": ("", _nothing),
}  # fmt: skip

_MARLIN: dict[str, tuple[str, Handler]] = {
    "G28": ("XYZW", Machine.home),
    "M17": ("XYZE", _motors_on),
    "M18": ("XYZE", Machine.motors_off),
    "M84": ("XYZE", Machine.motors_off),
    "M109": ("SRT", lambda machine, words: heat.nozzle(machine, words, wait=True)),
    "M190": ("SR", lambda machine, words: heat.bed(machine, words, wait=True)),
    "M201": ("XYZE", limits.acceleration_limit),
    "M203": ("XYZE", limits.speed_limit),
    "M205": ("XYZESTBJ", limits.jerk),
    **{f"M862.{number}": ("", _nothing) for number in range(1, 7)},
}  # fmt: skip

_VELOCITY_WORDS = ("VELOCITY", "ACCEL", "ACCEL_TO_DECEL", "SQUARE_CORNER_VELOCITY")

_CODES: dict[Dialect, dict[str, tuple[str | tuple[str, ...], Handler]]] = {
    "marlin": {**_BOTH, **_MARLIN},
    "klipper": {
        **_BOTH,
        "SET_VELOCITY_LIMIT": (_VELOCITY_WORDS, limits.velocity_limit),
        "TURN_OFF_HEATERS": ((), heat.heaters_off),
    },
}


def follow(machine: Machine, command: Command) -> None:
    """Do one command; raises RefusedCommandError."""
    known = _CODES[machine.printer.dialect].get(command.code)
    if known is None:
        raise RefusedCommandError(f"{command.code} is not an allowed code")
    words, handler = known
    for word in command.words:
        if word not in words:
            raise RefusedCommandError(f"{command.code} takes no {word}")
    machine.line = command.line
    handler(machine, command.words)
