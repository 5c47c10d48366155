"""The part catalogue, and a part drawn with sizes of one's own."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import StringConstraints

from dashboard.api.answers import Answer
from dashboard.view import View
from fieldlab.core.strict import Strict

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,60}$")]


class Drawing(Strict):
    """The sizes to draw with; what is not given is the family's default."""

    sizes: dict[Key, float | int | str]


def family_routes(view: View) -> APIRouter:
    """Return the catalogue and its live preview."""
    routes = APIRouter(prefix="/api/families", tags=["parts"])

    @routes.get("")
    def list_families() -> Answer:
        """Return all families with their sizes, units, defaults and bounds."""
        return Answer({"families": view.families()})

    @routes.post("/{family}/draw")
    def draw(family: Key, drawing: Drawing) -> Response:
        """Return the mesh (STL) of a part with these sizes; 422 says what would work."""
        return Response(view.draw(family, drawing.sizes), media_type="model/stl")

    return routes
