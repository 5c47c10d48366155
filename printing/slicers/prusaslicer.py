"""PrusaSlicer as a subprocess with a time limit; its output is judged by its content."""

import hashlib
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from fieldlab.core.errors import SliceError
from fieldlab.core.messages import Sliced
from printing.profiles import MaterialProfile, PrinterProfile, profile

_NAMES = ("prusa-slicer", "PrusaSlicer", "prusa-slicer-console")
_LEAST_LINES = 20
_UNIT_S = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}


class PrusaSlicer:
    """Slices with an installed PrusaSlicer (fieldlab.core.ports.Slicer).

    `program` is the path or name of the program; found by itself when None.
    """

    def __init__(self, *, program: str | None = None, timeout_s: float = 120.0) -> None:
        found = program or next((name for name in _NAMES if shutil.which(name)), None)
        if found is None:
            raise SliceError("PrusaSlicer is not installed; use the embedded slicer")
        self._program = found
        self._timeout_s = timeout_s

    def slice(self, stl: bytes, *, printer: str, material: str) -> Sliced:
        """Return G-code for a mesh; raises SliceError if it fails, hangs or is empty."""
        machine, filament = profile(printer, material)
        with tempfile.TemporaryDirectory(prefix="slice-") as folder:
            place = Path(folder)
            (place / "part.stl").write_bytes(stl)
            (place / "profile.ini").write_text(configuration(machine, filament), encoding="utf-8")
            self._run(place)
            output = place / "part.gcode"
            gcode = output.read_bytes() if output.exists() else b""
        return _sliced(gcode, filament)

    def _run(self, place: Path) -> None:
        command = [
            self._program, "--export-gcode", "--load", str(place / "profile.ini"),
            "--output", str(place / "part.gcode"), str(place / "part.stl"),
        ]  # fmt: skip
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program and paths that we made
                command, cwd=place, capture_output=True, timeout=self._timeout_s, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise SliceError(f"PrusaSlicer took more than {self._timeout_s:g} s") from error
        except OSError as error:
            raise SliceError(f"PrusaSlicer does not start: {error.strerror}") from error
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise SliceError(f"PrusaSlicer failed: {said[-1][:200] if said else done.returncode}")


def configuration(machine: PrinterProfile, filament: MaterialProfile) -> str:
    """Return the same profile in PrusaSlicer's own words."""
    x, y = f"{machine.bed_x_mm:g}", f"{machine.bed_y_mm:g}"
    flow = min(machine.max_flow_mm3ps, filament.max_flow_mm3ps)
    heat = ("M190 S[first_layer_bed_temperature]", "M109 S[first_layer_temperature]")
    options = {
        "bed_shape": f"0x0,{x}x0,{x}x{y},0x{y}",
        "max_print_height": machine.height_mm,
        "nozzle_diameter": machine.nozzle_mm,
        "gcode_flavor": "marlin2",
        "machine_limits_usage": "ignore",
        "use_relative_e_distances": 1,
        "layer_height": machine.layer_mm,
        "first_layer_height": machine.layer_mm,
        "perimeters": 2,
        "fill_density": "100%",
        "fill_pattern": "rectilinear",
        "skirts": 0,
        "brim_width": 0,
        "support_material": 0,
        "filament_type": filament.name,
        "filament_diameter": filament.filament_mm,
        "filament_density": filament.density_gpcm3,
        "filament_max_volumetric_speed": 0.95 * flow,
        "temperature": filament.nozzle_degc,
        "first_layer_temperature": filament.nozzle_degc,
        "bed_temperature": filament.bed_degc,
        "first_layer_bed_temperature": filament.bed_degc,
        "perimeter_speed": filament.speed_mmps,
        "external_perimeter_speed": filament.outer_speed_mmps,
        "infill_speed": filament.speed_mmps,
        "solid_infill_speed": filament.speed_mmps,
        "first_layer_speed": filament.first_layer_speed_mmps,
        "travel_speed": machine.travel_mmps,
        "retract_length": filament.retract_mm,
        "retract_speed": filament.retract_mmps,
        "slowdown_below_layer_time": filament.min_layer_s,
        "default_acceleration": machine.acceleration_mmps2,
        "start_gcode": "\\n".join((*machine.start, "G28", *heat)),
        "end_gcode": "\\n".join(machine.end),
    }
    return "".join(f"{name} = {value}\n" for name, value in options.items())


def _sliced(gcode: bytes, filament: MaterialProfile) -> Sliced:
    text = gcode.decode("utf-8", "replace")
    used = re.search(r"^; filament used \[mm\] = ([0-9.]+)", text, re.MULTILINE)
    layers = text.count(";LAYER_CHANGE")
    length = float(used[1]) if used else 0.0
    if text.count("\n") < _LEAST_LINES or length <= 0.0 or layers == 0:
        raise SliceError("PrusaSlicer wrote nothing that can be printed")
    said = re.search(r"^; estimated printing time \(normal mode\) = (.+)$", text, re.MULTILINE)
    parts = re.findall(r"(\d+)([dhms])", said[1]) if said else []
    return Sliced(
        gcode=gcode,
        sha256=hashlib.sha256(gcode).hexdigest(),
        slicer="prusaslicer",
        duration_s=sum(float(number) * _UNIT_S[unit] for number, unit in parts),
        filament_mm=length,
        mass_g=round(length * filament.filament_mm2 * filament.density_gpcm3 / 1000, 4),
        layers=layers,
    )
