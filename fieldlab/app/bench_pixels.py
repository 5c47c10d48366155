"""From a sensor's reading to the pixels of the wall, in a real Chromium; part of `bench page`."""

import asyncio
import contextlib
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from broker.address import BrokerAddress
from broker.managed import broker_command, wait_until_up
from fieldlab.app.chromium import Page, find_chromium
from fieldlab.app.demo import HOST, free_port
from fieldlab.app.wire_node import Node
from fieldlab.core.clock import Clock, SystemClock
from fieldlab.core.machine import load_machine
from fieldlab.core.messages import Command, Meta, Reading, Reply, Value, Wave

READINGS, EVERY_S, RATE_HZ = 60, 0.5, 12_800
START_S = 60.0
MACHINE = {
    "fieldlab": 1, "id": "bench", "learn_s": 600, "window_s": EVERY_S,
    "shafts": {"main": {"nominal_rpm": 1500}},
    "sensors": {
        "acc": {"quantity": "acceleration", "unit": "m/s2", "rate_hz": RATE_HZ},
        "count": {"quantity": "temperature", "unit": "degC"},
    },
    "components": {"fan": {"kind": "rotor", "shaft": "main", "near": ["acc"]}},
}  # fmt: skip
# Notes when the page shows a number for the first time, and when its chart is drawn after that.
_WATCH = """
globalThis.shown = {}; globalThis.drawn = {}; globalThis.frames = 0;
const now_s = () => (performance.timeOrigin + performance.now()) / 1000;
const count = () => { const said = [...document.querySelectorAll('section .number')]
  .find(b => b.innerText.includes('°C')); return Math.round(parseFloat(said?.innerText)) };
new MutationObserver(() => { const n = count(); if (n && !(n in shown)) {
  shown[n] = 0; requestAnimationFrame(() => setTimeout(() => { shown[n] = now_s() })) } })
  .observe(document.body, {subtree: true, characterData: true, childList: true});
const stroke = CanvasRenderingContext2D.prototype.stroke;
CanvasRenderingContext2D.prototype.stroke = function (...all) { stroke.apply(this, all);
  queueMicrotask(() => { const n = count(); if (n && !(n in drawn)) {
    drawn[n] = 0; requestAnimationFrame(() => setTimeout(() => { drawn[n] = now_s() })) } }) };
const clear = WebGL2RenderingContext.prototype.clear;
WebGL2RenderingContext.prototype.clear = function (...all) {
  if (this.getParameter(this.FRAMEBUFFER_BINDING) === null) frames += 1; clear.apply(this, all) };
true
"""
_RENDERER = """(() => { const gl = document.createElement('canvas').getContext('webgl2');
const told = gl?.getExtension('WEBGL_debug_renderer_info');
return told ? gl.getParameter(told.UNMASKED_RENDERER_WEBGL) : 'none' })()"""


def bench_pixels() -> dict[str, Any]:
    """Return how long a reading takes to the screen as text and chart, and how fast 3D is drawn."""
    if find_chromium() is None:
        return {"sensor_to_pixel": "not measured: there is no chromium"}
    sensor = Counting(SystemClock())
    with (
        tempfile.TemporaryDirectory() as folder,
        _hub(Path(folder)) as (broker, address),
        _node(Path(folder), broker, sensor),
        Page() as page,
    ):
        page.open(f"{address}/?lang=en")
        page.until("!!document.querySelector('section .number')", timeout_s=START_S)
        page.ask(_WATCH)
        SystemClock().wait(READINGS * EVERY_S)
        shown, drawn, frames = page.ask("[shown, drawn, frames]")
        renderer = page.ask(_RENDERER)
    return {
        **_figures("text", sensor.read_s, shown), **_figures("chart", sensor.read_s, drawn),
        "frames_per_s_3d": round(frames / (READINGS * EVERY_S), 1), "renderer_3d": renderer,
    }  # fmt: skip


def _figures(name: str, read_s: dict[int, float], seen_s: dict[str, float]) -> dict[str, Any]:
    late_s = [at_s - read_s[int(number)] for number, at_s in seen_s.items() if at_s]
    return {
        f"sensor_to_{name}_count": len(late_s),
        f"sensor_to_{name}_p50_ms": round(1e3 * float(np.median(late_s))),
        f"sensor_to_{name}_p95_ms": round(1e3 * float(np.quantile(late_s, 0.95))),
    }


class Counting:
    """A sensor node whose temperature counts its readings, so that the page shows which it is."""

    def __init__(self, clock: Clock) -> None:
        self.read_s: dict[int, float] = {}
        self._clock = clock
        self._count = 100
        self._noise = np.random.default_rng(1)

    async def read(self) -> tuple[Reading, ...]:
        """Return one block of vibration and one number, `EVERY_S` after the last."""
        await self._clock.sleep(EVERY_S)
        self._count += 1
        now_s = self._clock.now_s()
        self.read_s[self._count] = now_s
        samples = self._noise.standard_normal(round(RATE_HZ * EVERY_S))
        begun_s = now_s - EVERY_S
        return (
            Wave(sensor="acc", t_s=begun_s, rate_hz=RATE_HZ, samples=samples),
            Value(sensor="count", t_s=begun_s, value=float(self._count)),
        )

    def command(self, name: str, command: Command) -> Reply:
        """Know no commands."""
        return Reply(id=command.id, ok=False, t_s=self._clock.now_s(), reason=f"no '{name}' here")

    def checkpoint(self) -> bytes:
        """Return nothing: a restart goes on by itself."""
        return b""


@contextmanager
def _hub(home: Path) -> Iterator[tuple[BrokerAddress, str]]:
    """Run a broker and a hub; give where they are."""
    clock, port, page_port = SystemClock(), free_port(), free_port()
    hub = (sys.executable, "-m", "fieldlab", "hub", "--broker", f"{HOST}:{port}",
           "--home", str(home), "--port", str(page_port))  # fmt: skip
    children = [_child(*broker_command(home / "broker", port).argv)]
    try:
        asyncio.run(wait_until_up(HOST, port, clock, START_S))
        children.append(_child(*hub))
        address = f"http://{HOST}:{page_port}"
        _until_healthy(address, clock)
        yield BrokerAddress(HOST, port), address
    finally:
        for child in reversed(children):
            child.terminate()
            child.wait(30)


def _child(*argv: str) -> subprocess.Popen[bytes]:
    silent = subprocess.DEVNULL
    return subprocess.Popen(argv, stdin=silent, stdout=silent, stderr=silent)  # noqa: S603


def _until_healthy(address: str, clock: Clock) -> None:
    until_s = clock.monotonic_s() + START_S
    while clock.monotonic_s() < until_s:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{address}/api/healthz", trust_env=False).is_success:
                return
        clock.wait(0.1)
    raise TimeoutError(f"no hub answers at {address}")


@contextmanager
def _node(home: Path, broker: BrokerAddress, sensor: Counting) -> Iterator[None]:
    """Let a node with this sensor send, in a thread of its own."""
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    def run() -> None:
        machine = load_machine(MACHINE, file="bench")
        meta = Meta(machine=MACHINE, sensors=tuple(machine.sensors))
        node = Node(machine, site="fieldlab", node="bench", home=home, outbox_mb=50.0)
        loop.run_until_complete(node.agent(sensor, meta, broker).run(stop))

    running = threading.Thread(target=run)
    running.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        running.join(START_S)
        loop.close()
