"""A machine file that a person saves: what it asks for, and how the hub takes it up."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from fieldlab.app.ingest import Ingest
from fieldlab.app.machine_files import MachineFiles
from fieldlab.app.newfile import change
from fieldlab.app.store import Store
from fieldlab.app.words import relearnings
from fieldlab.core import codec
from fieldlab.core.clock import ManualClock
from fieldlab.core.machine import load_machine
from fieldlab.core.messages import Meta, Stamp, Value

NODE = "fieldlab/v1/hall/press/pi"
START_S = 1_790_000_000.0
FILE: dict[str, Any] = {
    "fieldlab": 1,
    "id": "press",
    "learn_s": 60,
    "sensors": {
        "temp": {"quantity": "temperature", "unit": "degC"},
        "flow": {"quantity": "flow", "unit": "l/min"},
    },
    "components": {"cap": {"kind": "other", "replace": {"buy": {
        "article": "C1", "price_eur": 3, "lead_time_days": 2}}}},
}  # fmt: skip


def edited(at: str, value: object) -> dict[str, Any]:
    """Return the file with one key changed, or taken out for None."""
    file = yaml.safe_load(yaml.safe_dump(FILE))
    *path, last = at.split("/")
    node = file
    for key in path:
        node = node.setdefault(key, {})
    if value is None:
        del node[last]
    else:
        node[last] = value
    return dict(file)


@pytest.mark.parametrize(
    ("at", "value", "asks"),
    [
        ("name", {"en": "Press"}, "now"),
        ("components/cap/replace/buy/price_eur", 4, "now"),
        ("components/cap/position_mm", [1, 2, 3], "now"),
        ("components/cap/safety", "never-print", "now"),
        ("learn_s", 90, "next_learning"),
        ("policy/false_cases_per_year", 3, "next_learning"),
        ("sensors/temp/source", {"mqtt": "a/b"}, "edge"),
        ("components/name", {"kind": "other"}, "now relearn"),
        ("components/cap/near", ["temp"], "relearn"),
        ("window_s", 2.0, "relearn"),
        ("sensors/temp/role", "condition", "relearn edge"),
        ("sensors/flow", None, "relearn edge"),
    ],
)
def test_a_change_asks_for_what_it_touches(at: str, value: object, asks: str) -> None:
    found = change(load_machine(FILE), load_machine(edited(at, value)))

    wanted = set(asks.split())
    assert {kind for kind in ("now", "next_learning", "relearn", "edge")
            if getattr(found, kind)} == wanted  # fmt: skip


def test_the_same_file_in_other_words_asks_for_nothing() -> None:
    again = {**FILE, "window_s": 1.0, "policy": {"approval": "required"}}

    assert change(load_machine(FILE), load_machine(again)).is_none


def test_every_file_that_was_saved_is_kept_as_it_was_written(tmp_path: Path) -> None:
    files = MachineFiles(tmp_path)

    files.add("press", "# one\n")
    files.add("press", "# two\n")

    assert (files.versions("press"), files.newest("press")) == ([1, 2], 2)
    assert [files.text("press", version) for version in (1, 2, 3)] == ["# one\n", "# two\n", None]
    assert not list((tmp_path / "machines" / "press").glob("*.draft"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def hub(home: Path) -> Ingest:
    return Ingest(home=home, store=Store(home), clock=ManualClock(), ring_mb=1.0)


def meet(ingest: Ingest, file: dict[str, Any]) -> None:
    meta = Meta(machine=file, sensors=tuple(file["sensors"]))
    ingest.take(f"{NODE}/meta", codec.encode_meta(meta))
    ingest.commit()


def send(ingest: Ingest, first: int, count: int) -> None:
    for at in range(first, first + count):
        for sensor in ("temp", "flow"):
            value = Value(sensor=sensor, t_s=START_S + at, value=40.0 + at % 3)
            payload = codec.encode_value(value, Stamp(boot=1, seq=at + 1))
            ingest.take(f"{NODE}/value/{sensor}", payload)
    ingest.commit()


def save(home: Path, ingest: Ingest, file: dict[str, Any]) -> None:
    files = MachineFiles(home)
    if not files.newest("press"):
        files.add("press", yaml.safe_dump(FILE))
    files.add("press", yaml.safe_dump(file))
    ingest.take_up("press")
    ingest.commit()


def test_a_new_price_is_taken_up_and_nothing_is_forgotten(home: Path) -> None:
    ingest = hub(home)
    meet(ingest, FILE)
    send(ingest, 0, 40)
    learnt = ingest.patients["press"].latest
    assert learnt is not None

    save(home, ingest, edited("components/cap/replace/buy/price_eur", 9))
    send(ingest, 40, 10)

    patient = ingest.patients["press"]
    assert patient.machine.components["cap"].replace.buy.price_eur == 9
    assert patient.latest is not None
    assert patient.latest.health.learnt_ratio > learnt.health.learnt_ratio
    assert relearnings(Store(home), "press") == []


def test_another_sensor_is_taken_up_and_learnt_anew(home: Path) -> None:
    ingest = hub(home)
    meet(ingest, FILE)
    send(ingest, 0, 40)

    save(home, ingest, edited("sensors/flow", None))
    send(ingest, 40, 3)

    patient = ingest.patients["press"]
    assert list(patient.machine.sensors) == ["temp"]
    assert [one["why"] for one in relearnings(Store(home), "press")] == ["new-file"]
    assert patient.latest is not None
    assert patient.latest.health.learnt_ratio < 0.2


def test_a_file_that_was_saved_before_a_kill_is_taken_up_after_it(home: Path) -> None:
    ingest = hub(home)
    meet(ingest, FILE)
    send(ingest, 0, 5)
    MachineFiles(home).add("press", yaml.safe_dump(FILE))
    MachineFiles(home).add("press", yaml.safe_dump(edited("name", {"en": "Press"})))

    again = hub(home)
    again.commit()

    assert again.patients["press"].record["version"] == 2
    assert again.patients["press"].machine.name == {"en": "Press"}
    assert hub(home).patients["press"].machine.name == {"en": "Press"}


def test_the_nodes_old_file_is_not_offered_again_but_another_one_is(home: Path) -> None:
    ingest = hub(home)
    meet(ingest, FILE)
    ours = edited("name", {"en": "Press"})
    save(home, ingest, ours)

    offers = []
    for file in (FILE, edited("learn_s", 500), ours):
        meet(ingest, file)
        offers.append(ingest.patients["press"].record["offered"])

    assert offers == [None, edited("learn_s", 500), None]
