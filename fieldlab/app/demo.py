"""The demo: a broker, a simulated machine and a hub as children of one command."""

import asyncio
import contextlib
import json
import os
import socket
import sys
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import httpx

from broker.managed import broker_command, wait_until_up
from fieldlab.app.casebook import GCODE, STL
from fieldlab.app.showing import seconds_of
from fieldlab.app.signals import stop_on_signals
from fieldlab.app.store import Store
from fieldlab.app.supervise import LEASH, Child, Supervisor, leashed
from fieldlab.app.thread import FILE as THREAD
from fieldlab.app.thread import case_folder
from fieldlab.core.clock import SystemClock
from fieldlab.core.errors import BusError, FieldlabError
from fieldlab.core.settings import Settings

HOST = "127.0.0.1"
LOOK_S = 0.25
BROKER_PATIENCE_S = 20.0


@dataclass(frozen=True, kw_only=True)
class DemoOptions:
    """What the command line asked for."""

    home: Path
    seed: int
    port: int
    headless: bool
    cases: int
    approve: str
    patience_s: float


class Demo:
    """Starts the roles, follows the cases, and stops all at the end."""

    def __init__(self, settings: Settings, options: DemoOptions) -> None:
        self._settings = settings
        self._options = options
        self._clock = SystemClock()
        self._supervisor = Supervisor(self._clock)
        self._told: dict[str, str] = {}

    async def run(self) -> list[dict[str, Any]]:
        """Run until enough cases are proven (headless) or stopped; return the proven."""
        stop = asyncio.Event()
        stop_on_signals(stop)
        store = Store(self._options.home)
        try:
            await self._start()
            if not self._options.headless:
                await self._open_page(stop)
            await self._follow(store, stop)
            return self._proven(store)
        finally:
            await self._supervisor.stop()
            store.close()

    async def _start(self) -> None:
        home, options, demo = self._options.home, self._options, self._settings.demo
        port = free_port()
        command = broker_command(home / "broker", port)
        await self._child("broker", leashed(command.argv))
        with_page = [] if options.headless else ["--port", str(options.port)]
        headless = ["--no-page"] if options.headless else []
        auto_s = 0.0 if options.headless else demo.approve_after_s
        approve = ["--approve-after", str(auto_s)] if options.approve == "auto" else []
        print_s = demo.headless_print_s if options.headless else demo.print_s
        speed = demo.headless_speed if options.headless else demo.speed
        address = f"{HOST}:{port}"
        await wait_until_up(HOST, port, self._clock, BROKER_PATIENCE_S)
        await self._role("hub", "--broker", address, "--print-s", str(print_s),
                         *with_page, *headless, *approve)  # fmt: skip
        await self._role("simulate", str(demo_machine()), "--broker", address, "--seed",
                         str(options.seed), "--speed", str(speed), "--scenario",
                         "--site", self._settings.site)  # fmt: skip

    async def _role(self, name: str, *words: str) -> None:
        home = str(self._options.home)
        await self._child(
            name, (sys.executable, "-m", "fieldlab", name, *words, "--home", home, LEASH)
        )

    async def _child(self, name: str, argv: Sequence[str]) -> None:
        log = self._options.home / "logs" / f"{name}.log"
        await self._supervisor.start(Child(name=name, argv=argv, log=log))

    async def _open_page(self, stop: asyncio.Event) -> None:
        address = f"http://{HOST}:{self._options.port}/"
        async with httpx.AsyncClient() as client:
            until_s = self._clock.monotonic_s() + 60
            while not stop.is_set():
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get(f"{address}api/healthz")).is_success:
                        break
                if self._clock.monotonic_s() > until_s:
                    log = self._options.home / "logs" / "hub.log"
                    raise BusError(f"the page does not answer at {address}; see {log}")
                await self._clock.sleep(0.1)
        print(f"fieldlab runs: {address}  (stop with Ctrl-C)", flush=True)  # noqa: T201
        if os.name == "nt" or sys.platform == "darwin" or _has_display():
            with contextlib.suppress(webbrowser.Error):
                webbrowser.open(address)

    async def _follow(self, store: Store, stop: asyncio.Event) -> None:
        """Tell of every step, until enough cases are proven or there is no more patience."""
        until_s = self._clock.monotonic_s() + self._options.patience_s
        while not stop.is_set():
            cases = await asyncio.to_thread(store.cases)
            for case in cases:
                self._tell(case)
            if self._options.headless:
                if sum(case["state"] == "proven" for case in cases) >= self._options.cases:
                    return
                if self._clock.monotonic_s() > until_s:
                    return
            await self._clock.sleep(LOOK_S)

    def _tell(self, case: dict[str, Any]) -> None:
        if self._told.get(case["id"]) != case["state"]:
            self._told[case["id"]] = case["state"]
            what = f"{case['component'] or 'unknown'} {case['failure_mode'] or ''}".strip()
            print(f"{case['id']}: {what}: {case['state']}", file=sys.stderr, flush=True)  # noqa: T201

    def _proven(self, store: Store) -> list[dict[str, Any]]:
        proven = [case for case in store.cases() if case["state"] == "proven"]
        home = self._options.home.resolve()
        return [described(home, case) for case in proven]


def described(home: Path, case: dict[str, Any]) -> dict[str, Any]:
    """Return a case for the demo's JSON, with absolute paths of what exists."""
    folder = case_folder(home, case["id"])
    files = {"stl": folder / STL, "gcode": folder / GCODE, "thread": folder / THREAD}
    return {
        **{key: case[key] for key in ("id", "component", "failure_mode")},
        **{key: str(path) if path.is_file() else None for key, path in files.items()},
        "seconds": seconds_of(case["at_s"]),
    }


def demo_machine() -> Path:
    """Return the machine file of the demo."""
    return Path(str(resources.files("machines") / "cookie-line.yaml"))


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _has_display() -> bool:
    return bool(os.getenv("DISPLAY") or os.getenv("WAYLAND_DISPLAY"))


def as_json(cases: list[dict[str, Any]]) -> str:
    """Return the proven cases as one line."""
    return json.dumps({"cases": cases}, ensure_ascii=False)


def check_proven(cases: list[dict[str, Any]], wanted: int) -> None:
    """Raise FieldlabError if fewer cases were proven than were asked for."""
    if len(cases) < wanted:
        error = FieldlabError(f"only {len(cases)} of {wanted} cases were proven in time")
        error.exit_code = 1
        raise error
