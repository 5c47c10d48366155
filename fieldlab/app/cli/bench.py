"""`fieldlab bench [NAME…]`: measure this project's own claims beside a peer or the bare limit."""

import argparse
from pathlib import Path
from typing import Any

from fieldlab.app.benches import BENCHES, NEED_RECORDINGS, run_bench
from fieldlab.app.cli.options import print_json
from fieldlab.app.tables import tables
from fieldlab.core.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}")
    parser.add_argument("--recordings", type=Path, metavar="DIR", help="for detection: SET/NAME")
    parser.add_argument("--json", action="store_true", help="only the last line of JSON")


def run(args: argparse.Namespace) -> int:
    """Run the benches; the last line is one JSON object."""
    names = args.names or [
        name for name in BENCHES if args.recordings or name not in NEED_RECORDINGS
    ]
    for name in names:
        if name not in BENCHES:
            raise InputError(f"there is no bench '{name}'; there is {', '.join(BENCHES)}")
    found = {}
    for name in names:
        found[name] = run_bench(name, args.recordings)
        if not args.json:
            _print(name, found[name])
    print_json(found if len(names) > 1 else found[names[0]])
    return 0


def _print(name: str, figures: dict[str, Any]) -> None:
    if name in NEED_RECORDINGS:
        print(tables(figures))
        return
    for key, value in figures.items():
        print(f"{name:<18} {key:<40} {value}")
