"""One row of a batch to an STL and a line of its report; rows do not know each other."""

import re
from collections.abc import Mapping
from typing import Any

from fieldlab.core.errors import FieldlabError, PartError
from fieldlab.core.messages import PartOrder
from partgen.compose import compose
from partgen.verify import Level, verify

NOT_SIZES = ("id", "family", "material", "mark")
Row = Mapping[str, str | float | None]
_ID = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,98}[A-Za-z0-9_-])?")
# Names that Windows keeps for its devices, also with an ending.
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def name_of(row: Row, number: int) -> str:
    """Return the id of a row; `number` names one that has none."""
    return _text(row.get("id")) or f"part-{number:05d}"


def batch_row(
    row: Row, *, number: int = 1, level: Level = "batch"
) -> tuple[bytes | None, dict[str, Any]]:
    """Return the STL of a row, or None if it is refused, and what the report says of it.

    `row` has the keys `family`, the sizes, and `id` and `mark` if it likes; an empty cell is the
    default, which is no mark.
    """
    name = name_of(row, number)
    report: dict[str, Any] = {
        "id": name, "ok": False, "reason": "", "sha256": None, "level": level
    }  # fmt: skip
    try:
        part = compose(_order(row, name))
        found = verify(part, level=level)
    except FieldlabError as error:
        return None, report | {"reason": str(error)}
    wrong = [f"{each.name} is {each.found}, not {each.wanted}" for each in found.checks
             if not each.ok]  # fmt: skip
    if wrong:
        return None, report | {"reason": "; ".join(wrong)}
    return part.stl, report | {"ok": True, "sha256": part.sha256}


def _order(row: Row, name: str) -> PartOrder:
    if not _ID.fullmatch(name) or _DEVICE.fullmatch(name):
        raise PartError(f"id {name!r:.60} cannot be a file's name; use letters, digits, - and _")
    if any(not isinstance(key, str) for key in row):
        raise PartError("the row has more cells than the header has columns")
    family = _text(row.get("family"))
    if not family:
        raise PartError("the row has no family; give one, such as spur_gear")
    sizes = {
        key.strip(): value
        for key, value in row.items()
        if key not in NOT_SIZES and value is not None and _text(value)
    }
    return PartOrder(
        family=family, material=_text(row.get("material")), sizes=sizes, mark=_text(row.get("mark"))
    )


def _text(value: str | float | None) -> str:
    return "" if value is None else str(value).strip()
