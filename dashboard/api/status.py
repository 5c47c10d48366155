"""Whether the hub answers, and whether it can call a person."""

from fastapi import APIRouter

from dashboard.api.answers import Answer
from dashboard.view import View


def status_routes(view: View, build: str) -> APIRouter:
    """Return the health check, and the test of the channels."""
    routes = APIRouter(prefix="/api", tags=["status"])

    @routes.get("/healthz")
    async def healthz() -> Answer:
        """Return 200 when the hub answers."""
        return Answer({"status": "ok", "machines": len(view.machines()), "build": build})

    @routes.post("/notify/test")
    def call_test() -> Answer:
        """Call a person with a test message; says what each channel answered."""
        return Answer({"channels": view.call_test()})

    return routes
