"""The demo's script wears one component after another, and never two at once."""

import pytest

from fieldlab.core.errors import InputError
from fieldlab.core.machine import Machine, load_machine
from simulators.machine import SimulatedMachine
from simulators.scenario import Scenario
from tests.unit.simulators.lab import cookie_line


@pytest.fixture(scope="module")
def machine() -> Machine:
    sensors = {"t": {"quantity": "temperature", "unit": "degC"}}
    plain = cookie_line().model_dump(exclude_none=True)
    components = {name: {**made, "near": []} for name, made in plain["components"].items()}
    shafts = {name: {**made, "speed": "n"} for name, made in plain["shafts"].items()}
    sensors["n"] = {"quantity": "rotational-speed", "unit": "rpm"}
    return load_machine({**plain, "sensors": sensors, "components": components, "shafts": shafts})


def play(made: SimulatedMachine, script: Scenario, cases: int) -> list[tuple[float, str, str]]:
    """Fit whatever has worn to the half; return when what began."""
    begun: list[tuple[float, str, str]] = []
    start_s = made.now_s
    wearing = False
    while len(begun) < cases:
        script.step()
        failing = made.severities()
        assert len(failing) <= 1
        for component, (mode, severity) in failing.items():
            if not wearing:
                begun.append((made.now_s - start_s, component, mode))
            if severity > 0.5:
                made.fit(component, material="", sizes={})
        wearing = bool(made.severities())
        made.read(60.0)
    return begun


def test_it_is_healthy_first_and_then_one_after_another_wears(machine: Machine) -> None:
    made = SimulatedMachine(machine, seed=1)

    begun = play(made, Scenario(made, seed=1, healthy_s=5400, life_s=1200), 8)

    assert begun[0][0] == pytest.approx(5400, abs=60)
    assert len({component for _, component, _ in begun}) == 8
    printed = [name for _, name, _ in begun if machine.components[name].replace.print is not None]
    assert len(printed) >= 7
    assert all(mode not in ("slip", "misalignment", "looseness") for _, _, mode in begun[:7])
    assert not {"bushing-left", "bushing-right"} <= {name for _, name, _ in begun}


def test_the_seed_draws_the_order(machine: Machine) -> None:
    orders = set()
    for seed in (1, 1, 2, 3):
        made = SimulatedMachine(machine, seed=1)
        script = Scenario(made, seed=seed, healthy_s=300, life_s=600)
        orders.add(tuple(name for _, name, _ in play(made, script, 4)))

    assert len(orders) == 3


def test_it_waits_while_a_visitor_has_broken_something(machine: Machine) -> None:
    made = SimulatedMachine(machine, seed=1)
    script = Scenario(made, seed=1, healthy_s=300, life_s=600)
    made.break_("drive-end-bearing", "outer-race", 0.4)

    for _ in range(20):
        script.step()
        made.read(60.0)

    assert list(made.severities()) == ["drive-end-bearing"]


def test_given_components_wear_in_the_given_order(machine: Machine) -> None:
    made = SimulatedMachine(machine, seed=1)
    script = Scenario(made, seed=1, healthy_s=60, life_s=600, components=("wheel", "belt"))

    assert [name for _, name, _ in play(made, script, 3)] == ["wheel", "belt", "wheel"]


def test_a_resumed_script_goes_on_where_it_was(machine: Machine) -> None:
    made = SimulatedMachine(machine, seed=1)
    script = Scenario(made, seed=1, healthy_s=300, life_s=600)
    play(made, script, 2)

    again = SimulatedMachine.resume(machine, made.state())
    by_machine, by_itself = Scenario.resume(again), Scenario.resume(made, script.state())

    assert play(again, by_machine, 3) == play(made, by_itself, 3)


def test_a_script_that_cannot_be_is_refused(machine: Machine) -> None:
    made = SimulatedMachine(machine, seed=1)

    with pytest.raises(InputError, match="what can wear: impeller"):
        Scenario(made, seed=1, healthy_s=1, life_s=1, components=("engine",))
    with pytest.raises(InputError, match="life_s above 0"):
        Scenario(made, seed=1, healthy_s=1, life_s=0)
    with pytest.raises(InputError, match="cannot be read"):
        Scenario.resume(made, b"{}")
    with pytest.raises(InputError, match="cannot be read"):
        Scenario.resume(SimulatedMachine(machine, seed=1))
