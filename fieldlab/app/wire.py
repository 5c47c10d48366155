"""The parts list: which concrete parts make a hub, an edge node and a demo. It alone chooses."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from broker.accounts import HUB
from broker.mqtt import MqttBus
from edge.agent import Agent, last_will
from edge.outbox import Outbox
from fieldlab.app.hub import HubParts
from fieldlab.app.simulated import SimulatedSensor
from fieldlab.app.store import Store
from fieldlab.core.clock import Clock, SystemClock
from fieldlab.core.machine import Machine
from fieldlab.core.messages import Meta
from fieldlab.core.ports import Printer, Sensor
from fieldlab.core.settings import Settings
from simulators.machine import SimulatedMachine
from simulators.printer import VirtualPrinter
from simulators.scenario import Scenario


def hub_parts(
    settings: Settings,
    *,
    home: Path,
    broker: tuple[str, int],
    print_s: float,
    approve_after_s: float | None,
    serve: Any,
) -> HubParts:
    """Return what a hub is made of."""
    clock = SystemClock()
    printers: Mapping[str, Printer] = {
        "virtual": VirtualPrinter(home / "printer-virtual", clock, print_s=print_s)
    }
    return HubParts(
        home=home,
        store=Store(home),
        bus=MqttBus(*broker, client_id=f"{settings.site}-hub", **credentials(home, HUB)),
        printers=printers,
        clock=clock,
        ring_mb=settings.store.ring_mb,
        approve_after_s=approve_after_s,
        serve=serve,
    )


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

    def agent(self, sensor: Sensor, meta: Meta, broker: tuple[str, int]) -> Agent:
        """Return the agent that publishes what `sensor` reads."""
        will = last_will(
            site=self._site,
            machine_id=self.machine.id,
            node=self._node,
            boot=self._boot,
            clock=self.clock,
        )
        bus = MqttBus(
            *broker,
            client_id=f"{self._site}-{self.machine.id}-{self._node}",
            will=will,
            **credentials(self._home, f"{self.machine.id}/{self._node}"),
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


def credentials(home: Path, name: str) -> dict[str, str]:
    """Return username and password of a broker account that `fieldlab setup` made, if any."""
    file = home / "secrets" / "nodes.json"
    password = json.loads(file.read_text()).get(name) if file.is_file() else None
    user = name.rpartition("/")[2]
    return {} if password is None else {"username": user, "password": password}


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
    machine, plan = SimulatedSensor.restore(node.outbox.checkpoint(), node.machine)
    if machine is None:
        machine = SimulatedMachine(node.machine, seed=seed)
        if fault is not None:
            machine.start_wear(*fault, life_s=demo.life_s)
    if scenario and plan is None:
        plan = Scenario(
            machine,
            seed=seed,
            healthy_s=node.machine.learn_s + demo.healthy_s,
            life_s=demo.life_s,
        )
    return SimulatedSensor(machine, plan, node.clock, interval_s=demo.interval_s, speed=speed)
