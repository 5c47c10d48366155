"""`fieldlab bench edge`: the edge with its outbox beside bare paho on the same broker."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from broker.managed import broker_command, wait_until_up
from broker.mqtt import MqttBus
from edge.bench import bench_codec, bench_edge
from fieldlab.app.demo import HOST, free_port
from fieldlab.app.supervise import Child, Supervisor, leashed
from fieldlab.core.clock import SystemClock

BROKER_PATIENCE_S = 20.0


def bench_messages() -> dict[str, Any]:
    """Return the codec's costs and the rates with and without the outbox."""
    with tempfile.TemporaryDirectory() as folder:
        return {**bench_codec(SystemClock()), **asyncio.run(_with_broker(Path(folder)))}


async def _with_broker(folder: Path) -> dict[str, Any]:
    clock, port = SystemClock(), free_port()
    supervisor = Supervisor(clock)
    command = broker_command(folder / "broker", port)
    argv = leashed(command.argv)
    await supervisor.start(Child(name="broker", argv=argv, log=folder / "broker.log"))
    try:
        await wait_until_up(HOST, port, clock, BROKER_PATIENCE_S)

        def bus(name: str) -> MqttBus:
            return MqttBus(HOST, port, client_id=name, clean=True)

        return {"broker": command.kind, **await bench_edge(bus, folder, clock)}
    finally:
        await supervisor.stop()
