"""The print room: the printers with their beds and spools, and the queue of jobs before them.

Every change of a job goes through here, one at a time and durable when it returns.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from fieldlab.app.plain import plain
from fieldlab.app.printwatch import PrintWatch, sentence
from fieldlab.app.store import Record, Store
from fieldlab.core.clock import Clock
from fieldlab.core.errors import InputError, PrinterError, RefusedError
from fieldlab.core.messages import PrinterStatus, PrintJob
from fieldlab.core.ports import Printer, PrintSensors
from fieldlab.core.settings import PrinterOptions, SlicerName
from printing.queue import EventKind, JobEvent, advance, enqueue
from printing.turns import Spool, Stand, choose, estimate, match, obstacle, priority

JOB_FIELDS = tuple(field.name for field in fields(PrintJob))
OVER = ("accepted", "cancelled")
OVER_SHOWN = 50  # jobs that are over; the others are asked page by page
AFTER: Mapping[EventKind, str] = {
    "approve": "approved", "send": "sent", "recall": "approved", "start": "printing",
    "finish": "printed", "accept": "accepted", "reject": "rejected", "fail": "failed",
    "retry": "queued", "cancel": "cancelled",
}  # fmt: skip
Sickness = Callable[[str], tuple[bool, float | None]]


def well(_: str) -> tuple[bool, float | None]:
    """Say that nothing is wrong with a machine."""
    return False, None


class PrintRoom:
    """All printers of a hub.

    Parameters
    ----------
    sickness
        Tells of a machine whether it is in alarm, and how many seconds it lasts at least.
    """

    def __init__(
        self,
        store: Store,
        printers: Mapping[str, Printer],
        options: Mapping[str, PrinterOptions],
        clock: Clock,
        sickness: Sickness = well,
    ) -> None:
        self._store = store
        self._printers = printers
        self._options = options
        self.clock = clock
        self._sickness = sickness
        self._lock = threading.RLock()
        self._watch = PrintWatch(store)

    # ------------------------------------------------------------------------------ printers

    def printer(self, name: str) -> Printer:
        """Return a printer; raises InputError naming what exists."""
        if name not in self._printers:
            known = ", ".join(sorted(self._printers))
            raise InputError(f"no printer '{name}' in the settings; there is: {known}")
        return self._printers[name]

    def profile_of(self, name: str) -> str:
        """Return under which limits a printer's files are made and judged."""
        return self._options[name].profile

    def slicing_of(self, name: str) -> tuple[SlicerName, str]:
        """Return with which slicer and in which quality a printer's files are made."""
        options = self._options[name]
        return options.slicer, options.quality

    def printer_for(self, material: str) -> str:
        """Return the printer for a material; raises PrinterError if none may print it."""
        stands = {name: self.stand(name) for name in self._printers}
        found = match(material, stands, self._jobs())
        if found is None:
            raise PrinterError(f"no printer in the settings may print {material}")
        return found

    def stand(self, name: str) -> Stand:
        """Return a printer as the queue sees it now."""
        options, kept = self._options[name], self._kept(name)
        spool = kept.get("spool")
        is_sick, lasts_s = self._sickness(options.machine) if options.machine else (False, None)
        status = self.printer(name).status()
        if status.state == "printing" and kept.get("bed_is_clear"):
            self._keep(name, bed_is_clear=False)  # whoever started that
        return Stand(
            status=status,
            materials=options.materials,
            bed_is_clear=options.bed == "self" or bool(kept.get("bed_is_clear")),
            spool=self._spool(options, spool),
            machine_id=options.machine,
            is_sick=is_sick,
            lasts_s=lasts_s,
        )

    def test(self, name: str) -> PrinterStatus:
        """Return what a printer answers; offline says why, and what to do."""
        return self.printer(name).status()

    def clear_bed(self, name: str) -> None:
        """Believe a person that the bed of a printer is clear."""
        self.printer(name)
        self._keep(name, bed_is_clear=True)

    def load_spool(self, name: str, material: str, left_g: float) -> None:
        """Believe a person that this spool is on a printer; raises InputError."""
        self.printer(name)
        if material not in self._options[name].materials:
            able = ", ".join(self._options[name].materials)
            raise InputError(f"printer '{name}' does not print {material}; it prints {able}")
        if not 0 <= left_g <= 50_000:
            raise InputError(f"a spool of {left_g:g} g; give 0 to 50000")
        self._keep(name, spool={"material": material, "left_g": left_g})

    # --------------------------------------------------------------- the printers' own sensors

    def trouble(self, job_id: str, job_key: str) -> str:
        """Return what a printer's own sensors say is wrong with a print; '' if nothing."""
        job = self._job(job_id)
        found = self._watch.look(job.printer, job.material, self._layers(job, job_key))
        return "" if found is None else sentence(found)

    def learn(self, job_id: str, job_key: str) -> None:
        """Remember how a print that was accepted went: the next ones are judged by it."""
        job = self._job(job_id)
        self._watch.learn(job.printer, job.material, job_key, self._layers(job, job_key))

    def _layers(self, job: PrintJob, job_key: str) -> tuple[Mapping[str, float], ...]:
        printer = self.printer(job.printer)
        return printer.layers(job_key) if isinstance(printer, PrintSensors) else ()

    # ---------------------------------------------------------------------------------- jobs

    def job(self, job_id: str) -> Record | None:
        """Return a job's record."""
        return self._store.job(job_id)

    def enqueue(self, job: PrintJob, *, remaining_s: float | None, score_ratio: float) -> str:
        """Queue a job once; return what is in its way now, which may be its filament."""
        with self._lock:
            urgent = priority(remaining_s=remaining_s, score_ratio=score_ratio)
            job = replace(job, priority=urgent)
            known = self._jobs()
            if len(enqueue(known, job)) > len(known):
                risk = {"remaining_s": remaining_s, "score_ratio": score_ratio}
                self._store.put_job({**plain(job), "risk": risk})
            found = self._job(job.id)
            reason = obstacle(found, self.stand(found.printer)) if found.state == "queued" else ""
            self.note(job.id, waits_for=reason)
            return reason

    def claim(self, job_id: str, gcode_sha256: str) -> str:
        """Mark a job as sent if it is its turn; return what is in its way, '' if nothing."""
        with self._lock:
            job = self._job(job_id)
            stand = self.stand(job.printer)
            chosen = choose(self._jobs(), {job.printer: stand})
            reason = obstacle(job, stand)
            if chosen is None or chosen.id != job_id:
                reason = reason or "another job goes first"
                self.note(job_id, waits_for=reason)
                return reason
            self._keep(job.printer, bed_is_clear=False)  # before it may be true, never after
            self.advance(job_id, "send", gcode_sha256=gcode_sha256)
            self.note(job_id, waits_for="")
            return ""

    def advance(
        self, job_id: str, kind: EventKind, *, reason: str = "", gcode_sha256: str = ""
    ) -> None:
        """Move a job on; a step that runs again finds it moved already."""
        with self._lock:
            record = self._record(job_id)
            if record["state"] == AFTER[kind]:
                return
            event = JobEvent(kind=kind, reason=reason, gcode_sha256=gcode_sha256)
            job = advance(_job_of(record), event)
            self._store.put_job({**record, **plain(job)})
            if kind in ("finish", "fail"):
                self._spend(job, 1.0 if kind == "finish" else record.get("progress_ratio", 0.0))

    def note(self, job_id: str, **said: Any) -> None:
        """Write down what is known of a job beside its state."""
        with self._lock:
            record = self._record(job_id)
            if any(record.get(key) != value for key, value in said.items()):
                self._store.put_job({**record, **said})

    # ------------------------------------------------------------------- the operator's words

    def hold(self, job_id: str, *, held: bool) -> None:
        """Keep a job back, or let it go; raises RefusedError when it is under way."""
        self._waiting(job_id)
        self.note(job_id, held=held)

    def urge(self, job_id: str, word: int) -> None:
        """Let a job go first (1), as it comes (0) or later (-1); raises RefusedError."""
        record = self._waiting(job_id)
        risk = record.get("risk") or {"remaining_s": None, "score_ratio": 1.0}
        self.note(job_id, priority=priority(**risk, word=max(-1, min(1, word))))

    def ask_to_cancel(self, job_id: str, *, by: str, reason: str) -> None:
        """Ask the case of a job to stop it; raises RefusedError when it is over."""
        record = self._record(job_id)
        if record["state"] in OVER:
            raise RefusedError(f"job '{job_id}' is {record['state']} already")
        self.note(job_id, cancel={"by": by, "reason": reason})

    def overview(self) -> Record:
        """Return the printers and the jobs, with when each should start and finish."""
        stands = {name: self.stand(name) for name in self._printers}
        times = estimate(self._jobs(), stands, self.clock.now_s())
        jobs = []
        for record in self._store.jobs():
            start_s, finish_s = times.get(record["id"], (None, None))
            jobs.append({**record, "starts_s": start_s, "finishes_s": finish_s})
        printers = [{"name": name, "kind": self._options[name].kind, **plain(stand)}
                    for name, stand in stands.items()]  # fmt: skip
        order = ("printing", "sent", "approved", "queued")
        ranks = {state: rank for rank, state in enumerate(order)}
        jobs.sort(key=lambda job: (ranks.get(job["state"], 9), -job["priority"], job["id"]))
        under_way = sum(job["state"] in ranks for job in jobs)
        shown = jobs[: under_way + OVER_SHOWN]
        return {"printers": printers, "jobs": shown, "quality": self._quality(jobs)}

    def _quality(self, jobs: Sequence[Record]) -> dict[str, int]:
        """Return how the prints ended; one that was accepted and did not heal may have escaped."""
        ends = {case["id"]: case["state"] for case in self._store.cases()}
        accepted = [job for job in jobs if job["state"] == "accepted"]
        return {
            "accepted": len(accepted),
            "rejected": sum(bool(job.get("was_rejected")) or job["state"] == "rejected"
                            for job in jobs),
            "failed": sum(job["state"] == "failed" for job in jobs),
            "perhaps_escaped": sum(ends.get(job["case_id"]) == "not-healed" for job in accepted),
        }  # fmt: skip

    # ------------------------------------------------------------------------------- insides

    def _jobs(self) -> tuple[PrintJob, ...]:
        return tuple(_job_of(record) for record in self._store.jobs())

    def _job(self, job_id: str) -> PrintJob:
        return _job_of(self._record(job_id))

    def _record(self, job_id: str) -> Record:
        record = self._store.job(job_id)
        if record is None:
            raise RefusedError(f"there is no job '{job_id}'")
        return record

    def _waiting(self, job_id: str) -> Record:
        record = self._record(job_id)
        if record["state"] not in ("queued", "approved"):
            raise RefusedError(f"job '{job_id}' is {record['state']}, it does not wait any more")
        return record

    def _spool(self, options: PrinterOptions, kept: Mapping[str, Any] | None) -> Spool | None:
        if not options.counts_filament:
            return None
        if kept is None:  # nobody has said what is on it
            return Spool(material="unknown", left_g=0.0)
        return Spool(material=kept["material"], left_g=kept["left_g"])

    def _spend(self, job: PrintJob, ratio: float) -> None:
        spool = self._kept(job.printer).get("spool")
        if spool is not None:
            left_g = max(0.0, spool["left_g"] - ratio * job.mass_g)
            self._keep(job.printer, spool={**spool, "left_g": round(left_g, 2)})

    def _kept(self, name: str) -> Record:
        found: Record = json.loads(self._store.kept(f"printer/{name}") or b"{}")
        return found

    def _keep(self, name: str, **said: Any) -> None:
        with self._lock:
            kept = json.dumps({**self._kept(name), **said}).encode()
            with self._store.transaction() as connection:
                self._store.keep(connection, f"printer/{name}", kept)


def _job_of(record: Mapping[str, Any]) -> PrintJob:
    return PrintJob(**{name: record[name] for name in JOB_FIELDS if name in record})
