"""A backtest of one's own file: upload, ask where it stands."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from dashboard.api.answers import Answer
from dashboard.view import View
from fieldlab.core.plan import Plan
from fieldlab.core.strict import dotted, explain

MOST_BYTES = 32_000_000
HEAD_BYTES = 1_000_000
FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
TABLE = {"requestBody": {"required": True, "content": {"text/csv": FILE}}}
EITHER = {"requestBody": {"required": True, "content": {"text/csv": FILE, "application/zip": FILE}}}


def backtest_routes(view: View) -> APIRouter:
    """Return what a student may do with a file."""
    routes = APIRouter(prefix="/api/backtest", tags=["students"])

    @routes.post("/columns", openapi_extra=TABLE)
    async def look(request: Request) -> Answer:
        """Return what the columns of a table look like; its first lines are enough."""
        data = await _body(request, HEAD_BYTES)
        return Answer(await run_in_threadpool(view.look_at_table, data))

    @routes.post("", openapi_extra=EITHER)
    async def begin(
        request: Request, plan: Annotated[str, Query(min_length=2, max_length=50_000)]
    ) -> Answer:
        """Judge a table or a recording by the plan (JSON: healthy_until_s, time, columns …).

        One is judged at a time; `place` says how many go first. Ask for the answer by its id.
        """
        wish = _plan(plan)
        data = await _body(request, MOST_BYTES)
        is_zip = request.headers.get("content-type", "").startswith("application/zip")
        kind: Literal["csv", "zip"] = "zip" if is_zip else "csv"
        return Answer(await run_in_threadpool(view.begin_backtest, kind, data, wish))

    @routes.get("/{run_id}")
    async def read(run_id: str) -> Answer:
        """Return where a backtest stands: waiting, running, done with its result, or failed."""
        found = view.backtest(run_id)
        if found is None:
            raise HTTPException(404, f"there is no backtest '{run_id:.64}'; it may be forgotten")
        return Answer(found)

    return routes


def _plan(text: str) -> Plan:
    try:
        return Plan.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        what = explain(first, tuple(Plan.model_fields))
        raise HTTPException(422, f"plan: {dotted(first['loc'])} {what}"[:400]) from error


async def _body(request: Request, most: int) -> bytes:
    """Return the body; raises 413 as soon as it is known to be too large, 422 if it is empty."""
    too_large = HTTPException(413, f"at most {most / 1e6:g} MB; send a shorter stretch")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > most:
        raise too_large
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > most:
            raise too_large
    if not data:
        raise HTTPException(422, "the file is empty")
    return bytes(data)
