"""`fieldlab families`: the catalogue of part families with their sizes, units and bounds."""

import argparse
from pathlib import Path

from fieldlab.app.cli.options import print_json, write_bytes
from partgen.catalogue import catalogue


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--sheet", type=Path, metavar="FILE.png", help="draw all families")


def run(args: argparse.Namespace) -> int:
    """Print the catalogue."""
    families = catalogue()
    if args.sheet is not None:
        from fieldlab.app.sheet import contact_sheet

        write_bytes(args.sheet, contact_sheet())
    if args.json:
        print_json({"families": families})
        return 0
    if args.sheet is not None:
        print(args.sheet)
        return 0
    for family in families:
        print(family["family"])
        for size in family["sizes"]:
            bounds = f"{size['min']} to {size['max']} {size['unit']}"
            print(f"  {size['name']:<22} {size['default']!s:<8} {bounds:<20} {size['source']}")
    return 0
