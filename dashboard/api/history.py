"""The past of a machine: health and features over any stretch, and how available it was."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from dashboard.api.answers import Answer
from dashboard.view import View

Seconds = Annotated[float | None, Query(ge=0, le=1e11, allow_inf_nan=False)]


def history_routes(view: View) -> APIRouter:
    """Return the questions about the past; each may take a while, so none is on the loop."""
    routes = APIRouter(prefix="/api", tags=["history"])

    @routes.get("/machines/{machine_id}/history")
    def read_history(
        machine_id: str,
        from_s: Seconds = None,
        until_s: Seconds = None,
        series: Annotated[str, Query(max_length=200)] = "score",
        points: Annotated[int, Query(ge=20, le=5000)] = 1000,
    ) -> Answer:
        """Return a series over a stretch of event time, in at most `points` points.

        Each part of the stretch keeps its lowest and highest value and its gravest state, so that
        one alarm in a month is still there. `names` holds all series of this machine; `cases`
        those that were open in the stretch; `figures` what it says of the machine.
        """
        found = view.history(machine_id, from_s, until_s, series, points)
        if found is None:
            raise HTTPException(404, f"there is no machine '{machine_id:.64}'")
        return Answer(found)

    @routes.get("/availability")
    def read_availability(from_s: Seconds = None, until_s: Seconds = None) -> Answer:
        """Return how available every machine was, and how rare its false cases are."""
        return Answer({"machines": view.availability(from_s, until_s)})

    return routes
