"""Symptom tables (ISO 13379-1) against what the sensors do: suspects with their reasons."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.features.spectra import Floats
from fieldlab.core.machine import Machine
from fieldlab.core.messages import Diagnosis, Reason, Suspect

SEEN = 6.0  # spreads at which a symptom is fully seen
LEAST_FIT = 0.65  # of a table's symptoms, before a verdict
LEAST_LEAD = 1.35  # over the runner-up of another component
_MAX_SUSPECTS, _MAX_REASONS = 5, 3
_PLAIN_SPREADS = 2.0  # a sensor that moved less is no reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One failure mode with a symptom table."""

    component: str
    name: str
    kind: str


class Symptoms:
    """The symptom tables of a machine over a list of its sensors."""

    def __init__(self, machine: Machine, sensors: Sequence[str]) -> None:
        self._machine = machine
        self._sensors = tuple(sensors)
        self.modes: tuple[Mode, ...] = ()
        rows: list[Floats] = []
        for name, component in machine.components.items():
            for mode, table in component.failure_modes.items():
                signs = np.array(
                    [_SIGNS.get(table.symptoms.get(sensor, ""), 0.0) for sensor in sensors]
                )
                if signs.any():
                    self.modes += (Mode(component=name, name=mode, kind=component.kind),)
                    rows.append(signs)
        self.signs: Floats = np.array(rows).reshape(len(rows), len(self._sensors))
        self.named = (self.signs != 0).any(axis=0)  # sensors that any table names

    def fit(self, strength: Floats) -> tuple[Floats, Floats]:
        """Return per mode how far its symptoms are seen, and the share that they explain.

        Parameters
        ----------
        strength : (sensors,) float
            How far each sensor is from normal, in spreads, with its sign.

        Returns
        -------
        (modes,) float from -1 to 1, (modes,) float from 0 to 1
        """
        seen = np.clip(np.nan_to_num(strength), -SEEN, SEEN) / SEEN
        count = np.maximum((self.signs != 0).sum(axis=1), 1)
        energy = np.where(self.named, seen**2, 0.0)
        explained = (np.maximum(self.signs * seen, 0.0) ** 2).sum(axis=1)
        share = explained / max(float(energy.sum()), 1e-9)
        return self.signs @ seen / count, np.asarray(share, np.float64)

    def ratios(self, raised: Floats) -> dict[str, float]:
        """Return the greatest value of each component's modes, at least 0."""
        out: dict[str, float] = {}
        for mode, value in zip(self.modes, raised, strict=True):
            out[mode.component] = max(0.0, float(value), out.get(mode.component, 0.0))
        return out

    def diagnosed(
        self, t_s: float, weights: Floats, strength: Floats, *, plain: npt.NDArray[np.bool_]
    ) -> Diagnosis:
        """Return the suspects, likeliest first, and the verdict if one clearly leads.

        Parameters
        ----------
        weights : (modes,) float
            How well each mode explains what was seen; 0 rules it out.
        strength : (sensors,) float
            How far each sensor is from normal, for the reasons.
        plain : (modes,) bool
            Which modes show enough of themselves for a verdict.
        """
        best: dict[tuple[str, ...], int] = {}
        for row in np.argsort(-weights, kind="stable"):
            if weights[row] > 0:
                best.setdefault(self._machine.group_of(self.modes[int(row)].component), int(row))
        rows = list(best.values())[:_MAX_SUSPECTS]
        total = float(sum(weights[row] for row in rows))
        suspects = tuple(self._suspect(row, float(weights[row]) / total, strength) for row in rows)
        sure = bool(rows) and bool(plain[rows[0]]) and (
            len(rows) < 2 or weights[rows[0]] >= LEAST_LEAD * weights[rows[1]]
        )  # fmt: skip
        return Diagnosis(
            machine_id=self._machine.id, t_s=t_s, suspects=suspects,
            verdict=suspects[0] if sure else None,
        )  # fmt: skip

    def _suspect(self, row: int, confidence: float, strength: Floats) -> Suspect:
        mode = self.modes[row]
        value = np.nan_to_num(strength)
        order = np.argsort(-np.abs(value) * (self.signs[row] != 0), kind="stable")
        reasons = tuple(
            self._reason(int(at), float(value[at])) for at in order[:_MAX_REASONS]
            if self.signs[row, at] * value[at] >= _PLAIN_SPREADS
        )  # fmt: skip
        return Suspect(
            component=mode.component, failure_mode=mode.name, confidence=round(confidence, 4),
            reasons=reasons, group=self._machine.group_of(mode.component),
            sensor=self._sensors[int(order[0])],
        )  # fmt: skip

    def _reason(self, at: int, value: float) -> Reason:
        way = "higher" if value > 0 else "lower"
        return Reason(
            key=f"process-{way}", numbers={"sensor": self._sensors[at], "spreads": abs(value)}
        )


_SIGNS = {"up": 1.0, "down": -1.0}
