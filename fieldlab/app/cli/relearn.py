"""`fieldlab relearn MACHINE`: learn a machine's normal anew, after work on it or a new product."""

import argparse

from fieldlab.app.cli.options import add_home
from fieldlab.app.store import open_existing
from fieldlab.app.words import WHYS, ask_to_relearn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("machine", help="the machine's id")
    parser.add_argument("--why", choices=WHYS, default="maintenance", help="(%(default)s)")
    parser.add_argument("--by", default="operator", help="who asks (%(default)s)")
    add_home(parser)


def run(args: argparse.Namespace) -> int:
    """Ask for it; the hub of that home begins with the machine's next window."""
    store = open_existing(args.home)
    try:
        ask_to_relearn(store, args.machine, why=args.why, by=args.by)
    finally:
        store.close()
    print(f"{args.machine}: learns its normal anew from the next window on ({args.why})")
    return 0
