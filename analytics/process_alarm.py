"""When an alarm begins and ends: `watch` before it, hysteresis, and healthy again at once."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from fieldlab.core.messages import State

WATCH_RATIO = 0.7
ON_WINDOWS = 2  # above the limit, one after the other
OFF_RATIO = 0.6  # of the limit, for averages over many windows
_OFF_PEAK = 0.4  # of the greatest ratio of this alarm
_GONE_RATIO = 0.5  # of the limit, by what answers quickly
_GONE_WINDOWS = 12


@dataclass(slots=True, kw_only=True)
class Alarm:
    """The alarm of one machine."""

    is_on: bool = False
    over: int = 0
    gone: int = 0
    peak: float = 0.0

    def step(
        self, ratio: float, quick: float, *, on: int = ON_WINDOWS, off: float = OFF_RATIO
    ) -> bool:
        """Take one window; return whether an alarm ended now.

        Parameters
        ----------
        ratio : float
            What was found against its limit.
        quick : float
            The same by what answers quickly; both may be one.
        on : int
            So many windows above the limit begin an alarm.
        off : float
            Below this an alarm ends.
        """
        self.over = self.over + 1 if ratio > 1.0 else 0
        if not self.is_on:
            if self.over >= on:
                self.is_on, self.peak, self.gone = True, ratio, 0
            return False
        self.peak = max(self.peak, ratio)
        self.gone = self.gone + 1 if quick < _GONE_RATIO else 0
        if ratio < max(off, min(1.0, _OFF_PEAK * self.peak)) or self.gone >= _GONE_WINDOWS:
            self.is_on, self.over, self.gone = False, 0, 0
            return True
        return False

    def state(self, ratio: float) -> State:
        """Return what to show for a window with this ratio."""
        if self.is_on:
            return "alarm"
        return "watch" if ratio > WATCH_RATIO else "normal"

    def plain(self) -> dict[str, Any]:
        """Return what is remembered, to be saved."""
        return asdict(self)

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> "Alarm":
        """Return what `plain` wrote."""
        return cls(**plain)
