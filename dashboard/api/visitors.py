"""What a visitor may do besides reading: break the simulated machine, without telling it which."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from pydantic import Field, StringConstraints

from dashboard.api.answers import Answer
from dashboard.view import View
from fieldlab.core.strict import Strict

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]


class Challenge(Strict):
    """What to break, how, and how badly (0.3 a little, 1 worn out)."""

    component: Id
    failure_mode: Id
    severity: Annotated[float, Field(ge=0.3, le=1, strict=False)] = 0.7


def visitor_routes(view: View) -> APIRouter:
    """Return the blind duel."""
    routes = APIRouter(prefix="/api/duel", tags=["visitors"])

    @routes.get("")
    def read_duel() -> Answer:
        """Return what can be broken, the newest rounds and the public score."""
        return Answer(view.duel())

    @routes.post("")
    def challenge(
        request: Request,
        word: Challenge,
    ) -> Answer:
        """Queue a round; 409 when it is not your turn yet."""
        if request.client is None:
            raise HTTPException(400, "the request has no sender")
        return Answer(
            view.challenge(word.component, word.failure_mode, word.severity, request.client.host)
        )

    return routes
