"""The steps of a case as they are done for real: with the workshop, the printer and the machine."""

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Protocol, cast

from analytics.advice import advise
from fieldlab.app import work
from fieldlab.app.opening import next_suspect, open_case
from fieldlab.app.plain import diagnosis_of, plain, reason_of
from fieldlab.app.proof import judge_proof
from fieldlab.app.store import Record, Store
from fieldlab.app.thread import Thread, case_folder, sha256
from fieldlab.core.clock import Clock
from fieldlab.core.errors import PartError, PrinterError, RefusedError
from fieldlab.core.machine import AnyComponent, Machine, PrintedPart, load_machine
from fieldlab.core.messages import (
    CaseState,
    Diagnosis,
    Measurement,
    Part,
    PartOrder,
    PrintJob,
    Reply,
)
from fieldlab.core.ports import Printer
from partgen.redesign import redesign
from printing.inspection import inspect
from printing.profiles import profile
from printing.queue import EventKind, JobEvent, advance, job_id

# What a calliper may find beside the drawing: a line's width of ooze and the fit's own play.
TOLERANCES_MM = {"height_mm": 0.3, "outer_max_mm": 0.5, "bore_mm": 0.4}
JOB_FIELDS = tuple(field.name for field in fields(PrintJob))
AFTER: Mapping[EventKind, str] = {
    "approve": "approved", "send": "sent", "start": "printing", "finish": "printed",
    "accept": "accepted", "reject": "rejected", "fail": "failed", "retry": "queued",
}  # fmt: skip
STL, GCODE, PREVIEW = "part.stl", "part.gcode", "layers.json"


class World(Protocol):
    """What the steps need of the running hub."""

    def command(self, machine_id: str, name: str, arguments: Mapping[str, Any], key: str) -> Reply:
        """Ask a node to do something and wait for its answer."""

    def evidence(self, machine_id: str, t_s: float) -> dict[str, bytes]:
        """Return the raw windows around an event time as files."""

    def changed(self, case_id: str) -> None:
        """Tell who watches that a case changed."""

    def opened(self, case_id: str) -> None:
        """Begin the story of a case that was just written to the store."""


