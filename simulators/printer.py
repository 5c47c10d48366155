"""A printer in software: follows G-code move by move in simulated time, and can fail.

All that it knows is one small file in its folder, so a program that dies and comes back finds the
print where it would be by now.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np

from fieldlab.core.clock import Clock
from fieldlab.core.errors import FieldlabError, PrinterError
from fieldlab.core.messages import PrinterStatus
from simulators.defects import Defect, DefectKind
from simulators.printed import Trace, follow, measured
from simulators.process import Layers, layers_of, sensed

FaultKind = Literal["offline", "lost-reply"] | DefectKind
_PLAIN_SIZES: Mapping[DefectKind, float] = {
    "layer-shift": 2.0, "under-extrusion": 0.15, "jam": 1.0, "wrong-mass": 0.15,
    "missing-layers": 2.0, "warped": 0.8,
}  # fmt: skip
_ROOM_DEGC = 22.0
_COOLING_S = 3.0  # demo seconds from hot to room temperature


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterFault:
    """A fault that starts when this share of the print is done.

    `offline` lasts `for_s` seconds (the print goes on behind it); at 0.0 also a start fails.
    `lost-reply` loses the answer to the first start of each job.
    """

    kind: FaultKind
    at_ratio: float = 0.5
    for_s: float = float("inf")
    size: float | None = None  # of a defect of the print; None is a plain one
    only: str = ""  # the one job key that it happens to; empty: all

    def defect(self, job_key: str) -> Defect | None:
        """Return the defect that it makes in the print of a job, if any."""
        if self.kind in ("offline", "lost-reply") or self.only not in ("", job_key):
            return None
        kind = cast("DefectKind", self.kind)
        size = _PLAIN_SIZES[kind] if self.size is None else self.size
        return Defect(kind=kind, size=size, at_ratio=self.at_ratio)


class VirtualPrinter:
    """A printer that needs no hardware (fieldlab.core.ports.Printer).

    Parameters
    ----------
    folder
        Where it keeps its state; made if it is not there.
    print_s
        How many seconds of the clock a whole print takes, however long it would really be.
    seed
        Of the scale's and calliper's noise.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        print_s: float = 8.0,
        seed: int = 0,
        fault: PrinterFault | None = None,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._print_s = max(1e-3, print_s)
        self._seed = seed
        self.fault = fault
        self._traces: dict[str, Trace] = {}
        self._layers: dict[str, Layers] = {}
        folder.mkdir(parents=True, exist_ok=True)

    # ------------------------------------------------------------------------- what the port asks

    def start(self, job_key: str, gcode: bytes) -> None:
        """Start a print; harmless if this job was started before.

        Raises
        ------
        PrinterError
            If it is offline, busy, the file draws nothing, or the reply got lost.
        """
        state = self._read()
        if self._offline(state):
            raise PrinterError("the virtual printer is offline")
        if job_key in state["jobs"]:
            return
        active = state["active"]
        if active is not None and self._phase(state, active) == "printing":
            raise PrinterError(f"the virtual printer is busy with job '{active}'")
        trace = _trace_of(gcode)
        name = hashlib.sha256(gcode).hexdigest()
        _write(self._folder / f"{name}.gcode", gcode)
        state["jobs"][job_key] = {
            "sha256": name, "started_s": self._clock.now_s(), "stopped_ratio": None, "prints": 1,
        }  # fmt: skip
        state["active"] = job_key
        self._save(state)
        self._traces[name] = trace
        if self.fault is not None and self.fault.kind == "lost-reply":
            raise PrinterError("the reply of the virtual printer got lost; ask for its status")

    def status(self, job_key: str | None = None) -> PrinterStatus:
        """Return what the printer does now, or where a job stands."""
        state = self._read()
        if self._offline(state):
            return PrinterStatus(state="offline", job_key=job_key, reason="no answer")
        active = state["active"]
        if job_key is not None and job_key in state["jobs"]:
            return self._status_of(state, job_key)
        if job_key is not None:
            return PrinterStatus(state="idle", job_key=job_key)
        if active is None:
            return PrinterStatus(state="idle", nozzle_degc=_ROOM_DEGC, bed_degc=_ROOM_DEGC)
        return self._status_of(state, active)

    def cancel(self, job_key: str) -> None:
        """Stop this job and cool down; harmless if it is not being printed."""
        state = self._read()
        if self._offline(state):
            raise PrinterError("the virtual printer is offline")
        if state["active"] != job_key or self._phase(state, job_key) != "printing":
            return
        job = state["jobs"][job_key]
        job["stopped_ratio"] = self._ratio(job)
        job["stopped_s"] = self._clock.now_s()
        self._save(state)

    def measure(self, job_key: str) -> Mapping[str, float] | None:
        """Return mass_g, height_mm, outer_mm (and bore_mm, if there is one) of a finished part."""
        state = self._read()
        if job_key not in state["jobs"] or self._phase(state, job_key) != "done":
            return None
        trace = self._trace(state["jobs"][job_key]["sha256"])
        return measured(trace, self._rng(job_key, "measure"), defect=self._defect(job_key))

    def layers(self, job_key: str) -> tuple[Mapping[str, float], ...]:
        """Return what its own sensors said of each layer that is finished."""
        state = self._read()
        job = state["jobs"].get(job_key)
        if job is None or self._offline(state):
            return ()
        trace = self._trace(job["sha256"])
        if job["sha256"] not in self._layers:
            self._layers[job["sha256"]] = layers_of(trace)
        rows = sensed(
            self._layers[job["sha256"]], self._rng(job_key, "sense"), self._defect(job_key)
        )
        ratio = self._reached(job)
        begun = trace.layer(ratio)
        return tuple(rows[: begun if ratio >= 1.0 else max(0, begun - 1)])

    def _defect(self, job_key: str) -> Defect | None:
        return None if self.fault is None else self.fault.defect(job_key)

    def _rng(self, job_key: str, what: str) -> np.random.Generator:
        digest = hashlib.sha256(f"{self._seed}:{job_key}:{what}".encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:8], "little"))

    # ----------------------------------------------------------------------------- more to look at

    def prints(self, job_key: str) -> int:
        """Return how often this job was really printed (0 or 1)."""
        job = self._read()["jobs"].get(job_key)
        return 0 if job is None else int(job["prints"])

    def position_mm(self) -> tuple[float, float, float] | None:
        """Return where the nozzle is now, None if nothing was ever printed."""
        state = self._read()
        if state["active"] is None:
            return None
        job = state["jobs"][state["active"]]
        return self._trace(job["sha256"]).position_mm(self._reached(job))

    # ------------------------------------------------------------------------------------- insides

    def _status_of(self, state: dict[str, Any], job_key: str) -> PrinterStatus:
        job = state["jobs"][job_key]
        phase = self._phase(state, job_key)
        ratio = self._reached(job)
        trace = self._trace(job["sha256"])
        nozzle, bed = trace.temperatures_degc(ratio)
        if phase != "printing":
            nozzle, bed = self._cooled(job, nozzle), self._cooled(job, bed)
        return PrinterStatus(
            state=phase,
            job_key=job_key,
            progress_ratio=round(ratio, 4),
            layer=trace.layer(ratio),
            nozzle_degc=round(nozzle, 1),
            bed_degc=round(bed, 1),
            reason=self._reason(job) if phase == "failed" else "",
        )

    def _phase(self, state: dict[str, Any], job_key: str) -> Literal["printing", "done", "failed"]:
        job = state["jobs"][job_key]
        if job["stopped_ratio"] is not None:
            return "failed"
        ratio = self._ratio(job)
        if self._jammed(ratio):
            return "failed"
        return "done" if ratio >= 1.0 else "printing"

    def _ratio(self, job: Mapping[str, Any]) -> float:
        elapsed = self._clock.now_s() - float(job["started_s"])
        return min(1.0, max(0.0, elapsed / self._print_s))

    def _reached(self, job: Mapping[str, Any]) -> float:
        """Return how far the print got; a stopped or jammed one stays where it is."""
        if job["stopped_ratio"] is not None:
            return float(job["stopped_ratio"])
        ratio = self._ratio(job)
        return self.fault.at_ratio if self.fault and self._jammed(ratio) else ratio

    def _jammed(self, ratio: float) -> bool:
        fault = self.fault
        return fault is not None and fault.kind == "jam" and ratio >= fault.at_ratio

    def _reason(self, job: Mapping[str, Any]) -> str:
        return "cancelled" if job["stopped_ratio"] is not None else "the filament does not move"

    def _cooled(self, job: Mapping[str, Any], hot_degc: float) -> float:
        ended = float(job.get("stopped_s", float(job["started_s"]) + self._print_s))
        share = np.exp(-max(0.0, self._clock.now_s() - ended) / _COOLING_S)
        return float(_ROOM_DEGC + (hot_degc - _ROOM_DEGC) * share)

    def _offline(self, state: Mapping[str, Any]) -> bool:
        fault = self.fault
        if fault is None or fault.kind != "offline":
            return False
        if state["active"] is None:
            return fault.at_ratio <= 0.0
        started = float(state["jobs"][state["active"]]["started_s"])
        since = self._clock.now_s() - started - fault.at_ratio * self._print_s
        return 0.0 <= since < fault.for_s

    def _trace(self, name: str) -> Trace:
        if name not in self._traces:
            path = self._folder / f"{name}.gcode"
            try:
                self._traces[name] = _trace_of(path.read_bytes())
            except OSError as error:
                raise PrinterError(f"the virtual printer lost its file {path.name}") from error
        return self._traces[name]

    def _read(self) -> dict[str, Any]:
        path = self._folder / "printer.json"
        if not path.exists():
            return {"active": None, "jobs": {}}
        try:
            state = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise PrinterError(f"the virtual printer cannot read {path.name}") from error
        if not isinstance(state, dict) or not {"active", "jobs"} <= set(state):
            raise PrinterError(f"the virtual printer cannot read {path.name}")
        return state

    def _save(self, state: Mapping[str, Any]) -> None:
        _write(self._folder / "printer.json", json.dumps(state, indent=1).encode())


def _trace_of(gcode: bytes) -> Trace:
    try:
        return follow(gcode)
    except (FieldlabError, UnicodeDecodeError) as error:
        raise PrinterError(f"the virtual printer cannot follow this file: {error}") from error


def _write(path: Path, content: bytes) -> None:
    """Write a file so that a kill leaves the old one or the new one, never half of one."""
    draft = path.with_suffix(path.suffix + ".new")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
