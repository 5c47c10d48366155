"""A hub, a broker and a simulated machine as separate processes in one home."""

import os
import signal
import subprocess
import sys
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from broker.managed import broker_command
from tests.peers.processes import HOST, free_port, wait_until

SMALL = {"bore_mm": 4, "outer_mm": 8, "length_mm": 3, "flange_mm": 12, "flange_thickness_mm": 1}
BUSHING_FIRST = 3  # a seed of the scenario in which a bushing wears first


def small_machine(home: Path) -> Path:
    """Write the demo's machine with small bushings, so that a real printer is soon done."""
    text = (resources.files("machines") / "cookie-line.yaml").read_text()
    machine: dict[str, Any] = yaml.safe_load(text)
    for name in ("bushing-left", "bushing-right"):
        machine["components"][name]["replace"]["print"] |= {"sizes": SMALL, "materials": ["PA12"]}
    file = home / "machine.yaml"
    file.write_text(yaml.safe_dump(machine))
    return file


class Line:
    """The processes of one home; use it as a context manager."""

    def __init__(self, home: Path, *, seed: int = BUSHING_FIRST, speed: float = 1200.0) -> None:
        self._home = home
        self._broker_port, self.port = free_port(), free_port()
        self._machine = small_machine(home)
        self._words = ("--seed", str(seed), "--speed", str(speed), "--scenario")
        self._processes: list[subprocess.Popen[bytes]] = []
        self._hub: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        command = broker_command(self._home / "broker", self._broker_port)
        self._processes.append(self._run("broker", *command.argv))
        self.start_hub()
        simulate = ("simulate", str(self._machine), "--broker", self._address, *self._words)
        self._processes.append(self._fieldlab("simulate", *simulate))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        for process in (self._hub, *reversed(self._processes)):
            if process is not None:
                process.terminate()
                process.wait(30)

    def start_hub(self, **environment: str) -> None:
        """Start the hub, or start it again."""
        words = ("hub", "--broker", self._address, "--port", str(self.port), "--print-s", "1.5")
        self._hub = self._fieldlab("hub", *words, **environment)

    def kill_hub(self) -> None:
        """End the hub by kill -9."""
        assert self._hub is not None
        self._hub.send_signal(signal.SIGKILL)
        self._hub.wait()

    def wait_until_the_hub_dies(self, why: str, patience_s: float = 240.0) -> None:
        """Wait until the hub has killed itself."""
        hub = self._hub
        assert hub is not None
        wait_until(lambda: hub.poll() is not None, why, patience_s)
        assert hub.returncode == -signal.SIGKILL, (self._home / "logs" / "hub.log").read_text()

    @property
    def _address(self) -> str:
        return f"{HOST}:{self._broker_port}"

    def _fieldlab(self, name: str, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        argv = (sys.executable, "-m", "fieldlab", *words, "--home", str(self._home))
        return self._run(name, *argv, **environment)

    def _run(self, name: str, *argv: str, **environment: str) -> subprocess.Popen[bytes]:
        (self._home / "logs").mkdir(exist_ok=True)
        with (self._home / "logs" / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                env={**os.environ, **environment},  # noqa: TID251
            )  # fmt: skip
