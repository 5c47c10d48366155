"""Settings of the firmware that a file may change, each with the bounds in which it may."""

from printing.gcode.machine import Machine, Words, numbers
from printing.gcode.refused import RefusedCommandError

_SLOWEST_MMPS2 = 20.0
_FIRMWARE_MMPS2 = 10_000.0
_MOST_JERK_MMPS = 30.0
_MOST_OF_JERK = {"B": 50_000.0, "J": 1.0, "S": 10.0, "T": 10.0}


def acceleration(machine: Machine, words: Words) -> None:
    """Judge M204: how hard a move may start."""
    cap = machine.printer.max_acceleration_mmps2
    for word, value in numbers(words).items():
        if not _SLOWEST_MMPS2 <= value <= cap:
            raise RefusedCommandError(
                f"acceleration {word}{value:g}; {_SLOWEST_MMPS2:g} to {cap:g} mm/s2 are allowed"
            )


def acceleration_limit(machine: Machine, words: Words) -> None:  # noqa: ARG001
    """Judge M201, the firmware's own ceiling; what a move really uses is M204."""
    for word, value in numbers(words).items():
        if not _SLOWEST_MMPS2 <= value <= _FIRMWARE_MMPS2:
            raise RefusedCommandError(f"acceleration limit {word}{value:g} is not possible")


def speed_limit(machine: Machine, words: Words) -> None:  # noqa: ARG001
    """Judge M203, the firmware's own speed limits; no printer has more than 500 mm/s."""
    for word, value in numbers(words).items():
        if not (1 if word in "EZ" else 10) <= value <= 500:
            raise RefusedCommandError(f"speed limit {word}{value:g} is not possible")


def jerk(machine: Machine, words: Words) -> None:  # noqa: ARG001
    """Judge M205: jerks in mm/s, and what else it sets (https://marlinfw.org/docs/gcode/M205.html).

    B is a time in microseconds, J a deviation in mm, S and T are the slowest speeds in mm/s.
    """
    for word, value in numbers(words).items():
        if not 0 <= value <= _MOST_OF_JERK.get(word, _MOST_JERK_MMPS):
            raise RefusedCommandError(f"jerk {word}{value:g} is not possible")


def factor(machine: Machine, words: Words) -> None:  # noqa: ARG001
    """Accept only the factor 100 %: another one would change what was judged."""
    if numbers(words).get("S") != 100.0:
        raise RefusedCommandError("a speed or flow factor other than S100")


def velocity_limit(machine: Machine, words: Words) -> None:
    """Judge Klipper's SET_VELOCITY_LIMIT; to all of its options the same rules apply."""
    printer, given = machine.printer, numbers(words)
    most = {
        "VELOCITY": 500.0,
        "ACCEL": printer.max_acceleration_mmps2,
        "ACCEL_TO_DECEL": printer.max_acceleration_mmps2,
        "SQUARE_CORNER_VELOCITY": 20.0,
    }
    least = {"VELOCITY": 10.0, "ACCEL": _SLOWEST_MMPS2, "ACCEL_TO_DECEL": _SLOWEST_MMPS2}
    for word, value in given.items():
        if not least.get(word, 0.0) <= value <= most[word]:
            raise RefusedCommandError(f"{word}={value:g} is outside what this printer allows")
