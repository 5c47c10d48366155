"""What the page sees of the hub (dashboard.view.View), and the three words a person may say."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from fieldlab.app import words, work
from fieldlab.app.casebook import PREVIEW, STL
from fieldlab.app.costs import told
from fieldlab.app.duel import Duel
from fieldlab.app.generations import generations
from fieldlab.app.ghost import compare
from fieldlab.app.ingest import Ingest, Patient
from fieldlab.app.marked import Names, marks_of, said
from fieldlab.app.notify import Caller
from fieldlab.app.opening import ENDED
from fieldlab.app.plain import plain
from fieldlab.app.prices import Prices, cost_of, default_prices
from fieldlab.app.printroom import PrintRoom
from fieldlab.app.sensing import grades
from fieldlab.app.sentences import sentence_of
from fieldlab.app.showing import (
    POINTS,
    advice_of,
    last,
    life_of,
    range_hz,
    redesign_of,
    shafts_hz,
    spectrum,
    steps_of,
)
from fieldlab.app.store import Record, Store
from fieldlab.app.thread import Thread, case_folder
from fieldlab.core.errors import MachineFileError, RefusedError
from fieldlab.core.machine import parse_machine
from fieldlab.core.messages import PartOrder, Window
from partgen.catalogue import catalogue

OFFLINE_AFTER_S = 3.0
Tell = Callable[..., None]


@dataclass(kw_only=True)
class HubView:
    """Answers the page from the store and from what was taken in last."""

    home: Path
    store: Store
    ingest: Ingest
    room: PrintRoom
    tell: Tell
    workshop: work.Workshop
    referee: Duel
    caller: Caller
    prices: Prices = field(default_factory=default_prices)

    # ----------------------------------------------------------------------------- machines

    def machines(self) -> list[Record]:
        """Return every machine."""
        return [self._machine(patient) for patient in tuple(self.ingest.patients.values())]

    def machine(self, machine_id: str) -> Record | None:
        """Return one machine, None if there is no such machine."""
        patient = self.ingest.patients.get(machine_id)
        return None if patient is None else self._machine(patient)

    def _machine(self, patient: Patient) -> Record:
        machine, now_s = patient.machine, self.room.clock.now_s()
        latest = patient.latest
        nodes = [{**node, "age_s": now_s - node["at_s"]} for node in patient.nodes.values()]
        return {
            "id": machine.id,
            "name": machine.name or {"en": machine.id},
            "file": patient.record["file"],
            "simulated": bool(patient.record.get("simulated")),
            "health": None if latest is None else plain(latest.health),
            "forecast": None if latest is None else plain(latest.forecast),
            "advice": None if latest is None else advice_of(latest.advice, self._names(machine.id)),
            "learnings": patient.record.get("learnings", []),
            "nodes": nodes,
            "last_data_s": patient.heard_s,
        }

    def live(self, machine_id: str) -> Record | None:
        """Return the newest waveform, spectrum and values of a machine."""
        patient = self.ingest.patients.get(machine_id)
        if patient is None or patient.window is None:
            return None
        window = patient.window
        sensor, marks = self._focus(patient, window)
        found: Record = {
            "machine_id": machine_id,
            "t_s": window.t_s,
            "age_s": max(0.0, self.room.clock.now_s() - patient.heard_s),
            "values": {name: last(values) for name, values in window.scalars.items()},
            "units": {name: spec.unit for name, spec in patient.machine.sensors.items()},
            "marks": marks,
            "wave": None,
            "spectrum": None,
        }
        wave = window.waves.get(sensor or "")
        if wave is not None:
            found["wave"] = {
                "sensor": sensor,
                "rate_hz": wave.rate_hz,
                "samples": np.asarray(wave.samples[:POINTS], float).round(5).tolist(),
            }
            top_hz = range_hz(marks)
            found["spectrum"] = {"sensor": sensor, **spectrum(wave.samples, wave.rate_hz, top_hz)}
        return found

    def _focus(self, patient: Patient, window: Window) -> tuple[str | None, list[Record]]:
        """Return the sensor that the open case is about, and what is marked in its spectrum."""
        for case in reversed(self.store.cases()):
            verdict = case["diagnosis"]["verdict"]
            mine = case["machine_id"] == patient.machine.id and case["state"] not in ENDED
            if mine and verdict and verdict["sensor"] in window.waves:
                return verdict["sensor"], marks_of(verdict, shafts_hz(patient, window))
        return next(iter(window.waves), None), []

    def health_history(self, machine_id: str, limit: int) -> list[Record]:
        """Return the last `limit` judgements, oldest first."""
        keys = ("t_s", "state", "score_ratio", "component")
        rows = self.store.health_latest(machine_id, limit)
        return [{key: row[key] for key in keys} for row in rows]

    # -------------------------------------------------------------------------------- cases

    def cases(self) -> list[Record]:
        """Return all cases, newest first."""
        return [self._case(record) for record in reversed(self.store.cases())]

    def case(self, case_id: str) -> Record | None:
        """Return one case, None if there is no such case."""
        record = self.store.case(case_id)
        if record is None:
            return None
        return {**self._case(record), "generations": self._generations(record)}

    def _case(self, record: Record) -> Record:
        keys = ("id", "machine_id", "component", "group", "failure_mode", "state", "opened_s",
                "confidence")  # fmt: skip
        kept = ("action", "verification", "gate", "inspection", "proof", "approval", "sliced",
                "gcode_sha256", "stl_sha256", "reason", "fitted_s", "printer", "predicted",
                "expected_mm", "forecast", "feedback")  # fmt: skip
        order = record.get("order")
        verdict = record["diagnosis"]["verdict"]
        names, replace = self._names(record["machine_id"]), self._replace(record)
        return {
            **{key: record[key] for key in keys},
            **{key: record.get(key) for key in kept},
            "updated_s": max(record["at_s"].values()),
            "sentence": sentence_of(record, names),
            "reasons": [said(reason, names) for reason in (verdict["reasons"] if verdict else [])],
            "life": life_of(record.get("redesign")),
            "redesign": redesign_of(record.get("redesign"), names),
            "cost": self._cost(record, replace, names),
            "steps": steps_of(record["at_s"]),
            "order": None if order is None else {
                **order, "previous": record.get("previous"),
                "why": [said(reason, names) for reason in order["reasons"]],
            },
            "jobs": self.store.jobs(record["id"]),
            "links": {"follows": record["follows"]},
        }  # fmt: skip

    def _replace(self, record: Record) -> Record:
        component = self._components(record["machine_id"]).get(record["component"], {})
        return component.get("replace") or {}

    def _generations(self, record: Record) -> list[Record]:
        """Return the lives of this component's parts and what was promised of them."""
        machine_id, component = record["machine_id"], record["component"]
        mine = [
            case for case in self.store.cases()
            if case["machine_id"] == machine_id and case["component"] == component
        ]  # fmt: skip
        patient = self.ingest.patients.get(machine_id)
        newest = None if patient is None or patient.window is None else patient.window.end_s
        found = generations(mine, {} if newest is None else {machine_id: newest})
        return [{**plain(each), "claim": each.claim} for each in found]

    def _cost(self, record: Record, replace: Record, names: Names) -> Record:
        patient = self.ingest.patients.get(record["machine_id"])
        parts = {} if patient is None else patient.machine.components
        compared = told(record, parts.get(record["component"]), self.prices)
        reasons = [said(reason, names) for reason in compared["reasons"]]
        return {**cost_of(record, replace, self.prices), **compared, "reasons": reasons}

    def _components(self, machine_id: str) -> dict[str, Record]:
        patient = self.ingest.patients.get(machine_id)
        found: dict[str, Record] = {} if patient is None else patient.record["file"]["components"]
        return found

    def sensors(self, machine_id: str) -> list[Record] | None:
        """Return age, rate, range, noise and grade of each sensor."""
        patient = self.ingest.patients.get(machine_id)
        if patient is None:
            return None
        now_s = self.room.clock.now_s()
        return grades(patient.machine, patient.window, patient.sensors_s, now_s)

    def check_machine(self, text: str) -> list[str]:
        """Return what is wrong with a machine file (YAML), a line each; empty when it is good."""
        try:
            parse_machine(text)
        except MachineFileError as error:
            return str(error).splitlines()
        return []

    def savings(self, machine_id: str) -> Record:
        """Return standstill and money of this machine and of its ghost twin."""
        mine = (case for case in self.store.cases() if case["machine_id"] == machine_id)
        return compare(mine, self._components(machine_id), self.prices)

    def _names(self, machine_id: str) -> dict[str, dict[str, str]]:
        patient = self.ingest.patients.get(machine_id)
        parts = {} if patient is None else patient.machine.components
        return {
            name: {str(key): text for key, text in (part.name or {}).items()}
            for name, part in parts.items()
        }

    def thread(self, case_id: str) -> list[Record] | None:
        """Return the entries of a case's hash-chained thread, oldest first."""
        if self.store.case(case_id) is None:
            return None
        return Thread(case_folder(self.home, case_id)).entries()

    def thread_problems(self, case_id: str) -> list[str] | None:
        """Return what does not hold in a case's thread; empty when every hash does."""
        case = self.store.case(case_id)
        if case is None:
            return None
        return Thread(case_folder(self.home, case_id)).problems(head=case.get("head"))

    def families(self) -> list[Record]:
        """Return the part families with their sizes, units, defaults and bounds."""
        return catalogue()

    def draw(self, family: str, sizes: Mapping[str, float | int | str]) -> bytes:
        """Return the mesh (STL) of a part; raises PartError."""
        order = PartOrder(family=family, material="PA12", sizes=dict(sizes))
        return self.workshop.do(work.compose_part, order).stl

    def duel(self) -> Record:
        """Return the blind duel: what can be broken, the newest rounds and the score."""
        return self.referee.overview()

    def challenge(self, component: str, mode: str, severity: float, visitor: str) -> Record:
        """Queue a round of the duel; raises RefusedError."""
        return self.referee.challenge(component, mode, severity, visitor)

    def stl(self, case_id: str) -> bytes | None:
        """Return the mesh of the part that ships, None before it is designed."""
        return self._file(case_id, STL)

    def preview(self, case_id: str) -> Record | None:
        """Return the printed layers as polylines in mm, None before they are sliced."""
        content = self._file(case_id, PREVIEW)
        return None if content is None else json.loads(content)

    def _file(self, case_id: str, name: str) -> bytes | None:
        if self.store.case(case_id) is None:
            return None
        path = case_folder(self.home, case_id) / name
        return path.read_bytes() if path.is_file() else None

    # ---------------------------------------------------------------------- what a person says

    def approve(self, case_id: str, gcode_sha256: str, by: str) -> None:
        """Approve exactly this G-code; raises RefusedError."""
        case = self._waiting(case_id, "awaiting-approval")
        if gcode_sha256 != case["gcode_sha256"]:
            raise RefusedError(
                f"case '{case_id}': the approval is for another file than the one that waits"
            )
        attempt = self._attempt(case)
        word = {"by": by, "gcode_sha256": gcode_sha256, "attempt": attempt}
        self.tell(case_id, "approval", word, key=f"{gcode_sha256}-{attempt}")

    def measured(self, case_id: str, mass_g: float, sizes: Mapping[str, float], by: str) -> None:
        """Say what a scale and a calliper found on the printed part; raises RefusedError."""
        case = self._waiting(case_id, "inspecting")
        missing = [name for name in case["expected_mm"] if name not in sizes]
        if missing:
            raise RefusedError(f"case '{case_id}': also measure {', '.join(missing)}")
        word = {"mass_g": mass_g, "sizes": dict(sizes), "by": by}
        self.tell(case_id, "measured", word, key=str(self.room.clock.now_s()))

    def cancel(self, case_id: str, reason: str, by: str) -> None:
        """Cancel the print of a case, wherever it stands; raises RefusedError."""
        case = self.store.case(case_id)
        if case is None or "job" not in case:
            raise RefusedError(f"case '{case_id}' has no print job")
        self.room.ask_to_cancel(case["job"], by=by, reason=reason)
        topic = {"awaiting-approval": "approval", "inspecting": "measured"}.get(case["state"])
        if topic is not None:
            word = {"cancel": {"by": by, "reason": reason}}
            self.tell(case_id, topic, word, key=f"cancel-{self._attempt(case)}")

    def fitted(self, case_id: str, by: str) -> None:
        """Say that the part is on the machine; raises RefusedError."""
        self._waiting(case_id, "awaiting-fit")
        self.tell(case_id, "fitted", {"by": by}, key=str(int(self.room.clock.now_s())))

    def dismiss(self, case_id: str, reason: str, by: str) -> None:
        """Close a case that nobody can act on, with a reason; raises RefusedError."""
        case = self._waiting(case_id, "diagnosed")
        words.remember(self.store, dict(case), truth=None)
        self.tell(case_id, "looked-at", {"by": by, "reason": reason}, key="1")

    def correct(self, case_id: str, component: str | None, mode: str | None, by: str) -> None:
        """Say what a case really was, None if nothing was wrong; raises RefusedError."""
        case = self.store.case(case_id)
        if case is None:
            raise RefusedError(f"there is no case '{case_id}'")
        known = self._names(case["machine_id"])
        if component is not None and component not in known:
            raise RefusedError(f"there is no component '{component}'; there is {', '.join(known)}")
        words.remember(self.store, case, truth=None if component is None else (component, mode))
        said = {"component": component, "failure_mode": mode, "by": by}
        self.store.change_case(case_id, feedback=said)

    def relearn(self, machine_id: str, why: words.Why, by: str) -> None:
        """Let a machine learn its normal anew; raises InputError."""
        words.ask_to_relearn(self.store, machine_id, why=why, by=by)

    def call_test(self) -> dict[str, str]:
        """Call a person with a test message; return what each channel said."""
        return self.caller.test()

    # --------------------------------------------------------------------------- print room

    def print_room(self) -> Record:
        """Return the printers, and the jobs with when each should start and finish."""
        return self.room.overview()

    def test_printer(self, name: str) -> Record:
        """Return what a printer answers: `ok`, and in one line what is wrong and what to do."""
        status = self.room.test(name)
        return {"ok": status.state != "offline", **plain(status)}

    def clear_bed(self, name: str) -> None:
        """Say that the bed of a printer is clear."""
        self.room.clear_bed(name)

    def load_spool(self, name: str, material: str, left_g: float) -> None:
        """Say which spool is on a printer, and how many grams it has left."""
        self.room.load_spool(name, material, left_g)

    def hold_job(self, job_id: str, held: bool) -> None:
        """Keep a job back, or let it go; raises RefusedError."""
        self.room.hold(job_id, held=held)

    def urge_job(self, job_id: str, word: int) -> None:
        """Let a job go first (1), as it comes (0) or later (-1); raises RefusedError."""
        self.room.urge(job_id, word)

    def _attempt(self, case: Mapping[str, Any]) -> int:
        job = self.room.job(case["job"])
        return 1 if job is None else int(job["attempt"])

    def _waiting(self, case_id: str, state: str) -> Mapping[str, Any]:
        case = self.store.case(case_id)
        if case is None:
            raise RefusedError(f"there is no case '{case_id}'")
        if case["state"] != state:
            raise RefusedError(f"case '{case_id}' is {case['state']}, not {state}")
        return case
