"""A real Moonraker without a printer: no Klipper behind it."""

from pathlib import Path

import httpx

from tests.peers.processes import HOST, Server, free_port, program

CONFIG = """[server]
host: {host}
port: {port}
klippy_uds_address: {folder}/klippy.sock
[machine]
provider: none
validate_service: False
[history]
[announcements]
subscriptions:
[file_manager]
enable_object_processing: False
[authorization]
trusted_clients:
  {host}
"""


class MoonrakerServer:
    """Moonraker in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        for name in ("config", "gcodes", "logs"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        config = folder / "config" / "moonraker.conf"
        config.write_text(CONFIG.format(host=HOST, port=self.port, folder=folder))
        argv = [program("moonraker"), "-d", str(folder), "-c", str(config)]
        self._server = Server(argv, folder / "moonraker.log")

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Start it."""
        self._server.start(f"{self.url}/server/info", {})

    def kill(self) -> None:
        """End it at once."""
        self._server.kill()

    def files(self) -> list[str]:
        """Return the G-code files that it keeps."""
        told = httpx.get(f"{self.url}/server/files/list", params={"root": "gcodes"})
        return [file["path"] for file in told.json()["result"]]
