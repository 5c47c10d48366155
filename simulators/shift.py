"""A believable shift: batches with pauses, the line's speed, and the hall's temperature.

All of it is a function of event time and the seed, so it needs no state and never drifts.
"""

import zlib
from dataclasses import dataclass

import numpy as np

SLOT_S = 720.0  # one batch and the pause after it
DAY_S = 86_400.0
RAMP_S = 20.0  # a line fills and empties, it does not switch
SLIP_RATIO = 1 / 75  # of an induction motor at rated load: 1500 to 1480 rpm
_MIN_LOAD_RATIO = 0.05  # an idle line still moves its own belt


def stable_rng(*keys: str | int) -> np.random.Generator:
    """Return a generator that depends on its keys alone, the same in every run and process."""
    return np.random.default_rng([zlib.crc32(str(key).encode()) for key in keys])


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """How hard the machine works at one moment."""

    load_ratio: float  # of rated load
    speed_ratio: float  # of nominal speed
    ambient_degc: float


class Shift:
    """What the operators and the weather do to the machine."""

    def __init__(self, *, seed: int) -> None:
        self._seed = seed
        rng = stable_rng(seed, "hall")
        self._weather_s = np.array([2_100.0, 6_300.0, 11_900.0]) * rng.uniform(0.9, 1.1, 3)
        self._weather_rad = rng.uniform(0, 2 * np.pi, 3)
        self._feed_s = np.array([47.0, 131.0, 283.0]) * rng.uniform(0.9, 1.1, 3)
        self._feed_rad = rng.uniform(0, 2 * np.pi, 3)
        self._batch: tuple[int, float, float, float] = (-1, 0.0, 0.0, 0.0)

    def at(self, t_s: float) -> Operation:
        """Return how hard the machine works at event time `t_s`."""
        slot, in_slot_s = divmod(t_s, SLOT_S)
        level, setpoint, pause_s = self._batch_of(int(slot))
        edge_s = min(in_slot_s, SLOT_S - pause_s - in_slot_s)
        filled = float(np.clip(edge_s / RAMP_S, 0.0, 1.0))
        feed = 1 + 0.06 * float(np.mean(np.sin(2 * np.pi * t_s / self._feed_s + self._feed_rad)))
        load = max(_MIN_LOAD_RATIO, filled * level * feed)
        return Operation(
            load_ratio=load,
            speed_ratio=setpoint * (1 + SLIP_RATIO * (1 - load)),
            ambient_degc=self._ambient_degc(t_s),
        )

    def _batch_of(self, slot: int) -> tuple[float, float, float]:
        if self._batch[0] != slot:
            rng = stable_rng(self._seed, "batch", slot)
            self._batch = (
                slot, rng.uniform(0.72, 1.05), rng.uniform(0.94, 1.0), rng.uniform(30, 110),
            )  # fmt: skip
        return self._batch[1:]

    def _ambient_degc(self, t_s: float) -> float:
        day = 2.0 * float(np.sin(2 * np.pi * (t_s / DAY_S - 0.375)))  # warmest at 15:00
        weather = np.sin(2 * np.pi * t_s / self._weather_s + self._weather_rad)
        return 21.0 + day + 0.4 * float(np.sum(weather))
