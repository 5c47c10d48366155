"""One life of a hub that runs one case: the real durable engine, store, queue and printer.

python -m tests.peers.story HOME POINTS TIMES: ends when the case does, or dies at a named point.
"""

import sys
from pathlib import Path

from fieldlab.app import durable
from fieldlab.app.opening import ENDED
from fieldlab.app.trial import Points
from fieldlab.core.clock import SystemClock
from fieldlab.core.settings import Trial
from tests.peers.workplace import Workplace

LOOK_S = 0.05


def main(home: Path, kill_at: str, times: int) -> None:
    """Run until the case has ended."""
    clock, points = SystemClock(), Points(home, Trial(kill_at=kill_at, times=times))
    place = Workplace(home, clock=clock, points=points)
    durable.launch(home, place.steps, points)
    durable.begin(place.case_id)
    while (case := place.case)["state"] not in ENDED:
        if case["state"] == "awaiting-approval":
            word = place.approval(case)
            durable.tell(case["id"], "approval", word, key=f"attempt-{word['attempt']}")
        elif case["state"] == "awaiting-fit":
            durable.tell(case["id"], "fitted", {"by": "operator"}, key="1")
        elif case["state"] == "proving":
            place.measure_health()
        clock.wait(LOOK_S)
    while not points.all_spent("finish"):
        clock.wait(LOOK_S)  # the last step's own point comes after its state is written
    durable.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
