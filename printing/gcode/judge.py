"""One drawn layer beside one section of the part."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.ndimage import binary_fill_holes

from printing.gcode.ends import loose_ends
from printing.gcode.raster import Grid, Numbers, Raster, box_of, grown

LEAST_IOU = 0.93
_LEAST_IOU_OF_BRIDGES = 0.90
_NEAR_MM = 0.25
_HAIR_MM = 0.1  # what rounding may leave open between two lines
_EDGE_MM2 = 0.3
_SHIFT_MM = 0.15
_STRAY_MM2 = 0.5
_LAYER_RATIO = 0.08
_NARROW_LAYER_RATIO = 0.20  # PrusaSlicer's lines of variable width fill a wall of 2 mm so much
_NARROW_RATIO = 0.1
_LAYER_MM2 = 1.0  # small sections are known less well
_GAP_MM2 = 0.5
_GAP_RATIO = 0.002
_SOLID_RATIO = 0.93
_WIDE_MM = 0.5  # between the lines of a sparse infill there is more room than this
_WIDE_MM2 = 1.0
_SLOTS_RATIO = 0.15
FULL_SHARE = 0.6  # no slicer's sparse infill is fuller
_MIXED_SHARE = 0.25
_LOOSE_ENDS = 4
_LOOSE_RATIO = 0.02
_SKIN_MM2 = 2.0
_WIDTHS_MM = (0.02, 1.2)


@dataclass(frozen=True, slots=True)
class Ask:
    """The lines of a layer (n, 4) as drawn, their volumes in mm³, and how high the layer is.

    It `bridges` where there is not much below it. `solid` says that nothing of it may be open
    inside, `skin` where nothing may because there is air above or below it.
    """

    lines: Numbers
    volume_mm3: Numbers
    height_mm: float
    nozzle_mm: float
    first: bool = False
    bridges: bool = False
    solid: bool = False
    skin: Grid | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is wrong with a layer, what it needs, at least and at most, and what it has."""

    reasons: tuple[str, ...]
    wanted_mm3: float = 0.0
    most_mm3: float = 0.0
    drawn_mm3: float = 0.0
    width_mm: float = 0.0
    iou: float = 0.0
    sparse: bool = False
    covered: float = 0.0  # the share of the section under lines of one width
    share: float = 1.0  # the same, of what is deeper inside than the walls
    core_mm2: float = 0.0  # how much that is
    bridges: bool = False


class Target:
    """A section of the part, and what follows from it for a layer."""

    def __init__(self, section: Grid, raster: Raster) -> None:
        self.section = section
        self.raster = raster
        self.area_mm2 = float(section.sum()) * raster.pixel_mm2
        self._reach = _NEAR_MM / raster.pixel_mm

    def px(self, size_mm: float) -> float:
        """Return a size in pixels."""
        return size_mm / self.raster.pixel_mm

    def grown(self, grid: Grid) -> Grid:
        """Return a grid grown by what may be off."""
        return grown(grid, self._reach)

    @cached_property
    def allowed(self) -> Grid:
        """Return where lines may be."""
        return self.grown(self.section)

    @cached_property
    def allowed_first(self) -> Grid:
        """Return where lines of the first layer may be: a brim stands outside, never in a bore."""
        hole: Grid = binary_fill_holes(self.section) & ~self.section
        return self.allowed | ~hole

    @cached_property
    def own(self) -> Grid:
        """Return where the middle of a line must be to be one of the part's, not of a brim."""
        return grown(self.section, 1)

    @cached_property
    def rim(self) -> Grid:
        """Return the part's edge, from the inside."""
        return self.section & self.grown(~self.section)

    def core(self, depth_mm: float) -> Grid:
        """Return what is deeper inside than this."""
        return self.section & ~grown(~self.section, self.px(depth_mm))

    def mm2(self, grid: Grid) -> float:
        """Return the area of a grid."""
        return float(np.count_nonzero(grid)) * self.raster.pixel_mm2


