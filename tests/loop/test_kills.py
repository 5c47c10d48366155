"""kill -9 at random moments, of any role and of the whole demo: one job, and a proven case."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
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


def lives_until_the_end(home: Path, points: Sequence[str], times: int) -> int:
    """Run a case, again and again after each kill, and return how often it was killed."""
    argv = [sys.executable, "-m", "tests.peers.story", str(home), ",".join(points), str(times)]
    for kills in range(len(points) * times + 1):
        life = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=PATIENCE_S)
        if life.returncode == 0:
            return kills
        assert life.returncode == -signal.SIGKILL, life.stderr
    raise AssertionError("it was killed more often than there are points")


@pytest.mark.parametrize(
    ("points", "times"),
    [
        pytest.param(("sent", "started", "print"), 1, id="the-worst-three"),
        pytest.param(POINTS, 3, marks=pytest.mark.soak, id="every-step-three-times"),
    ],
)
def test_a_hub_that_is_killed_at_named_steps_has_one_job_and_one_print(
    tmp_path: Path, points: tuple[str, ...], times: int
) -> None:
    kills = lives_until_the_end(tmp_path, points, times)

    store = Store(tmp_path)
    (case,) = store.cases()
    assert kills == len(points) * times
    assert (case["state"], store.jobs(case["id"])[0]["attempt"]) == ("proven", 1)
    assert_one_print(tmp_path, case["id"])
    assert open_thread(tmp_path, case["id"]).problems(head=case["head"]) == []
