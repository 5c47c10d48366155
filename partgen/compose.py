"""An order to the bytes of a part."""

import difflib
from collections.abc import Mapping
from hashlib import sha256

from fieldlab.core.errors import PartError
from fieldlab.core.messages import Part, PartOrder
from partgen.export import to_stl
from partgen.families import FAMILIES
from partgen.families.calibration import Calibration
from partgen.families.family import Family, SizeInfo
from partgen.families.tag import Tag

# Made like parts, but none: a plate to measure a printer with, and a tag with a code.
BESIDE: dict[str, type[Family]] = {"calibration": Calibration, "tag": Tag}


def make(family: str, sizes: Mapping[str, float | int | str]) -> Family:
    """Return the part of a family with these sizes; sizes that are not given are the defaults.

    Raises
    ------
    PartError
        For an unknown family or size, or sizes that cannot be made; says what would work.
    """
    kind = BESIDE.get(family) or FAMILIES.get(family)
    if kind is None:
        raise PartError(f"there is no family {family[:40]!r}; {_near(family, tuple(FAMILIES))}")
    known = {each.name: each for each in kind.sizes()}
    for name in sizes:
        if name not in known:
            raise PartError(f"{family} has no size {name[:40]!r}; {_near(name, tuple(known))}")
    numbers = {name: _number(known[name], value) for name, value in sizes.items()}
    return kind(**numbers)


def compose(order: PartOrder) -> Part:
    """Return the part of an order; the same order gives the same bytes. Raises PartError."""
    stl = to_stl(make(order.family, order.sizes).mesh(order.mark))
    return Part(order=order, stl=stl, sha256=sha256(stl).hexdigest())


def _number(info: SizeInfo, value: float | str) -> float | int:
    """Return a size as a number; text is read, and 20.0 is a whole number."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        wanted = f"give a number such as {info.default:g}"
        raise PartError(f"{info.name} is {value!r:.40}; {wanted}") from error
    if info.whole and number.is_integer() and abs(number) < 1e15:
        return int(number)
    return number


def _near(name: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean '{close[0]}'?" if close else f"use one of {', '.join(known)}"
