"""What protects the page: headers, and who may say a word that moves a machine."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Header, HTTPException, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
HEADERS = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class SafeHeaders:
    """Adds the security headers to every answer, the live stream included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the headers."""

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, send_safely)


def host_of(request: Request) -> str:
    """Return the name, without port, by which the browser reached us."""
    return urlsplit(f"//{request.headers.get('host', '')}").hostname or ""


def from_own_page(
    request: Request,
    origin: Annotated[str | None, Header()] = None,
    sec_fetch_site: Annotated[str | None, Header()] = None,
) -> None:
    """Refuse a write that another site's page caused (CSRF, DNS rebinding).

    A browser always sends Origin with a POST; a script without one has no log-in to abuse.
    """
    if host_of(request) not in LOOPBACK:
        raise HTTPException(403, "without an account, only this computer's own page may act")
    from_this_site(request, origin, sec_fetch_site)


def from_this_site(request: Request, origin: str | None, sec_fetch_site: str | None) -> None:
    """Refuse what another site's page caused, whatever the name of this host."""
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403, f"origin '{origin:.80}' is not this page")
    if sec_fetch_site not in (None, "same-origin", "none"):
        raise HTTPException(403, "the request came from another site")
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise HTTPException(415, "send application/json")
