"""A PrusaLink server after its published specification (OpenAPI, API v1), with digest log-in.

It prints when told: `progress` is what its printer has done of the job.
"""

import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USER, PASSWORD = "maker", "not-a-secret"
REALM, NONCE = "Printer API", "a-nonce-that-is-only-for-tests"


class PrusaLinkServer:
    """The state of one printer, and its server."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.job: dict[str, Any] | None = None
        self.begun: list[str] = []
        self._server = _Server(self)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def print_file(self, name: str) -> None:
        """Begin to print a file."""
        self.begun.append(name)
        file = {"name": "SHORT~1.GCO", "display_name": name, "path": "/usb"}
        self.job = {"id": len(self.begun), "state": "PRINTING", "progress": 0.0, "file": file}

    def finish(self) -> None:
        """End the print that is under way, well."""
        if self.job is not None and self.job["state"] == "PRINTING":
            self.job |= {"state": "FINISHED", "progress": 100.0}

    def lose_power(self) -> None:
        """Forget the print, as a printer without power does; the stick keeps its files."""
        self.job = None

    @property
    def state(self) -> str:
        """What the printer's own state is."""
        return "IDLE" if self.job is None else str(self.job["state"])


class _Server(ThreadingHTTPServer):
    def __init__(self, printer: PrusaLinkServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.printer = printer


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        if not self._may():
            return
        if self.path == "/api/v1/status":
            heat = {"temp_nozzle": 214.9, "temp_bed": 59.5}
            self._say(200, {"printer": {"state": self.server.printer.state, **heat}})
        elif self.path == "/api/v1/job":
            self._say(204 if self.server.printer.job is None else 200, self.server.printer.job)
        else:
            self._say(404)

    def do_HEAD(self) -> None:
        if self._may():
            self._say(200 if self._file() in self.server.printer.files else 404)

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self._may():
            return
        name = self._file()
        if name in self.server.printer.files and self.headers.get("Overwrite", "?0") != "?1":
            self._say(409, {"title": "File already exists"})
            return
        wants_print = self.headers.get("Print-After-Upload") == "?1"
        if wants_print and self.server.printer.state not in ("IDLE", "FINISHED", "STOPPED"):
            self._say(409, {"title": "Printer is printing"})
            return
        self.server.printer.files[name] = body
        if wants_print:
            self.server.printer.print_file(name)
        self._say(201)

    def do_DELETE(self) -> None:
        if not self._may():
            return
        if (
            self.server.printer.job is None
            or self.path != f"/api/v1/job/{self.server.printer.job['id']}"
        ):
            self._say(404)
            return
        self.server.printer.job["state"] = "STOPPED"
        self._say(204)

    def _file(self) -> str:
        found = re.fullmatch(r"/api/v1/files/usb/(.+)", self.path)
        return "" if found is None else found[1]

    def _say(self, status: int, body: Any = None) -> None:
        content = b"" if body is None or status == 204 else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _may(self) -> bool:
        """Check the digest of RFC 7616 (MD5, qop auth); answer 401 without it."""
        told = dict(re.findall(r'(\w+)="?([^",]+)"?', self.headers.get("Authorization", "")))
        ours = _md5(f"{USER}:{REALM}:{PASSWORD}")
        what = _md5(f"{self.command}:{self.path}")
        parts = (ours, NONCE, told.get("nc", ""), told.get("cnonce", ""), "auth", what)
        if told.get("response") == _md5(":".join(parts)):
            return True
        self.send_response(401)
        challenge = f'Digest realm="{REALM}", nonce="{NONCE}", qop="auth", algorithm=MD5'
        self.send_header("WWW-Authenticate", challenge)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
