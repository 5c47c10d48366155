"""A printer behind a network that prints a job at most once, whatever is lost on the way.

The printer's own copy of the file is the token: it is called after the job, is never written over,
and arrives in the same request as the word to start. No file: the word never arrived, it may be
sent. A file: it arrived, and is never sent again. A file without a print, or the memory of one:
the print was cut off, and a person must look before it is made again.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, Protocol

from fieldlab.core.clock import Clock
from fieldlab.core.errors import PrinterError
from fieldlab.core.messages import PrinterStatus

SUFFIX = ".gcode"
STARTING_S = 20.0  # a server may take this long between taking a file and heating up
CUT_OFF = "the printer has the file, but no print of it is under way or was finished"
Memory = Literal["succeeded", "failed", "unclear"]


class Remote(Protocol):
    """One protocol: how a printer's server is asked; every method raises PrinterError."""

    def look(self) -> PrinterStatus:
        """Return what the printer does now; `job_key` is the name of its file."""
        ...

    def recall(self, job_key: str) -> Memory | None:
        """Return how the print of a job's file ended, None if it has no such file."""
        ...

    def send(self, job_key: str, gcode: bytes) -> None:
        """Upload and start in one request; leaves no file behind if the start is refused."""
        ...

    def stop(self, job_key: str) -> None:
        """Stop the print that is under way."""
        ...


class OncePrinter:
    """A printer's server as a printer (fieldlab.core.ports.Printer).

    Parameters
    ----------
    starting_s
        How long a file may lie there without a print before that counts as cut off.
    """

    def __init__(self, remote: Remote, clock: Clock, *, starting_s: float = STARTING_S) -> None:
        self._remote = remote
        self._clock = clock
        self._starting_s = starting_s
        self._unclear_s: dict[str, float] = {}

    def start(self, job_key: str, gcode: bytes) -> None:
        """Upload and start; harmless if the printer has this job already."""
        if self._remote.recall(job_key) is not None:
            return
        now = self._remote.look()
        if now.state == "offline":
            raise PrinterError(now.reason)
        if now.state == "printing":
            raise PrinterError(f"the printer is busy with '{now.job_key or 'a job of its own'}'")
        self._remote.send(job_key, gcode)

    def status(self, job_key: str | None = None) -> PrinterStatus:
        """Return what the printer does now, or where a job stands."""
        try:
            now = self._remote.look()
            if job_key is None or now.state == "offline" or now.job_key == job_key:
                return now
            return self._recalled(job_key, now)
        except PrinterError as error:
            return PrinterStatus(state="offline", job_key=job_key, reason=str(error))

    def cancel(self, job_key: str) -> None:
        """Stop this job and cool down; harmless if it is not being printed."""
        now = self._remote.look()
        if now.job_key == job_key and now.state == "printing":
            self._remote.stop(job_key)

    def measure(self, job_key: str) -> Mapping[str, float] | None:  # noqa: ARG002
        """Return None: a person measures what a real printer made."""
        return None

    def _recalled(self, job_key: str, now: PrinterStatus) -> PrinterStatus:
        """Return where a job stands that the printer is not busy with."""
        found = self._remote.recall(job_key)
        here = replace(now, job_key=job_key, progress_ratio=0.0, layer=0, reason="")
        if found != "unclear":
            self._unclear_s.pop(job_key, None)
        match found:
            case None:
                return replace(here, state="idle")
            case "succeeded":
                return replace(here, state="done", progress_ratio=1.0)
            case "failed":
                return replace(here, state="failed", reason="the printer says that it failed")
            case "unclear":
                since_s = self._unclear_s.setdefault(job_key, self._clock.monotonic_s())
                if self._clock.monotonic_s() - since_s < self._starting_s:
                    return replace(here, state="printing")
                return replace(here, state="failed", reason=CUT_OFF)


def name_of(file: str | None) -> str | None:
    """Return the job key of a file's name.

    >>> name_of("case-7-g1-1.gcode")
    'case-7-g1-1'
    """
    return None if not file else file.rpartition("/")[2].removesuffix(SUFFIX)
