"""The only place that reads the system clock; everything else takes a Clock."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What time it is, and waiting."""

    def now_s(self) -> float:
        """Return the seconds since 1970 (UTC)."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds that never run backwards, for measuring durations."""
        ...

    async def sleep(self, duration_s: float) -> None:
        """Wait; other tasks of the loop go on."""
        ...

    def wait(self, duration_s: float) -> None:
        """Wait in a worker thread; the thread stands still."""
        ...


class SystemClock:
    """The clock of this computer."""

    def now_s(self) -> float:
        """Return the seconds since 1970 (UTC)."""
        return time.time()

    def monotonic_s(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()

    async def sleep(self, duration_s: float) -> None:
        """Wait; other tasks of the loop go on."""
        await asyncio.sleep(max(0.0, duration_s))

    def wait(self, duration_s: float) -> None:
        """Wait in a worker thread."""
        time.sleep(max(0.0, duration_s))


class ManualClock:
    """A clock that moves only when told; waiting moves it, so a test takes no time."""

    def __init__(self, start_s: float = 1_700_000_000.0) -> None:
        self._now_s = start_s

    def now_s(self) -> float:
        """Return the seconds since 1970 (UTC)."""
        return self._now_s

    def monotonic_s(self) -> float:
        """Return the same as `now_s`; a manual clock never runs backwards by itself."""
        return self._now_s

    def advance(self, duration_s: float) -> None:
        """Move the clock."""
        self._now_s += duration_s

    async def sleep(self, duration_s: float) -> None:
        """Move the clock and let other tasks run."""
        self.advance(max(0.0, duration_s))
        await asyncio.sleep(0)

    def wait(self, duration_s: float) -> None:
        """Move the clock."""
        self.advance(max(0.0, duration_s))
