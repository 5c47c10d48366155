"""What a redesign promises: longer life within the room, interfaces kept, reasons that hold."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldlab.core.machine import PrintedPart, parse_machine
from fieldlab.core.messages import PartOrder
from fieldlab.core.phrases.say import LANGUAGES, say
from partgen.compose import compose, make
from partgen.engineering.checks import Duty, safeties
from partgen.engineering.life import life_gain
from partgen.engineering.materials import MATERIALS, Known
from partgen.families import FAMILIES
from partgen.proposal import Fitted, Redesign, Seen, Span
from partgen.redesign import redesign
from partgen.verify import verify

DEMO = Path(__file__).parents[3] / "machines" / "cookie-line.yaml"
PRINTED = {
    name: component.replace.print
    for name, component in parse_machine(DEMO.read_text()).components.items()
    if component.replace.print is not None
}
GEAR = PrintedPart(
    family="spur_gear", material="PA12", materials=["PA12", "PA12-CF"],
    sizes={"module_mm": 1.5, "teeth": 20.0, "width_mm": 12.0, "bore_mm": 8.0},
    max_width_mm=16.0, target_life_h=1000.0,
)  # fmt: skip


def again(spec: PrintedPart, seen: Seen, *, name: str = "pinion") -> Redesign:
    fitted = Fitted(sizes=spec.sizes, material=spec.material)
    order = PartOrder(
        family=spec.family, material=spec.material, sizes=spec.sizes, component=name, generation=2
    )
    return redesign(spec, fitted, seen, order, component=name)


def worn(age_h: float, life_h: float | None = None, *, mode: str = "wear") -> Seen:
    life = None if life_h is None else Span(value_h=life_h, low_h=life_h / 1.2, high_h=life_h * 1.2)
    return Seen(failure_mode=mode, age_h=age_h, life=life, duty=Duty(torque_nm=4.1))


def test_the_reason_is_one_sentence_that_a_visitor_understands() -> None:
    found = again(GEAR, worn(310.0, 480.0))

    assert say(found.order.reasons[0]) == (
        "The pinion lost about 0.15 mm of tooth in 310 h at 4.1 Nm; 15 mm instead of 12 mm wide and"
        " PA12-CF instead of PA12 gives about 1,000 h; 16 mm is the space there is."
    )
    assert say(found.order.reasons[0], "nl").startswith(
        "pinion verloor ongeveer 0,15 mm tand in 310 uur bij 4,1 Nm; 15 mm in plaats van"
    )


def test_the_smallest_change_that_reaches_the_target_is_taken() -> None:
    found = again(GEAR, worn(310.0, 900.0))

    assert found.order.material == "PA12"
    assert found.order.sizes["width_mm"] == 15.0  # 15 / 12 is the 1.25 times that is always asked
    assert found.reaches_target
    assert found.changed == {"width_mm": 15.0}


def test_a_life_comes_with_a_band_around_it() -> None:
    found = again(GEAR, worn(310.0, 480.0))

    assert found.life is not None
    assert (
        found.life.low_h < 0.6 * found.life.value_h < found.life.value_h / 0.6 < found.life.high_h
    )
    assert found.until == "end"
    assert again(GEAR, worn(310.0)).until == "alarm"


def test_a_target_out_of_reach_is_said_with_the_best_there_is() -> None:
    found = again(GEAR, worn(31.0, 48.0))

    keys = [reason.key for reason in found.order.reasons]
    assert found.reaches_target is False
    assert (found.order.sizes["width_mm"], found.order.material) == (16.0, "PA12-CF")
    assert {"part-short", "part-short-advice"} <= set(keys)
    advice = next(each for each in found.order.reasons if each.key == "part-short-advice")
    assert "buy one, have it made of metal" in say(advice)


def test_a_value_that_is_not_known_blocks_the_rule_and_is_named() -> None:
    spec = GEAR.model_copy(update={"materials": ["PA12", "ASA"]})

    found = again(spec, worn(100.0, 150.0))

    refused = next(each for each in found.rejected if each.material == "ASA")
    assert found.order.material == "PA12"
    assert refused.gain_ratio is None
    assert say(refused.reason) == "ASA was not chosen: the wear rate of ASA is not known."


def test_a_failure_without_a_law_changes_nothing() -> None:
    found = again(GEAR, worn(100.0, 150.0, mode="fouled"))

    assert found.order.sizes == GEAR.sizes
    assert found.life is None
    assert "no law is known" in say(found.order.reasons[0])


def test_values_from_memory_are_named() -> None:
    found = again(GEAR, worn(310.0, 480.0))

    assert "PA12-CF: wear_mm3pnm" in found.from_memory
    for material in MATERIALS.values():
        values = [getattr(material, name) for name in material.__slots__ if name != "name"]
        for value in values:
            if isinstance(value, Known):
                assert value.low <= value.value <= value.high
                assert value.remembered == value.source.startswith("from memory")


def test_a_part_that_is_not_strong_enough_is_weighed_and_refused() -> None:
    seen = replace(worn(310.0, 900.0), duty=Duty(torque_nm=6.5))

    found = again(GEAR, seen)

    assert found.order.material == "PA12-CF"
    refused = next(each for each in found.rejected if each.material == "PA12")
    assert "stress at the tooth root" in say(refused.reason)


def test_a_check_names_what_it_lacks() -> None:
    gear = make("spur_gear", GEAR.sizes)

    root, warm = safeties(gear, "PA12", Duty(torque_nm=4.1, speed_rpm=1480.0))

    assert root.factor == pytest.approx(48.0 / 47.2, abs=0.01)
    assert warm.factor is None
    assert warm.missing == ("ambient_degc", "mate_teeth", "friction_ratio")


@pytest.mark.parametrize("family", FAMILIES)
def test_every_familys_checks_judge_the_default_part(family: str) -> None:
    duty = Duty(torque_nm=0.5, force_n=20.0, speed_rpm=200.0, ambient_degc=20.0, mate_teeth=40,
                lubrication="grease")  # fmt: skip
    material = "TPU" if family in ("jaw_spider", "damper_mount", "gasket") else "PA12"

    found = safeties(make(family, {}), material, duty)

    assert all(safety.factor is not None and safety.factor > 0 for safety in found)


def test_more_load_to_come_means_a_shorter_life() -> None:
    same = life_gain("strength", exposure_ratio=1.0, material="PA12", instead_of="PA12")
    more = life_gain(
        "strength", exposure_ratio=1.0, material="PA12", instead_of="PA12", load_ratio=1.2
    )

    assert same is not None
    assert more is not None
    assert more.value == pytest.approx(same.value / 1.2**4)
    assert more.spread > same.spread


@pytest.mark.parametrize("component", PRINTED)
@pytest.mark.parametrize("mode", ["wear", "tooth-damage", "blade-damage", "imbalance", None])
def test_a_redesign_keeps_interfaces_and_room_and_can_be_made(
    component: str, mode: str | None
) -> None:
    printed = PRINTED[component]

    found = again(printed, Seen(failure_mode=mode, age_h=1.2), name=component)

    order = found.order
    new, old = make(order.family, order.sizes), make(printed.family, printed.sizes)
    for name in type(new).interfaces:
        assert getattr(new, name) == getattr(old, name)
    assert order.material in (printed.material, *printed.materials)
    assert getattr(new, "width_mm", 0) <= (printed.max_width_mm or 1e9)
    for language in LANGUAGES:
        assert all(say(reason, language) for reason in order.reasons)
    assert verify(compose(order), level="batch").ok


@given(
    room_mm=st.floats(12.0, 40.0),
    age_h=st.floats(0.01, 1e5),
    target_h=st.floats(0.01, 1e6),
    mode=st.sampled_from(("wear", "tooth-damage")),
)
def test_no_redesign_is_wider_than_its_room_or_lasts_less_than_before(
    room_mm: float, age_h: float, target_h: float, mode: str
) -> None:
    spec = GEAR.model_copy(update={"max_width_mm": room_mm, "target_life_h": target_h})

    found = again(spec, worn(age_h, 1.5 * age_h, mode=mode))

    assert 12.0 <= float(found.order.sizes["width_mm"]) <= room_mm
    assert found.gain_ratio is not None
    assert found.gain_ratio >= 1.0 - 1e-9
