"""`fieldlab edge MACHINE`: read the sensors of one machine and publish them.

Reads every sensor that the machine file gives a `source:` for, from the same broker.
"""

import argparse
import asyncio
from pathlib import Path

from broker.mqtt import MqttBus
from edge.drivers.mqtt_topic import MqttTopicSensor
from fieldlab.app.cli.options import add_broker, add_node, read_machine, read_settings
from fieldlab.app.signals import run_until_stopped
from fieldlab.app.supervise import LEASH, end_with_parent
from fieldlab.app.wire_node import Node, trusted
from fieldlab.core.errors import InputError
from fieldlab.core.messages import Meta


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("machine", type=Path, metavar="MACHINE", help="a machine file")
    add_broker(parser)
    parser.add_argument(LEASH, action="store_true", help=argparse.SUPPRESS)
    add_node(parser, node="edge")


def run(args: argparse.Namespace) -> int:
    """Publish until stopped."""
    if args.leash:
        end_with_parent()
    machine = read_machine(args.machine)
    served = {name: spec for name, spec in machine.sensors.items() if spec.source is not None}
    if not served:
        raise InputError(
            f"{args.machine}: no sensor has a 'source: {{mqtt: TOPIC}}'; there is nothing to read"
        )
    settings = read_settings(args.home)
    node = Node(machine, site=args.site, node=args.node, home=args.home,
                outbox_mb=settings.store.outbox_mb)  # fmt: skip
    plain = machine.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    meta = Meta(machine={"fieldlab": 1, **plain}, sensors=tuple(served))

    async def publish(stop: asyncio.Event) -> None:
        name = f"{args.site}-{machine.id}-{args.node}-source"
        source = MqttBus(*trusted(args.broker, args.home), client_id=name)
        await source.connect()
        sensor = MqttTopicSensor(source, machine, node.clock)
        await sensor.listen()
        await node.agent(sensor, meta, args.broker).run(stop)
        await source.close()

    run_until_stopped(publish)
    return 0
