"""`fieldlab part FAMILY key=value… -o FILE`: make one part."""

import argparse
from pathlib import Path

from fieldlab.app.cli.options import print_json, write_bytes
from fieldlab.app.plain import plain
from fieldlab.core.errors import InputError, MeshError
from fieldlab.core.messages import PartOrder
from partgen.compose import compose
from partgen.export import from_stl, to_3mf
from partgen.verify import verify


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("family", help="see 'fieldlab families'")
    parser.add_argument("sizes", nargs="*", metavar="key=value", help="sizes; the rest is default")
    parser.add_argument("-o", "--output", type=Path, required=True, help="FILE.stl or FILE.3mf")
    parser.add_argument("--json", action="store_true", help="the verification as JSON")


def run(args: argparse.Namespace) -> int:
    """Make, verify and write a part."""
    ending = args.output.suffix.lower()
    if ending not in (".stl", ".3mf"):
        raise InputError(f"{args.output}: the ending must be .stl or .3mf")
    sizes = dict(_size(text) for text in args.sizes)
    part = compose(PartOrder(family=args.family, material="PA12", sizes=sizes))
    found = verify(part, level="full")
    if not found.ok:
        wrong = "; ".join(
            f"{c.name}: {c.found}, wanted {c.wanted}" for c in found.checks if not c.ok
        )
        raise MeshError(f"{args.family}: did not pass its verification: {wrong}")
    content = part.stl
    if ending == ".3mf":
        content = to_3mf(from_stl(part.stl), {"family": args.family, "sha256": part.sha256})
    write_bytes(args.output, content)
    if args.json:
        print_json({"file": str(args.output), "sha256": part.sha256, "verification": plain(found)})
    else:
        print(
            f"{args.output}: {args.family}, {len(found.checks)} checks passed, {part.sha256[:16]}…"
        )
    return 0


def _size(text: str) -> tuple[str, float | str]:
    key, equals, value = text.partition("=")
    if not equals or not key or not value:
        raise InputError(f"'{text}' is not key=value, like teeth=24")
    try:
        return key, float(value)
    except ValueError:
        return key, value
