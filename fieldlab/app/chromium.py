"""Drives a real Chromium over its DevTools protocol; nothing but `websockets` is needed."""

import base64
import contextlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from websockets.sync.client import ClientConnection, connect

from fieldlab.core.clock import SystemClock

CLOCK = SystemClock()  # the browser is another process, on the real clock

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--hide-scrollbars",
    "--disable-dev-shm-usage", "--remote-debugging-port=0",
)  # fmt: skip


def find_chromium() -> str | None:
    """Return the browser's path, None if there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Page:
    """One tab; use it as a context manager."""

    def __init__(self, *, width: int = 1920, height: int = 1080) -> None:
        self._size = (width, height)
        self._home = Path(tempfile.mkdtemp(prefix="chromium-"))
        self._count = 0
        self.errors: list[str] = []  # what the page's console said in red
        self.requests: list[str] = []  # every address that the page asked for

    def __enter__(self) -> Self:
        program = find_chromium() or "chromium"
        self._process = subprocess.Popen(  # noqa: S603 - the browser that is installed
            [program, *FLAGS, f"--user-data-dir={self._home}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        port = self._port()
        tabs = httpx.get(f"http://127.0.0.1:{port}/json/list", trust_env=False).json()
        address = next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
        self._socket: ClientConnection = connect(
            address, max_size=None, proxy=None, ping_interval=None
        )
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.resize(*self._size)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(10)
        shutil.rmtree(self._home, ignore_errors=True)

    def _port(self, timeout_s: float = 30) -> int:
        file, until_s = self._home / "DevToolsActivePort", CLOCK.monotonic_s() + timeout_s
        while CLOCK.monotonic_s() < until_s:
            if file.is_file() and (lines := file.read_text().splitlines()):
                return int(lines[0])
            self._pause()
        raise TimeoutError("chromium did not open its DevTools port")

    @staticmethod
    def _pause(duration_s: float = 0.1) -> None:
        CLOCK.wait(duration_s)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send one command and return its result; notes errors that pass by."""
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(timeout=60))
            if message.get("id") == self._count:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                found: dict[str, Any] = message["result"]
                return found
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
            case "Runtime.exceptionThrown":
                details = message["params"]["exceptionDetails"]
                self.errors.append(details.get("exception", {}).get("description", str(details)))
            case "Log.entryAdded" if message["params"]["entry"]["level"] == "error":
                entry = message["params"]["entry"]
                self.errors.append(f"{entry['text']} {entry.get('url', '')}")

    def open(self, address: str) -> None:
        """Go to an address and wait until it is there."""
        self.call("Page.navigate", url=address)
        self.until(
            f"location.href.startsWith({json.dumps(address)}) && document.readyState === 'complete'"
        )

    def ask(self, script: str) -> Any:
        """Return what an expression gives in the page."""
        result = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"]["description"])
        return result["result"].get("value")

    def until(self, script: str, *, timeout_s: float = 30) -> Any:
        """Return an expression's value once it is true.

        Raises
        ------
        TimeoutError
            If it does not become true; the message holds what the page shows.
        """
        until_s = CLOCK.monotonic_s() + timeout_s
        while CLOCK.monotonic_s() < until_s:
            with contextlib.suppress(RuntimeError):  # the page may be between two documents
                if found := self.ask(script):
                    return found
            self._pause()
        text = self.ask("document.body.innerText")
        raise TimeoutError(f"never true: {script}\n{text}\n{self.errors}")

    def text(self) -> str:
        """Return all that the page shows as text."""
        return str(self.ask("document.body.innerText"))

    def click(self, label: str) -> None:
        """Press the button with this text, once it can be pressed."""
        name = json.dumps(label)
        said = r"b.textContent.replace(/\s+/g, ' ').trim()"
        found = f"[...document.querySelectorAll('button')].find(b => {said} === {name})"
        self.until(f"!!({found}) && !({found}).disabled")
        self.ask(f"({found}).click()")

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press a key of the keyboard, as a person does."""
        for kind in ("keyDown", "keyUp"):
            typed = text if kind == "keyDown" else ""
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, text=typed,
                      windowsVirtualKeyCode=code)  # fmt: skip

    def drag(self, begin: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag with the mouse from one place to another, in pixels of the window."""
        places = (("mouseMoved", begin), ("mousePressed", begin), ("mouseMoved", end),
                  ("mouseReleased", end))  # fmt: skip
        for kind, (x, y) in places:
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1,
                      clickCount=1)  # fmt: skip

    def choose(self, selector: str, file: Path) -> None:
        """Let a person choose a file for an input."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=node, files=[str(file)])

    def fill(self, selector: str, text: str) -> None:
        """Type over what stands in a field, or choose in a list."""
        self.ask(
            f"(() => {{ const field = document.querySelector({json.dumps(selector)});"
            f" field.value = {json.dumps(text)};"
            " for (const kind of ['input', 'change'])"
            " field.dispatchEvent(new Event(kind, {bubbles: true})) })()"
        )

    def prefer(self, **features: str) -> None:
        """Let the visitor prefer something: `prefers_reduced_motion="reduce"`."""
        told = [
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()
        ]
        self.call("Emulation.setEmulatedMedia", features=told)

    def resize(self, width: int, height: int) -> None:
        """Give the tab another size; below 700 pixels it is a phone."""
        self._size = (width, height)
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 700)  # fmt: skip

    def screenshot(self, path: Path, *, scale: float = 1.0) -> None:
        """Write what the page looks like as PNG, or as WebP where the path ends so."""
        width, height = self._size
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": scale}
        kind = {"format": "webp", "quality": 82} if path.suffix == ".webp" else {"format": "png"}
        taken = self.call("Page.captureScreenshot", clip=clip, **kind)
        path.write_bytes(base64.b64decode(taken["data"]))


def follow_to_proven(page: Page, base_url: str, *, timeout_s: float = 180) -> list[str]:
    """Watch the wall until one case is proven; return the stations in the order they were lit."""
    page.open(f"{base_url}/?lang=en")
    page.ask(
        "globalThis.lit = []; setInterval(() => { for (const one of document.querySelectorAll("
        "'li[aria-current=step] b')) if (lit.at(-1) !== one.innerText) lit.push(one.innerText) },"
        " 50); true"
    )
    page.until(
        "[...document.querySelectorAll('ol li.done b')].some(b => b.innerText === 'proven')",
        timeout_s=timeout_s,
    )
    found: list[str] = page.ask("globalThis.lit")
    return found
