"""From a verified mesh to an accepted part: what may be printed, how often, and who is asked."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fieldlab.app.casebook import GCODE
from fieldlab.app.printroom import PrintRoom
from fieldlab.app.seal import Seal, seal_problems
from fieldlab.app.store import Record
from fieldlab.app.thread import open_thread
from fieldlab.core.errors import PrinterError, RefusedError, StoreError
from fieldlab.core.messages import PrinterStatus
from fieldlab.core.settings import PrinterOptions
from simulators.printer import PrinterFault, VirtualPrinter
from tests.peers.workplace import OPENED_S, Workplace


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


def prints(place: Workplace) -> list[int]:
    return [place.virtual.prints(f"{place.job['id']}-{attempt}") for attempt in (1, 2, 3)]


def test_a_good_part_is_printed_once_and_proven(place: Workplace, tmp_path: Path) -> None:
    place.approve()

    assert place.run() == "proven"

    assert (place.job["state"], place.job["attempt"]) == ("accepted", 1)
    assert prints(place) == [1, 0, 0]
    assert len(place.case["expected_mm"]) == 2
    thread = open_thread(tmp_path, place.case_id)
    assert thread.problems(head=place.case["head"]) == seal_problems(thread) == []


# ------------------------------------------------------------------- approvals (fault 12)


@pytest.mark.parametrize(
    "wrong",
    [
        {"gcode_sha256": "0" * 64},
        {"gcode_sha256": None},
        {"attempt": 2},
        {"attempt": 0},
        {"by": ""},
    ],
)
def test_an_approval_that_is_not_for_this_very_file_prints_nothing(
    place: Workplace, wrong: Mapping[str, Any]
) -> None:
    place.say("approval", lambda case: {**place.approval(case), **wrong})
    place.say("approval", lambda _: {"cancel": {"by": "operator", "reason": "enough"}})

    assert place.run() == "dismissed"

    assert prints(place) == [0, 0, 0]
    assert place.job["state"] == "cancelled"


def test_an_approval_that_is_said_again_does_not_approve_a_later_attempt(place: Workplace) -> None:
    first: list[Mapping[str, Any]] = []

    def approve(case: Record) -> Mapping[str, Any]:
        first.append(place.approval(case))
        return first[0]

    place.virtual.fault = PrinterFault(kind="jam", at_ratio=0.3)
    place.say("approval", approve, lambda _: first[0], lambda _: {"cancel": {"by": "o"}})

    assert place.run() == "dismissed"

    assert prints(place) == [1, 0, 0]


def test_a_file_that_changed_after_its_approval_is_never_sent(
    place: Workplace, tmp_path: Path
) -> None:
    def approve(case: Record) -> Mapping[str, Any]:
        file = tmp_path / "cases" / place.case_id / GCODE
        file.write_bytes(file.read_bytes() + b"G1 X1\n")
        return place.approval(case)

    place.say("approval", approve)

    with pytest.raises(RefusedError, match="not the file that was approved"):
        place.run()

    assert prints(place) == [0, 0, 0]


class Burgled(Workplace):
    """Somebody who has another key writes another name under the approval."""

    stranger: Seal

    def do(self, name: str, step: Callable[..., Any], *args: Any) -> Any:
        found = super().do(name, step, *args)
        if name == "approve":
            approval = {**self.case["approval"], "by": "somebody"}
            statement = {**approval["statement"], "by": "somebody"}
            forged = {"statement": statement, "seal": self.stranger.sign(statement)}
            self.store.change_case(self.case_id, approval={**approval, **forged})
        return found


def test_an_approval_that_somebody_wrote_into_the_store_prints_nothing(tmp_path: Path) -> None:
    place = Burgled(tmp_path)
    place.stranger = Seal(tmp_path / "elsewhere")
    place.approve()

    with pytest.raises(RefusedError, match="not sealed here"):
        place.run()

    assert prints(place) == [0, 0, 0]


@pytest.mark.parametrize("key", ["case", "job", "printer", "stl_sha256", "gcode_sha256", "by"])
def test_a_seal_holds_for_exactly_what_was_approved(tmp_path: Path, key: str) -> None:
    seal, statement = Seal(tmp_path), dict.fromkeys(("case", "job", "printer", "by"), "a")
    statement |= {"stl_sha256": "b", "gcode_sha256": "c"}
    signed = seal.sign(statement)

    assert Seal(tmp_path).holds(signed, statement)
    assert not seal.holds(signed, {**statement, key: "another"})
    assert not seal.holds(None, statement)
    assert not seal.holds({"signature": "zz"}, statement)
    assert (tmp_path / "secrets" / "seal.key").stat().st_mode & 0o777 == 0o600


def test_a_key_that_was_cut_short_is_not_taken_for_one(tmp_path: Path) -> None:
    file = tmp_path / "secrets" / "seal.key"
    file.parent.mkdir()
    file.write_bytes(b"short")

    with pytest.raises(StoreError, match="holds no key"):
        Seal(tmp_path)


# -------------------------------------------------------------- a printer that fails (fault 9)


def test_a_printer_that_is_away_mid_print_is_waited_for(place: Workplace) -> None:
    place.virtual.fault = PrinterFault(kind="offline", at_ratio=0.4, for_s=60.0)
    place.approve()

    assert place.run() == "proven"
    assert prints(place) == [1, 0, 0]


def test_a_lost_reply_is_asked_and_makes_no_second_print(place: Workplace) -> None:
    place.virtual.fault = PrinterFault(kind="lost-reply")
    place.approve()

    assert place.run() == "proven"
    assert prints(place) == [1, 0, 0]


def test_a_failed_print_waits_with_its_reason_for_a_person(place: Workplace) -> None:
    place.virtual.fault = PrinterFault(kind="jam", at_ratio=0.5)

    def again(case: Record) -> Mapping[str, Any]:
        assert case["state"] == "awaiting-approval"
        assert "the filament does not move" in place.job["reason"]
        place.virtual.fault = None
        return place.approval(case)

    place.say("approval", place.approval, again)

    assert place.run() == "proven"
    assert prints(place) == [1, 1, 0]
    assert place.job["attempt"] == 2


class Refusing(VirtualPrinter):
    """A printer that refuses the first tries before anything gets there."""

    refusals = 2

    def start(self, job_key: str, gcode: bytes) -> None:
        if self.refusals:
            self.refusals -= 1
            raise PrinterError("not now")
        super().start(job_key, gcode)


def test_what_never_got_to_the_printer_is_sent_again(place: Workplace, tmp_path: Path) -> None:
    place.virtual = Refusing(tmp_path / "refusing", place.clock)
    place.room._printers = {"virtual": place.virtual}
    place.approve()

    assert place.run() == "proven"
    assert prints(place) == [1, 0, 0]


# ---------------------------------------------------------------------- zero defects


def good_prints(place: Workplace, count: int = 2) -> None:
    """Let the watch learn what a good print of this printer is like."""
    for number in range(count):
        place.case_id = place.open(OPENED_S - 1000.0 * (count - number))
        place.approve()
        assert place.run() == "proven"
    place.case_id = place.open(OPENED_S + 1000.0)


def spoil_the_first_print(place: Workplace, fault: PrinterFault) -> None:
    """Approve, and let the first attempt alone go wrong."""

    def approve(case: Record) -> Mapping[str, Any]:
        place.virtual.fault = replace(fault, only=f"{place.job['id']}-1")
        return place.approval(case)

    place.say("approval", approve)


def test_a_layer_shift_is_stopped_in_the_print_and_printed_once_more(place: Workplace) -> None:
    good_prints(place)
    spoil_the_first_print(place, PrinterFault(kind="layer-shift", at_ratio=0.3, size=1.0))

    assert place.run() == "proven"

    assert place.virtual.status(f"{place.job['id']}-1").reason == "cancelled"
    assert place.virtual.status(f"{place.job['id']}-1").progress_ratio < 1.0
    assert prints(place)[:2] == [1, 1]
    assert "carriage-shock is too high" in place.job["again_because"]
    assert place.job["was_rejected"]


def test_without_a_learnt_print_a_bad_part_is_found_by_its_mass(place: Workplace) -> None:
    spoil_the_first_print(place, PrinterFault(kind="under-extrusion", at_ratio=0.0, size=0.25))

    assert place.run() == "proven"
    assert prints(place) == [1, 1, 0]
    assert "mass_g" in place.job["again_because"]


def test_after_two_rejects_a_person_is_asked(place: Workplace) -> None:
    place.virtual.fault = PrinterFault(kind="wrong-mass", at_ratio=0.0, size=0.2)
    place.say("approval", place.approval, lambda _: {"cancel": {"by": "o", "reason": "no good"}})

    assert place.run() == "dismissed"

    assert prints(place) == [1, 1, 0]
    assert place.job["state"] == "cancelled"


# ------------------------------------------------------------- a printer that people look after


class Unmeasured(VirtualPrinter):
    """A printer that cannot measure what it made."""

    def measure(self, job_key: str) -> Mapping[str, float] | None:
        return None


@pytest.fixture
def manned(tmp_path: Path) -> Workplace:
    place = Workplace(tmp_path)
    place.virtual = Unmeasured(tmp_path / "mk4", place.clock)
    options = {"mk4": PrinterOptions(kind="octoprint", materials=("PLA",))}
    place.steps._room = place.room = PrintRoom(
        place.store, {"mk4": place.virtual}, options, place.clock
    )
    return place


def test_a_person_loads_the_spool_clears_the_bed_and_measures(manned: Workplace) -> None:
    told: list[str] = []

    def look_after() -> None:
        reason = manned.job.get("waits_for", "")
        if reason and reason not in told:
            told.append(reason)
        if "bed is clear" in reason:
            manned.room.clear_bed("mk4")
        elif "spool" in reason:
            manned.room.load_spool("mk4", "PLA", 500.0)

    def measured(case: Record) -> Mapping[str, Any]:
        assert case["state"] == "inspecting"
        return {"mass_g": case["predicted"]["mass_g"], "sizes": case["expected_mm"], "by": "jan"}

    def worn_calliper(case: Record) -> Mapping[str, Any]:
        sizes = {name: size + 0.15 for name, size in case["expected_mm"].items()}
        return {**measured(case), "sizes": sizes}

    manned.while_waiting = look_after
    manned.approve()
    manned.say("measured", worn_calliper, measured)

    assert manned.run() == "proven"

    assert ["bed" in told[0], "spool" in told[1]] == [True, True]
    assert prints(manned) == [1, 0, 0]
    assert manned.room.stand("mk4").bed_is_clear is False
    spool = manned.room.stand("mk4").spool
    assert spool is not None
    assert spool.left_g == pytest.approx(500.0 - manned.job["mass_g"], abs=0.01)
    steps = [entry["step"] for entry in open_thread(manned.steps._home, manned.case_id).entries()]
    assert steps.count("inspected") == 2


def test_a_cancelled_print_is_stopped_on_the_printer(place: Workplace) -> None:
    def cancel() -> None:
        if place.job["state"] == "printing":
            place.room.ask_to_cancel(place.job["id"], by="jan", reason="wrong colour")

    place.while_waiting = cancel
    place.approve()

    assert place.run() == "dismissed"

    assert place.job["state"] == "cancelled"
    assert place.virtual.status().reason == "cancelled"


def test_a_held_job_waits_until_it_is_let_go(place: Workplace) -> None:
    def approve(case: Record) -> Mapping[str, Any]:
        place.room.hold(place.job["id"], held=True)
        return place.approval(case)

    def let_go() -> None:
        if place.pauses == 20:
            assert place.job["waits_for"] == "held by the operator"
            place.room.hold(place.job["id"], held=False)

    place.while_waiting = let_go
    place.say("approval", approve)

    assert place.run() == "proven"
    assert place.pauses > 20


def test_the_room_tells_when_a_job_starts_and_finishes(place: Workplace) -> None:
    seen: list[Record] = []

    def look(case: Record) -> Mapping[str, Any]:
        seen.append(place.room.overview())
        return place.approval(case)

    place.say("approval", look)
    place.run()

    job = seen[0]["jobs"][0]
    assert job["finishes_s"] - job["starts_s"] == pytest.approx(job["duration_s"])
    assert place.room.overview()["quality"]["accepted"] == 1
    assert isinstance(place.room.test("virtual"), PrinterStatus)
