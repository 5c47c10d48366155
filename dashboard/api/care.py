"""How a machine is kept: its sensors, its file, and what the loop saves."""

from typing import Annotated

from fastapi import APIRouter, HTTPException
from pydantic import StringConstraints

from dashboard.api.answers import Answer
from dashboard.view import View
from fieldlab.core.strict import Strict


class MachineText(Strict):
    """A machine file as somebody wrote it."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=200_000)]


def care_routes(view: View) -> APIRouter:
    """Return the questions about the care of a machine."""
    routes = APIRouter(prefix="/api/machines", tags=["machines"])

    @routes.get("/{machine_id}/sensors")
    async def read_sensors(machine_id: str) -> Answer:
        """Return how old and how good the data of each sensor is."""
        found = view.sensors(machine_id)
        if found is None:
            raise HTTPException(404, f"there is no machine '{machine_id:.64}'")
        return Answer({"sensors": found})

    @routes.post("/check")
    def check_file(file: MachineText) -> Answer:
        """Return what is wrong with a machine file, a line each; nothing is kept."""
        problems = view.check_machine(file.text)
        return Answer({"ok": not problems, "problems": problems})

    @routes.get("/{machine_id}/savings")
    async def read_savings(machine_id: str) -> Answer:
        """Return standstill and money beside the ghost twin: the same faults, without the loop."""
        if view.machine(machine_id) is None:
            raise HTTPException(404, f"there is no machine '{machine_id:.64}'")
        return Answer(view.savings(machine_id))

    return routes
