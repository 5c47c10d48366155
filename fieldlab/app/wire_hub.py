"""The parts list of a hub: which concrete parts it is made of. Only wire*.py chooses."""

from pathlib import Path
from typing import Any

from broker.accounts import HUB
from broker.address import BrokerAddress
from broker.managed import is_loopback
from broker.mqtt import MqttBus
from fieldlab.app.hub import HubParts
from fieldlab.app.notify import channels_of
from fieldlab.app.people import PeopleStore
from fieldlab.app.prices import prices_of
from fieldlab.app.store import Store
from fieldlab.app.wire_node import credentials, trusted
from fieldlab.app.wire_printers import printers_of
from fieldlab.core.clock import SystemClock
from fieldlab.core.settings import Settings


def hub_parts(
    settings: Settings,
    *,
    home: Path,
    broker: BrokerAddress,
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
        bus=MqttBus(
            *trusted(broker, home),
            client_id=f"{settings.site}-hub",
            username=user,
            password=password,
        ),
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
            "host": broker.host,
            "port": broker.port,
            "tls": bool(broker.tls),
            "near": is_loopback(broker.host),
            "accounts": user is not None,
        },
        serve=serve,
    )
