"""Sizes and a material with which the replacement lasts longer than the part that failed."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from fieldlab.core.errors import PartError
from fieldlab.core.machine import PrintedPart
from fieldlab.core.messages import PartOrder, Reason
from partgen.compose import make
from partgen.engineering.life import Rule, life_gain, rule_of
from partgen.families import FAMILIES

STEP_MM = 0.5
LEAST_GAIN = 1.25  # when no target life is given, or the target was already met
MOST_GROWTH = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """The size that makes a family last longer, and how what it carries grows with it."""

    size: str
    power: float = 1.0
    word: str = "wide"


# Width, length and thickness carry in proportion; a plate in bending carries as its square.
LEVERS: dict[str, Lever] = {
    "spur_gear": Lever(size="width_mm"),
    "herringbone_gear": Lever(size="width_mm"),
    "flanged_bushing": Lever(size="length_mm", word="long"),
    "jaw_spider": Lever(size="thickness_mm", word="thick"),
    "impeller": Lever(size="blade_mm", power=2.0, word="thick"),
    "lever": Lever(size="thickness_mm", word="thick"),
    "tensioner_arm": Lever(size="thickness_mm", word="thick"),
    "wear_strip": Lever(size="thickness_mm", word="thick"),
    "pillow_block": Lever(size="wall_mm", power=2.0, word="thick"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way to make the replacement, and how its life compares; None when that is unknown."""

    material: str
    size: float | None
    gain: float | None


def redesign(  # noqa: PLR0913
    component: PrintedPart,
    *,
    machine_id: str,
    component_id: str,
    case_id: str,
    generation: int,
    failure_mode: str | None,
    life_h: float | None,
    load_ratio: float,
) -> PartOrder:
    """Return the order of a replacement for a part that lasted `life_h` under a load.

    `load_ratio` is the load to come over the load that was seen; 1 where it is not known.
    Sizes that other parts rely on stay as they are; the lever grows within the room of the
    machine file. The smallest change that reaches the target is taken, else what lasts longest.

    Raises
    ------
    PartError
        If the machine file's own sizes cannot be made.
    """
    rule = rule_of(failure_mode)
    options = tuple(_options(component, rule, load_ratio if load_ratio > 0 else 1.0))
    wanted = _wanted_gain(component.target_life_h, life_h)
    chosen = _choose(options, wanted, component.material)
    lever = LEVERS.get(component.family)
    sizes: dict[str, Any] = dict(component.sizes)
    if lever is not None and chosen.size is not None and chosen.size != options[0].size:
        sizes[lever.size] = chosen.size
    return PartOrder(
        family=component.family,
        material=chosen.material,
        sizes=sizes,
        machine_id=machine_id,
        component=component_id,
        case_id=case_id,
        generation=generation,
        reasons=(
            _said(options[0], chosen, lever),
            *_life_reasons(chosen, wanted, life_h, rule),
            *_rejected(component, options, chosen, wanted, lever),
        ),
    )


def _wanted_gain(target_h: float | None, life_h: float | None) -> float:
    if target_h is None or life_h is None or life_h <= 0:
        return LEAST_GAIN
    return max(target_h / life_h, LEAST_GAIN)


def _options(component: PrintedPart, rule: Rule, load_ratio: float) -> Iterator[Option]:
    """Yield what could be made, the part as it was first."""
    lever = LEVERS.get(component.family)
    old = make(component.family, component.sizes)
    start = float(getattr(old, lever.size)) if lever else None
    room = _room(component, old.box_mm)
    for material in dict.fromkeys((component.material, *component.materials)):
        for size in _grown(component, lever, start, room):
            power = lever.power if lever and rule == "strength" else 1.0
            growth = (size / start) ** power if start and size else 1.0
            gain = life_gain(
                rule,
                size_gain=growth,
                material=material,
                instead_of=component.material,
                load_ratio=load_ratio,
            )
            yield Option(material=material, size=size, gain=gain)


