"""`fieldlab parts FILE.csv -o DIR`: make a batch of unique parts."""

import argparse
import csv
import io
import json
import sys
from pathlib import Path

from fieldlab.app.cli.options import print_json, read_text, write_bytes
from fieldlab.core.errors import InputError
from partgen.batch import batch_row


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", type=Path, metavar="FILE.csv")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="a summary as JSON")


def run(args: argparse.Namespace) -> int:
    """Make every row; 1 if a row was refused, after doing the rest."""
    rows = list(csv.DictReader(io.StringIO(read_text(args.file))))
    if not rows or "family" not in rows[0]:
        raise InputError(f"{args.file}: needs a header with 'family' and at least one row")
    reports = []
    for number, row in enumerate(rows, start=1):
        wanted = {key: value for key, value in row.items() if key and value}
        wanted.setdefault("id", f"part-{number:05d}")
        stl, report = batch_row(wanted)
        if stl is not None:
            write_bytes(args.output / f"{report['id']}.stl", stl)
        else:
            print(f"{args.file}:{number + 1}: {report['reason']}", file=sys.stderr)
        reports.append(report)
        _show(number, len(rows))
    lines = "".join(json.dumps(report) + "\n" for report in reports)
    write_bytes(args.output / "report.jsonl", lines.encode())
    refused = sum(not report["ok"] for report in reports)
    if args.json:
        print_json({"made": len(reports) - refused, "refused": refused})
    else:
        print(f"{args.output}: {len(reports) - refused} parts made, {refused} refused")
    return 1 if refused else 0


def _show(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)