def judge_layer(ask: Ask, target: Target) -> Found:
    """Return what is wrong with one layer, the volume it needs and the volume it got."""
    lines, volume = ask.lines, ask.volume_mm3
    if target.area_mm2 == 0.0:
        return Found(reasons=("lines are drawn where the part has nothing",))
    if ask.first:
        own = target.own[target.raster.pixel_of((lines[:, 0:2] + lines[:, 2:4]) / 2)]
        around, lines, volume = lines[~own], lines[own], volume[own]
        if not len(lines):
            return Found(reasons=("nothing is drawn where the part is",))
    length = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])
    width = np.clip(volume / (length * ask.height_mm), *_WIDTHS_MM)
    typical = weighted_median(width, length)
    line_mm = float(np.clip(typical, 1.05 * ask.nozzle_mm, 2.0 * ask.nozzle_mm))
    drawn = target.raster.drawn(lines, width)
    nominal = target.raster.drawn(lines, np.full(len(lines), line_mm))
    everything = drawn
    if ask.first and len(around):
        everything = drawn | target.raster.drawn(around, np.full(len(around), line_mm))
    inside = _inside(nominal, target, line_mm, solid=ask.solid)
    wanted = target.area_mm2 * ask.height_mm
    if inside.sparse:
        wanted *= inside.covered
    most = wanted
    if inside.sparse and inside.share < FULL_SHARE:  # where lines cross they are there twice
        twice = target.raster.crossed_mm2(lines, np.full(len(lines), line_mm), inside.core)
        most += twice * ask.height_mm
    iou = target.mm2(drawn & target.section) / target.mm2(drawn | target.section)
    reasons = [
        *_outside(everything, target, first=ask.first),
        *_missing(nominal, inside, target, line_mm),
        *_shifted(drawn, target),
        *_amount(float(volume.sum()) / np.array([wanted, most]), inside, target, ask),
        *_gaps(inside, target),
    ]
    if inside.sparse:
        reasons += [*_loose(lines, nominal, target), *_open_skin(inside, ask.skin, target)]
    else:
        reasons += _unlike(iou, _LEAST_IOU_OF_BRIDGES if ask.bridges else LEAST_IOU)
    return Found(
        reasons=tuple(reasons),
        wanted_mm3=wanted,
        most_mm3=max(most, float(volume.sum())) if ask.bridges else most,
        drawn_mm3=float(volume.sum()),
        width_mm=typical,
        iou=iou,
        sparse=inside.sparse,
        covered=inside.covered,
        share=inside.share,
        core_mm2=inside.core_mm2,
        bridges=ask.bridges,
    )


@dataclass(frozen=True, slots=True)
class _Inside:
    """How full a layer is: what lines cover, what stays open between them, and what of it is wide.

    A sparse infill leaves wide holes; a line that is missing leaves a slot.
    """

    covered: float
    share: float
    core: Grid
    core_mm2: float
    open_mm2: float
    wide: Grid
    wide_mm2: float
    solid: bool

    @property
    def sparse(self) -> bool:
        """Return whether it may be meant to be open inside."""
        return not self.solid and (self.covered < _SOLID_RATIO or self.wide_mm2 > _WIDE_MM2)


def _inside(nominal: Grid, target: Target, line_mm: float, *, solid: bool) -> _Inside:
    between = target.section & ~grown(nominal, target.px(_HAIR_MM))
    middles = ~grown(~between, target.px(_WIDE_MM / 2))
    wide = between & grown(middles, target.px(_WIDE_MM / 2))
    core = target.core(3 * line_mm)
    return _Inside(
        covered=target.mm2(nominal & target.section) / target.area_mm2,
        share=target.mm2(nominal & core) / target.mm2(core) if core.any() else 1.0,
        core=core,
        core_mm2=target.mm2(core),
        open_mm2=target.mm2(between),
        wide=wide,
        wide_mm2=target.mm2(wide),
        solid=solid,
    )


