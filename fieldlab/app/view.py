"""What the page sees of the hub (dashboard.view.View): machines, cases, words, and the workshop."""

from collections.abc import Mapping

from fieldlab.app import work
from fieldlab.app.plain import plain
from fieldlab.app.store import Record
from fieldlab.app.view_cases import CaseView
from fieldlab.app.view_history import HistoryView
from fieldlab.app.view_machines import MachineView
from fieldlab.app.view_students import StudentView
from fieldlab.app.view_words import SpokenWords
from fieldlab.core.messages import PartOrder
from partgen.catalogue import catalogue


class HubView(MachineView, HistoryView, StudentView, CaseView, SpokenWords):
    """Answers the page from the store and from what was taken in last."""

    def families(self) -> list[Record]:
        """Return the part families with their sizes, units, defaults and bounds."""
        return catalogue()

    def draw(self, family: str, sizes: Mapping[str, float | int | str]) -> bytes:
        """Return the mesh (STL) of a part; raises PartError."""
        order = PartOrder(family=family, material="PA12", sizes=dict(sizes))
        return self.workshop.do(work.compose_part, order).stl

    def duel(self) -> Record:
        """Return the blind duel: what can be broken, the newest rounds and the score."""
        return self.referee.overview()

    def challenge(self, component: str, mode: str, severity: float, visitor: str) -> Record:
        """Queue a round of the duel; raises RefusedError."""
        return self.referee.challenge(component, mode, severity, visitor)

    def print_room(self) -> Record:
        """Return the printers, and the jobs with when each should start and finish."""
        return self.room.overview()

    def jobs(self, limit: int, before: str | None = None) -> list[Record]:
        """Return at most `limit` jobs, newest first, from the one after job `before` on."""
        return self.store.newest_jobs(limit, before)

    def test_printer(self, name: str) -> Record:
        """Return what a printer answers: `ok`, and in one line what is wrong and what to do."""
        status = self.room.test(name)
        return {"ok": status.state != "offline", **plain(status)}

    def clear_bed(self, name: str) -> None:
        """Say that the bed of a printer is clear."""
        self.room.clear_bed(name)

    def load_spool(self, name: str, material: str, left_g: float) -> None:
        """Say which spool is on a printer, and how many grams it has left."""
        self.room.load_spool(name, material, left_g)

    def hold_job(self, job_id: str, held: bool) -> None:
        """Keep a job back, or let it go; raises RefusedError."""
        self.room.hold(job_id, held=held)

    def urge_job(self, job_id: str, word: int) -> None:
        """Let a job go first (1), as it comes (0) or later (-1); raises RefusedError."""
        self.room.urge(job_id, word)
