"""`fieldlab hub`: take in data, judge, run cases, serve the page."""

import argparse
import asyncio
import multiprocessing.util
import os
import sys
import threading
from pathlib import Path

from broker.address import BrokerAddress
from broker.managed import broker_command, wait_until_up
from fieldlab.app.cli.options import add_broker, add_home, port_number, read_settings
from fieldlab.app.demo import HOST, free_port
from fieldlab.app.durable import STORIES
from fieldlab.app.hub import Hub
from fieldlab.app.page import listen, page_server
from fieldlab.app.people import PeopleStore
from fieldlab.app.signals import stop_on_signals
from fieldlab.app.supervise import LEASH, Child, Supervisor, end_with_parent, leashed
from fieldlab.app.wire_hub import hub_parts
from fieldlab.core.clock import SystemClock
from fieldlab.core.errors import FieldlabError, InputError
from fieldlab.core.settings import Settings

BROKER_PATIENCE_S = 20.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_home(parser)
    add_broker(parser, required=False)
    parser.add_argument("--port", type=port_number, help="of the page (8000)")
    parser.add_argument("--no-page", action="store_true", help="serve no page")
    parser.add_argument("--print-s", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--approve-after", type=float, help=argparse.SUPPRESS)
    parser.add_argument(LEASH, action="store_true", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Run until stopped."""
    if args.leash:
        end_with_parent()
    settings = read_settings(args.home)
    try:
        asyncio.run(_run(args, settings))
    except FieldlabError as error:
        print(error, file=sys.stderr)
        return _ended(error.exit_code)
    return _ended(0)


def _ended(code: int) -> int:
    """End now, also if a case waits for a person: its thread would hold the process for ever."""
    if any(one.name.startswith(STORIES) for one in threading.enumerate()):
        for child in multiprocessing.active_children():
            child.kill()
        multiprocessing.util._run_finalizers(0)  # type: ignore[attr-defined] # noqa: SLF001
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # what the case waits for is on disk
    return code


async def _run(args: argparse.Namespace, settings: Settings) -> None:
    stop, clock = asyncio.Event(), SystemClock()
    stop_on_signals(stop)
    supervisor = Supervisor(clock)
    serve = None
    if not args.no_page:
        listener = listen(_host(settings, args.home), args.port or settings.page.port)
        serve = page_server(listener)
    broker = args.broker
    try:
        if broker is None:
            broker = BrokerAddress(HOST, free_port())
            accounts = args.home / "broker" / "accounts"
            command = broker_command(
                args.home / "broker", broker.port, accounts=accounts if accounts.is_dir() else None
            )
            log = args.home / "logs" / "broker.log"
            await supervisor.start(Child(name="broker", argv=leashed(command.argv), log=log))
            await wait_until_up(broker.host, broker.port, clock, BROKER_PATIENCE_S)
            print(f"broker: {broker.host}:{broker.port}", flush=True)
        parts = hub_parts(
            settings,
            home=args.home,
            broker=broker,
            print_s=args.print_s or settings.demo.print_s,
            approve_after_s=args.approve_after,
            serve=serve,
        )
        if serve is not None:
            print(
                f"page: http://{settings.page.host}:{args.port or settings.page.port}/", flush=True
            )
        await Hub(parts).run(stop)
    finally:
        await supervisor.stop()


def _host(settings: Settings, home: Path) -> str:
    """Return where the page may listen: this computer alone, until an admin password is set."""
    has_admin = PeopleStore(home, SystemClock(), settings.access).needed()
    if settings.container and has_admin:
        return "0.0.0.0"  # noqa: S104 - the container's network; compose publishes on loopback
    if settings.page.host != HOST and not has_admin:
        raise InputError(
            f"option 'page.host' is {settings.page.host}: run 'fieldlab setup' before others may"
            " reach the page"
        )
    return settings.page.host
