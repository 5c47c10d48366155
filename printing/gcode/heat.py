"""Heaters, fan and waiting."""

from printing.gcode.machine import Machine, Words, numbers
from printing.gcode.refused import RefusedCommandError

_MAX_WAIT_S = 120.0
_MAX_WAITS_S = 1800.0
_WARM_UP_S = 600.0  # what heating up may take at most, for the time budget


def nozzle(machine: Machine, words: Words, *, wait: bool) -> None:
    """Set the nozzle's target."""
    target = _temperature(words, wait=wait)
    top = min(machine.printer.max_nozzle_degc, machine.material.nozzle_window_degc[1])
    if not 0 <= target <= top:
        raise RefusedCommandError(
            f"nozzle at {target:g} degC; at most {top:g} for {machine.material.name}"
        )
    machine.nozzle_target_degc = target
    machine.nozzle_degc = target if wait else min(machine.nozzle_degc, target)
    machine.waited_s += _WARM_UP_S if wait else 0.0


def bed(machine: Machine, words: Words, *, wait: bool) -> None:
    """Set the bed's target."""
    target = _temperature(words, wait=wait)
    top = min(machine.printer.max_bed_degc, machine.material.bed_window_degc[1])
    if not 0 <= target <= top:
        raise RefusedCommandError(
            f"bed at {target:g} degC; at most {top:g} for {machine.material.name}"
        )
    machine.bed_target_degc = target
    machine.waited_s += _WARM_UP_S if wait else 0.0


def heaters_off(machine: Machine, words: Words) -> None:  # noqa: ARG001
    """Do what Klipper's TURN_OFF_HEATERS does."""
    machine.nozzle_target_degc = machine.bed_target_degc = machine.nozzle_degc = 0.0


def dwell(machine: Machine, words: Words) -> None:
    """Wait a bounded time, and not too often."""
    given = numbers(words)
    seconds = given.get("S", 0.0) + given.get("P", 0.0) / 1000
    if not 0 <= seconds <= _MAX_WAIT_S:
        raise RefusedCommandError(f"a wait of {seconds:g} s; at most {_MAX_WAIT_S:g}")
    machine.waited_s += seconds
    machine.dwelt_s += seconds
    if machine.dwelt_s > _MAX_WAITS_S:
        raise RefusedCommandError(f"waits of more than {_MAX_WAITS_S:g} s in all")


def fan(machine: Machine, words: Words) -> None:  # noqa: ARG001
    """Judge the fan's speed; another fan may only be switched off."""
    given = numbers(words)
    speed = given.get("S", 255.0)
    if not 0 <= speed <= 255 or (given.get("P", 0.0) != 0.0 and speed != 0.0):
        raise RefusedCommandError("a fan speed outside 0 to 255, or of another fan")


def _temperature(words: Words, *, wait: bool) -> float:
    given = numbers(words)
    if given.get("T", 0.0) != 0.0:
        raise RefusedCommandError("a second nozzle")
    target = given.get("S", given.get("R"))
    if target is None or ("S" in given and "R" in given):
        raise RefusedCommandError("a temperature needs one S or R")
    if wait and target == 0.0:
        raise RefusedCommandError("waiting for 0 degC never ends")
    return target
