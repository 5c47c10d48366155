"""A real OctoPrint with its own virtual printer."""

import json
import subprocess
from pathlib import Path

import httpx

from tests.peers.processes import HOST, Server, free_port, program

KEY = "0123456789ABCDEF0123456789ABCDEF"
CONFIG = {
    "server": {"firstRun": False, "onlineCheck": {"enabled": False},
               "pluginBlacklist": {"enabled": False}},
    "serial": {"port": "VIRTUAL", "autoconnect": True},
    "plugins": {
        "tracking": {"enabled": False},
        "virtual_printer": {
            "enabled": True, "throttle": 0.0, "sendWait": False, "simulateReset": False,
            "simulated_errors": [], "ambientTemperature": 300,
        },
        "_disabled": ["announcements", "softwareupdate", "pluginmanager", "discovery"],
    },
}  # fmt: skip


class OctoPrintServer:
    """OctoPrint in a folder of its own; `url` once it runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.yaml").write_text(json.dumps(CONFIG))  # JSON is YAML
        octoprint = [program("octoprint"), "--basedir", str(folder)]
        user = [*octoprint, "user", "add", "--password", "not-a-secret", "--admin", "fieldlab"]
        subprocess.run(user, check=True, capture_output=True)
        users = (folder / "users.yaml").read_text()
        (folder / "users.yaml").write_text(users.replace("apikey: null", f"apikey: {KEY}"))
        self.port = free_port()
        serve = ["serve", "--iknowwhatimdoing", "--host", HOST, "--port", str(self.port)]
        self._server = Server([*octoprint, *serve], folder / "octoprint.log")

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Start it; its printer is connected when this returns."""
        self._server.start(f"{self.url}/api/printer", {"X-Api-Key": KEY})

    def kill(self) -> None:
        """End it at once."""
        self._server.kill()

    def prints(self, job_key: str) -> int:
        """Return how many prints of a job were begun, as its own log says."""
        log = (self._folder / "logs" / "octoprint.log").read_text()
        started = [line for line in log.splitlines()
                   if "Print job started" in line and f"{job_key}.gcode" in line]  # fmt: skip
        return len(started)

    def slow_down(self, seconds: float) -> None:
        """Make the virtual printer take this long over every line."""
        ask = {"command": f"!!DEBUG:throttle {seconds}"}
        httpx.post(f"{self.url}/api/printer/command", json=ask, headers={"X-Api-Key": KEY})
