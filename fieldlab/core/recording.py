"""A recording's tables and WAV files as pure parsers and writers of text and bytes.

The layout is in ARCHITECTURE, "A recording". Each error is a RecordingError that names the file and
the line. Nothing here opens a file.
"""

import csv
import io
import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from fieldlab.core.errors import RecordingError

Column = npt.NDArray[np.float64]
Channels = npt.NDArray[np.float32]

TIME = "time_s"
_WAVES_HEADER = (TIME, "file", "sensors")
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE  # WAVE_FORMAT_* of mmreg.h
_PCM16_MAX = 32_768.0
_FORMAT_BYTES = 16
_EXTENSIBLE_BYTES = 26
_MAX_CHANNELS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalsTable:
    """Single readings by column, in the order of the file; NaN where a cell is empty."""

    time_s: Column
    columns: Mapping[str, Column]


@dataclass(frozen=True, slots=True, kw_only=True)
class WavesRow:
    """One snapshot: its start, its WAV file, the sensors by channel, the conditions it was under.

    `line` is where it stands in its file, for errors.
    """

    time_s: float
    file: str
    sensors: tuple[str, ...]
    conditions: Mapping[str, float] = field(default_factory=dict)
    line: int = 0


# ------------------------------------------------------------------------------------- tables


def parse_signals_csv(text: str, *, file: str = "signals.csv") -> SignalsTable:
    r"""Return the table of single readings; raises RecordingError with file and line.

    >>> parse_signals_csv("time_s,oil\n1.0,40\n2.0,\n").columns["oil"].tolist()
    [40.0, nan]
    """
    rows = _rows(text, file)
    header = _header(next(rows, (1, ())), file, (TIME,))
    numbers = [_numbers(cells, line, file, header) for line, cells in rows]
    table = np.array(numbers, dtype=np.float64).reshape(len(numbers), len(header))
    return SignalsTable(
        time_s=table[:, 0].copy(),
        columns={name: table[:, at].copy() for at, name in enumerate(header) if at > 0},
    )


def parse_waves_csv(text: str, *, file: str = "waves.csv") -> tuple[WavesRow, ...]:
    r"""Return the snapshots; raises RecordingError with file and line.

    >>> parse_waves_csv("time_s,file,sensors,load\n1.5,waves/0.wav,acc-x acc-y,3\n")[0].sensors
    ('acc-x', 'acc-y')
    """
    rows = _rows(text, file)
    header = _header(next(rows, (1, ())), file, _WAVES_HEADER)
    return tuple(_waves_row(cells, line, file, header) for line, cells in rows)


def write_signals_csv(table: SignalsTable) -> str:
    """Return a table of single readings as CSV; NaN becomes an empty cell."""
    columns = list(table.columns.values())
    lines = [",".join((TIME, *table.columns))]
    for at, time_s in enumerate(table.time_s):
        lines.append(",".join((_text(time_s), *(_text(column[at]) for column in columns))))
    return "\n".join(lines) + "\n"


def write_waves_csv(rows: Sequence[WavesRow]) -> str:
    """Return the table of snapshots as CSV."""
    conditions = tuple(dict.fromkeys(name for row in rows for name in row.conditions))
    lines = [",".join((*_WAVES_HEADER, *conditions))]
    for row in rows:
        values = (_text(row.conditions.get(name, math.nan)) for name in conditions)
        lines.append(",".join((_text(row.time_s), row.file, " ".join(row.sensors), *values)))
    return "\n".join(lines) + "\n"


def _text(value: float) -> str:
    return "" if math.isnan(value) else repr(float(value))


