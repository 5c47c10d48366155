"""Run a foreign server as a child on a free port, and wait until it answers."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx

from fieldlab.core.clock import SystemClock

HOST = "127.0.0.1"
PATIENCE_S = 60.0
CLOCK = SystemClock()  # these are other processes, on the real clock


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def program(name: str) -> str:
    """Return a program's path."""
    found = shutil.which(name)
    assert found is not None, f"{name} is not installed"
    return found


def wait_until(is_true: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    """Wait until something holds; fails with its name."""
    end_s = CLOCK.monotonic_s() + patience_s
    while not is_true():
        assert CLOCK.monotonic_s() < end_s, f"not within {patience_s:g} s: {what}"
        CLOCK.wait(0.1)


class Server:
    """A child process; `kill` is kill -9 of its whole group."""

    def __init__(self, argv: Sequence[str], log: Path) -> None:
        self._argv = argv
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, url: str, headers: dict[str, str]) -> None:
        """Start it and wait until `url` answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )

        def answers() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, self._log.read_text()[-2000:]
            try:
                return httpx.get(url, headers=headers, trust_env=False).is_success
            except httpx.HTTPError:
                return False

        wait_until(answers, f"{self._argv[0]} answers")

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
