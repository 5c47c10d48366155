"""A recording that is written is read back, and a broken one says where."""

import asyncio
import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.drivers.recording import RecordingSensor
from edge.recorder import Recorder
from edge.recording import open_recording
from fieldlab.core.clock import ManualClock
from fieldlab.core.errors import FieldlabError, RecordingError, StoreError
from fieldlab.core.messages import Command, Reading, Value, Wave
from fieldlab.core.recording import (
    SignalsTable,
    parse_signals_csv,
    parse_wav,
    parse_waves_csv,
    write_signals_csv,
    write_wav,
    write_waves_csv,
)

MACHINE = """
fieldlab: 1
id: press
sensors:
  acc-x: {quantity: acceleration, unit: g, rate_hz: 1000}
  acc-y: {quantity: acceleration, unit: g, rate_hz: 1000}
  oil: {quantity: temperature, unit: degC}
  load: {quantity: load, unit: kg, role: condition}
"""


def make(folder: Path) -> Path:
    (folder / "waves").mkdir(parents=True)
    (folder / "machine.yaml").write_text(MACHINE)
    with gzip.open(folder / "signals.csv.gz", "wt") as file:
        file.write("time_s,oil,load\n12.0,41,\n10.0,40,5\n11.0,,6\n")
    (folder / "waves.csv").write_text(
        "time_s,file,sensors,load\n11.5,waves/1.wav,acc-x acc-y,7\n10.5,waves/0.wav,acc-x,\n"
    )
    (folder / "waves" / "0.wav").write_bytes(write_wav(1000, np.arange(4)))
    (folder / "waves" / "1.wav").write_bytes(write_wav(1000, [[1, 2], [3, 4]]))
    return folder


def brief(reading: Reading) -> tuple[object, ...]:
    if isinstance(reading, Value):
        return reading.t_s, reading.sensor, reading.value
    return reading.t_s, reading.sensor, reading.samples.tolist()


EXPECTED = [
    (10.0, "oil", 40.0),
    (10.0, "load", 5.0),
    (10.5, "acc-x", [0.0, 1.0, 2.0, 3.0]),
    (11.0, "load", 6.0),
    (11.5, "load", 7.0),
    (11.5, "acc-x", [1.0, 3.0]),
    (11.5, "acc-y", [2.0, 4.0]),
    (12.0, "oil", 41.0),
]


def test_readings_come_in_order_of_time_whatever_the_order_of_the_rows(tmp_path: Path) -> None:
    recording = open_recording(make(tmp_path / "r"))

    assert [brief(reading) for reading in recording.readings()] == EXPECTED
    assert (recording.start_s, recording.end_s, len(recording)) == (10.0, 12.0, 5)
    assert recording.sensors == ("acc-x", "acc-y", "oil", "load")


def test_what_is_recorded_is_read_back_the_same(tmp_path: Path) -> None:
    recording = open_recording(make(tmp_path / "r"))
    recorder = Recorder(tmp_path / "copy", recording.plain)

    for reading in recording.readings():
        recorder.add(reading)
    recorder.close()

    again = [brief(reading) for reading in open_recording(tmp_path / "copy").readings()]
    assert again == EXPECTED


def test_blocks_of_a_long_wave_become_one_snapshot_and_a_torn_one_is_counted(
    tmp_path: Path,
) -> None:
    recording = open_recording(make(tmp_path / "r"))
    recorder = Recorder(tmp_path / "copy", recording.plain)

    def block(t_s: float, *, last: bool) -> Wave:
        return Wave(sensor="acc-x", t_s=t_s, rate_hz=1000.0, samples=np.ones(500), last=last)

    for wave in (
        block(1.0, last=False),
        block(5.0, last=False),
        block(5.5, last=False),
        block(6.0, last=True),
    ):
        recorder.add(wave)
    recorder.close()

    (whole,) = open_recording(tmp_path / "copy").readings()
    assert isinstance(whole, Wave)
    assert (whole.t_s, len(whole.samples), recorder.torn) == (5.0, 1500, 1)


def test_a_recording_is_never_overwritten(tmp_path: Path) -> None:
    recording = open_recording(make(tmp_path / "r"))

    with pytest.raises(StoreError, match="name a new folder"):
        Recorder(tmp_path / "r", recording.plain)


