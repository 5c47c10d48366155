"""The parts list of a hub: which concrete parts it is made of. Only wire*.py chooses."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from broker.accounts import HUB
from broker.mqtt import MqttBus
from fieldlab.app.hub import HubParts
from fieldlab.app.store import Store
from fieldlab.app.wire_node import credentials
from fieldlab.core.clock import SystemClock
from fieldlab.core.ports import Printer
from fieldlab.core.settings import Settings
from simulators.printer import VirtualPrinter


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
    user, password = credentials(home, HUB)
    printers: Mapping[str, Printer] = {
        "virtual": VirtualPrinter(home / "printer-virtual", clock, print_s=print_s)
    }
    return HubParts(
        home=home,
        store=Store(home),
        bus=MqttBus(*broker, client_id=f"{settings.site}-hub", username=user, password=password),
        printers=printers,
        clock=clock,
        ring_mb=settings.store.ring_mb,
        approve_after_s=approve_after_s,
        serve=serve,
    )
