"""How an answer is written: JSON without NaN, and problems as RFC 9457 asks."""

import json
import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from fieldlab.core.errors import FieldlabError, InputError, RefusedError
from fieldlab.core.strict import dotted


def to_json(data: Any) -> bytes:
    """Return compact JSON; NaN and infinity, which JSON does not know, become null.

    >>> to_json({"a": float("nan"), "b": (1, 2)})
    b'{"a":null,"b":[1,2]}'
    """
    try:
        return _dump(data)
    except ValueError:
        return _dump(_without_nan(data))


def _dump(data: Any) -> bytes:
    text = json.dumps(
        data, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain
    )
    return text.encode()


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):  # numpy arrays and scalars
        return _without_nan(value.tolist())
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def _without_nan(data: Any) -> Any:
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if isinstance(data, Mapping):
        return {key: _without_nan(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_without_nan(value) for value in data]
    return data


class Answer(Response):
    """Plain data as JSON; never kept by a cache."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Return the bytes of the body."""
        return to_json(content)


def next_of(page: Sequence[Mapping[str, Any]], limit: int, key: str) -> Any:
    """Return where the next page begins: the last entry's key, None when all was told.

    >>> next_of([{"id": "b"}, {"id": "a"}], 2, "id"), next_of([{"id": "a"}], 2, "id")
    ('a', None)
    """
    return page[-1][key] if len(page) == limit else None


PROBLEM = "application/problem+json"


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem (RFC 9457): what is wrong, and what would work."""
    body = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return Response(to_json(body), status_code=status, media_type=PROBLEM, headers=headers)


def answer_problems(app: FastAPI) -> None:
    """Make every error of `app` a problem."""

    @app.exception_handler(HTTPException)
    async def _known(_: Request, error: HTTPException) -> Response:
        return problem(error.status_code, str(error.detail), error.headers)

    @app.exception_handler(RequestValidationError)
    async def _wrong_question(_: Request, error: RequestValidationError) -> Response:
        lines = (f"{dotted(one['loc'][1:]) or one['loc'][0]}: {one['msg']}"
                 for one in error.errors())  # fmt: skip
        return problem(422, "; ".join(lines)[:1000])

    @app.exception_handler(RefusedError)
    async def _refused(_: Request, error: RefusedError) -> Response:
        return problem(409, str(error))

    @app.exception_handler(InputError)
    async def _wrong_input(_: Request, error: InputError) -> Response:
        return problem(422, str(error))

    @app.exception_handler(FieldlabError)
    async def _ours(_: Request, error: FieldlabError) -> Response:
        return problem(503, str(error))

    @app.exception_handler(Exception)
    async def _unforeseen(_: Request, _error: Exception) -> Response:
        return problem(500, "the hub could not answer; its log says why")
