"""A table as people have it: any separator, decimal commas, dates; to columns of numbers. Pure."""

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from fieldlab.core.errors import RecordingError
from fieldlab.core.recording import Column

SEPARATORS = "\t;,"
MOST_COLUMNS = 200
LOOKED_AT = 200  # rows, to tell what a column looks like
_TIME = re.compile(r"\W*(t|time|tijd|timestamp|datetime|date|datum)(?![a-z])", re.IGNORECASE)
_NOTHING = frozenset({"", "nan", "na", "n/a", "null", "none", "-"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The cells of a table, row by row; `line` of the first row, for errors."""

    names: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    separator: str
    line: int


def text_of(data: bytes) -> str:
    """Return the text of a file; raises RecordingError for what is no text."""
    if b"\0" in data[:65_536]:
        raise RecordingError("this is not a table but a binary file; save it as CSV")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RecordingError("this is not text (UTF-8 or Windows-1252); save it as CSV")


def sheet_of(text: str) -> Sheet:
    """Return the cells; columns without a name are called c1, c2 and so on.

    Raises
    ------
    RecordingError
        If it is empty, not a table, or a row has another number of cells than the first.
    """
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    separator = next((mark for mark in SEPARATORS if mark in first), ",")
    try:
        cells = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if any(row)]
    except csv.Error as error:
        raise RecordingError(f"this is not a table: {error}") from error
    if not cells:
        raise RecordingError("the table is empty")
    head = [cell.strip() for cell in cells[0]]
    if len(head) > MOST_COLUMNS:
        raise RecordingError(f"{len(head)} columns; at most {MOST_COLUMNS}")
    has_header = any(_number(cell, separator) is None for cell in head)
    names = _names(head) if has_header else tuple(f"c{at + 1}" for at in range(len(head)))
    rows = cells[1:] if has_header else cells
    line = 2 if has_header else 1
    for at, row in enumerate(rows):
        if len(row) != len(names):
            raise RecordingError(f"row {at + line}: {len(row)} cells; the first has {len(names)}")
    if not rows:
        raise RecordingError("the table has a header and no rows")
    return Sheet(names=names, rows=rows, separator=separator, line=line)


def _names(head: Sequence[str]) -> tuple[str, ...]:
    found: list[str] = []
    for at, cell in enumerate(head):
        name = cell[:200] or f"c{at + 1}"
        found.append(name if name not in found else f"{name} {at + 1}")
    return tuple(found)


def _number(cell: str, separator: str) -> float | None:
    """Return a cell's number, NaN where it is empty, None where it is something else."""
    text = cell.strip()
    if text.lower() in _NOTHING:
        return math.nan
    try:
        return float(text.replace(",", ".") if separator != "," else text)
    except ValueError:
        return None


def numbers(sheet: Sheet, name: str) -> Column:
    """Return a column as numbers, NaN where a cell is empty; raises RecordingError with its row."""
    at = sheet.names.index(name)
    found = np.empty(len(sheet.rows))
    for number, row in enumerate(sheet.rows):
        value = _number(row[at], sheet.separator)
        if value is None or math.isinf(value):
            raise RecordingError(
                f"row {number + sheet.line}, column '{name:.60}': found {row[at]!r:.40}; wanted a"
                " number or nothing"
            )
        found[number] = value
    return found


def times_s(sheet: Sheet, name: str) -> Column:
    """Return a column of seconds or ISO dates as seconds; it must grow from row to row.

    Raises
    ------
    RecordingError
        At the first row that is no time, or not after the one before it.
    """
    at = sheet.names.index(name)
    found = np.array([_time_s(cell, row, sheet, name) for row, cell in _cells(sheet, at)])
    back = np.flatnonzero(np.diff(found) <= 0)
    if back.size:
        row = int(back[0]) + 1 + sheet.line
        raise RecordingError(f"row {row}, column '{name:.60}': the time does not grow")
    return found


def _cells(sheet: Sheet, at: int) -> Iterator[tuple[int, str]]:
    return ((number + sheet.line, row[at]) for number, row in enumerate(sheet.rows))


def _time_s(cell: str, row: int, sheet: Sheet, name: str) -> float:
    value = _number(cell, sheet.separator)
    if value is None:
        value = _date_s(cell)
    if value is None or not math.isfinite(value):
        raise RecordingError(
            f"row {row}, column '{name:.60}': found {cell!r:.40}; wanted seconds or a date like"
            " 2026-11-25 14:03:00"
        )
    return value


def _date_s(cell: str) -> float | None:
    try:
        found = datetime.fromisoformat(cell.strip())
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def columns_of(sheet: Sheet) -> dict[str, Any]:
    """Return what the columns look like: time, number, text or empty; and the step in time."""
    found: list[dict[str, Any]] = []
    time: str | None = None
    for at, name in enumerate(sheet.names):
        cells = [row[at].strip() for row in sheet.rows[:LOOKED_AT]]
        looks = _looks(cells, sheet.separator)
        if time is None and (looks == "date" or (looks == "number" and _TIME.match(name))):
            time, looks = name, "time"
        found.append({"name": name, "looks": looks, "samples": cells[:3]})
    step_s = None
    if time is not None and len(sheet.rows) > 1:
        head = Sheet(names=sheet.names, rows=sheet.rows[:LOOKED_AT], separator=sheet.separator,
                     line=sheet.line)  # fmt: skip
        step_s = float(np.median(np.diff(times_s(head, time))))
    return {"columns": found, "time": time, "step_s": step_s, "rows": len(sheet.rows)}


def _looks(cells: Sequence[str], separator: str) -> str:
    values = [_number(cell, separator) for cell in cells]
    if all(value is not None and math.isnan(value) for value in values):
        return "empty"
    if all(value is not None for value in values):
        return "number"
    return "date" if all(_date_s(cell) is not None for cell in cells) else "text"
