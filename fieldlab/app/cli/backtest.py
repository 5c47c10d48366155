"""`fieldlab backtest RECORDING`: judge a recording without a broker."""

import argparse
import csv
import io
import json
from pathlib import Path

from analytics.backtest import backtest
from edge.recording import open_recording
from fieldlab.app.cli.options import print_json, write_bytes
from fieldlab.app.plain import plain
from fieldlab.app.report import drawn, summary

COLUMNS = ("time_s", "state", "score", "component")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("recording", type=Path)
    parser.add_argument("--healthy-until-s", type=float, required=True, metavar="T")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="a summary as JSON")


def run(args: argparse.Namespace) -> int:
    """Write health.csv, cases.jsonl, picture.svg and summary.md."""
    recording = open_recording(args.recording)
    result = backtest(recording.machine, recording.readings(), args.healthy_until_s)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in result.health:
        writer.writerow([getattr(row, name) for name in COLUMNS])
    lines = [json.dumps(plain(case), ensure_ascii=False) + "\n" for case in result.cases]
    write_bytes(args.out / "health.csv", table.getvalue().encode())
    write_bytes(args.out / "cases.jsonl", "".join(lines).encode())
    write_bytes(args.out / "picture.svg", drawn(recording.machine, result).encode())
    write_bytes(args.out / "summary.md", summary(recording.machine, result).encode())
    if args.json:
        print_json({"windows": len(result.health), "cases": len(result.cases)})
    else:
        print(f"{args.out}: {len(result.health)} windows judged, {len(result.cases)} cases")
    return 0
