"""`fieldlab families`: the catalogue of part families with their sizes, units and bounds."""

import argparse

from fieldlab.app.cli.options import print_json
from partgen.catalogue import catalogue


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Print the catalogue."""
    families = catalogue()
    if args.json:
        print_json({"families": families})
        return 0
    for family in families:
        print(family["family"])
        for size in family["sizes"]:
            bounds = f"{size['min']} to {size['max']} {size['unit']}"
            print(f"  {size['name']:<22} {size['default']!s:<8} {bounds}")
    return 0
