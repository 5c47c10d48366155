"""What the page sees of cases: the story, its thread, the part and its layers."""

import json

from fieldlab.app.casebook import PREVIEW, STL, TAG
from fieldlab.app.costs import told
from fieldlab.app.generations import generations
from fieldlab.app.marked import Names, said
from fieldlab.app.plain import plain
from fieldlab.app.prices import cost_of
from fieldlab.app.seal import seal_problems
from fieldlab.app.sentences import sentence_of
from fieldlab.app.showing import life_of, redesign_of, steps_of
from fieldlab.app.store import Record
from fieldlab.app.thread import Thread, case_folder
from fieldlab.app.view_base import ViewBase


class CaseView(ViewBase):
    """Answers about cases."""

    def cases(self, limit: int, before: str | None = None) -> list[Record]:
        """Return at most `limit` cases, newest first, from the one after case `before` on."""
        return [self._case(record) for record in self.store.newest_cases(limit, before)]

    def case_counts(self) -> dict[str, int]:
        """Return how many cases there are in each state."""
        return self.store.case_counts()

    def case(self, case_id: str) -> Record | None:
        """Return one case, None if there is no such case."""
        record = self.store.case(case_id)
        if record is None:
            return None
        return {**self._case(record), "generations": self._generations(record)}

    def _case(self, record: Record) -> Record:
        keys = ("id", "machine_id", "component", "group", "failure_mode", "state", "opened_s",
                "confidence")  # fmt: skip
        kept = ("action", "verification", "gate", "inspection", "proof", "approval", "sliced",
                "gcode_sha256", "stl_sha256", "reason", "fitted_s", "printer", "predicted",
                "expected_mm", "forecast", "feedback")  # fmt: skip
        order = record.get("order")
        verdict = record["diagnosis"]["verdict"]
        names, replace = self._names(record["machine_id"]), self._replace(record)
        return {
            **{key: record[key] for key in keys},
            **{key: record.get(key) for key in kept},
            "updated_s": max(record["at_s"].values()),
            "sentence": sentence_of(record, names),
            "reasons": [said(reason, names) for reason in (verdict["reasons"] if verdict else [])],
            "life": life_of(record.get("redesign")),
            "redesign": redesign_of(record.get("redesign"), names),
            "cost": self._cost(record, replace, names),
            "steps": steps_of(record["at_s"]),
            "order": None if order is None else {
                **order, "previous": record.get("previous"),
                "why": [said(reason, names) for reason in order["reasons"]],
            },
            "jobs": self.store.jobs(record["id"]),
            "links": {"follows": record["follows"]},
        }  # fmt: skip

    def _replace(self, record: Record) -> Record:
        component = self._components(record["machine_id"]).get(record["component"], {})
        return component.get("replace") or {}

    def _generations(self, record: Record) -> list[Record]:
        """Return the lives of this component's parts and what was promised of them."""
        machine_id, component = record["machine_id"], record["component"]
        mine = [
            case for case in self.store.cases()
            if case["machine_id"] == machine_id and case["component"] == component
        ]  # fmt: skip
        patient = self.ingest.patients.get(machine_id)
        newest = None if patient is None or patient.window is None else patient.window.end_s
        found = generations(mine, {} if newest is None else {machine_id: newest})
        return [{**plain(each), "claim": each.claim} for each in found]

    def _cost(self, record: Record, replace: Record, names: Names) -> Record:
        patient = self.ingest.patients.get(record["machine_id"])
        parts = {} if patient is None else patient.machine.components
        compared = told(record, parts.get(record["component"]), self.prices)
        reasons = [said(reason, names) for reason in compared["reasons"]]
        return {**cost_of(record, replace, self.prices), **compared, "reasons": reasons}

    def thread(self, case_id: str) -> list[Record] | None:
        """Return the entries of a case's hash-chained thread, oldest first."""
        if self.store.case(case_id) is None:
            return None
        return Thread(case_folder(self.home, case_id)).entries()

    def thread_problems(self, case_id: str) -> list[str] | None:
        """Return what does not hold in a case's thread; empty when every hash does."""
        case = self.store.case(case_id)
        if case is None:
            return None
        thread = Thread(case_folder(self.home, case_id))
        return thread.problems(head=case.get("head")) or seal_problems(thread)

    def stl(self, case_id: str) -> bytes | None:
        """Return the mesh of the part that ships, None before it is designed."""
        return self._file(case_id, STL)

    def tag(self, case_id: str) -> bytes | None:
        """Return the tag to hang on a part that has no room for its id, None if it has."""
        return self._file(case_id, TAG)

    def preview(self, case_id: str) -> Record | None:
        """Return the printed layers as polylines in mm, None before they are sliced."""
        content = self._file(case_id, PREVIEW)
        return None if content is None else json.loads(content)

    def _file(self, case_id: str, name: str) -> bytes | None:
        if self.store.case(case_id) is None:
            return None
        path = case_folder(self.home, case_id) / name
        return path.read_bytes() if path.is_file() else None
