"""`fieldlab replay RECORDING`: publish a recording over MQTT as if live."""

import argparse
from pathlib import Path

from edge.drivers.recording import RecordingSensor
from edge.recording import open_recording
from fieldlab.app.cli.options import add_broker, add_node, read_settings
from fieldlab.app.signals import run_until_stopped
from fieldlab.app.wire_node import Node
from fieldlab.core.messages import Meta


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("recording", type=Path)
    add_broker(parser)
    parser.add_argument("--speed", type=float, default=1.0, help="event time over wall time")
    parser.add_argument("--healthy-until-s", type=float, metavar="T", help="learn until then")
    add_node(parser, node="replay")


def run(args: argparse.Namespace) -> int:
    """Publish the recording once; returns when the hub has all of it."""
    recording = open_recording(args.recording)
    settings = read_settings(args.home)
    machine = recording.machine
    node = Node(machine, site=args.site, node=args.node, home=args.home,
                outbox_mb=settings.store.outbox_mb)  # fmt: skip
    sensor = RecordingSensor(
        recording, speed=args.speed, clock=node.clock, healthy_until_s=args.healthy_until_s
    )
    plain = machine.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    meta = Meta(
        machine={"fieldlab": 1, **plain},
        sensors=tuple(machine.sensors),
        healthy_until_s=args.healthy_until_s,
    )
    run_until_stopped(node.agent(sensor, meta, args.broker).run)
    return 0
