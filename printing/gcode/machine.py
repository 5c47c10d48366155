"""What a file makes a printer do: a small machine that follows every move and refuses the bad.

It shares no code with the slicers: a fault there must not hide itself here.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from printing.gcode.arcs import arc_points
from printing.gcode.extruder import Extruder
from printing.gcode.lowdown import KeepOut, purge_strip
from printing.gcode.refused import RefusedCommandError

Words = Mapping[str, float | None]
Numbers = npt.NDArray[np.float64]
Place = tuple[float, float, float]

MAX_ARC_LINES = 2_000_000
_SLOWEST_MMPS = 0.5
_LARGEST_E_MM = 100_000.0  # beyond it a firmware's 32-bit numbers lose the filament's hundredths
_LEVEL_MM = 1e-6
_LOW_MM = 0.01


@dataclass(slots=True, kw_only=True)
class Machine(Extruder):
    """The state of a printer while it follows a file, and the lines that it drew.

    `segments` and `blocks` hold x0, y0, x1, y1, z, pushed filament in mm, and the file's line.
    """

    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    e: float = 0.0
    line: int = 0
    feed_mmps: float = 0.0
    homed: set[str] = field(default_factory=set)
    absolute: bool = False
    extrusion: str = ""  # M82 or M83
    mixed: bool = False  # it changed in the middle of a print
    motors_on: bool = False
    top_mm: float = 0.0
    keep_out: KeepOut | None = None
    duration_s: float = 0.0
    waited_s: float = 0.0
    dwelt_s: float = 0.0
    segments: list[tuple[float, ...]] = field(default_factory=list)
    blocks: list[Numbers] = field(default_factory=list)

    @property
    def printed(self) -> bool:
        """Return whether a line was drawn."""
        return bool(self.segments or self.blocks)

    def lines(self) -> Numbers:
        """Return all lines that were drawn, in the order of the file, as (n, 7)."""
        if not self.segments and len(self.blocks) == 1:
            return self.blocks[0]
        drawn = np.vstack([np.array(self.segments).reshape(-1, 7), *self.blocks])
        self.segments, self.blocks = [], [drawn[np.argsort(drawn[:, 6], kind="stable")]]
        return self.blocks[0]

    # ------------------------------------------------------------------------------------ motion

    def move(self, words: Words) -> None:
        """Follow a straight line."""
        given = numbers(words)
        self._set_feed(given)
        target = self._target(given)
        pushed = self._pushed_mm(given)
        start = (self.x, self.y, self.z)
        if target == start and pushed == 0.0:
            return
        if target != start:
            self._may_move(target)
            self._inside(*target)
        self._draw(target, pushed, math.dist(start, target))

    def arc(self, words: Words, *, clockwise: bool) -> None:
        """Follow an arc as short straight lines, each inside the bed."""
        given = numbers(words)
        self._set_feed(given)
        target = self._target(given)
        pushed = self._pushed_mm(given)
        if not self.absolute:
            raise RefusedCommandError("an arc before G90")
        self._may_move(target)
        if target[2] != self.z and pushed > 0:
            raise RefusedCommandError("an arc that rises while it extrudes")
        points = arc_points((self.x, self.y), target[:2], given, clockwise=clockwise)
        if len(self.segments) > MAX_ARC_LINES:
            raise RefusedCommandError("more arcs than a part can have")
        steps, z = len(points), self.z
        self._inside(*target)
        for number, (x, y) in enumerate(points, 1):
            here = (x, y, z + (target[2] - z) * number / steps)
            self._inside(*here)
            self._draw(here, pushed / steps, math.dist((self.x, self.y, self.z), here))

    def _set_feed(self, given: Mapping[str, float]) -> None:
        feed = given.get("F")
        if feed is None:
            return
        if feed / 60 < _SLOWEST_MMPS:
            raise RefusedCommandError(f"feed F{feed:g} is slower than {60 * _SLOWEST_MMPS:g}")
        if feed / 60 > self.printer.max_feed_mmps * 1.001:
            raise RefusedCommandError(
                f"feed {feed / 60:.0f} mm/s; at most {self.printer.max_feed_mmps:.0f}"
            )
        self.feed_mmps = feed / 60

    def _target(self, given: Mapping[str, float]) -> Place:
        return (given.get("X", self.x), given.get("Y", self.y), given.get("Z", self.z))

    def _pushed_mm(self, given: Mapping[str, float]) -> float:
        """Return the filament that a move pushes (or pulls, negative)."""
        if "E" not in given:
            return 0.0
        if not self.extrusion:
            raise RefusedCommandError("extrusion before M82 or M83 says how E is meant")
        if self.mixed:
            raise RefusedCommandError("M82 and M83 change places in the middle of a print")
        pushed = given["E"] - (self.e if self.extrusion == "M82" else 0.0)
        self._set_e(self.e + pushed if self.extrusion == "M83" else given["E"])
        return pushed

    def _set_e(self, e_mm: float) -> None:
        if abs(e_mm) > _LARGEST_E_MM and self.extrusion != "M83":
            raise RefusedCommandError(f"E{e_mm:g}; a printer counts exactly to {_LARGEST_E_MM:g}")
        self.e = e_mm

    def _may_move(self, target: Place) -> None:
        if not self.absolute:
            # Straight after homing a move is the same whether it is meant relative or absolute.
            start = (self.x, self.y, self.z)
            if any(a not in (b, 0.0) for a, b in zip(start, target, strict=True)):
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
        if z < self.top_mm - _LOW_MM:
            self.keep_out = self._purged(z)
            self.top_mm = 0.0
        if self.keep_out is not None and self.keep_out.hit((self.x, self.y), (x, y), z):
            raise RefusedCommandError(f"Z{z:.2f} is below lines that were already printed there")

    def _purged(self, z: float) -> KeepOut:
        """Return where the nozzle may not go, if all that was printed is a purge line."""
        strip = None
        if self.keep_out is None and not self.blocks:
            strip = purge_strip(self.segments, (self.printer.bed_x_mm, self.printer.bed_y_mm))
        if strip is None:
            raise RefusedCommandError(f"Z{z:.2f} is below the {self.top_mm:.2f} mm already printed")
        return strip

    def _draw(self, target: Place, pushed: float, away: float) -> None:
        x, y, z = target
        flat = math.hypot(x - self.x, y - self.y)
        if self.feed_mmps == 0.0:
            raise RefusedCommandError("a move before any feed F")
        self.duration_s += max(away, abs(pushed)) / self.feed_mmps
        if pushed:
            self.motors_on = True
            self.may_push()
            if pushed > 0 and flat > 0:
                self._line(target, pushed, flat)
            else:
                speed_mmps = abs(pushed) * self.feed_mmps / max(abs(pushed), away)
                self.push(pushed, speed_mmps, printed=self.printed)
        self.filament_mm += pushed
        self.x, self.y, self.z = x, y, z

    # --------------------------------------------------------------------------------- extrusion

    def _line(self, target: Place, pushed: float, flat: float) -> None:
        x, y, z = target
        if abs(z - self.z) > _LEVEL_MM:
            raise RefusedCommandError("a move that rises while it extrudes")
        self.may_lay(z)
        self.judge_line(pushed, flat, self.feed_mmps)
        self.segments.append((self.x, self.y, x, y, z, pushed, self.line))

    def may_lay(self, z: float) -> None:
        """Judge a line at a height, after what was pulled back; raises RefusedCommandError."""
        if z < 0.05:
            raise RefusedCommandError(f"extrusion at Z{z:.3f}; the nozzle would scrape the bed")
        if z > self.top_mm + 1e-4:
            step = z - self.top_mm
            if step > 0.9 * self.printer.nozzle_mm:
                raise RefusedCommandError(
                    f"a layer {step:.2f} mm above the last one prints in the air"
                )
            self.top_mm = z
        self.begin_line(printed=self.printed)

    # ----------------------------------------------------------------------------------- origins

    def home(self, words: Words) -> None:
        """Home all axes, or those named; not down into a part."""
        axes = {axis for axis in "XYZ" if axis in words} or {"X", "Y", "Z"}
        if self.printed and "Z" in axes:
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
        if abs(self.e) > _LARGEST_E_MM:
            raise RefusedCommandError(f"G92 E{self.e:g}; at most {_LARGEST_E_MM:g}")

    def set_extrusion(self, mode: str) -> None:
        """Say how E is meant: `M82` absolute, `M83` relative."""
        self.mixed |= self.printed and self.extrusion != mode
        self.extrusion = mode

    def motors_off(self, words: Words) -> None:
        """Switch the motors off; where the nozzle is, is then unknown."""
        if not words or {"X", "Y"} <= set(words):
            self.motors_on = False
        self.homed.clear()


def numbers(words: Words) -> dict[str, float]:
    """Return the words of which each has a number; raises RefusedCommandError."""
    given: dict[str, float] = {}
    for word, value in words.items():
        if value is None:
            raise RefusedCommandError(f"{word} without a number")
        given[word] = value
    return given
