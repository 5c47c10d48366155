"""Machines, and how healthy they were."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from dashboard.api.answers import Answer, next_of
from dashboard.view import View


def machine_routes(view: View) -> APIRouter:
    """Return the questions about machines."""
    routes = APIRouter(prefix="/api/machines", tags=["machines"])

    @routes.get("")
    async def list_machines() -> Answer:
        """Return every machine that has told us about itself."""
        return Answer({"machines": view.machines()})

    @routes.get("/{machine_id}")
    async def read_machine(machine_id: str) -> Answer:
        """Return one machine with its file, health and nodes."""
        found = view.machine(machine_id)
        if found is None:
            raise HTTPException(404, f"there is no machine '{machine_id:.64}'")
        return Answer(found)

    @routes.get("/{machine_id}/health")
    async def read_health(
        machine_id: str,
        limit: Annotated[int, Query(ge=1, le=5000)] = 300,
        before: Annotated[float | None, Query(ge=0)] = None,
    ) -> Answer:
        """Return the last judgements of one machine, oldest first.

        `next` is what to give as `before` (event time in seconds) for those before them.
        """
        if view.machine(machine_id) is None:
            raise HTTPException(404, f"there is no machine '{machine_id:.64}'")
        found = view.health_history(machine_id, limit, before)
        return Answer({"health": found, "next": next_of(found[::-1], limit, "t_s")})

    return routes
