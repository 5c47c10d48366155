"""`fieldlab simulate MACHINE`: publish a simulated machine."""

import argparse
from pathlib import Path

from fieldlab.app.cli.options import add_broker, add_node, read_machine, read_settings
from fieldlab.app.signals import run_until_stopped
from fieldlab.app.supervise import LEASH, end_with_parent
from fieldlab.app.wire_node import Node, script_of, simulated_sensor
from fieldlab.core.errors import InputError
from fieldlab.core.messages import Meta


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("machine", type=Path, metavar="MACHINE", help="a machine file")
    add_broker(parser)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--fault", metavar="COMPONENT:MODE", help="wears after the learning")
    parser.add_argument("--speed", type=float, help="event time over wall time")
    parser.add_argument("--scenario", action="store_true", help="one component after another wears")
    parser.add_argument(LEASH, action="store_true", help=argparse.SUPPRESS)
    add_node(parser, node="simulator")


def run(args: argparse.Namespace) -> int:
    """Publish until stopped."""
    if args.leash:
        end_with_parent()
    machine = read_machine(args.machine)
    settings = read_settings(args.home)
    node = Node(machine, site=args.site, node=args.node, home=args.home,
                outbox_mb=settings.store.outbox_mb)  # fmt: skip
    sensor = simulated_sensor(
        node,
        settings,
        seed=args.seed,
        speed=args.speed or settings.demo.speed,
        scenario=args.scenario,
        fault=_fault(args.fault),
    )
    plain = machine.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    script = script_of(machine, settings, args.seed) if args.scenario else None
    meta = Meta(
        machine={"fieldlab": 1, **plain}, sensors=tuple(machine.sensors), simulated=True,
        script=script,
    )  # fmt: skip
    run_until_stopped(node.agent(sensor, meta, args.broker).run)
    return 0


def _fault(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    component, colon, mode = text.partition(":")
    if not colon:
        raise InputError(f"--fault '{text}' is not COMPONENT:MODE, like pinion:tooth-damage")
    return component, mode
