"""`fieldlab part FAMILY key=value… -o FILE`: make one part."""

import argparse
from pathlib import Path

from fieldlab.app.cli.options import print_json, write_bytes
from fieldlab.app.plain import plain
from fieldlab.core.errors import InputError, MeshError
from fieldlab.core.messages import PartOrder
from partgen.compose import compose, make
from partgen.export import from_stl, to_3mf
from partgen.picture import picture, to_png
from partgen.verify import verify


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "family", help="see 'fieldlab families'; 'calibration' is a plate to measure"
    )
    parser.add_argument("sizes", nargs="*", metavar="key=value", help="sizes; the rest is default")
    parser.add_argument("-o", "--output", type=Path, required=True, help="FILE.stl or FILE.3mf")
    parser.add_argument("--picture", type=Path, metavar="FILE.png", help="also draw it")
    parser.add_argument("--json", action="store_true", help="the verification as JSON")


def run(args: argparse.Namespace) -> int:
    """Make, verify and write a part."""
    ending = args.output.suffix.lower()
    if ending not in (".stl", ".3mf"):
        raise InputError(f"{args.output}: the ending must be .stl or .3mf")
    sizes = dict(size_of(text) for text in args.sizes)
    part = compose(PartOrder(family=args.family, material="PA12", sizes=sizes))
    found = verify(part, level="full")
    if not found.ok:
        wrong = "; ".join(
            f"{c.name}: {c.found}, wanted {c.wanted}" for c in found.checks if not c.ok
        )
        raise MeshError(f"{args.family}: did not pass its verification: {wrong}")
    content = part.stl
    if ending == ".3mf":
        made = make(args.family, sizes)
        said = {info.name: f"{getattr(made, info.name):g}" for info in type(made).sizes()}
        title = {"Title": args.family, "Application": "fieldlab", "fieldlab:sha256": part.sha256}
        notes = {f"fieldlab:{name}": text for name, text in said.items()}
        content = to_3mf(from_stl(part.stl), {**title, **notes})
    write_bytes(args.output, content)
    if args.picture is not None:
        write_bytes(args.picture, to_png(picture(from_stl(part.stl))))
    if args.json:
        print_json({"file": str(args.output), "sha256": part.sha256, "verification": plain(found)})
    else:
        print(
            f"{args.output}: {args.family}, {len(found.checks)} checks passed, {part.sha256[:16]}…"
        )
    return 0


def size_of(text: str) -> tuple[str, float | str]:
    """Return key and value of key=value; raises InputError."""
    key, equals, value = text.partition("=")
    if not equals or not key or not value:
        raise InputError(f"'{text}' is not key=value, like teeth=24")
    try:
        return key, float(value)
    except ValueError:
        return key, value
