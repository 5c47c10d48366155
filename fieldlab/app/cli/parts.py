"""`fieldlab parts FILE.csv -o DIR`: make a batch of unique parts."""

import argparse
import os
from pathlib import Path

from fieldlab.app.batch import Bench, jobs_of, make_all
from fieldlab.app.cli.options import print_json, read_text
from fieldlab.app.cli.progress import Progress
from fieldlab.core.clock import SystemClock
from fieldlab.core.errors import InputError
from printing.profiles import profile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", type=Path, metavar="FILE.csv", help="a row for each part")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    parser.add_argument("--processes", type=_count, default=_cores(), metavar="N",
                        help="how many work at once (%(default)s)")  # fmt: skip
    parser.add_argument("--gcode", action="store_true", help="slice and gate each part too")
    parser.add_argument("--printer", default="virtual", help="for --gcode (%(default)s)")
    parser.add_argument("--material", default="PLA", help="for --gcode (%(default)s)")
    parser.add_argument("--json", action="store_true", help="a summary as JSON")


def run(args: argparse.Namespace) -> int:
    """Make every row; 1 if a row was refused, after doing the rest."""
    jobs = jobs_of(read_text(args.file), file=str(args.file))
    if args.output.exists() and not args.output.is_dir():
        raise InputError(f"{args.output}: is a file; give a folder with -o")
    if args.gcode:
        profile(args.printer, args.material)
    bench = Bench(
        folder=args.output, printer=args.printer, material=args.material if args.gcode else ""
    )
    progress = Progress(len(jobs), SystemClock())
    refused = 0
    for job, report in zip(jobs, make_all(jobs, bench, args.processes), strict=True):
        if not report["ok"]:
            refused += 1
            name = "".join(each if each.isprintable() else "?" for each in report["id"][:60])
            progress.say(f"{args.file}: row {job.number} ({name}): {report['reason']}")
        progress.step()
    made = len(jobs) - refused
    if args.json:
        print_json({"made": made, "refused": refused, "seconds": round(progress.took_s, 3)})
    else:
        print(f"{args.output}: {made} parts made, {refused} refused, in {progress.took_s:.1f} s")
    return 1 if refused else 0


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1 to 256")
    return int(text)
