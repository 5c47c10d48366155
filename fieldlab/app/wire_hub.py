"""The parts list of a hub: which concrete parts it is made of. Only wire*.py chooses."""

from pathlib import Path
from typing import Any

from broker.accounts import HUB
from broker.managed import is_loopback
from broker.mqtt import MqttBus
from fieldlab.app.hub import HubParts
from fieldlab.app.notify import channels_of
from fieldlab.app.people import PeopleStore
from fieldlab.app.prices import prices_of
from fieldlab.app.store import Store
from fieldlab.app.wire_node import credentials
from fieldlab.app.wire_printers import printers_of
from fieldlab.core.clock import SystemClock
from fieldlab.core.settings import Settings


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
    options = settings.printers_used()
    return HubParts(
        home=home,
        store=Store(home),
        people=PeopleStore(home, clock, settings.access),
        bus=MqttBus(*broker, client_id=f"{settings.site}-hub", username=user, password=password),
        printers=printers_of(options, home=home, clock=clock, print_s=print_s),
        printer_options=options,
        trial=settings.trial,
        clock=clock,
        notify=settings.notify,
        channels=channels_of(settings.notify, home),
        ring_mb=settings.store.ring_mb,
        approve_after_s=approve_after_s,
        prices=prices_of(home),
        site=settings.site,
        address={
            "host": broker[0],
            "port": broker[1],
            "near": is_loopback(broker[0]),
            "accounts": user is not None,
        },
        serve=serve,
    )
