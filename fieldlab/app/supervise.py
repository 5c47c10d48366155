"""Runs children, restarts what falls over, stops cleanly.

A child ends when its parent does, even after kill -9 of the parent: it watches its standard
input, which closes with the parent. A foreign program gets a small watcher (leash.py).
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fieldlab.core.clock import Clock

LEASH = "--leash"
STOP_PATIENCE_S = 6.0
MAX_PAUSE_S = 5.0


@dataclass(kw_only=True)
class Child:
    """One supervised process; `restarts` counts how often it fell over."""

    name: str
    argv: Sequence[str]
    log: Path
    process: asyncio.subprocess.Process | None = None
    restarts: int = 0
    last_words: str = field(default="")


class Supervisor:
    """Keeps children running until told to stop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._children: list[Child] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    async def start(self, child: Child) -> None:
        """Start a child and keep it running."""
        self._children.append(child)
        await self._spawn(child)
        self._tasks.append(asyncio.create_task(self._keep(child), name=f"keep {child.name}"))

    async def stop(self) -> None:
        """Ask the children to end, newest first; kill what does not."""
        self._stopping = True
        for child in reversed(self._children):
            await _end(child.process)
        for task in self._tasks:
            task.cancel()

    async def _spawn(self, child: Child) -> None:
        child.log.parent.mkdir(parents=True, exist_ok=True)
        with child.log.open("ab") as log:
            child.process = await asyncio.create_subprocess_exec(
                *child.argv, stdin=asyncio.subprocess.PIPE, stdout=log, stderr=log
            )

    async def _keep(self, child: Child) -> None:
        pause_s = 0.2
        while child.process is not None:
            began_s = self._clock.monotonic_s()
            await child.process.wait()
            if self._stopping:
                return
            if self._clock.monotonic_s() - began_s > 10:
                pause_s = 0.2
            await self._clock.sleep(pause_s)
            pause_s = min(2 * pause_s, MAX_PAUSE_S)
            child.restarts += 1
            await self._spawn(child)


async def _end(process: asyncio.subprocess.Process | None) -> None:
    if process is None or process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_PATIENCE_S)
    except TimeoutError:
        process.kill()
        await process.wait()


def end_with_parent() -> None:
    """Make this process end politely when its parent is gone (its standard input closes)."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="leash", daemon=True).start()


def leashed(argv: Sequence[str]) -> tuple[str, ...]:
    """Return a command line that runs a foreign program under a watcher."""
    return (sys.executable, "-m", "fieldlab.app.leash", *argv)
