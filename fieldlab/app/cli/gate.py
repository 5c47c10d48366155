"""`fieldlab gate FILE.gcode`: judge whether G-code is safe for a printer."""

import argparse
from pathlib import Path

from fieldlab.app.cli.options import print_json, read_bytes
from fieldlab.app.plain import plain
from printing.gcode.gate import check
from printing.profiles import quality


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", type=Path, metavar="FILE.gcode")
    parser.add_argument("--printer", default="virtual")
    parser.add_argument("--material", required=True)
    parser.add_argument("--stl", type=Path, help="also judge that it is this part")
    parser.add_argument(
        "--quality",
        help="normal, fine or draft: how full the part must be inside; else what the file declares",
    )
    parser.add_argument("--json", action="store_true", help="the report as JSON")


def run(args: argparse.Namespace) -> int:
    """Judge one file: 0 accepted, 1 refused with one reason a line."""
    stl = None if args.stl is None else read_bytes(args.stl)
    gcode = read_bytes(args.file)
    report = check(
        gcode,
        printer=args.printer,
        material=args.material,
        stl=stl,
        infill=None if args.quality is None else quality(args.quality).infill,
    )
    if args.json:
        print_json(plain(report))
    else:
        for refusal in report.refusals:
            print(f"{refusal.line}: {refusal.reason}")
    return 0 if report.ok else 1
