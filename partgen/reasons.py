"""Why a part is made as it is, as reasons: what was seen, what changes, what that gives."""

from collections.abc import Iterator
from dataclasses import dataclass

from fieldlab.core.machine import PrintedPart
from fieldlab.core.messages import Reason
from partgen.engineering.gears import WEAR_LIMIT_MODULES
from partgen.engineering.life import NEEDS, Rule, exponent
from partgen.engineering.materials import known
from partgen.families.family import Family
from partgen.families.herringbone_gear import HerringboneGear
from partgen.families.jaw_spider import JawSpider
from partgen.families.spur_gear import SpurGear
from partgen.options import Lever
from partgen.proposal import Fitted, Option, Rejected, Seen, Span

Numbers = dict[str, float | str]
CARRY_TORQUE = (SpurGear, HerringboneGear, JawSpider)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All that a redesign knows when it explains itself."""

    component: str
    spec: PrintedPart
    fitted: Fitted
    seen: Seen
    life: Span | None
    chosen: Option
    wanted: float
    rule: Rule | None
    lever: Lever | None
    most_mm: float | None
    weighed: tuple[Option, ...]
    old: Family

    @property
    def is_short(self) -> bool:
        """Whether the best that may be made misses the target."""
        return self.chosen.gain is not None and self.chosen.gain.value < self.wanted - 1e-9


def reasons(story: Story) -> Iterator[Reason]:
    """Yield the one sentence first, then what it rests on."""
    yield _whole(story)
    if story.chosen.life is not None and story.chosen.gain is not None:
        life = story.chosen.life
        yield Reason(
            key=f"part-band-{story.rule}",
            numbers={
                "low_h": hours(life.low_h),
                "high_h": hours(life.high_h),
                "gain_ratio": story.chosen.gain.value,
                "until": "@part-until-end" if story.seen.life else "@part-until-alarm",
            },
        )
    if story.is_short:
        yield from _short(story)
    for safety in story.chosen.safeties:
        if safety.factor is not None:
            word = "holds" if safety.holds else "fails"
            numbers: Numbers = {"check": f"@check-{safety.name}", "factor_ratio": safety.factor}
            yield Reason(key=f"part-check-{word}", numbers=numbers)
    yield from (each.reason for each in rejected(story))


def _whole(story: Story) -> Reason:
    """Return what was seen, what changes and what that gives, in one sentence."""
    numbers: Numbers = {"component": story.component, "change": _change(story)}
    numbers |= _sizes(story) | _seen(story)
    key = "part-why-same" if numbers["change"] == "@part-same" else "part-why"
    if story.chosen.life is not None:
        numbers["life_h"] = hours(story.chosen.life.value_h)
        key += "-life"
    elif story.rule is None:
        key = "part-why-no-law"
    numbers["room"] = "@part-no-room"
    if story.most_mm is not None:
        numbers |= {"room": "@part-room", "most_mm": story.most_mm}
    return Reason(key=key, numbers=numbers)


def _seen(story: Story) -> Numbers:
    """Return the clause of what the machine showed: depth, hours, torque, as far as is known."""
    seen, age_h = story.seen, story.seen.age_h
    if age_h is None or age_h <= 0:
        return {"seen": "@part-seen-nothing"}
    numbers: Numbers = {"age_h": hours(age_h)}
    key = f"part-seen-{story.rule or 'other'}"
    depth = depth_mm(story)
    if depth is not None:
        numbers["depth_mm"], key = depth, "part-seen-depth"
    numbers["load"] = "@part-no-load"
    if seen.duty.torque_nm is not None and isinstance(story.old, CARRY_TORQUE):
        numbers |= {"load": "@part-load", "torque_nm": seen.duty.torque_nm}
    return {**numbers, "seen": f"@{key}"}


def depth_mm(story: Story) -> float | None:
    """Return what a worn flank has lost: the share of its life that is used, of what it may lose.

    Only gears have a published limit (VDI 2736-2, 0.1 to 0.2 modules, from memory); an estimate.
    """
    seen = story.seen
    if story.rule != "wear" or seen.life is None or seen.age_h is None:
        return None
    if not isinstance(story.old, SpurGear | HerringboneGear):
        return None
    used = min(seen.age_h / seen.life.value_h, 1.0)
    return used * WEAR_LIMIT_MODULES[1] * story.old.module_mm


def _change(story: Story) -> str:
    sized = bool(story.chosen.sizes) and story.lever is not None
    swapped = story.chosen.material != story.fitted.material
    if sized and story.lever is not None:
        return f"@part-{'both' if swapped else 'size'}-{story.lever.word}"
    return "@part-material" if swapped else "@part-same"


def _sizes(story: Story) -> Numbers:
    numbers: Numbers = {
        "old_material": story.fitted.material,
        "material": story.chosen.material,
    }
    if story.lever is not None and story.lever.size in story.chosen.sizes:
        numbers["size_mm"] = story.chosen.sizes[story.lever.size]
        numbers["old_mm"] = float(getattr(story.old, story.lever.size))
    return numbers


def _short(story: Story) -> Iterator[Reason]:
    """Yield that the target is missed, and what would reach it."""
    gain = story.chosen.gain.value if story.chosen.gain is not None else 1.0
    yield Reason(key="part-short", numbers={"gain_ratio": gain, "wanted_ratio": story.wanted})
    if story.rule is not None:
        slower = (gain / story.wanted) ** (1 / exponent(story.rule))
        yield Reason(key="part-short-advice", numbers={"percent": 100 * slower})


def rejected(story: Story) -> Iterator[Rejected]:
    """Yield what was weighed and not taken, one for each material and one for the sizes."""
    for material in dict.fromkeys(option.material for option in story.weighed):
        of_it = [option for option in story.weighed if option.material == material]
        if material != story.chosen.material:
            yield _material(story, material, of_it)
    yield from _size(story)


def _material(story: Story, material: str, of_it: list[Option]) -> Rejected:
    best = max(of_it, key=lambda option: option.gain.value if option.gain else 0.0)
    gain = best.gain.value if best.gain is not None else None
    numbers: Numbers = {"material": material}
    if story.rule is None:
        key = "part-rejected-no-law"
    elif gain is None:
        key = "part-rejected-unknown"
        numbers["value"] = f"@value-{NEEDS[story.rule]}"
        numbers["of"] = ", ".join(
            name
            for name in dict.fromkeys((material, story.fitted.material))
            if known(name, NEEDS[story.rule]) is None
        )
    elif not best.holds:
        failing = next(safety for safety in best.safeties if not safety.holds)
        key = "part-rejected-weak"
        numbers |= {"check": f"@check-{failing.name}", "factor_ratio": failing.factor or 0.0}
    else:
        key = "part-rejected-short" if gain < story.wanted else "part-rejected-change"
        numbers["gain_ratio"] = gain
    reason = Reason(key=key, numbers=numbers)
    return Rejected(material=material, sizes=best.sizes, gain_ratio=gain, reason=reason)


def _size(story: Story) -> Iterator[Rejected]:
    """Yield why no other size was taken."""
    sizes: dict[str, float] = {}
    numbers: Numbers = {}
    if story.lever is None:
        key = "part-rejected-fixed"
    elif not any(option.sizes for option in story.weighed):
        key = "part-rejected-room" if story.most_mm is None else "part-rejected-full"
    else:
        largest = max(option.sizes.get(story.lever.size, 0.0) for option in story.weighed)
        if largest <= story.chosen.sizes.get(story.lever.size, 0.0) or story.rule is None:
            return
        sizes[story.lever.size] = numbers["size_mm"] = largest
        key = "part-rejected-larger"
    reason = Reason(key=key, numbers=numbers)
    yield Rejected(material=story.chosen.material, sizes=sizes, gain_ratio=None, reason=reason)


def hours(value_h: float) -> float:
    """Return hours as a person says them: two significant digits, whole from ten on.

    >>> hours(1093.0), hours(42.4), hours(0.8765)
    (1100.0, 42.0, 0.88)
    """
    if value_h >= 100:
        return float(f"{value_h:.2g}")
    return round(value_h) * 1.0 if value_h >= 10 else float(f"{value_h:.2g}")
