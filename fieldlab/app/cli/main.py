"""The command line: find the command, run it, and turn errors into one line and an exit code."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import NoReturn, Protocol, cast

from fieldlab.core.errors import FieldlabError, InputError

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "the whole loop on embedded defaults, with a page"),
    "hub": ("hub", "take in data, judge, run cases, serve the page"),
    "edge": ("edge", "read the sensors of one machine and publish them"),
    "simulate": ("simulate", "publish a simulated machine"),
    "replay": ("replay", "publish a recording as if live"),
    "record": ("record", "write what passes on the bus to a recording"),
    "check": ("check", "validate a machine file, and grade what its sensors send"),
    "backtest": ("backtest", "judge a recording without a broker"),
    "diagnose": ("diagnose", "the verdict from physics alone, without healthy data"),
    "part": ("part", "make one part"),
    "calibrate": ("calibrate", "learn how a printer and a material change sizes"),
    "parts": ("parts", "make a batch of parts"),
    "families": ("families", "the catalogue of part families"),
    "slice": ("slice", "turn a mesh into G-code"),
    "gate": ("gate", "judge whether G-code is safe for a printer"),
    "printer": ("printer", "test a printer, say its bed is clear or which spool is on it"),
    "cases": ("cases", "list the cases of a home"),
    "lives": ("lives", "how long each generation of parts lived, and what was promised"),
    "thread": ("thread", "show a case's thread and check its hashes"),
    "relearn": ("relearn", "learn a machine's normal anew, after work on it or a new product"),
    "bench": ("bench", "measure this project's own claims"),
    "setup": ("setup", "make the accounts for a pilot"),
}


class Command(Protocol):
    """What each command file offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it and return the exit code."""


class _Parser(argparse.ArgumentParser):
    """A parser that raises one line instead of printing its usage."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{self.prog}: {message}; see '{self.prog} --help'")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 for a refusal, 2 for a bad input."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(words)
    except FieldlabError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        return 130


def _run(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help"):
        print(_overview())
        return 0 if words else 2
    if words[0] not in COMMANDS:
        raise InputError(f"fieldlab: there is no command '{words[0]}'; try {', '.join(COMMANDS)}")
    file, summary = COMMANDS[words[0]]
    command = cast("Command", importlib.import_module(f"fieldlab.app.cli.{file}"))
    parser = _Parser(prog=f"fieldlab {words[0]}", description=summary, allow_abbrev=False)
    command.add_arguments(parser)
    return command.run(parser.parse_intermixed_args(words[1:]))


def _overview() -> str:
    lines = (f"  {name:<9} {summary}" for name, (_, summary) in COMMANDS.items())
    return "\n".join(
        ("usage: fieldlab COMMAND …  (fieldlab COMMAND --help tells more)", "", *lines)
    )
