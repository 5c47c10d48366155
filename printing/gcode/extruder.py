"""The hot end of a printer: how hot it is, and what its filament may do."""

from dataclasses import dataclass

from printing.gcode.refused import RefusedCommandError
from printing.profiles import MaterialProfile, PrinterProfile

_MAX_RETRACT_MM = 10.0
_MAX_PRIME_MM = 8.0  # on one spot before the first line
_MAX_BLOB_MM = 0.5  # on one spot of the part
_BACK_MM = 0.05
_ROUNDING_MM = 2e-3


@dataclass(slots=True, kw_only=True)
class Extruder:
    """Nozzle, bed and filament while a file is followed; each method raises RefusedCommandError.

    `pulled_mm` is what was pulled back and not given back; below zero it was pushed out on a spot.
    """

    printer: PrinterProfile
    material: MaterialProfile
    nozzle_target_degc: float = 0.0
    nozzle_degc: float = 0.0
    bed_target_degc: float = 0.0
    pulled_mm: float = 0.0
    pulled_back: bool = False  # by the firmware itself (G10)
    blobs_mm: float = 0.0
    filament_mm: float = 0.0

    def may_push(self) -> None:
        """Demand that nozzle and bed are hot as the material needs it."""
        if self.pulled_back:
            raise RefusedCommandError("filament moves after G10 without G11")
        low, high = self.material.nozzle_window_degc
        if not low <= self.nozzle_degc <= high:
            raise RefusedCommandError(
                f"cold extrusion: the nozzle is at {self.nozzle_degc:g} degC, "
                f"{self.material.name} needs {low:g} to {high:g}"
            )
        low, high = self.material.bed_window_degc
        if not low <= self.bed_target_degc <= high:
            raise RefusedCommandError(
                f"bed at {self.bed_target_degc:g} degC; "
                f"{self.material.name} needs {low:g} to {high:g}"
            )

    def flow_cap_mm3ps(self) -> float:
        """Return how much can be molten."""
        return 1.02 * min(self.printer.max_flow_mm3ps, self.material.max_flow_mm3ps)

    def largest_area_mm2(self) -> float:
        """Return the thickest line that a nozzle can lay."""
        return float((2.5 * self.printer.nozzle_mm) ** 2)

    def judge_line(self, pushed_mm: float, length_mm: float, feed_mmps: float) -> None:
        """Judge how thick a line is and how fast it is laid."""
        area = pushed_mm * self.material.filament_mm2 / length_mm
        flow = area * feed_mmps
        if flow > self.flow_cap_mm3ps() and pushed_mm > 1e-4:
            raise RefusedCommandError(
                f"flow {flow:.1f} mm3/s; at most {self.flow_cap_mm3ps() / 1.02:g}"
            )
        if area > self.largest_area_mm2() and pushed_mm > 1e-3:
            raise RefusedCommandError(f"a line of {area:.2f} mm2 is too thick for this nozzle")

    def begin_line(self, *, printed: bool) -> None:
        """Judge what was pulled back, or pushed out on the spot, before a line begins."""
        if self.pulled_mm > _BACK_MM:
            raise RefusedCommandError(
                f"extrusion while {self.pulled_mm:.2f} mm of filament is pulled back"
            )
        if self.pulled_mm < 0 and printed:
            self.blobs_mm -= self.pulled_mm
        if self.pulled_mm < _ROUNDING_MM:
            self.pulled_mm = 0.0

    def push(self, pushed_mm: float, speed_mmps: float, *, printed: bool) -> None:
        """Judge filament that moves while the nozzle stands still or lifts."""
        if speed_mmps > self.printer.max_filament_mmps:
            raise RefusedCommandError(
                f"filament at {speed_mmps:.0f} mm/s; at most {self.printer.max_filament_mmps:g}"
            )
        self.pulled_mm -= pushed_mm
        if self.pulled_mm > _MAX_RETRACT_MM:
            raise RefusedCommandError(
                f"{self.pulled_mm:.1f} mm of filament pulled back; at most {_MAX_RETRACT_MM:g}"
            )
        most = _MAX_BLOB_MM if printed else _MAX_PRIME_MM
        if self.pulled_mm < -most:
            raise RefusedCommandError(
                f"{-self.pulled_mm:.1f} mm of filament pushed out on one spot; at most {most:g}"
            )
