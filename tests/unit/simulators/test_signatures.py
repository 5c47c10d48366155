"""No two faults put the same thing into the structure, so an honest look can tell them apart."""

from itertools import combinations

import numpy as np
import pytest

from fieldlab.core.machine import RollingBearing
from simulators.kinematics import bearing_orders, cycle_name, cycles_of
from simulators.signatures import excitation
from simulators.wear import modes_of
from tests.unit.simulators.lab import cookie_line

Print = dict[object, float]


def fingerprint(component: str, mode: str) -> Print:
    """Return what a fault adds: g by frequency, and by kind for what is no line."""
    machine = cookie_line()
    name = cycle_name(component, machine.components[component])
    assert name is not None
    rate_hz = cycles_of(machine)[name].nominal_hz
    healthy = excitation(machine, component, {})
    broken = excitation(machine, component, {mode: 1.0})
    added: Print = {
        round(order * rate_hz, 1): level_g - healthy.lines.get(order, 0.0)
        for order, level_g in broken.lines.items()
    }
    added["knock", round(rate_hz, 1)] = broken.knock_g / 10
    for hits in broken.hits[len(healthy.hits) :]:
        added["hits", round(hits.order * rate_hz, 1)] = hits.peak_g
    return added


def likeness(one: Print, two: Print) -> float:
    keys = sorted({*one, *two}, key=str)
    left = np.array([one.get(key, 0.0) for key in keys])
    right = np.array([two.get(key, 0.0) for key in keys])
    return float(left @ right / (np.linalg.norm(left) * np.linalg.norm(right)))


def own_faults() -> dict[tuple[str, str], Print]:
    """Return one component of each group, without looseness, which its whole shaft shares."""
    machine = cookie_line()
    firsts = [group[0] for group in machine.groups()]
    faults = {
        (name, mode): fingerprint(name, mode)
        for name in firsts
        for mode in modes_of(machine.components[name])
        if mode != "looseness"
    }
    return faults | {("mount", "looseness"): fingerprint("mount", "looseness")}


def test_no_two_faults_of_the_cookie_line_look_alike() -> None:
    faults = own_faults()

    alike = {
        (one, two): round(likeness(faults[one], faults[two]), 2)
        for one, two in combinations(faults, 2)
        if likeness(faults[one], faults[two]) > 0.9
    }

    assert len(faults) == 20
    assert alike == {}


def test_two_bushings_on_one_roller_do_look_alike() -> None:
    left, right = fingerprint("bushing-left", "wear"), fingerprint("bushing-right", "wear")

    assert likeness(left, right) == pytest.approx(1.0)


def test_bearing_orders_agree_with_a_makers_table() -> None:
    bearing = cookie_line().components["drive-end-bearing"]
    assert isinstance(bearing, RollingBearing)

    orders = bearing_orders(bearing)  # 6205-2RS JEM, as Case Western Reserve University lists it

    assert orders.outer_race == pytest.approx(3.5848, abs=0.002)
    assert orders.inner_race == pytest.approx(5.4152, abs=0.002)
    assert orders.rolling_element == pytest.approx(4.7135, abs=0.002)
    assert orders.cage == pytest.approx(0.39828, abs=0.0002)
