"""Serves the page and its stream from the hub's own loop."""

import asyncio
import errno
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvicorn

from dashboard.api.live import Broadcast
from dashboard.app import create_app
from fieldlab.app.hub import Hub
from fieldlab.core.clock import Clock, SystemClock
from fieldlab.core.errors import InputError

STATIC = Path(__file__).resolve().parents[2] / "dashboard" / "static"
LIVE_S = 0.2  # of one machine at most so often
LOOK_S = 0.04
DUEL_S = 1.0


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; raises InputError when the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise InputError(
                f"port {port} is in use on {host}; give another with --port"
            ) from error
        raise InputError(
            f"cannot listen on {host}:{port} ({os.strerror(error.errno or 0)})"
        ) from error
    return listener


def page_server(listener: socket.socket) -> Callable[[Hub, asyncio.Event], Awaitable[None]]:
    """Return what serves the page on a socket until the hub stops."""

    async def serve(hub: Hub, stop: asyncio.Event) -> None:
        clock = SystemClock()
        stream = Broadcast(epoch=f"{clock.now_s():.0f}")
        app = create_app(hub.view, stream, static=STATIC, people=hub.people)
        config = uvicorn.Config(app, log_level="warning", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        telling = [
            asyncio.create_task(_tell_live(hub, stream, stop, clock), name="tell live"),
            asyncio.create_task(_tell_cases(hub, stream), name="tell cases"),
            asyncio.create_task(_referee(hub, stream, clock), name="referee the duel"),
        ]
        running = asyncio.create_task(server._serve([listener]), name="serve")  # noqa: SLF001
        await stop.wait()
        stream.close()
        hub.ingest.tapes.close()
        server.should_exit = True
        for task in telling:
            task.cancel()
        await running

    return serve


async def _tell_live(hub: Hub, stream: Broadcast, stop: asyncio.Event, clock: Clock) -> None:
    told: dict[str, tuple[int, float]] = {}  # by machine: how many readings, and when
    while not stop.is_set():
        for machine_id, patient in tuple(hub.ingest.patients.items()):
            now_s, (readings, told_s) = clock.monotonic_s(), told.get(machine_id, (0, -LIVE_S))
            if patient.readings == readings or now_s - told_s < LIVE_S:
                continue
            told[machine_id] = (patient.readings, now_s)
            live = await asyncio.to_thread(hub.view.live, machine_id)
            machine = hub.view.machine(machine_id)
            if live is not None and machine is not None:
                stream.publish("live", live)
                stream.publish("health", {"machine_id": machine_id, **(machine["health"] or {})})
        await clock.sleep(LOOK_S)


async def _tell_cases(hub: Hub, stream: Broadcast) -> None:
    while True:
        case_id = await hub.changes.get()
        case = await asyncio.to_thread(hub.view.case, case_id)
        if case is not None:
            stream.publish("case", case)


async def _referee(hub: Hub, stream: Broadcast, clock: Clock) -> None:
    while True:
        if await asyncio.to_thread(hub.duel.step):
            stream.publish("duel", {"score": hub.duel.overview()["score"]})
        await clock.sleep(DUEL_S)
