"""PrusaSlicer as a subprocess with limits of time and memory; judged by what it wrote."""

import contextlib
import hashlib
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from fieldlab.core.errors import SliceError
from fieldlab.core.messages import Sliced
from printing.profiles import MaterialProfile, PrinterProfile, QualityProfile, profile, quality

# SuperSlicer is a fork with the same command line.
_NAMES = ("prusa-slicer", "PrusaSlicer", "prusa-slicer-console", "superslicer")
_LEAST_LINES = 20
_UNIT_S = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}
_LARGEST_FILE = 512 * 1024 * 1024
_LIFT = "G1 Z{min(max_layer_z + 10, max_print_height)} F600"
_SAID = 200


def is_installed() -> bool:
    """Return whether there is a PrusaSlicer on this machine."""
    return any(shutil.which(name) for name in _NAMES)


class PrusaSlicer:
    """Slices with an installed PrusaSlicer (fieldlab.core.ports.Slicer).

    `program` is the path or name of the program; found by itself when None. It may use this many
    seconds and megabytes of memory, files and threads included; then it and its children are ended.
    """

    def __init__(
        self,
        quality_profile: QualityProfile | None = None,
        *,
        program: str | None = None,
        timeout_s: float = 120.0,
        memory_mb: int = 4096,
    ) -> None:
        found = program or next((name for name in _NAMES if shutil.which(name)), None)
        if found is None:
            raise SliceError("PrusaSlicer is not installed; use the embedded slicer")
        self._program = found
        self._quality = quality_profile or quality("normal")
        self._timeout_s = timeout_s
        self._memory = memory_mb * 1024 * 1024

    def slice(self, stl: bytes, *, printer: str, material: str) -> Sliced:
        """Return G-code for a mesh; raises SliceError if it fails, hangs or is empty."""
        machine, filament = profile(printer, material)
        ini = configuration(machine, filament, self._quality)
        with tempfile.TemporaryDirectory(prefix="slice-") as folder:
            place = Path(folder)
            (place / "part.stl").write_bytes(stl)
            (place / "profile.ini").write_text(ini, encoding="utf-8")
            self._run(place)
            output = place / "part.gcode"
            gcode = output.read_bytes() if output.exists() else b""
        return _sliced(gcode, filament)

    def _run(self, place: Path) -> None:
        command = [
            self._program, "--export-gcode", "--load", "profile.ini",
            "--output", "part.gcode", "part.stl",
        ]  # fmt: skip
        said = place / "said.txt"
        try:
            with said.open("wb") as pipe:
                process = subprocess.Popen(  # noqa: S603 - a fixed program and names that we made
                    command, cwd=place, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe,
                    process_group=0,
                )  # fmt: skip
        except OSError as error:
            raise SliceError(f"PrusaSlicer does not start: {error.strerror}") from error
        self._limit(process.pid)
        try:
            code = process.wait(self._timeout_s)
        except subprocess.TimeoutExpired as error:
            raise SliceError(f"PrusaSlicer took more than {self._timeout_s:g} s") from error
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if code != 0:
            raise SliceError(f"PrusaSlicer failed: {_last_words(said) or code}")

    def _limit(self, pid: int) -> None:
        """Bound what the program may take, where the system can (Linux)."""
        if not hasattr(resource, "prlimit"):
            return
        with contextlib.suppress(ProcessLookupError):  # it has ended already
            resource.prlimit(pid, resource.RLIMIT_AS, (self._memory, self._memory))
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))


def _last_words(said: Path) -> str:
    lines = said.read_bytes()[-4096:].decode("utf-8", "replace").split("\n")
    words = [line.strip() for line in lines if line.strip()]
    return words[-1][:_SAID] if words else ""


def configuration(
    machine: PrinterProfile, filament: MaterialProfile, chosen: QualityProfile
) -> str:
    """Return the same profiles in PrusaSlicer's own words."""
    x, y = f"{machine.bed_x_mm:g}", f"{machine.bed_y_mm:g}"
    sparse = chosen.infill < 1.0
    flow = min(machine.max_flow_mm3ps, filament.max_flow_mm3ps)
    heat = ("M190 S[first_layer_bed_temperature]", "M109 S[first_layer_temperature]")
    options = {
        "bed_shape": f"0x0,{x}x0,{x}x{y},0x{y}",
        "max_print_height": machine.height_mm,
        "nozzle_diameter": machine.nozzle_mm,
        "gcode_flavor": "marlin2" if machine.dialect == "marlin" else "klipper",
        "machine_limits_usage": "ignore",
        "use_relative_e_distances": 1,
        "before_layer_gcode": "G92 E0",
        "layer_height": chosen.layer_mm,
        "first_layer_height": chosen.layer_mm,
        "perimeters": chosen.walls,
        "perimeter_generator": "classic",
        "infill_overlap": "20%",  # 25 % fills small parts by 5 % too much, 15 % leaves rings open
        "top_solid_layers": chosen.skins,
        "bottom_solid_layers": chosen.skins,
        "fill_density": f"{100 * chosen.infill:g}%",
        "fill_pattern": "gyroid" if sparse and chosen.pattern == "gyroid" else "rectilinear",
        "skirts": chosen.skirts,
        "brim_width": chosen.brim_mm,
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
        "end_gcode": "\\n".join((_LIFT, *machine.end)),
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
