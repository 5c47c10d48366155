"""Whether the hub answers, and what this page may do."""

from fastapi import APIRouter, Request

from dashboard.api.answers import Answer
from dashboard.api.guard import LOOPBACK, host_of
from dashboard.view import View


def status_routes(view: View, build: str) -> APIRouter:
    """Return the health check and the page's session."""
    routes = APIRouter(prefix="/api", tags=["status"])

    @routes.get("/healthz")
    async def healthz() -> Answer:
        """Return 200 when the hub answers."""
        return Answer({"status": "ok", "machines": len(view.machines()), "build": build})

    @routes.get("/session")
    async def session(request: Request) -> Answer:
        """Return what this page may do, and whether phones can reach it by this name."""
        loopback = host_of(request) in LOOPBACK
        return Answer({"can_act": view.can_act(), "loopback": loopback, "build": build})

    return routes
