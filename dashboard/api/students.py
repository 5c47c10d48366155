"""What students ask: what arrives, where the broker is, one sensor live, a recording of now."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from dashboard.api.answers import Answer
from dashboard.api.care import MachineText
from dashboard.api.roles import signed
from dashboard.view import View

ZIP = "application/zip"


def student_routes(view: View) -> APIRouter:
    """Return the questions about a sensor of one's own."""
    routes = APIRouter(prefix="/api", tags=["students"])

    @routes.get("/arriving")
    async def read_arriving() -> Answer:
        """Return what arrives on the bus, newest first, also of machines that nobody knows."""
        return Answer({"arriving": view.arriving()})

    @routes.get("/broker")
    async def read_broker() -> Answer:
        """Return where devices reach the bus, and the site that stands in every topic."""
        return Answer(view.broker())

    @routes.post("/machines")
    def introduce(request: Request, file: MachineText) -> Answer:
        """Take up a new machine from its file; its devices may then publish at once."""
        return Answer({"ok": True, "id": view.introduce(file.text, signed(request, file.by))})

    @routes.get("/machines/{machine_id}/sensors/{sensor}")
    def read_sensor(
        machine_id: str,
        sensor: str,
        top_hz: Annotated[float | None, Query(gt=0, le=1e6, allow_inf_nan=False)] = None,
    ) -> Answer:
        """Return one sensor live: waveform, spectra, the machine's lines, features and normal."""
        found = view.sensor(machine_id, sensor, top_hz)
        if found is None:
            raise HTTPException(404, f"machine '{machine_id:.64}' has no sensor '{sensor:.64}'")
        return Answer(found)

    @routes.get("/machines/{machine_id}/recording")
    def record(
        machine_id: str, seconds: Annotated[float, Query(gt=0, le=120, allow_inf_nan=False)] = 10
    ) -> Response:
        """Return a recording (zip) of what passes in the next seconds; answers when they are over.

        It has the layout that `fieldlab replay`, `backtest` and `diagnose` read.
        """
        found = view.record(machine_id, seconds)
        if found is None:
            raise HTTPException(404, f"there is no machine '{machine_id:.64}'")
        headers = {"content-disposition": f'attachment; filename="{machine_id}.zip"'}
        return Response(found, media_type=ZIP, headers=headers)

    return routes
