"""The steps of a case as they are done for real: with the workshop, the printer and the machine."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from analytics.advice import advise
from fieldlab.app import words, work
from fieldlab.app.casebook import REPORT, STL, TAG
from fieldlab.app.costs import print_or_buy
from fieldlab.app.design import fitted_of, recorded, redesigned
from fieldlab.app.fits import fit_for, read_fits
from fieldlab.app.identity import mark_for, tag_code
from fieldlab.app.opening import next_suspect, open_case
from fieldlab.app.plain import diagnosis_of, forecast_of, plain, reason_of
from fieldlab.app.proof import judge_proof
from fieldlab.app.steps_print import PrintSteps
from fieldlab.app.store import Record
from fieldlab.core.errors import PartError
from fieldlab.core.machine import AnyComponent, PrintedPart
from fieldlab.core.messages import CaseState, Diagnosis, Part, PartOrder
from partgen.engineering.checks import Duty
from partgen.fits import compensated
from printing.profiles import profile


class RealSteps(PrintSteps):
    """Every step reads the case's record, does one thing, and writes what came of it."""

    # --------------------------------------------------------------------------- diagnose

    def diagnose(self, case_id: str) -> str:
        """Write down the evidence and the verdict; return the action that is advised."""
        case = self._case(case_id)
        diagnosis = diagnosis_of(case["diagnosis"])
        machine, forecast = self._machine(case), forecast_of(case.get("forecast"))
        advice = advise(diagnosis, machine, forecast)
        if advice.action in ("print", "buy"):
            part = machine.components[case["component"]]
            advice = print_or_buy(advice, part, forecast, self._prices)
        evidence = self._world.evidence(case["machine_id"], case["opened_s"])
        data = {"diagnosis": case["diagnosis"], "advice": plain(advice)}
        self._move(
            case_id, "diagnosed", data=data, files=evidence,
            action=advice.action, advice=plain(advice),
        )  # fmt: skip
        return advice.action

    # ------------------------------------------------------------------- design and verify

    def design(self, case_id: str) -> None:
        """Choose sizes and material of a better part and compose its mesh."""
        case = self._case(case_id)
        spec, machine_id = self._printed(case), case["machine_id"]
        fitted = fitted_of(spec, case, self._store.cases())
        found, seen = redesigned(
            self._machine(case),
            spec,
            case,
            fitted=fitted,
            rows=self._store.loads(machine_id, until_s=float(case["opened_s"])),
            born_s=self._born_s(case),
        )
        order, record = found.order, recorded(found, seen)
        try:
            part = self._composed(order)
        except PartError:  # the redesign went past what its family can do: as it was
            order = replace(order, sizes=fitted.sizes, material=fitted.material)
            part = self._composed(order)
        order, previous = replace(order, mark=part.order.mark), plain(fitted)
        self._move(
            case_id, "designed",
            data={"order": plain(order), "previous": previous, "redesign": record,
                  "drawn_sizes": dict(part.order.sizes)},
            files={STL: part.stl, **self._tag(order)}, order=plain(order),
            previous=previous, redesign=record, stl_sha256=part.sha256,
            drawn_sizes=dict(part.order.sizes),
        )  # fmt: skip

    def _tag(self, order: PartOrder) -> dict[str, bytes]:
        """Return a tag to print and hang on a part that has no room for its id."""
        if order.mark:
            return {}
        code = tag_code(order, self._page_url)
        tag = PartOrder(family="tag", material=order.material, sizes={}, mark=code)
        return {TAG: self._workshop.do(work.compose_part, tag).stl}

    def _composed(self, order: PartOrder) -> Part:
        """Return the part as it is drawn so that its print has the sizes of the order.

        Its short id is engraved where it has room for it.
        """
        if read_fits(self._home):
            fit = fit_for(self._home, self._room.printer_for(order.material), order.material)
            order = compensated(order, fit)
        order = replace(order, mark=mark_for(order))
        return self._workshop.do(work.compose_part, order)

    def verify(self, case_id: str) -> bool:
        """Check the bytes that ship; False if they are not the part that was ordered."""
        case = self._case(case_id)
        order = _order_of(case)
        order = replace(order, sizes=case.get("drawn_sizes", order.sizes))
        part = Part(order=order, stl=self._read(case_id, STL), sha256=case["stl_sha256"])
        name = self._room.printer_for(order.material)
        printer, _ = profile(self._room.profile_of(name), order.material)
        room_mm = (printer.bed_x_mm, printer.bed_y_mm, printer.height_mm)
        duty = Duty(**case["redesign"]["seen"]["duty"])
        verified, page = self._workshop.do(work.verify_part, part, room_mm, duty)
        found = plain(verified)
        self._move(case_id, "verified" if found["ok"] else case["state"],
                   data={"verification": found, "printer": name}, verification=found,
                   files={REPORT: page.encode()}, printer=name)  # fmt: skip
        return bool(found["ok"])

    # -------------------------------------------------------------------------- fit, prove

    def await_fit(self, case_id: str) -> None:
        """Ask a person (or the simulated machine) to fit the part."""
        self._move(case_id, "awaiting-fit", data={})

    def fit(self, case_id: str, word: Mapping[str, Any]) -> bool:
        """Write down that it was fitted, and when; False if it was not."""
        case = self._case(case_id)
        machine = self._store.machines()[case["machine_id"]]
        latest = self._store.health_latest(case["machine_id"], 1)
        fitted_s = float(latest[0]["t_s"]) if latest else case["opened_s"]
        members = case["group"] or [case["component"]]
        if machine.get("simulated"):
            order = case.get("order") or {}
            for name in members:
                arguments = {
                    "component": name,
                    "material": order.get("material", ""),
                    "sizes": order.get("sizes", {}),
                }
                key = f"{case_id}-{name}"
                reply = self._world.command(case["machine_id"], "fit", arguments, key)
                if not reply.ok:
                    return False
                fitted_s = max(fitted_s, reply.t_s)
        self._store.add_fits(case["machine_id"], dict.fromkeys(members, fitted_s))
        said = {"by": str(word.get("by", "")), "fitted_s": fitted_s, "components": members}
        self._move(case_id, "proving", step="fitted", data=said, fitted_s=fitted_s, fit=said)
        return True

    def prove(self, case_id: str) -> str:
        """Compare with the learnt normal since the fit: waiting, healed or not-healed."""
        case = self._case(case_id)
        rows = self._store.health_since(case["machine_id"], case["fitted_s"], limit=200)
        before = self._store.health_since(case["machine_id"], case["opened_s"] - 1e-3, limit=1)
        proof = judge_proof(case, rows, before)
        if proof is None:
            return "waiting"
        self._store.change_case(case_id, proof=plain(proof))
        return "healed" if proof.healed else "not-healed"

    def finish(self, case_id: str, state: CaseState, reason: str) -> CaseState:
        """Close the case; a case that did not heal opens the next suspect's case."""
        case = self._case(case_id)
        data = {"reason": reason, "proof": case.get("proof")}
        self._move(case_id, state, data=data, reason=reason)
        if state == "proven":
            words.remember(self._store, case, truth=(case["component"], case["failure_mode"]))
        if state == "not-healed":
            words.remember(self._store, case, truth=None)
            self._open_next(case)
        return state

    def _open_next(self, case: Record) -> None:
        diagnosis = diagnosis_of(case["diagnosis"])
        suspect = next_suspect(diagnosis, [case["component"], *case["group"]])
        after = Diagnosis(
            machine_id=diagnosis.machine_id,
            t_s=case["fitted_s"],
            suspects=diagnosis.suspects[1:],
            verdict=suspect,
        )
        record = open_case(after, opened_at_s=self._clock.now_s(), follows=case["id"])
        with self._store.transaction() as connection:
            self._store.add_case(connection, record)
        self._world.opened(record["id"])

    # ------------------------------------------------------------------------------ helpers

    def _printed(self, case: Record) -> PrintedPart:
        component: AnyComponent = self._machine(case).components[case["component"]]
        if component.replace.print is None:
            raise PartError(f"component '{case['component']}' has no 'replace.print'")
        return component.replace.print

    def _born_s(self, case: Record) -> float:
        """Return when the part that failed was fitted; the first data for the original."""
        opened_s = float(case["opened_s"])
        first_s = self._store.machines()[case["machine_id"]].get("first_t_s", opened_s)
        return self._store.fits(case["machine_id"]).get(case["component"], float(first_s))


def _order_of(case: Record) -> PartOrder:
    order = dict(case["order"])
    reasons = tuple(reason_of(reason) for reason in order.pop("reasons"))
    return PartOrder(**order, reasons=reasons)
