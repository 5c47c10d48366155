"""What a student's pages ask: what arrives, one sensor live, a recording of now."""

import io
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml

from analytics.lines import named_lines
from edge.recording import open_recording
from fieldlab.app.taping import Tapes
from fieldlab.core.clock import SystemClock
from fieldlab.core.codec import decode_meta
from fieldlab.core.errors import InputError, MachineFileError, RefusedError
from fieldlab.core.machine import load_machine, parse_machine
from fieldlab.core.messages import Value, Wave
from tests.integration.test_ingest import FILE, message, messages
from tests.unit.app.test_view import Desk

COOKIE = Path(__file__).parents[3] / "machines" / "cookie-line.yaml"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A hub whose press has learnt what is normal."""
    desk = Desk(tmp_path_factory.mktemp("students"))
    for topic, payload in messages(windows=80):
        desk.ingest.take(topic, payload)
    desk.ingest.commit()
    return desk


def test_what_nobody_knows_is_shown_when_it_arrives_and_so_is_why_it_is_refused(desk: Desk) -> None:
    desk.ingest.take("fieldlab/v1/hall/my-rig/esp32/value/lamp", b"21.5")
    desk.ingest.take("fieldlab/v1/hall/my-rig/esp32/value/hum", b'"warm"')
    desk.ingest.take("fieldlab/v1/hall/press/pi/value/tempp", b"1")

    found = {one["sensor"]: one for one in desk.view.arriving()}

    assert (found["lamp"]["last"], found["lamp"]["known"]) == (21.5, False)
    assert "wanted a number" in found["hum"]["problem"]
    assert "has no sensor 'tempp'" in found["tempp"]["problem"]
    assert found["acc"]["known"]


def test_a_sensor_is_live_beside_its_normal_and_the_machines_own_lines(desk: Desk) -> None:
    found = desk.view.sensor("press", "acc", None)

    assert found is not None
    assert found["lines"][0] == {
        "frequency_hz": 10.0, "order": 1.0, "shaft": "main", "is_envelope": False,
        "components": ("fan",), "modes": ("imbalance",),
        "name": {"en": "once per turn", "nl": "één per omwenteling"},
    }  # fmt: skip
    heights = found["spectrum"]["magnitudes"]
    assert np.argmax(heights[1:]) + 1 == pytest.approx(10.0 / found["spectrum"]["hz_per_bin"])
    rms = next(one for one in found["features"] if one["name"] == "rms")
    assert rms["low"] < rms["value"] < rms["high"]
    assert rms["value"] == pytest.approx(0.0735, rel=0.1)  # 0.1/sqrt(2) with noise of 0.02
    assert found["evidence"][0]["component"] == "fan"
    assert found["evidence"][0]["ratio"] < 1.0
    assert desk.view.sensor("press", "nothing", None) is None


def test_a_sensor_of_numbers_shows_its_values(desk: Desk) -> None:
    found = desk.view.sensor("press", "temp", None)

    assert found is not None
    assert found["wave"] is None
    assert found["values"] == [pytest.approx(40.0, abs=1.0)]
    assert found["features"][0]["series"] == "feature.temp.level"


def test_the_lines_of_a_bearing_are_those_of_its_geometry() -> None:
    machine = parse_machine(COOKIE.read_text())

    found = named_lines(machine, "acc-motor", {"motor": 24.0})

    bearing = {line.modes[0]: line for line in found if line.is_envelope
               and line.components == ("drive-end-bearing",)}  # fmt: skip
    # 9 balls of 7.94 mm on 39.04 mm (6205): 3.585 and 5.415 turns (Smith and Randall 2015, table 2)
    assert bearing["outer-race"].order == pytest.approx(3.585, abs=0.001)
    assert bearing["inner-race"].frequency_hz == pytest.approx(24 * 5.415, abs=0.05)


def test_a_new_machine_comes_in_by_its_file_and_only_once(desk: Desk) -> None:
    heard: list[tuple[str, bytes]] = []
    desk.view.hear = lambda topic, payload: heard.append((topic, payload))
    text = yaml.safe_dump({**FILE, "id": "my-rig"})

    assert desk.view.introduce(text, "anna") == "my-rig"
    desk.ingest.take(*heard[0])

    assert decode_meta(heard[0][1]).machine["id"] == "my-rig"
    assert "my-rig" in desk.ingest.patients
    with pytest.raises(RefusedError, match="there is a machine 'my-rig'"):
        desk.view.introduce(text, "anna")
    with pytest.raises(MachineFileError):
        desk.view.introduce("id: x", "anna")


@pytest.fixture
def passing(desk: Desk) -> Iterator[None]:
    """Let windows of the press pass all the time."""
    over = threading.Event()

    def talk() -> None:
        for number in range(80, 8000):
            for sensor in ("acc", "temp", "load"):
                desk.ingest.take(*message(sensor, number))
            if over.wait(0.01):
                return

    thread = threading.Thread(target=talk)
    thread.start()
    yield
    over.set()
    thread.join()


@pytest.mark.usefixtures("passing")
def test_a_recording_of_now_is_one_that_every_command_reads(desk: Desk, tmp_path: Path) -> None:
    packed = desk.view.record("press", 0.4)

    assert packed is not None
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(tmp_path)
    recording = open_recording(tmp_path / "press")
    assert recording.machine == load_machine(FILE)
    assert len(recording.waves) >= 3
    readings = list(recording.readings())
    assert {reading.sensor for reading in readings} == {"acc", "temp", "load"}


@pytest.mark.usefixtures("passing")
def test_what_grows_too_large_is_refused_at_once(desk: Desk) -> None:
    began_s = SystemClock().monotonic_s()
    desk.ingest.tapes = Tapes(most_bytes=20_000)

    with pytest.raises(InputError, match=r"more than 0\.02 MB passed in 60 s; ask for fewer"):
        desk.view.record("press", 60.0)

    assert SystemClock().monotonic_s() - began_s < 30
    desk.ingest.tapes = Tapes()


def test_a_silent_machine_too_long_a_wish_and_a_third_recording_are_refused(desk: Desk) -> None:
    tapes = Tapes()
    with pytest.raises(RefusedError, match="nothing came from 'press'"):
        tapes.record("press", FILE, 0.01)
    with pytest.raises(InputError, match="from 1 to 120"):
        tapes.record("press", FILE, 1000.0)
    waiting = [
        threading.Thread(target=_until_closed, args=(tapes,), name=f"recording {number}")
        for number in range(2)
    ]
    for thread in waiting:
        thread.start()
    while len(tapes._running) < 2:
        SystemClock().wait(0.01)

    with pytest.raises(RefusedError, match="2 recordings are being made"):
        tapes.record("press", FILE, 1.0)
    tapes.close()
    for thread in waiting:
        thread.join(5)
        assert not thread.is_alive()


def _until_closed(tapes: Tapes) -> None:
    with pytest.raises(RefusedError, match="the hub is stopping"):
        tapes.record("press", FILE, 100.0)


def test_a_full_disk_ends_the_recording_and_nothing_else(tmp_path: Path) -> None:
    tapes = Tapes()
    taken = threading.Thread(target=_disk_full, args=(tapes,))
    taken.start()
    while not tapes._running:
        SystemClock().wait(0.01)
    tape = tapes._running[0][1]
    for path in tape._recorder._folder.iterdir():
        path.unlink() if path.is_file() else path.rmdir()
    tape._recorder._folder.rmdir()

    tapes.hear("press", Wave(sensor="acc", t_s=0.0, rate_hz=10.0, samples=np.zeros(9)))
    tapes.hear("press", Value(sensor="temp", t_s=0.0, value=1.0))
    taken.join(5)

    assert not taken.is_alive()


def _disk_full(tapes: Tapes) -> None:
    with pytest.raises(RefusedError, match="cannot be written"):
        tapes.record("press", FILE, 100.0)