def _outside(drawn: Grid, target: Target, *, first: bool) -> list[str]:
    """Return what is drawn where the part is not."""
    allowed = target.allowed_first if first else target.allowed
    outside = target.mm2(drawn & ~allowed)
    if outside <= _STRAY_MM2:
        return []
    return [f"{outside:.1f} mm2 is drawn outside the part (a closed bore, a shift)"]


def _missing(nominal: Grid, inside: _Inside, target: Target, line_mm: float) -> list[str]:
    """Return what of the part is not drawn."""
    reasons = []
    missing = target.mm2(target.rim & ~grown(nominal, target.px(_HAIR_MM)))
    if missing > _EDGE_MM2:
        reasons.append(f"{missing:.1f} mm2 along the part's edge is not drawn (a missing tooth)")
    # Where a layer is sparse in one place and solid in another, its share tells of neither.
    share = min(inside.share, _MIXED_SHARE) if inside.sparse else inside.share
    reach_mm = 1.2 * line_mm / max(0.05, share) + _NEAR_MM
    void = target.mm2(target.section & ~grown(nominal, target.px(reach_mm)))
    if void > _STRAY_MM2:
        reasons.append(f"a hole of {void:.1f} mm2 or more where the part is solid")
    return reasons


def _shifted(drawn: Grid, target: Target) -> list[str]:
    """Return whether the layer stands beside its place, though it has the right size."""
    off = (box_of(drawn) - box_of(target.section)) * target.raster.pixel_mm
    for name, low, high in (("Y", off[0], off[1]), ("X", off[2], off[3])):
        if abs(low + high) / 2 > _SHIFT_MM and abs(high - low) < 2 * _SHIFT_MM:
            return [f"it stands {(low + high) / 2:+.2f} mm beside its place along {name}"]
    return []


def _amount(ratios: Numbers, inside: _Inside, target: Target, ask: Ask) -> list[str]:
    """Return whether a layer holds too little of the least that it needs, or too much of the most.

    Over a gap slicers lay round threads as thick as the nozzle, side by side.
    """
    small = _LAYER_MM2 / target.area_mm2
    narrow = inside.core_mm2 < _NARROW_RATIO * target.area_mm2
    more = _NARROW_LAYER_RATIO if narrow else _LAYER_RATIO
    if ask.bridges:
        more = max(more, np.pi / 4 * ask.nozzle_mm / ask.height_mm - 1)
    least, most = (ratios - 1).tolist()
    if least < -_LAYER_RATIO - small or most > more + small:
        return [f"{ratios[0]:.0%} of the volume that it needs"]
    return []


def _gaps(inside: _Inside, target: Target) -> list[str]:
    """Return whether a layer that is filled leaves lines out."""
    narrow = inside.wide_mm2 <= _SLOTS_RATIO * inside.open_mm2 and inside.share > FULL_SHARE
    most = _GAP_MM2 + _GAP_RATIO * target.area_mm2
    if inside.open_mm2 > most and (narrow or not inside.sparse):
        return [f"{inside.open_mm2:.1f} mm2 between the lines is open (lines are missing)"]
    return []


def _loose(lines: Numbers, nominal: Grid, target: Target) -> list[str]:
    """Return whether lines of a sparse infill break off before they meet anything."""
    ends, loose = loose_ends(lines, nominal, target.section, target.raster)
    if loose > _LOOSE_ENDS + _LOOSE_RATIO * ends:
        return [f"{loose} ends of lines lie loose in the open (lines are interrupted)"]
    return []


def _open_skin(inside: _Inside, skin: Grid | None, target: Target) -> list[str]:
    """Return whether a layer is open where it is the part's own face."""
    bare = 0.0 if skin is None else target.mm2(inside.wide & skin)
    if bare > _SKIN_MM2:
        return [f"{bare:.1f} mm2 of the part's face is open (a top or bottom is not filled)"]
    return []


def _unlike(iou: float, least: float) -> list[str]:
    """Return whether a filled layer has another silhouette."""
    if iou < least:
        return [f"silhouette agrees to {iou:.1%}; {least:.0%} is needed"]
    return []


def weighted_median(values: Numbers, weights: Numbers) -> float:
    """Return the value below which half of the weight lies."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])
