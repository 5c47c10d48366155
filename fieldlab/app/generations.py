"""The lives of all generations of parts, and whether what was promised of them holds. Pure.

G1 is the part that a machine came with; each fitted print is the next generation of its component.
A promise is a life with a 90 % band. It is proven when a part outlives the band's low end, and
withdrawn when a part of that generation fails before it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from fieldlab.app.store import Record

Claim = Literal["proven", "withdrawn", "open", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One generation of one component: what it was, how long it lived, what was promised of it.

    `design` is equal for equal parts, on whichever machine. A life that has not ended is what it
    has reached so far.
    """

    machine_id: str
    component: str
    generation: int
    family: str
    material: str
    sizes: Mapping[str, Any]
    design: str
    lived_h: float
    ended: bool
    low_h: float | None = None
    promised_h: float | None = None
    high_h: float | None = None

    @property
    def claim(self) -> Claim:
        """Whether the promise holds."""
        if self.low_h is None:
            return "none"
        if self.lived_h >= self.low_h:
            return "proven"
        return "withdrawn" if self.ended else "open"


def generations(cases: Iterable[Record], now_s: Mapping[str, float]) -> list[Generation]:
    """Return the generations of every printed component, oldest first.

    `now_s` is the newest event time of each machine: how far the part that runs has come.
    """
    by_component: dict[tuple[str, str], list[Record]] = {}
    for case in cases:
        if case.get("redesign") and case.get("order"):
            key = (case["machine_id"], case["component"])
            by_component.setdefault(key, []).append(case)
    found: list[Generation] = []
    for (machine_id, _), own in by_component.items():
        own.sort(key=lambda case: float(case["opened_s"]))
        for case, after in zip(own, [*own[1:], None], strict=True):
            if case is own[0]:
                found.append(_failed(case))
            if case.get("fitted_s") is not None:
                found.append(_fitted(case, after, now_s.get(machine_id)))
    return found


def _failed(case: Record) -> Generation:
    """Return the part that failed first: nothing was promised of it here."""
    return Generation(
        **_what(case, case["previous"]),
        lived_h=float(case["redesign"]["seen"]["age_h"] or 0.0),
        ended=True,
    )


def _fitted(case: Record, after: Record | None, now_s: float | None) -> Generation:
    life = case["redesign"]["life"] or {}
    if after is not None:
        lived_h = float(after["redesign"]["seen"]["age_h"] or 0.0)
    else:
        lived_h = max(0.0, (now_s or case["fitted_s"]) - case["fitted_s"]) / 3600
    return Generation(
        **_what(case, case["order"]),
        lived_h=lived_h,
        ended=after is not None,
        low_h=life.get("low_h"),
        promised_h=life.get("value_h"),
        high_h=life.get("high_h"),
    )


def _what(case: Record, part: Mapping[str, Any]) -> dict[str, Any]:
    family = case["order"]["family"]
    drawing = json.dumps([family, part["material"], sorted(part["sizes"].items())])
    return {
        "machine_id": case["machine_id"],
        "component": case["component"],
        "generation": part["generation"],
        "family": family,
        "material": part["material"],
        "sizes": part["sizes"],
        "design": sha256(drawing.encode()).hexdigest()[:12],
    }


def fleet(found: Iterable[Generation]) -> list[Record]:
    """Return each design that was promised something: its lives over all machines, its claim.

    One part that failed too early withdraws the claim of its design.
    """
    designs: dict[str, list[Generation]] = {}
    for each in found:
        if each.low_h is not None:
            designs.setdefault(each.design, []).append(each)
    return [
        {
            "design": design,
            "family": same[0].family,
            "material": same[0].material,
            "sizes": dict(same[0].sizes),
            "parts": len(same),
            "lives_h": [round(each.lived_h, 3) for each in same],
            "proven": sum(each.claim == "proven" for each in same),
            "withdrawn": sum(each.claim == "withdrawn" for each in same),
            "claim": _together([each.claim for each in same]),
        }
        for design, same in designs.items()
    ]


def _together(claims: list[Claim]) -> Claim:
    if "withdrawn" in claims:
        return "withdrawn"
    return "proven" if "proven" in claims else "open"
