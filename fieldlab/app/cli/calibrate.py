"""`fieldlab calibrate MATERIAL key=value…`: learn how a printer and a material change sizes."""

import argparse
from dataclasses import asdict

from fieldlab.app.cli.options import add_home, print_json
from fieldlab.app.cli.part import size_of
from fieldlab.app.fits import fit_for, learn_fit
from fieldlab.core.errors import InputError
from printing.profiles import profile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("material", help="the material that the plate is printed in")
    parser.add_argument(
        "sizes", nargs="*", metavar="key=value",
        help="what a calliper finds, such as hole_8_mm=7.82; without any, the fit in use is shown",
    )  # fmt: skip
    parser.add_argument("--printer", default="virtual", help="the printer (%(default)s)")
    add_home(parser)
    parser.add_argument("--json", action="store_true", help="the fit as JSON")


def run(args: argparse.Namespace) -> int:
    """Learn from a plate of `fieldlab part calibration`, or show what was learnt."""
    profile(args.printer, args.material)
    found = {}
    for text in args.sizes:
        name, value = size_of(text)
        if not isinstance(value, float):
            raise InputError(f"{name} is '{value}'; give a number in mm, such as 7.82")
        found[name] = value
    if found:
        fit = learn_fit(args.home, args.printer, args.material, found)
    else:
        fit = fit_for(args.home, args.printer, args.material)
    if args.json:
        print_json(asdict(fit))
    else:
        print(f"{args.printer} with {args.material}: holes {fit.hole_mm:g} mm smaller, outsides"
              f" {fit.outer_mm:g} mm larger, all {100 * (fit.scale_ratio - 1):+.2f} %;"
              f" the sizes scatter {fit.scatter_mm:g} mm about that")  # fmt: skip
    return 0
