"""A hub in miniature for the page: one machine, and one case that is told step by step."""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from fieldlab.app.newfile import change
from fieldlab.app.plain import plain
from fieldlab.core.errors import MachineFileError, PartError, RefusedError
from fieldlab.core.machine import Machine, parse_machine
from tests.fakes_student import FakeStudent

Record = dict[str, Any]
MACHINE_FILE = Path(__file__).parents[1] / "machines" / "cookie-line.yaml"
HASH = "ab" * 32
START_S = 1_700_000_000.0
STATES = (
    "open", "diagnosed", "designed", "verified", "sliced", "awaiting-approval", "queued",
    "printing", "inspecting", "awaiting-fit", "proving", "proven",
)  # fmt: skip
SENTENCES = {
    "awaiting-approval": {
        "en": "The pinion shows a damaged tooth. A new one is ready to print: do you approve?",
        "nl": "Het rondsel heeft een beschadigde tand. Een nieuw ligt klaar: akkoord?",
    },
    "printing": {
        "en": "The pinion shows a damaged tooth. The new one rolls out of the printer now.",
        "nl": "Het rondsel heeft een beschadigde tand. Het nieuwe rolt nu uit de printer.",
    },
    "proven": {
        "en": "The machine is healthy again: the new pinion solved it.",
        "nl": "De machine is weer gezond: het nieuwe rondsel was de oplossing.",
    },
}
SICK = {"en": "The pinion does not run as it should.", "nl": "Het rondsel loopt niet goed."}
REASON = {
    "en": "Around 493 Hz each turn of the motor gives one louder knock: one tooth is damaged.",
    "nl": "Rond 493 Hz tikt het bij elke omwenteling van de motor: één tand is beschadigd.",
}
WIDER = {
    "en": "2 mm wider and in PA12-CF, so that it lasts 2.1 times as long.",
    "nl": "2 mm breder en in PA12-CF: zo gaat het 2,1 keer zo lang mee.",
}


LEARNT = {
    "component": "pinion",
    "failure_mode": "tooth-damage",
    "right": 0,
    "wrong": 1,
    "times": 0.5,
}
MARKS = [
    {"frequency_hz": 493.3, "order": "20 × motor",
     "name": {"en": "teeth meet", "nl": "tandingrijping"}},
    {"frequency_hz": 468.7, "order": "19 × motor", "name": None},
    {"frequency_hz": 518.0, "order": "21 × motor", "name": None},
]  # fmt: skip


def gear_outline(teeth: int = 20, module_mm: float = 1.5) -> list[tuple[float, float]]:
    """Return a toothed outline in mm."""
    pitch = teeth * module_mm / 2
    corners = ((-1.25, -0.31), (1.0, -0.13), (1.0, 0.13), (-1.25, 0.31))
    return [
        (
            (pitch + out * module_mm) * math.cos((tooth + part) * math.tau / teeth),
            (pitch + out * module_mm) * math.sin((tooth + part) * math.tau / teeth),
        )
        for tooth in range(teeth)
        for out, part in corners
    ]


def gear_stl(width_mm: float = 14.0, bore_mm: float = 8.0) -> bytes:
    """Return a gear with a bore as binary STL."""
    outer = gear_outline()
    inner = [
        (bore_mm / 2 * math.cos(math.atan2(y, x)), bore_mm / 2 * math.sin(math.atan2(y, x)))
        for x, y in outer
    ]
    triangles: list[tuple[tuple[float, float, float], ...]] = []
    for at in range(len(outer)):
        a, b = outer[at], outer[(at + 1) % len(outer)]
        c, d = inner[at], inner[(at + 1) % len(inner)]
        for low, high in ((a, b), (d, c)):
            p, q = (*low, 0.0), (*high, 0.0)
            r, s = (*high, width_mm), (*low, width_mm)
            triangles += [(p, q, r), (p, r, s)]
        for z, flip in ((0.0, True), (width_mm, False)):
            quad = [(*a, z), (*b, z), (*d, z), (*c, z)]
            quad = quad[::-1] if flip else quad
            triangles += [(quad[0], quad[1], quad[2]), (quad[0], quad[2], quad[3])]
    body = b"".join(
        struct.pack("<12fH", 0, 0, 0, *(v for point in triangle for v in point), 0)
        for triangle in triangles
    )
    return bytes(80) + struct.pack("<I", len(triangles)) + body


