"""Moonraker (0.11) in front of Klipper: upload with `print=true`, then ask Klipper's objects."""

from typing import Any

from fieldlab.core.messages import PrinterStatus
from printing.printers.http import UPLOAD_S, Http, RefusedByPrinterError
from printing.printers.once import SUFFIX, Memory, name_of

_QUESTION = "/printer/objects/query?print_stats&display_status&extruder&heater_bed"
_STATES = {"printing": "printing", "paused": "printing", "complete": "done"}
_NO_KLIPPER = 503


class Moonraker:
    """A Moonraker server (printing.printers.once.Remote); a trusted network needs no `key`."""

    def __init__(self, name: str, url: str, key: str) -> None:
        self._name = name
        self._http = Http(name, url, headers={"X-Api-Key": key} if key else None)

    def look(self) -> PrinterStatus:
        """Return what the printer does now."""
        server = self._http.ask("GET", "/server/info")["result"]
        if server["klippy_state"] != "ready":
            reason = (
                f"printer '{self._name}': Moonraker answers, but Klipper is"
                f" {server['klippy_state']}; see Klipper's log, then RESTART it"
            )
            return PrinterStatus(state="offline", reason=reason)
        now = self._http.ask("GET", _QUESTION)["result"]["status"]
        stats, progress = now["print_stats"], now.get("display_status", {}).get("progress") or 0.0
        nozzle, bed = (float(now.get(heater, {}).get("temperature") or 0.0)
                       for heater in ("extruder", "heater_bed"))  # fmt: skip
        state = _STATES.get(stats["state"], "idle")
        layer = (stats.get("info") or {}).get("current_layer") or 0
        return PrinterStatus(
            state=state,  # type: ignore[arg-type]  # the values of _STATES
            job_key=None if state == "idle" else name_of(stats["filename"]),
            progress_ratio=1.0 if state == "done" else float(progress),
            layer=int(layer),
            nozzle_degc=nozzle,
            bed_degc=bed,
        )

    def recall(self, job_key: str) -> Memory | None:
        """Return how the print of a job's file ended."""
        file = job_key + SUFFIX
        files = self._http.ask("GET", "/server/files/list", params={"root": "gcodes"})["result"]
        if all(found["path"] != file for found in files):
            return None
        told = self._http.ask("GET", "/server/history/list?limit=200&order=desc", known=(404,))
        jobs = [] if told is None else told["result"]["jobs"]  # 404: no history is kept
        mine: list[dict[str, Any]] = [job for job in jobs if job["filename"] == file]
        if not mine:
            return "unclear"
        match mine[0]["status"]:
            case "completed":
                return "succeeded"
            case "in_progress":
                return "unclear"
            case _:
                return "failed"

    def send(self, job_key: str, gcode: bytes) -> None:
        """Upload and print in one request; a file that is not started is removed again."""
        file = job_key + SUFFIX
        told = self._http.ask(
            "POST",
            "/server/files/upload",
            files={"file": (file, gcode, "application/octet-stream")},
            data={"root": "gcodes", "print": "true"},
            timeout=UPLOAD_S,
        )
        if not (told.get("result") or told).get("print_started"):
            self._http.ask("DELETE", f"/server/files/gcodes/{file}", known=(404,))
            raise RefusedByPrinterError(
                409,
                f"printer '{self._name}': Moonraker took the file but did not start it; is"
                " Klipper ready, and 'queue_gcode_uploads' off?",
            )

    def stop(self, job_key: str) -> None:  # noqa: ARG002
        """Cancel the print."""
        self._http.ask("POST", "/printer/print/cancel", known=(_NO_KLIPPER,))
