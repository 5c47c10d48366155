"""What leaves the house: a visitor's answers name no address, no host and no path of this one."""

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.people import VISITOR

HIDDEN = "…"
OPEN_TO_ALL = frozenset({"/api/openapi.json"})  # written by us alone, and full of paths
_WORD = r"[^\s\"'<>()\\,;]"  # ends where a JSON text, a bracket or a sentence goes on
_INTERNAL = re.compile(
    "|".join(
        (
            rf"\b[a-z][a-z0-9+.-]*://{_WORD}+",  # an address
            rf"(?<![\w.{HIDDEN}/:~-])~?/(?:[\w.+@~-]+/)+[\w.+@~-]*",  # a path of two steps or more
            r"\b[A-Za-z]:(?:\\\\|/)[\w.\\/ -]+",  # a path on Windows, as JSON writes it
            r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b",  # IPv4
            r"\[[0-9a-f]*:[0-9a-f:]*\](?::\d{1,5})?",  # IPv6
            r"\b[\w-]+(?:\.[\w-]+)*\.(?:local|lan|internal|home|localdomain)\b(?::\d{1,5})?",
            r"\blocalhost(?::\d{1,5})?\b",
            r"\b[A-Za-z][\w-]*(?:\.[\w-]+)*:\d{2,5}\b",  # host:port
        )
    )
)


def public(text: str) -> str:
    """Return JSON without internal addresses; it stays JSON.

    >>> public('{"reason":"nothing listens at http://octopi.local:5000 (refused); is it on?"}')
    '{"reason":"nothing listens at … (refused); is it on?"}'
    >>> public('{"unit":"kg/h","why":"2.4 of the limit at 493 Hz","file":"/home/pi/x/key"}')
    '{"unit":"kg/h","why":"2.4 of the limit at 493 Hz","file":"…"}'
    """
    return _INTERNAL.sub(HIDDEN, text)


class PublicAnswers:
    """Takes internal addresses out of every JSON answer to a visitor, errors too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; who asks is known once the doorman has looked (roles.py)."""
        start: Message | None = None
        body = b""

        async def send_public(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_for_a_visitor(scope, message):
                start = message
            elif start is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    told = public(body.decode()).encode()
                    MutableHeaders(scope=start)["content-length"] = str(len(told))
                    await send(start)
                    await send({"type": "http.response.body", "body": told})

        await self._app(scope, receive, send_public)


def _is_for_a_visitor(scope: Scope, start: Message) -> bool:
    person = scope.get("state", {}).get("person", VISITOR)
    kind = MutableHeaders(scope=start).get("content-type", "")
    return person.role == "visitor" and "json" in kind and scope["path"] not in OPEN_TO_ALL
