"""The steps of a case in one process, on a manual clock: real store, slicer, gate and printer."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from fieldlab.app.case import run_case
from fieldlab.app.casebook import Place, World
from fieldlab.app.opening import open_case
from fieldlab.app.prices import prices_of
from fieldlab.app.printroom import PrintRoom, Sickness, well
from fieldlab.app.seal import Seal
from fieldlab.app.steps import RealSteps
from fieldlab.app.store import Record, Store
from fieldlab.app.trial import Points
from fieldlab.app.work import Workshop
from fieldlab.core.clock import Clock, ManualClock
from fieldlab.core.messages import CaseState, Diagnosis, Forecast, Reply, Suspect
from fieldlab.core.ports import Printer
from fieldlab.core.settings import VIRTUAL, PrinterOptions, Trial
from simulators.printer import VirtualPrinter

OPENED_S = 1_790_000_000.0
MACHINE: Record = {
    "fieldlab": 1,
    "id": "press",
    "sensors": {"acc": {"quantity": "acceleration", "unit": "g", "rate_hz": 3200}},
    "components": {
        "bushing": {
            "kind": "plain-bearing",
            "near": ["acc"],
            "replace": {
                "print": {
                    "family": "flanged_bushing", "material": "PLA",
                    "sizes": {"bore_mm": 4, "outer_mm": 8, "length_mm": 3, "flange_mm": 12,
                              "flange_thickness_mm": 1},
                }
            },
        }
    },
}  # fmt: skip


class HereWorkshop:
    """Does the slow work at once, in this process."""

    def do(self, work: Callable[..., Any], *args: Any) -> Any:
        return work(*args)


class Workplace:
    """One case of a press with one bushing, and the printers that may print it."""

    def __init__(
        self,
        home: Path,
        printers: Mapping[str, Printer] | None = None,
        options: Mapping[str, PrinterOptions] | None = None,
        *,
        machine: Record = MACHINE,
        diagnosis: Diagnosis | None = None,
        sickness: Sickness = well,
        clock: Clock | None = None,
        points: Points | None = None,
        page_url: str = "",
    ) -> None:
        self._machine_id, self._diagnosis = machine["id"], diagnosis
        self.manual = ManualClock(OPENED_S)
        self.clock = clock or self.manual
        self.store = Store(home)
        self.virtual = VirtualPrinter(home / "printer-virtual", self.clock)
        self.room = PrintRoom(
            self.store, printers or {"virtual": self.virtual}, options or {"virtual": VIRTUAL},
            self.clock, sickness,
        )  # fmt: skip
        place = Place(
            home=home, store=self.store, workshop=cast("Workshop", HereWorkshop()), room=self.room,
            world=cast("World", self), clock=self.clock, points=points or Points(home, Trial()),
            prices=prices_of(home), seal=Seal(home),
            page_url=page_url,
        )  # fmt: skip
        self.steps = RealSteps(place)
        self.store.put_machine(
            machine["id"], "hall", {"file": machine, "first_t_s": OPENED_S - 3600}
        )
        self.case_id = self.open()
        self.words: dict[str, list[Callable[[Record], Mapping[str, Any]]]] = {}
        self.pauses = 0
        self.while_waiting: Callable[[], None] = lambda: None

    def open(self, opened_s: float = OPENED_S) -> str:
        """Open a case, for the bushing by default, and return its id."""
        verdict = Suspect(component="bushing", failure_mode="wear", confidence=0.95)
        bushing = Diagnosis(machine_id="press", t_s=opened_s, suspects=(verdict,), verdict=verdict)
        record = open_case(self._diagnosis or bushing, opened_at_s=opened_s)
        with self.store.transaction() as connection:
            self.store.add_case(connection, record)
        return str(record["id"])

    @property
    def case(self) -> Record:
        found = self.store.case(self.case_id)
        assert found is not None
        return found

    @property
    def job(self) -> Record:
        jobs = self.store.jobs(self.case_id)
        assert len(jobs) == 1
        return jobs[0]

    def say(self, topic: str, *words: Callable[[Record], Mapping[str, Any]]) -> None:
        """Prepare what a person says, in order; a word may look at the case."""
        self.words.setdefault(topic, []).extend(words)

    def approve(self, times: int = 1) -> None:
        """Prepare good approvals."""
        self.say("approval", *[self.approval] * times)

    def approval(self, case: Record) -> Mapping[str, Any]:
        return {"by": "operator", "gcode_sha256": case["gcode_sha256"],
                "attempt": self.job["attempt"]}  # fmt: skip

    def run(self) -> CaseState:
        """Run the story to its end, with a good proof at the end."""
        self.say("fitted", lambda _: {"by": "operator"})
        return run_case(self.case_id, self.steps, self)

    # ---------------------------------------------------- a run, and what steps ask of the hub

    def do(self, name: str, step: Callable[..., Any], *args: Any) -> Any:
        if name == "prove":
            self.measure_health()
        return step(*args)

    def receive(self, topic: str) -> Mapping[str, Any]:
        prepared = self.words.get(topic)
        assert prepared, f"nobody has a word on '{topic}' (case {self.case['state']})"
        return prepared.pop(0)(self.case)

    def pause(self, duration_s: float) -> None:
        self.pauses += 1
        assert self.pauses < 2000, f"it waits for ever: {self.job}"
        self.while_waiting()
        self.manual.advance(duration_s)

    def evidence(self, machine_id: str, t_s: float) -> dict[str, bytes]:
        return {}

    def forecast(self, machine_id: str, component: str) -> Forecast | None:
        return None

    def command(self, machine_id: str, name: str, arguments: Any, key: str) -> Reply:
        return Reply(id=key, ok=True, t_s=OPENED_S)

    def changed(self, case_id: str) -> None:
        pass

    def opened(self, case_id: str) -> None:
        pass

    def measure_health(self) -> None:
        """Let the machine be healthy since the fit."""
        healthy = {"machine_id": self._machine_id, "state": "normal", "score_ratio": 0.2,
                   "component": None, "record": {}}  # fmt: skip
        rows = [{**healthy, "t_s": self.case["fitted_s"] + second} for second in range(1, 30)]
        with self.store.transaction() as connection:
            self.store.add_health(connection, rows)
