"""PrusaLink (API v1): one PUT that uploads and starts, under digest authentication."""

from dataclasses import replace
from typing import Any

import httpx

from fieldlab.core.errors import PrinterError
from fieldlab.core.messages import PrinterStatus
from printing.printers.http import UPLOAD_S, Http
from printing.printers.once import SUFFIX, Memory, name_of

_FREE = ("IDLE", "READY", "FINISHED", "STOPPED")
_TRUE, _FALSE = "?1", "?0"  # booleans as RFC 8941 writes them


class PrusaLink:
    """A PrusaLink server (printing.printers.once.Remote).

    Parameters
    ----------
    user, password
        As shown on the printer's own screen under PrusaLink.
    storage
        Where its files lie: `usb` on a printer with a stick, `local` on PrusaLink for a Pi.
    """

    def __init__(self, name: str, url: str, *, user: str, password: str, storage: str) -> None:
        self._name = name
        self._http = Http(name, url, auth=lambda: httpx.DigestAuth(user, password))
        self._files = f"/api/v1/files/{storage}"

    def look(self) -> PrinterStatus:
        """Return what the printer does now."""
        printer = self._http.ask("GET", "/api/v1/status")["printer"]
        job = self._job()
        file = None if job is None else name_of((job.get("file") or {}).get("display_name"))
        now = PrinterStatus(
            state="idle",
            nozzle_degc=float(printer.get("temp_nozzle") or 0.0),
            bed_degc=float(printer.get("temp_bed") or 0.0),
        )
        if job is not None and job["state"] == "FINISHED":
            return replace(now, state="done", job_key=file, progress_ratio=1.0)
        if job is not None and job["state"] in ("STOPPED", "ERROR"):
            reason = f"the printer says {job['state'].lower()}"
            return replace(
                now, state="failed", job_key=file, progress_ratio=_progress(job), reason=reason
            )
        if printer["state"] == "ERROR":
            told = (printer.get("status_printer") or {}).get("message") or "an error"
            reason = f"printer '{self._name}': PrusaLink answers, but the printer shows: {told}"
            return replace(now, state="offline", reason=reason)
        if job is None and printer["state"] in _FREE:
            return now
        ratio = 0.0 if job is None else _progress(job)
        return replace(now, state="printing", job_key=file, progress_ratio=ratio)

    def recall(self, job_key: str) -> Memory | None:
        """Return how the print of a job's file ended; PrusaLink keeps no history."""
        answer = self._http.send("HEAD", f"{self._files}/{job_key}{SUFFIX}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        if answer.is_error:
            self._http.ask("GET", "/api/v1/status")  # says what is wrong with the password
            raise PrinterError(f"printer '{self._name}': says {answer.status_code} of '{job_key}'")
        return "unclear"

    def send(self, job_key: str, gcode: bytes) -> None:
        """Upload and start in one request; never over a file that is there."""
        self._http.ask(
            "PUT",
            f"{self._files}/{job_key}{SUFFIX}",
            content=gcode,
            headers={
                "Content-Type": "application/octet-stream",
                "Print-After-Upload": _TRUE,
                "Overwrite": _FALSE,
            },
            timeout=UPLOAD_S,
        )

    def stop(self, job_key: str) -> None:
        """Stop the print; 404 and 409 say that it is over."""
        job = self._job()
        if job is not None and name_of((job.get("file") or {}).get("display_name")) == job_key:
            self._http.ask("DELETE", f"/api/v1/job/{job['id']}", known=(404, 409))

    def _job(self) -> dict[str, Any] | None:
        job: dict[str, Any] | None = self._http.ask("GET", "/api/v1/job")
        return job


def _progress(job: dict[str, Any]) -> float:
    return min(1.0, float(job.get("progress") or 0.0) / 100)