def _room(component: PrintedPart, box_mm: tuple[float, float, float]) -> tuple[float, float, float]:
    """Return the room of a new part: the machine file's, else that of the part it replaces."""
    wide, deep, high = component.space_mm or box_mm
    if component.max_width_mm is not None and component.space_mm is None:
        old = (
            component.sizes.get(LEVERS[component.family].size) if component.family in LEVERS else 0
        )
        high = box_mm[2] + max(component.max_width_mm - _plain(old), 0.0)
    return wide, deep, high


def _plain(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _grown(
    component: PrintedPart,
    lever: Lever | None,
    start: float | None,
    room: tuple[float, float, float],
) -> Iterator[float | None]:
    """Yield the lever's sizes that can be made and have room, the old one first."""
    yield start
    if lever is None or start is None or lever.size in FAMILIES[component.family].interfaces:
        return
    most = min(component.max_width_mm or np.inf, start * MOST_GROWTH)
    first = np.floor(start / STEP_MM + 1 + 1e-9) * STEP_MM
    for size in np.arange(first, most + 1e-9, STEP_MM):
        try:
            box = make(component.family, {**component.sizes, lever.size: float(size)}).box_mm
        except PartError:
            return
        if any(side > space + 1e-3 for side, space in zip(box, room, strict=True)):
            return
        yield round(float(size), 3)


def _choose(options: tuple[Option, ...], wanted: float, material: str) -> Option:
    """Return the least change that reaches the target, else what lasts longest."""
    judged = [option for option in options if option.gain is not None]
    enough = [option for option in judged if (option.gain or 0.0) >= wanted - 1e-9]
    if enough:
        return min(enough, key=lambda each: (each.material != material, each.size or 0.0))
    return max(judged, key=lambda each: (each.gain or 0.0, each.material == material))


def _said(old: Option, new: Option, lever: Lever | None) -> Reason:
    """Return the change in one sentence."""
    sized = old.size is not None and new.size != old.size and lever is not None
    numbers: dict[str, float | str] = {"old_material": old.material, "material": new.material}
    if sized and lever is not None:
        numbers |= {"size_mm": float(new.size or 0), "old_mm": float(old.size or 0)}
    swapped = new.material != old.material
    if sized and lever is not None:
        key = f"part-{'both' if swapped else 'size'}-{lever.word}"
    else:
        key = "part-material" if swapped else "part-same"
    return Reason(key=key, numbers=numbers)


def _life_reasons(
    chosen: Option, wanted: float, life_h: float | None, rule: Rule
) -> Iterator[Reason]:
    """Yield how long the new part is expected to last, and whether that is enough."""
    gain = chosen.gain or 1.0
    if life_h is not None and life_h > 0:
        yield Reason(
            key=f"part-life-{rule}",
            numbers={"old_h": float(life_h), "life_h": gain * life_h, "gain_ratio": gain},
        )
    else:
        yield Reason(key=f"part-gain-{rule}", numbers={"gain_ratio": gain})
    if gain < wanted - 1e-9:
        yield Reason(key="part-short", numbers={"gain_ratio": gain, "wanted_ratio": wanted})


def _rejected(
    component: PrintedPart,
    options: tuple[Option, ...],
    chosen: Option,
    wanted: float,
    lever: Lever | None,
) -> Iterator[Reason]:
    """Yield the options that were weighed and not taken, one reason for each material."""
    for material in dict.fromkeys(option.material for option in options):
        of_it = [option for option in options if option.material == material]
        if of_it[0].gain is None:
            yield Reason(key="part-rejected-unknown", numbers={"material": material})
        elif material != chosen.material:
            best = max(option.gain or 0.0 for option in of_it)
            key = "part-rejected-short" if best < wanted else "part-rejected-change"
            yield Reason(key=key, numbers={"material": material, "gain_ratio": best})
    sizes = sorted({option.size for option in options if option.size is not None})
    if lever is None:
        yield Reason(key="part-rejected-fixed", numbers={})
    elif len(sizes) == 1 and component.max_width_mm is None and component.space_mm is None:
        yield Reason(key="part-rejected-room", numbers={})
    elif any(low == chosen.size for low, _ in pairwise(sizes)):
        yield Reason(key="part-rejected-larger", numbers={"size_mm": sizes[-1]})
