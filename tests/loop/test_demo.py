"""The loop as one command: from wear to a proven repair, with real processes, kills included."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from fieldlab.app.store import Store
from fieldlab.app.thread import open_thread
from fieldlab.core.clock import SystemClock
from tests.loop.demo_process import PATIENCE_S, child, finish, start


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    home = tmp_path_factory.mktemp("home")
    return home, finish(start(home, cases=2))


def test_two_components_wear_and_are_proven_healthy_again(told: Any) -> None:
    home, found = told

    components = {case["component"] for case in found["cases"]}

    assert len(components) == 2
    assert {case["state"] for case in Store(home).cases() if case["id"] in
            {proven["id"] for proven in found["cases"]}} == {"proven"}  # fmt: skip


def test_every_file_of_a_case_holds_to_its_thread(told: Any) -> None:
    home, found = told

    for case in found["cases"]:
        thread = open_thread(home, case["id"])
        kept = Store(home).case(case["id"])

        assert kept is not None
        assert thread.problems(head=kept["head"]) == []
        assert Path(case["thread"]) == thread.path.resolve()


def test_a_case_has_one_job_and_its_steps_took_seconds(told: Any) -> None:
    home, found = told

    for case in found["cases"]:
        assert len(Store(home).jobs(case["id"])) == 1
        until_queued = ("diagnosed", "designed", "verified", "sliced", "gated")
        assert sum(case["seconds"][step] for step in until_queued) < 30


def test_whoever_is_killed_is_started_again_and_the_case_is_proven(tmp_path: Path) -> None:
    demo = start(tmp_path)
    try:
        for role in ("fieldlab hub", "fieldlab simulate", "broker"):
            os.kill(wait_for_child(demo.pid, role, tmp_path), signal.SIGKILL)
        found = finish(demo)
    finally:
        demo.kill()

    assert len(found["cases"]) == 1
    assert len(Store(tmp_path).jobs(found["cases"][0]["id"])) == 1


def wait_for_child(parent: int, role: str, home: Path) -> int:
    """Return the pid of a child, once a case is open: the worst moment to die."""
    clock = SystemClock()
    end_s = clock.monotonic_s() + PATIENCE_S
    while clock.monotonic_s() < end_s:
        clock.wait(0.05)
        if (home / "hub.sqlite").is_file() and Store(home).cases():
            pid = child(parent, role)
            if pid is not None:
                return pid
    raise AssertionError(f"no {role} with an open case within {PATIENCE_S} s")
