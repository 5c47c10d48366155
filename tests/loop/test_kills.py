"""kill -9 at random moments, of any role and of the whole demo: one job, and a proven case."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from fieldlab.app.store import Store
from fieldlab.app.thread import open_thread
from fieldlab.core.clock import SystemClock
from tests.loop.demo_process import assert_one_print, child, finish, start

KILLS = 3
PATIENCE_S = 600.0


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_killed_the_demo_completes_with_one_job_a_case(
    seed: int, tmp_path: Path
) -> None:
    rng, clock = np.random.default_rng(seed), SystemClock()
    demo = start(tmp_path, seed=seed)
    try:
        for _ in range(KILLS):
            clock.wait(float(rng.uniform(1.0, 15.0)))
            role = rng.choice(["fieldlab hub", "fieldlab simulate", "broker", "all"])
            if demo.poll() is not None:
                break
            if role == "all":
                demo.kill()
                demo.communicate()
                demo = start(tmp_path, seed=seed)
            elif (pid := child(demo.pid, role)) is not None:
                os.kill(pid, signal.SIGKILL)
        found = finish(demo, PATIENCE_S)
    finally:
        demo.kill()

    store = Store(tmp_path)
    assert len(found["cases"]) >= 1
    for case in store.cases():
        assert len(store.jobs(case["id"])) <= 1
        assert open_thread(tmp_path, case["id"]).problems(head=case["head"]) == []


POINTS = ("diagnose", "design", "verify", "slice", "gate", "queue", "approve", "sent", "started",
          "send", "print", "inspect", "await-fit", "fit", "prove", "finish")  # fmt: skip


@pytest.mark.soak
def test_a_hub_that_dies_three_times_at_every_named_step_prints_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIELDLAB_TRIAL__KILL_AT", "all")
    monkeypatch.setenv("FIELDLAB_TRIAL__TIMES", "3")

    found = finish(start(tmp_path, "--patience-s", "1200"), 1300.0)

    spent = {file.name: file.stat().st_size for file in (tmp_path / "trial").iterdir()}
    assert spent == dict.fromkeys(POINTS, 3)
    for case in found["cases"]:
        kept = Store(tmp_path).case(case["id"])
        assert kept is not None
        assert_one_print(tmp_path, case["id"])
        assert open_thread(tmp_path, case["id"]).problems(head=kept["head"]) == []
