"""What the page asks of a hub, and what it answers when a person has spoken."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from fieldlab.app.duel import Duel
from fieldlab.app.ingest import Ingest
from fieldlab.app.notify import Caller
from fieldlab.app.printroom import PrintRoom
from fieldlab.app.store import Store
from fieldlab.app.view import HubView
from fieldlab.app.work import Workshop
from fieldlab.core.clock import ManualClock
from fieldlab.core.errors import MachineFileError, RefusedError
from fieldlab.core.messages import Reply, Value
from fieldlab.core.settings import Notify
from tests.integration.test_ingest import FILE, hub, message


class Desk:
    """A hub without a bus, with three cases of one fan."""

    def __init__(self, home: Path) -> None:
        self.home, self.clock = home, ManualClock()
        self.ingest: Ingest = hub(home)
        self.ingest.commit()
        self.store = Store(home)
        self.told: list[tuple[str, str, dict[str, Any]]] = []
        self.view = HubView(
            home=home, store=self.store, ingest=self.ingest,
            room=PrintRoom(self.store, {}, {}, self.clock), tell=self._tell, workshop=Workshop(),
            referee=Duel(self.store, self.ingest, self.clock, _obey),
            caller=Caller(self.store, lambda _: None, self.clock, Notify(), {}),
        )  # fmt: skip
        for number, state in enumerate(("proven", "awaiting-fit", "diagnosed")):
            self._open(number, state)

    def _open(self, number: int, state: str) -> None:
        verdict = {"reasons": [], "sensor": "acc", "marks": []}
        record = {
            "id": f"c{number}", "machine_id": "press", "component": "fan", "group": ["fan"],
            "failure_mode": "imbalance", "state": state, "opened_s": float(number // 2),
            "confidence": 0.9, "at_s": {"open": 1.0, state: 2.0}, "follows": "",
            "diagnosis": {"verdict": verdict},
        }  # fmt: skip
        with self.store.transaction() as connection:
            self.store.add_case(connection, record)
        self.store.put_job({"id": f"c{number}-g2", "case_id": f"c{number}", "state": "accepted"})

    def _tell(self, case_id: str, topic: str, word: dict[str, Any], *, key: str) -> None:
        self.told.append((case_id, topic, word))


def _obey(*_: Any) -> Reply:
    return Reply(id="", ok=True, t_s=0.0)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_cases_and_jobs_come_page_by_page_newest_first(desk: Desk) -> None:
    pages: dict[str, list[list[str]]] = {"cases": [], "jobs": []}
    for name, ask in (("cases", desk.store.newest_cases), ("jobs", desk.store.newest_jobs)):
        before = None
        while page := ask(2, before):
            before = page[-1]["id"]
            pages[name].append([one["id"] for one in page])

    assert pages["cases"] == [["c2", "c1"], ["c0"]]
    assert pages["jobs"] == [["c2-g2", "c1-g2"], ["c0-g2"]]
    assert desk.view.case_counts() == {"proven": 1, "awaiting-fit": 1, "diagnosed": 1}


def test_a_false_case_is_closed_and_tells_what_was_learnt(desk: Desk) -> None:
    said = desk.view.dismiss("c2", "somebody leaned on it", "anna")

    word = {"by": "anna", "reason": "somebody leaned on it"}
    assert desk.told == [("c2", "looked-at", word)]
    assert said == {
        "closes": True,
        "learnt": [{"component": "fan", "failure_mode": "imbalance", "right": 0, "wrong": 1,
                    "times": 0.5}],
    }  # fmt: skip


def test_a_case_whose_part_waits_to_be_fitted_says_that_it_stays_open(desk: Desk) -> None:
    said = desk.view.dismiss("c1", "it was false", "anna")

    assert (said["closes"], desk.told) == (False, [])
    assert desk.view.case("c1")["feedback"]["reason"] == "it was false"  # type: ignore[index]


def test_a_component_that_it_cannot_have_been_is_refused(desk: Desk) -> None:
    with pytest.raises(RefusedError, match="there is fan"):
        desk.view.correct("c0", "belt", None, "", "anna")


def test_a_saved_machine_file_keeps_the_one_before_it_and_who_saved_it(desk: Desk) -> None:
    text = "# ours\n" + yaml.safe_dump({**FILE, "name": {"en": "The press"}})

    said = desk.view.save_machine("press", text, "anna")
    desk.ingest.commit()
    found = desk.view.machine_file("press")

    assert said["changed"]["now"] == ["name.en"]
    assert found is not None
    assert (found["text"], found["version"], found["in_use"]) == (text, 2, 2)
    assert [one["by"] for one in found["versions"]] == [None, "anna"]
    assert yaml.safe_load(desk.view.machine_file_version("press", 1) or "") == FILE
    assert desk.view.machine("press")["name"] == {"en": "The press"}  # type: ignore[index]


@pytest.mark.parametrize(
    ("file", "error", "says"),
    [
        ({**FILE, "learn_s": -1}, MachineFileError, "learn_s: found -1"),
        ({**FILE, "lern_s": 60}, MachineFileError, "did you mean 'learn_s'"),
        ({**FILE, "id": "saw"}, RefusedError, "keeps its id"),
    ],
)
def test_a_wrong_machine_file_is_refused_and_nothing_is_kept(
    desk: Desk, file: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        desk.view.save_machine("press", yaml.safe_dump(file), "anna")

    assert not (desk.home / "machines").exists()


def test_one_channel_is_tried_and_its_true_answer_told(desk: Desk) -> None:
    def broken(_subject: str, _text: str) -> None:
        raise OSError("no route")

    options = Notify(ntfy_url="http://me:word@ntfy.local/hall", quiet_from_h=22, quiet_until_h=6)
    channels = {"ntfy": broken, "webhook": lambda *_: None}
    caller = Caller(desk.store, lambda _: None, desk.clock, options, channels)

    assert caller.test("ntfy") == {"ntfy": "OSError: no route"}
    assert caller.test() == {"ntfy": "OSError: no route", "webhook": "ok"}
    told = caller.overview()
    assert told["channels"][0] == {"name": "ntfy", "to": "ntfy.local"}
    assert (told["quiet_from_h"], told["quiet_until_h"]) == (22, 6)


def test_what_a_sensor_reads_is_live_before_its_window_is_full(desk: Desk) -> None:
    for number in range(5):
        for sensor in ("acc", "temp", "load"):
            desk.ingest.take(*message(sensor, number))
    desk.ingest.take(*message("temp", 5))

    found, newest = desk.view.live("press"), desk.ingest.patients["press"].newest["temp"]
    window = desk.ingest.patients["press"].window

    assert found is not None
    assert window is not None
    assert isinstance(newest, Value)
    assert window.end_s <= newest.t_s == found["t_s"]
    assert found["values"]["temp"] == newest.value != window.scalars["temp"][-1]