class RealSteps:
    """Every step reads the case's record, does one thing, and writes what came of it."""

    def __init__(
        self,
        *,
        home: Path,
        store: Store,
        workshop: work.Workshop,
        printers: Mapping[str, Printer],
        world: World,
        clock: Clock,
    ) -> None:
        self._home = home
        self._store = store
        self._workshop = workshop
        self._printers = printers
        self._world = world
        self._clock = clock

    # --------------------------------------------------------------------------- diagnose

    def diagnose(self, case_id: str) -> str:
        """Write down the evidence and the verdict; return the action that is advised."""
        case = self._case(case_id)
        diagnosis = diagnosis_of(case["diagnosis"])
        advice = advise(diagnosis, self._machine(case), None)
        evidence = self._world.evidence(case["machine_id"], case["opened_s"])
        data = {"diagnosis": case["diagnosis"], "advice": plain(advice)}
        self._move(
            case_id, "diagnosed", data=data, files=evidence,
            action=advice.action, advice=plain(advice),
        )  # fmt: skip
        return advice.action

    # ------------------------------------------------------------------- design and verify

    def design(self, case_id: str) -> None:
        """Choose sizes and material of a better part and compose its mesh."""
        case = self._case(case_id)
        spec = self._printed(case)
        order = redesign(
            spec,
            machine_id=case["machine_id"],
            component_id=case["component"],
            case_id=case_id,
            generation=self._generation(case),
            failure_mode=case["failure_mode"],
            life_h=self._life_h(case),
            load_ratio=1.0,
        )
        try:
            part = self._workshop.do(work.compose_part, order)
        except PartError:  # the redesign went past what its family can do: as it was
            order = replace(order, sizes=spec.sizes, material=spec.material)
            part = self._workshop.do(work.compose_part, order)
        expected_mm = self._workshop.do(work.calliper_sizes, part.stl)
        if isinstance(bore_mm := order.sizes.get("bore_mm"), float | int):
            expected_mm["bore_mm"] = float(bore_mm)
        previous = {"sizes": spec.sizes, "material": spec.material}
        self._move(
            case_id, "designed", data={"order": plain(order), "previous": previous},
            files={STL: part.stl}, expected_mm=expected_mm, order=plain(order),
            previous=previous, stl_sha256=part.sha256,
        )  # fmt: skip

    def verify(self, case_id: str) -> bool:
        """Check the bytes that ship; False if they are not the part that was ordered."""
        case = self._case(case_id)
        order = _order_of(case)
        part = Part(order=order, stl=self._read(case_id, STL), sha256=case["stl_sha256"])
        printer, _ = profile("virtual", order.material)
        room_mm = (printer.bed_x_mm, printer.bed_y_mm, printer.height_mm)
        found = plain(self._workshop.do(work.verify_part, part, room_mm))
        self._move(case_id, "verified" if found["ok"] else case["state"],
                   data={"verification": found}, verification=found)  # fmt: skip
        return bool(found["ok"])

    # ----------------------------------------------------------------- slice, gate, enqueue

    def slice(self, case_id: str) -> None:
        """Turn the verified mesh into G-code."""
        case = self._case(case_id)
        material = case["order"]["material"]
        stl = self._read(case_id, STL)
        sliced = self._workshop.do(work.slice_part, stl, "virtual", material)
        printer, _ = profile("virtual", material)
        drawn = self._workshop.do(work.preview_of, sliced.gcode, printer.layer_mm)
        preview = json.dumps(drawn).encode()
        self._move(
            case_id, "sliced", data={"sliced": plain(sliced)},
            files={GCODE: sliced.gcode, PREVIEW: preview},
            sliced=plain(sliced), gcode_sha256=sliced.sha256,
        )  # fmt: skip

    def gate(self, case_id: str) -> bool:
        """Let the independent gate judge the G-code; False if it is refused."""
        case = self._case(case_id)
        gcode, stl = self._read(case_id, GCODE), self._read(case_id, STL)
        material = case["order"]["material"]
        report = plain(self._workshop.do(work.gate_gcode, gcode, "virtual", material, stl))
        passed = report["ok"] and report["sha256"] == case["gcode_sha256"]
        self._move(case_id, case["state"], step="gated", data={"gate": report}, gate=report)
        return bool(passed)

    def enqueue(self, case_id: str) -> str:
        """Put the print job in the queue, waiting for approval; return the G-code's hash."""
        case = self._case(case_id)
        generation = case["order"]["generation"]
        job = PrintJob(
            id=job_id(case_id, generation),
            case_id=case_id,
            generation=generation,
            printer="virtual",
            material=case["order"]["material"],
            gcode_sha256=case["gcode_sha256"],
            mass_g=case["sliced"]["mass_g"],
            duration_s=case["sliced"]["duration_s"],
        )
        if self._store.job(job.id) is None:
            self._store.put_job(plain(job))
        self._move(case_id, "awaiting-approval", data={"job": plain(job)}, job=job.id)
        return job.gcode_sha256

    # --------------------------------------------------------------------------- approve

    def is_approved(self, case_id: str, approval: Mapping[str, Any]) -> bool:
        """Write down an approval; False unless it is for exactly this G-code."""
        case = self._case(case_id)
        if approval.get("gcode_sha256") != case["gcode_sha256"]:
            return False
        said = {"by": approval["by"], "gcode_sha256": approval["gcode_sha256"]}
        self._advance(case, "approve", gcode_sha256=said["gcode_sha256"])
        self._move(case_id, "queued", step="approved", data={"approval": said}, approval=said)
        return True

    # --------------------------------------------------------------------- print, inspect

    def start_print(self, case_id: str, attempt: int) -> bool:
        """Send the approved job to its printer; False while the printer is busy or away."""
        case = self._case(case_id)
        approved = case["approval"]["gcode_sha256"]
        printer, key = self._printers["virtual"], _job_key(case, attempt)
        gcode = self._read(case_id, GCODE)
        if sha256(gcode) != approved:
            raise RefusedError(f"{case_id}: the G-code is not the file that was approved")
        status = printer.status()
        if status.job_key != key and status.state in ("printing", "offline"):
            return False
        if attempt > int(self._job(case).get("attempt", 1)):
            self._advance(case, "retry")
            self._advance(case, "approve", gcode_sha256=approved)  # the same bytes as approved
        if self._job(case)["state"] in ("printing", "printed"):
            return True  # an earlier run of this step got as far as that
        self._advance(case, "send", gcode_sha256=approved)
        try:
            printer.start(key, gcode)
        except PrinterError as error:
            self._note(case, reason=str(error))
            return False
        self._advance(case, "start")
        self._move(case_id, "printing", data={"attempt": attempt, "printer": "virtual"})
        return True

    def print_state(self, case_id: str, attempt: int) -> str:
        """Return where the print stands: printing, done or failed."""
        case = self._case(case_id)
        status = self._printers["virtual"].status()
        if status.state == "offline":
            return "printing"  # a printer that is away decides nothing
        if status.job_key != _job_key(case, attempt) or status.state == "failed":
            self._advance(case, "fail", reason=status.reason or "the printer lost the job")
            return "failed"
        self._note(case, layer=status.layer, progress_ratio=status.progress_ratio,
                   nozzle_degc=status.nozzle_degc)  # fmt: skip
        self._world.changed(case_id)
        if status.state != "done":
            return "printing"
        self._advance(case, "finish")
        self._move(case_id, "inspecting", step="printed", data={"attempt": attempt})
        return "done"

    def inspect(self, case_id: str, attempt: int) -> str:
        """Judge the printed part: accept, rework or reject."""
        case = self._case(case_id)
        found = dict(self._printers["virtual"].measure(f"{case['job']}-{attempt}") or {})
        measured = Measurement(mass_g=found.pop("mass_g", 0.0), sizes=found)
        tolerances = {name: TOLERANCES_MM[name] for name in case["expected_mm"]}
        result = inspect(
            measured,
            expected_mass_g=case["sliced"]["mass_g"],
            sizes=case["expected_mm"],
            critical_mm=tolerances,
        )
        kind: EventKind = "accept" if result.verdict == "accept" else "reject"
        self._advance(case, kind, reason=result.reason)
        self._move(
            case_id, "inspecting", step="inspected",
            data={"measured": plain(measured), "inspection": plain(result), "attempt": attempt},
            inspection=plain(result),
        )  # fmt: skip
        return result.verdict

    # -------------------------------------------------------------------------- fit, prove

    def await_fit(self, case_id: str) -> None:
        """Ask a person (or the simulated machine) to fit the part."""
        self._move(case_id, "awaiting-fit", data={})

    def fit(self, case_id: str, word: Mapping[str, Any]) -> bool:
        """Write down that it was fitted, and when; False if it was not."""
        case = self._case(case_id)
        machine = self._store.machines()[case["machine_id"]]
        latest = self._store.health_latest(case["machine_id"], 1)
        fitted_s = float(latest[0]["t_s"]) if latest else case["opened_s"]
        members = case["group"] or [case["component"]]
        if machine.get("simulated"):
            order = case.get("order") or {}
            for name in members:
                arguments = {
                    "component": name,
                    "material": order.get("material", ""),
                    "sizes": order.get("sizes", {}),
                }
                key = f"{case_id}-{name}"
                reply = self._world.command(case["machine_id"], "fit", arguments, key)
                if not reply.ok:
                    return False
                fitted_s = max(fitted_s, reply.t_s)
        self._store.add_fits(case["machine_id"], dict.fromkeys(members, fitted_s))
        said = {"by": str(word.get("by", "")), "fitted_s": fitted_s, "components": members}
        self._move(case_id, "proving", step="fitted", data=said, fitted_s=fitted_s, fit=said)
        return True

    def prove(self, case_id: str) -> str:
        """Compare with the learnt normal since the fit: waiting, healed or not-healed."""
        case = self._case(case_id)
        rows = self._store.health_since(case["machine_id"], case["fitted_s"], limit=200)
        before = self._store.health_since(case["machine_id"], case["opened_s"] - 1e-3, limit=1)
        proof = judge_proof(case, rows, before)
        if proof is None:
            return "waiting"
        self._store.change_case(case_id, proof=plain(proof))
        return "healed" if proof.healed else "not-healed"

    def finish(self, case_id: str, state: CaseState, reason: str) -> CaseState:
        """Close the case; a case that did not heal opens the next suspect's case."""
        case = self._case(case_id)
        data = {"reason": reason, "proof": case.get("proof")}
        self._move(case_id, state, data=data, reason=reason)
        if state == "not-healed":
            self._open_next(case)
        return state

    def _open_next(self, case: Record) -> None:
        diagnosis = diagnosis_of(case["diagnosis"])
        suspect = next_suspect(diagnosis, [case["component"], *case["group"]])
        after = Diagnosis(
            machine_id=diagnosis.machine_id,
            t_s=case["fitted_s"],
            suspects=diagnosis.suspects[1:],
            verdict=suspect,
        )
        record = open_case(after, opened_at_s=self._clock.now_s(), follows=case["id"])
        with self._store.transaction() as connection:
            self._store.add_case(connection, record)
        self._world.opened(record["id"])

    # ------------------------------------------------------------------------------ helpers

    def _case(self, case_id: str) -> Record:
        return cast("Record", self._store.case(case_id))

    def _machine(self, case: Record) -> Machine:
        return load_machine(self._store.machines()[case["machine_id"]]["file"])

    def _printed(self, case: Record) -> PrintedPart:
        component: AnyComponent = self._machine(case).components[case["component"]]
        if component.replace.print is None:
            raise PartError(f"component '{case['component']}' has no 'replace.print'")
        return component.replace.print

    def _generation(self, case: Record) -> int:
        earlier = [c for c in self._store.cases()
                   if c["machine_id"] == case["machine_id"] and c["component"] == case["component"]
                   and c["opened_s"] < case["opened_s"]]  # fmt: skip
        return 2 + len(earlier)  # G1 is the part that the machine came with

    def _life_h(self, case: Record) -> float:
        opened_s = float(case["opened_s"])
        first_s = self._store.machines()[case["machine_id"]].get("first_t_s", opened_s)
        born_s = self._store.fits(case["machine_id"]).get(case["component"], float(first_s))
        return max(0.0, opened_s - born_s) / 3600

    def _read(self, case_id: str, name: str) -> bytes:
        return (case_folder(self._home, case_id) / name).read_bytes()

    def _job(self, case: Record) -> Record:
        return cast("Record", self._store.job(case["job"]))

    def _note(self, case: Record, **said: Any) -> None:
        self._store.put_job({**self._job(case), **said})

    def _advance(
        self, case: Record, kind: EventKind, *, reason: str = "", gcode_sha256: str = ""
    ) -> None:
        """Move the job on; a step that runs again finds it moved already."""
        record = self._job(case)
        if record["state"] == AFTER[kind]:
            return
        job = PrintJob(**{name: record[name] for name in JOB_FIELDS})
        event = JobEvent(kind=kind, reason=reason, gcode_sha256=gcode_sha256)
        self._store.put_job({**record, **plain(advance(job, event))})

    def _move(
        self,
        case_id: str,
        state: str,
        *,
        data: Mapping[str, Any],
        files: Mapping[str, bytes] = {},
        step: str = "",
        **changes: Any,
    ) -> None:
        """Write one step to the thread and the record, and tell who watches."""
        case, now_s = self._case(case_id), self._clock.now_s()
        thread = Thread(case_folder(self._home, case_id))
        head = thread.add(step or state, t_s=now_s, data=data, files=files)
        at_s = {**case["at_s"]}
        at_s.setdefault(step or state, now_s)
        self._store.change_case(case_id, state=state, at_s=at_s, head=head, **changes)
        self._world.changed(case_id)


def _job_key(case: Record, attempt: int) -> str:
    return f"{case['job']}-{attempt}"


def _order_of(case: Record) -> PartOrder:
    order = dict(case["order"])
    reasons = tuple(reason_of(reason) for reason in order.pop("reasons"))
    return PartOrder(**order, reasons=reasons)
