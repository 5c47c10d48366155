"""The demo's hands: approves and fits after a while, shown as "the demo". A pilot has none."""

import asyncio

from fieldlab.app.store import Store
from fieldlab.app.view import HubView
from fieldlab.core.clock import Clock

NAME = "the demo"
LOOK_S = 0.2
AGAIN_S = 30.0


class Autopilot:
    """Looks at the open cases and gives the word that a person would give."""

    def __init__(self, store: Store, view: HubView, clock: Clock, after_s: float) -> None:
        self._store = store
        self._view = view
        self._clock = clock
        self._after_s = after_s
        self._said: dict[tuple[str, str], float] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Look around until `stop`."""
        while not stop.is_set():
            await asyncio.to_thread(self.look)
            await self._clock.sleep(LOOK_S)

    def look(self) -> None:
        """Approve what waits for approval, fit what waits to be fitted."""
        now_s = self._clock.now_s()
        for case in self._store.cases():
            state, case_id = case["state"], case["id"]
            waited_s = now_s - case["at_s"].get(state, now_s)
            moment = (case_id, f"{state} {len(case['at_s'])}")  # a second time has other steps
            said_s = self._said.get(moment)
            if waited_s < self._after_s or (said_s and now_s - said_s < AGAIN_S):
                continue
            if state == "awaiting-approval":
                self._view.approve(case_id, case["gcode_sha256"], NAME)
            elif state == "awaiting-fit":
                self._view.fitted(case_id, NAME)
            else:
                continue
            self._said[moment] = now_s
