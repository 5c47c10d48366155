"""Cases: the story, its thread, the part and its printed layers."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import Response

from dashboard.api.answers import Answer, next_of
from dashboard.view import View

Limit = Annotated[int, Query(ge=1, le=500)]
Before = Annotated[str | None, Query(max_length=200)]


def case_routes(view: View) -> APIRouter:
    """Return the questions about cases."""
    routes = APIRouter(prefix="/api/cases", tags=["cases"])

    @routes.get("")
    async def list_cases(limit: Limit = 100, before: Before = None) -> Answer:
        """Return the newest cases, newest first, and how many there are in each state.

        `next` is the id to give as `before` for the cases before these.
        """
        found = view.cases(limit, before)
        counts = view.case_counts()
        return Answer({"cases": found, "next": next_of(found, limit, "id"), "counts": counts})

    @routes.get("/{case_id}")
    async def read_case(case_id: str) -> Answer:
        """Return one case."""
        return Answer(_found(view.case(case_id), "case", case_id))

    @routes.get("/{case_id}/thread")
    async def read_thread(case_id: str) -> Answer:
        """Return the hash-chained log from evidence to proof."""
        return Answer({"thread": _found(view.thread(case_id), "case", case_id)})

    @routes.get("/{case_id}/thread/check")
    def check_thread(case_id: str) -> Answer:
        """Return whether every hash of the thread and of its files holds, computed now."""
        problems = _found(view.thread_problems(case_id), "case", case_id)
        return Answer({"ok": not problems, "problems": problems})

    @routes.get("/{case_id}/part.stl")
    async def read_stl(case_id: str) -> Response:
        """Return the mesh that ships."""
        stl = _found(view.stl(case_id), "part of case", case_id)
        return Response(stl, media_type="model/stl")

    @routes.get("/{case_id}/tag.stl")
    async def read_tag(case_id: str) -> Response:
        """Return the tag with the code of the part's page, for a part without room for its id."""
        return Response(_found(view.tag(case_id), "tag of case", case_id), media_type="model/stl")

    @routes.get("/{case_id}/preview")
    async def read_preview(case_id: str) -> Answer:
        """Return the printed layers as polylines in mm."""
        return Answer(_found(view.preview(case_id), "sliced part of case", case_id))

    return routes


def _found(thing: Any, what: str, case_id: str) -> Any:
    if thing is None:
        raise HTTPException(404, f"there is no {what} '{case_id:.64}'")
    return thing
