"""The parts list of a sensor node: which concrete parts it is made of. Only wire*.py chooses."""

import json
from pathlib import Path

from broker.address import BrokerAddress
from broker.mqtt import MqttBus
from broker.tls import CA
from edge.agent import Agent, last_will
from edge.outbox import Outbox
from fieldlab.app.simulated import SimulatedSensor
from fieldlab.core.clock import Clock, SystemClock
from fieldlab.core.machine import Machine
from fieldlab.core.messages import Meta
from fieldlab.core.ports import Sensor
from fieldlab.core.settings import Settings
from simulators.machine import SimulatedMachine
from simulators.scenario import Scenario


class Node:
    """A sensor node: its outbox, its bus and its agent, under one folder of the home."""

    def __init__(
        self, machine: Machine, *, site: str, node: str, home: Path, outbox_mb: float
    ) -> None:
        self.clock: Clock = SystemClock()
        self.machine = machine
        self._site, self._node, self._home = site, node, home
        folder = home / "nodes" / f"{machine.id}-{node}"
        folder.mkdir(parents=True, exist_ok=True)
        max_bytes = int(outbox_mb * 1e6)
        self.outbox = Outbox(folder / "outbox.sqlite", max_bytes=max_bytes, clock=self.clock)
        self._boot = self.outbox.boot()

    def agent(self, sensor: Sensor, meta: Meta, broker: BrokerAddress) -> Agent:
        """Return the agent that publishes what `sensor` reads."""
        will = last_will(
            site=self._site,
            machine_id=self.machine.id,
            node=self._node,
            boot=self._boot,
            clock=self.clock,
        )
        user, password = credentials(self._home, f"{self.machine.id}/{self._node}")
        bus = MqttBus(
            *trusted(broker, self._home),
            client_id=f"{self._site}-{self.machine.id}-{self._node}",
            will=will,
            username=user,
            password=password,
        )
        return Agent(
            bus,
            self.outbox,
            sensor,
            meta,
            site=self._site,
            machine_id=self.machine.id,
            node=self._node,
            clock=self.clock,
            boot=self._boot,
        )


def trusted(broker: BrokerAddress, home: Path) -> BrokerAddress:
    """Return a broker's address with the authority that this home trusts, if it has one."""
    return broker.trusting(home / "secrets" / CA)


def credentials(home: Path, name: str) -> tuple[str, str] | tuple[None, None]:
    """Return username and password of a broker account that `fieldlab setup` made, if any."""
    file = home / "secrets" / "nodes.json"
    password = json.loads(file.read_text()).get(name) if file.is_file() else None
    return (None, None) if password is None else (name.rpartition("/")[2], password)


def script_of(machine: Machine, settings: Settings, seed: int) -> dict[str, float]:
    """Return what a simulation is driven by; its ghost twin lives by the same."""
    demo = settings.demo
    healthy_s = machine.learn_s + demo.healthy_s
    return {"seed": seed, "healthy_s": healthy_s, "life_s": demo.life_s}


def simulated_sensor(
    node: Node,
    settings: Settings,
    *,
    seed: int,
    speed: float,
    scenario: bool,
    fault: tuple[str, str] | None = None,
) -> SimulatedSensor:
    """Return the simulated machine of a node, where it was when the node was stopped."""
    demo = settings.demo
    kept = node.outbox.checkpoint()
    if kept is not None:
        machine = SimulatedMachine.resume(node.machine, kept)
    else:
        machine = SimulatedMachine(node.machine, seed=seed)
    component, mode = fault or ("", "")
    plan = Scenario.kept_by(machine) if scenario or fault else None
    if fault and plan is not None and not plan.wears(component, mode):
        plan = None  # another fault is asked for than the one before
    if plan is None and (scenario or fault):
        script = script_of(node.machine, settings, seed)
        plan = Scenario(
            machine,
            seed=seed,
            healthy_s=script["healthy_s"],
            life_s=script["life_s"],
            components=(component,) if component else (),
            mode=mode,
        )
    return SimulatedSensor(machine, plan, node.clock, interval_s=demo.interval_s, speed=speed)