def break_file(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(content)


@pytest.mark.parametrize(
    ("breaking", "said"),
    [
        (break_file("waves.csv", b"time_s,file\n"), r"waves\.csv:1: header"),
        (break_file("waves.csv", b"time_s,file,sensors\n1,x.wav\n"), r"waves\.csv:2: 2 cells"),
        (break_file("waves.csv", b"time_s,file,sensors\n1,../x,acc-x\n"), "not inside"),
        (break_file("waves.csv", b"time_s,file,sensors\n1,x.wav,acc-x\n"), r":2: cannot read"),
        (break_file("waves.csv", b"time_s,file,sensors\n1,x.wav,acc-z\n"), "'acc-z' is no sensor"),
        (break_file("waves.csv", b"time_s,file,sensors\n,x.wav,acc-x\n"), r":2: time_s is empty"),
        (
            break_file("waves.csv", b"time_s,file,sensors\n1,waves/1.wav,acc-x\n"),
            "2 channels, 1 sensors",
        ),
        (break_file("waves/0.wav", b"RIFF"), r"0\.wav: not a WAV"),
        (break_file("signals.csv.gz", b"not gzip"), r"signals\.csv\.gz: cannot be read"),
        (
            break_file("signals.csv.gz", gzip.compress(b"time_s,oil\n1,2\n2,warm\n")),
            r"signals\.csv\.gz:3: column 'oil' holds 'warm'",
        ),
        (
            break_file("signals.csv.gz", gzip.compress(b"time_s,oil\n1,inf\n")),
            r"signals\.csv\.gz:2: .*infinite",
        ),
        (break_file("signals.csv.gz", gzip.compress(b"time_s,gas\n1,2\n")), "'gas' is no sensor"),
        (break_file("signals.csv.gz", gzip.compress(b"time_s,oil,oil\n")), "twice"),
        (break_file("signals.csv.gz", gzip.compress(b"\xff\xfe")), "not UTF-8"),
        (break_file("machine.yaml", b"fieldlab: 2"), "machine.yaml"),
        (lambda folder: (folder / "machine.yaml").unlink(), "no such file"),
    ],
)
def test_a_broken_recording_says_where(
    breaking: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    folder = make(tmp_path / "r")
    breaking(folder)

    with pytest.raises(FieldlabError, match=said):
        list(open_recording(folder).readings())


def test_no_folder_and_no_rows_are_said(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="a recording is a folder"):
        open_recording(tmp_path / "nowhere")
    (tmp_path / "machine.yaml").write_text(MACHINE)
    with pytest.raises(RecordingError, match="holds no rows"):
        open_recording(tmp_path)


@given(
    cells=st.lists(
        st.tuples(st.floats(-1e9, 1e9), st.floats(allow_infinity=False, allow_nan=True, width=64)),
        max_size=20,
    )
)
def test_any_table_survives_the_round_trip(cells: list[tuple[float, float]]) -> None:
    table = np.array(cells, dtype=np.float64).reshape(len(cells), 2)

    found = parse_signals_csv(
        write_signals_csv(SignalsTable(time_s=table[:, 0], columns={"oil": table[:, 1]}))
    )

    np.testing.assert_array_equal(found.time_s, table[:, 0])
    np.testing.assert_array_equal(found.columns["oil"], table[:, 1])


def test_the_table_of_snapshots_survives_the_round_trip() -> None:
    text = "time_s,file,sensors,load\n1.5,waves/0.wav,acc-x acc-y,7.0\n2.5,waves/1.wav,acc-x,\n"

    assert write_waves_csv(parse_waves_csv(text)) == text


@given(st.binary(max_size=200))
def test_random_bytes_are_no_wav_and_no_crash(data: bytes) -> None:
    for start in (b"", b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0"):
        with pytest.raises(RecordingError):
            parse_wav(start + data)


def test_sixteen_bit_sound_is_read_too() -> None:
    body = struct.pack("<4h", 0, 16384, -32768, 32767)
    form = struct.pack("<HHIIHH", 1, 2, 8000, 32000, 4, 16)
    wav = b"RIFF\0\0\0\0WAVEfmt " + struct.pack("<I", 16) + form
    wav += b"LIST" + struct.pack("<I", 3) + b"abc\0" + b"data" + struct.pack("<I", 8) + body

    rate_hz, samples = parse_wav(wav)

    assert rate_hz == 8000.0
    np.testing.assert_allclose(samples, [[0, 0.5], [-1, 32767 / 32768]])


async def _read_all(sensor: RecordingSensor) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    while (readings := await sensor.read()) is not None:
        found += [brief(reading) for reading in readings]
    return found


def test_a_replay_takes_its_time_and_goes_on_after_a_restart(tmp_path: Path) -> None:
    recording, clock = open_recording(make(tmp_path / "r")), ManualClock()
    sensor = RecordingSensor(recording, speed=2.0, clock=clock, healthy_until_s=11.0)
    start_s = clock.now_s()

    async def story() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        first = [*(await sensor.read() or ()), *(await sensor.read() or ())]
        resumed = RecordingSensor(recording, clock=clock, checkpoint=sensor.checkpoint())
        return [brief(reading) for reading in first], await _read_all(resumed)

    first, rest = asyncio.run(story())

    assert first + rest == EXPECTED
    assert clock.now_s() - start_s == pytest.approx(0.25 + 1.0)  # 10.0..10.5 twice as fast, 11..12
    assert sensor.patient
    assert not sensor.command("fit", Command(id="1", expires_s=0.0)).ok


@pytest.mark.parametrize("checkpoint", [b"", b"rubbish", b"[]", b'{"machine": "other", "done": 3}'])
def test_a_foreign_checkpoint_starts_from_the_beginning(checkpoint: bytes, tmp_path: Path) -> None:
    recording = open_recording(make(tmp_path / "r"))
    sensor = RecordingSensor(recording, speed=0, clock=ManualClock(), checkpoint=checkpoint)

    assert asyncio.run(_read_all(sensor)) == EXPECTED
