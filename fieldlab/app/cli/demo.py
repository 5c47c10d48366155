"""`fieldlab demo`: the whole loop on embedded defaults, with a page."""

import argparse
import asyncio

from fieldlab.app.cli.options import add_home, port_number, read_settings
from fieldlab.app.demo import Demo, DemoOptions, as_json, check_proven
from fieldlab.app.page import listen


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--headless", action="store_true", help="no page; stop after N cases")
    parser.add_argument("--cases", type=_at_least_one, default=1, metavar="N")
    parser.add_argument("--seed", type=int, default=7, metavar="S")
    parser.add_argument("--port", type=port_number, help="of the page (8000)")
    parser.add_argument("--approve", choices=("auto", "person"), default="auto")
    parser.add_argument("--patience-s", type=float, default=600.0, help="headless: give up after")
    parser.add_argument("--json", action="store_true", help="the proven cases as one JSON line")
    add_home(parser)


def run(args: argparse.Namespace) -> int:
    """Run the demo; 1 if not all cases were proven."""
    settings = read_settings(args.home)
    port = args.port or settings.page.port
    if not args.headless:
        listen(settings.page.host, port).close()  # say now that it is taken
    options = DemoOptions(
        home=args.home,
        seed=args.seed,
        port=port,
        headless=args.headless,
        cases=args.cases,
        approve=args.approve,
        patience_s=args.patience_s,
    )
    cases = asyncio.run(Demo(settings, options).run())
    if args.json:
        print(as_json(cases))
    if args.headless:
        check_proven(cases, args.cases)
    return 0


def _at_least_one(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1")
    return int(text)
