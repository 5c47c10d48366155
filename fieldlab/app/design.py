"""The part that a case makes: what failed, what was seen of it, and what is better. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fieldlab.app.history import Row, seen_of
from fieldlab.app.plain import forecast_of, plain
from fieldlab.core.machine import Machine, PrintedPart
from fieldlab.core.messages import PartOrder
from partgen.proposal import Fitted, Redesign, Seen
from partgen.redesign import redesign

Case = Mapping[str, Any]


def fitted_of(spec: PrintedPart, case: Case, cases: Iterable[Case]) -> Fitted:
    """Return the part that is in the machine when a case opens: the last that was fitted.

    G1 is the part that the machine came with.
    """
    earlier = [
        each
        for each in cases
        if each["machine_id"] == case["machine_id"]
        and case["component"] in (each["component"], *each["group"])
        and each.get("order")
        and each.get("fitted_s", case["opened_s"] + 1) <= case["opened_s"]
    ]
    if not earlier:
        return Fitted(sizes=spec.sizes, material=spec.material)
    order = max(earlier, key=lambda each: float(each["fitted_s"]))["order"]
    return Fitted(sizes=order["sizes"], material=order["material"], generation=order["generation"])


def redesigned(
    machine: Machine,
    spec: PrintedPart,
    case: Case,
    *,
    fitted: Fitted,
    rows: Sequence[Row],
    born_s: float,
) -> tuple[Redesign, Seen]:
    """Return the better part of a case, and what was seen of the part that failed."""
    seen = seen_of(
        machine,
        case["component"],
        case["failure_mode"],
        rows=rows,
        born_s=born_s,
        opened_s=float(case["opened_s"]),
        forecast=forecast_of(case.get("forecast")),
    )
    order = PartOrder(
        family=spec.family,
        material=fitted.material,
        sizes=fitted.sizes,
        machine_id=case["machine_id"],
        component=case["component"],
        case_id=case["id"],
        generation=fitted.generation + 1,
    )
    return redesign(spec, fitted, seen, order, component=case["component"]), seen


def recorded(found: Redesign, seen: Seen) -> dict[str, Any]:
    """Return what a case keeps of its redesign; the order has a place of its own."""
    kept = plain(found)
    del kept["order"]
    return {**kept, "seen": plain(seen)}
