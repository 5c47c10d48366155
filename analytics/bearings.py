"""Bearings under watch: their own rhythm, heard over the windows of an alarm."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from analytics.combs import Heard
from analytics.diagnose import PLAIN, BearingCase, bearing_cases, bearing_suspect
from analytics.features.spectra import Floats
from analytics.signatures import Signature
from fieldlab.core.machine import Machine, RollingBearing
from fieldlab.core.messages import Suspect, Window

_AT_ONCE, _THEN_EVERY = 8, 4  # windows; a mean of eight moves little with one more


class BearingEar:
    """Hears how plain each bearing's rhythm is, on average since something changed.

    It listens to every window at first, later to every fourth: listening costs as much as all else.
    """

    def __init__(self, machine: Machine, signatures: tuple[Signature, ...]) -> None:
        self._machine = machine
        self._place = {
            (s.component, s.mode): at
            for at, s in enumerate(signatures)
            if isinstance(machine.components[s.component], RollingBearing) and s.mode in PLAIN
        }
        self._shaft = [signature.shaft for signature in signatures]
        self._sensors = tuple(machine.sensors)
        self.total = np.zeros(len(signatures))
        self.latest = np.zeros((len(signatures), 4))  # plainness, height, order, sensor
        self.windows = 0  # that were listened to
        self.since = 0  # windows

    def forget(self) -> None:
        """Begin anew: all is well."""
        self.total[:] = 0.0
        self.windows = self.since = 0

    def hear(self, window: Window, raised: Floats, rates_hz: Mapping[str, float]) -> Suspect | None:
        """Return the bearing and failure mode that is plain, and raised against its normal.

        Parameters
        ----------
        window : Window
            The newest, while something is not as it was.
        raised : (signatures,) float
            Each signature's evidence against its learnt limit: what was always there is no fault.
        rates_hz : mapping of shaft to float
        """
        if not self._place:
            return None
        if self.windows < _AT_ONCE or self.since % _THEN_EVERY == 0:
            self._listen(window, rates_hz)
        self.since += 1
        mean = self.total / max(self.windows, 1)
        best = max(self._place, key=lambda key: float(mean[self._place[key]]))
        row = self._place[best]
        if mean[row] < 1.0 or raised[row] <= 1.0:
            return None
        suspect = bearing_suspect(self._machine, self._case(*best, row, rates_hz))
        return replace(suspect, confidence=round(1.0 - 0.5 / max(float(mean[row]), 1.0) ** 2, 4))

    def _listen(self, window: Window, rates_hz: Mapping[str, float]) -> None:
        self.windows += 1
        for case in bearing_cases(self._machine, [window]):
            row = self._place.get((case.component, case.mode))
            if row is not None:
                self.total[row] += case.ratio
                loudest = case.heard[0]
                self.latest[row] = (
                    case.plainness, loudest.height,
                    case.rate_hz / rates_hz[self._shaft[row]],
                    self._sensors.index(loudest.sensor),
                )  # fmt: skip

    def _case(
        self, component: str, mode: str, row: int, rates_hz: Mapping[str, float]
    ) -> BearingCase:
        """Return what was heard last, at the speed of now."""
        plainness, height, order, sensor = self.latest[row].tolist()
        heard = Heard(
            component=component, mode=mode, sensor=self._sensors[int(sensor)],
            plainness=plainness, height=height,
        )  # fmt: skip
        rate_hz = order * rates_hz.get(self._shaft[row], np.nan)
        return BearingCase(
            component=component, mode=mode, heard=(heard,), rate_hz=rate_hz, louder=0.0
        )

    def plain(self) -> dict[str, Floats]:
        """Return what was heard, to be saved."""
        counts = np.array([self.windows, self.since], np.float64)
        return {"total": self.total, "latest": self.latest, "counts": counts}

    def restore(self, plain: Mapping[str, Floats]) -> None:
        """Go on from a saved state."""
        self.total = np.asarray(plain["total"], np.float64)
        self.latest = np.asarray(plain["latest"], np.float64)
        self.windows, self.since = (int(count) for count in plain["counts"])
