"""`fieldlab check MACHINE`: validate a machine file, and grade what its sensors send."""

import argparse
import asyncio
from pathlib import Path

from fieldlab.app.cli.options import add_broker, print_json, read_machine
from fieldlab.core.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("machine", type=Path, metavar="MACHINE", help="a machine file")
    parser.add_argument("--listen", type=float, metavar="SECONDS", help="grade the sensors")
    add_broker(parser, required=False)
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Validate, and listen if asked; 1 if a sensor stays silent."""
    machine = read_machine(args.machine)
    if args.listen is not None:
        from fieldlab.app.listening import grade_sensors

        if args.broker is None:
            raise InputError("fieldlab check: --listen needs --broker HOST:PORT")
        grades = asyncio.run(grade_sensors(machine, args.broker, args.listen))
        if args.json:
            print_json({"machine": machine.id, "sensors": grades})
        else:
            for sensor, grade in grades.items():
                print(f"{sensor:<20} {grade['grade']:<8} {grade['why']}")
        return 0 if all(grade["grade"] != "silent" for grade in grades.values()) else 1
    counts = {
        "shafts": len(machine.shafts),
        "sensors": len(machine.sensors),
        "components": len(machine.components),
    }
    if args.json:
        print_json({"machine": machine.id, "ok": True, **counts})
    else:
        what = ", ".join(f"{count} {name}" for name, count in counts.items())
        print(f"{args.machine}: machine '{machine.id}' is well described: {what}")
    return 0
