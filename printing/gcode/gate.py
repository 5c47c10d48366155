"""The gate: whether exactly these bytes may be printed, judged without trusting any slicer."""

import hashlib

import numpy as np

from fieldlab.core.errors import InputError
from fieldlab.core.messages import GateReport, Refusal
from printing.gcode.compare import compare
from printing.gcode.declared import declared_infill
from printing.gcode.machine import Machine
from printing.gcode.reader import read
from printing.profiles import profile

MAX_FILAMENT_MM = 400_000.0
MAX_DURATION_S = 7 * 86_400.0


def check(
    gcode: bytes,
    *,
    printer: str,
    material: str,
    stl: bytes | None = None,
    infill: float | None = None,
) -> GateReport:
    """Return whether a file is safe for a printer and a material, and is this part.

    Parameters
    ----------
    gcode
        The file, exactly as it would be sent.
    stl
        The part that it must be; without it only the machine's safety is judged.
    infill
        How full the part's inside must be, 0 to 1; without it what the file itself declares.

    Raises
    ------
    InputError
        If there is no such printer or material.
    """
    limits, filament = profile(printer, material)
    machine = Machine(printer=limits, material=filament)
    refusals = read(gcode, machine)
    if not refusals:
        refusals = _at_the_end(machine)
    if not refusals and stl is not None:
        refusals = _is_the_part(machine, stl, declared_infill(gcode) if infill is None else infill)
    return GateReport(
        sha256=hashlib.sha256(gcode).hexdigest(),
        ok=not refusals,
        refusals=tuple(refusals),
        duration_s=round(machine.duration_s, 3),
        volume_mm3=round(float(machine.lines()[:, 5].sum()) * filament.filament_mm2, 3),
        layers=len(np.unique(np.round(machine.lines()[:, 4], 4))),
    )


def _at_the_end(machine: Machine) -> list[Refusal]:
    found = []
    if not machine.printed:
        found.append("nothing is printed")
    if machine.nozzle_target_degc != 0.0:
        found.append("the nozzle is still heated at the end (M104 S0 is missing)")
    if machine.bed_target_degc != 0.0:
        found.append("the bed is still heated at the end (M140 S0 is missing)")
    if machine.motors_on:
        found.append("the motors are still on at the end (M84 is missing)")
    if machine.filament_mm > MAX_FILAMENT_MM:
        found.append(f"{machine.filament_mm / 1000:.0f} m of filament; at most 400")
    if machine.duration_s + machine.waited_s > MAX_DURATION_S:
        found.append(f"it takes {machine.duration_s / 86_400:.1f} days; at most 7")
    return [Refusal(line=0, reason=reason) for reason in found]


def _is_the_part(machine: Machine, stl: bytes, infill: float | None) -> list[Refusal]:
    try:
        found = compare(machine, stl, infill)
        return [Refusal(line=line, reason=reason) for line, reason in found]
    except InputError as error:
        return [Refusal(line=0, reason=str(error))]
