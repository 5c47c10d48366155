"""Whether the hub answers, and whether it can call a person."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import StringConstraints

from dashboard.api.answers import Answer
from dashboard.view import View
from fieldlab.core.strict import Strict


class CallTest(Strict):
    """Which channel to try; all without one."""

    channel: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None


def status_routes(view: View, build: str) -> APIRouter:
    """Return the health check, and how a person is called."""
    routes = APIRouter(prefix="/api", tags=["status"])

    @routes.get("/healthz")
    async def healthz() -> Answer:
        """Return 200 when the hub answers."""
        return Answer({"status": "ok", "machines": len(view.machines()), "build": build})

    @routes.get("/notify")
    def read_notify() -> Answer:
        """Return how a person is called who is needed, and the quiet hours."""
        return Answer(view.notifications())

    @routes.post("/notify/test")
    def call_test(word: CallTest) -> Answer:
        """Call a person with a test message; says what each channel answered, 'ok' when well."""
        return Answer({"channels": view.call_test(word.channel)})

    return routes
