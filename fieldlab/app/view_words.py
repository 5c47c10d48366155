"""What a person says: approve, fitted, false, it was another one, learn anew."""

from collections.abc import Mapping
from typing import Any

from fieldlab.app import words
from fieldlab.app.opening import ENDED
from fieldlab.app.store import Record
from fieldlab.app.view_base import ViewBase
from fieldlab.core.errors import RefusedError

CANCELLABLE = ("awaiting-approval", "queued", "printing", "inspecting")  # with a print job


class SpokenWords(ViewBase):
    """Takes the words that a person may say."""

    def approve(self, case_id: str, gcode_sha256: str, by: str) -> None:
        """Approve exactly this G-code; raises RefusedError."""
        case = self._waiting(case_id, "awaiting-approval")
        if gcode_sha256 != case["gcode_sha256"]:
            raise RefusedError(
                f"case '{case_id}': the approval is for another file than the one that waits"
            )
        attempt = self._attempt(case)
        word = {"by": by, "gcode_sha256": gcode_sha256, "attempt": attempt}
        self.tell(case_id, "approval", word, key=f"{gcode_sha256}-{attempt}")

    def measured(self, case_id: str, mass_g: float, sizes: Mapping[str, float], by: str) -> None:
        """Say what a scale and a calliper found on the printed part; raises RefusedError."""
        case = self._waiting(case_id, "inspecting")
        missing = [name for name in case["expected_mm"] if name not in sizes]
        if missing:
            raise RefusedError(f"case '{case_id}': also measure {', '.join(missing)}")
        word = {"mass_g": mass_g, "sizes": dict(sizes), "by": by}
        self.tell(case_id, "measured", word, key=str(self.room.clock.now_s()))

    def cancel(self, case_id: str, reason: str, by: str) -> None:
        """Cancel the print of a case, wherever it stands; raises RefusedError."""
        case = self.store.case(case_id)
        if case is None or "job" not in case:
            raise RefusedError(f"case '{case_id}' has no print job")
        self.room.ask_to_cancel(case["job"], by=by, reason=reason)
        topic = {"awaiting-approval": "approval", "inspecting": "measured"}.get(case["state"])
        if topic is not None:
            word = {"cancel": {"by": by, "reason": reason}}
            self.tell(case_id, topic, word, key=f"cancel-{self._attempt(case)}")

    def fitted(self, case_id: str, by: str) -> None:
        """Say that the part is on the machine; raises RefusedError."""
        self._waiting(case_id, "awaiting-fit")
        self.tell(case_id, "fitted", {"by": by}, key=str(int(self.room.clock.now_s())))

    def dismiss(self, case_id: str, reason: str, by: str) -> Record:
        """Say that a case is false; close it if nothing is printed yet. Returns what was learnt.

        Raises
        ------
        RefusedError
            If there is no such case.
        """
        case = self._known(case_id)
        closes = True
        if case["state"] == "diagnosed":
            self.tell(case_id, "looked-at", {"by": by, "reason": reason}, key="1")
        elif case["state"] in CANCELLABLE:
            self.cancel(case_id, reason, by)
        else:
            closes = case["state"] in ENDED
        said = {"component": None, "failure_mode": None, "reason": reason, "by": by}
        return {"closes": closes, **self._learn(case, said)}

    def correct(
        self, case_id: str, component: str | None, mode: str | None, reason: str, by: str
    ) -> Record:
        """Say what a case really was, None if nothing was wrong; return what was learnt.

        Raises
        ------
        RefusedError
            If there is no such case or component.
        """
        case = self._known(case_id)
        known = self._names(case["machine_id"])
        if component is not None and component not in known:
            raise RefusedError(f"there is no component '{component}'; there is {', '.join(known)}")
        said = {"component": component, "failure_mode": mode, "reason": reason, "by": by}
        return self._learn(case, said)

    def _learn(self, case: Record, said: Record) -> Record:
        truth = None if said["component"] is None else (said["component"], said["failure_mode"])
        words.remember(self.store, case, truth=truth)
        case = self.store.change_case(case["id"], feedback=said)
        patient = self.ingest.patients.get(case["machine_id"])
        learnt = [] if patient is None else words.learnt(self.store, patient.machine, case)
        return {"learnt": learnt}

    def relearn(self, machine_id: str, why: words.Why, by: str) -> None:
        """Let a machine learn its normal anew; raises InputError."""
        words.ask_to_relearn(self.store, machine_id, why=why, by=by)

    def notifications(self) -> Record:
        """Return how a person is called, and whether it is quiet now."""
        return self.caller.overview()

    def call_test(self, channel: str | None = None) -> dict[str, str]:
        """Call a person with a test message; return what each channel said."""
        return self.caller.test(channel)

    def _attempt(self, case: Mapping[str, Any]) -> int:
        job = self.room.job(case["job"])
        return 1 if job is None else int(job["attempt"])

    def _known(self, case_id: str) -> Record:
        case = self.store.case(case_id)
        if case is None:
            raise RefusedError(f"there is no case '{case_id}'")
        return case

    def _waiting(self, case_id: str, state: str) -> Record:
        case = self._known(case_id)
        if case["state"] != state:
            raise RefusedError(f"case '{case_id}' is {case['state']}, not {state}")
        return case
