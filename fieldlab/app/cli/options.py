"""What several commands share: reading files, the broker's address, JSON on stdout."""

import argparse
import json
import tomllib
from pathlib import Path
from typing import Any

from broker.address import BrokerAddress, parse_address
from fieldlab.core.errors import InputError
from fieldlab.core.machine import Machine, parse_machine
from fieldlab.core.settings import Settings, load_settings

HOME = Path("fieldlab-home")

_LARGEST_FILE = 256 * 1024 * 1024


def add_home(parser: argparse.ArgumentParser) -> None:
    """Add --home."""
    parser.add_argument("--home", type=Path, default=HOME, help="where all is kept (%(default)s)")


def add_broker(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Add --broker."""
    parser.add_argument(
        "--broker",
        type=broker_address,
        required=required,
        metavar="HOST:PORT",
        help="the broker; mqtts://HOST:PORT for one with TLS",
    )


def add_node(parser: argparse.ArgumentParser, *, node: str) -> None:
    """Add --site, --node and --home of a sensor node."""
    parser.add_argument("--site", default="fieldlab", help="the site's id (%(default)s)")
    parser.add_argument("--node", default=node, help="this node's id (%(default)s)")
    add_home(parser)


def broker_address(text: str) -> BrokerAddress:
    """Return a broker's address."""
    try:
        return parse_address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def port_number(text: str) -> int:
    """Return a port."""
    if not text.isdigit() or not 0 < int(text) < 65_536:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port; give 1 to 65535")
    return int(text)


def read_text(path: Path) -> str:
    """Return a text file; raises InputError."""
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({_why(error)})") from error


def read_bytes(path: Path) -> bytes:
    """Return a file; raises InputError."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({_why(error)})") from error
    if len(content) > _LARGEST_FILE:
        raise InputError(f"{path}: more than {_LARGEST_FILE >> 20} MB; is it the right file?")
    return content


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, with its folder; raises InputError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({_why(error)})") from error


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def read_machine(path: Path) -> Machine:
    """Return the machine of a machine file, or of the folder of a recording."""
    file = path / "machine.yaml" if path.is_dir() else path
    return parse_machine(read_text(file), file=str(file))


def read_settings(home: Path) -> Settings:
    """Return the settings of a home: HOME/settings.toml and the environment."""
    file = home / "settings.toml"
    if not file.is_file():
        return load_settings()
    try:
        options = tomllib.loads(read_text(file))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file}: not TOML: {error}") from error
    return load_settings(options, where=str(file))


def print_json(record: Any) -> None:
    """Print one line of JSON."""
    print(json.dumps(record, ensure_ascii=False))
