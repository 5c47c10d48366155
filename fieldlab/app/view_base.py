"""What every part of the page's view knows: the store, the machines, the names of components."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fieldlab.app.backtests import Backtests
from fieldlab.app.duel import Duel
from fieldlab.app.ingest import Ingest
from fieldlab.app.machine_files import MachineFiles
from fieldlab.app.notify import Caller
from fieldlab.app.prices import Prices, default_prices
from fieldlab.app.printroom import PrintRoom
from fieldlab.app.store import Record, Store
from fieldlab.app.twin import Twin
from fieldlab.app.work import Workshop

Tell = Callable[..., None]
NOWHERE: Record = {"host": "127.0.0.1", "port": 1883, "near": True, "accounts": False}


def _deaf(_topic: str, _payload: bytes) -> None:
    """Take a message of a page that has no bus."""


@dataclass(kw_only=True)
class ViewBase:
    """The parts of a hub that the page asks."""

    home: Path
    store: Store
    ingest: Ingest
    room: PrintRoom
    tell: Tell
    workshop: Workshop
    referee: Duel
    caller: Caller
    prices: Prices = field(default_factory=default_prices)
    site: str = "fieldlab"
    address: Record = field(default_factory=lambda: dict(NOWHERE))  # of the broker
    hear: Callable[[str, bytes], None] = _deaf  # as if it came over the bus
    backtests: Backtests = field(default_factory=Backtests)
    files: MachineFiles = field(init=False)
    _twins: dict[str, Twin] = field(init=False, default_factory=dict)
    _living: threading.Lock = field(init=False, default_factory=threading.Lock)
    _saving: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.files = MachineFiles(self.home)

    def _components(self, machine_id: str) -> dict[str, Record]:
        patient = self.ingest.patients.get(machine_id)
        found: dict[str, Record] = {} if patient is None else patient.record["file"]["components"]
        return found

    def _names(self, machine_id: str) -> dict[str, dict[str, str]]:
        patient = self.ingest.patients.get(machine_id)
        parts = {} if patient is None else patient.machine.components
        return {
            name: {str(key): text for key, text in (part.name or {}).items()}
            for name, part in parts.items()
        }
