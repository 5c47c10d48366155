"""`fieldlab part FAMILY key=value… -o FILE`: make one part."""

import argparse
from collections.abc import Callable
from dataclasses import fields
from math import inf
from pathlib import Path
from typing import Any

from fieldlab.app.cli.options import print_json, write_bytes
from fieldlab.app.plain import plain
from fieldlab.core.errors import InputError, MeshError
from fieldlab.core.messages import Part, PartOrder, Verification
from partgen.compose import compose, make
from partgen.engineering.checks import Duty
from partgen.export import from_stl, to_3mf
from partgen.picture import picture, to_png
from partgen.step import to_step
from partgen.verify import verify

LOADS = tuple(each.name for each in fields(Duty))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "family", help="see 'fieldlab families'; also 'calibration', a plate to measure, and 'tag'"
    )
    parser.add_argument("sizes", nargs="*", metavar="key=value", help="sizes; the rest is default")
    parser.add_argument("-o", "--output", type=Path, required=True, help="FILE.stl, .3mf or .step")
    parser.add_argument(
        "--mark",
        default="",
        metavar="TEXT",
        help="engrave it, if there is room; the text of a tag's code",
    )
    parser.add_argument("--material", default="PA12", help="what it is made of (%(default)s)")
    parser.add_argument("--load", action="append", default=[], metavar="key=value",
                        help=f"also judge its strength: {', '.join(LOADS)}")  # fmt: skip
    parser.add_argument("--picture", type=Path, metavar="FILE.png", help="also draw it")
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="all checks as a page")
    parser.add_argument("--json", action="store_true", help="the verification as JSON")


def run(args: argparse.Namespace) -> int:
    """Make, verify and write a part; a report is written also of a part that did not pass."""
    ending = args.output.suffix.lower()
    if ending not in FORMATS:
        raise InputError(f"{args.output}: the ending must be {', '.join(FORMATS)}")
    sizes = dict(size_of(text) for text in args.sizes)
    order = PartOrder(family=args.family, material=args.material, sizes=sizes, mark=args.mark)
    part = compose(order)
    found = verify(part, level="full", duty=_duty(args.load))
    _draw(args, part, found)
    if not found.ok:
        wrong = "; ".join(
            f"{c.name}: {c.found}, wanted {c.wanted}" for c in found.checks if not c.ok
        )
        raise MeshError(f"{args.family}: did not pass its verification: {wrong}")
    write_bytes(args.output, FORMATS[ending](part))
    if args.json:
        print_json({"file": str(args.output), "sha256": part.sha256, "verification": plain(found)})
    else:
        print(
            f"{args.output}: {args.family}, {len(found.checks)} checks passed, {part.sha256[:16]}…"
        )
    return 0


def _draw(args: argparse.Namespace, part: Part, found: Verification) -> None:
    if args.picture is not None:
        write_bytes(args.picture, to_png(picture(from_stl(part.stl))))
    if args.report is not None:
        from fieldlab.app.partreport import report

        write_bytes(args.report, report(part, found).encode())


def _packed(part: Part) -> bytes:
    """Return a part as 3MF that names its sizes and its fingerprint."""
    order = part.order
    made = make(order.family, order.sizes)
    notes = {f"fieldlab:{info.name}": f"{getattr(made, info.name):g}" for info in made.sizes()}
    title = {"Title": order.family, "Application": "fieldlab", "fieldlab:sha256": part.sha256}
    mark = {"fieldlab:mark": order.mark} if order.mark else {}
    return to_3mf(from_stl(part.stl), {**title, **mark, **notes})


def _faceted(part: Part) -> bytes:
    """Return a part as STEP: the mesh's flat faces, no true arcs."""
    return to_step(from_stl(part.stl), part.order.family)


FORMATS: dict[str, Callable[[Part], bytes]] = {
    ".stl": lambda part: part.stl, ".3mf": _packed, ".step": _faceted, ".stp": _faceted,
}  # fmt: skip


def _duty(texts: list[str]) -> Duty | None:
    """Return the load that was given, None without one; raises InputError."""
    given: dict[str, Any] = dict(size_of(text) for text in texts)
    for key, value in given.items():
        if key not in LOADS:
            raise InputError(f"--load has no '{key:.40}'; use {', '.join(LOADS)}")
        words = ("dry", "grease", "oil") if key == "lubrication" else ()
        if value not in words and not (isinstance(value, float) and 0 <= value < inf):
            raise InputError(f"--load {key}={value} is not possible, like torque_nm=4.1")
    return Duty(**given) if given else None


def size_of(text: str) -> tuple[str, float | str]:
    """Return key and value of key=value; raises InputError."""
    key, equals, value = text.partition("=")
    if not equals or not key or not value:
        raise InputError(f"'{text}' is not key=value, like teeth=24")
    try:
        return key, float(value)
    except ValueError:
        return key, value
