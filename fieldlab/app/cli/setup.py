"""`fieldlab setup`: the accounts for a pilot: admin password, one broker account for each node."""

import argparse
import datetime
import getpass
import json
import secrets
import sys
from pathlib import Path

from broker.accounts import write_accounts
from broker.managed import is_loopback, write_mosquitto_conf
from broker.tls import CA, write_certificates
from fieldlab.app.cli.options import add_home, broker_address, read_settings
from fieldlab.app.people import SHORTEST, PeopleStore
from fieldlab.core.clock import SystemClock
from fieldlab.core.errors import InputError
from fieldlab.core.ids import is_id
from fieldlab.core.secret import write_secret

ADMIN = "admin"
HUB = "hub"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_home(parser)
    parser.add_argument(
        "--node",
        action="append",
        default=[],
        metavar="MACHINE/NODE",
        help="a node; repeat for more",
    )
    parser.add_argument("--password-file", type=Path, help="the admin password (else it is asked)")
    parser.add_argument("--generate", action="store_true", help="make an admin password, once")
    parser.add_argument(
        "--listen", metavar="HOST:PORT", type=broker_address, help="where mosquitto shall listen"
    )
    parser.add_argument(
        "--tls",
        action="append",
        default=[],
        metavar="NAME",
        help="a name or IP address by which devices reach the broker, over TLS; repeat for more",
    )
    parser.add_argument("--rotate", action="store_true", help="new passwords for known nodes too")


def run(args: argparse.Namespace) -> int:
    """Write the accounts; known nodes keep their password unless --rotate."""
    settings = read_settings(args.home)
    if args.tls and args.listen is None:
        raise InputError("--tls needs --listen HOST:PORT: where mosquitto shall listen")
    for node in args.node:
        if node.count("/") != 1 or not all(is_id(word) for word in node.split("/")):
            raise InputError(f"--node '{node}' is not MACHINE/NODE, like press-1/pi-1")
    secret = args.home / "secrets"
    secret.mkdir(parents=True, exist_ok=True, mode=0o700)
    people = PeopleStore(args.home, SystemClock(), settings.access)
    if not (args.generate and people.needed()):
        password = _generated(secret) if args.generate else _password(args.password_file)
        people.put(ADMIN, "admin", password)
    file = secret / "nodes.json"
    known = json.loads(file.read_text()) if file.is_file() and not args.rotate else {}
    names = {HUB, *args.node, *(json.loads(file.read_text()) if file.is_file() else {})}
    passwords = {name: known.get(name) or secrets.token_urlsafe(24) for name in sorted(names)}
    write_secret(file, json.dumps(passwords, indent=1) + "\n")
    nodes = {name: word for name, word in passwords.items() if name != HUB}
    folder = args.home / "broker"
    accounts = folder / "accounts"
    write_accounts(accounts, {**nodes, HUB: passwords[HUB]}, site=settings.site)
    if args.listen is not None:
        _listen(args, folder, accounts)
    print(f"admin password set; {len(nodes)} node accounts in {file}")
    for name in sorted(nodes):
        print(f"  {name}")
    return 0


def _listen(args: argparse.Namespace, folder: Path, accounts: Path) -> None:
    """Write mosquitto's settings, and its certificate when it has names to be trusted under."""
    host, port, tls = args.listen.host, args.listen.port, None
    if args.tls:
        tls = folder / "tls"
        now = datetime.datetime.fromtimestamp(SystemClock().now_s(), datetime.UTC)
        authority = write_certificates(tls, args.tls, now)
        copy = args.home / "secrets" / CA
        copy.write_bytes(authority.read_bytes())
        print(f"devices: --broker mqtts://{args.tls[0]}:{port}, with {copy} in their HOME/secrets")
    elif not is_loopback(host):
        print(
            f"fieldlab setup: passwords cross the network in the clear on {host}:{port}; add"
            " --tls NAME unless that network is this computer's own",
            file=sys.stderr,
        )
    write_mosquitto_conf(folder, port, host=host, accounts=accounts, tls=tls)


def _generated(secret: Path) -> str:
    password = secrets.token_urlsafe(12)
    file = secret / "admin-password"
    write_secret(file, password + "\n")
    print(f"the admin password is in {file}; note it and remove the file")
    return password


def _password(file: Path | None) -> str:
    if file is not None:
        try:
            password = file.read_text().strip()
        except OSError as error:
            raise InputError(f"{file}: cannot be read ({error.strerror})") from error
    elif sys.stdin.isatty():
        password = getpass.getpass("admin password: ")
    else:
        raise InputError("fieldlab setup: give --password-file FILE, or run it in a terminal")
    if len(password) < SHORTEST:
        raise InputError(f"the admin password has {len(password)} characters; {SHORTEST} or more")
    return password
