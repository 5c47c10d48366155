"""How far long work is, on stderr: a bar on a screen, a line now and then in a log."""

import sys

from fieldlab.core.clock import Clock

WIDE = 30
LEAST_WAIT_S = 0.1
LOG_WAIT_S = 10.0


class Progress:
    """A bar of `total` steps."""

    def __init__(self, total: int, clock: Clock) -> None:
        self._total = total
        self._clock = clock
        self._done = 0
        self._start_s = self._shown_s = clock.monotonic_s()
        self._screen = sys.stderr.isatty()

    @property
    def took_s(self) -> float:
        """The seconds since the start."""
        return self._clock.monotonic_s() - self._start_s

    def step(self) -> None:
        """Count one step, and show it if it is time."""
        self._done += 1
        now_s = self._clock.monotonic_s()
        last = self._done == self._total
        if not last and now_s - self._shown_s < (LEAST_WAIT_S if self._screen else LOG_WAIT_S):
            return
        self._shown_s = now_s
        if self._screen:
            print(f"\r{self._bar()}", end="\n" if last else "", file=sys.stderr, flush=True)
        elif not last:
            print(self._bar(), file=sys.stderr, flush=True)

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        print(f"\r\033[K{line}" if self._screen else line, file=sys.stderr, flush=True)

    def _bar(self) -> str:
        share = self._done / max(self._total, 1)
        rate = self._done / max(self.took_s, 1e-9)
        left_s = (self._total - self._done) / max(rate, 1e-9)
        full = round(share * WIDE)
        return (
            f"[{'#' * full}{'.' * (WIDE - full)}] {self._done}/{self._total}"
            f"  {rate:.0f}/s  {left_s:.0f} s left  "
        )
