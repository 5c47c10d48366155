"""Bearings under watch: their own rhythm, heard over the windows of an alarm."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from analytics.diagnose import PLAIN, bearing_cases, bearing_suspect
from analytics.features.spectra import Floats
from analytics.signatures import Signature
from fieldlab.core.machine import Machine, RollingBearing
from fieldlab.core.messages import Suspect, Window


class BearingEar:
    """Hears how plain each bearing's rhythm is, on average since something changed."""

    def __init__(self, machine: Machine, signatures: tuple[Signature, ...]) -> None:
        self._machine = machine
        self._place = {
            (s.component, s.mode): at
            for at, s in enumerate(signatures)
            if isinstance(machine.components[s.component], RollingBearing) and s.mode in PLAIN
        }
        self.total = np.zeros(len(signatures))
        self.windows = 0.0

    def forget(self) -> None:
        """Begin anew: all is well."""
        self.total[:] = 0.0
        self.windows = 0.0

    def hear(self, window: Window, raised: Floats) -> Suspect | None:
        """Return the bearing and failure mode that is plain, and raised against its normal.

        Parameters
        ----------
        window : Window
            The newest, while something is not as it was.
        raised : (signatures,) float
            Each signature's evidence against its learnt limit: what was always there is no fault.
        """
        if not self._place:
            return None
        heard = {
            (case.component, case.mode): case for case in bearing_cases(self._machine, [window])
        }
        self.windows += 1.0
        for key, case in heard.items():
            if key in self._place:
                self.total[self._place[key]] += case.ratio
        best = max(heard, key=self._mean, default=None)
        if best is None or self._mean(best) < 1.0 or raised[self._place[best]] <= 1.0:
            return None
        suspect = bearing_suspect(self._machine, heard[best])
        confidence = 1.0 - 0.5 / max(self._mean(best), 1.0) ** 2
        return replace(suspect, confidence=round(confidence, 4))

    def _mean(self, key: tuple[str, str]) -> float:
        place = self._place.get(key)
        return 0.0 if place is None else float(self.total[place]) / max(self.windows, 1.0)

    def plain(self) -> dict[str, Floats]:
        """Return what was heard, to be saved."""
        return {"total": self.total, "windows": np.array([self.windows])}

    def restore(self, plain: Mapping[str, Floats]) -> None:
        """Go on from a saved state."""
        self.total = np.asarray(plain["total"], np.float64)
        self.windows = float(plain["windows"][0])
