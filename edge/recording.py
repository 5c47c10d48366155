"""A recording's folder, read lazily: its machine, and its readings in order of time."""

import gzip
import heapq
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from fieldlab.core.errors import MachineFileError, RecordingError
from fieldlab.core.machine import Machine, parse_machine
from fieldlab.core.messages import Reading, Value, Wave
from fieldlab.core.recording import (
    SignalsTable,
    WavesRow,
    parse_signals_csv,
    parse_wav,
    parse_waves_csv,
)

MAX_TABLE_BYTES = 2_000_000_000
_EMPTY = SignalsTable(time_s=np.empty(0), columns={})
_Place = tuple[float, int, int]  # time_s, 0 for a signals row or 1 for a snapshot, row


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording on disk; the tables are in memory, the WAV files are read when their turn comes.

    `plain` is the machine file as plain data, as `meta` carries it.
    """

    folder: Path
    machine: Machine
    plain: dict[str, object]
    signals: SignalsTable
    waves: tuple[WavesRow, ...]

    def __len__(self) -> int:
        """Return the number of rows of both tables."""
        return len(self.signals.time_s) + len(self.waves)

    @property
    def start_s(self) -> float:
        """The time of the first row."""
        return min(time_s for time_s, _, _ in self._heads())

    @property
    def end_s(self) -> float:
        """The time of the last row (for a snapshot, of its start)."""
        starts = [row.time_s for row in self.waves]
        return float(max([*starts, *self.signals.time_s.tolist()]))

    @property
    def sensors(self) -> tuple[str, ...]:
        """The sensors that this recording holds, in the order of the machine file."""
        held = {*self.signals.columns}
        for row in self.waves:
            held |= {*row.sensors, *row.conditions}
        return tuple(name for name in self.machine.sensors if name in held)

    def readings(self) -> Iterator[Reading]:
        """Yield every reading in order of time; raises RecordingError at a broken WAV file."""
        for batch in self.batches():
            yield from batch

    def batches(self, *, skip: int = 0) -> Iterator[tuple[Reading, ...]]:
        """Yield the readings of each row in order of time; `skip` rows are passed unread."""
        for at, (_, kind, row) in enumerate(heapq.merge(*self._orders())):
            if at >= skip:
                yield self._snapshot(self.waves[row]) if kind else self._signals_row(row)

    def _orders(self) -> tuple[list[_Place], list[_Place]]:
        signals = [
            (float(self.signals.time_s[row]), 0, int(row))
            for row in np.argsort(self.signals.time_s, kind="stable")
        ]
        return signals, sorted((row.time_s, 1, at) for at, row in enumerate(self.waves))

    def _heads(self) -> list[_Place]:
        return [order[0] for order in self._orders() if order]

    def _signals_row(self, row: int) -> tuple[Reading, ...]:
        t_s = float(self.signals.time_s[row])
        return tuple(
            Value(sensor=name, t_s=t_s, value=float(column[row]))
            for name, column in self.signals.columns.items()
            if column[row] == column[row]
        )

    def _snapshot(self, row: WavesRow) -> tuple[Reading, ...]:
        try:
            data = (self.folder / row.file).read_bytes()
        except OSError as error:
            raise RecordingError(
                f"{self.folder / 'waves.csv'}:{row.line}: cannot read '{row.file}':"
                f" {error.strerror}"
            ) from error
        rate_hz, samples = parse_wav(data, file=str(self.folder / row.file))
        if samples.shape[1] != len(row.sensors):
            raise RecordingError(
                f"{self.folder / 'waves.csv'}:{row.line}: '{row.file}' has {samples.shape[1]}"
                f" channels, {len(row.sensors)} sensors are named"
            )
        values = tuple(
            Value(sensor=name, t_s=row.time_s, value=value)
            for name, value in row.conditions.items()
        )
        waves = tuple(
            Wave(
                sensor=name,
                t_s=row.time_s,
                rate_hz=self._rate_hz(name, rate_hz),
                samples=np.ascontiguousarray(samples[:, channel]),
                last=True,
            )
            for channel, name in enumerate(row.sensors)
        )
        return (*values, *waves)

    def _rate_hz(self, sensor: str, found_hz: float) -> float:
        """Return the machine file's rate where the WAV holds it rounded to whole Hz."""
        said_hz = self.machine.sensors[sensor].rate_hz
        return said_hz if said_hz is not None and round(said_hz) == found_hz else found_hz


def open_recording(path: Path | str) -> Recording:
    """Return the recording in a folder.

    Raises
    ------
    RecordingError
        If a file is missing or broken; the message names the file and the line.
    MachineFileError
        If its machine file is wrong.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise RecordingError(f"{folder}: there is no such folder; a recording is a folder")
    file = folder / "machine.yaml"
    text = _text(file)
    machine = parse_machine(text, file=str(file))
    plain = yaml.safe_load(text)
    if not isinstance(plain, dict):  # parse_machine has refused this
        raise MachineFileError((f"{file}: not a machine file",))
    recording = Recording(
        folder=folder,
        machine=machine,
        plain=plain,
        signals=_signals(folder),
        waves=_waves(folder),
    )
    if not len(recording):
        raise RecordingError(f"{folder}: holds no rows; wanted signals.csv(.gz) or waves.csv")
    _check_sensors(recording)
    return recording


def _signals(folder: Path) -> SignalsTable:
    for name in ("signals.csv.gz", "signals.csv"):
        if (folder / name).exists():
            return parse_signals_csv(_text(folder / name), file=str(folder / name))
    return _EMPTY


def _waves(folder: Path) -> tuple[WavesRow, ...]:
    file = folder / "waves.csv"
    return parse_waves_csv(_text(file), file=str(file)) if file.exists() else ()


def _text(file: Path) -> str:
    try:
        if file.suffix == ".gz":
            with gzip.open(file) as stream:
                data = stream.read(MAX_TABLE_BYTES + 1)
        else:
            data = file.read_bytes()
        if len(data) > MAX_TABLE_BYTES:
            raise RecordingError(f"{file}: more than {MAX_TABLE_BYTES} bytes")
        return data.decode()
    except FileNotFoundError as error:
        raise RecordingError(f"{file}: there is no such file; every recording has one") from error
    except (OSError, EOFError, zlib.error) as error:
        raise RecordingError(f"{file}: cannot be read: {error}") from error
    except UnicodeDecodeError as error:
        raise RecordingError(f"{file}: not UTF-8 at byte {error.start}") from error


def _check_sensors(recording: Recording) -> None:
    known = recording.machine.sensors
    for name in recording.signals.columns:
        if name not in known:
            raise RecordingError(
                f"{recording.folder / 'signals.csv'}:1: column '{name}' is no sensor of"
                f" machine.yaml; it knows {', '.join(known)}"
            )
    for row in recording.waves:
        for name in (*row.sensors, *row.conditions):
            if name not in known:
                raise RecordingError(
                    f"{recording.folder / 'waves.csv'}:{row.line}: '{name}' is no sensor of"
                    f" machine.yaml; it knows {', '.join(known)}"
                )
