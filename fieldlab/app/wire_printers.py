"""The parts list of the print room: a driver for each printer of the settings."""

from collections.abc import Mapping
from pathlib import Path

from fieldlab.core.clock import Clock
from fieldlab.core.errors import InputError, SettingsError
from fieldlab.core.ports import Printer
from fieldlab.core.settings import PrinterOptions
from printing.printers.moonraker import Moonraker
from printing.printers.octoprint import OctoPrint
from printing.printers.once import OncePrinter
from printing.printers.prusalink import PrusaLink
from printing.profiles import profile, quality
from simulators.printer import VirtualPrinter

SECRETS = "secrets"


def printers_of(
    options: Mapping[str, PrinterOptions], *, home: Path, clock: Clock, print_s: float
) -> dict[str, Printer]:
    """Return the printers of the settings by name; raises SettingsError naming a wrong option."""
    return {
        name: _printer(name, each, home=home, clock=clock, print_s=print_s)
        for name, each in options.items()
    }


def _printer(
    name: str, options: PrinterOptions, *, home: Path, clock: Clock, print_s: float
) -> Printer:
    for material in options.materials:
        try:
            profile(options.profile, material)
            quality(options.quality)
        except InputError as error:
            raise SettingsError(f"option 'printers.{name}': {error}") from error
    if options.kind == "virtual":
        return VirtualPrinter(home / f"printer-{name}", clock, print_s=print_s)
    if not options.url:
        raise SettingsError(f"option 'printers.{name}.url' is missing, like http://octopi.local")
    key = _key(name, options, home)
    match options.kind:
        case "octoprint":
            return OncePrinter(
                OctoPrint(name, options.url, key), clock, starting_s=options.starting_s
            )
        case "moonraker":
            return OncePrinter(
                Moonraker(name, options.url, key), clock, starting_s=options.starting_s
            )
        case "prusalink":
            remote = PrusaLink(
                name, options.url, user=options.user, password=key, storage=options.storage
            )
            return OncePrinter(remote, clock, starting_s=options.starting_s)


def _key(name: str, options: PrinterOptions, home: Path) -> str:
    if not options.key_file:
        return ""
    file = home / SECRETS / options.key_file
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(
            f"option 'printers.{name}.key_file': {file} cannot be read ({error.strerror})"
        ) from error
