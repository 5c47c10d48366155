"""The blind duel: a visitor breaks a simulated machine; the system must find which part it was.

The detector is never told. A round waits its turn, is broken, and is judged by the first case that
opens after it: a hit names the component (or its inseparable group), "unknown" says so, a miss
names another or hears nothing within the patience. The score is public and survives a restart.
"""

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

from fieldlab.app.ingest import Ingest
from fieldlab.app.opening import ENDED
from fieldlab.app.patients import Patient
from fieldlab.app.store import Record, Store
from fieldlab.core.clock import Clock
from fieldlab.core.errors import RefusedError
from fieldlab.core.messages import Reply
from simulators.wear import MODES

KEPT = "duel"
MAX_WAITING = 8
ROUNDS_SHOWN = 12
PATIENCE_S = 180.0  # of the wall clock; then it was not heard: a miss
PAUSE_S = 20.0  # between two rounds of one visitor
SEVERITIES = (0.3, 1.0)
Command = Callable[[str, str, Mapping[str, Any], str], Reply]


class Duel:
    """Takes challenges, breaks the machine in turn, and keeps the score."""

    def __init__(self, store: Store, ingest: Ingest, clock: Clock, command: Command) -> None:
        self._store = store
        self._ingest = ingest
        self._clock = clock
        self._command = command
        self._lock = threading.Lock()
        self._last_s: dict[str, float] = {}
        kept = json.loads(store.kept(KEPT) or b"{}")
        self._rounds: list[Record] = kept.get("rounds", [])
        self._score: dict[str, int] = {"hit": 0, "miss": 0, "unknown": 0, **kept.get("score", {})}

    def overview(self) -> Record:
        """Return what can be broken, the newest rounds and the score."""
        patient = self._victim()
        with self._lock:
            return {
                "machine_id": patient.machine.id if patient else None,
                "choices": _choices(patient) if patient else [],
                "waiting": sum(one["state"] == "waiting" for one in self._rounds),
                "score": dict(self._score),
                "rounds": [dict(one) for one in self._rounds[:-ROUNDS_SHOWN - 1:-1]],
            }  # fmt: skip

    def challenge(self, component: str, mode: str, severity: float, visitor: str) -> Record:
        """Queue a round; raises RefusedError when it cannot be."""
        patient = self._victim()
        if patient is None:
            raise RefusedError("no simulated machine is here; a real one is never broken")
        modes = {one["component"]: one["failure_modes"] for one in _choices(patient)}
        if mode not in modes.get(component, ()):
            raise RefusedError(f"'{component:.40}' cannot get '{mode:.40}' on this machine")
        now_s = self._clock.now_s()
        with self._lock:
            left_s = PAUSE_S - (now_s - self._last_s.get(visitor, -PAUSE_S))
            if left_s > 0:
                raise RefusedError(f"you have just broken something; again in {left_s:.0f} s")
            if sum(one["state"] == "waiting" for one in self._rounds) >= MAX_WAITING:
                raise RefusedError("many visitors wait already; try again in a few minutes")
            self._last_s = {who: s for who, s in self._last_s.items() if now_s - s < PAUSE_S}
            self._last_s[visitor] = now_s
            known = {
                "id": f"round-{int(now_s * 1000)}", "machine_id": patient.machine.id,
                "component": component, "failure_mode": mode,
                "severity": min(max(severity, SEVERITIES[0]), SEVERITIES[1]),
                "state": "waiting", "asked_s": now_s, "broken_s": None, "broken_t_s": None,
                "case_id": None, "found": None,
            }  # fmt: skip
            self._rounds.append(known)
            self._keep()
            return dict(known)

    def step(self) -> bool:
        """Judge the round that is on, or begin the next; returns whether something changed."""
        with self._lock:
            current = next((one for one in self._rounds if one["state"] == "listening"), None)
            waiting = next((one for one in self._rounds if one["state"] == "waiting"), None)
        if current is not None:
            return self._judge(current)
        if waiting is not None and self._is_quiet(waiting["machine_id"]):
            return self._break(waiting)
        return False

    # ----------------------------------------------------------------------------- inside

    def _victim(self) -> Patient | None:
        patients = tuple(self._ingest.patients.values())
        return next((one for one in patients if one.record.get("simulated")), None)

    def _is_quiet(self, machine_id: str) -> bool:
        patient = self._ingest.patients.get(machine_id)
        state = patient.latest.health.state if patient and patient.latest else None
        mine = (case for case in self._store.cases() if case["machine_id"] == machine_id)
        return state == "normal" and all(case["state"] in ENDED for case in mine)

    def _break(self, one: Record) -> bool:
        arguments = {key: one[key] for key in ("component", "failure_mode", "severity")}
        reply = self._command(one["machine_id"], "break", arguments, one["id"])
        broken = {"state": "listening", "broken_s": self._clock.now_s(), "broken_t_s": reply.t_s}
        self._change(one, broken if reply.ok else {"state": "refused"})
        return True

    def _judge(self, one: Record) -> bool:
        for case in self._store.cases():
            heard = (
                case["machine_id"] == one["machine_id"] and case["opened_s"] >= one["broken_t_s"]
            )
            if heard and case["state"] != "open":
                found = {"component": case["component"], "failure_mode": case["failure_mode"]}
                same = one["component"] in (case["component"], *case["group"])
                state = "unknown" if case["component"] is None else "hit" if same else "miss"
                self._change(one, {"state": state, "case_id": case["id"], "found": found})
                return True
        if self._clock.now_s() - one["broken_s"] < PATIENCE_S:
            return False
        self._change(one, {"state": "miss"})
        return True

    def _change(self, one: Record, news: Mapping[str, Any]) -> None:
        with self._lock:
            one.update(news)
            if one["state"] in self._score:
                self._score[one["state"]] += 1
            self._rounds = self._rounds[-100:]
            self._keep()

    def _keep(self) -> None:
        body = json.dumps({"rounds": self._rounds, "score": self._score}).encode()
        with self._store.transaction() as connection:
            self._store.keep(connection, KEPT, body)


def _choices(patient: Patient) -> list[Record]:
    """Return the components that can break, with the ways that physics gives for their kind."""
    return [
        {"component": name, "failure_modes": list(MODES[component.kind])}
        for name, component in patient.machine.components.items()
        if component.kind in MODES
    ]
