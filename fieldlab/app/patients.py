"""The machines under watch: met, given another file, learnt anew, and kept."""

import json
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import yaml

from analytics.framing import Framer
from analytics.judgement import Judgement
from analytics.monitor import Monitor
from fieldlab.app.machine_files import MachineFiles
from fieldlab.app.newfile import change
from fieldlab.app.store import Record, Store
from fieldlab.app.words import ask_to_relearn, relearnings
from fieldlab.core.errors import PayloadError, StateError
from fieldlab.core.machine import Machine, load_machine, parse_machine
from fieldlab.core.messages import Meta, Reading, Window
from fieldlab.core.topics import Topic

MAX_MACHINES = 200


@dataclass(kw_only=True)
class Patient:
    """One machine under watch."""

    machine: Machine
    site: str
    framer: Framer
    monitor: Monitor
    record: Record
    raw: deque[Window]
    latest: Judgement | None = None
    window: Window | None = None
    newest: dict[str, Reading] = field(default_factory=dict)  # of each sensor
    readings: int = 0
    heard_s: float = 0.0
    applied_fits: dict[str, float] = field(default_factory=dict)
    nodes: dict[str, Record] = field(default_factory=dict)

    def hear(self, reading: Reading) -> None:
        """Note what a sensor read last."""
        self.newest[reading.sensor] = reading
        self.readings += 1

    def remember_raw(self, window: Window, ring_bytes: float) -> None:
        """Keep a window's raw data in a ring of so many bytes."""
        self.raw.append(window)
        size = sum(wave.samples.nbytes for wave in window.waves.values()) or 1
        while len(self.raw) * size > ring_bytes:
            self.raw.popleft()


class Ward:
    """All machines of a hub; one thread changes it, any may read."""

    def __init__(self, home: Path, store: Store) -> None:
        self._store = store
        self._files = MachineFiles(home)
        self._new_files: SimpleQueue[str] = SimpleQueue()  # machines whose file a person saved
        self.learnt_anew = 0  # machines whose learnt state an update made unreadable
        self.patients: dict[str, Patient] = {}
        for machine_id, record in store.machines().items():
            self._admit(machine_id, record.pop("site"), record)
            self._new_files.put(machine_id)  # one may have been saved just before the end

    def meet(self, topic: Topic, meta: Meta) -> None:
        """Admit the machine of a node; of one that is known, keep a file that differs.

        Raises
        ------
        PayloadError
            If the file is of another machine, or there are too many.
        MachineFileError
            If the file is wrong.
        """
        machine = load_machine(meta.machine, file=f"meta of {topic.machine}")
        if machine.id != topic.machine:
            raise PayloadError(f"meta: machine '{machine.id}' on the topic of '{topic.machine}'")
        patient = self.patients.get(topic.machine)
        if patient is None:
            if len(self.patients) >= MAX_MACHINES:
                raise PayloadError(f"already {MAX_MACHINES} machines; '{machine.id}' is not taken")
            record: Record = {"file": dict(meta.machine), "simulated": meta.simulated}
            if meta.healthy_until_s is not None:
                record["healthy_until_s"] = meta.healthy_until_s
            if meta.script is not None and meta.simulated:
                record["script"] = dict(meta.script)
            self._store.put_machine(machine.id, topic.site, record)
            self._admit(machine.id, topic.site, record)
        else:
            file, ours = dict(meta.machine), patient.record["file"]
            is_known = file in (ours, patient.record.get("replaced"))
            patient.record["offered"] = None if is_known else file  # a person decides

    def relearn_if_asked(self, patient: Patient, window: Window) -> None:
        """Begin to learn anew when somebody asked; what was learnt when is remembered."""
        machine, done = patient.machine, patient.record.setdefault("learnings", [])
        asked = relearnings(self._store, machine.id)
        if len(asked) > len(done):
            until_s = window.t_s + machine.learn_s
            patient.monitor = Monitor(machine, healthy_until_s=until_s)
            new = asked[len(done) :]
            done += [{**ask, "from_s": window.t_s, "until_s": until_s} for ask in new]

    def take_up(self, machine_id: str) -> None:
        """Take up the newest machine file with the next commit; from any thread."""
        self._new_files.put(machine_id)

    def take_up_files(self) -> set[str]:
        """Take up the files that were saved; return the machines that have another now."""
        changed = set()
        while not self._new_files.empty():
            patient = self.patients.get(self._new_files.get())
            if patient is not None and self._take_up_file(patient):
                changed.add(patient.machine.id)
        return changed

    def _take_up_file(self, patient: Patient) -> bool:
        machine_id, record = patient.machine.id, patient.record
        version = self._files.newest(machine_id)
        text = self._files.text(machine_id, version)
        if text is None or version == record.get("version", 1):
            return False
        new = parse_machine(text)
        told = record.get("offered") or record.get("replaced") or record["file"]
        record |= {
            "file": yaml.safe_load(text), "version": version, "replaced": told, "offered": None,
        }  # fmt: skip
        if change(patient.machine, new).relearn:
            ask_to_relearn(self._store, machine_id, why="new-file", by=f"file {version}")
            patient.framer, patient.monitor = Framer(new), Monitor(new, healthy_until_s=None)
            patient.latest = patient.window = None
            patient.raw.clear()
            patient.newest.clear()
        else:
            patient.framer = Framer.resume(new, patient.framer.state())
            patient.monitor = Monitor.resume(new, patient.monitor.state())
        patient.machine = new
        return True

    def keep(self, connection: Any, machine_id: str) -> None:
        """Write where a machine stands, within a transaction."""
        patient = self.patients[machine_id]
        kept = {"framer": patient.framer.state(), "fits": patient.applied_fits}
        self._store.keep(connection, f"framer/{machine_id}", json.dumps(kept).encode())
        self._store.keep(connection, f"monitor/{machine_id}", patient.monitor.state())
        self._store.put_machine_in(connection, machine_id, patient.site, patient.record)

    def _admit(self, machine_id: str, site: str, record: Record) -> None:
        machine = load_machine(record["file"])
        kept = json.loads(self._store.kept(f"framer/{machine_id}") or b"null")
        state = self._store.kept(f"monitor/{machine_id}")
        framer = Framer(machine)
        monitor = Monitor(machine, healthy_until_s=record.get("healthy_until_s"))
        if kept is not None and state is not None:
            try:
                framer, monitor = (
                    Framer.resume(machine, kept["framer"]),
                    Monitor.resume(machine, state),
                )
            except StateError:  # an update came in between: it learns anew, and says so
                self.learnt_anew += 1
        self.patients[machine_id] = Patient(
            machine=machine,
            site=site,
            framer=framer,
            monitor=monitor,
            record=record,
            raw=deque(),
            applied_fits=kept["fits"] if kept else {},
        )
