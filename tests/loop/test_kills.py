"""kill -9 at random moments, of any role and of the whole demo: one job, and a proven case."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from fieldlab.app.store import Store
from fieldlab.app.thread import open_thread
from fieldlab.core.clock import SystemClock
from tests.loop.demo_process import child, finish, start

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
