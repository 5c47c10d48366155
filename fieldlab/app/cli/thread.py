"""`fieldlab thread CASE`: show a case's thread and check its hashes."""

import argparse
import sys

from fieldlab.app.cli.options import add_home, print_json
from fieldlab.app.seal import seal_problems
from fieldlab.app.store import open_existing
from fieldlab.app.thread import open_thread


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("case", help="the case's id")
    add_home(parser)
    parser.add_argument("--verify", action="store_true", help="check every hash")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Show or verify a thread; 1 if a hash does not hold."""
    store = open_existing(args.home)
    case = store.case(args.case)
    store.close()
    thread = open_thread(args.home, args.case)
    if args.verify:
        problems = thread.problems(head=case["head"] if case and "head" in case else None)
        problems = problems or seal_problems(thread)
        for problem in problems:
            print(problem, file=sys.stderr)
        if not problems:
            print(f"{args.case}: {len(thread.entries())} entries, every hash and seal holds")
        return 1 if problems else 0
    entries = thread.entries()
    if args.json:
        print_json({"case": args.case, "entries": entries})
        return 0
    for entry in entries:
        print(f"{entry['seq']:>3}  {entry['step']:<18} {entry['hash'][:16]}…")
        for name, fingerprint in entry["files"].items():
            print(f"     {name}  {fingerprint[:16]}…")
    return 0
