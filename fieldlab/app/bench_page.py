"""`fieldlab bench page`: 100 readers beside bare sockets with the same bytes; sensor to pixel."""

import asyncio
import multiprocessing
import re
import resource
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

import numpy as np
import uvicorn
from fastapi import FastAPI

from dashboard.api.guard import SafeHeaders
from dashboard.api.live import Broadcast, live_routes
from dashboard.view import View
from fieldlab.app.bench_pixels import bench_pixels
from fieldlab.core.clock import SystemClock

HOST = "127.0.0.1"
READERS, RATE_HZ, SECONDS = 100, 5.0, 20.0
POINTS = 512  # of the waveform and of the spectrum, as the hub sends them
_SENT = re.compile(rb'"sent_s":([0-9.]+)')
Publish = Callable[[], Awaitable[None]]


def bench_page() -> dict[str, Any]:
    """Return what 100 readers cost the hub, and how long an event takes to their sockets."""
    ours, bare = _measured(_stream), _measured(_bare)
    return {
        "readers": READERS, "updates_per_s": RATE_HZ,
        "core_percent": ours["core_percent"], "core_percent_bare_sockets": bare["core_percent"],
        "ratio_to_bare_sockets": round(ours["core_percent"] / max(bare["core_percent"], 1e-9), 2),
        "growth_mb": ours["growth_mb"], "dropped": ours["dropped"],
        "publish_to_socket_p50_ms": ours["p50_ms"], "publish_to_socket_p95_ms": ours["p95_ms"],
        "publish_to_socket_p95_ms_bare_sockets": bare["p95_ms"],
        **bench_pixels(),
    }  # fmt: skip


def _measured(serve: Callable[[socket.socket], Any]) -> dict[str, float]:
    """Run a server in a child, read it with 100 readers here; return its costs."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    with socket.create_server((HOST, 0), backlog=256) as listener:
        port = listener.getsockname()[1]
        child = context.Process(target=_child, args=(serve, listener, there), name="bench-page")
        child.start()
    try:
        latencies_s = asyncio.run(_read_all(port, here))
        cost: dict[str, float] = here.recv()
    finally:
        child.join(10)
        child.kill()
    wanted = READERS * SECONDS * RATE_HZ
    return {
        **cost,
        "dropped": max(0, round(wanted - len(latencies_s))),
        "p50_ms": round(1e3 * float(np.median(latencies_s)), 2),
        "p95_ms": round(1e3 * float(np.quantile(latencies_s, 0.95)), 2),
    }


# ----------------------------------------------------------------------------- the readers


async def _read_all(port: int, child: Connection) -> list[float]:
    latencies_s: list[float] = []
    readers = [asyncio.create_task(_read_one(port, latencies_s)) for _ in range(READERS)]
    await asyncio.to_thread(child.recv)  # all are connected and the last event is sent
    await asyncio.wait(readers, timeout=10)
    for reader in readers:
        reader.cancel()
    return latencies_s


async def _read_one(port: int, latencies_s: list[float]) -> None:
    clock = SystemClock()
    reader, writer = await asyncio.open_connection(HOST, port, limit=1 << 20)
    writer.write(b"GET /api/stream HTTP/1.1\r\nhost: localhost\r\n\r\n")
    while line := await reader.readline():
        found = _SENT.search(line)
        if found is not None:
            latencies_s.append(clock.monotonic_s() - float(found[1]))
    writer.close()


# ------------------------------------------------------------------------------ the servers


def _child(
    serve: Callable[[socket.socket], Any], listener: socket.socket, parent: Connection
) -> None:
    asyncio.run(_serve(serve, listener, parent))


async def _serve(
    serve: Callable[[socket.socket], Any], listener: socket.socket, parent: Connection
) -> None:
    clock = SystemClock()
    async with serve(listener) as (publish, count):
        while count() < READERS:
            await clock.sleep(0.05)
        begun, before_kb = _cpu_s(), _resident_kb()
        for _ in range(round(SECONDS * RATE_HZ)):
            await publish()
            await clock.sleep(1 / RATE_HZ)
        cost = {
            "core_percent": round(100 * (_cpu_s() - begun) / SECONDS, 2),
            "growth_mb": round((_resident_kb() - before_kb) / 1024, 1),
        }
        parent.send("sent")
    parent.send(cost)


@asynccontextmanager
async def _stream(listener: socket.socket) -> AsyncIterator[tuple[Publish, Callable[[], int]]]:
    """Serve the page's stream as the hub does."""
    stream, rng, clock = Broadcast(), np.random.default_rng(1), SystemClock()
    app = FastAPI()
    app.add_middleware(SafeHeaders)
    app.include_router(live_routes(cast("View", None), stream))  # only the stream is asked for
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
    running = asyncio.create_task(server.serve([listener]))

    async def publish() -> None:
        stream.publish("live", _event(rng, clock))

    try:
        yield publish, lambda: stream.clients
    finally:
        stream.close()
        server.should_exit = True
        await running


@asynccontextmanager
async def _bare(listener: socket.socket) -> AsyncIterator[tuple[Publish, Callable[[], int]]]:
    """Write the same bytes to bare sockets: what any server must spend."""
    writers: list[asyncio.StreamWriter] = []
    rng, clock, shadow = np.random.default_rng(1), SystemClock(), Broadcast()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writers.append(writer)

    async def publish() -> None:
        shadow.publish("live", _event(rng, clock))
        frame = list(shadow.latest.values())[-1]
        for writer in writers:
            writer.write(frame)

    server = await asyncio.start_server(meet, sock=listener)
    try:
        yield publish, lambda: len(writers)
    finally:
        for writer in writers:
            writer.close()
        server.close()


def _event(rng: np.random.Generator, clock: SystemClock) -> dict[str, Any]:
    noise = rng.standard_normal((2, POINTS)).round(5)
    return {
        "machine_id": "bench", "sent_s": clock.monotonic_s(),
        "wave": {"samples": noise[0].tolist()}, "spectrum": {"magnitudes": noise[1].tolist()},
    }  # fmt: skip


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _resident_kb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024
