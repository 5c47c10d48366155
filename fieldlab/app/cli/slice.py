"""`fieldlab slice FILE.stl`: turn a mesh into G-code."""

import argparse
from pathlib import Path
from typing import get_args

from fieldlab.app.cli.options import print_json, read_bytes, write_bytes
from fieldlab.app.plain import plain
from fieldlab.core.settings import SlicerName
from printing.slicers.choice import slicer_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", type=Path, metavar="FILE.stl")
    parser.add_argument("--printer", default="virtual")
    parser.add_argument("--material", required=True)
    parser.add_argument("--quality", default="normal", help="normal, fine or draft")
    parser.add_argument("--slicer", choices=get_args(SlicerName), default="embedded")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.gcode")
    parser.add_argument("--json", action="store_true", help="what the G-code promises, as JSON")


def run(args: argparse.Namespace) -> int:
    """Slice one mesh."""
    stl = read_bytes(args.file)
    slicer = slicer_of(args.slicer, args.quality)
    sliced = slicer.slice(stl, printer=args.printer, material=args.material)
    write_bytes(args.output, sliced.gcode)
    if args.json:
        print_json(plain(sliced))
    else:
        minutes = sliced.duration_s / 60
        print(f"{args.output}: {sliced.layers} layers, {sliced.mass_g:.1f} g, {minutes:.0f} min")
    return 0
