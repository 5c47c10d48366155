"""`fieldlab cases`: list the cases of a home."""

import argparse

from fieldlab.app.cli.options import add_home, print_json
from fieldlab.app.store import open_existing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_home(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """List the cases."""
    store = open_existing(args.home)
    cases = [
        {
            **{key: case[key] for key in ("id", "component", "failure_mode", "state")},
            "jobs": [{"id": job["id"], "state": job["state"]} for job in store.jobs(case["id"])],
        }
        for case in store.cases()
    ]
    store.close()
    if args.json:
        print_json({"cases": cases})
        return 0
    for case in cases:
        jobs = ", ".join(f"{job['id']} {job['state']}" for job in case["jobs"])
        what = f"{case['component'] or 'unknown'} {case['failure_mode'] or ''}".strip()
        print(f"{case['id']}  {case['state']:<18} {what}  {jobs}")
    return 0
