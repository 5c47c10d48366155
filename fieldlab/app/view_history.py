"""What the page sees of the past: health and features over any stretch, cases, availability."""

import numpy as np

from fieldlab.app.counting import figures, spent_s, usual_s
from fieldlab.app.naming import SHOWN, unit_of
from fieldlab.app.opening import ENDED
from fieldlab.app.patients import Patient
from fieldlab.app.store import Record
from fieldlab.app.thinning import GRAVE, NAMES_BY_NUMBER, Floats, Places, kept
from fieldlab.app.view_base import ViewBase
from fieldlab.core.errors import InputError

SCORE = "score"
_RECORDS = {"component": "component_ratios", "condition": "conditions", "feature": "features"}


class HistoryView(ViewBase):
    """Answers about the past."""

    def history(
        self, machine_id: str, from_s: float | None, until_s: float | None, series: str, points: int
    ) -> Record | None:
        """Return a series of a stretch in at most `points` points, with its cases and figures.

        Raises
        ------
        InputError
            If there is no such series; the message names those that there are.
        """
        patient = self.ingest.patients.get(machine_id)
        if patient is None:
            return None
        names = series_of(patient)
        if series not in names:
            raise InputError(f"there is no series '{series:.80}'; there is {', '.join(names)}")
        first_s, last_s = self.store.health_span(machine_id) or (0.0, 0.0)
        low_s = first_s if from_s is None else from_s
        high_s = last_s if until_s is None else until_s
        times_s, states, values = self._rows(machine_id, low_s, high_s, series)
        shown = kept(times_s, values, states, points)
        told = [
            {"t_s": float(times_s[at]), "state": NAMES_BY_NUMBER[states[at]],
             "value": float(values[at]) if np.isfinite(values[at]) else None}
            for at in shown
        ]  # fmt: skip
        width_s = (high_s - low_s) / max(1, points) if len(shown) < len(times_s) else 0.0
        return {
            "machine_id": machine_id, "series": series, "names": names,
            "unit": unit_of(patient.machine, series.partition(".")[2]),
            "first_s": first_s, "last_s": last_s, "from_s": low_s, "until_s": high_s,
            "rows": len(times_s), "every_s": max(usual_s(times_s), 3 * width_s), "points": told,
            "cases": self._cases_between(machine_id, low_s, high_s),
            "figures": self._figures(machine_id, times_s, states, low_s, high_s),
        }  # fmt: skip

    def availability(self, from_s: float | None, until_s: float | None) -> list[Record]:
        """Return the figures of every machine over a stretch."""
        found = []
        for machine_id, patient in tuple(self.ingest.patients.items()):
            first_s, last_s = self.store.health_span(machine_id) or (0.0, 0.0)
            low_s = first_s if from_s is None else from_s
            high_s = last_s if until_s is None else until_s
            times_s, states, _ = self._rows(machine_id, low_s, high_s, SCORE)
            name = patient.machine.name or {"en": machine_id}
            told = self._figures(machine_id, times_s, states, low_s, high_s)
            found.append({"name": name, **told})
        return found

    def _rows(
        self, machine_id: str, from_s: float, until_s: float, series: str
    ) -> tuple[Floats, Places, Floats]:
        kind, _, name = series.partition(".")
        place = () if series == SCORE else (_RECORDS[kind], name)
        rows = self.store.health_between(machine_id, from_s, until_s, place=place)
        times_s = np.array([row[0] for row in rows], np.float64)
        states = np.array([GRAVE.get(row[1], 1) for row in rows], np.int64)  # type: ignore[call-overload]
        values = np.array([np.nan if row[2] is None else row[2] for row in rows], np.float64)
        if series == SCORE:  # nothing was judged while it learnt, stood still or a sensor was sick
            blind = [GRAVE[state] for state in ("learning", "unknown", "sensor-fault")]
            values[np.isin(states, blind)] = np.nan
        return times_s, states, values

    def _cases_between(self, machine_id: str, from_s: float, until_s: float) -> list[Record]:
        """Return the cases that were open in a stretch; `until_s` is None while one still is."""
        found = []
        for case in self.store.cases():
            if case["machine_id"] != machine_id or case["opened_s"] > until_s:
                continue
            begun_s = max(case["opened_s"], case.get("fitted_s") or 0.0)
            ended_s = None
            if case["state"] in ENDED:
                ended_s = self.store.next_in_state(machine_id, begun_s, "normal") or begun_s
            if ended_s is None or ended_s >= from_s:
                keys = ("id", "component", "failure_mode", "state", "opened_s")
                found.append({**{key: case[key] for key in keys}, "ended_s": ended_s,
                              "false": is_false(case)})  # fmt: skip
        return found

    def _figures(
        self, machine_id: str, times_s: Floats, states: Places, from_s: float, until_s: float
    ) -> Record:
        mine = [
            case for case in self.store.cases()
            if case["machine_id"] == machine_id and from_s <= case["opened_s"] <= until_s
        ]  # fmt: skip
        told = figures(
            spent_s(times_s, states),
            false=sum(is_false(case) for case in mine),
            cases=len(mine),
            proven=sum(case["state"] == "proven" for case in mine),
        )
        return {"machine_id": machine_id, **told}


def is_false(case: Record) -> bool:
    """Return whether a person said that nothing was wrong."""
    feedback = case.get("feedback")
    return feedback is not None and feedback.get("component") is None


def series_of(patient: Patient) -> list[str]:
    """Return what can be drawn of a machine: the score, components, conditions, features."""
    machine = patient.machine
    latest = None if patient.latest is None else patient.latest.features.values
    features = [name for name in latest or () if name.rpartition(".")[2] in SHOWN]
    return [
        SCORE,
        *(f"component.{name}" for name in machine.components),
        *(f"condition.{name}" for name in machine.conditions),
        *(f"feature.{name}" for name in features),
    ]
