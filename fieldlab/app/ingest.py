"""From the bus to judgements: decode, order, frame, judge, and commit before acknowledging.

A message is acknowledged only after everything that follows from it is in the store, in one
transaction with the place in the stream. After kill -9 the rest is sent again and gives the same.
"""

import json
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from broker.streams import SEND_AGAIN, Streams
from fieldlab.app.arrivals import Arrivals
from fieldlab.app.evidence import evidence_files
from fieldlab.app.history import loads_of
from fieldlab.app.naming import shown_features
from fieldlab.app.opening import is_new, open_case
from fieldlab.app.patients import Patient, Ward
from fieldlab.app.plain import plain
from fieldlab.app.store import Record, Store
from fieldlab.app.taping import Tapes
from fieldlab.app.thread import case_folder
from fieldlab.app.words import feedback_on
from fieldlab.core import codec, topics
from fieldlab.core.clock import Clock
from fieldlab.core.errors import FieldlabError, MachineFileError, PayloadError
from fieldlab.core.messages import Ack, Diagnosis, Forecast, Health, Meta, Reading, Stamp, Window
from fieldlab.core.topics import Topic

MAX_UNKNOWN = 2000  # messages kept of machines whose meta has not come yet
GAP_PATIENCE_S = 10.0


@dataclass(kw_only=True)
class Outcome:
    """What one commit brought: whom to answer, what to tell."""

    acks: dict[str, tuple[Ack, ...]] = field(default_factory=dict)  # by topic
    opened: list[str] = field(default_factory=list)
    healths: dict[str, tuple[str, Health]] = field(default_factory=dict)  # machine: site, health


