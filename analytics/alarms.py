"""When a case begins and when it is over: patience, hysteresis, one case for each group."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from analytics.features.spectra import Floats
from fieldlab.core.machine import Machine
from fieldlab.core.messages import Diagnosis

WATCH_RATIO = 0.6
ALARM_WINDOWS = 2  # over the limit in a row
_CLEAR_RATIO, _CLEAR_WINDOWS = 0.75, 3
_GONE_RATIO, _GONE_WINDOWS = 0.4, 2  # of the peak: the cause was taken away
_PATIENCE, _SHORT_PATIENCE, _PLAIN_RATIO = 24, 5, 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What the evidence of one window says, against its limits."""

    raised: Floats  # (signatures,) moving average against its limit
    raw: Floats  # (signatures,) this window alone, against the same limit
    novel: float
    novel_raw: float

    @property
    def worst(self) -> float:
        """The greatest ratio of all."""
        return float(max(self.novel, np.max(self.raised, initial=0.0), 0.0))

    @property
    def worst_raw(self) -> float:
        """The greatest ratio of this window alone."""
        return float(max(self.novel_raw, np.max(self.raw, initial=0.0), 0.0))


@dataclass(slots=True, kw_only=True)
class Episode:
    """An alarm of one component; `component` is None while nobody is named."""

    component: str | None
    mode: str | None
    opened_s: float
    calm: int = 0
    gone: int = 0
    peak: float = 0.0

    def step(self, now: float, raw: float) -> bool:
        """Take a window's ratios; return whether it is over."""
        self.calm = self.calm + 1 if now < _CLEAR_RATIO else 0
        self.peak = max(now, self.peak)
        self.gone = self.gone + 1 if raw < _GONE_RATIO * self.peak else 0
        return self.calm >= _CLEAR_WINDOWS or self.has_gone

    @property
    def has_gone(self) -> bool:
        """Whether what raised it is no longer there."""
        return self.gone >= _GONE_WINDOWS


class Alarms:
    """The open alarms of one machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.episodes: list[Episode] = []
        self._machine_wide: Episode | None = None
        self._over = 0
        self._waiting = 0
        self._believed: tuple[str, str | None] | None = None

    @property
    def is_alarm(self) -> bool:
        """Whether the machine is in alarm, with or without a name."""
        return self._machine_wide is not None

    def close(
        self, scores: Scores, ratio_of: Callable[[str, Floats], float]
    ) -> tuple[tuple[str, ...], bool]:
        """Return the components whose alarms are over, and whether a cause went away at once."""
        closed: list[str] = []
        gone = False
        for episode in list(self.episodes):
            now, raw = scores.worst, scores.worst_raw
            if episode.component is not None:
                now = ratio_of(episode.component, scores.raised)
                raw = ratio_of(episode.component, scores.raw)
            if episode.step(now, raw):
                self.episodes.remove(episode)
                closed.append(episode.component or "")
                gone = gone or episode.has_gone
        whole = self._machine_wide
        if whole is not None and whole.step(scores.worst, scores.worst_raw):
            gone = gone or whole.has_gone
            self._machine_wide = None
        return tuple(closed), gone

    def count(self, t_s: float, scores: Scores) -> None:
        """Take a window's scores: an alarm begins when the machine as a whole is not as it was.

        Lines of one component that are over their limit on a machine that else sounds as always
        are watched, until that component, or nobody, is named (`begin`).
        """
        self._over = self._over + 1 if scores.worst > 1.0 else 0
        if scores.worst <= WATCH_RATIO:
            self._waiting = 0
        if self._over >= ALARM_WINDOWS and scores.novel > 1.0:
            self._alarm(t_s, scores.worst)

    def _alarm(self, t_s: float, worst: float) -> None:
        if self._machine_wide is None:
            self._machine_wide = Episode(component=None, mode=None, opened_s=t_s, peak=worst)

    def begin(self, diagnosis: Diagnosis, *, sure: bool, worst: float) -> tuple[Diagnosis, ...]:
        """Return the diagnosis if a case begins with it: named if it is sure twice, else later.

        `sure` says that the verdict's own evidence is over its limit. With a case begins an alarm.
        """
        named = None
        if diagnosis.verdict is not None and sure:
            named = diagnosis.verdict.component, diagnosis.verdict.failure_mode
        before, self._believed = self._believed, named
        if self._over < ALARM_WINDOWS:
            return ()
        self._waiting += 1
        if named is not None:
            return self._open(diagnosis, *named, worst) if named == before else ()
        patience = _SHORT_PATIENCE if worst > _PLAIN_RATIO else _PATIENCE
        if self.episodes or self._waiting < patience:
            return ()
        nobody = Diagnosis(
            machine_id=diagnosis.machine_id, t_s=diagnosis.t_s, suspects=diagnosis.suspects
        )
        return self._open(nobody, None, None, worst)

    def _open(
        self, diagnosis: Diagnosis, component: str | None, mode: str | None, worst: float
    ) -> tuple[Diagnosis, ...]:
        group = self._machine.group_of(component) if component is not None else (None,)
        if any(episode.component in group for episode in self.episodes):
            return ()
        self._alarm(diagnosis.t_s, worst)
        self.episodes[:] = [e for e in self.episodes if e.component is not None]
        self.episodes.append(Episode(component=component, mode=mode, opened_s=diagnosis.t_s))
        return (diagnosis,)

    def fitted(self, group: tuple[str, ...]) -> None:
        """Forget the alarms of components that were replaced, and those of nobody."""
        self.episodes = [e for e in self.episodes if e.component not in (*group, None)]
        self._machine_wide = None
        self._over = self._waiting = 0

    def plain(self) -> dict[str, Any]:
        """Return all as plain data."""
        return {
            "over": self._over, "waiting": self._waiting, "believed": self._believed,
            "episodes": [asdict(episode) for episode in self.episodes],
            "whole": None if self._machine_wide is None else asdict(self._machine_wide),
        }  # fmt: skip

    def restore(self, plain: Mapping[str, Any]) -> None:
        """Go on from a saved state."""
        self._over, self._waiting = plain["over"], plain["waiting"]
        self.episodes = [Episode(**episode) for episode in plain["episodes"]]
        believed, whole = plain["believed"], plain["whole"]
        self._believed = None if believed is None else (believed[0], believed[1])
        self._machine_wide = None if whole is None else Episode(**whole)
