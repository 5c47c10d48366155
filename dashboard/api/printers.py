"""The print room: printers, their beds and spools, and the queue of jobs."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Request
from pydantic import Field, StringConstraints

from dashboard.api.answers import Answer, next_of
from dashboard.api.cases import Before, Limit
from dashboard.api.roles import signed
from dashboard.view import View
from fieldlab.core.errors import InputError
from fieldlab.core.strict import Strict

Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Grams = Annotated[float, Field(ge=0, le=50_000)]
Millimetres = Annotated[float, Field(ge=0, le=5_000)]


class Spooling(Strict):
    """Which spool is on a printer."""

    material: Name
    left_g: Grams


class Holding(Strict):
    """Whether a job is kept back."""

    held: bool


class Urging(Strict):
    """Whether a job goes first (1), as it comes (0) or later (-1)."""

    word: Literal[-1, 0, 1]


class Measuring(Strict):
    """What a scale and a calliper found, and who read them."""

    mass_g: Grams
    sizes: dict[Name, Millimetres]
    by: Name = "operator"


class Cancelling(Strict):
    """Why a print is cancelled, and by whom."""

    reason: Name
    by: Name = "operator"


def printer_routes(view: View) -> APIRouter:
    """Return the questions about the print room, and what an operator may say of a printer."""
    routes = APIRouter(prefix="/api", tags=["print room"])

    @routes.get("/print-room")
    def read_print_room() -> Answer:
        """Return the printers, and the jobs that wait, print or ended lately."""
        return Answer(view.print_room())

    @routes.post("/printers/{name}/test")
    def test_printer(name: str) -> Answer:
        """Ask a printer whether it answers; says what is wrong and what to do."""
        return Answer(_known(view.test_printer, name))

    @routes.post("/printers/{name}/bed-clear")
    def clear_bed(name: str) -> Answer:
        """Say that the bed is clear."""
        _known(view.clear_bed, name)
        return Answer({"ok": True})

    @routes.post("/printers/{name}/spool")
    def load_spool(name: str, spool: Spooling) -> Answer:
        """Say which spool is on the printer."""
        _known(view.load_spool, name, spool.material, spool.left_g)
        return Answer({"ok": True})

    return routes


def job_routes(view: View) -> APIRouter:
    """Return the jobs, and what an operator may say of one and of the part that it made."""
    routes = APIRouter(prefix="/api", tags=["print room"])

    @routes.get("/jobs")
    def list_jobs(limit: Limit = 100, before: Before = None) -> Answer:
        """Return the newest print jobs, newest first, those that are over too.

        `next` is the id to give as `before` for the jobs before these.
        """
        found = view.jobs(limit, before)
        return Answer({"jobs": found, "next": next_of(found, limit, "id")})

    @routes.post("/jobs/{job_id}/hold")
    def hold_job(job_id: str, word: Holding) -> Answer:
        """Keep a job back, or let it go."""
        view.hold_job(job_id, word.held)
        return Answer({"ok": True})

    @routes.post("/jobs/{job_id}/urge")
    def urge_job(job_id: str, word: Urging) -> Answer:
        """Let a job go first, as it comes, or later."""
        view.urge_job(job_id, word.word)
        return Answer({"ok": True})

    @routes.post("/cases/{case_id}/measured")
    def measured(request: Request, case_id: str, found: Measuring) -> Answer:
        """Say what was measured on the printed part."""
        view.measured(case_id, found.mass_g, found.sizes, signed(request, found.by))
        return Answer({"ok": True})

    @routes.post("/cases/{case_id}/cancel-print")
    def cancel_print(request: Request, case_id: str, word: Cancelling) -> Answer:
        """Cancel the print of a case, wherever it stands."""
        view.cancel(case_id, word.reason, signed(request, word.by))
        return Answer({"ok": True})

    return routes


def _known(call: Callable[..., Any], *args: Any) -> Any:
    """Call; a printer or material that does not exist is 404."""
    try:
        return call(*args)
    except InputError as error:
        raise HTTPException(404, str(error)) from error
