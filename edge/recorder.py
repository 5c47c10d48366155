"""Write what passes as a recording: `fieldlab record`."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import yaml

from fieldlab.core.errors import StoreError
from fieldlab.core.machine import load_machine
from fieldlab.core.messages import Reading, Samples, Value, Wave
from fieldlab.core.recording import TIME, WavesRow, write_wav, write_waves_csv


class Recorder:
    """Write one machine's readings into a new folder; a row is on disk as soon as it is whole.

    Parameters
    ----------
    machine : mapping
        The machine file as plain data, as `meta` carries it.

    Raises
    ------
    StoreError
        If the folder holds a recording already or cannot be written.
    MachineFileError
        If the machine file is wrong.
    """

    def __init__(self, folder: Path | str, machine: Mapping[str, Any]) -> None:
        self.rows = 0
        self.torn = 0  # snapshots of which a block was missing
        self._folder = Path(folder)
        self._sensors = tuple(load_machine(machine).sensors)
        self._parts: dict[str, list[Wave]] = {}  # blocks of snapshots that are not whole yet
        self._row: tuple[float, dict[str, float]] | None = None
        try:
            (self._folder / "waves").mkdir(parents=True, exist_ok=True)
            text = yaml.safe_dump(dict(machine), sort_keys=False, allow_unicode=True)
            with (self._folder / "machine.yaml").open("x") as file:
                file.write(text)
        except FileExistsError as error:
            raise StoreError(f"{self._folder}: holds a recording; name a new folder") from error
        except OSError as error:
            raise StoreError(f"{self._folder}: cannot be written: {error.strerror}") from error
        self._signals: TextIO | None = None
        self._waves: TextIO | None = None
        self._waves_written = 0

    def add(self, reading: Reading) -> None:
        """Take a reading, in order of time by sensor; raises StoreError if the disk is full."""
        if reading.sensor not in self._sensors:
            return
        try:
            if isinstance(reading, Value):
                self._value(reading)
            else:
                self._wave(reading)
        except OSError as error:
            raise StoreError(f"{self._folder}: cannot be written: {error.strerror}") from error

    def close(self) -> None:
        """Write the last row; harmless if it is closed."""
        self._end_row()
        for file in (self._signals, self._waves):
            if file is not None:
                file.close()
        self._signals = self._waves = None

    def _value(self, value: Value) -> None:
        row = self._row
        if row is None or row[0] != value.t_s or value.sensor in row[1]:
            self._end_row()
            self._row = row = (value.t_s, {})
        row[1][value.sensor] = value.value

    def _end_row(self) -> None:
        if self._row is None:
            return
        t_s, cells = self._row
        self._row = None
        if self._signals is None:
            self._signals = (self._folder / "signals.csv").open("w")
            self._signals.write(",".join((TIME, *self._sensors)) + "\n")
        values = (cells.get(sensor, math.nan) for sensor in self._sensors)
        texts = ("" if math.isnan(value) else repr(value) for value in values)
        self._signals.write(",".join((repr(t_s), *texts)) + "\n")
        self._signals.flush()
        self.rows += 1

    def _wave(self, block: Wave) -> None:
        parts = self._parts.setdefault(block.sensor, [])
        if parts and not _follows(parts[-1], block):
            parts.clear()
            self.torn += 1
        parts.append(block)
        if block.last:
            self._snapshot(parts)
            self._parts[block.sensor] = []

    def _snapshot(self, parts: list[Wave]) -> None:
        name = f"waves/{self._waves_written:06d}.wav"
        samples: Samples = np.concatenate([part.samples for part in parts])
        (self._folder / name).write_bytes(write_wav(parts[0].rate_hz, samples))
        table = write_waves_csv(
            [WavesRow(time_s=parts[0].t_s, file=name, sensors=(parts[0].sensor,))]
        )
        if self._waves is None:
            self._waves = (self._folder / "waves.csv").open("w")
            self._waves.write(table)
        else:
            self._waves.write(table.partition("\n")[2])
        self._waves.flush()
        self._waves_written += 1
        self.rows += 1


def _follows(before: Wave, block: Wave) -> bool:
    """Return whether a block goes on where the one before ended, to half a sample."""
    end_s = before.t_s + len(before.samples) / before.rate_hz
    return block.rate_hz == before.rate_hz and abs(block.t_s - end_s) * block.rate_hz < 1.5  # noqa: PLR2004 - µs rounding at high rates
