"""Whether the hub answers."""

from fastapi import APIRouter

from dashboard.api.answers import Answer
from dashboard.view import View


def status_routes(view: View, build: str) -> APIRouter:
    """Return the health check."""
    routes = APIRouter(prefix="/api", tags=["status"])

    @routes.get("/healthz")
    async def healthz() -> Answer:
        """Return 200 when the hub answers."""
        return Answer({"status": "ok", "machines": len(view.machines()), "build": build})

    return routes
