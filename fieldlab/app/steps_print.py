"""The steps of a case from a verified mesh to an inspected part."""

import json
from collections.abc import Mapping
from typing import Any

from fieldlab.app import work
from fieldlab.app.casebook import GCODE, PREVIEW, STL, CaseBook
from fieldlab.app.measures import judge, read_by_machine, to_measure
from fieldlab.app.plain import plain
from fieldlab.app.seal import approved_statement
from fieldlab.app.store import Record
from fieldlab.app.thread import sha256
from fieldlab.core.errors import PrinterError, RefusedError
from fieldlab.core.messages import Inspection, Measurement, PrinterStatus, PrintJob
from printing.queue import EventKind, job_id

UNDER_WAY = ("printing", "printed", "accepted", "rejected")


class PrintSteps(CaseBook):
    """Slice, gate, queue, approve, print and inspect."""

    # ----------------------------------------------------------------- slice, gate, enqueue

    def slice(self, case_id: str) -> None:
        """Turn the verified mesh into G-code for the printer that will make it."""
        case = self._case(case_id)
        material = case["order"]["material"]
        limits = self._limits(case)
        stl = self._read(case_id, STL)
        how = self._room.slicing_of(case["printer"])
        sliced = self._workshop.do(work.slice_part, stl, limits, material, *how)
        drawn = self._workshop.do(work.preview_of, sliced.gcode)
        preview = json.dumps(drawn).encode()
        self._move(
            case_id, "sliced", data={"sliced": plain(sliced), "printer": case["printer"]},
            files={GCODE: sliced.gcode, PREVIEW: preview},
            sliced=plain(sliced), gcode_sha256=sliced.sha256,
        )  # fmt: skip

    def gate(self, case_id: str) -> bool:
        """Let the independent gate judge the G-code; False if it is refused."""
        case = self._case(case_id)
        gcode, stl = self._read(case_id, GCODE), self._read(case_id, STL)
        limits, material = self._limits(case), case["order"]["material"]
        _, quality = self._room.slicing_of(case["printer"])
        judged = self._workshop.do(work.gate_gcode, gcode, limits, material, stl, quality)
        report = plain(judged)
        passed = report["ok"] and report["sha256"] == case["gcode_sha256"]
        found: Record = {"gate": report}
        if passed:
            predicted = plain(self._workshop.do(work.predict_part, gcode, limits, material))
            wanted = to_measure(case["order"], predicted["sizes"])
            found |= {"predicted": predicted, "expected_mm": wanted}
        self._move(case_id, case["state"], step="gated", data=found, **found)
        return bool(passed)

    def enqueue(self, case_id: str) -> str:
        """Put the print job in the queue, waiting for approval; return the G-code's hash."""
        case = self._case(case_id)
        generation = case["order"]["generation"]
        job = PrintJob(
            id=job_id(case_id, generation),
            case_id=case_id,
            generation=generation,
            printer=case["printer"],
            material=case["order"]["material"],
            gcode_sha256=case["gcode_sha256"],
            mass_g=case["predicted"]["mass_g"],
            duration_s=case["sliced"]["duration_s"],
            machine_id=case["machine_id"],
        )
        forecast = self._world.forecast(case["machine_id"], case["component"])
        latest = self._store.health_latest(case["machine_id"], 1)
        self._room.enqueue(
            job,
            remaining_s=None if forecast is None else forecast.low_s or forecast.remaining_s,
            score_ratio=float(latest[0]["score_ratio"]) if latest else 1.0,
        )
        self._move(case_id, "awaiting-approval", data={"job": plain(job)}, job=job.id)
        return job.gcode_sha256

    # --------------------------------------------------------------------------- approve

    def is_approved(self, case_id: str, approval: Mapping[str, Any]) -> bool:
        """Write down an approval; False unless it is for exactly this G-code and attempt."""
        case, job = self._case(case_id), self._job_of(case_id)
        if approval.get("cancel"):
            self._cancelled(case, approval["cancel"])
            return False
        same = approval.get("gcode_sha256") == case["gcode_sha256"] == job["gcode_sha256"]
        if not same or approval.get("attempt", 1) != job["attempt"] or not approval.get("by"):
            return False
        said = {key: approval[key] for key in ("by", "gcode_sha256")}
        said["attempt"] = job["attempt"]
        said["statement"] = approved_statement(case, said["gcode_sha256"], said["by"])
        said["seal"] = self._seal.sign(said["statement"])
        self._room.advance(job["id"], "approve", gcode_sha256=said["gcode_sha256"])
        self._move(case_id, "queued", step="approved", data={"approval": said}, approval=said)
        return True

    def requeue(self, case_id: str, attempt: int) -> None:
        """Put a failed job back in the queue with its reason, as the next attempt.

        The first reprint of a reject keeps its approval (the same bytes); all others wait for a
        person's word.
        """
        case, job = self._case(case_id), self._job_of(case_id)
        reason, rejected = job["reason"], job["state"] == "rejected"
        if job["attempt"] < attempt:
            self._room.note(job["id"], again_because=reason, was_rejected=rejected, layer=0,
                            progress_ratio=0.0)  # fmt: skip
            self._room.advance(job["id"], "retry", reason=reason)
        job = self._job_of(case_id)
        data = {"attempt": attempt, "reason": job["again_because"]}
        if job["was_rejected"] and attempt == 2:
            self._room.advance(job["id"], "approve", reason=job["again_because"],
                               gcode_sha256=case["approval"]["gcode_sha256"])  # fmt: skip
            self._move(case_id, "queued", step=f"again-{attempt}", data=data)
        else:
            self._move(case_id, "awaiting-approval", step=f"again-{attempt}", data=data)

    # --------------------------------------------------------------------- print

    def start_print(self, case_id: str, attempt: int) -> str:
        """Send the approved job when it is its turn: waiting, started or cancelled."""
        case, job = self._case(case_id), self._job_of(case_id)
        approved = case["approval"]["gcode_sha256"]
        gcode = self._read(case_id, GCODE)
        if sha256(gcode) != approved or job["gcode_sha256"] != approved:
            raise RefusedError(f"{case_id}: the G-code is not the file that was approved")
        statement = approved_statement(case, sha256(gcode), case["approval"]["by"])
        if not self._seal.holds(case["approval"].get("seal"), statement):
            raise RefusedError(f"{case_id}: the approval was not sealed here for this file")
        if job["state"] in UNDER_WAY:
            return "started"  # an earlier run of this step got as far as that
        if job["state"] == "cancelled":
            return "cancelled"
        if job.get("cancel") and self._is_not_there(case, job, attempt):
            self._cancelled(case, job["cancel"])
            return "cancelled"
        if job["state"] == "approved" and self._room.claim(job["id"], approved):
            self._world.changed(case_id)
            return "waiting"
        self._points.reach("sent")
        return self._started(case, attempt, gcode)

    def _is_not_there(self, case: Record, job: Record, attempt: int) -> bool:
        """Return whether a job never got to its printer, so that nothing has to be stopped."""
        if job["state"] == "approved":
            return True
        standing = self._room.printer(case["printer"]).status(_job_key(case, attempt))
        return standing.state == "idle"

    def _started(self, case: Record, attempt: int, gcode: bytes) -> str:
        """Give a claimed job to its printer; what was lost on the way is asked, never guessed."""
        name, key = case["printer"], _job_key(case, attempt)
        printer = self._room.printer(name)
        try:
            printer.start(key, gcode)
        except PrinterError as error:
            standing = printer.status(key)
            if standing.state in ("idle", "offline"):
                self._room.note(case["job"], waits_for=str(error))
                if standing.state == "idle":  # it never got there
                    self._room.advance(case["job"], "recall")
                self._world.changed(case["id"])
                return "waiting"
        self._points.reach("started")
        self._room.advance(case["job"], "start")
        self._move(case["id"], "printing", data={"attempt": attempt, "printer": name})
        return "started"

    def print_state(self, case_id: str, attempt: int) -> str:
        """Return where the print stands: printing, done, failed, reject or cancelled."""
        case, job = self._case(case_id), self._job_of(case_id)
        key, printer = _job_key(case, attempt), self._room.printer(case["printer"])
        if job["state"] in ("failed", "cancelled"):
            return str(job["state"])
        if job["state"] == "rejected":
            return "reject"
        status = printer.status(key)
        if status.state == "offline":  # a printer that is away decides nothing
            self._room.note(job["id"], waits_for=status.reason or "the printer is away")
            self._world.changed(case_id)
            return "printing"
        if job.get("cancel") and status.state != "done":
            return self._stopped(case, key, job["cancel"])
        if status.state in ("idle", "failed"):
            reason = status.reason or "the printer does not know the job any more"
            self._room.advance(job["id"], "fail", reason=reason)
            return "failed"
        return self._watched(case, attempt, status)

    def _watched(self, case: Record, attempt: int, status: PrinterStatus) -> str:
        """Look at what the printer's own sensors say of a print that goes on or is done."""
        case_id, job = case["id"], case["job"]
        self._room.note(job, layer=status.layer, progress_ratio=status.progress_ratio,
                        nozzle_degc=status.nozzle_degc, waits_for="")  # fmt: skip
        self._world.changed(case_id)
        key = _job_key(case, attempt)
        if trouble := self._room.trouble(job, key):
            return self._rejected_in_print(case, attempt, trouble, status)
        if status.state != "done":
            return "printing"
        self._room.advance(job, "finish")
        self._move(case_id, "inspecting", step="printed", data={"attempt": attempt})
        return "done"

    def _rejected_in_print(
        self, case: Record, attempt: int, trouble: str, status: PrinterStatus
    ) -> str:
        """Stop a print that its own sensors say is no good, and reject the part."""
        if status.state == "printing":
            try:
                self._room.printer(case["printer"]).cancel(_job_key(case, attempt))
            except PrinterError as error:
                self._room.note(case["job"], waits_for=f"cannot be stopped yet: {error}")
                return "printing"
        else:
            self._room.advance(case["job"], "finish")
        self._judged(case, attempt, Inspection(verdict="reject", reason=trouble), {"by": ""})
        return "reject"

    def _stopped(self, case: Record, key: str, word: Mapping[str, Any]) -> str:
        try:
            self._room.printer(case["printer"]).cancel(key)
        except PrinterError as error:
            self._room.note(case["job"], waits_for=f"cannot be stopped yet: {error}")
            return "printing"
        self._cancelled(case, word)
        return "cancelled"

    def _cancelled(self, case: Record, word: Mapping[str, Any]) -> None:
        said = {"by": str(word.get("by", "")), "reason": str(word.get("reason", ""))}
        self._room.advance(case["job"], "cancel", reason=said["reason"])
        self._move(case["id"], case["state"], step="cancelled", data=said)

    # -------------------------------------------------------------------------- inspect

    def inspect(self, case_id: str, attempt: int, word: Mapping[str, Any]) -> str:
        """Judge the printed part: accept, rework, reject, or measure (a person must)."""
        case = self._case(case_id)
        if word.get("cancel"):
            self._cancelled(case, word["cancel"])
            return "cancelled"
        measured, by = self._measured(case, attempt, word)
        if measured is None:
            self._move(case_id, "inspecting", data={"to_measure": case["expected_mm"]})
            return "measure"
        critical = self._machine(case).components[case["component"]].replace.print
        result = judge(
            measured,
            expected_g=case["predicted"]["mass_g"],
            wanted=case["expected_mm"],
            critical_mm={} if critical is None else critical.critical_mm,
        )
        if result.verdict == "rework" and not by:
            result = Inspection(verdict="reject", reason=result.reason, checks=result.checks)
        self._judged(case, attempt, result, {"measured": plain(measured), "by": by})
        return result.verdict

    def _measured(
        self, case: Record, attempt: int, word: Mapping[str, Any]
    ) -> tuple[Measurement | None, str]:
        """Return what was measured, and by whom; a printer that measures by itself is nobody."""
        if word:
            sizes = {name: float(size) for name, size in word["sizes"].items()}
            return Measurement(mass_g=float(word["mass_g"]), sizes=sizes), str(word["by"])
        found = self._room.printer(case["printer"]).measure(_job_key(case, attempt))
        if found is None:
            return None, ""
        sizes = read_by_machine(found, case["expected_mm"], case["predicted"]["sizes"])
        return Measurement(mass_g=float(found["mass_g"]), sizes=sizes), ""

    def _judged(
        self, case: Record, attempt: int, result: Inspection, measured: Mapping[str, Any]
    ) -> None:
        kinds: dict[str, EventKind] = {"accept": "accept", "reject": "reject"}
        if result.verdict == "accept":
            self._room.learn(case["job"], _job_key(case, attempt))
        if result.verdict in kinds:
            self._room.advance(case["job"], kinds[result.verdict], reason=result.reason)
        data = {**measured, "inspection": plain(result), "attempt": attempt}
        self._move(case["id"], "inspecting", step="inspected", data=data,
                   inspection=plain(result))  # fmt: skip

    # ------------------------------------------------------------------------- helpers

    def _limits(self, case: Record) -> str:
        return self._room.profile_of(case["printer"])

    def _job_of(self, case_id: str) -> Record:
        case = self._case(case_id)
        record = self._room.job(case["job"])
        if record is None:
            raise RefusedError(f"{case_id}: its job '{case['job']}' is gone from the store")
        return record


def _job_key(case: Record, attempt: int) -> str:
    return f"{case['job']}-{attempt}"
