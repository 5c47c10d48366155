from typing import Any

import pytest

from fieldlab.core.messages import PrinterStatus, PrintJob
from printing.turns import Spool, Stand, choose, estimate, match, obstacle, priority

NOW_S = 1_000_000.0


def job(**changes: Any) -> PrintJob:
    facts: dict[str, Any] = {
        "id": "a", "case_id": "case-1", "generation": 1, "printer": "one", "material": "PA12",
        "gcode_sha256": "a" * 64, "state": "approved", "mass_g": 20.0, "duration_s": 3600.0,
        "machine_id": "press",
    }  # fmt: skip
    return PrintJob(**{**facts, **changes})


def stand(state: Any = "idle", **changes: Any) -> Stand:
    facts: dict[str, Any] = {"status": PrinterStatus(state=state), "materials": ("PA12", "PLA")}
    return Stand(**{**facts, **changes})


def test_the_most_urgent_approved_job_for_a_free_printer_is_next() -> None:
    jobs = [
        job(id="a", priority=1.0),
        job(id="b", priority=5.0),
        job(id="c", state="queued", priority=9.0),
        job(id="d", priority=9.0, printer="other"),
    ]

    chosen = choose(jobs, {"one": stand()})

    assert chosen is not None
    assert chosen.id == "b"


@pytest.mark.parametrize("state", ["sent", "printing"])
def test_a_printer_that_was_sent_a_job_gets_no_second_one(state: Any) -> None:
    assert choose([job(state=state), job(id="b")], {"one": stand()}) is None


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (stand("offline"), "away"),
        (stand("printing"), "busy"),
        (stand(bed_is_clear=False), "bed is clear"),
        (stand(spool=Spool(material="PLA", left_g=900.0)), "needs PA12"),
        (stand(spool=Spool(material="PA12", left_g=20.5)), "needs 21 g"),
        (stand(is_sick=True, machine_id="printer-1"), "its own spare goes first"),
        (stand(lasts_s=3599.0), "will not last"),
    ],
)
def test_what_is_in_the_way_of_a_job_is_named(found: Stand, why: str) -> None:
    assert why in obstacle(job(), found)
    assert choose([job()], {"one": found}) is None


def test_a_held_job_waits_and_the_next_one_goes() -> None:
    jobs = [job(id="a", priority=9.0, held=True), job(id="b")]

    chosen = choose(jobs, {"one": stand()})

    assert chosen is not None
    assert chosen.id == "b"


def test_a_sick_printer_still_prints_its_own_spare() -> None:
    own = stand(is_sick=True, machine_id="press", lasts_s=7200.0)

    assert obstacle(job(), own) == ""


def test_an_operators_word_beats_every_risk() -> None:
    risky = priority(remaining_s=0.0, score_ratio=99.0)

    assert priority(remaining_s=None, score_ratio=0.1, word=1) > risky
    assert priority(remaining_s=0.0, score_ratio=99.0, word=-1) < 0


def test_the_sooner_a_machine_stops_the_sooner_its_part_is_printed() -> None:
    times = [priority(remaining_s=hours * 3600.0, score_ratio=1.0) for hours in (1, 4, 24, 200)]

    assert times == sorted(times, reverse=True)
    assert priority(remaining_s=None, score_ratio=3.0) > priority(remaining_s=None, score_ratio=1.0)


def test_a_material_goes_where_its_spool_is_and_the_queue_is_shortest() -> None:
    stands = {
        "away": stand("offline"),
        "long": stand(),
        "other-spool": stand(spool=Spool(material="PLA", left_g=900.0)),
        "short": stand(),
    }
    jobs = [job(printer="long", state="queued")]

    assert match("PA12", stands, jobs) == "short"
    assert match("PA12", {"other-spool": stands["other-spool"]}, ()) == "other-spool"
    assert match("TPU", stands, ()) is None


def test_a_job_is_told_when_it_should_start_and_finish() -> None:
    running = Stand(
        status=PrinterStatus(state="printing", job_key="a-1", progress_ratio=0.25),
        materials=("PA12",),
    )
    jobs = [
        job(id="later", priority=1.0),
        job(id="a", state="printing"),
        job(id="next", state="queued", priority=2.0, duration_s=600.0),
        job(id="held", held=True),
        job(id="over", state="accepted"),
    ]

    times = estimate(jobs, {"one": running}, NOW_S)

    assert times["a"] == (NOW_S - 900.0, NOW_S + 2700.0)
    assert times["next"] == (NOW_S + 2700.0, NOW_S + 3300.0)
    assert times["later"] == (NOW_S + 3300.0, NOW_S + 6900.0)
    assert set(times) == {"a", "next", "later"}
