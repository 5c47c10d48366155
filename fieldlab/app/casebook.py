"""What all steps of a case share: the hub they live in, and how a step is written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from fieldlab.app import work
from fieldlab.app.prices import Prices
from fieldlab.app.printroom import PrintRoom
from fieldlab.app.seal import Seal
from fieldlab.app.store import Record, Store
from fieldlab.app.thread import Thread, case_folder
from fieldlab.app.trial import Points
from fieldlab.core.clock import Clock
from fieldlab.core.machine import Machine, load_machine
from fieldlab.core.messages import Forecast, Reply

STL, GCODE, PREVIEW = "part.stl", "part.gcode", "layers.json"
REPORT, TAG = "verification.html", "tag.stl"


class World(Protocol):
    """What the steps need of the running hub."""

    def command(self, machine_id: str, name: str, arguments: Mapping[str, Any], key: str) -> Reply:
        """Ask a node to do something and wait for its answer."""

    def evidence(self, machine_id: str, t_s: float) -> dict[str, bytes]:
        """Return the raw windows around an event time as files."""

    def forecast(self, machine_id: str, component: str) -> Forecast | None:
        """Return how long a component will last, None while nobody can say."""

    def changed(self, case_id: str) -> None:
        """Tell who watches that a case changed."""

    def opened(self, case_id: str) -> None:
        """Begin the story of a case that was just written to the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the steps of a case are done."""

    home: Path
    store: Store
    workshop: work.Workshop
    room: PrintRoom
    world: World
    clock: Clock
    points: Points
    prices: Prices
    seal: Seal
    page_url: str  # how people reach the page; empty when nobody said


class CaseBook:
    """The cases of a hub, read and written step by step."""

    def __init__(self, place: Place) -> None:
        self._home = place.home
        self._store = place.store
        self._workshop = place.workshop
        self._room = place.room
        self._world = place.world
        self._clock = place.clock
        self._points = place.points
        self._prices = place.prices
        self._seal = place.seal
        self._page_url = place.page_url

    def _case(self, case_id: str) -> Record:
        return cast("Record", self._store.case(case_id))

    def _machine(self, case: Record) -> Machine:
        return load_machine(self._store.machines()[case["machine_id"]]["file"])

    def _read(self, case_id: str, name: str) -> bytes:
        return (case_folder(self._home, case_id) / name).read_bytes()

    def _move(
        self,
        case_id: str,
        state: str,
        *,
        data: Mapping[str, Any],
        files: Mapping[str, bytes] = {},
        step: str = "",
        **changes: Any,
    ) -> None:
        """Write one step to the thread and the record, and tell who watches."""
        case, now_s = self._case(case_id), self._clock.now_s()
        thread = Thread(case_folder(self._home, case_id))
        head = thread.add(step or state, t_s=now_s, data=data, files=files)
        at_s = {**case["at_s"]}
        at_s.setdefault(step or state, now_s)
        self._store.change_case(case_id, state=state, at_s=at_s, head=head, **changes)
        self._world.changed(case_id)
