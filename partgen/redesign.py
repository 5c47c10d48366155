"""Sizes and a material with which the replacement lasts longer than the part that failed."""

from collections.abc import Sequence

from fieldlab.core.machine import PrintedPart
from fieldlab.core.messages import PartOrder
from partgen.compose import make
from partgen.engineering.life import NEEDS, SCATTER, SLOPE, Rule, rule_of
from partgen.engineering.materials import remembered
from partgen.options import grown_sizes, lever_of, most_mm, options
from partgen.proposal import Fitted, Option, Redesign, Seen, Span
from partgen.reasons import Story, reasons, rejected

AIM = 2.5  # times the old life when the machine file gives no target
LEAST = 1.25  # times, when the old part reached its target already


def redesign(
    spec: PrintedPart, fitted: Fitted, seen: Seen, order: PartOrder, *, component: str = "part"
) -> Redesign:
    """Return the part to make after `fitted` failed as `seen`.

    Sizes that other parts rely on stay; one size grows within the room of the machine file. The
    smallest change that reaches the target and passes its checks is taken, else what lasts longest.

    Parameters
    ----------
    spec
        What the machine file allows.
    fitted, seen
        The part that failed and what the machine showed of it.
    order
        Whose part it is: family, sizes, material and reasons are filled in.
    component
        The name in the sentences.

    Raises
    ------
    PartError
        If the part that failed cannot be made.
    """
    rule = rule_of(seen.failure_mode)
    life = seen.life or _until_alarm(seen)
    old, grown = make(spec.family, fitted.sizes), tuple(grown_sizes(spec, fitted))
    weighed = tuple(
        options(
            spec, fitted, rule, grown=grown, load_ratio=seen.load_ratio, duty=seen.duty, life=life
        )
    )
    wanted = _wanted(spec.target_life_h, life)
    chosen = _choose(weighed, wanted, fitted.material)
    story = Story(
        component=component, spec=spec, fitted=fitted, seen=seen, life=life, chosen=chosen,
        wanted=wanted, rule=rule, lever=lever_of(spec.family), old=old, weighed=weighed,
        most_mm=most_mm(spec, old, grown),
    )  # fmt: skip
    reaches = None if chosen.gain is None else chosen.gain.value >= wanted - 1e-9
    return Redesign(
        order=_filled(order, spec, fitted, chosen, story),
        changed=dict(chosen.sizes),
        rule=rule,
        until="end" if seen.life else "alarm",
        gain_ratio=None if chosen.gain is None else chosen.gain.value,
        life=chosen.life,
        target_h=spec.target_life_h,
        reaches_target=reaches,
        safeties=chosen.safeties,
        rejected=tuple(rejected(story)),
        from_memory=_from_memory(chosen, fitted, rule),
    )


def _until_alarm(seen: Seen) -> Span | None:
    """Return the hours until the alarm as they are: like is compared with like."""
    if seen.age_h is None or seen.age_h <= 0:
        return None
    return Span(value_h=seen.age_h, low_h=seen.age_h, high_h=seen.age_h)


def _wanted(target_h: float | None, life: Span | None) -> float:
    """Return how many times the old life the new one should be."""
    if target_h is None or life is None:
        return AIM
    return max(target_h / life.value_h, LEAST)


def _choose(weighed: Sequence[Option], wanted: float, material: str) -> Option:
    """Return the least change that reaches the target, else what lasts longest."""
    judged = [option for option in weighed if option.gain is not None]
    if not judged:
        return weighed[0]
    sound = [option for option in judged if option.holds] or judged
    enough = [option for option in sound if _gain(option) >= wanted - 1e-9]
    if enough:
        return min(enough, key=lambda each: (each.material != material, _size(each)))
    return max(sound, key=lambda each: (_gain(each), each.material == material))


def _gain(option: Option) -> float:
    return option.gain.value if option.gain is not None else 0.0


def _size(option: Option) -> float:
    return max(option.sizes.values(), default=0.0)


def _filled(
    order: PartOrder, spec: PrintedPart, fitted: Fitted, chosen: Option, story: Story
) -> PartOrder:
    return PartOrder(
        family=spec.family,
        material=chosen.material,
        sizes={**fitted.sizes, **chosen.sizes},
        machine_id=order.machine_id,
        component=order.component,
        case_id=order.case_id,
        generation=order.generation,
        reasons=tuple(reasons(story)),
    )


def _from_memory(chosen: Option, fitted: Fitted, rule: Rule | None) -> tuple[str, ...]:
    """Return which values behind the prediction are quoted from memory."""
    if rule is None or chosen.gain is None:
        return ()
    value = NEEDS[rule]
    pair = () if chosen.material == fitted.material else (fitted.material, chosen.material)
    found = [f"{name}: {value}" for name in pair if remembered(name, value)]
    if rule == "strength" and SLOPE.remembered:
        found.append("slope of the stress-life line")
    if SCATTER[rule].remembered:
        found.append("scatter of one print's life")
    return tuple(found)
