"""How a machine is kept: its sensors, its file, and what the loop saves."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request
from pydantic import StringConstraints

from dashboard.api.answers import Answer
from dashboard.api.roles import signed
from dashboard.view import View
from fieldlab.core.strict import Strict


class MachineText(Strict):
    """A machine file as somebody wrote it."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=200_000)]
    by: Annotated[str, StringConstraints(min_length=1, max_length=80)] = "operator"


def _known(found: Any, machine_id: str) -> Any:
    if found is None:
        raise HTTPException(404, f"there is no machine '{machine_id:.64}'")
    return found


def care_routes(view: View) -> APIRouter:
    """Return the questions about the care of a machine."""
    routes = APIRouter(prefix="/api/machines", tags=["machines"])

    @routes.get("/{machine_id}/sensors")
    async def read_sensors(machine_id: str) -> Answer:
        """Return how old and how good the data of each sensor is."""
        return Answer({"sensors": _known(view.sensors(machine_id), machine_id)})

    @routes.post("/check")
    def check_file(file: MachineText) -> Answer:
        """Return what is wrong with a machine file, a line each; nothing is kept.

        For a machine that is known, `changed` says what saving it would ask for.
        """
        found = view.check_machine(file.text)
        return Answer({"ok": not found["problems"], **found})

    @routes.get("/{machine_id}/file")
    def read_file(machine_id: str) -> Answer:
        """Return the machine file as people wrote it, its versions, and what a node offers."""
        return Answer(_known(view.machine_file(machine_id), machine_id))

    @routes.get("/{machine_id}/file/{version}")
    def read_version(machine_id: str, version: Annotated[int, Path(ge=1, le=99_999)]) -> Answer:
        """Return an earlier version of the machine file as it was written."""
        text = view.machine_file_version(machine_id, version)
        if text is None:
            raise HTTPException(404, f"machine '{machine_id:.64}' has no file {version}")
        return Answer({"version": version, "text": text})

    @routes.post("/{machine_id}/file")
    def save_file(request: Request, machine_id: str, file: MachineText) -> Answer:
        """Save the machine file beside its earlier versions, and take it up.

        A wrong file is refused (422): a line for each key, with what was found and what would
        work. `changed` holds the keys that differ, by what they ask for: `now` nothing,
        `next_learning` the next learning, `relearn` one that begins now, `edge` that the node
        beside the machine gets this file too.
        """
        _known(view.machine(machine_id), machine_id)
        by = signed(request, file.by)
        return Answer({"ok": True, **view.save_machine(machine_id, file.text, by)})

    @routes.get("/{machine_id}/savings")
    def read_savings(machine_id: str) -> Answer:
        """Return standstill and money beside the ghost twin: the same faults, without the loop.

        `basis` is `simulated` (the same seed, beside a simulated machine) or `estimated`.
        """
        _known(view.machine(machine_id), machine_id)
        return Answer(view.savings(machine_id))

    return routes
