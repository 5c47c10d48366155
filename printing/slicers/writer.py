"""Layers to a file: start, heat, fan, progress, end, and the notes that other programs read."""

import math
from dataclasses import dataclass, field

from printing.profiles import MaterialProfile, PrinterProfile
from printing.slicers.strokes import Strokes
from printing.slicers.travel import Island

_PRIME_MM = 2.0
_PARK_MM = 5.0
_LIFT_MM = 10.0
_HEAT_S = 120.0  # what homing, heating and priming take, about

Point = tuple[float, float]


@dataclass(slots=True, kw_only=True)
class Writer:
    """Collects the layers of one print and what they cost.

    A layer that was drawn before from the same place is written again, not drawn again.
    """

    printer: PrinterProfile
    material: MaterialProfile
    filament_mm: float = 0.0
    _drawn_s: float = 0.0
    _layers: list[tuple[str, float]] = field(default_factory=list)
    _at: Point = (_PARK_MM, _PARK_MM)
    _known: dict[tuple[object, ...], Strokes] = field(default_factory=dict)

    @property
    def layers(self) -> int:
        """Return how many layers were written."""
        return len(self._layers)

    @property
    def duration_s(self) -> float:
        """Return what printing takes, with priming and parking, without heating."""
        prime_s = 1.7 * _PARK_MM / 50.0 + _PRIME_MM / 5.0
        pulls_s = (_PRIME_MM + self.material.retract_mm) / self.material.retract_mmps
        away_mm = math.hypot(self._at[0] - _PARK_MM, self._at[1] - self.printer.bed_y_mm + _PARK_MM)
        return self._drawn_s + prime_s + pulls_s + _LIFT_MM / 10.0 + away_mm / 100.0

    def layer(self, z_mm: float, height_mm: float, islands: list[Island]) -> None:
        """Write the next layer; equal layers are the same list."""
        number = len(self._layers)
        key = (id(islands), self._at, number == 0)
        strokes = self._known.get(key)
        if strokes is None:
            strokes = Strokes(
                printer=self.printer,
                material=self.material,
                height_mm=height_mm,
                first=number == 0,
                at=self._at,
            )
            strokes.draw(islands)
            self._known[key] = strokes
        head = [
            ";LAYER_CHANGE",
            f";Z:{z_mm:.3f}",
            f";HEIGHT:{height_mm:.3f}",
            f"G0 Z{z_mm:.3f} F600",
        ]
        if number == 1 and self.material.fan_ratio > 0:
            head.append(f"M106 S{round(255 * self.material.fan_ratio)}")
        seconds = strokes.duration_s + height_mm / 10.0
        self._layers.append(("\n".join([*head, *strokes.text]), seconds))
        self._at = strokes.at
        self.filament_mm += strokes.filament_mm
        self._drawn_s += seconds

    def bytes(self, notes: list[str]) -> bytes:
        """Return the file; `notes` are comments at its beginning."""
        total_s = self.duration_s + _HEAT_S
        gone_s = _HEAT_S
        lines = [*(f"; {note}" for note in notes), *self._start()]
        for text, seconds in self._layers:
            lines.append(f"M73 P{100 * gone_s / total_s:.0f} R{(total_s - gone_s) / 60:.0f}")
            lines.append(text)
            gone_s += seconds
        lines += self._end()
        return ("\n".join(lines) + "\n").encode("ascii")

    def _start(self) -> list[str]:
        """Heat, home and prime; the filament ends pulled back."""
        material, printer = self.material, self.printer
        limits = [f"M204 S{printer.acceleration_mmps2:g}"]
        if printer.dialect == "marlin":
            limits.append(f"M205 X{printer.jerk_mmps:g} Y{printer.jerk_mmps:g}")
        else:
            limits.append(f"SET_VELOCITY_LIMIT SQUARE_CORNER_VELOCITY={printer.jerk_mmps:g}")
        return [
            *printer.start,
            f"M140 S{material.bed_degc:g}",
            f"M104 S{material.nozzle_degc:g}",
            "G28",
            *limits,
            "M107",
            f"G0 X{_PARK_MM:g} Y{_PARK_MM:g} Z{_PARK_MM:g} F3000",
            f"M190 S{material.bed_degc:g}",
            f"M109 S{material.nozzle_degc:g}",
            "G92 E0",
            f"G1 E{_PRIME_MM:g} F300",
            f"G1 E-{material.retract_mm:g} F{material.retract_mmps * 60:g}",
        ]

    def _end(self) -> list[str]:
        """Lift, park, cool down and switch the motors off."""
        z_mm = float(self._layers[-1][0].split(";Z:", 1)[1].split("\n", 1)[0])
        return [
            f"G1 E-{_PRIME_MM:g} F{self.material.retract_mmps * 60:g}",
            f"G0 Z{min(self.printer.height_mm, z_mm + _LIFT_MM):.3f} F600",
            f"G0 X{_PARK_MM:g} Y{self.printer.bed_y_mm - _PARK_MM:g} F6000",
            *self.printer.end,
        ]
