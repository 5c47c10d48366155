"""What a file makes a printer do: a small machine that follows every command and refuses the bad.

It shares no code with the slicers: a fault there must not hide itself here.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fieldlab.core.gcode import Command
from printing.profiles import MaterialProfile, PrinterProfile

Words = Mapping[str, float | None]

_ARC_STEP_RAD = math.radians(5.0)
_LONGEST_ARCS = 20_000
_MAX_WAIT_S = 120.0
_MAX_RETRACT_MM = 10.0
_MAX_BLOB_MM = 8.0
_LEVEL_MM = 1e-6
_WAIT_S = 600.0  # what heating up may take at most, for the time budget
_KNOWN_WORDS = {
    "G0": "XYZEF", "G1": "XYZEF", "G2": "XYZEFIJR", "G3": "XYZEFIJR", "G4": "PS", "G21": "",
    "G28": "XYZW", "G90": "", "G92": "E", "M17": "XYZE", "M18": "XYZE", "M73": "PRQS",
    "M82": "", "M83": "", "M84": "XYZE", "M104": "ST", "M106": "SP", "M107": "P", "M109": "SRT",
    "M110": "N", "M115": "", "M140": "S", "M190": "SR", "M201": "XYZE", "M203": "XYZE",
    "M204": "PRTS", "M205": "XYZESTBJ", "M220": "S", "M221": "S", "M400": "",
}  # fmt: skip


class RefusedCommandError(Exception):
    """The reason why a command is refused."""


@dataclass(slots=True, kw_only=True)
class Machine:
    """The state of a printer while it follows a file, and the lines that it drew."""

    printer: PrinterProfile
    material: MaterialProfile
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    e: float = 0.0
    feed_mmps: float = 0.0
    homed: set[str] = field(default_factory=set)
    absolute: bool = False
    extrusion: str = ""  # M82 or M83
    nozzle_target_degc: float = 0.0
    nozzle_degc: float = 0.0
    bed_target_degc: float = 0.0
    motors_on: bool = False
    top_mm: float = 0.0
    step_from_mm: float = 0.0
    pulled_mm: float = 0.0
    filament_mm: float = 0.0
    duration_s: float = 0.0
    segments: list[tuple[float, float, float, float, float, float]] = field(default_factory=list)

    def follow(self, command: Command) -> None:
        """Do one command; raises RefusedCommandError."""
        known = _KNOWN_WORDS.get(command.code)
        if known is None:
            raise RefusedCommandError(f"{command.code} is not an allowed code")
        for word in command.words:
            if word not in known:
                raise RefusedCommandError(f"{command.code} takes no {word}")
        handler = _HANDLERS.get(command.code)
        if handler is not None:
            handler(self, command.words)

    # ------------------------------------------------------------------------------------ motion

    def move(self, words: Words) -> None:
        """Follow a straight line."""
        numbers = _numbers(words)
        self._set_feed(numbers)
        target = self._target(numbers)
        pushed = self._pushed_mm(numbers)
        start = (self.x, self.y, self.z)
        if target == start and pushed == 0.0:
            return
        if target != start:
            self._may_move()
            self._inside(*target)
        self._draw(target, pushed, math.dist(start, target))

    def arc(self, words: Words, *, clockwise: bool) -> None:
        """Follow an arc as short straight lines, each inside the bed."""
        numbers = _numbers(words)
        self._set_feed(numbers)
        target = self._target(numbers)
        pushed = self._pushed_mm(numbers)
        self._may_move()
        if target[2] != self.z and pushed > 0:
            raise RefusedCommandError("an arc that rises while it extrudes")
        points = _arc_points((self.x, self.y), target[:2], numbers, clockwise=clockwise)
        if len(self.segments) > _LONGEST_ARCS * 100:
            raise RefusedCommandError("more arcs than a part can have")
        steps, z = len(points), self.z
        self._inside(*target)
        for number, (x, y) in enumerate(points, 1):
            here = (x, y, z + (target[2] - z) * number / steps)
            self._inside(*here)
            self._draw(here, pushed / steps, math.dist((self.x, self.y, self.z), here))

    def _set_feed(self, numbers: Mapping[str, float]) -> None:
        feed = numbers.get("F")
        if feed is None:
            return
        if feed <= 0:
            raise RefusedCommandError(f"feed F{feed:g} must be more than 0")
        if feed / 60 > self.printer.max_feed_mmps * 1.001:
            raise RefusedCommandError(
                f"feed {feed / 60:.0f} mm/s; at most {self.printer.max_feed_mmps:.0f}"
            )
        self.feed_mmps = feed / 60

    def _target(self, numbers: Mapping[str, float]) -> tuple[float, float, float]:
        return (numbers.get("X", self.x), numbers.get("Y", self.y), numbers.get("Z", self.z))

    def _pushed_mm(self, numbers: Mapping[str, float]) -> float:
        """Return the filament that a move pushes (or pulls, negative)."""
        if "E" not in numbers:
            return 0.0
        if not self.extrusion:
            raise RefusedCommandError("extrusion before M82 or M83 says how E is meant")
        if self.extrusion == "M83":
            return numbers["E"]
        pushed = numbers["E"] - self.e
        self.e = numbers["E"]
        return pushed

    def _may_move(self) -> None:
        if not self.absolute:
            raise RefusedCommandError("a move before G90")
        missing = {"X", "Y", "Z"} - self.homed
        if missing:
            raise RefusedCommandError(
                f"a move before G28 (not homed: {', '.join(sorted(missing))})"
            )
        if self.feed_mmps == 0.0:
            raise RefusedCommandError("a move before any feed F")
        self.motors_on = True

    def _inside(self, x: float, y: float, z: float) -> None:
        printer = self.printer
        if not (0 <= x <= printer.bed_x_mm and 0 <= y <= printer.bed_y_mm):
            raise RefusedCommandError(
                f"X{x:.2f} Y{y:.2f} is off the bed ({printer.bed_x_mm:g} x {printer.bed_y_mm:g} mm)"
            )
        if not 0 <= z <= printer.height_mm:
            raise RefusedCommandError(f"Z{z:.2f} is outside 0 to {printer.height_mm:g} mm")
        if z < self.top_mm - 0.01 and (x, y) != (self.x, self.y):
            raise RefusedCommandError(f"Z{z:.2f} is below the {self.top_mm:.2f} mm already printed")

    def _draw(self, target: tuple[float, float, float], pushed: float, away: float) -> None:
        x, y, z = target
        flat = math.hypot(x - self.x, y - self.y)
        if self.feed_mmps == 0.0:
            raise RefusedCommandError("a move before any feed F")
        self.duration_s += max(away, abs(pushed)) / self.feed_mmps
        if pushed:
            self.motors_on = True
            self._may_push()
            if pushed > 0 and flat > 0:
                self._line(target, pushed, flat)
            else:
                self._push(pushed, away)
        self.filament_mm += pushed
        self.x, self.y, self.z = x, y, z

    # --------------------------------------------------------------------------------- extrusion

    def _may_push(self) -> None:
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

    def _line(self, target: tuple[float, float, float], pushed: float, flat: float) -> None:
        x, y, z = target
        if abs(z - self.z) > _LEVEL_MM:
            raise RefusedCommandError("a move that rises while it extrudes")
        self._may_lay(z)
        area = pushed * self.material.filament_mm2 / flat
        flow = area * self.feed_mmps
        cap = min(self.printer.max_flow_mm3ps, self.material.max_flow_mm3ps)
        if flow > cap * 1.02 and pushed > 1e-4:
            raise RefusedCommandError(f"flow {flow:.1f} mm3/s; at most {cap:g}")
        if area > (2.5 * self.printer.nozzle_mm) ** 2 and pushed > 1e-3:
            raise RefusedCommandError(f"a line of {area:.2f} mm2 is too thick for this nozzle")
        if self.pulled_mm > 0.05:
            raise RefusedCommandError(
                f"extrusion while {self.pulled_mm:.2f} mm of filament is pulled back"
            )
        self.pulled_mm = 0.0
        self.segments.append((self.x, self.y, x, y, z, pushed))

    def _may_lay(self, z: float) -> None:
        if z < 0.05:
            raise RefusedCommandError(f"extrusion at Z{z:.3f}; the nozzle would scrape the bed")
        if z > self.top_mm + 1e-4:
            step = z - self.top_mm
            if step > 0.9 * self.printer.nozzle_mm:
                raise RefusedCommandError(
                    f"a layer {step:.2f} mm above the last one prints in the air"
                )
            self.top_mm = z

    def _push(self, pushed: float, away: float) -> None:
        """Judge filament that moves while the nozzle stands still or lifts."""
        speed = abs(pushed) * self.feed_mmps / max(abs(pushed), away)
        if speed > self.printer.max_filament_mmps:
            raise RefusedCommandError(
                f"filament at {speed:.0f} mm/s; at most {self.printer.max_filament_mmps:g}"
            )
        self.pulled_mm -= pushed
        if self.pulled_mm > _MAX_RETRACT_MM:
            raise RefusedCommandError(
                f"{self.pulled_mm:.1f} mm of filament pulled back; at most 10"
            )
        if self.pulled_mm < -_MAX_BLOB_MM:
            raise RefusedCommandError(
                f"{-self.pulled_mm:.1f} mm of filament pushed out on one spot; at most 8"
            )
        if pushed > 0 and abs(self.pulled_mm) < 1e-6:
            self.pulled_mm = 0.0

    # -------------------------------------------------------------------------- heat and the rest

    def home(self, words: Words) -> None:
        """Home all axes, or those named; not down into a part."""
        axes = {axis for axis in "XYZ" if axis in words} or {"X", "Y", "Z"}
        if self.segments and "Z" in axes:
            raise RefusedCommandError("homing Z onto the part")
        self.homed |= axes
        self.motors_on = True
        self.x = 0.0 if "X" in axes else self.x
        self.y = 0.0 if "Y" in axes else self.y
        self.z = 0.0 if "Z" in axes else self.z

    def set_origin(self, words: Words) -> None:
        """Accept G92 for E only."""
        if words.get("E") is None:
            raise RefusedCommandError("G92 may set E and nothing else")
        self.e = words["E"] or 0.0

    def nozzle(self, words: Words, *, wait: bool) -> None:
        """Set the nozzle's target."""
        target = _temperature(words, wait=wait)
        top = min(self.printer.max_nozzle_degc, self.material.nozzle_window_degc[1])
        if not 0 <= target <= top:
            raise RefusedCommandError(
                f"nozzle at {target:g} degC; at most {top:g} for {self.material.name}"
            )
        self.nozzle_target_degc = target
        self.nozzle_degc = target if wait else min(self.nozzle_degc, target)
        self.duration_s += _WAIT_S if wait else 0.0

    def bed(self, words: Words, *, wait: bool) -> None:
        """Set the bed's target."""
        target = _temperature(words, wait=wait)
        top = min(self.printer.max_bed_degc, self.material.bed_window_degc[1])
        if not 0 <= target <= top:
            raise RefusedCommandError(
                f"bed at {target:g} degC; at most {top:g} for {self.material.name}"
            )
        self.bed_target_degc = target
        self.duration_s += _WAIT_S if wait else 0.0

    def motors_off(self, words: Words) -> None:
        """Switch the motors off; where the nozzle is, is then unknown."""
        if not words or {"X", "Y"} <= set(words):
            self.motors_on = False
        self.homed.clear()

    def dwell(self, words: Words) -> None:
        """Wait a bounded time."""
        numbers = _numbers(words)
        seconds = numbers.get("S", 0.0) + numbers.get("P", 0.0) / 1000
        if not 0 <= seconds <= _MAX_WAIT_S:
            raise RefusedCommandError(f"a wait of {seconds:g} s; at most {_MAX_WAIT_S:g}")
        self.duration_s += seconds

    def fan(self, words: Words) -> None:
        """Judge the fan's speed."""
        if not 0 <= _numbers(words).get("S", 255.0) <= 255:
            raise RefusedCommandError("a fan speed outside 0 to 255")

    def acceleration(self, words: Words) -> None:
        """Judge M201 and M204; the axes X and Y may not exceed the printer's acceleration."""
        cap = self.printer.max_acceleration_mmps2
        for word, value in _numbers(words).items():
            if word not in "EZ" and not 0 < value <= cap:
                raise RefusedCommandError(
                    f"acceleration {word}{value:g}; more than 0, at most {cap:g} mm/s2"
                )
            if word in "EZ" and not 0 < value <= 10_000:
                raise RefusedCommandError(f"acceleration {word}{value:g} is not possible")

    def speed_limit(self, words: Words) -> None:
        """Judge M203 and M205, the firmware's own limits; no printer has more than 500 mm/s."""
        for word, value in _numbers(words).items():
            if not 0 <= value <= 500:
                raise RefusedCommandError(f"limit {word}{value:g} is outside 0 to 500")

    def factor(self, words: Words) -> None:
        """Accept only the factor 100 %: another one would change what was judged."""
        if _numbers(words).get("S") != 100.0:
            raise RefusedCommandError("a speed or flow factor other than S100")

    def set_absolute(self, words: Words) -> None:  # noqa: ARG002
        """Note that G90 was said."""
        self.absolute = True


