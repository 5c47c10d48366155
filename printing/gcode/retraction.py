"""Filament that the firmware itself pulls back (G10) and gives back (G11), as it is set to."""

from printing.gcode.machine import Machine, Words
from printing.gcode.refused import RefusedCommandError


def pull_back(machine: Machine, words: Words) -> None:  # noqa: ARG001
    """Follow G10: until G11 no filament may move."""
    machine.may_push()
    machine.pulled_back = True


def push_forth(machine: Machine, words: Words) -> None:  # noqa: ARG001
    """Follow G11, which takes a G10 back."""
    if not machine.pulled_back:
        raise RefusedCommandError("G11 without G10")
    machine.pulled_back = False
    machine.may_push()
