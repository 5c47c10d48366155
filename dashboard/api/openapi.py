"""The API as OpenAPI: what each route does, who may, with examples, and its problems."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from dashboard.api.answers import PROBLEM
from dashboard.api.examples import EXAMPLES
from dashboard.api.roles import LEAST, SESSION, UPLOADS

VERSION = "1"
DESCRIPTION = """All that the page does, it does by this API; a script can do the same.

Reading most things needs no log-in. To act, log in (`POST /api/session`) or send an API token:
`Authorization: Bearer TOKEN`. Times that end in `_s` are seconds since 1970, lengths in `_mm`,
ratios in `_ratio` where 1.0 is the learnt limit. Lists that grow tell `next`: give it as `before`.
An error is a problem (RFC 9457): `title`, `status`, `detail`. An id never changes its meaning.
"""
TAGS = {
    "machines": "What is watched: its file, sensors, health and savings.",
    "history": "The past: health and features, availability, false cases.",
    "students": "A sensor of one's own: what arrives, live features, recordings, backtests.",
    "cases": "One story each, from the first alarm to the proof, with its hash chain.",
    "control": "What a person says about a case.",
    "teaching": "What a person teaches the system.",
    "live": "The signal now, and the stream of events.",
    "print room": "Printers, spools, beds and jobs.",
    "parts": "The families of parts, drawn with sizes of one's own.",
    "visitors": "The blind duel.",
    "session": "Who this is.",
    "people": "Accounts and API tokens.",
    "status": "Whether the hub answers, and how it calls a person.",
}
MEDIA = {
    "GET /api/machines/{machine_id}/recording": "application/zip",
    "GET /api/stream": "text/event-stream",
    "GET /api/cases/{case_id}/part.stl": "model/stl",
    "GET /api/cases/{case_id}/tag.stl": "model/stl",
    "POST /api/families/{family}/draw": "model/stl",
}
WHY: dict[int, str] = {
    401: "Log in first, or this token or session is over.",
    403: "Your role may not, or the request came from another site.",
    404: "There is no such thing; the detail names it.",
    409: "Not in this state; the detail says why.",
    413: "It is too large; the detail says how large it may be.",
    415: "Send the type that the detail names, mostly application/json.",
    422: "A field or a file is wrong; the detail says which, and what would work.",
    429: "Too many tries; the detail says how long to wait.",
    503: "The hub cannot do this now.",
}


def document(app: FastAPI) -> None:
    """Let `app` tell its OpenAPI with all of the above."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _schema(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def operation_id(route: APIRoute) -> str:
    """Return a name for generated clients that does not change with the address."""
    return route.name


def _schema(app: FastAPI) -> dict[str, Any]:
    tags = [{"name": name, "description": text} for name, text in TAGS.items()]
    found = get_openapi(
        title=app.title, version=VERSION, description=DESCRIPTION, routes=app.routes, tags=tags
    )
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = {
        "type": "object", "required": ["title", "status", "detail"],
        "properties": {"title": {"type": "string"}, "status": {"type": "integer"},
                       "detail": {"type": "string", "description": "what is wrong, what to do"}},
    }  # fmt: skip
    found["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": SESSION},
    }
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            _describe(f"{method.upper()} {path}", operation)
    return found


def _describe(route: str, operation: dict[str, Any]) -> None:
    first, _, rest = operation.get("description", "").partition("\n")
    operation["summary"] = first.removesuffix(".")
    least = LEAST[route]
    operation["description"] = f"{first}\n{rest}\n\nLeast role: {least}.".replace("\n\n\n", "\n\n")
    operation["x-least-role"] = least
    operation["security"] = [] if least == "visitor" else [{"token": []}, {"session": []}]
    if route in MEDIA:
        operation["responses"]["200"]["content"] = {MEDIA[route]: {"schema": {"type": "string"}}}
    example = EXAMPLES.get(route, {})
    if "answer" in example:
        content = operation["responses"]["200"].setdefault("content", {})
        content["application/json"] = {"schema": {"type": "object"}, "example": example["answer"]}
    if "request" in example:
        operation["requestBody"]["content"]["application/json"]["example"] = example["request"]
    for status in _problems(route, operation):
        content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        operation["responses"][str(status)] = {"description": WHY[status], "content": content}


def _problems(route: str, operation: dict[str, Any]) -> list[int]:
    """Return the errors that this route can answer with."""
    method, _, path = route.partition(" ")
    asks = "requestBody" in operation or operation.get("parameters")
    found = {
        401: LEAST[route] != "visitor" or route == "POST /api/session",
        403: LEAST[route] != "visitor" or method != "GET",
        404: "{" in path,
        409: method != "GET",
        413: route in UPLOADS,
        415: method == "POST",
        422: bool(asks),
        429: route == "POST /api/session",
        503: True,
    }
    return [status for status, may in found.items() if may]
