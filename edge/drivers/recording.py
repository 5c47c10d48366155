"""A recording as a live machine."""

import json
import math
from collections.abc import Iterator

from edge.recording import Recording
from fieldlab.core.clock import Clock
from fieldlab.core.messages import Command, Reading, Reply


class RecordingSensor:
    """Replay a recording, `speed` times as fast as life; event times stay as recorded.

    Parameters
    ----------
    speed : float
        1 is life; 0 or infinite is as fast as it is taken.
    healthy_until_s : float
        Until when (event time) the machine was healthy; goes into `meta`.
    checkpoint : bytes
        What `checkpoint()` said before a restart; one of another recording is ignored.
    """

    patient = True  # waits while the outbox is full

    def __init__(
        self,
        recording: Recording,
        *,
        speed: float = 1.0,
        clock: Clock,
        healthy_until_s: float | None = None,
        checkpoint: bytes | None = None,
    ) -> None:
        self.healthy_until_s = healthy_until_s
        self._recording = recording
        self._speed = speed if 0 < speed < math.inf else math.inf
        self._clock = clock
        self._done = _rows_done(checkpoint, self._identity())
        self._batches: Iterator[tuple[Reading, ...]] = recording.batches(skip=self._done)
        self._zero: tuple[float, float] | None = None  # (monotonic, event time) of the first row

    async def read(self) -> tuple[Reading, ...] | None:
        """Return the readings of the next row when its time has come; None at the end.

        Raises
        ------
        RecordingError
            If a WAV file is missing or broken.
        """
        batch = next(self._batches, None)
        if batch is None:
            return None
        if batch:
            await self._wait_for(batch[0].t_s)
        self._done += 1
        return batch

    def command(self, name: str, command: Command) -> Reply:
        """Refuse: a recording cannot be changed."""
        now_s = self._clock.now_s()
        return Reply(
            id=command.id, ok=False, t_s=now_s, reason=f"a recording knows no command '{name}'"
        )

    def checkpoint(self) -> bytes:
        """Return how far the replay is."""
        return json.dumps({**self._identity(), "done": self._done}).encode()

    async def _wait_for(self, t_s: float) -> None:
        now_s = self._clock.monotonic_s()
        if self._zero is None:
            self._zero = (now_s, t_s)
        due_s = self._zero[0] + (t_s - self._zero[1]) / self._speed
        if due_s > now_s:
            await self._clock.sleep(due_s - now_s)

    def _identity(self) -> dict[str, object]:
        recording = self._recording
        return {
            "machine": recording.machine.id,
            "rows": len(recording),
            "start_s": recording.start_s,
        }


def _rows_done(checkpoint: bytes | None, identity: dict[str, object]) -> int:
    if checkpoint is None:
        return 0
    try:
        kept = json.loads(checkpoint)
    except ValueError:
        return 0
    if not isinstance(kept, dict) or {key: kept.get(key) for key in identity} != identity:
        return 0
    done = kept.get("done")
    return done if isinstance(done, int) and done > 0 else 0
