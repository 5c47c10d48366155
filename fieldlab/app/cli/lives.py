"""`fieldlab lives`: the generations of every printed part, and whether what was promised holds."""

import argparse

from fieldlab.app.cli.options import add_home, print_json
from fieldlab.app.generations import Generation, fleet, generations
from fieldlab.app.plain import plain
from fieldlab.app.store import Store, open_existing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_home(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """List the generations and the claims of the fleet."""
    store = open_existing(args.home)
    found = generations(store.cases(), _now_s(store))
    store.close()
    if args.json:
        listed = [{**plain(each), "claim": each.claim} for each in found]
        print_json({"generations": listed, "fleet": fleet(found)})
        return 0
    for each in found:
        print(_line(each))
    return 0


def _now_s(store: Store) -> dict[str, float]:
    newest = {machine_id: store.health_latest(machine_id, 1) for machine_id in store.machines()}
    return {machine_id: float(rows[0]["t_s"]) for machine_id, rows in newest.items() if rows}


def _line(each: Generation) -> str:
    name = f"{each.machine_id} {each.component} G{each.generation}"
    lived = f"{each.lived_h:.1f} h{'' if each.ended else ' so far'}"
    if each.low_h is None:
        return f"{name:<40} {each.material:<8} {lived}"
    promised = f"promised {each.low_h:.1f} to {each.high_h:.1f} h: {each.claim}"
    return f"{name:<40} {each.material:<8} {lived:<16} {promised}"
