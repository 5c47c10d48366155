"""The gate: whether exactly these bytes may be printed, judged without trusting any slicer."""

import hashlib
import math

from fieldlab.core.errors import InputError
from fieldlab.core.gcode import Command, GcodeError, parse_line
from fieldlab.core.messages import GateReport, Refusal
from printing.gcode.compare import compare, filled_mm3
from printing.gcode.machine import Machine, RefusedCommandError
from printing.profiles import profile

MAX_BYTES = 128 * 1024 * 1024
MAX_LINES = 4_000_000
MAX_REFUSALS = 20
MAX_FILAMENT_MM = 400_000.0
MAX_DURATION_S = 7 * 86_400.0


def check(gcode: bytes, *, printer: str, material: str, stl: bytes | None = None) -> GateReport:
    """Return whether a file is safe for a printer and a material, and is this part.

    Parameters
    ----------
    gcode
        The file, exactly as it would be sent.
    stl
        The part that it must be; without it only the machine's safety is judged.

    Raises
    ------
    InputError
        If there is no such printer or material.
    """
    limits, filament = profile(printer, material)
    machine = Machine(printer=limits, material=filament)
    refusals = _follow(gcode, machine)
    if not refusals:
        refusals = _at_the_end(machine)
    if not refusals and stl is not None:
        refusals = _is_the_part(machine, stl)
    return GateReport(
        sha256=hashlib.sha256(gcode).hexdigest(),
        ok=not refusals,
        refusals=tuple(refusals),
        duration_s=round(machine.duration_s, 3),
        volume_mm3=round(filled_mm3(machine), 3),
        layers=len({round(segment[4], 4) for segment in machine.segments}),
    )


def _follow(gcode: bytes, machine: Machine) -> list[Refusal]:
    if len(gcode) > MAX_BYTES:
        return [Refusal(line=0, reason=f"{len(gcode)} bytes; at most {MAX_BYTES}")]
    lines = _lines(gcode)
    if lines is None:
        return [Refusal(line=0, reason="not a text file")]
    if len(lines) > MAX_LINES:
        return [Refusal(line=0, reason=f"{len(lines)} lines; at most {MAX_LINES}")]
    refusals: list[Refusal] = []
    last = None
    for number, raw in enumerate(lines, 1):
        try:
            command = parse_line(raw, number)
            if command is None:
                continue
            last = _in_sequence(command, last)
            machine.follow(command)
        except (GcodeError, RefusedCommandError) as error:
            refusals.append(Refusal(line=number, reason=str(error)))
            if len(refusals) >= MAX_REFUSALS:
                break
    return refusals


def _lines(gcode: bytes) -> list[str] | None:
    """Return the lines; only CR and LF end a line, as in a printer."""
    if b"\0" in gcode:
        return None
    try:
        text = gcode.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _in_sequence(command: Command, last: int | None) -> int | None:
    """Return the line number that the next one must follow; raises RefusedCommandError."""
    sequence = command.sequence
    if sequence is None:
        return last
    if command.code != "M110" and last is not None and sequence != last + 1:
        raise RefusedCommandError(f"line number N{sequence} after N{last}")
    return sequence


def _at_the_end(machine: Machine) -> list[Refusal]:
    found = []
    if not machine.segments:
        found.append("nothing is printed")
    if machine.nozzle_target_degc != 0.0:
        found.append("the nozzle is still heated at the end (M104 S0 is missing)")
    if machine.bed_target_degc != 0.0:
        found.append("the bed is still heated at the end (M140 S0 is missing)")
    if machine.motors_on:
        found.append("the motors are still on at the end (M84 is missing)")
    if machine.filament_mm > MAX_FILAMENT_MM:
        found.append(f"{machine.filament_mm / 1000:.0f} m of filament; at most 400")
    if not math.isfinite(machine.duration_s) or machine.duration_s > MAX_DURATION_S:
        found.append(f"it takes {machine.duration_s / 86_400:.1f} days; at most 7")
    return [Refusal(line=0, reason=reason) for reason in found]


def _is_the_part(machine: Machine, stl: bytes) -> list[Refusal]:
    try:
        return [Refusal(line=0, reason=reason) for reason in compare(machine, stl)]
    except InputError as error:
        return [Refusal(line=0, reason=str(error))]
