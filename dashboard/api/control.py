"""The few routes that change something: approve, fitted, dismiss."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from pydantic import StringConstraints

from dashboard.api.answers import Answer
from dashboard.api.roles import signed
from dashboard.view import View
from fieldlab.core.strict import Strict

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Why = Annotated[str, StringConstraints(min_length=3, max_length=500)]


class Approval(Strict):
    """Who approves which file."""

    gcode_sha256: Sha256
    by: Name = "operator"


class Fitting(Strict):
    """Who fitted the part."""

    by: Name = "operator"


class Dismissal(Strict):
    """Who says that this case is false, and why."""

    reason: Why
    by: Name = "operator"


def control_routes(view: View) -> APIRouter:
    """Return what an operator may say (see roles.py)."""
    routes = APIRouter(prefix="/api/cases/{case_id}", tags=["control"])

    def known(case_id: str) -> str:
        if view.case(case_id) is None:
            raise HTTPException(404, f"there is no case '{case_id:.64}'")
        return case_id

    @routes.post("/approve")
    def approve(request: Request, case_id: str, word: Approval) -> Answer:
        """Approve the print of exactly this G-code."""
        view.approve(known(case_id), word.gcode_sha256, signed(request, word.by))
        return Answer({"ok": True})

    @routes.post("/fitted")
    def fitted(request: Request, case_id: str, word: Fitting) -> Answer:
        """Say that the new part is on the machine."""
        view.fitted(known(case_id), signed(request, word.by))
        return Answer({"ok": True})

    @routes.post("/dismiss")
    def dismiss(request: Request, case_id: str, word: Dismissal) -> Answer:
        """Say that a case is false, with a reason; the system learns from it.

        One that nobody has acted on is closed, one that waits for its print is cancelled. A part
        that is printed already waits to be fitted: `closes` is false then.
        """
        said = view.dismiss(known(case_id), word.reason, signed(request, word.by))
        return Answer({"ok": True, **said})

    return routes