def _numbers(words: Words) -> dict[str, float]:
    numbers: dict[str, float] = {}
    for word, value in words.items():
        if value is None:
            raise RefusedCommandError(f"{word} without a number")
        numbers[word] = value
    return numbers


def _temperature(words: Words, *, wait: bool) -> float:
    numbers = _numbers(words)
    if numbers.get("T", 0.0) != 0.0:
        raise RefusedCommandError("a second nozzle")
    target = numbers.get("S", numbers.get("R"))
    if target is None or ("S" in numbers and "R" in numbers):
        raise RefusedCommandError("a temperature needs one S or R")
    if wait and target == 0.0:
        raise RefusedCommandError("waiting for 0 degC never ends")
    return target


def _arc_points(
    start: tuple[float, float],
    end: tuple[float, float],
    numbers: Mapping[str, float],
    *,
    clockwise: bool,
) -> list[tuple[float, float]]:
    """Return points along an arc, 5 degrees apart at most, with the quarter points, end last."""
    centre = _centre(start, end, numbers, clockwise=clockwise)
    radius = math.dist(start, centre)
    if not 0.0 < radius <= 1000.0:
        raise RefusedCommandError(f"an arc of radius {radius:g} mm")
    if abs(math.dist(end, centre) - radius) > max(0.05, 0.002 * radius):
        raise RefusedCommandError("an arc whose end is not on its circle")
    first = math.atan2(start[1] - centre[1], start[0] - centre[0])
    last = math.atan2(end[1] - centre[1], end[0] - centre[0])
    turn = (first - last) if clockwise else (last - first)
    turn %= 2 * math.pi
    turn = 2 * math.pi if turn < 1e-9 else turn
    steps = max(1, math.ceil(turn / _ARC_STEP_RAD))
    sign = -1.0 if clockwise else 1.0
    angles = [first + sign * turn * number / steps for number in range(1, steps)]
    quarters = [math.pi / 2 * number for number in range(-4, 5)]
    angles += [q for q in quarters if 0 < (sign * (q - first)) % (2 * math.pi) < turn]
    angles.sort(key=lambda angle: (sign * (angle - first)) % (2 * math.pi))
    points = [(centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in angles]
    return [*points, end]


def _centre(
    start: tuple[float, float],
    end: tuple[float, float],
    numbers: Mapping[str, float],
    *,
    clockwise: bool,
) -> tuple[float, float]:
    if "R" not in numbers:
        if "I" not in numbers and "J" not in numbers:
            raise RefusedCommandError("an arc without I, J or R")
        return start[0] + numbers.get("I", 0.0), start[1] + numbers.get("J", 0.0)
    if "I" in numbers or "J" in numbers:
        raise RefusedCommandError("an arc with both a centre and a radius")
    radius, chord = numbers["R"], math.dist(start, end)
    if chord == 0.0 or abs(radius) < chord / 2:
        raise RefusedCommandError("an arc whose radius does not reach its end")
    height = math.sqrt(radius * radius - chord * chord / 4)
    side = 1.0 if clockwise == (radius > 0) else -1.0
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    unit = ((end[0] - start[0]) / chord, (end[1] - start[1]) / chord)
    return middle[0] + side * height * unit[1], middle[1] - side * height * unit[0]


Handler = Callable[[Machine, Words], None]


def _extrusion_mode(mode: str) -> Handler:
    def set_mode(machine: Machine, words: Words) -> None:  # noqa: ARG001
        if machine.extrusion and machine.extrusion != mode and machine.segments:
            raise RefusedCommandError("M82 and M83 change places in the middle of a print")
        machine.extrusion = mode

    return set_mode


_HANDLERS: dict[str, Handler] = {
    "G0": Machine.move,
    "G1": Machine.move,
    "G2": lambda machine, words: machine.arc(words, clockwise=True),
    "G3": lambda machine, words: machine.arc(words, clockwise=False),
    "G4": Machine.dwell,
    "G28": Machine.home,
    "G90": Machine.set_absolute,
    "G92": Machine.set_origin,
    "M18": Machine.motors_off,
    "M82": _extrusion_mode("M82"),
    "M83": _extrusion_mode("M83"),
    "M84": Machine.motors_off,
    "M104": lambda machine, words: machine.nozzle(words, wait=False),
    "M106": Machine.fan,
    "M109": lambda machine, words: machine.nozzle(words, wait=True),
    "M140": lambda machine, words: machine.bed(words, wait=False),
    "M190": lambda machine, words: machine.bed(words, wait=True),
    "M201": Machine.acceleration,
    "M203": Machine.speed_limit,
    "M204": Machine.acceleration,
    "M205": Machine.speed_limit,
    "M220": Machine.factor,
    "M221": Machine.factor,
}
