"""The same machine, seed and load, with the old part and with the new: the new one lasts longer."""

import statistics

import pytest

from fieldlab.app.bench_redesign import Lives, with_room
from fieldlab.app.cli.options import read_machine
from fieldlab.app.demo import demo_machine
from fieldlab.core.messages import PartOrder
from partgen.families import FAMILIES
from partgen.proposal import Fitted, Seen, Span
from partgen.redesign import redesign
from simulators.machine import SimulatedMachine

SEEDS = range(20)
WORN = 0.2  # where the old part was taken out
LIFE_S = 3600.0


@pytest.mark.parametrize(("component", "mode"), [("pinion", "wear"), ("wheel", "tooth-damage")])
def test_a_redesigned_part_lives_twice_as_long_and_as_long_as_was_promised(
    component: str, mode: str
) -> None:
    machine = with_room(read_machine(demo_machine()))
    spec = machine.components[component].replace.print
    assert spec is not None
    fitted = Fitted(sizes=spec.sizes, material=spec.material)
    asked = PartOrder(family=spec.family, material=spec.material, sizes=spec.sizes)
    ratios, held = [], []
    for seed in SEEDS:
        lives = Lives(
            machine=machine, start=SimulatedMachine(machine, seed=seed).state(),
            component=component, mode=mode, life_s=LIFE_S, step_s=30.0,
        )  # fmt: skip
        old_h = lives.hours(spec.material, spec.sizes, until=WORN)
        found = redesign(spec, fitted, Seen(failure_mode=mode, age_h=old_h), asked)
        new_h = lives.hours(found.order.material, found.order.sizes, until=WORN)
        assert not set(found.changed) & set(FAMILIES[spec.family].interfaces)
        ratios.append(new_h / old_h)
        held.append(_within(found.life, new_h))

    assert statistics.median(ratios) >= 2.0
    assert 0.8 <= statistics.mean(held) <= 1.0


def _within(life: Span | None, hours: float) -> bool:
    return life is not None and life.low_h <= hours <= life.high_h
