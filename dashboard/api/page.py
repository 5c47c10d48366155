"""The page itself: hashed files for ever, the rest asked again each time."""

from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, Response

PAGES = (
    "/", "/m", "/p/{case_id}", "/work", "/cases", "/cases/{case_id}", "/machines/{machine_id}",
    "/machines/{machine_id}/sensors/{sensor}", "/backtest",
    "/parts", "/printers", "/history", "/connect", "/settings",
)  # fmt: skip
FOREVER = "public, max-age=31536000, immutable"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
NOT_BUILT = "the page is not built; run 'pip install -e .' in the checkout"


def build_of(static: Path) -> str:
    """Return the stamp of the built page, '' if it is not built."""
    stamp = static / "build.txt"
    return stamp.read_text().strip()[:16] if stamp.is_file() else ""


def page_routes(static: Path) -> APIRouter:
    """Return the page under each of its addresses, and its files."""
    routes = APIRouter(include_in_schema=False)
    files = {
        path.relative_to(static).as_posix(): path
        for path in static.rglob("*")
        if path.suffix in TYPES
    }

    def index(request: Request) -> Response:
        return _send(files.get("index.html"), request, cache="no-cache")

    for address in PAGES:
        routes.add_api_route(address, index, methods=["GET"])

    @routes.get("/{name:path}")
    def file(name: str, request: Request) -> Response:
        """Return one file of the page; only those that were there at the start."""
        if name not in files:
            raise HTTPException(404, f"there is no '/{name:.80}'")
        forever = name.startswith("assets/")
        return _send(files[name], request, cache=FOREVER if forever else "no-cache")

    return routes


def _send(path: Path | None, request: Request, *, cache: str) -> Response:
    if path is None:
        raise HTTPException(503, NOT_BUILT)
    headers = {"cache-control": cache, "vary": "accept-encoding"}
    packed = path.with_name(path.name + ".gz")
    if packed.is_file() and "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return FileResponse(packed, media_type=TYPES[path.suffix], headers=headers)
    return FileResponse(path, media_type=TYPES[path.suffix], headers=headers)
