"""What a person teaches: what a case really was, and that a machine must learn anew."""

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Request
from pydantic import StringConstraints

from dashboard.api.answers import Answer
from dashboard.api.roles import signed
from dashboard.view import View
from fieldlab.core.strict import Strict

Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]


class Correction(Strict):
    """What a case really was; no component when nothing was wrong."""

    component: Name | None = None
    failure_mode: Name | None = None
    reason: Annotated[str, StringConstraints(max_length=500)] = ""
    by: Name = "operator"


class Relearning(Strict):
    """Why a machine's normal is no longer what was learnt."""

    why: Literal["maintenance", "repair", "new-product"]
    by: Name = "operator"


def teaching_routes(view: View) -> APIRouter:
    """Return what an operator may teach (see roles.py)."""
    routes = APIRouter(prefix="/api", tags=["teaching"])

    @routes.post("/cases/{case_id}/correct")
    def correct(request: Request, case_id: str, word: Correction) -> Answer:
        """Say what a case really was; the next ranking for that machine and kind learns from it.

        `learnt` holds, for the verdict and for what it really was, how often people said so, and
        by how much (`times`) its confidence is multiplied the next time.
        """
        if view.case(case_id) is None:
            raise HTTPException(404, f"there is no case '{case_id:.64}'")
        by = signed(request, word.by)
        said = view.correct(case_id, word.component, word.failure_mode, word.reason, by)
        return Answer({"ok": True, **said})

    @routes.post("/machines/{machine_id}/relearn")
    def relearn(request: Request, machine_id: str, word: Relearning) -> Answer:
        """Let a machine learn its normal anew from its next window on."""
        if view.machine(machine_id) is None:
            raise HTTPException(404, f"there is no machine '{machine_id:.64}'")
        view.relearn(machine_id, word.why, signed(request, word.by))
        return Answer({"ok": True})

    return routes
