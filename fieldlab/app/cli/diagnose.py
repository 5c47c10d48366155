"""`fieldlab diagnose RECORDING`: the verdict from physics alone, one JSON object."""

import argparse
from pathlib import Path

from analytics.backtest import windows_of
from analytics.diagnose import diagnose
from edge.recording import open_recording
from fieldlab.app.cli.options import print_json
from fieldlab.core.messages import Suspect


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("recording", type=Path)
    parser.add_argument("--json", action="store_true", help="always JSON; accepted for scripts")


def run(args: argparse.Namespace) -> int:
    """Print the verdict and the suspects."""
    recording = open_recording(args.recording)
    windows = list(windows_of(recording.machine, recording.readings()))
    found = diagnose(recording.machine, windows)
    verdict = None if found.verdict is None else _said(found.verdict)
    print_json({"verdict": verdict, "suspects": [_said(suspect) for suspect in found.suspects]})
    return 0


def _said(suspect: Suspect) -> dict[str, object]:
    return {
        "component": suspect.component,
        "failure_mode": suspect.failure_mode,
        "confidence": round(float(suspect.confidence), 4),
    }
