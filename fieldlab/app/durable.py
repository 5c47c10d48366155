"""The durable engine under the cases: DBOS on SQLite. A case is one workflow; kill -9 resumes it.

DBOS keeps its functions in a registry of the process, so this file holds the one global of the
project: the steps that the stories use, and the points where a hub on trial dies. `launch` sets
them before any story can run.
"""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from dbos import DBOS, DBOSConfig, SetWorkflowID

from fieldlab.app.case import Steps, run_case
from fieldlab.app.trial import Points
from fieldlab.core.errors import FieldlabError
from fieldlab.core.messages import CaseState

T = TypeVar("T")
FILE = "cases.sqlite"
# Raise only together with a plan for the cases that are open: they belong to the version before.
STORY_VERSION = "1"
A_LONG_TIME_S = 3600.0
STORIES = "dbos-executor"  # how the threads are called that a story runs in
_used: dict[str, Steps] = {}
_points: list[Points] = []


class DurableRun:
    """Each step once, its result remembered in SQLite."""

    def do(self, name: str, step: Callable[..., T], *args: Any) -> T:
        """Do a step and remember what it returned; a full disk or a locked file is tried again."""
        options = {
            "name": name,
            "retries_allowed": True,
            "max_attempts": 3,
            "interval_seconds": 1.0,
        }
        return cast("T", DBOS.run_step(options, _step, name, step, *args))

    def receive(self, topic: str) -> Mapping[str, Any]:
        """Wait for a person's word (or the demo's), however long it takes."""
        while (word := DBOS.recv(topic, timeout_seconds=A_LONG_TIME_S)) is None:
            pass
        return cast("Mapping[str, Any]", word)

    def pause(self, duration_s: float) -> None:
        """Wait."""
        DBOS.sleep(duration_s)


def _step(name: str, step: Callable[..., T], *args: Any) -> T:
    """Do a step; what it did is not remembered yet when it reaches its point."""
    done = step(*args)
    for points in _points:
        points.reach(name)
    return done


@DBOS.workflow(name="case")
def _story(case_id: str) -> CaseState:
    steps = _used["steps"]
    try:
        return run_case(case_id, steps, DurableRun())
    except FieldlabError as error:
        return DurableRun().do("finish", steps.finish, case_id, "dismissed", str(error))


def launch(home: Path, steps: Steps, points: Points) -> None:
    """Start the engine; every story that was cut off goes on from its last finished step."""
    _used["steps"] = steps
    _points[:] = [points]
    logging.getLogger("dbos").setLevel(logging.ERROR)
    config: DBOSConfig = {
        "name": "fieldlab",
        "system_database_url": f"sqlite:///{home / FILE}",
        "application_version": STORY_VERSION,
        "executor_id": "hub",
        "log_level": "ERROR",
        "notification_listener_polling_interval_sec": 0.1,
    }
    DBOS(config=config)
    DBOS.launch()


def begin(case_id: str) -> None:
    """Begin a case's story under its own id; a second begin is harmless."""
    with SetWorkflowID(case_id):
        DBOS.start_workflow(_story, case_id)


def tell(case_id: str, topic: str, word: Mapping[str, Any], *, key: str) -> None:
    """Send a word to a waiting case; the same key is delivered once."""
    DBOS.send(case_id, dict(word), topic, idempotency_key=f"{case_id}-{topic}-{key}")


def stop() -> None:
    """Stop the engine; open stories go on at the next launch."""
    DBOS.destroy(workflow_completion_timeout_sec=0)
