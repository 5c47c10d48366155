"""What the page sees of machines: their file, health, signals, sensors and savings."""

import json

import numpy as np

from fieldlab.app import ghost
from fieldlab.app.gauging import Gauge
from fieldlab.app.machine_files import as_yaml
from fieldlab.app.marked import marks_of
from fieldlab.app.newfile import change
from fieldlab.app.opening import ENDED
from fieldlab.app.patients import Patient
from fieldlab.app.plain import plain
from fieldlab.app.showing import (
    POINTS,
    advice_of,
    newest_value,
    newest_wave,
    range_hz,
    shafts_hz,
    spectrum,
)
from fieldlab.app.store import Record
from fieldlab.app.twin import Twin
from fieldlab.app.view_base import ViewBase
from fieldlab.core.errors import MachineFileError, RefusedError
from fieldlab.core.machine import parse_machine
from fieldlab.core.messages import Window


class MachineView(ViewBase):
    """Answers about machines."""

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
        """Return the newest waveform, spectrum and values of a machine, as they come in.

        What a sensor said before the newest window began is not shown as live.
        """
        patient = self.ingest.patients.get(machine_id)
        if patient is None or patient.window is None:
            return None
        window, newest = patient.window, dict(patient.newest)
        sensor, marks = self._focus(patient, window)
        found: Record = {
            "machine_id": machine_id,
            "t_s": max([window.t_s, *(one.t_s for one in newest.values())]),
            "age_s": max(0.0, self.room.clock.now_s() - patient.heard_s),
            "values": {
                name: newest_value(newest.get(name), window, name) for name in window.scalars
            },
            "units": {name: spec.unit for name, spec in patient.machine.sensors.items()},
            "marks": marks,
            "wave": None,
            "spectrum": None,
        }
        wave = newest_wave(newest.get(sensor or ""), window, sensor or "")
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

    def health_history(
        self, machine_id: str, limit: int, before_s: float | None = None
    ) -> list[Record]:
        """Return the last `limit` judgements before an event time, oldest first."""
        keys = ("t_s", "state", "score_ratio", "component")
        rows = self.store.health_latest(machine_id, limit, before_s=before_s)
        return [{key: row[key] for key in keys} for row in rows]

    def sensors(self, machine_id: str) -> list[Record] | None:
        """Return age, rate, range, noise and grade of each sensor."""
        patient = self.ingest.patients.get(machine_id)
        if patient is None:
            return None
        gauges, now_s = self.ingest.arrivals.gauges(machine_id), self.room.clock.now_s()
        own_time = bool(patient.record.get("simulated"))
        return [
            {"id": name, "unit": spec.unit, "quantity": spec.quantity,
             **gauges.get(name, Gauge()).record(spec, now_s, own_time=own_time)}
            for name, spec in patient.machine.sensors.items()
        ]  # fmt: skip

    def check_machine(self, text: str) -> Record:
        """Return what is wrong with a machine file, and what a change to it would ask for.

        `problems` holds a line for each wrong key; `changed` is None for an unknown machine.
        """
        try:
            new = parse_machine(text)
        except MachineFileError as error:
            return {"problems": list(error.problems), "changed": None}
        patient = self.ingest.patients.get(new.id)
        changed = None if patient is None else plain(change(patient.machine, new))
        return {"problems": [], "changed": changed}

    def machine_file(self, machine_id: str) -> Record | None:
        """Return the file as people wrote it, its earlier versions, and what a node offers."""
        patient = self.ingest.patients.get(machine_id)
        if patient is None:
            return None
        offered = patient.record.get("offered")
        versions = self.files.versions(machine_id)
        text = self.files.text(machine_id, versions[-1]) if versions else None
        return {
            "text": text or as_yaml(patient.record["file"]),
            "version": versions[-1] if versions else 1,
            "in_use": patient.record.get("version", 1),
            "versions": self._signed_versions(machine_id, versions),
            "offered": None if offered is None else as_yaml(offered),
        }

    def _signed_versions(self, machine_id: str, versions: list[int]) -> list[Record]:
        signed = json.loads(self.store.kept(f"files/{machine_id}") or b"{}")
        nobody = {"by": None, "at_s": None}  # the first came from the machine's own node
        return [{"version": one, **signed.get(str(one), nobody)} for one in versions]

    def machine_file_version(self, machine_id: str, version: int) -> str | None:
        """Return one version of a machine file as it was written, None if there is none."""
        known = machine_id in self.ingest.patients
        return self.files.text(machine_id, version) if known else None

    def save_machine(self, machine_id: str, text: str, by: str) -> Record:
        """Keep a machine file and take it up; return what the change asks for.

        Raises
        ------
        MachineFileError
            If it is not valid; nothing was kept.
        RefusedError
            If it is another machine's.
        """
        patient = self.ingest.patients[machine_id]
        new = parse_machine(text)
        if new.id != machine_id:
            raise RefusedError(
                f"id: found '{new.id}'; this is '{machine_id}', and a machine keeps its id"
            )
        found = change(patient.machine, new)
        with self._saving:
            if not self.files.newest(machine_id):
                self.files.add(machine_id, as_yaml(patient.record["file"]))
            version = self.files.add(machine_id, text)
            signed = json.loads(self.store.kept(f"files/{machine_id}") or b"{}")
            signed[str(version)] = {"by": by, "at_s": self.room.clock.now_s()}
            with self.store.transaction() as connection:
                self.store.keep(connection, f"files/{machine_id}", json.dumps(signed).encode())
        self.ingest.take_up(machine_id)
        return {"version": version, "changed": plain(found), "learn_s": new.learn_s}

    def savings(self, machine_id: str) -> Record:
        """Return standstill and money of this machine and of its ghost twin.

        `basis` says whether the twin is `simulated` beside a simulated machine, or `estimated`.
        """
        mine = [case for case in self.store.cases() if case["machine_id"] == machine_id]
        components = self._components(machine_id)
        patient = self.ingest.patients.get(machine_id)
        told = {"ours": ghost.ours(mine, components, self.prices)}
        if patient is None or patient.window is None or "script" not in patient.record:
            estimate = ghost.estimated(mine, components, self.prices)
            return {**told, "ghost": estimate, "basis": "estimated"}
        with self._living:
            twin = self._twin_of(patient)
            found = ghost.simulated(twin, patient.window.end_s, self.prices)
        return {**told, "ghost": found, "basis": "simulated"}

    def _twin_of(self, patient: Patient) -> Twin:
        """Return the twin, begun anew when this hub has just started: it lives the same again."""
        machine = patient.machine
        if machine.id not in self._twins:
            self._twins[machine.id] = Twin(machine, patient.record["script"], self.prices)
        return self._twins[machine.id]