class Ingest:
    """Takes messages in, one thread at a time."""

    def __init__(self, *, home: Path, store: Store, clock: Clock, ring_mb: float) -> None:
        self._home = home
        self._store = store
        self._clock = clock
        self._ring_bytes = ring_mb * 1e6
        kept = json.loads(store.kept("streams") or b"null")
        self._streams: Streams[tuple[str, Reading]] = Streams(kept)
        self._unknown: deque[tuple[Topic, bytes]] = deque(maxlen=MAX_UNKNOWN)
        self._health: list[Record] = []
        self._opened: list[tuple[str, Diagnosis, Forecast | None]] = []
        self._spoken: set[str] = set()  # machines with readings since the last commit
        self._counts: Counter[str] = Counter(store.counters())
        self._waiting = (False, False)  # for something that was lost, for everything once more
        self._waiting_since_s = 0.0
        self._new_nodes: set[str] = set()  # that are to send again what nobody may have heard
        self._ward = Ward(home, store)
        self._counts["learnt_anew"] += self._ward.learnt_anew
        self.arrivals = Arrivals()
        self.tapes = Tapes()

    @property
    def patients(self) -> dict[str, Patient]:
        """The machines under watch, by id."""
        return self._ward.patients

    def take_up(self, machine_id: str) -> None:
        """Take up the newest machine file with the next commit; from any thread."""
        self._ward.take_up(machine_id)

    # ------------------------------------------------------------------------------ taking

    def take(self, topic_text: str, payload: bytes) -> None:
        """Take one message; what cannot be read is counted and set aside."""
        self._counts["received"] += 1
        try:
            topic = topics.parse(topic_text)
            match topic.kind:
                case "meta":
                    self._meet(topic, codec.decode_meta(payload))
                case "status":
                    self._greet(topic, payload)
                case "wave" | "value":
                    self._read(topic, payload)
                case _:
                    pass
        except (PayloadError, MachineFileError) as error:
            self._quarantine(topic_text, payload, error)

    def _read(self, topic: Topic, payload: bytes) -> None:
        try:
            self._take_reading(topic, payload)
        except PayloadError as error:
            self.arrivals.fail(topic, str(error), self._clock.now_s())
            raise

    def _take_reading(self, topic: Topic, payload: bytes) -> None:
        patient = self.patients.get(topic.machine)
        reading, stamp = self._decode(topic, payload)
        self.arrivals.add(topic, reading, self._clock.now_s())
        if patient is None:
            self._unknown.append((topic, payload))
            return
        spec = patient.machine.sensors.get(topic.leaf)
        if spec is None:
            known = ", ".join(patient.machine.sensors)
            raise PayloadError(f"machine '{topic.machine}' has no sensor '{topic.leaf}': {known}")
        if spec.is_wave != (topic.kind == "wave"):
            raise PayloadError(f"sensor '{topic.leaf}' does not send {topic.kind}s")
        patient.heard_s = self._clock.now_s()
        if stamp is None:
            self._judge(patient, reading)
            return
        item, node = (topic.machine, reading), _node_key(topic)
        for _, ready in self._streams.accept(node, topic.leaf, stamp, item):
            self._judge(patient, ready, patient=self._streams.waits(node))

    def _decode(self, topic: Topic, payload: bytes) -> tuple[Reading, Stamp | None]:
        if topic.kind == "wave":
            wave, stamp, _ = codec.decode_wave(payload, topic.leaf)
            return wave, stamp
        return codec.decode_value(payload, topic.leaf, now_s=self._clock.now_s())

    def _judge(self, machine: Patient, reading: Reading, *, patient: bool = False) -> None:
        self._spoken.add(machine.machine.id)
        self.tapes.hear(machine.machine.id, reading)
        machine.hear(reading)
        for window in machine.framer.add(reading, patient=patient):
            self._observe(machine, window)

    def _observe(self, patient: Patient, window: Window) -> None:
        for component, fitted_s in self._store.fits(patient.machine.id).items():
            if fitted_s <= window.t_s and patient.applied_fits.get(component) != fitted_s:
                patient.monitor.fitted(component, fitted_s)
                patient.applied_fits[component] = fitted_s
        self._ward.relearn_if_asked(patient, window)
        judgement = patient.monitor.observe(window)
        patient.latest, patient.window = judgement, window
        patient.record.setdefault("first_t_s", window.t_s)
        patient.remember_raw(window, self._ring_bytes)
        health = judgement.health
        self._health.append(
            {
                "machine_id": health.machine_id,
                "t_s": window.t_s,
                "state": health.state,
                "score_ratio": float(health.score_ratio),
                "component": health.component,
                "record": {
                    "component_ratios": plain(health.component_ratios),
                    "conditions": plain(judgement.features.conditions),
                    "sensor": health.sensor,
                    "sensor_fault": health.sensor_fault,
                    "learnt_ratio": health.learnt_ratio,
                    "loads": loads_of(patient.machine, window),
                    "features": shown_features(judgement.features.values),
                },
            }
        )
        self._opened += [
            (patient.machine.id, diagnosis, judgement.forecast) for diagnosis in judgement.opened
        ]

    # ----------------------------------------------------------------------- nodes, machines

    def _meet(self, topic: Topic, meta: Meta) -> None:
        self._ward.meet(topic, meta)
        waiting, self._unknown = list(self._unknown), deque(maxlen=MAX_UNKNOWN)
        for earlier, payload in waiting:
            self.take(str(earlier), payload)

    def _greet(self, topic: Topic, payload: bytes) -> None:
        status = codec.decode_status(payload)
        if status.state == "online" and not self._streams.knows(_node_key(topic)):
            self._new_nodes.add(_node_key(topic))
        if topic.machine in self.patients:
            self.patients[topic.machine].nodes[topic.node] = {
                "node": topic.node,
                "state": status.state,
                "boot": status.boot,
                "at_s": self._clock.now_s(),
            }

    def _quarantine(self, topic: str, payload: bytes, error: FieldlabError) -> None:
        self._counts["quarantined"] += 1
        folder = self._home / "quarantine"
        folder.mkdir(exist_ok=True)
        slot = self._counts["quarantined"] % 100  # the newest hundred are kept to look at
        (folder / f"{slot:02d}.bin").write_bytes(payload[:65_536])
        (folder / f"{slot:02d}.txt").write_text(f"{topic[:300]}\n{error}\n")

    # ---------------------------------------------------------------------------- committing

    @property
    def is_urgent(self) -> bool:
        """Whether an alarm waits for the commit."""
        return bool(self._opened)

    def give_up_on_gaps(self) -> None:
        """Let the streams go on past messages that did not come in time."""
        now_s = self._clock.monotonic_s()
        waiting = (self._streams.held > 0, self._streams.expects_again)
        if waiting != self._waiting:
            self._waiting, self._waiting_since_s = waiting, now_s
        elif any(waiting) and now_s - self._waiting_since_s >= GAP_PATIENCE_S:
            for machine_id, reading in self._streams.flush_gaps():
                self._judge(self.patients[machine_id], reading)

    def reconnected(self) -> Outcome:
        """Expect what was lost with the connection again, and return the acks that ask for it."""
        self._streams.expect_again()
        self._waiting = (False, False)  # from now on
        nodes = self._streams.state()["places"]
        return Outcome(acks={_ack_topic(node): (SEND_AGAIN,) for node in nodes})

    def commit(self) -> Outcome:
        """Write everything since the last commit in one transaction; then it may be answered."""
        outcome = Outcome()
        self._spoken |= self._ward.take_up_files()
        with self._store.transaction() as connection:
            cases = self._store.cases(connection) if self._opened else []
            for machine_id, judged, life in self._opened:
                diagnosis = self._reranked(machine_id, judged)
                if is_new(diagnosis, cases):
                    record = open_case(diagnosis, opened_at_s=self._clock.now_s(), forecast=life)
                    self._keep_evidence(self.patients[machine_id], record)
                    self._store.add_case(connection, record)
                    cases.append(record)
                    outcome.opened.append(record["id"])
            self._store.add_health(connection, self._health)
            self._store.keep(connection, "streams", json.dumps(self._streams.state()).encode())
            self._store.keep(connection, "counters", json.dumps(self._counters()).encode())
            for machine_id in sorted(self._spoken):
                self._ward.keep(connection, machine_id)
        outcome.healths = {
            machine_id: (patient.site, patient.latest.health)
            for machine_id in {row["machine_id"] for row in self._health}
            if (patient := self.patients[machine_id]).latest is not None
        }
        self._streams.commit()
        for node in self._streams.touched():
            outcome.acks[_ack_topic(node)] = self._streams.acks(node)
        for node in self._new_nodes:
            topic = _ack_topic(node)
            outcome.acks[topic] = (SEND_AGAIN, *outcome.acks.get(topic, ()))
        self._new_nodes.clear()
        self._health, self._opened = [], []
        self._spoken.clear()
        return outcome

    def _reranked(self, machine_id: str, diagnosis: Diagnosis) -> Diagnosis:
        """Return the diagnosis in the light of what people said of earlier cases."""
        said = feedback_on(self._store, machine_id)
        return said.reranked(diagnosis, self.patients[machine_id].machine)

    def _keep_evidence(self, patient: Patient, record: Mapping[str, Any]) -> None:
        folder = case_folder(self._home, record["id"])
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in evidence_files(list(patient.raw)[-3:]).items():
            (folder / name).write_bytes(content)

    def _counters(self) -> dict[str, int]:
        streams = self._streams
        return {
            **self._counts,
            "duplicates": streams.duplicates,
            "missing": streams.missing,
            "late": streams.late,
        }


def _ack_topic(node: str) -> str:
    site, machine, name = node.split("/")
    return str(Topic(site=site, machine=machine, node=name, kind="ack"))


def _node_key(topic: Topic) -> str:
    return f"{topic.site}/{topic.machine}/{topic.node}"