def gear_layers(layers: int = 70, layer_mm: float = 0.2) -> Record:
    """Return printed lines: two walls and the bore in every layer."""
    walls = []
    for shrink in (1.0, 0.97, 0.94):
        line = [(x * shrink, y * shrink) for x, y in gear_outline()]
        walls.append([round(value, 3) for point in [*line, line[0]] for value in point])
    circle = [
        (4.2 * math.cos(a / 24 * math.tau), 4.2 * math.sin(a / 24 * math.tau)) for a in range(25)
    ]
    walls.append([round(value, 3) for point in circle for value in point])
    infill = []
    for at in range(-11, 12, 2):
        half = math.sqrt(max(0, 144 - at * at))
        infill.append([-half, float(at), half, float(at)])
    return {"layer_mm": layer_mm, "layers": [walls + infill for _ in range(layers)]}


@dataclass
class FakeView(FakeStudent):
    """Answers as a hub does; the test or the dev server moves the case."""

    now_s: float = START_S
    state: str | None = None  # of the one case
    progress_ratio: float = 0.0
    learnt_ratio: float = 1.0
    entered_s: dict[str, float] = field(default_factory=dict)
    said: list[tuple[str, ...]] = field(default_factory=list)
    heard_s: float | None = None
    bed_clear: bool = True
    waits_for: str = HASH  # the file that an approval must be for
    rounds: list[Record] = field(default_factory=list)
    saved: list[tuple[str, str]] = field(default_factory=list)  # machine files, and by whom
    offered: str | None = None
    old_cases: int = 0  # proven ones before the newest
    missed: int = 0  # judgements that came while no page could hear them

    def enter(self, state: str) -> None:
        """Move the case to a state."""
        self.state = state
        self.entered_s[state] = self.now_s

    def machines(self) -> list[Record]:
        file = yaml.safe_load(MACHINE_FILE.read_text())
        sick = self.state not in (None, "proving", "proven")
        ratios = dict.fromkeys(file["components"], 0.35) | {"pinion": 2.4 if sick else 0.3}
        health = {
            "machine_id": file["id"], "t_s": self.now_s,
            "state": "learning" if self.learnt_ratio < 1 else "alarm" if sick else "normal",
            "score_ratio": 2.4 if sick else 0.35, "component": "pinion" if sick else None,
            "learnt_ratio": self.learnt_ratio, "component_ratios": ratios,
        }  # fmt: skip
        return [
            {
                "id": file["id"], "name": file["name"], "file": file, "health": health,
                "nodes": [{"node": "edge", "state": "online", "age_s": 0.2}],
                "last_data_s": self.heard_s or self.now_s,
            }
        ]  # fmt: skip

    def machine(self, machine_id: str) -> Record | None:
        return next((one for one in self.machines() if one["id"] == machine_id), None)

    def case_counts(self) -> dict[str, int]:
        return {} if self.state is None else {self.state: 1}

    def jobs(self, limit: int, before: str | None) -> list[Record]:
        case = self.case("case-1")
        return case["jobs"] if case and before is None else []

    def cases(self, limit: int = 100, before: str | None = None) -> list[Record]:
        newest = self._newest()
        found = newest + [
            {**newest[0], "id": f"old-{number}", "state": "proven"}
            for number in range(self.old_cases if newest else 0)
        ]
        names = [one["id"] for one in found]
        start = 0 if before is None else names.index(before) + 1
        return found[start : start + limit]

    def _newest(self) -> list[Record]:
        if self.state is None:
            return []
        reached = STATES.index(self.state) if self.state in STATES else 1
        times = sorted(self.entered_s.items(), key=lambda item: item[1])
        before = [times[0][1], *(time_s for _, time_s in times)]
        order = {
            "family": "spur_gear", "material": "PA12-CF", "generation": 2, "why": [WIDER],
            "sizes": {"module_mm": 1.5, "teeth": 20, "width_mm": 14, "bore_mm": 8},
            "previous": {
                "material": "PA12",
                "sizes": {"module_mm": 1.5, "teeth": 20, "width_mm": 12, "bore_mm": 8},
            },
        }  # fmt: skip
        job = {
            "id": "case-1-g2", "state": "printing" if self.state == "printing" else "queued",
            "progress_ratio": self.progress_ratio, "layer": round(self.progress_ratio * 70),
            "layers": 70, "gcode_sha256": HASH, "duration_s": 2880, "mass_g": 9.4,
        }  # fmt: skip
        check = {"name": "watertight", "ok": True, "found": "closed", "wanted": "closed"}
        proof = {"healed": True, "score_before_ratio": 2.4, "score_after_ratio": 0.31}
        return [
            {
                "id": "case-1", "machine_id": "cookie-line-3", "component": "pinion",
                "group": ["pinion"], "failure_mode": "tooth-damage", "state": self.state,
                "opened_s": times[0][1], "updated_s": times[-1][1],
                "sentence": SENTENCES.get(self.state, SICK), "reasons": [REASON],
                "life": {"old_h": 310, "life_h": 650, "gain_ratio": 2.1} if reached >= 2 else None,
                "cost": {"print_eur": 3.1, "print_s": 2880, "mass_g": 9.4,
                         "buy": {"article": "SG-1.5-20", "eur": 38, "lead_time_days": 9},
                         "standstill_eur_per_h": 85},
                "confidence": 0.96,
                "steps": [
                    {"step": step, "at_s": at_s, "elapsed_s": at_s - previous_s}
                    for (step, at_s), previous_s in zip(times, before, strict=False)
                ],
                "order": order if reached >= 2 else None, "jobs": [job] if reached >= 5 else [],
                "gcode_sha256": HASH if reached >= 5 else None,
                "verification": {"ok": True, "checks": [check]} if reached >= 3 else None,
                "gate": {"ok": True, "refusals": []} if reached >= 5 else None,
                "inspection": None, "proof": proof if self.state == "proven" else None,
                "links": {},
            }
        ]  # fmt: skip

    def case(self, case_id: str) -> Record | None:
        return next((one for one in self.cases(10_000) if one["id"] == case_id), None)

    def thread(self, case_id: str) -> list[Record] | None:
        if self.case(case_id) is None:
            return None
        return [{"kind": state, "hash": HASH} for state in self.entered_s]

    def stl(self, case_id: str) -> bytes | None:
        case = self.case(case_id)
        return gear_stl() if case and case["order"] else None

    def tag(self, case_id: str) -> bytes | None:
        return self.stl(case_id)

    def preview(self, case_id: str) -> Record | None:
        case = self.case(case_id)
        return gear_layers() if case and case["jobs"] else None

    def live(self, machine_id: str) -> Record | None:
        if machine_id != "cookie-line-3":
            return None
        sick = self.state not in (None, "proving", "proven")
        rng = np.random.default_rng(int(self.now_s * 5) % 2**32)
        t_s = self.now_s % 100 + np.arange(512) / 12800
        wave = 0.12 * np.sin(math.tau * 493 * t_s) + 0.05 * rng.standard_normal(512)
        knock = np.exp(-((t_s * 24.67) % 1) * 18) * np.sin(math.tau * 1900 * t_s)
        hz = np.arange(400) * 4.0
        magnitudes = 0.02 + 0.01 * rng.random(400)
        for at_hz, height in ((24.7, 0.12), (493, 0.3), (987, 0.1)):
            magnitudes += height * np.exp(-(((hz - at_hz) / 4) ** 2))
        if sick:
            wave = wave + 0.8 * knock
            for side in (-2, -1, 1, 2):
                peak = 0.3 / abs(side)
                magnitudes += peak * np.exp(-(((hz - 493 - side * 24.67) / 4) ** 2))
        return {
            "machine_id": machine_id, "t_s": self.now_s,
            "age_s": self.now_s - (self.heard_s or self.now_s),
            "wave": {"sensor": "acc-gearbox", "rate_hz": 12800, "samples": wave.round(4).tolist()},
            "spectrum": {
                "sensor": "acc-gearbox", "hz_per_bin": 4.0,
                "magnitudes": magnitudes.round(4).tolist(),
            },
            "marks": MARKS if sick else [],
            "values": {"motor-speed": 1472.0, "motor-current": 3.42, "bearing-temp": 41.3,
                       "product-load": 18.0},
            "units": {"acc-gearbox": "g", "motor-speed": "rpm", "motor-current": "A",
                      "bearing-temp": "degC", "product-load": "kg"},
        }  # fmt: skip

    def health_history(
        self, machine_id: str, limit: int, before_s: float | None = None
    ) -> list[Record]:
        rng, told = np.random.default_rng(3), 200 + self.missed
        return [
            {"t_s": self.now_s - at, "state": "normal", "score_ratio": float(score),
             "component": None}
            for at, score in enumerate(0.35 + 0.08 * rng.standard_normal(min(limit, told)))
        ][::-1]  # fmt: skip

    def sensors(self, machine_id: str) -> list[Record] | None:
        machine = self.machine(machine_id)
        if machine is None:
            return None
        return [
            {"id": name, "unit": spec["unit"], "quantity": spec["quantity"], "age_s": 0.2,
             "rate_hz": spec.get("rate_hz"), "wanted_hz": spec.get("rate_hz"), "low": -0.1,
             "high": 0.1, "noise": 0.01, "grade": "good", "count": 40, "per_s": 1.0,
             "late_s": 0.02, "last": 0.05,
             "checks": dict.fromkeys(("rate", "range", "noise", "clock"), "good")}
            for name, spec in machine["file"]["sensors"].items()
        ]  # fmt: skip

    def check_machine(self, text: str) -> Record:
        try:
            new = parse_machine(text)
        except MachineFileError as error:
            return {"problems": list(error.problems), "changed": None}
        return {"problems": [], "changed": plain(change(self._machine_now(), new))}

    def _machine_now(self) -> Machine:
        return parse_machine(self.saved[-1][0] if self.saved else MACHINE_FILE.read_text())

    def machine_file(self, machine_id: str) -> Record | None:
        if self.machine(machine_id) is None:
            return None
        versions = [{"version": at + 1, "by": by, "at_s": self.now_s}
                    for at, (_, by) in enumerate(self.saved)]  # fmt: skip
        text = self.saved[-1][0] if self.saved else MACHINE_FILE.read_text()
        newest = max(1, len(versions))
        return {"text": text, "version": newest, "in_use": newest, "versions": versions,
                "offered": self.offered}  # fmt: skip

    def machine_file_version(self, machine_id: str, version: int) -> str | None:
        return self.saved[version - 1][0] if 0 < version <= len(self.saved) else None

    def save_machine(self, machine_id: str, text: str, by: str) -> Record:
        new = parse_machine(text)
        found = change(
            parse_machine(self.saved[-1][0] if self.saved else MACHINE_FILE.read_text()), new
        )
        self.saved.append((text, by))
        return {"version": len(self.saved), "changed": plain(found), "learn_s": new.learn_s}

    def print_room(self) -> Record:
        printer = {
            "name": "virtual", "kind": "virtual", "bed_is_clear": self.bed_clear,
            "materials": ["PA12", "PA12-CF"], "status": {"state": "idle"},
            "spool": {"material": "PA12-CF", "left_g": 412.0},
        }  # fmt: skip
        case = self.case("case-1")
        return {"printers": [printer], "jobs": case["jobs"] if case else []}

    def clear_bed(self, name: str) -> None:
        self.said.append(("bed", name))
        self.bed_clear = True

    def savings(self, machine_id: str) -> Record:
        healed = 1.0 if self.state == "proven" else 0.0
        return {
            "ours": {"cases": healed, "standstill_h": 0.5 * healed, "eur": 45.6 * healed},
            "basis": "simulated",
            "ghost": {"cases": healed, "standstill_h": 144.5 * healed, "eur": 12_320.5 * healed},
        }

    def thread_problems(self, case_id: str) -> list[str] | None:
        return None if self.case(case_id) is None else []

    def families(self) -> list[Record]:
        teeth = {"name": "teeth", "unit": "1", "default": 20, "min": 8, "max": 120}
        width = {"name": "width_mm", "unit": "mm", "default": 14.0, "min": 3, "max": 60}
        sizes = [teeth, width]
        return [{"family": "spur_gear", "sizes": sizes}]

    def draw(self, family: str, sizes: Mapping[str, float | int | str]) -> bytes:
        if not 3 <= float(sizes.get("width_mm", 14)) <= 60:
            raise PartError(f"{family}: width_mm is too wide; use 60 or less")
        return gear_stl(width_mm=float(sizes.get("width_mm", 14)))

    def duel(self) -> Record:
        return {
            "machine_id": "cookie-line-3", "waiting": 0,
            "score": {"hit": 3, "miss": 1, "unknown": 1},
            "choices": [{"component": "pinion", "failure_modes": ["tooth-damage", "wear"]},
                        {"component": "impeller", "failure_modes": ["imbalance"]}],
            "rounds": list(self.rounds),
        }  # fmt: skip

    def challenge(self, component: str, mode: str, severity: float, visitor: str) -> Record:
        self.said.append(("challenge", component, mode, visitor))
        if self.rounds:
            raise RefusedError("you have just broken something; again in 20 s")
        round_ = {
            "id": "round-1", "machine_id": "cookie-line-3", "component": component,
            "failure_mode": mode, "severity": severity, "state": "listening",
            "asked_s": self.now_s, "broken_s": self.now_s, "case_id": None, "found": None,
        }  # fmt: skip
        self.rounds.append(round_)
        return round_

    def judge(self, state: str) -> None:
        """Let the duel's round end."""
        found = {"component": "pinion", "failure_mode": "tooth-damage"}
        self.rounds[0] |= {"state": state, "case_id": "case-1", "found": found}

    def approve(self, case_id: str, gcode_sha256: str, by: str) -> None:
        if self.state != "awaiting-approval" or gcode_sha256 != self.waits_for:
            raise RefusedError(f"case '{case_id}': the approval is for another file")
        self.said.append(("approve", case_id, by))
        self.enter("queued")

    def fitted(self, case_id: str, by: str) -> None:
        if self.state != "awaiting-fit":
            raise RefusedError(f"case '{case_id}' is {self.state}, not awaiting-fit")
        self.said.append(("fitted", case_id, by))
        self.enter("proving")

    def dismiss(self, case_id: str, reason: str, by: str) -> Record:
        self.said.append(("dismiss", case_id, reason, by))
        self.enter("dismissed")
        return {"closes": True, "learnt": [LEARNT]}

    def notifications(self) -> Record:
        return {
            "channels": [{"name": "ntfy", "to": "ntfy.local"},
                         {"name": "mail", "to": "you@workshop.example"}],
            "language": "en", "page_url": "", "quiet_from_h": 22, "quiet_until_h": 6,
            "is_quiet": False,
        }  # fmt: skip

    def call_test(self, channel: str | None = None) -> dict[str, str]:
        answers = {"ntfy": "ok", "mail": "ConnectionRefusedError: [Errno 111] Connection refused"}
        return answers if channel is None else {channel: answers[channel]}

    def correct(
        self, case_id: str, component: str | None, mode: str | None, reason: str, by: str
    ) -> Record:
        self.said.append(("correct", case_id, component, mode, by))
        return {"learnt": [LEARNT]}

    def relearn(self, machine_id: str, why: str, by: str) -> None:
        self.said.append(("relearn", machine_id, why, by))
