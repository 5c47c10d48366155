"""What could be made instead: the sizes that may grow, within the room there is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fieldlab.core.errors import PartError
from fieldlab.core.machine import PrintedPart
from partgen.compose import make
from partgen.engineering.checks import Duty, safeties
from partgen.engineering.exposure import exposure
from partgen.engineering.life import Rule, life_gain
from partgen.families import FAMILIES
from partgen.families.family import Family
from partgen.proposal import Fitted, Option, Span

STEP_MM = 0.5
MOST_GROWTH = 3.0
Sizes = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """The size that makes a family last longer."""

    size: str
    word: str = "wide"


LEVERS: dict[str, Lever] = {
    "spur_gear": Lever(size="width_mm"),
    "herringbone_gear": Lever(size="width_mm"),
    "flanged_bushing": Lever(size="length_mm", word="long"),
    "jaw_spider": Lever(size="thickness_mm", word="thick"),
    "impeller": Lever(size="blade_mm", word="thick"),
    "lever": Lever(size="thickness_mm", word="thick"),
    "tensioner_arm": Lever(size="thickness_mm", word="thick"),
    "wear_strip": Lever(size="thickness_mm", word="thick"),
    "pillow_block": Lever(size="wall_mm", word="thick"),
}


def options(  # noqa: PLR0913
    spec: PrintedPart,
    fitted: Fitted,
    rule: Rule | None,
    *,
    grown: Sequence[Sizes],
    load_ratio: float,
    duty: Duty,
    life: Span | None,
) -> Iterator[Option]:
    """Yield what could be made of the sizes that have room, the part as it was first.

    Raises
    ------
    PartError
        If the part that failed cannot be made.
    """
    old = make(spec.family, fitted.sizes)
    for material in dict.fromkeys((fitted.material, spec.material, *spec.materials)):
        for changed in grown:
            new = make(spec.family, {**fitted.sizes, **changed})
            gain = None
            if rule is not None and (shape := _exposure_ratio(old, new, rule)) is not None:
                gain = life_gain(
                    rule, exposure_ratio=shape, material=material, instead_of=fitted.material,
                    load_ratio=load_ratio,
                )  # fmt: skip
            yield Option(
                material=material,
                sizes=changed,
                gain=gain,
                life=Span.of(life.band.times(gain)) if life and gain else None,
                safeties=safeties(new, material, duty),
            )


def _exposure_ratio(old: Family, new: Family, rule: Rule) -> float | None:
    """Return the new part's exposure over the old one's; equal parts need no law."""
    if old == new:
        return 1.0
    before, after = exposure(old, rule), exposure(new, rule)
    return None if before is None or after is None else after / before


def room_mm(spec: PrintedPart) -> tuple[float, float, float]:
    """Return the room of a new part: the machine file's, else that of the part it came with."""
    box = make(spec.family, spec.sizes).box_mm
    if spec.space_mm is not None:
        wide, deep, high = spec.space_mm
        return wide, deep, high
    wide, deep, high = box
    if spec.max_width_mm is not None:
        lever = lever_of(spec.family)
        old_mm = _now(make(spec.family, spec.sizes), lever) if lever else spec.max_width_mm
        high += max(spec.max_width_mm - old_mm, 0.0)
    return wide, deep, high


def lever_of(family: str) -> Lever | None:
    """Return the size of a family that may grow; None if other parts rely on all of them."""
    lever = LEVERS.get(family)
    fixed = lever is None or lever.size in FAMILIES[family].interfaces
    return None if fixed else lever


def most_mm(spec: PrintedPart, old: Family, grown: Sequence[Sizes]) -> float | None:
    """Return how large the lever may become, None where the machine file does not say."""
    lever = lever_of(spec.family)
    if lever is None or (spec.max_width_mm is None and spec.space_mm is None):
        return None
    return max((changed[lever.size] for changed in grown if changed), default=_now(old, lever))


def _now(part: Family, lever: Lever) -> float:
    return float(getattr(part, lever.size))


def grown_sizes(spec: PrintedPart, fitted: Fitted) -> Iterator[Sizes]:
    """Yield the sizes of the lever that can be made and have room, the old ones first."""
    yield {}
    lever = lever_of(spec.family)
    if lever is None:
        return
    room, start = room_mm(spec), _now(make(spec.family, fitted.sizes), lever)
    most = min(spec.max_width_mm or np.inf, start * MOST_GROWTH)
    first = np.floor(start / STEP_MM + 1 + 1e-9) * STEP_MM
    for size in np.arange(first, most + 1e-9, STEP_MM):
        changed = {lever.size: round(float(size), 3)}
        try:
            box = make(spec.family, {**fitted.sizes, **changed}).box_mm
        except PartError:
            return
        if any(side > space + 1e-3 for side, space in zip(box, room, strict=True)):
            return
        yield changed
