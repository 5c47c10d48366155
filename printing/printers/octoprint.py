"""OctoPrint (REST API of 1.11): upload, select and print in one request, then ask for the job."""

from dataclasses import replace

import httpx

from fieldlab.core.errors import PrinterError
from fieldlab.core.messages import PrinterStatus
from printing.printers.http import UPLOAD_S, Http, RefusedByPrinterError
from printing.printers.once import SUFFIX, Memory, name_of

_DONE_PERCENT = 100.0
_BUSY = ("printing", "paused", "pausing", "cancelling", "finishing", "resuming")


class OctoPrint:
    """An OctoPrint server (printing.printers.once.Remote); `key` is a user's API key."""

    def __init__(self, name: str, url: str, key: str) -> None:
        self._name = name
        self._http = Http(name, url, headers={"X-Api-Key": key})

    def look(self) -> PrinterStatus:
        """Return what the printer does now."""
        job = self._http.ask("GET", "/api/job")
        printer = self._http.ask("GET", "/api/printer", known=(409,))
        file = name_of(job["job"]["file"]["name"])
        if printer is None:
            reason = (
                f"printer '{self._name}': OctoPrint answers, but is not connected to its printer"
                f" ({job['state']}); press Connect there"
            )
            return PrinterStatus(state="offline", reason=reason)
        flags, percent = printer["state"]["flags"], job["progress"]["completion"] or 0.0
        nozzle, bed = (float((printer["temperature"].get(heater) or {}).get("actual") or 0.0)
                       for heater in ("tool0", "bed"))  # fmt: skip
        now = PrinterStatus(state="idle", nozzle_degc=nozzle, bed_degc=bed)
        if any(flags.get(flag) for flag in _BUSY):
            done = min(1.0, percent / _DONE_PERCENT)
            return replace(now, state="printing", job_key=file, progress_ratio=done)
        if file and percent >= _DONE_PERCENT:
            return replace(now, state="done", job_key=file, progress_ratio=1.0)
        return now

    def recall(self, job_key: str) -> Memory | None:
        """Return how the print of a job's file ended."""
        answer = self._http.send("GET", f"/api/files/local/{job_key}{SUFFIX}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        if answer.is_error:
            self._http.ask("GET", "/api/version")  # says what is wrong with the key
            raise PrinterError(f"printer '{self._name}': says {answer.status_code} of '{job_key}'")
        last = (answer.json().get("prints") or {}).get("last")
        if last is None:
            return "unclear"
        return "succeeded" if last["success"] else "failed"

    def send(self, job_key: str, gcode: bytes) -> None:
        """Upload, select and print in one request."""
        told = self._http.ask(
            "POST",
            "/api/files/local",
            known=(409,),  # it has this file already: another of our tries got there
            files={"file": (job_key + SUFFIX, gcode, "text/x-gcode")},
            data={"select": "true", "print": "true", "noOverwrite": "true"},
            timeout=UPLOAD_S,
        )
        if told is not None and not told.get("effectivePrint", True):
            self._http.ask("DELETE", f"/api/files/local/{job_key}{SUFFIX}", known=(404,))
            raise RefusedByPrinterError(
                409, f"printer '{self._name}': OctoPrint took the file but did not start it"
            )

    def stop(self, job_key: str) -> None:  # noqa: ARG002
        """Cancel the print; 409 says that there is none."""
        self._http.ask("POST", "/api/job", known=(409,), json={"command": "cancel"})