def _rows(text: str, file: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield the rows that are not empty, each with its line; quotes are understood."""
    try:
        if '"' in text:
            reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
            for cells in reader:
                if cells:
                    yield reader.line_num, cells
            return
    except csv.Error as error:
        raise RecordingError(f"{file}: not CSV: {error}") from error
    for line, row in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if row.strip():
            yield line, row.split(",")


def _header(row: tuple[int, Sequence[str]], file: str, wanted: tuple[str, ...]) -> tuple[str, ...]:
    line, cells = row
    header = tuple(cell.strip() for cell in cells)
    if header[: len(wanted)] != wanted:
        found = ",".join(header)[:80] or "nothing"
        raise RecordingError(f"{file}:{line}: header '{found}'; it starts with {','.join(wanted)}")
    for at, name in enumerate(header):
        if not name or name in header[:at]:
            what = f"column '{name}' stands here twice" if name else f"column {at + 1} has no name"
            raise RecordingError(f"{file}:{line}: {what}")
    return header


def _numbers(
    cells: Sequence[str], line: int, file: str, header: Sequence[str]
) -> tuple[float, ...]:
    if len(cells) != len(header):
        raise RecordingError(f"{file}:{line}: {len(cells)} cells; the header has {len(header)}")
    try:
        numbers = tuple(float(cell) if cell and not cell.isspace() else math.nan for cell in cells)
    except ValueError:
        numbers = tuple(
            _number(cell, line, file, name) for cell, name in zip(cells, header, strict=True)
        )
    if math.isinf(sum(numbers)) and any(map(math.isinf, numbers)):
        raise RecordingError(f"{file}:{line}: a cell is infinite; leave it empty")
    if not math.isfinite(numbers[0]):
        raise RecordingError(f"{file}:{line}: {TIME} is empty; every row needs a time in seconds")
    return numbers


def _number(cell: str, line: int, file: str, column: str) -> float:
    try:
        found = float(cell) if cell.strip() else math.nan
    except ValueError as error:
        raise RecordingError(
            f"{file}:{line}: column '{column}' holds {cell!r:.40}; wanted a number or nothing"
        ) from error
    if math.isinf(found):
        raise RecordingError(f"{file}:{line}: column '{column}' is infinite; leave it empty")
    return found


def _waves_row(cells: Sequence[str], line: int, file: str, header: Sequence[str]) -> WavesRow:
    if len(cells) != len(header):
        raise RecordingError(f"{file}:{line}: {len(cells)} cells; the header has {len(header)}")
    time_s = _number(cells[0], line, file, TIME)
    if math.isnan(time_s):
        raise RecordingError(f"{file}:{line}: {TIME} is empty; every row needs a time in seconds")
    name, sensors = cells[1].strip(), tuple(cells[2].split())
    if not name or name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
        raise RecordingError(f"{file}:{line}: file '{name[:80]}' is not inside the recording")
    if not sensors or len(set(sensors)) != len(sensors):
        raise RecordingError(f"{file}:{line}: sensors '{cells[2][:80]}'; name each channel once")
    at = len(_WAVES_HEADER)
    values = {
        column: _number(cell, line, file, column)
        for column, cell in zip(header[at:], cells[at:], strict=True)
    }
    return WavesRow(
        time_s=time_s,
        file=name,
        sensors=sensors,
        conditions={key: value for key, value in values.items() if not math.isnan(value)},
        line=line,
    )


# ---------------------------------------------------------------------------------------- WAV


def parse_wav(data: bytes, *, file: str = "wave.wav") -> tuple[float, Channels]:
    """Return the rate in Hz and the samples (n, channels) of a WAV of 32-bit float or PCM16.

    PCM16 is scaled to -1 .. 1.

    Raises
    ------
    RecordingError
        If it is not such a WAV, is cut short, is empty, or holds a sample that is not finite.
    """
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise RecordingError(f"{file}: not a WAV file (no RIFF/WAVE at its start)")
    chunks = dict(_chunks(data, file))
    if b"fmt " not in chunks or b"data" not in chunks:
        raise RecordingError(f"{file}: a WAV file needs a 'fmt ' and a 'data' chunk")
    kind, channels, rate_hz, width = _format(chunks[b"fmt "], file)
    body = chunks[b"data"]
    if not body or len(body) % (channels * width):
        raise RecordingError(f"{file}: {len(body)} bytes of data; wanted whole samples")
    if kind == _FLOAT:
        samples: Channels = np.frombuffer(body, "<f4")
    else:
        samples = np.frombuffer(body, "<i2").astype(np.float32) / np.float32(_PCM16_MAX)
    if not np.isfinite(samples).all():
        raise RecordingError(f"{file}: a sample is NaN or infinite")
    return float(rate_hz), samples.reshape(-1, channels)


def write_wav(rate_hz: float, samples: npt.ArrayLike) -> bytes:
    """Return samples (n,) or (n, channels) as a WAV of 32-bit float; the rate is rounded to Hz."""
    table = np.asarray(samples, dtype="<f4")
    channels = 1 if table.ndim == 1 else table.shape[1]
    body = table.tobytes()
    rate = round(rate_hz)
    form = struct.pack("<HHIIHH", _FLOAT, channels, rate, rate * channels * 4, channels * 4, 32)
    head = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data"
    size = len(head) + 4 + len(body)
    return b"RIFF" + struct.pack("<I", size) + head + struct.pack("<I", len(body)) + body


def _chunks(data: bytes, file: str) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        at += 8
        if at + size > len(data):
            raise RecordingError(
                f"{file}: cut short: chunk '{name.decode('ascii', 'replace')}' says {size} bytes,"
                f" {len(data) - at} are left"
            )
        yield name, data[at : at + size]
        at += size + size % 2


def _format(chunk: bytes, file: str) -> tuple[int, int, int, int]:
    """Return the format, channels, rate in Hz and bytes of one sample."""
    if len(chunk) < _FORMAT_BYTES:
        raise RecordingError(f"{file}: its 'fmt ' chunk is cut short")
    kind, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", chunk)
    if kind == _EXTENSIBLE and len(chunk) >= _EXTENSIBLE_BYTES:
        (kind,) = struct.unpack_from("<H", chunk, _EXTENSIBLE_BYTES - 2)
    if (kind, bits) not in ((_FLOAT, 32), (_PCM, 16)):
        raise RecordingError(
            f"{file}: format {kind} with {bits} bits; wanted 32-bit float (or 16-bit PCM)"
        )
    if not 0 < channels <= _MAX_CHANNELS or rate_hz == 0:
        raise RecordingError(f"{file}: {channels} channels at {rate_hz} Hz")
    return kind, channels, rate_hz, bits // 8
