"""What following a G-code file does: where the nozzle is when, and the part that comes out."""

import math
import re
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from fieldlab.core.errors import InputError
from fieldlab.core.gcode import Command, parse
from simulators.defects import Defect

Numbers = npt.NDArray[np.float64]

_HEATING_DEGCPS = 2.5
_DEFAULT_DENSITY_GPCM3 = 1.24  # PLA, when the slicer says nothing of its filament
_FILAMENT_MM2 = math.pi * 1.75**2 / 4
_SCALE_G = 0.005
_CALLIPER_MM = 0.02
# Spreads from print to print: filament of 1.75 +-0.02 mm, its density, and how much it shrinks.
_FILAMENT_RATIO, _DENSITY_RATIO, _SHRINKAGE_RATIO = 0.007, 0.004, 0.0007
_SIDES = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A followed file: time, x, y, z, filament, nozzle and bed after each move.

    Rows of `moves` are (time_s, x, y, z, pushed_mm, nozzle_degc, bed_degc).
    """

    moves: Numbers
    density_gpcm3: float
    _sizes: dict[float, dict[str, float]] = field(default_factory=dict)

    def sizes_mm(self, flow_ratio: float = 1.0) -> dict[str, float]:
        """Return height, outer sizes and bore of what is drawn with this share of the flow."""
        key = round(flow_ratio, 3)
        if key not in self._sizes:
            drawn = self.moves[1:, 4] > 0
            self._sizes[key] = _sizes(self.moves[:-1][drawn], self.moves[1:][drawn], key)
        return self._sizes[key]

    def position_mm(self, ratio: float) -> tuple[float, float, float]:
        """Return where the nozzle is when this share of the time is gone."""
        t_s = ratio * self.moves[-1, 0]
        x, y, z = (float(np.interp(t_s, self.moves[:, 0], self.moves[:, n])) for n in (1, 2, 3))
        return x, y, z

    def temperatures_degc(self, ratio: float) -> tuple[float, float]:
        """Return nozzle and bed when this share of the time is gone."""
        t_s = ratio * self.moves[-1, 0]
        nozzle, bed = (float(np.interp(t_s, self.moves[:, 0], self.moves[:, n])) for n in (5, 6))
        return nozzle, bed

    def layer(self, ratio: float) -> int:
        """Return how many layers were begun when this share of the time is gone."""
        t_s = ratio * self.moves[-1, 0]
        drawn = self.moves[(self.moves[:, 4] > 0) & (self.moves[:, 0] <= t_s)]
        return len(np.unique(np.round(drawn[:, 3], 3))) if len(drawn) else 0


@dataclass(slots=True, kw_only=True)
class _Head:
    """The print head while a file is followed."""

    at: dict[str, float] = field(default_factory=lambda: dict.fromkeys("XYZE", 0.0))
    feed_mmps: float = 30.0
    relative_e: bool = False
    nozzle_degc: float = 22.0
    bed_degc: float = 22.0
    t_s: float = 0.0
    moves: list[tuple[float, ...]] = field(default_factory=list)

    def do(self, command: Command) -> None:
        words = {name: value for name, value in command.words.items() if value is not None}
        match command.code:
            case "G0" | "G1" | "G2" | "G3":
                self._move(words)
            case "G28":
                self.at.update(dict.fromkeys(set("XYZ") & set(command.words) or "XYZ", 0.0))
            case "G92":
                self.at.update({name: words[name] for name in "XYZE" if name in words})
            case "M82" | "M83":
                self.relative_e = command.code == "M83"
            case "M104" | "M109" | "M140" | "M190":
                self._heat(command.code, words)
            case _:
                return

    def _move(self, words: dict[str, float]) -> None:
        self.feed_mmps = max(0.1, words.get("F", self.feed_mmps * 60) / 60)
        pushed = words.get("E", 0.0 if self.relative_e else self.at["E"])
        if not self.relative_e:
            pushed, self.at["E"] = pushed - self.at["E"], pushed
        target = {name: words.get(name, self.at[name]) for name in "XYZ"}
        away = math.dist([self.at[name] for name in "XYZ"], list(target.values()))
        self.at.update(target)
        self._pass(max(away, abs(pushed)) / self.feed_mmps, pushed if away else 0.0, pushed)

    def _heat(self, code: str, words: dict[str, float]) -> None:
        target = max(22.0, words.get("S", words.get("R", 22.0)))
        nozzle = code in ("M104", "M109")
        now = self.nozzle_degc if nozzle else self.bed_degc
        if nozzle:
            self.nozzle_degc = target
        else:
            self.bed_degc = target
        self._pass(abs(target - now) / _HEATING_DEGCPS if code in ("M109", "M190") else 0.0, 0, 0)

    def _pass(self, duration_s: float, drawn_mm: float, pushed_mm: float) -> None:
        self.t_s += duration_s
        at = self.at
        self.moves.append(
            (
                self.t_s,
                at["X"],
                at["Y"],
                at["Z"],
                drawn_mm,
                self.nozzle_degc,
                self.bed_degc,
                pushed_mm,
            )
        )


def follow(gcode: bytes) -> Trace:
    """Return what a file makes the printer do; raises InputError if it draws nothing."""
    text = gcode.decode("utf-8")
    head = _Head()
    head.moves.append((0.0, 0.0, 0.0, 0.0, 0.0, 22.0, 22.0, 0.0))
    for command in parse(text):
        head.do(command)
    moves = np.array(head.moves)
    if not (moves[:, 4] > 0).any():
        raise InputError("it draws nothing")
    density = re.search(r"^; *filament_density *= *([0-9.]{1,8})\s*$", text, re.MULTILINE)
    return Trace(
        moves=moves, density_gpcm3=float(density[1]) if density else _DEFAULT_DENSITY_GPCM3
    )


def measured(
    trace: Trace, rng: np.random.Generator, *, defect: Defect | None = None
) -> dict[str, float]:
    """Return the mass and sizes of what was printed, as a scale and a calliper read them.

    No two prints are the same: the filament's diameter and density, and the shrinkage, vary.
    """
    flaw = defect or Defect(kind="wrong-mass", size=0.0)
    moves = trace.moves
    late = moves[1:, 0] > flaw.at_ratio * moves[-1, 0]
    flow = np.where(late, 1.0 - flaw.size, 1.0)
    if flaw.kind not in ("under-extrusion", "jam"):
        flow[:] = 1.0
    pushed = moves[1:, 7] * flow
    if flaw.kind == "missing-layers":
        pushed = np.where(_gone(moves[1:], late, int(flaw.size)), 0.0, pushed)
    thickness = rng.normal(1.0, _FILAMENT_RATIO) * rng.normal(1.0, _DENSITY_RATIO)
    grams = float(pushed.sum()) * thickness * _FILAMENT_MM2 * trace.density_gpcm3 / 1000
    if flaw.kind == "wrong-mass":
        grams *= 1.0 - flaw.size
    sizes = _sizes_with(trace, flaw, float(np.mean(flow[moves[1:, 4] > 0])))
    shrunk = rng.normal(1.0, _SHRINKAGE_RATIO)
    noisy = {name: value * shrunk + float(rng.normal(0.0, _CALLIPER_MM))
             for name, value in sizes.items()}  # fmt: skip
    rounded = {name: round(value, 2) for name, value in noisy.items()}
    return {"mass_g": round(max(0.0, grams + float(rng.normal(0.0, _SCALE_G))), 3), **rounded}


def _gone(moves: Numbers, late: npt.NDArray[np.bool_], layers: int) -> npt.NDArray[np.bool_]:
    """Return which moves belong to the first layers after a time."""
    heights = np.unique(np.round(moves[late & (moves[:, 4] > 0), 3], 3))[:layers]
    return late & np.isin(np.round(moves[:, 3], 3), heights)


def _sizes_with(trace: Trace, flaw: Defect, flow_ratio: float) -> dict[str, float]:
    """Return the true sizes of a print with a defect; a calliper spans both halves of a shift."""
    drawn = trace.moves[1:, 4] > 0
    sizes = dict(trace.sizes_mm(flow_ratio)) if drawn.any() else {}
    grow = {"layer-shift": flaw.size, "warped": max(0.0, -flaw.size)}.get(flaw.kind, 0.0)
    for name in ("outer_mm", "outer_max_mm"):
        sizes[name] += grow
    if flaw.kind == "warped":
        sizes["height_mm"] += max(0.0, flaw.size)
        if "bore_mm" in sizes:
            sizes["bore_mm"] -= grow
    return sizes


def _sizes(start: Numbers, end: Numbers, flow_ratio: float) -> dict[str, float]:
    """Return height, outer diameter and bore from the lines that were drawn.

    Outer and bore are those of the layer in the middle of all layers' values, so a flange or a hub
    does not hide the body.
    """
    heights = np.unique(np.round(end[:, 3], 3))
    centre = (end[:, 1:3].min(axis=0) + end[:, 1:3].max(axis=0)) / 2
    outer, bore, below = [], [], 0.0
    for height in heights:
        here = np.abs(end[:, 3] - height) < 1e-3
        width = _line_mm(start[here], end[here], height - below) * flow_ratio
        below = height
        points = np.vstack([start[here, 1:3], end[here, 1:3]])
        outer.append(float(np.ptp(points, axis=0).max()) + width)
        inside = _inscribed_mm(start[here, 1:3] - centre, end[here, 1:3] - centre)
        if inside is not None:
            bore.append(2 * inside - width)
    sizes = {"height_mm": float(heights[-1]), "outer_mm": float(np.median(outer))}
    sizes["outer_max_mm"] = float(max(outer))
    if 2 * len(bore) > len(heights) and float(np.median(bore)) > 0.5:
        sizes["bore_mm"] = float(np.median(bore))
    return sizes


def _line_mm(start: Numbers, end: Numbers, height_mm: float) -> float:
    length = float(np.hypot(*(end[:, 1:3] - start[:, 1:3]).T).sum())
    return float(end[:, 4].sum()) * _FILAMENT_MM2 / max(1e-9, length * height_mm)


def _inscribed_mm(start: Numbers, end: Numbers) -> float | None:
    """Return how near the lines come to the centre, None if the centre is not inside a hole."""
    step = end - start
    length2 = np.maximum(1e-12, (step**2).sum(axis=1))
    share = np.clip(-(start * step).sum(axis=1) / length2, 0.0, 1.0)
    near = start + share[:, None] * step
    distance = np.hypot(near[:, 0], near[:, 1])
    sides = np.floor((np.arctan2(near[:, 1], near[:, 0]) / (2 * np.pi) % 1.0) * _SIDES / 10)
    if len(np.unique(sides[distance < 1.5 * distance.min() + 0.5])) < 8:
        return None
    return float(distance.min())
