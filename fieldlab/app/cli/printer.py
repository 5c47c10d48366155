"""`fieldlab printer WHAT NAME`: test a printer, say its bed is clear, say which spool is on it."""

import argparse

from fieldlab.app.cli.options import add_home, print_json, read_settings
from fieldlab.app.plain import plain
from fieldlab.app.printroom import PrintRoom
from fieldlab.app.store import open_existing
from fieldlab.app.wire_printers import printers_of
from fieldlab.core.clock import SystemClock
from fieldlab.core.errors import InputError
from fieldlab.core.settings import VIRTUAL


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("what", choices=("test", "bed-clear", "spool"))
    parser.add_argument("name", metavar="NAME", help="as the settings call it")
    parser.add_argument("--material", help="what is on the spool")
    parser.add_argument("--left-g", type=float, help="how many grams it has left")
    parser.add_argument("--json", action="store_true", help="the answer as JSON")
    add_home(parser)


def run(args: argparse.Namespace) -> int:
    """Ask or tell one printer; a test that fails is 1."""
    settings = read_settings(args.home)
    options = {"virtual": VIRTUAL, **settings.printers}
    if args.name not in options:
        raise InputError(
            f"no printer '{args.name}' in the settings; there is: {', '.join(sorted(options))}"
        )
    clock, mine = SystemClock(), {args.name: options[args.name]}
    printers = printers_of(mine, home=args.home, clock=clock, print_s=settings.demo.print_s)
    if args.what == "test":
        return _test(args, printers[args.name].status())
    store = open_existing(args.home)
    try:
        room = PrintRoom(store, printers, mine, clock)
        if args.what == "bed-clear":
            room.clear_bed(args.name)
        elif args.material is None or args.left_g is None:
            raise InputError("fieldlab printer spool: give --material and --left-g")
        else:
            room.load_spool(args.name, args.material, args.left_g)
    finally:
        store.close()
    return 0


def _test(args: argparse.Namespace, status: object) -> int:
    told = plain(status)
    is_there = told["state"] != "offline"
    if args.json:
        print_json({"ok": is_there, **told})
    elif is_there:
        heat = f"nozzle {told['nozzle_degc']:.0f} degC, bed {told['bed_degc']:.0f} degC"
        print(f"{args.name}: answers; it is {told['state']}, {heat}")
    else:
        print(told["reason"])
    return 0 if is_there else 1
